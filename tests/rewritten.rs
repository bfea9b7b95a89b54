//! A chat's text that is told again later: lines were edited or taken back since, polls have more
//! votes, the phone speaks another language, a chat or somebody in it is called otherwise.

mod readers;

use std::fmt::Write as _;

use onebox::model::{Deletion, Timestamp};
use onebox::sources::{FileTree, ReadOptions};
use onebox::store::{PageEnd, Store, ThreadQuery};
use readers::{Taking, source, utc};

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn file(chat: &str, lines: &[&str]) -> FileTree {
    let text = lines.join("\n") + "\n";
    FileTree::memory([(format!("WhatsApp Chat with {chat}.txt"), text.into_bytes())])
}

fn import(store: &Store, tree: &FileTree) -> (u64, u64) {
    let options = ReadOptions { me: Some("Kim".into()), ..utc() };
    let mut writer = store.writer().expect("a writer");
    let mut import = writer.import("test", NOW).expect("an import");
    (source("whatsapp").read)(tree, &options, &mut Taking(&mut import)).expect("readable");
    let tally = import.finish("{}").expect("an end");
    (tally.threads_added, tally.messages_added)
}

/// What a person sees: threads by title, who is in them, and line by line what was said.
fn seen(store: &Store) -> String {
    let reader = store.reader().expect("a reader");
    let mut out = String::new();
    for t in reader.threads(&ThreadQuery::default(), 0, 100).expect("threads") {
        let mut people: Vec<String> =
            reader.participants(t.id).expect("people").into_iter().map(|p| p.name).collect();
        people.sort();
        people.dedup();
        writeln!(out, "# {} [{}] {}", t.title, people.join(", "), t.messages).expect("memory");
        for m in reader.older(t.id, PageEnd::Edge, 100).expect("messages") {
            let who = m.sender.unwrap_or_default();
            let gone = if m.deletion == Deletion::None { "" } else { " (gone)" };
            let edited = if m.edited.is_some() { " (edited)" } else { "" };
            writeln!(out, "{who}: {}{gone}{edited}", m.text).expect("memory");
        }
    }
    out
}

/// The inbox after these, one after the other; and that telling any of them again adds nothing.
fn after(exports: &[&FileTree]) -> String {
    let store = Store::in_memory().expect("a store");
    for tree in exports {
        import(&store, tree);
    }
    let first = seen(&store);
    for tree in exports {
        assert_eq!(import(&store, tree), (0, 0), "told again");
    }
    assert_eq!(seen(&store), first, "told again");
    first
}

const BEFORE: [&str; 6] = [
    "13/06/2024, 18:00 - Bob: are you there",
    "13/06/2024, 18:00 - Bob: ok",
    "13/06/2024, 18:00 - Kim: yes",
    "13/06/2024, 18:00 - Bob: bring the read wine",
    "13/06/2024, 18:05 - Bob: and the cheese",
    "13/06/2024, 18:07 - Kim: on my way",
];

#[test]
fn a_line_that_was_edited_since_is_one_line() {
    let old = file("Bob", &BEFORE);
    let mut lines = BEFORE;
    lines[3] = "13/06/2024, 18:00 - Bob: bring the red wine <This message was edited>";
    lines[5] = "13/06/2024, 18:07 - Kim: almost there <This message was edited>";
    let mut later = lines.to_vec();
    later.push("13/06/2024, 19:00 - Bob: thanks");
    let new = file("Bob", &later);
    let alone = after(&[&new]);
    assert!(alone.starts_with("# Bob [Bob, Kim] 7\n"), "{alone}");
    assert_eq!(after(&[&old, &new]), alone);
    assert_eq!(after(&[&new, &old]), alone);
    assert_eq!(after(&[&old, &new, &old]), alone);
    // And once more.
    later[3] = "13/06/2024, 18:00 - Bob: bring the red wine, two <This message was edited>";
    later.push("13/06/2024, 19:01 - Kim: no trouble");
    let newest = file("Bob", &later);
    let alone = after(&[&newest]);
    for all in [[&old, &new, &newest], [&newest, &new, &old], [&new, &newest, &old]] {
        assert_eq!(after(&all), alone);
    }
}

#[test]
fn a_line_that_was_taken_back_since_is_one_line_and_keeps_its_words() {
    let old = file("Bob", &BEFORE);
    let mut lines = BEFORE;
    lines[1] = "13/06/2024, 18:00 - Bob: This message was deleted";
    lines[5] = "13/06/2024, 18:07 - Kim: You deleted this message";
    let new = file("Bob", &lines);
    let both = after(&[&old, &new]);
    assert!(both.starts_with("# Bob [Bob, Kim] 6\n"), "{both}");
    assert!(both.contains("Bob: are you there\nBob: ok (gone)\nKim: yes\n"), "{both}");
    assert!(both.ends_with("Kim: on my way (gone)\n"), "{both}");
    let reverse = after(&[&new, &old]);
    assert_eq!(reverse.lines().count(), 7, "{reverse}");
    assert_eq!(reverse.matches("(gone)").count(), 2, "{reverse}");
}

/// What one export lacks is nobody's other words.
/// An Android phone writes no seconds, an iPhone does; their notices are worded alike.
#[test]
fn what_another_phone_tells_in_other_words_is_one_line() {
    let safe =
        "Messages and calls are end-to-end encrypted. Only people in this chat can read them.";
    let old = file(
        "Ann",
        &[
            &format!("13/06/2024, 10:00 - {safe} Tap to learn more."),
            "13/06/2024, 10:00 - Ann: see you at the bridge",
            "13/06/2024, 10:00 - Kim: one",
            "13/06/2024, 10:01 - Ann: a secret",
            "13/06/2024, 10:09 - Kim: bye",
        ],
    );
    let lines = [
        &format!("[13/06/2024, 10:00:01] Ann: \u{200e}{safe}"),
        "[13/06/2024, 10:00:05] Ann: see you at the old bridge \u{200e}<This message was edited>",
        "[13/06/2024, 10:00:25] Kim: one",
        "[13/06/2024, 10:00:40] Ann: two",
        "[13/06/2024, 10:01:30] Ann: \u{200e}This message was deleted.",
        "[13/06/2024, 10:09:02] Kim: bye",
        "[13/06/2024, 10:10:02] Kim: bye bye",
    ];
    let new = FileTree::memory([(
        "WhatsApp Chat - Ann/_chat.txt".to_owned(),
        lines.join("\n").into_bytes(),
    )]);
    for exports in [[&old, &new], [&new, &old]] {
        let told = after(&exports);
        assert!(told.starts_with("# Ann [Ann, Kim] 7\n"), "{told}");
        assert_eq!(told.matches("end-to-end").count(), 1, "{told}");
        assert!(told.contains("the old bridge (edited)"), "{told}");
        assert_eq!(told.matches("(gone)").count(), 1, "{told}");
    }
}

#[test]
fn what_was_said_beside_an_edited_line_stays() {
    let old = file("Bob", &BEFORE);
    let new = file(
        "Bob",
        &["13/06/2024, 18:00 - Bob: bring the red wine <This message was edited>", BEFORE[5]],
    );
    for all in [[&old, &new], [&new, &old]] {
        let both = after(&all);
        assert_eq!(both.lines().count(), 7, "{both}");
        for said in ["Bob: are you there\n", "Bob: ok\n", "Bob: bring the red wine (edited)\n"] {
            assert!(both.contains(said), "{both}");
        }
    }
    // Nothing says which of the two was changed.
    let unlike = file(
        "Bob",
        &["13/06/2024, 18:00 - Bob: forget it <This message was edited>", BEFORE[4], BEFORE[5]],
    );
    for all in [[&old, &unlike], [&unlike, &old]] {
        assert_eq!(after(&all).lines().count(), 8);
    }
    // A line of its own minute, or somebody else's, is another one.
    let other = file(
        "Bob",
        &[
            "13/06/2024, 18:05 - Kim: what cheese? <This message was edited>",
            "13/06/2024, 18:06 - Bob: the blue <This message was edited>",
            BEFORE[5],
        ],
    );
    for all in [[&old, &other], [&other, &old]] {
        assert_eq!(after(&all).lines().count(), 9);
    }
}

#[test]
fn votes_and_the_phones_language_make_no_new_lines() {
    let old = file(
        "Crew",
        &[
            "13/06/2024, 17:59 - Bob created group \"Crew\"",
            "13/06/2024, 18:00 - Bob: POLL:\nwhere?\nOPTION: here (1 vote)\nOPTION: there (0 votes)\n",
            "13/06/2024, 18:01 - Ann left",
            "13/06/2024, 18:02 - Kim: well",
        ],
    );
    let new = file(
        "Crew",
        &[
            "13/06/2024, 17:59 - Bob hat die Gruppe \"Crew\" erstellt.",
            "13/06/2024, 18:00 - Bob: POLL:\nwhere?\nOPTION: here (1 vote)\nOPTION: there (2 votes)\n",
            "13/06/2024, 18:01 - Ann hat die Gruppe verlassen.",
            "13/06/2024, 18:02 - Kim: well",
            "13/06/2024, 18:03 - Bob: there",
        ],
    );
    for all in [[&old, &new], [&new, &old]] {
        let both = after(&all);
        assert!(both.contains("] 5\n"), "{both}");
        assert!(both.contains("there (2 votes)") && !both.contains("there (0 votes)"), "{both}");
    }
}

/// A longer chat, in which the other one is called so.
fn talk(bob: &str, lines: usize) -> Vec<String> {
    (0..lines)
        .map(|n| {
            let who = if n % 3 == 0 { "Kim" } else { bob };
            let (day, minute) = (1 + n / 60, n % 60);
            let said = ["ok", "see you at the station", "what about the tickets"][n % 3];
            format!("{day:02}/06/2024, 18:{minute:02} - {who}: {said} {}", n / 2)
        })
        .collect()
}

fn of(chat: &str, lines: &[String]) -> FileTree {
    file(chat, &lines.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn a_contact_with_another_name_is_the_same_chat() {
    let old = of("Bob", &talk("Bob", 40));
    let new = of("Bob Smith", &talk("Bob Smith", 50));
    let alone = after(&[&new]);
    assert!(alone.starts_with("# Bob Smith [Bob Smith, Kim] 50\n"), "{alone}");
    assert_eq!(after(&[&old, &new]), alone);
    assert_eq!(after(&[&new, &old]), alone);
    // Edited meanwhile, too.
    let mut lines = talk("Bob Smith", 50);
    lines[7].push_str(" or later <This message was edited>");
    let edited = of("Bob Smith", &lines);
    let alone = after(&[&edited]);
    assert_eq!(after(&[&old, &edited]), alone);
    assert_eq!(after(&[&edited, &old]), alone);
}

#[test]
fn a_group_with_another_subject_is_the_same_chat() {
    let with = |bob: &str, lines| {
        let mut all = talk(bob, lines);
        all.insert(0, "01/06/2024, 17:00 - Ann: hello everybody in here".to_owned());
        all
    };
    let old = of("Crew", &with("Bob", 40));
    let new = of("Crew 2025", &with("Bob", 50));
    let alone = after(&[&new]);
    assert!(alone.starts_with("# Crew 2025 [Ann, Bob, Kim] 51\n"), "{alone}");
    assert_eq!(after(&[&old, &new]), alone);
    assert_eq!(after(&[&new, &old]), alone);
    let renamed = of("Crew 2025", &with("Bob Smith", 50));
    let alone = after(&[&renamed]);
    assert_eq!(after(&[&old, &renamed]), alone);
    assert_eq!(after(&[&renamed, &old]), alone);
}

/// Greetings to everybody, the same day: two chats.
#[test]
fn two_chats_stay_two_however_like() {
    let wishes = |who: &str| {
        let mut lines = vec![
            "31/12/2023, 23:59 - Kim: happy new year to you and yours".to_owned(),
            "01/01/2024, 00:00 - Kim: here is to a better one".to_owned(),
            "01/01/2024, 00:01 - Kim: see you all soon, I hope".to_owned(),
        ];
        lines.extend((0..9).map(|n| format!("02/01/2024, 10:0{n} - {who}: {who} says {n}")));
        of(who, &lines)
    };
    let both = after(&[&wishes("Bob"), &wishes("Ann")]);
    assert!(both.contains("# Ann [Ann, Kim] 12\n") && both.contains("# Bob [Bob, Kim] 12\n"));
}

#[test]
fn somebody_with_another_name_is_the_same_in_their_chat() {
    let with = |bob: &str, lines| {
        let mut all = talk(bob, lines);
        all.insert(0, "01/06/2024, 17:00 - Ann: hello everybody in here".to_owned());
        all
    };
    let old = of("Crew", &with("Bob", 40));
    let mut lines = with("Bob Smith", 50);
    lines.push("01/06/2024, 18:52 - Zoe: hello, I am new".to_owned());
    let new = of("Crew", &lines);
    let alone = after(&[&new]);
    assert!(alone.starts_with("# Crew [Ann, Bob Smith, Kim, Zoe] 52\n"), "{alone}");
    assert_eq!(after(&[&old, &new]), alone);
    assert_eq!(after(&[&new, &old]), alone);
    assert_eq!(after(&[&old, &new, &old]), alone);
}

/// Whoever joined says what others say, but not all the time.
#[test]
fn whoever_is_new_is_nobody_who_was_there() {
    let lines = |who: &str, same: usize| {
        let mut all: Vec<_> = (0..9)
            .map(|n| format!("01/06/2024, 18:0{n} - Bob: {}", ["yes", "no"][n % 2]))
            .collect();
        let says = |n| if n < same { "yes" } else { "perhaps" };
        all.extend((0..9).map(|n| format!("01/06/2024, 18:0{n} - {who}: {}", says(n))));
        all.sort();
        all.push("01/06/2024, 19:00 - Kim: well".to_owned());
        all
    };
    let both = after(&[&of("Crew", &lines("Ann", 9)), &of("Crew", &lines("Zoe", 4))]);
    assert!(both.starts_with("# Crew [Ann, Bob, Kim, Zoe] 28\n"), "{both}");
}

/// A newer text has fewer lines before the minute in which the older one ends, and says more in it.
#[test]
fn what_is_said_on_in_the_last_minute_stands_behind_what_was_known() {
    let early = ["01/05/2024, 09:00 - Bob: one", "01/05/2024, 09:01 - Kim: two"];
    let both = [
        "01/05/2024, 09:10 - Bob: shall we meet at six?",
        "01/05/2024, 09:10 - Bob: or rather at seven?",
    ];
    let more = ["01/05/2024, 09:10 - Kim: yes, seven", "01/05/2024, 09:10 - Bob: fine then"];
    let old = file("Bob", &[&early[..], &both[..]].concat());
    let new = file("Bob", &[&both[..], &more[..]].concat());
    for exports in [[&old, &new], [&new, &old]] {
        let told = after(&exports);
        let at = |line: &str| told.find(line).unwrap_or_else(|| panic!("{line}: {told}"));
        let places = ["one", "two", "at six", "at seven", "yes, seven", "fine then"].map(at);
        assert!(places.is_sorted(), "{told}");
    }
}
