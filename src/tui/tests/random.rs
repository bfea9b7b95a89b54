//! Anything at all may happen, in any order, at any size: nothing panics, and nothing that a
//! stranger wrote reaches the glass as a command.

use proptest::prelude::*;

use super::*;
use crate::inbox::*;
use crate::model::{MessageId, ThreadId, VerdictKind};

#[derive(Clone, Debug)]
enum Step {
    Key(&'static str),
    Type(char),
    Paste(String),
    Resize(u16, u16),
    Mouse(u8, u16, u16),
    Changed(Option<i64>),
    Title(usize, String),
    Message(i64, String),
    Close(usize),
    Progress(u64, u64),
    Done(String),
    Notice(String),
    Hush(bool),
    Empty(bool),
    Wait(i64),
}

const KEYS: &[&str] = &[
    "up",
    "down",
    "left",
    "right",
    "page-up",
    "page-down",
    "home",
    "end",
    "enter",
    "esc",
    "tab",
    "shift-tab",
    "backspace",
    "delete",
    "ctrl-u",
    "ctrl-w",
    "ctrl-k",
    ":",
    "ctrl-g",
    "alt-enter",
    "g",
    "G",
    "j",
    "k",
    "i",
    "w",
    "R",
    "t",
    "y",
    "n",
    "c",
    "N",
    "e",
    "m",
    "X",
    "M",
    "I",
    "!",
    "?",
    "]",
    "[",
    "s",
    "x",
    "o",
    "z",
    "u",
    "Y",
    "b",
    "d",
    "a",
    "shift-left",
    "alt-a",
    "ctrl-x",
    "f2",
    "ctrl-l",
    "/",
    "ctrl-o",
    "ctrl-n",
    "E",
    "P",
    "B",
    "U",
    "S",
    "L",
    "Z",
    "K",
    "v",
    "O",
    "V",
    "*",
    "space",
    "ctrl-a",
    "v",
    "E",
    "H",
    ":",
    "@",
    "alt-e",
    "alt-h",
    "alt-r",
];

fn nasty() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,40}",
        "[\u{1b}\u{7}\u{9b}\n\r\t\u{202e}\u{2066}\u{300}\u{fe0f}\u{200d}👍❤日aא ]{0,60}",
        "(word ){0,120}",
        Just("\u{1b}]0;pwned\u{7}\u{1b}[2J\u{9b}31m".to_owned()),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => prop::sample::select(KEYS).prop_map(Step::Key),
        3 => any::<char>().prop_map(Step::Type),
        1 => nasty().prop_map(Step::Paste),
        2 => (0u16..140, 0u16..50).prop_map(|(w, h)| Step::Resize(w, h)),
        2 => (0u8..3, 0u16..140, 0u16..50).prop_map(|(d, x, y)| Step::Mouse(d, x, y)),
        2 => prop::option::of(0i64..8).prop_map(Step::Changed),
        1 => (0usize..6, nasty()).prop_map(|(i, t)| Step::Title(i, t)),
        2 => (0i64..6, nasty()).prop_map(|(i, t)| Step::Message(i, t)),
        1 => (0usize..6).prop_map(Step::Close),
        1 => (0u64..200, 0u64..200).prop_map(|(a, b)| Step::Progress(a, b)),
        1 => nasty().prop_map(Step::Done),
        1 => nasty().prop_map(Step::Notice),
        1 => any::<bool>().prop_map(Step::Hush),
        1 => any::<bool>().prop_map(Step::Empty),
        1 => (0i64..5000).prop_map(Step::Wait),
    ]
}

fn take(s: &mut Scene, step: Step, count: i64) {
    match step {
        Step::Key(key) => drop(s.keys(key)),
        Step::Type(c) => {
            if let Some(chord) = KeyChord::parse(&c.to_string()) {
                s.event(Event::Key(chord));
            }
        }
        Step::Paste(text) => s.event(Event::Paste(text)),
        Step::Resize(w, h) => s.event(Event::Resize(w, h)),
        Step::Mouse(did, x, y) => {
            let did = [MouseDid::Press, MouseDid::WheelUp, MouseDid::WheelDown][usize::from(did)];
            s.mouse(did, x, y);
        }
        Step::Changed(id) => {
            s.update(Update::Changed { threads: id.map(ThreadId).into_iter().collect() });
        }
        Step::Title(i, text) => title(s, i, text, count),
        Step::Message(id, text) => message(s, ThreadId(id), text, count),
        Step::Close(i) => {
            if let Some(t) = s.fake.threads.get_mut(i) {
                t.row.verdict = VerdictKind::ReadOnly;
                t.composer = ComposerState::Closed(fake::reason());
            }
        }
        Step::Progress(a, b) => s.update(Update::Import(ImportProgress {
            what: "x".into(),
            bytes_done: a,
            bytes_total: b,
            messages: a,
            oddities: b,
            elapsed: std::time::Duration::from_millis(a * 100),
        })),
        Step::Done(text) => {
            let mut summary = importing::summary();
            summary.account = text.clone();
            summary.remarks.push(text);
            s.update(Update::ImportDone(vec![summary]));
        }
        Step::Notice(text) => {
            let notice = Notice::new(Severity::Error, text.clone(), text.clone(), text);
            s.update(Update::Notice(notice));
        }
        Step::Hush(on) => s.fake.silent = on,
        Step::Empty(on) => {
            s.fake.empty = on;
            let status = s.fake.status();
            s.update(status);
        }
        Step::Wait(ms) => drop(s.wait(ms)),
    }
}

fn title(s: &mut Scene, i: usize, text: String, count: i64) {
    if let Some(t) = s.fake.threads.get_mut(i) {
        t.row.title = text.clone();
        t.row.preview = text.clone();
        t.row.badge.name = text.clone();
        t.row.badge.short = text.clone();
        t.row.labels = vec![text.clone(), format!("{text}x")];
        t.row.snoozed = (count % 3 == 0).then_some(Timestamp(i64::MAX - count));
        (t.row.awaiting, t.row.mentioned) = (count % 2 == 0, count % 5 == 0);
        s.fake.closing = vec![ClosingRow {
            when: text.clone(),
            todo: vec![text.clone()],
            threads: vec![ThreadRef {
                id: ThreadId(i as i64),
                title: text.clone(),
                badge: t.row.badge.clone(),
                last: None,
            }],
            apps: text,
            ..fake_tidying::closing([])
        }];
        let counts = s.fake.counts();
        s.update(counts);
    }
}

fn message(s: &mut Scene, thread: ThreadId, text: String, count: i64) {
    let mut m = fake::message(1000 + count, &text, "2023-12-28T10:00:00Z", &text);
    m.reply_quote = Some(text.clone());
    m.reactions = vec![ReactionRow { emoji: text.clone(), by: text.clone() }];
    m.attachments = vec![AttachmentRow {
        kind: crate::model::AttachmentKind::File,
        name: text.clone(),
        path: text,
        present: count % 2 == 0,
        remote: count % 3 == 0,
        size: (count % 5 != 0).then_some(count.unsigned_abs()),
    }];
    m.gap = (count % 4 == 0).then(|| count.to_string());
    if count % 7 == 0 {
        m.pos.at = Timestamp(i64::MAX);
    }
    s.fake.messages.entry(thread).or_default().push(m);
}

fn check(s: &Scene) {
    let (buffer, _) = frame(&s.app);
    for cell in &buffer.content {
        let bad = |c: char| {
            c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert!(!cell.symbol().contains(bad), "{:?} on the glass", cell.symbol());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn nothing_breaks_the_screen(
        steps in prop::collection::vec(step(), 1..60),
        large: bool,
    ) {
        let fake = if large { Fake::large(450, 700) } else { Fake::inbox() };
        let mut s = Scene::blank(80, 24, fake);
        s.begin();
        for (count, step) in (0i64..).zip(steps) {
            take(&mut s, step, count);
            check(&s);
        }
        prop_assert!(s.app.transcript.message(MessageId(-1)).is_none());
    }

    /// A message cannot draw itself a border, a gutter or another message's sender.
    #[test]
    fn messages_stay_behind_their_gutter(text in nasty(), width in 40u16..130) {
        let mut fake = Fake::inbox();
        let m = fake::message(14, "Mallory", "2023-12-28T10:00:00Z", &text);
        fake.messages.insert(ThreadId(1), vec![m]);
        let mut s = Scene::blank(width, 30, fake);
        s.begin();
        s.keys("enter");
        let area = s.app.areas().transcript.unwrap();
        let buffer = s.frame();
        for y in area.y + 1..area.bottom() - 1 {
            prop_assert_eq!(buffer[(area.x, y)].symbol(), "│");
            prop_assert!([" ", "▌"].contains(&buffer[(area.x + 1, y)].symbol()));
            prop_assert!(["│", "┃"].contains(&buffer[(area.right() - 1, y)].symbol()));
        }
    }
}
