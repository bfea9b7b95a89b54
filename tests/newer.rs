//! A newer export of an account whose app gives neither people nor messages an id: somebody bears
//! another name, an account is gone, a message was taken back, times are exact to the millisecond.

mod readers;

use std::fmt::Write as _;

use onebox::model::{Deletion, Timestamp};
use onebox::sources::FileTree;
use onebox::store::{PageEnd, Store, ThreadQuery};
use readers::{Taking, source, utc};

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const START: i64 = 1_515_000_000_123;
const STEP: i64 = 3_600_011;

/// Who says what; `None`: taken back.
type Said<'a> = (&'a str, Option<&'a str>);

const CHAT: [(&str, &str); 6] = [
    ("Bob Old", "are you there?"),
    ("Kim", "on my way"),
    ("Bob Old", "good, the door is open"),
    ("Bob Old", "ok"),
    ("Kim", "ok"),
    ("Bob Old", "see you at six then"),
];

/// The chat with the names as they are now.
fn chat<'a>(kim: &'a str, bob: &'a str) -> Vec<Said<'a>> {
    CHAT.iter().map(|(who, what)| (if *who == "Kim" { kim } else { bob }, Some(*what))).collect()
}

/// A thread's JSON, newest first. Every third message has a heart of the first of the people.
fn json(people: &[&str], title: &str, said: &[Said<'_>]) -> String {
    let messages: Vec<_> = said
        .iter()
        .enumerate()
        .rev()
        .map(|(n, (who, what))| {
            let at = START + i64::try_from(n).expect("few") * STEP;
            let mut m = serde_json::json!({"sender_name": who, "timestamp_ms": at});
            match what {
                Some(text) => m["content"] = (*text).into(),
                None => m["is_unsent"] = true.into(),
            }
            if n % 3 == 1 {
                m["reactions"] = serde_json::json!([{"reaction": "\u{2764}", "actor": people[0]}]);
            }
            m
        })
        .collect();
    let people: Vec<_> = people.iter().map(|p| serde_json::json!({"name": p})).collect();
    serde_json::json!({"participants": people, "title": title, "messages": messages,
        "is_still_participant": true})
    .to_string()
}

/// The same as it was in spring 2018: whole seconds, people as strings.
fn of_2018(title: &str, said: &[Said<'_>]) -> String {
    let messages: Vec<_> = said
        .iter()
        .enumerate()
        .rev()
        .map(|(n, (who, what))| {
            let at = (START + i64::try_from(n).expect("few") * STEP) / 1000;
            serde_json::json!({"sender_name": who, "timestamp": at, "content": what, "type": "Generic"})
        })
        .collect();
    serde_json::json!({"participants": [title], "title": title, "messages": messages}).to_string()
}

const PROFILE: &str = "personal_information/profile_information/profile_information.json";

fn export(me: &str, file: &str, thread: &str) -> FileTree {
    let before = if me == "Kim" { vec![] } else { vec![serde_json::json!({"name": "Kim"})] };
    let profile =
        serde_json::json!({"profile_v2": {"name": {"full_name": me}, "previous_names": before}});
    let profile = profile.to_string();
    FileTree::memory([
        (PROFILE.to_owned(), profile.into_bytes()),
        (file.to_owned(), thread.as_bytes().to_vec()),
    ])
}

const FILE: &str = "your_facebook_activity/messages/inbox/bob_7000000000000000/message_1.json";

fn now(me: &str, people: &[&str], title: &str, said: &[Said<'_>]) -> FileTree {
    export(me, FILE, &json(people, title, said))
}

fn import(store: &Store, tree: &FileTree) -> (u64, u64) {
    let mut writer = store.writer().expect("a writer");
    let mut import = writer.import("test", NOW).expect("an import");
    (source("messenger").read)(tree, &utc(), &mut Taking(&mut import)).expect("readable");
    let tally = import.finish("{}").expect("an end");
    (tally.threads_added, tally.messages_added)
}

/// What a person sees: threads by title, who is in them, and line by line what was said.
fn seen(store: &Store) -> String {
    let reader = store.reader().expect("a reader");
    let mut out = String::new();
    for t in reader.threads(&ThreadQuery::default(), 0, 100).expect("threads") {
        let mut people: Vec<String> = reader
            .participants(t.id)
            .expect("people")
            .into_iter()
            .map(|p| if p.is_me { format!("{} (me)", p.name) } else { p.name })
            .collect();
        people.sort();
        people.dedup();
        writeln!(out, "# {} [{}] {}", t.title, people.join(", "), t.messages).expect("memory");
        for m in reader.older(t.id, PageEnd::Edge, 100).expect("messages") {
            let who = if m.mine { "me".to_owned() } else { m.sender.unwrap_or_default() };
            let gone = if m.deletion == Deletion::None { "" } else { " (gone)" };
            let hearts = m.reactions.len();
            let hearts = if hearts > 0 { format!(" +{hearts}") } else { String::new() };
            writeln!(out, "{who}: {}{gone}{hearts}", m.text).expect("memory");
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

#[test]
fn somebody_renamed_is_the_same_in_either_order() {
    let old = now("Kim", &["Bob Old", "Kim"], "Bob Old", &chat("Kim", "Bob Old"));
    let mut said = chat("Kim", "Bob New");
    said.push(("Bob New", Some("that was me, under my new name")));
    let new = now("Kim", &["Bob New", "Kim"], "Bob New", &said);
    let alone = after(&[&new]);
    assert!(alone.starts_with("# Bob New [Bob New, Kim (me)] 7\nBob New: are you there?\nme: on"));
    assert_eq!(after(&[&old, &new]), alone);
    assert_eq!(after(&[&new, &old]), alone);
    assert_eq!(after(&[&old, &new, &old]), alone);
}

#[test]
fn i_am_still_me_under_another_name() {
    let old = now("Kim", &["Bob Old", "Kim"], "Bob Old", &chat("Kim", "Bob Old"));
    let mut said = chat("Kim New", "Bob Old");
    said.push(("Kim New", Some("it is still me")));
    let new = now("Kim New", &["Bob Old", "Kim New"], "Bob Old", &said);
    let alone = after(&[&new]);
    assert!(alone.starts_with("# Bob Old [Bob Old, Kim New (me)] 7\n"), "{alone}");
    assert_eq!(after(&[&old, &new]), alone);
    assert_eq!(after(&[&new, &old]), alone);
}

#[test]
fn an_account_that_is_gone_keeps_the_name_that_is_known() {
    let old = now("Kim", &["Bob Old", "Kim"], "Bob Old", &chat("Kim", "Bob Old"));
    let people = ["Facebook User", "Kim"];
    let new = now("Kim", &people, "Facebook User", &chat("Kim", "Facebook User"));
    let known = after(&[&old]);
    assert_eq!(after(&[&old, &new]), known);
    assert_eq!(after(&[&new, &old]), known);
    assert!(after(&[&new]).starts_with("# Facebook User ["));
}

#[test]
fn in_a_group_only_who_was_renamed_is() {
    let said = |bob| {
        let mut all = chat("Kim", bob);
        all.push(("Ann", Some("may I come too?")));
        all
    };
    let old = now("Kim", &["Bob Old", "Kim", "Ann"], "Crew", &said("Bob Old"));
    let mut later = said("Bob New");
    later.push(("Zoe", Some("hello all")));
    let new = now("Kim", &["Bob New", "Kim", "Ann", "Zoe"], "Crew", &later);
    let alone = after(&[&new]);
    assert!(alone.starts_with("# Crew [Ann, Bob New, Kim (me), Zoe] 8\n"), "{alone}");
    assert_eq!(after(&[&old, &new]), alone);
    assert_eq!(after(&[&new, &old]), alone);
}

/// Several may be gone, and all are called alike: whose a message was is known, and nobody becomes
/// anybody else.
#[test]
fn in_a_group_those_who_are_gone_stay_apart() {
    let names = |bob, ann| {
        let mut all = chat("Kim", bob);
        all.push((ann, Some("may I come too?")));
        all
    };
    let old = now("Kim", &["Kim", "Bob Old", "Ann"], "Crew", &names("Bob Old", "Ann"));
    let gone = "Facebook User";
    let mut said = names(gone, gone);
    said.push((gone, Some("whoever that was")));
    let new = now("Kim", &["Kim", gone], "Crew", &said);
    let both = after(&[&old, &new]);
    assert!(both.starts_with("# Crew [Ann, Bob Old, Facebook User, Kim (me)] 8\nBob Old: are"));
    assert!(both.contains("Ann: may I come too?\nFacebook User: whoever that was"), "{both}");
}

/// The same where the download that knows the names comes later.
#[test]
fn in_a_group_those_who_are_gone_get_their_names_back_from_an_older_download() {
    let names = |bob, ann| {
        let mut all = chat("Kim", bob);
        all.extend([(ann, Some("may I come too?")), ("Zoe", Some("me too"))]);
        all
    };
    let gone = "Facebook User";
    let old = now("Kim", &["Kim", "Bob Old", "Ann", "Zoe"], "Crew", &names("Bob Old", "Ann"));
    let mut said = names(gone, gone);
    said.push((gone, Some("whoever that was")));
    let new = now("Kim", &["Kim", gone, "Zoe"], "Crew", &said);
    let told = after(&[&new, &old]);
    assert_eq!(told, after(&[&old, &new]));
    assert!(told.contains("] 9\nBob Old: are you there?\n"), "{told}");
    assert!(
        told.contains("Ann: may I come too?\nZoe: me too +1\nFacebook User: whoever"),
        "{told}"
    );
    // Both of the others are gone.
    let (pair, mut left) = (names("Bob Old", "Ann"), names(gone, gone));
    let old = now("Kim", &["Kim", "Bob Old", "Ann"], "Crew", &pair[..7]);
    left.truncate(7);
    let new = now("Kim", &["Kim", gone], "Crew", &left);
    for told in [after(&[&new, &old]), after(&[&old, &new])] {
        assert!(told.contains("\nBob Old: are you there?\n"), "{told}");
        assert!(told.contains("\nAnn: may I come too?\n"), "{told}");
    }
}

/// Two who say the same at the very same time are two, though one export knew only one of them.
#[test]
fn two_in_one_moment_stay_two() {
    let one = r#"{"sender_name": "Bob Old", "timestamp_ms": 1515000000123, "content": "ha"}"#;
    let two = format!("{}, {one}", one.replace("Bob Old", "Ann"));
    let file = |said: &str| {
        format!(
            r#"{{"participants": [{{"name": "Bob Old"}}, {{"name": "Ann"}}, {{"name": "Kim"}}],
                "title": "Crew", "messages": [{said}]}}"#
        )
    };
    let old = export("Kim", FILE, &file(one));
    let new = export("Kim", FILE, &file(&two));
    let both = after(&[&old, &new]);
    assert!(both.starts_with("# Crew [Ann, Bob Old, Kim (me)] 2\n"), "{both}");
}

#[test]
fn what_was_taken_back_since_is_gone() {
    let old = now("Kim", &["Bob Old", "Kim"], "Bob Old", &chat("Kim", "Bob Old"));
    let mut said = chat("Kim", "Bob Old");
    (said[2].1, said[4].1) = (None, None);
    let new = now("Kim", &["Bob Old", "Kim"], "Bob Old", &said);
    let both = after(&[&old, &new]);
    assert!(both.starts_with("# Bob Old [Bob Old, Kim (me)] 6\n"), "{both}");
    assert_eq!(both.matches("(gone)").count(), 2, "{both}");
    let reverse = after(&[&new, &old]);
    assert!(reverse.starts_with("# Bob Old [Bob Old, Kim (me)] 6\n"), "{reverse}");
    assert_eq!(reverse.matches("(gone)").count(), 2, "{reverse}");
    // Renamed and taken back at once.
    let new = now("Kim", &["Bob New", "Kim"], "Bob New", &{
        let mut said = chat("Kim", "Bob New");
        (said[2].1, said[4].1) = (None, None);
        said
    });
    let both = after(&[&old, &new]);
    assert!(both.starts_with("# Bob New [Bob New, Kim (me)] 6\n"), "{both}");
    assert_eq!(both.matches("(gone)").count(), 2, "{both}");
}

#[test]
fn seconds_and_milliseconds_are_one_moment() {
    let said = chat("Kim", "Bob Old");
    let old = of_2018("Bob Old", &said);
    let old = export("Kim", "messages/bob_7000000000000000/message.json", &old);
    let mut longer = said;
    longer.push(("Kim", Some("one more, later")));
    let new = json(&["Bob Old", "Kim"], "Bob Old", &longer);
    let same = export("Kim", FILE, &new);
    let other = export("Kim", &FILE.replace("7000000000000000", "812345678901"), &new);
    for new in [&same, &other] {
        let alone = after(&[new]);
        assert_eq!(after(&[&old, new]), alone);
        assert_eq!(after(&[new, &old]), alone);
    }
}

/// The chat as a page.
fn page(bob: &str) -> String {
    let mut html = format!("<html><head><title>{bob}</title></head><body><main>");
    for (n, (who, what)) in CHAT.iter().enumerate().rev() {
        let at = Timestamp(START + i64::try_from(n).expect("few") * STEP);
        let at = chrono::DateTime::from_timestamp_millis(at.0).expect("a time");
        let who = if *who == "Kim" { "Kim" } else { bob };
        write!(
            html,
            "<section class=\"_a6-g\"><h2 class=\"_2ph_ _a6-h _a6-i\">{who}</h2>\
             <div class=\"_2ph_ _a6-p\"><div><div></div><div>{what}</div></div></div><footer \
             class=\"_3-94 _a6-o\"><div class=\"_a72d\">{}</div></footer></section>",
            at.format("%b %d, %Y %-I:%M %p")
        )
        .expect("memory");
    }
    html + "</main></body></html>"
}

/// Pages know the minute only.
#[test]
fn somebody_renamed_is_the_same_in_pages() {
    let old = FileTree::memory([
        (PROFILE.to_owned(), br#"{"profile_v2": {"name": {"full_name": "Kim"}}}"#.to_vec()),
        (FILE.replace(".json", ".html"), page("Bob Old").into_bytes()),
    ]);
    let mut said = chat("Kim", "Bob New");
    said.push(("Bob New", Some("that was me, under my new name")));
    let new = now("Kim", &["Bob New", "Kim"], "Bob New", &said);
    let lines = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    let alone = after(&[&new]);
    for both in [after(&[&old, &new]), after(&[&new, &old])] {
        assert!(both.starts_with("# Bob New ["), "{both}");
        assert_eq!(lines(&both), lines(&alone));
    }
}

/// A chat's text, written in Berlin and again in New York.
#[test]
fn the_clock_of_another_zone_tells_the_same_moments() {
    let zone = |name: &str| onebox::sources::ReadOptions {
        zone: onebox::sources::Zone::Named(name.parse().expect("a zone")),
        me: Some("Kim".into()),
        ..utc()
    };
    let file = |lines: &str| {
        FileTree::memory([("WhatsApp Chat with Bob.txt".to_owned(), lines.as_bytes().to_vec())])
    };
    let berlin = file(
        "13/06/2024, 18:00 - Bob: ok\n13/06/2024, 18:00 - Bob: ok\n13/06/2024, 18:05 - Kim: on my way\n\
         13/06/2024, 23:30 - Bob: good night\n",
    );
    let york = file(
        "13/06/2024, 12:00 - Bob: ok\n13/06/2024, 12:00 - Bob: ok\n13/06/2024, 12:05 - Kim: on my way\n\
         13/06/2024, 17:30 - Bob: good night\n13/06/2024, 19:00 - Bob: ok\n",
    );
    let read = |store: &Store, tree: &FileTree, at: &str| {
        let mut writer = store.writer().expect("a writer");
        let mut import = writer.import("test", NOW).expect("an import");
        (source("whatsapp").read)(tree, &zone(at), &mut Taking(&mut import)).expect("readable");
        import.finish("{}").expect("an end").messages_added
    };
    let (one, other) = ((&berlin, "Europe/Berlin"), (&york, "America/New_York"));
    let mut all = Vec::new();
    for (first, second, new) in [(one, other, [4, 1]), (other, one, [5, 0])] {
        let store = Store::in_memory().expect("a store");
        let added = [first, second].map(|(tree, at)| read(&store, tree, at));
        assert_eq!(added, new);
        assert_eq!([first, second].map(|(tree, at)| read(&store, tree, at)), [0, 0], "again");
        all.push(seen(&store));
    }
    assert_eq!(all[0], all[1]);
    assert!(all[0].starts_with("# Bob [Bob, Kim (me)] 5\nBob: ok\nBob: ok\nme: on my way\n"));
}

/// A thread may lie in two boxes of one export, and be longer than what is written at once.
#[test]
fn somebody_renamed_and_told_twice_is_still_the_same() {
    let lines: Vec<String> = (0..42).map(|n| format!("line {n} of a longer chat")).collect();
    let said = |bob| -> Vec<Said<'_>> {
        let who = |n: usize| if n.is_multiple_of(3) { "Kim" } else { bob };
        lines.iter().enumerate().map(|(n, line)| (who(n), Some(line.as_str()))).collect()
    };
    let old = now("Kim", &["Bob Old", "Kim"], "Bob Old", &said("Bob Old"));
    let thread = json(&["Bob New", "Kim"], "Bob New", &said("Bob New"));
    let files = [FILE.to_owned(), FILE.replace("/inbox/", "/archived_threads/")];
    let profile = br#"{"profile_v2": {"name": {"full_name": "Kim"}}}"#.to_vec();
    let files = files.map(|file| (file, thread.as_bytes().to_vec()));
    let new = FileTree::memory(files.into_iter().chain([(PROFILE.to_owned(), profile)]));
    let both = after(&[&old, &new]);
    assert!(both.starts_with("# Bob New [Bob New, Kim (me)] 42\n"), "{both}");
}

/// Who has another name already, and is there, is not renamed again by whoever says what they said,
/// even if they are heard long after: nobody becomes somebody else.
#[test]
fn somebody_renamed_is_nobody_elses_former_name() {
    let lines: Vec<String> = (0..80).map(|n| format!("line {n}")).collect();
    let said = |last, bob| -> Vec<Said<'_>> {
        let who = |n: usize| match n {
            0 => bob,
            1..79 => "Kim",
            _ => last,
        };
        lines.iter().enumerate().map(|(n, line)| (who(n), Some(line.as_str()))).collect()
    };
    let old = now("Kim", &["Bob Old", "Kim"], "Crew", &said("Bob Old", "Bob Old"));
    let new = now("Kim", &["Bob New", "Kim"], "Crew", &said("Bob New", "Bob New"));
    // Eve is new, and the same words of the same moment are told as hers. Those in the thread are
    // listed behind what they said.
    let later = now("Kim", &["Bob New", "Kim", "Eve"], "Crew", &said("Eve", "Bob New"));
    let all = after(&[&old, &new, &later]);
    assert!(all.starts_with("# Crew [Bob New, Eve, Kim (me)] 80\nBob New: line 0\n"), "{all}");
}

/// The folders were numbered anew, and nobody is called as before.
#[test]
fn somebody_renamed_is_the_same_in_a_folder_of_another_number() {
    let other = FILE.replace("bob_7000000000000000", "bobnew_AbCdEf12g");
    let old = now("Kim", &["Bob Old", "Kim"], "Bob Old", &chat("Kim", "Bob Old"));
    let mut said = chat("Kim", "Bob New");
    said.push(("Bob New", Some("that was me, under my new name")));
    let new = export("Kim", &other, &json(&["Bob New", "Kim"], "Bob New", &said));
    let alone = after(&[&new]);
    assert!(alone.starts_with("# Bob New [Bob New, Kim (me)] 7\n"), "{alone}");
    assert_eq!(after(&[&old, &new]), alone);
    assert_eq!(after(&[&new, &old]), alone);
    // Somebody else who was told the same things, at other times, is somebody else.
    let elsewhere = json(&["Ann", "Kim"], "Ann", &chat("Kim", "Ann"));
    let elsewhere = elsewhere.replace(&START.to_string()[..4], "1525");
    let ann = export("Kim", &FILE.replace("bob_7000000000000000", "ann_812345"), &elsewhere);
    let both = after(&[&old, &ann]);
    assert!(both.contains("# Ann [Ann, Kim (me)] 6\n"), "{both}");
    assert!(both.contains("# Bob Old [Bob Old, Kim (me)] 6\n"), "{both}");
}

/// An app that marks no edit: the same millisecond is the same message, in whichever words.
/// In the folder of an older number.
fn of_old(me: &str, people: &[&str], title: &str, said: &[Said<'_>]) -> FileTree {
    export(me, "messages/inbox/Bob_aBcDeFgHiJ/message_1.json", &json(people, title, said))
}

#[test]
fn who_was_renamed_says_nothing_twice_where_the_folders_have_other_numbers() {
    // Me, in a chat of two.
    let old = of_old("Kim", &["Bob Old", "Kim"], "Bob Old", &chat("Kim", "Bob Old"));
    let mut said = chat("Kim Ek", "Bob Old");
    said[2].1 = None;
    said.push(("Bob Old", Some("one more")));
    let new = now("Kim Ek", &["Bob Old", "Kim Ek"], "Bob Old", &said);
    for exports in [[&old, &new], [&new, &old]] {
        let told = after(&exports);
        assert!(told.starts_with("# Bob Old ["), "{told}");
        assert_eq!(told.lines().count(), 8, "{told}");
        assert_eq!(told.matches("me: ").count(), 2, "{told}");
        assert_eq!(told.matches("(gone)").count(), 1, "{told}");
        assert_eq!(told.matches(" +").count(), 2, "{told}");
        assert!(!told.contains("+2"), "{told}");
    }
    // One of a group.
    let group = |bob: &str, more: usize| -> Vec<Said<'_>> {
        let mut said = chat("Kim", "Ann");
        said[3].0 = if bob == "Bob" { "Bob" } else { "Bob Ek" };
        said.extend([("Ann", Some("later"))].into_iter().cycle().take(more));
        said
    };
    let old = of_old("Kim", &["Ann", "Bob", "Kim"], "Trip", &group("Bob", 0));
    let new = now("Kim", &["Ann", "Bob Ek", "Kim"], "Trip", &group("Bob Ek", 1));
    for exports in [[&old, &new], [&new, &old]] {
        let told = after(&exports);
        assert_eq!(told.lines().count(), 8, "{told}");
        assert_eq!(told.matches("Bob").count(), 2, "in the head and in his line: {told}");
    }
}

/// Whose account is gone since is somebody without a name in the later download; the earlier one
/// knows who said what.
#[test]
fn who_is_gone_from_a_group_keeps_the_name_where_the_folders_have_other_numbers() {
    let said = |bob, ann| {
        let mut all = chat("Kim", bob);
        all.push((ann, Some("may I come too?")));
        all
    };
    let old = of_old("Kim", &["Kim", "Bob Old", "Ann"], "Crew", &said("Bob Old", "Ann"));
    let gone = "Facebook User";
    let mut later = said(gone, gone);
    later.push((gone, Some("whoever that was")));
    let new = now("Kim", &["Kim", gone], "Crew", &later);
    for exports in [[&old, &new], [&new, &old]] {
        let told = after(&exports);
        assert!(told.contains("Ann: may I come too?\nFacebook User: whoever that was"), "{told}");
        assert!(told.contains("] 8\nBob Old: are you there?\nme: on my way +1\n"), "{told}");
        assert_eq!(told.matches("\nFacebook User: ").count(), 1, "{told}");
    }
}

/// A person reacts in one way at a time: what the later download tells is how it is now.
#[test]
fn a_reaction_that_was_replaced_is_the_later_one() {
    let said = chat("Kim", "Bob Old");
    let mut later = said.clone();
    later.push(("Bob Old", Some("one more")));
    let people = ["Bob Old", "Kim"];
    let laughs = json(&people, "Bob Old", &later).replace('\u{2764}', "\u{1f606}");
    let new = export("Kim", FILE, &laughs);
    for old in [now("Kim", &people, "Bob Old", &said), of_old("Kim", &people, "Bob Old", &said)] {
        for exports in [[&old, &new], [&new, &old]] {
            let store = Store::in_memory().expect("a store");
            exports.iter().for_each(|tree| {
                import(&store, tree);
            });
            let reader = store.reader().expect("a reader");
            let threads = reader.threads(&ThreadQuery::default(), 0, 10).expect("threads");
            assert_eq!((threads.len(), threads[0].messages), (1, 7));
            let told = reader.older(threads[0].id, PageEnd::Edge, 10).expect("messages");
            let all: Vec<&str> =
                told.iter().flat_map(|m| &m.reactions).map(|r| r.emoji.as_str()).collect();
            assert_eq!(all, ["\u{1f606}"; 2]);
        }
    }
}

/// Nothing was said in a thread since it was archived and I was removed from it: the download that
/// has newer messages in other threads knows, whatever numbers the folders bear.
#[test]
fn the_newer_download_says_how_a_thread_stands_where_the_folders_have_other_numbers() {
    let said = chat("Kim", "Bob Old");
    let people = ["Bob Old", "Kim", "Ann"];
    let crew = json(&people, "Crew", &said);
    let out = crew.replace("\"is_still_participant\":true", "\"is_still_participant\":false");
    assert_ne!(crew, out);
    let mut later = said.clone();
    later.push(("Bob Old", Some("one more")));
    let others = |said: &[Said<'_>]| json(&["Bob Old", "Kim"], "Bob Old", said);
    let profile = br#"{"profile_v2": {"name": {"full_name": "Kim"}}}"#.to_vec();
    let tree = |crew: (&str, &str), bob: (&str, &str)| {
        let mut files = vec![(PROFILE.to_owned(), profile.clone())];
        for (folder, thread) in [crew, bob] {
            files.push((format!("{folder}/message_1.json"), thread.as_bytes().to_vec()));
        }
        FileTree::memory(files)
    };
    let (then, since) = (others(&said), others(&later));
    for (before, now) in [(&crew, &out), (&out, &crew)] {
        let old = tree(
            ("messages/inbox/Crew_aBcDeFgHiJ", before),
            ("messages/inbox/Bob_aBcDeFgHiK", &then),
        );
        let root = "your_facebook_activity/messages/inbox";
        let new = tree(
            (&format!("{root}/crew_7000000000000001"), now),
            (&format!("{root}/bob_7000000000000000"), &since),
        );
        let member = |order: [&FileTree; 2]| {
            let store = Store::in_memory().expect("a store");
            order.iter().for_each(|tree| {
                import(&store, tree);
            });
            let reader = store.reader().expect("a reader");
            let threads = reader.threads(&ThreadQuery::default(), 0, 10).expect("threads");
            assert_eq!(threads.len(), 2);
            threads.into_iter().find(|t| t.title == "Crew").expect("the group").facts.membership
        };
        assert_eq!(member([&old, &new]), member([&new, &old]));
    }
}

/// Of three downloads the one that reaches furthest knows how somebody reacts now.
#[test]
fn of_three_reactions_the_last_one_stands_in_any_order() {
    let people = ["Bob Old", "Kim"];
    let told = |folder: &str, more: usize, emoji: &str| {
        let mut said = chat("Kim", "Bob Old");
        said.extend((0..more).map(|_| ("Kim", Some("on and on"))));
        let thread = json(&people, "Bob Old", &said).replace('\u{2764}', emoji);
        export(
            "Kim",
            &format!("your_facebook_activity/messages/inbox/{folder}/message_1.json"),
            &thread,
        )
    };
    let (a, b, c) = (
        told("bob_7000000000000000", 0, "\u{2764}"),
        told("bob_8000000000000000", 2, "\u{1f62e}"),
        told("bob_9000000000000000", 1, "\u{1f44d}"),
    );
    for exports in
        [[&a, &b, &c], [&a, &c, &b], [&b, &a, &c], [&b, &c, &a], [&c, &a, &b], [&c, &b, &a]]
    {
        let store = Store::in_memory().expect("a store");
        exports.iter().for_each(|tree| {
            import(&store, tree);
        });
        let reader = store.reader().expect("a reader");
        let threads = reader.threads(&ThreadQuery::default(), 0, 10).expect("threads");
        assert_eq!((threads.len(), threads[0].messages), (1, 8));
        let page = reader.older(threads[0].id, PageEnd::Edge, 10).expect("messages");
        let all: Vec<&str> =
            page[..6].iter().flat_map(|m| &m.reactions).map(|r| r.emoji.as_str()).collect();
        assert_eq!(all, ["\u{1f62e}"; 2]);
    }
}

/// The report of an import says what is new in the inbox, not in the file.
#[test]
fn what_another_download_tells_again_counts_as_known() {
    let old = of_old("Kim", &["Bob Old", "Kim"], "Bob Old", &chat("Kim", "Bob Old"));
    let mut said = chat("Kim", "Bob Old");
    said.push(("Bob Old", Some("one more")));
    let new = now("Kim", &["Bob Old", "Kim"], "Bob Old", &said);
    let store = Store::in_memory().expect("a store");
    assert_eq!(import(&store, &old), (1, 6));
    assert_eq!(import(&store, &new), (0, 1));
    let store = Store::in_memory().expect("a store");
    assert_eq!(import(&store, &new), (1, 7));
    assert_eq!(import(&store, &old), (0, 0));
}

/// A thread in which somebody waved, and nothing else was ever said.
#[test]
fn a_thread_without_words_is_one_where_the_folders_have_other_numbers() {
    let wave = |more: &[Said<'_>]| {
        let mut said: Vec<Said<'_>> = vec![("Bob Old", Some(""))];
        said.extend(more);
        let thread = json(&["Bob Old", "Kim"], "Bob Old", &said);
        let mut thread: serde_json::Value = serde_json::from_str(&thread).expect("JSON");
        let first = thread["messages"].as_array().map_or(0, Vec::len) - 1;
        thread["messages"][first]["sticker"] =
            serde_json::json!({"uri": "messages/stickers_used/39178562_1505197616293642_n_3.png"});
        thread.to_string()
    };
    let old = export("Kim", "messages/inbox/Bob_aBcDeFgHiJ/message_1.json", &wave(&[]));
    for more in [vec![], vec![("Kim", Some("hello to you, too"))]] {
        let new = export("Kim", FILE, &wave(&more));
        for exports in [[&old, &new], [&new, &old]] {
            let told = after(&exports);
            assert_eq!(told.lines().count(), 2 + more.len(), "{told}");
        }
    }
}

/// One download brings the pictures, the other words alone.
#[test]
fn a_picture_is_there_if_any_telling_has_it() {
    let with_photo = |folder: &str| {
        let mut thread: serde_json::Value =
            serde_json::from_str(&json(&["Bob Old", "Kim"], "Bob Old", &chat("Kim", "Bob Old")))
                .expect("JSON");
        let uri = format!("{folder}/photos/1.jpg");
        thread["messages"][0]["photos"] = serde_json::json!([{"uri": uri}]);
        (format!("{folder}/message_1.json"), uri, thread.to_string())
    };
    let (file, uri, thread) = with_photo("messages/inbox/Bob_aBcDeFgHiJ");
    let old = FileTree::memory([
        (PROFILE.to_owned(), br#"{"profile_v2": {"name": {"full_name": "Kim"}}}"#.to_vec()),
        (file, thread.into_bytes()),
        (uri, b"picture".to_vec()),
    ]);
    let (file, _, thread) = with_photo("your_facebook_activity/messages/inbox/bob_70000");
    let new = export("Kim", &file, &thread);
    for exports in [[&old, &new], [&new, &old]] {
        let store = Store::in_memory().expect("a store");
        for tree in exports {
            import(&store, tree);
        }
        let reader = store.reader().expect("a reader");
        let threads = reader.threads(&ThreadQuery::default(), 0, 10).expect("threads");
        assert_eq!((threads.len(), threads[0].messages), (1, 6));
        let last = reader.older(threads[0].id, PageEnd::Edge, 1).expect("messages").remove(0);
        assert!(last.attachments[0].container_path.is_some(), "{last:?}");
    }
}

/// The folders were numbered anew, and the friend's account is gone.
#[test]
fn a_friend_whose_account_is_gone_keeps_the_name_in_a_folder_of_another_number() {
    let old = of_old("Kim", &["Bob Old", "Kim"], "Bob Old", &chat("Kim", "Bob Old"));
    let mut said = chat("Kim", "Facebook user");
    said.push(("Kim", Some("are you still there?")));
    let new = now("Kim", &["Facebook user", "Kim"], "Facebook user", &said);
    for exports in [[&old, &new], [&new, &old]] {
        let told = after(&exports);
        assert!(told.starts_with("# Bob Old ["), "{told}");
        assert_eq!(told.matches("Bob Old: ").count(), 4, "{told}");
        assert_eq!(told.lines().count(), 8, "{told}");
    }
}

/// The first import of all is mostly one of several downloads.
#[test]
fn a_friend_who_was_renamed_is_one_in_the_first_import_of_two_downloads() {
    let old = of_old("Kim", &["Bob Old", "Kim"], "Bob Old", &chat("Kim", "Bob Old"));
    let mut said = chat("Kim", "Bob New");
    said.push(("Bob New", Some("one more")));
    let new = now("Kim", &["Bob New", "Kim"], "Bob New", &said);
    for exports in [[&old, &new], [&new, &old]] {
        let store = Store::in_memory().expect("a store");
        let mut writer = store.writer().expect("a writer");
        let mut import = writer.import("test", NOW).expect("an import");
        for tree in exports {
            (source("messenger").read)(tree, &utc(), &mut Taking(&mut import)).expect("readable");
        }
        import.finish("{}").expect("an end");
        drop(writer);
        assert_eq!(seen(&store).lines().count(), 8, "{}", seen(&store));
    }
}

/// What goes on encrypted is joined with the newer name before the older one is heard of.
#[test]
fn a_friend_who_was_renamed_is_one_where_the_chat_goes_on_encrypted() {
    let old = of_old("Kim", &["Bob Old", "Kim"], "Bob Old", &chat("Kim", "Bob Old"));
    let mut said = chat("Kim", "Bob New");
    said.push(("Bob New", Some("one more")));
    let new = now("Kim", &["Bob New", "Kim"], "Bob New", &said);
    let at = |n: i64| START + n * STEP;
    let encrypted = serde_json::json!({"participants": ["Bob New", "Kim"], "threadName": "Bob New_1",
        "messages": [
            {"isUnsent": false, "media": [], "reactions": [], "senderName": "Kim", "type": "text",
             "text": "now in secret", "timestamp": at(8)},
            {"isUnsent": false, "media": [], "reactions": [], "senderName": "Bob New",
             "type": "text", "text": "so it is", "timestamp": at(9)}]});
    let encrypted =
        export("Kim", "your_facebook_activity/messages/Bob New_1.json", &encrypted.to_string());
    for exports in [[&old, &new, &encrypted], [&new, &encrypted, &old], [&encrypted, &old, &new]] {
        let told = after(&exports);
        assert_eq!(told.matches("# ").count(), 1, "{told}");
        assert_eq!(told.lines().count(), 10, "{told}");
    }
}

#[test]
fn what_was_edited_since_is_one_message_in_the_newer_words() {
    let old = now("Kim", &["Bob Old", "Kim"], "Bob Old", &chat("Kim", "Bob Old"));
    let mut said = chat("Kim", "Bob Old");
    said[2].1 = Some("good, the door is locked");
    said[4].1 = Some("never mind");
    said.push(("Kim", Some("one more, later")));
    let new = now("Kim", &["Bob Old", "Kim"], "Bob Old", &said);
    let alone = after(&[&new]);
    assert!(alone.starts_with("# Bob Old [Bob Old, Kim (me)] 7\n"), "{alone}");
    assert_eq!(after(&[&old, &new]), alone);
    assert_eq!(after(&[&new, &old]), alone);
    assert_eq!(after(&[&old, &new, &old]), alone);
}

#[test]
fn what_a_page_knows_and_was_taken_back_since_is_gone() {
    let old = FileTree::memory([
        (PROFILE.to_owned(), br#"{"profile_v2": {"name": {"full_name": "Kim"}}}"#.to_vec()),
        (FILE.replace(".json", ".html"), page("Bob Old").into_bytes()),
    ]);
    let mut said = chat("Kim", "Bob Old");
    said[2].1 = None;
    said.push(("Kim", Some("one more, later")));
    let new = now("Kim", &["Bob Old", "Kim"], "Bob Old", &said);
    let alone = after(&[&new]);
    let lines = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    for both in [after(&[&old, &new]), after(&[&new, &old])] {
        assert!(both.contains("] 7\n"), "{both}");
        assert_eq!(lines(&both), lines(&alone));
    }
}
