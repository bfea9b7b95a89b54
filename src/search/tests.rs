//! The language: what is understood, what is complained of, and that showing a tree gives a text
//! that means the same.

use proptest::prelude::*;

use super::*;
use crate::model::{Day, ThreadKind};

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn read(text: &str) -> Parsed {
    parse(text, Reading { today: day("2026-11-18"), typing: false })
}

fn shown(text: &str) -> String {
    read(text).query.to_string()
}

#[test]
fn what_is_understood() {
    for (text, expected) in [
        ("", ""),
        ("   ", ""),
        ("lamp", "lamp"),
        ("red lamp", "red lamp"),
        ("lam*", "lam*"),
        ("\"red lamp\"", "\"red lamp\""),
        ("“red lamp”", "\"red lamp\""),
        ("\"red la\"*", "\"red la\"*"),
        ("red or blue lamp", "red or blue lamp"),
        ("(red or blue) lamp", "(red or blue) lamp"),
        ("red|blue", "red or blue"),
        ("a | (b OR (c or d))", "a or b or c or d"),
        ("-red lamp", "-red lamp"),
        ("NOT red", "-red"),
        ("red AND blue", "red blue"),
        ("red AND NOT blue", "red -blue"),
        ("NOT AND red", "-red"),
        ("rock and roll", "rock and roll"),
        ("\"AND\"", "\"AND\""),
        ("AND*", "AND*"),
        ("*bold*", "*bold*"),
        ("--force", "--force"),
        ("-(red or blue)", "-(red or blue)"),
        ("-(--force)", "-(--force)"),
        ("-(:-oops)", "-(:-oops)"),
        ("-\"red lamp\"", "-\"red lamp\""),
        ("well-known", "well-known"),
        ("a - b", "a b"),
        ("from:me", "from:me"),
        ("FROM:Ana", "from:\"Ana\""),
        ("from:\"Ana Duarte\" hi", "from:\"Ana Duarte\" hi"),
        ("-in:work", "-in:\"work\""),
        ("app:whatsapp person:jonas", "app:\"whatsapp\" person:\"jonas\""),
        ("has:photos", "has:photo"),
        ("is:read_only", "is:read-only"),
        ("kind:groups", "kind:group"),
        ("before:2023", "before:2023"),
        ("after:\"last month\"", "after:2026-10"),
        ("on:yesterday", "on:2026-11-17"),
        ("https://example.org", "https://example.org"),
        ("at 12:30", "at 12:30"),
        ("… !!", ""),
        ("👋 東京", "👋 東京"),
    ] {
        let parsed = read(text);
        assert_eq!(parsed.query.to_string(), expected, "{text}");
        assert_eq!(parsed.complaints, [], "{text}");
    }
    assert_eq!(
        read("kind:group -red").query,
        Query::All(vec![
            Query::Filter(Filter::Kind(ThreadKind::Group)),
            Query::Not(Box::new(Query::Word { text: "red".into(), prefix: false })),
        ])
    );
}

#[test]
fn what_is_complained_of() {
    for (text, expected, rest) in [
        ("*cord", "a * stands at the end of a word: what begins so is found", "*cord"),
        (
            "lamp before:yestreday",
            "before: needs a date, got 'yestreday'; did you mean yesterday?",
            "lamp",
        ),
        (
            "before:soon",
            "before: needs a date, got 'soon'; 2023, 2023-05, 2023-05-14 or yesterday",
            "",
        ),
        (
            "on:3/4/2023 x",
            "on: '3/4/2023' may be 2023-04-03 or 2023-03-04; write it like that",
            "x",
        ),
        ("has:phoot", "has: does not know 'phoot'; did you mean photo?", ""),
        (
            "is:important",
            "is: does not know 'important'; it knows unread, starred, mine, cross-app, read-only, \
             archived, pinned",
            "",
        ),
        ("befor:2023 x", "there is no befor: to ask by; did you mean before:?", "befor:2023 x"),
        ("from: lamp", "from: needs a name, or me", "lamp"),
        ("\"red lamp", "the closing quote is missing", "\"red lamp\""),
        ("(red or blue", "the closing bracket is missing", "red or blue"),
        ("red) lamp", "this bracket was never opened", "red lamp"),
        ("red or", "or stands between two things", "red"),
        ("lamp -(", "the closing bracket is missing", "lamp"),
    ] {
        let parsed = read(text);
        assert_eq!(parsed.query.to_string(), rest, "{text}");
        let told: Vec<_> = parsed.complaints.iter().map(|c| c.text.as_str()).collect();
        assert_eq!(told, [expected], "{text}");
        assert!(text.get(parsed.complaints[0].at.clone()).is_some(), "{text}");
    }
}

#[test]
fn the_last_word_goes_on_while_it_is_typed() {
    let typing =
        |text| parse(text, Reading { today: day("2026-11-18"), typing: true }).query.to_string();
    assert_eq!(typing("red la"), "red la*");
    assert_eq!(typing("red la "), "red la");
    assert_eq!(typing("\"red la"), "\"red la\"*");
    assert_eq!(typing("\"red la\""), "\"red la\"");
    assert_eq!(typing("lamp from:a"), "lamp from:\"a\"");
}

/// While it is being typed: what can still become right is a hint, what cannot is told at once.
#[test]
fn what_is_complained_of_while_it_is_typed() {
    let told = |text| {
        let parsed = parse(text, Reading { today: day("2026-11-18"), typing: true });
        assert!(parsed.complaints.len() < 2, "{text}");
        parsed.complaints.first().map(|c| c.unfinished)
    };
    let (hint, complaint) = (Some(true), Some(false));
    for (text, expected) in [
        ("before:", hint),
        ("before:yest", hint),
        ("before:yestreday", complaint),
        ("before:yestreday ", complaint),
        ("before:2023-1", None),
        ("before:2023-13", hint),
        ("before:2023-13 ", complaint),
        ("after:\"last we", hint),
        ("after:\"lost we", complaint),
        ("is:st", hint),
        ("is:st ", complaint),
        ("lamp is:starrred", complaint),
        ("has: ", complaint),
        ("kind:gruop lamp", complaint),
        ("\"red la", None),
        ("(red or ", None),
        ("lamp -", None),
    ] {
        assert_eq!(told(text), expected, "{text}");
    }
}

#[test]
fn brackets_have_a_bottom() {
    let deep = "(".repeat(100_000);
    assert!(read(&deep).complaints.iter().any(|c| c.text.contains("deep at most")));
    let nots = "-(".repeat(2_000);
    read(&nots);
}

fn word() -> impl Strategy<Value = String> {
    "[a-zé東]{1,6}".prop_filter("no operator words", |w| w != "or")
}

fn tree() -> impl Strategy<Value = Query> {
    let span = (2000..2030i32, 1..13u32, 1..29u32, 0..3).prop_map(|(y, m, d, size)| {
        let text = match size {
            0 => format!("{y}"),
            1 => format!("{y}-{m:02}"),
            _ => format!("{y}-{m:02}-{d:02}"),
        };
        when::span(&text, day("2026-11-18")).expect("a span")
    });
    let leaf = prop_oneof![
        (word(), any::<bool>()).prop_map(|(text, prefix)| Query::Word { text, prefix }),
        ("[a-z]{1,3} [a-z東]{1,3}", any::<bool>())
            .prop_map(|(text, prefix)| Query::Phrase { text, prefix }),
        word().prop_map(|w| Query::Filter(Filter::From(Who::Named(format!("{w} x"))))),
        Just(Query::Filter(Filter::From(Who::Me))),
        word().prop_map(|w| Query::Filter(Filter::In(w))),
        span.clone().prop_map(|s| Query::Filter(Filter::Before(s))),
        span.prop_map(|s| Query::Filter(Filter::On(s))),
        Just(Query::Filter(Filter::Has(Thing::Link))),
        Just(Query::Filter(Filter::Is(State::CrossApp))),
        Just(Query::Filter(Filter::Kind(ThreadKind::Channel))),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(super::parse::all),
            prop::collection::vec(inner.clone(), 2..4).prop_map(super::parse::any),
            inner.prop_map(|q| match q {
                Query::Not(q) => *q,
                q => Query::Not(Box::new(q)),
            }),
        ]
    })
}

proptest! {
    #[test]
    fn showing_a_tree_gives_its_text(query in tree()) {
        let text = query.to_string();
        let again = read(&text);
        prop_assert_eq!(&again.complaints, &[], "{}", text);
        prop_assert_eq!(again.query, query, "{}", text);
    }

    #[test]
    fn anything_may_be_typed(text in "\\PC{0,60}|[a-z():\"*|\\- orNOT東]{0,40}", typing: bool) {
        let parsed = parse(&text, Reading { today: day("2026-11-18"), typing });
        for c in &parsed.complaints {
            prop_assert!(text.get(c.at.clone()).is_some());
            prop_assert!(!c.text.is_empty());
        }
        // What was understood means the same when it is read again.
        let shown = parsed.query.to_string();
        let again = read(&shown);
        if !typing {
            prop_assert_eq!(&again.query, &parsed.query, "{}", shown);
        }
        prop_assert_eq!(again.query.to_string(), shown);
    }
}

#[test]
fn the_same_is_shown_twice() {
    assert_eq!(shown(&shown("(a or b) -c \"d e\"* has:link")), "(a or b) -c \"d e\"* has:link");
}
