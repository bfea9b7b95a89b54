//! The composer against what people expect of one, and against a simple model.

use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

use super::*;
use crate::text::width;

fn with(text: &str) -> Composer {
    let mut c = Composer::new();
    c.set_text(text);
    c
}

#[test]
fn backspace_takes_a_whole_grapheme() {
    let mut c = with("a👨‍👩‍👧e\u{301}");
    c.backspace();
    assert_eq!(c.text(), "a👨‍👩‍👧");
    c.backspace();
    assert_eq!(c.text(), "a");
    c.go(Motion::TextStart, false);
    c.delete();
    assert!(c.is_empty());
}

#[test]
fn typing_is_one_step_and_pasting_another() {
    let mut c = Composer::new();
    for g in ["h", "e", "y"] {
        c.insert_str(g).unwrap();
    }
    c.paste(" a\r\nb\rc\0").unwrap();
    assert_eq!(c.text(), "hey a\nb\nc");
    assert!(c.undo());
    assert_eq!(c.text(), "hey");
    assert!(c.undo());
    assert_eq!(c.text(), "");
    assert!(!c.undo());
    assert!(c.redo() && c.redo() && !c.redo());
    assert_eq!(c.text(), "hey a\nb\nc");
    c.clear();
    assert!(c.is_empty() && c.undo());
    assert_eq!(c.text(), "hey a\nb\nc");
}

#[test]
fn words_and_lines() {
    let mut c = with("one two\nthree");
    c.go(Motion::WordLeft, false);
    assert_eq!(c.cursor_offset(), 8);
    c.go(Motion::WordLeft, false);
    assert_eq!(c.cursor_offset(), 4);
    c.delete_motion(Motion::LineEnd);
    assert_eq!(c.text(), "one \nthree");
    c.delete_motion(Motion::LineStart);
    assert_eq!(c.text(), "\nthree");
    c.delete_motion(Motion::WordRight);
    assert_eq!(c.text(), "");
}

#[test]
fn selection_is_replaced_cut_and_collapsed() {
    let mut c = with("hello world");
    c.go(Motion::WordLeft, true);
    assert_eq!(c.copy(), Some("world"));
    c.insert_str("you").unwrap();
    assert_eq!(c.text(), "hello you");
    c.select_all();
    assert_eq!(c.cut().as_deref(), Some("hello you"));
    assert!(c.is_empty() && c.cut().is_none());
    let mut c = with("abc");
    c.select_all();
    c.go(Motion::Left, false);
    assert_eq!((c.cursor_offset(), c.selection()), (0, None));
}

#[test]
fn up_and_down_keep_their_column() {
    let mut c = with("abcdef\nab\nabcdef");
    c.up(40, false);
    assert_eq!(c.cursor(40), (1, 2));
    c.up(40, false);
    assert_eq!(c.cursor(40), (0, 6));
    c.up(40, false);
    assert_eq!(c.cursor(40), (0, 0));
    c.go(Motion::TextEnd, false);
    c.down(40, false);
    assert_eq!(c.cursor_offset(), c.text().len());
    let mut c = with("the quick brown fox");
    assert_eq!(c.cursor(11), (1, 9));
    c.up(11, false);
    assert_eq!(c.cursor(11), (0, 9));
}

#[test]
fn controls_are_kept_but_never_drawn() {
    let c = with("a\x1b[31m\tb\u{202e}");
    let rows = c.rows(40);
    assert_eq!(rows[0].text, "a□[31m    b");
    assert_eq!(c.text(), "a\x1b[31m\tb\u{202e}");
    assert_eq!(c.cursor(40), (0, 11));
    assert_eq!(c.rows(40)[0].range, 0..c.text().len());
}

/// Measured prefix by prefix this takes minutes.
#[test]
fn a_long_text_without_width_is_laid_out_in_one_walk() {
    for text in ["\u{200b}".repeat(LIMIT / 3), "\u{301}".repeat(LIMIT / 2), "é ".repeat(LIMIT / 3)]
    {
        let mut c = with(&text);
        let (row, col) = c.cursor(40);
        assert!(row < c.rows(40).len() && col < 40);
        c.up(40, false);
        c.insert_str("x").unwrap_or_else(|_| c.backspace());
    }
}

#[test]
fn what_is_drawn_follows_every_edit() {
    let mut c = with("one");
    assert_eq!(c.rows(40)[0].text, "one");
    c.insert_str("!").unwrap();
    assert_eq!(c.rows(40)[0].text, "one!");
    c.undo();
    assert_eq!(c.rows(40)[0].text, "one");
    c.redo();
    assert_eq!(c.rows(40)[0].text, "one!");
    assert_eq!(c.rows(3).len(), 2);
    c.set_text("two");
    assert_eq!(c.rows(3)[1].text, "o");
    assert_eq!(c.rows(40)[0].text, "two");
}

#[test]
fn refuses_more_than_its_limit() {
    let mut c = with(&"x".repeat(LIMIT));
    assert_eq!(c.insert_str("y"), Err(TooLong));
    assert_eq!(c.text().len(), LIMIT);
    c.select_all();
    c.paste("y").unwrap();
    assert_eq!(c.text(), "y");
    assert_eq!(c.paste(&"x".repeat(LIMIT)), Err(TooLong));
}

#[derive(Clone, Debug)]
enum Op {
    Type(String),
    Paste(String),
    Go(Motion, bool),
    Drop(Motion),
    Back,
    Delete,
    Up(usize, bool),
    Down(usize, bool),
    All,
    Cut,
    Undo,
    Redo,
}

fn motion() -> impl Strategy<Value = Motion> {
    use Motion::*;
    proptest::sample::select(vec![
        Left, Right, WordLeft, WordRight, LineStart, LineEnd, TextStart, TextEnd,
    ])
}

fn op() -> impl Strategy<Value = Op> {
    let text = || "[ab \n\t\u{301}\u{200d}👩🏽🇨🇿日ﾞक्ष\u{1b}\u{202e}]{0,6}";
    prop_oneof![
        4 => text().prop_map(Op::Type),
        1 => text().prop_map(Op::Paste),
        3 => (motion(), any::<bool>()).prop_map(|(m, e)| Op::Go(m, e)),
        1 => motion().prop_map(Op::Drop),
        2 => Just(Op::Back),
        1 => Just(Op::Delete),
        1 => (0usize..12, any::<bool>()).prop_map(|(w, e)| Op::Up(w, e)),
        1 => (0usize..12, any::<bool>()).prop_map(|(w, e)| Op::Down(w, e)),
        1 => Just(Op::All),
        1 => Just(Op::Cut),
        1 => Just(Op::Undo),
        1 => Just(Op::Redo),
    ]
}

fn apply(c: &mut Composer, op: &Op) {
    match op {
        Op::Type(s) => c.insert_str(s).unwrap(),
        Op::Paste(s) => c.paste(s).unwrap(),
        Op::Go(m, e) => c.go(*m, *e),
        Op::Drop(m) => c.delete_motion(*m),
        Op::Back => c.backspace(),
        Op::Delete => c.delete(),
        Op::Up(w, e) => c.up(*w, *e),
        Op::Down(w, e) => c.down(*w, *e),
        Op::All => c.select_all(),
        Op::Cut => drop(c.cut()),
        Op::Undo => drop(c.undo()),
        Op::Redo => drop(c.redo()),
    }
}

fn is_boundary(text: &str, at: usize) -> bool {
    at == text.len() || text.grapheme_indices(true).any(|(i, _)| i == at)
}

proptest! {
    #[test]
    fn holds_together(ops in proptest::collection::vec(op(), 0..60)) {
        let mut c = Composer::new();
        for op in &ops {
            // The model: typing puts the text where the selection or the cursor was.
            let expected = match op {
                Op::Type(s) | Op::Paste(s) => {
                    let r = c.selection().unwrap_or(c.cursor_offset()..c.cursor_offset());
                    let mut model = c.text().to_owned();
                    model.replace_range(r, s);
                    Some(model)
                }
                Op::Go(..) | Op::Up(..) | Op::Down(..) | Op::All => Some(c.text().to_owned()),
                _ => None,
            };
            apply(&mut c, op);
            if let Some(expected) = expected {
                prop_assert_eq!(c.text(), expected);
            }
            prop_assert!(is_boundary(c.text(), c.cursor_offset()), "{:?} {}", c, c.cursor_offset());
            for cols in [0usize, 3, 7, 30] {
                let (row, col) = c.cursor(cols);
                prop_assert!(row < c.rows(cols).len());
                prop_assert!(cols < 4 || col < cols);
            }
            for row in c.rows(7).iter() {
                let end = row.column_of(row.range.end);
                prop_assert!(end <= 6 && end <= width(&row.text));
                prop_assert!(width(&row.text) <= 6);
                prop_assert!(!row.text.contains(char::is_control));
            }
        }
        while c.redo() {}
        let last = c.text().to_owned();
        while c.undo() {}
        prop_assert_eq!(c.text(), "");
        while c.redo() {}
        prop_assert_eq!(c.text(), last);
    }
}
