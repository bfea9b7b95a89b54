//! Pieces of streams, whole and torn.

use super::*;

const BOUNDS: Bounds = Bounds { value: 1 << 10, tag: 2 << 10, text: 1 << 10, heavy: ("data", 4) };

/// Gives a byte at a time.
struct Drop<'a>(&'a [u8]);

impl Read for Drop<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let (Some((first, rest)), Some(slot)) = (self.0.split_first(), out.first_mut()) else {
            return Ok(0);
        };
        *slot = *first;
        self.0 = rest;
        Ok(1)
    }
}

fn told(text: &str) -> (Vec<String>, u64) {
    fn all<R: Read>(mut tags: Tags<R>) -> (Vec<String>, u64) {
        let mut out = Vec::new();
        while let Some(piece) = tags.piece().expect("no error") {
            out.push(match piece {
                Piece::Text(text) => format!("{text:?}"),
                Piece::Tag(tag) => {
                    let a = tag.value("a").map(|a| format!(" a={a:?}")).unwrap_or_default();
                    let slash = if tag.closes() { "/" } else { "" };
                    format!("<{slash}{}{a}{}>", tag.name(), if tag.is_empty() { "/" } else { "" })
                }
            });
        }
        (out, tags.torn())
    }
    let whole = all(Tags::new(text.as_bytes(), BOUNDS));
    assert_eq!(all(Tags::new(Drop(text.as_bytes()), BOUNDS)), whole, "however it comes");
    assert_eq!(all(Tags::of(text, BOUNDS)), whole, "at hand");
    whole
}

#[test]
fn tags_and_text_are_told_in_turn() {
    let (all, torn) = told(
        "\u{FEFF}<?xml version='1.0'?><!-- a \"quote' > --><!DOCTYPE x><r>\n<s a=\"1 &lt; 2\" b='\"'/>x &amp; y</r><![CDATA[<b>]]>",
    );
    assert_eq!(
        all,
        ["\"\\u{feff}\"", "<r>", "\"\\n\"", "<s a=\"1 < 2\"/>", "\"x & y\"", "</r>", "\"<b>\""]
    );
    assert_eq!(torn, 0);
}

#[test]
fn what_is_no_tag_is_text() {
    assert_eq!(told("1 < 2 <3 <b>x</b> <").0, ["\"1 < 2 <3 \"", "<b>", "\"x\"", "</b>", "\" <\""]);
    assert_eq!(told("<a href=x.html a=5>").0, ["<a a=\"5\">"]);
    assert_eq!(told("<a a checked>").0, ["<a>"], "an attribute without a value");
}

#[test]
fn a_torn_tag_is_counted_and_the_next_one_read() {
    assert_eq!(told("<s a=\"x <s a=\"y\"/><s a='z"), (vec!["<s a=\"y\"/>".to_owned()], 2));
    assert_eq!(told("<s <t/>"), (vec!["<t/>".to_owned()], 1));
}

#[test]
fn emoji_written_in_halves_are_whole() {
    assert_eq!(unescape("a&#55357;&#56832;b&#x1F600;"), "a😀b😀");
    assert_eq!(unescape("&#55357;x&#0;&#56832;"), "\u{FFFD}x\u{FFFD}\u{FFFD}");
    assert_eq!(unescape("&#55357;&#65; & &nope; &#; &amp"), "\u{FFFD}A & &nope; &#; &amp");
    assert_eq!(unescape("&#10;&quot;&apos;"), "\n\"'");
}

#[test]
fn what_is_large_is_cut_and_passed_over() {
    let text =
        format!("<p data=\"{}\" a=\"kept\"/><q a=\"{}\"/>", "A".repeat(300_000), "b".repeat(9_000));
    let mut tags = Tags::new(text.as_bytes(), BOUNDS);
    match tags.piece().expect("no error") {
        Some(Piece::Tag(tag)) => {
            assert_eq!(tag.value("data").as_deref(), Some("AAAA"));
            assert!(tag.is_cut("data") && !tag.is_cut("a"));
            assert_eq!(tag.value("a").as_deref(), Some("kept"));
        }
        other => panic!("{other:?}"),
    }
    match tags.piece().expect("no error") {
        Some(Piece::Tag(tag)) => assert_eq!(tag.value("a").map(|a| a.len()), Some(1 << 10)),
        other => panic!("{other:?}"),
    }
    assert!(tags.piece().expect("no error").is_none());
    assert_eq!(tags.bytes(), text.len() as u64);
    assert!(tags.tag.held.capacity() < 8 << 10);
}
