//! Damaged, absurd and hostile exports.

use std::io::Write;

use super::*;

fn raw(bytes: &[u8]) -> Kept {
    let files = [
        ("messages/inbox/bad_1/message_1.json".to_owned(), bytes.to_vec()),
        ("messages/inbox/good_2/message_1.json".to_owned(), thread(HELLO).into_bytes()),
    ];
    let kept = import("messenger", &FileTree::memory(files));
    assert_eq!(kept.texts("good_2"), ["hello"], "the healthy neighbour is read");
    kept
}

#[test]
fn what_stands_before_the_break_is_kept() {
    let whole = thread(&format!("{HELLO}, {HELLO}"));
    let cut = whole.len() - 60;
    let kept = raw(&whole.as_bytes()[..cut]);
    assert!(!kept.texts("bad_1").is_empty());
    assert_eq!(kept.oddities.len(), 1);
    assert_eq!(kept.oddities[0].file, "messages/inbox/bad_1/message_1.json");
    assert!(kept.oddities[0].at.starts_with("line 2, column"), "{:?}", kept.oddities);

    let broken = thread(&format!("{HELLO}, {HELLO}, {{oops}}, {HELLO}"));
    assert_eq!(raw(broken.as_bytes()).texts("bad_1").len(), 2);
}

#[test]
fn no_json_no_thread() {
    for bytes in [&b"{this is not: valid json"[..], b"", b"\0\0\0\0", b"nul", b"PK\x03\x04"] {
        let kept = raw(bytes);
        assert_eq!(kept.threads().len(), 1, "no ghost of a thread");
        assert_eq!(kept.oddities.len(), 1);
    }
    // Valid, yet nothing is in it.
    for bytes in [&b"[]"[..], b"{}", b"3", b"null", br#"{"messages": 7}"#] {
        assert_eq!(raw(bytes).threads().len(), 1);
    }
}

#[test]
fn one_bad_message_among_good_ones() {
    let bad = [
        "7",
        r#""text""#,
        "[1, [2]]",
        "{}",
        r#"{"sender_name": 5, "timestamp_ms": 1600000000000, "content": "a"}"#,
        r#"{"sender_name": "Bo Berg", "timestamp_ms": "soon", "content": "b"}"#,
        r#"{"sender_name": "Bo Berg", "timestamp_ms": 1600000000000, "content": {"x": [1]}}"#,
        r#"{"sender_name": "Bo Berg", "timestamp_ms": 1600000000000, "photos": [7]}"#,
        r#"{"sender_name": "Bo Berg", "content": "no time"}"#,
    ];
    let kept = raw(thread(&format!("{}, {HELLO}", bad.join(", "))).as_bytes());
    let texts = kept.texts("bad_1");
    assert!(texts.contains(&"hello") && texts.contains(&"a") && texts.contains(&"b"), "{texts:?}");
    assert_eq!(kept.oddities.len(), bad.len(), "{:#?}", kept.oddities);
    for (i, oddity) in kept.oddities.iter().enumerate() {
        assert_eq!(oddity.at, format!("message {}", i + 1));
        assert!(!oddity.why.contains("soon"), "an oddity holds no text of a message");
    }
}

#[test]
fn a_mark_bad_letters_and_half_letters() {
    let mut marked = b"\xEF\xBB\xBF".to_vec();
    marked.extend_from_slice(thread(HELLO).as_bytes());
    let kept = raw(&marked);
    assert!(kept.oddities.is_empty() && kept.texts("bad_1") == ["hello"]);

    let text = thread(HELLO).replace("hello", r"a\ud83db \ud83d\udc4d");
    let kept = raw(text.as_bytes());
    assert_eq!(kept.texts("bad_1"), ["a\u{fffd}b 👍"]);
    assert_eq!(kept.oddities.len(), 1);

    let mut bytes = thread(HELLO).into_bytes();
    let at = bytes.windows(5).position(|w| w == b"hello").expect("there");
    bytes[at] = 0xFF;
    let kept = raw(&bytes);
    assert_eq!(kept.texts("bad_1"), ["\u{fffd}ello"]);
    assert_eq!(kept.oddities.len(), 1);
}

#[test]
fn nesting_does_not_reach_the_stack() {
    let deep = "[".repeat(200_000);
    let closed = format!("{deep}{}", "]".repeat(200_000));
    let objects = format!("{}1{}", r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
    for nest in [&deep, &closed, &objects] {
        raw(nest.as_bytes());
        raw(format!(r#"{{"x": {nest}, "messages": [{HELLO}]}}"#).as_bytes());
        raw(format!(r#"{{"participants": {nest}, "messages": [{HELLO}]}}"#).as_bytes());
        raw(thread(&format!(r#"{{"photos": {nest}, "content": {nest}}}"#)).as_bytes());
    }
    let kept = raw(format!(r#"{{"x": {closed}, "messages": [{HELLO}]}}"#).as_bytes());
    assert_eq!(kept.texts("bad_1"), ["hello"]);
}

#[test]
fn strange_times_are_kept_and_named() {
    for (time, ms, odd) in [
        ("0", 0, true),
        ("1600000000", 1_600_000_000_000, false),
        ("1600000000000", 1_600_000_000_000, false),
        ("1600000000000000", 1_600_000_000_000, false),
        ("\"1600000000000\"", 1_600_000_000_000, false),
        ("99999999999999", 99_999_999_999_999, true),
        ("9223372036854775807", i64::MAX, true),
        ("1e30", i64::MAX, true),
        ("-1000", -1_000_000, true),
    ] {
        let kept = messages("messenger", &HELLO.replace("1600000000000", time));
        assert_eq!(kept.one().sent.at, Timestamp(ms), "{time}");
        assert_eq!(!kept.oddities.is_empty(), odd, "{time}");
    }
}

#[test]
fn a_million_oddities_are_not_a_million_records() {
    let bad = vec!["1"; 100_000].join(",");
    let kept = raw(thread(&bad).as_bytes());
    assert!(kept.oddities.len() < 300);
    assert!(kept.oddities.last().expect("one").why.contains("more messages"));
}

#[test]
fn a_file_too_large_to_hold_is_streamed() {
    let mut file =
        br#"{"participants": [{"name": "Ana Lima"}, {"name": "Bo Berg"}], "messages": ["#.to_vec();
    let filler = "x".repeat(2000);
    let count = 36_000;
    for i in 0..count {
        let comma = if i == 0 { "" } else { "," };
        write!(file, r#"{comma}{{"sender_name": "Bo Berg", "timestamp_ms": {}, "content": "{filler} caf\u00c3\u00a9 \ud83d"}}"#, 1_600_000_000_000_i64 - i).expect("memory");
    }
    file.extend_from_slice(br#"], "title": "Bo Berg"}"#);
    assert!(file.len() > 64 << 20);
    let size = file.len() as u64;
    let t = FileTree::memory([("messages/inbox/big_1/message_1.json".to_owned(), file)]);
    let kept = import("messenger", &t);
    assert_eq!(kept.messages().len() as i64, count);
    assert!(
        kept.messages()[0].text.ends_with("cafÃ© \u{fffd}"),
        "a text with a letter above U+00FF is no mojibake"
    );
    assert_eq!(kept.bytes, size);
    assert_eq!(kept.oddities.len(), 1);
}

#[test]
fn a_sink_that_stops_is_obeyed_at_once() {
    let t = tree(&[("messages/inbox/bo_1/message_1.json", &thread(&vec![HELLO; 100].join(",")))]);
    for room in 0..8 {
        let mut kept = Kept { room: Some(room), ..Kept::default() };
        let source = CATALOG.iter().find(|s| s.id == "messenger").expect("there");
        let result = (source.read)(&t, &ReadOptions::default(), &mut kept);
        assert!(matches!(result, Err(ReadError::Stopped)));
        assert_eq!(kept.records.len(), room);
        assert!(kept.oddities.is_empty());
    }
}

#[test]
fn names_full_of_tricks_are_kept_as_they_are() {
    let name = r"\u001b[31mBo\u202e\u200f";
    let kept = messages("messenger", &HELLO.replace("Bo Berg", name));
    assert_eq!(kept.one().sender.as_deref(), Some("\u{1b}[31mBo\u{202e}\u{200f}"));
}

#[test]
fn many_threads() {
    let files = (0..20_000)
        .map(|i| (format!("messages/inbox/t_{i}/message_1.json"), thread(HELLO).into_bytes()));
    let kept = import("messenger", &FileTree::memory(files));
    assert_eq!(kept.threads().len(), 20_000);
}

fn samples() -> Vec<(String, Vec<u8>)> {
    let e2ee = r#"{"participants": ["Ana Lima", "Alice"], "threadName": "Alice_7", "messages": [{"senderName": "Alice", "text": "hi", "timestamp": 1700000000000, "media": [{"uri": "./media/0a.jpeg"}], "reactions": [{"actor": "Alice", "reaction": "x"}]}]}"#;
    let rich = HELLO.replace(
        r#""content""#,
        r#""photos": [{"uri": "a"}], "share": {"link": "https://e.x"}, "users": [{"name": "x"}], "reactions": [{"reaction": "\u00e2\u009d\u00a4", "actor": "Bo"}], "content""#,
    );
    vec![
        ("messages/inbox/bo_1/message_1.json".into(), thread(&rich).into_bytes()),
        ("messages/Alice_7.json".into(), e2ee.as_bytes().to_vec()),
        (
            "profile_information/profile_information.json".into(),
            br#"{"profile_v2": {"name": {"full_name": "Ana Lima"}}}"#.to_vec(),
        ),
    ]
}

proptest::proptest! {
    #[test]
    fn no_damage_panics_or_hangs(
        which in 0usize..3,
        cut in proptest::option::of(0.0f64..1.0),
        flips in proptest::collection::vec((0.0f64..1.0, proptest::num::u8::ANY), 0..6),
    ) {
        let mut files = samples();
        let bytes = &mut files[which].1;
        for (at, with) in flips {
            let at = (at * bytes.len() as f64) as usize;
            bytes[at] = with;
        }
        if let Some(cut) = cut {
            bytes.truncate((cut * bytes.len() as f64) as usize);
        }
        let tree = FileTree::memory(files);
        claims(&tree);
        for source in CATALOG.iter().filter(|s| ["messenger", "instagram"].contains(&s.id)) {
            let mut kept = Kept::default();
            proptest::prop_assert!((source.read)(&tree, &ReadOptions::default(), &mut kept).is_ok());
        }
    }
}
