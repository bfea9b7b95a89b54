//! WhatsApp's chat exports, read as an import reads them.

mod readers;

use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use onebox::model::{
    AttachmentKind, Call, Deletion, MediaPlace, Membership, MessageKind, PostingLimit, ThreadKind,
};
use onebox::sources::{Confidence, DateOrder, FileTree, ReadError, ReadOptions, Source, Zone};
use proptest::prelude::*;
use readers::{Told, source, utc};

fn whatsapp() -> &'static Source {
    source("whatsapp")
}

/// How many messages are of a kind.
fn by(told: &Told, kind: &MessageKind) -> usize {
    told.messages.iter().filter(|m| m.kind == *kind).count()
}

fn read_tree(tree: &FileTree, options: &ReadOptions) -> Told {
    let mut told = Told::default();
    (whatsapp().read)(tree, options, &mut told).expect("readable");
    told
}

fn tree(path: &str, text: impl AsRef<[u8]>) -> FileTree {
    FileTree::memory([(path.to_owned(), text.as_ref().to_vec())])
}

fn read(path: &str, text: impl AsRef<[u8]>) -> Told {
    read_tree(&tree(path, text), &utc())
}

fn sample(case: &str) -> FileTree {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/whatsapp").join(case);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&root).expect("a sample folder") {
        let path = entry.expect("a file").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        files.push((name, std::fs::read(&path).expect("readable")));
    }
    FileTree::memory(files)
}

#[test]
fn an_ios_group_with_everything() {
    let tree = sample("ios-group").with_name("WhatsApp Chat - Lake house.zip");
    let told = read_tree(&tree, &utc());
    let thread = &told.threads[0];
    assert_eq!(thread.title.as_deref(), Some("Lake house"));
    assert_eq!(&*thread.key, "lake house");
    assert_eq!(thread.kind, Some(ThreadKind::Group));
    assert_eq!(thread.membership, Membership::Gone, "the last notice says that I was removed");
    assert_eq!(told.me(), ["Noor"], "who took a message back");
    let names: Vec<_> = told.people.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["Noor", "~\u{202f}Tomás", "+44\u{a0}7700\u{a0}900\u{2011}123"]);
    assert!(told.oddities.is_empty(), "{:?}", told.oddities);
}

#[test]
fn an_ios_group_tells_each_kind_of_message() {
    let told = read_tree(&sample("ios-group"), &utc());
    assert_eq!(told.threads[0].title.as_deref(), Some("Lake house"), "from the notice alone");
    let photo = &told.messages.iter().find(|m| !m.attachments.is_empty()).expect("a photo");
    assert_eq!(photo.attachments[0].kind, AttachmentKind::Photo);
    assert!(
        matches!(photo.attachments[0].place, MediaPlace::Export { container: Some(_), .. }),
        "the file lies beside the chat"
    );
    let lines: Vec<_> = told.messages.iter().filter(|m| m.text.contains('\n')).collect();
    assert_eq!(lines[0].text, "first\n\n20.15.21.15 h\n2016-04-29 10:30:00\nlast");
    assert_eq!(by(&told, &MessageKind::Poll), 1);
    assert_eq!(
        by(
            &told,
            &MessageKind::Call(Call { video: Some(true), seconds: Some(300), missed: false })
        ),
        1
    );
    assert_eq!(told.messages.iter().filter(|m| m.deletion == Deletion::Unsent).count(), 2);
    assert_eq!(told.messages.iter().filter(|m| m.edited.is_some()).count(), 1);
    assert_eq!(by(&told, &MessageKind::System), 4, "created, encrypted, added, removed");
    let system = told.messages.iter().filter(|m| m.kind == MessageKind::System);
    assert!(system.into_iter().all(|m| m.sender.is_none()));
    assert_eq!(told.messages[0].sent.at.to_rfc3339(), "2024-02-03T18:00:01Z");
}

#[test]
fn an_android_chat_in_german() {
    let told = read_tree(&sample("android-german"), &utc());
    let thread = &told.threads[0];
    assert_eq!(
        (thread.title.as_deref(), thread.kind),
        (Some("Jonas Weber"), Some(ThreadKind::Direct))
    );
    assert_eq!(told.me(), ["Maya"], "the one that the file is not called after");
    assert!(told.remarks.is_empty(), "{:?}", told.remarks);
    let same: Vec<_> = told.messages.iter().filter(|m| m.text == "Ja").collect();
    assert_eq!(same.len(), 2, "two equal messages in one minute stay two");
    assert_eq!(same[0].sent, same[1].sent);
    assert!(same[0].order < same[1].order);
    let voice = told.messages.iter().find(|m| !m.attachments.is_empty()).expect("a voice note");
    assert_eq!(voice.attachments[0].kind, AttachmentKind::Voice);
    assert_eq!(
        voice.attachments[0].place,
        MediaPlace::Export { path: "PTT-20240313-WA0002.opus".into(), container: None }
    );
    assert_eq!(by(&told, &MessageKind::System), 1);
    assert!(told.messages.iter().any(|m| m.text == "Frage: kommst du? Antwort: ja"));
}

/// What a folder or a zip is called is no chat's name: two chats in `export` stay two, and a newer
/// export of either is the same one.
#[test]
fn chats_whose_files_have_no_name_stay_apart() {
    let chat = |who: &str, lines: usize| -> String {
        let mut text =
            "[13.01.24, 10:00:10] \u{200e}Messages and calls are end-to-end encrypted.\r\n"
                .to_owned();
        for n in 0..lines {
            let name = if n % 2 == 0 { who } else { "Max" };
            text += &format!("[13.01.24, 10:0{n}:12] {name}: {name} to {who}, line {n}\r\n");
        }
        text
    };
    for me in [None, Some("Max".to_owned())] {
        let options = ReadOptions { me, ..utc() };
        let keys = |files: &[(&str, &str, usize)]| -> Vec<String> {
            let files =
                files.iter().map(|(path, who, n)| ((*path).to_owned(), chat(who, *n).into_bytes()));
            let told = read_tree(&FileTree::memory(files).with_name("export"), &options);
            told.threads.iter().map(|t| t.key.to_string()).collect()
        };
        let both = keys(&[("_chat.txt", "Ana", 4), ("_chat 2.txt", "Bea", 4)]);
        assert!(both.len() == 2 && both[0] != both[1], "{both:?}");
        let (ana, bea) = (keys(&[("_chat.txt", "Ana", 6)]), keys(&[("_chat.txt", "Bea", 6)]));
        assert!(ana != bea, "{ana:?}");
        if options.me.is_some() {
            assert_eq!((ana, bea), (vec!["ana".to_owned()], vec!["bea".to_owned()]));
        } else {
            assert!(both.contains(&ana[0]) && both.contains(&bea[0]), "{both:?} {ana:?} {bea:?}");
        }
    }
}

#[test]
fn the_same_chat_from_two_phones_has_one_key() {
    let android = read("WhatsApp Chat with Maya Okafor.txt", "1/13/24, 10:00 - Maya Okafor: hi\n");
    let zip = tree("_chat.txt", "[13.01.24, 10:00:12] Maya Okafor: hi\r\n")
        .with_name("WhatsApp Chat - Maya Okafor.zip");
    let ios = read_tree(&zip, &utc());
    assert_eq!(android.threads[0].key, ios.threads[0].key);
    assert_eq!(android.messages[0].sent.clock, ios.messages[0].sent.clock);
    assert_eq!(android.messages[0].sender, ios.messages[0].sender);
}

#[test]
fn a_file_named_by_a_mac_is_the_same_chat() {
    let text = "13.01.24, 10:00 - J\u{f6}: hi\n14.01.24, 10:00 - Max: hi\n";
    let told = read("WhatsApp Chat with Jo\u{308}.txt", text);
    let thread = &told.threads[0];
    let name = Some("J\u{f6}");
    assert_eq!((thread.title.as_deref(), thread.kind), (name, Some(ThreadKind::Direct)));
    assert_eq!((told.me(), told.people.len()), (vec!["Max"], 2));
    assert_eq!(thread.key, read("WhatsApp Chat with J\u{f6}.txt", text).threads[0].key);
}

#[test]
fn who_writes_to_themselves_is_alone() {
    let text = "13.01.24, 10:00 - Max: milk\n14.01.24, 10:00 - Max: bread\n";
    for name in ["Max (You)", "+49 170 1234567 (Du)"] {
        let told = read(&format!("WhatsApp Chat with {name}.txt"), text);
        assert_eq!(told.threads[0].title.as_deref(), Some(name));
        assert_eq!(told.threads[0].kind, Some(ThreadKind::Direct));
        assert_eq!((told.me(), told.people.len()), (vec!["Max"], 1), "{name}");
    }
    let told = read("WhatsApp Chat with Zoe.txt", text);
    assert_eq!(told.people.len(), 2, "somebody who never answered");
}

#[test]
fn a_later_export_tells_the_same_messages() {
    let line = |n: u32| {
        format!(
            "[13.01.24, 10:00:12] Ann: \u{200e}<attached: {n:08}-PHOTO-2024-01-13-10-00-12.jpg>\r\n"
        )
    };
    let (early, late) = (read("_chat.txt", line(4)), read("_chat.txt", line(31)));
    let name = |t: &Told| t.messages[0].attachments[0].name.clone();
    assert_eq!(name(&early).as_deref(), Some("PHOTO-2024-01-13-10-00-12.jpg"));
    assert_eq!(name(&early), name(&late));
    assert_ne!(early.messages[0].attachments[0].place, late.messages[0].attachments[0].place);
}

#[test]
fn names_with_colons_and_titles_with_colons() {
    let more: String = (10..22).map(|n| format!("13/1/24, 10:{n} - Mum: home: more\n")).collect();
    let told = read(
        "WhatsApp Chat with Rome.txt",
        "13/1/24, 10:00 - Ann created group “Rome”\n\
         13/1/24, 10:01 - Ann changed the subject from “Rome: food” to “Rome: all”\n\
         13/1/24, 10:02 - Mum: home: one\n13/1/24, 10:03 - Mum: home: two: three\n\
         13/1/24, 10:04 - Mum: home: four\n13/1/24, 10:05 - Ann: home: five\n13/1/24, 10:06 - Ann:.\n"
            .to_owned()
            + &more,
    );
    let names: Vec<_> = told.people.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["Mum: home", "Ann"]);
    let texts: Vec<_> = told.messages.iter().skip(2).take(5).map(|m| m.text.as_str()).collect();
    assert_eq!(texts, ["one", "two: three", "four", "home: five", "."]);
    assert_eq!(by(&told, &MessageKind::System), 2);
}

#[test]
fn who_may_write_and_who_is_gone() {
    let limit = "13/1/24, 10:01 - Ann changed this group's settings to allow only admins to send messages to this group\n";
    let head = "13/1/24, 10:00 - Ann created group “Rome”\n13/1/24, 10:00 - Bob: hi\n";
    let path = "WhatsApp Chat with Rome.txt";
    assert_eq!(read(path, format!("{head}{limit}")).threads[0].posting, PostingLimit::AdminsOnly);
    let admin = "13/1/24, 10:02 - You're now an admin\n";
    let told = read(path, format!("{head}{limit}{admin}"));
    assert_eq!(told.threads[0].posting, PostingLimit::Everyone);
    let told = read(path, format!("{head}13/1/24, 10:02 - You left\n13/1/24, 10:03 - Bob left\n"));
    assert_eq!(told.threads[0].membership, Membership::Gone);
    assert!(told.people.iter().any(|p| p.name == "Bob" && p.left));
    let told =
        read(path, format!("{head}13/1/24, 10:02 - You left\n14/1/24, 10:03 - Ann added you\n"));
    assert_eq!(told.threads[0].membership, Membership::Member);
}

#[test]
fn what_is_guessed_is_said() {
    let open = "1/2/24, 10:00 - Ann: hi\n1/2/24, 10:00 - Bob: hi\n1/2/24, 10:01 - Cy: hi\n";
    let told = read("WhatsApp Chat with Rome.txt", open);
    assert_eq!(told.remarks.len(), 2, "{:?}", told.remarks);
    assert!(told.remarks.iter().any(|r| r.contains("--me")));
    assert!(told.remarks.iter().any(|r| r.contains("--date-order")));
    assert_eq!(told.messages[0].sent.at.to_rfc3339(), "2024-02-01T10:00:00Z");
    let said = ReadOptions { date_order: Some(DateOrder::Mdy), me: Some("bob".into()), ..utc() };
    let told = read_tree(&tree("WhatsApp Chat with Rome.txt", open), &said);
    assert!(told.remarks.is_empty(), "{:?}", told.remarks);
    assert_eq!(told.messages[0].sent.at.to_rfc3339(), "2024-01-02T10:00:00Z");
    assert_eq!((told.me(), told.accounts[0].name.as_str()), (vec!["Bob"], "Bob"));
}

#[test]
fn what_one_chat_leaves_open_another_settles() {
    let tree = FileTree::memory([
        (
            "WhatsApp Chat with Ann.txt".into(),
            b"1/2/24, 10:00 - Ann: hi\n1/2/24, 10:00 - Me: hi\n".to_vec(),
        ),
        (
            "WhatsApp Chat with Bob.txt".into(),
            b"1/13/24, 10:00 - Bob: hi\n1/13/24, 10:00 - Me: yo\n".to_vec(),
        ),
    ]);
    let told = read_tree(&tree, &utc());
    assert_eq!(told.remarks, [] as [String; 0]);
    assert_eq!(told.messages[0].sent.at.to_rfc3339(), "2024-01-02T10:00:00Z");
}

#[test]
fn times_keep_the_files_order_and_the_zone_that_was_said() {
    let text = "2/1/24, 10:00 - Ann: late\n1/1/24, 09:00 - Ann: early\n13/1/24, 09:00 - Ann: x\n";
    let berlin = ReadOptions { zone: Zone::Named(Tz::Europe__Berlin), ..ReadOptions::default() };
    let told = read_tree(&tree("WhatsApp Chat with Ann.txt", text), &berlin);
    assert_eq!(told.messages[0].sent.at.to_rfc3339(), "2024-01-02T09:00:00Z");
    assert!(told.messages.windows(2).all(|w| w[0].order < w[1].order));
    let there = read("WhatsApp Chat with Ann.txt", text);
    assert_eq!(there.messages[0].sent.clock, told.messages[0].sent.clock);
}

#[test]
fn webs_own_export() {
    let told = read(
        "WhatsApp Chat - Ann.txt",
        "Messages and calls are end-to-end encrypted.\n\
         [1/2/24, 2:00:01 PM] You: hi\n[1/2/24, 2:00:02 PM] Ann: [Forwarded] <image omitted> look\n\
         [1/2/24, 2:00:03 PM] - Ann changed their phone number to a new number\n[1/13/24, 2:00:04 PM] You: Poll: Where?\n    - Here\n    - There\n",
    );
    assert_eq!(told.me(), ["You"]);
    assert_eq!(by(&told, &MessageKind::System), 1);
    assert_eq!(by(&told, &MessageKind::Poll), 1);
    assert!(told.messages[1].forwarded);
    assert_eq!((told.messages[1].text.as_str(), told.messages[1].attachments.len()), ("look", 1));
}

#[test]
fn many_chats_in_one_tree() {
    let tree = FileTree::memory([
        (
            "Ann/_chat.txt".into(),
            b"[13.1.24, 10:00:00] Ann: hi\r\n[13.1.24, 10:00:01] Me: hi\r\n".to_vec(),
        ),
        (
            "WhatsApp Chat with Bob.txt".into(),
            b"1/13/24, 10:00 - Bob: hi\n1/13/24, 10:00 - Me: yo\n".to_vec(),
        ),
        ("notes.txt".into(), b"Buy milk\n2016-04-29 10:30:00\n".to_vec()),
        ("photo.jpg".into(), vec![0xff, 0xd8]),
    ]);
    let found = (whatsapp().recognise)(&tree);
    assert_eq!((found.len(), found[0].confidence), (1, Confidence::Sure));
    let told = read_tree(&tree, &utc());
    let titles: Vec<_> = told.threads.iter().map(|t| t.title.as_deref()).collect();
    assert_eq!(titles, [Some("Ann"), Some("Bob")]);
    assert_eq!((told.accounts.len(), told.me()), (1, vec!["Me"]));
    assert_eq!(told.people.iter().filter(|p| p.is_me).count(), 2, "in each of them");
}

#[test]
fn other_formats_are_left_alone() {
    for (path, text) in [
        (
            "signal.txt",
            "[2019-12-24, 12:23] Jane Doe: Hello!\n[2020-01-17, 21:49] John Doe: Hello\nJane!\n",
        ),
        ("messages.txt", "{\"participants\": [{\"name\": \"x\"}], \"messages\": []}"),
        ("page.txt", "<html><body>18/03/22, 10:00 - x: y</body></html>"),
        ("log.txt", "2024-01-01 10:00:00 INFO started\n2024-01-01 10:00:01 INFO ready\n"),
        ("WhatsApp Chat with Ann.txt", "nothing of the kind\n"),
        ("empty.txt", ""),
    ] {
        assert_eq!((whatsapp().recognise)(&tree(path, text)), [], "{path}");
        assert!(read(path, text).threads.is_empty(), "{path}");
    }
}

#[test]
fn lines_of_an_old_mac_are_lines() {
    let told = read(
        "WhatsApp Chat with Ann.txt",
        "13/1/24, 10:00 - Ann: hi\rall\r14/1/24, 10:01 - Me: yo\r",
    );
    let texts: Vec<_> = told.messages.iter().map(|m| m.text.as_str()).collect();
    assert_eq!(texts, ["hi\nall", "yo"]);
}

#[test]
fn damage_is_counted_and_the_rest_is_read() {
    let mut text = b"13/1/24, 10:00 - Ann: caf\xe9\n13/1/24, 10:01 - Ann: ".to_vec();
    text.extend(std::iter::repeat_n(b'x', 3 << 20));
    text.extend(b"\n31/02/24, 10:02 - Ann: when\n13/1/24, 10:03 - Bob: after\n");
    let told = read("WhatsApp Chat with Ann.txt", &text);
    let texts: Vec<_> = told.messages.iter().map(|m| m.text.len()).collect();
    assert_eq!(told.messages.last().map(|m| m.text.as_str()), Some("after"), "{texts:?}");
    assert!(texts.iter().all(|n| *n <= 1 << 20));
    let why: Vec<_> = told.oddities.iter().map(|o| (o.at.as_str(), o.why.as_str())).collect();
    assert_eq!(told.oddities.len(), 3, "{why:?}");
    assert_eq!(told.bytes, text.len() as u64);
    let wide: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("13/1/24, 10:00 - Zoë: hi 🐟\r\n".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let told = read("WhatsApp Chat with Zoë.txt", wide);
    assert_eq!(told.messages[0].text, "hi 🐟");
}

#[test]
fn what_people_say_is_not_taken_for_the_apps() {
    let lines = "Hi, is this business open tomorrow?
Peter is a contact of mine
This business is fine by me
<sarcasm mode on>
\u{2068}one who writes from right to left\u{2069} begins so
\u{200f}or begins with a mark of that direction
Ingredients:
For the cake
EGGS: large (3)
and some flour
MILK: fresh (1 l)";
    let starts = ["Hi", "Peter", "This", "<sar", "\u{2068}", "\u{200f}", "Ingr"];
    let text: String = lines
        .split('\n')
        .map(|line| match starts.iter().any(|s| line.starts_with(s)) {
            true => format!("[01.05.24, 10:00:00] Ana: {line}\n"),
            false => format!("{line}\n"),
        })
        .collect();
    let told = read("WhatsApp Chat - Ana.txt", text);
    assert_eq!(told.messages.len(), starts.len());
    let mark = |c| matches!(c, '\u{200f}' | '\u{2068}');
    let said = told.messages.iter().map(|m| m.text.trim_start_matches(mark));
    let said = said.collect::<Vec<_>>().join("\n");
    assert_eq!(said, lines.replace(mark, ""));
    for m in &told.messages {
        assert_eq!((&m.kind, m.sender.as_deref()), (&MessageKind::Text, Some("Ana")), "{}", m.text);
        assert!(m.attachments.is_empty(), "{}", m.text);
    }
    // The app's own, of which a phone's language is not known, keep their words, too.
    let told = read("WhatsApp Chat - Ana.txt", "[01.05.24, 10:00:00] Ana: <Miðlum sleppt>\n");
    assert_eq!(told.messages[0].attachments[0].name.as_deref(), Some("Miðlum sleppt"));
}

#[test]
fn a_poll_has_a_question_of_several_lines_and_two_options() {
    let text = "[01.05.24, 10:00:00] Ana: \u{200e}POLL:\nShall we meet?\nat my place\n\u{200e}OPTION: yes (2 votes)\n\u{200e}OPTION: no: never (0 votes)\n";
    let told = read("WhatsApp Chat - Ana.txt", text);
    assert_eq!(told.messages[0].kind, MessageKind::Poll);
    let words = "Shall we meet?\nat my place\nyes (2 votes)\nno: never (0 votes)";
    assert_eq!(told.messages[0].text, words);
}

/// All that somebody says may begin with one word; a chat's name knows better.
#[test]
fn a_word_before_a_second_colon_is_no_name() {
    let lines = |bodies: &[&str]| -> String {
        bodies.iter().map(|b| format!("01.05.24, 10:00 - Bank: {b}\n")).collect()
    };
    let codes = ["Code: 120", "Code: 121", "Code: 122", "Code: 123"];
    for name in ["WhatsApp Chat with Bank.txt", "old.txt"] {
        let told = read(name, lines(&codes));
        let who: Vec<_> = told.messages.iter().map(|m| m.sender.as_deref().unwrap()).collect();
        assert_eq!(who, ["Bank"; 4], "{name}");
        assert_eq!(told.messages[0].text, "Code: 120");
    }
    let told = read("WhatsApp Chat with Bank_ Code.txt", lines(&codes));
    assert_eq!(told.messages[0].sender.as_deref(), Some("Bank: Code"));
}

#[test]
fn in_the_hour_that_comes_twice_the_file_knows_the_order() {
    let times = ["02:10", "02:50", "02:05", "02:40", "03:00"];
    let text: String = times.iter().map(|t| format!("29.10.23, {t} - Ana: at {t}\n")).collect();
    let zone = Zone::Named(chrono_tz::Europe::Berlin);
    let options = ReadOptions { zone, ..ReadOptions::default() };
    let told = read_tree(&tree("WhatsApp Chat with Ana.txt", text), &options);
    let at: Vec<i64> = told.messages.iter().map(|m| m.sent.at.0).collect();
    assert!(at.is_sorted(), "{at:?}");
    assert_eq!(at[2] - at[1], 15 * 60_000);
}

/// Phones of Iran count other years.
#[test]
fn persian_dates_are_read() {
    let text = "[۱۴۰۱/۱۲/۲۷،\u{a0}۱۴:۵۶:۰۱] علی: سلام\n[۱۴۰۲/۱/۱،\u{a0}۰۹:۰۰:۰۰] علی: نوروز\n[1399/12/30, 09:00:00] علی: leap\n";
    let told = read("WhatsApp Chat - علی.txt", text);
    let days: Vec<String> = told.messages.iter().map(|m| m.sent.at.to_rfc3339()).collect();
    assert!(days[0].starts_with("2023-03-18T14:56:01"), "{days:?}");
    assert!(days[1].starts_with("2023-03-21T09:00:00"), "{days:?}");
    assert!(told.oddities.is_empty(), "{:?}", told.oddities);
}

#[test]
fn a_message_without_a_date_that_can_be_stands_beside_its_neighbour() {
    let told = read(
        "WhatsApp Chat with Ann.txt",
        "27/10/2999, 10:00 - Ann: far\n13/1/24, 10:01 - Ann: near\n13/1/07, 10:02 - Ann: early\n\
         14/1/24, 10:03 - Ann: next\n",
    );
    let times: Vec<_> = told.messages.iter().map(|m| m.sent.at.to_rfc3339()).collect();
    let (near, next) = ("2024-01-13T10:01:00Z", "2024-01-14T10:03:00Z");
    assert_eq!(times, [near, near, near, next]);
    let odd: Vec<_> = told.oddities.iter().map(|o| o.at.as_str()).collect();
    assert_eq!(odd, ["line 1", "line 3"]);
    // No order makes a date of it, so there is none to ask for.
    let told = read("WhatsApp Chat with Ann.txt", "27/10/2999, 10:00 - Ann: far\n");
    assert_eq!((told.oddities.len(), told.messages.len()), (1, 1));
    assert!(told.remarks.iter().all(|r| !r.contains("--date-order")), "{:?}", told.remarks);
    assert_eq!(told.messages[0].sent.at.to_rfc3339(), "2009-01-01T00:00:00Z", "never 1970");
}

#[test]
fn a_sink_that_stops_stops_the_reading() {
    let text = "13/1/24, 10:00 - Ann: hi\n".repeat(100);
    let mut told = Told { stop_after: Some(3), ..Told::default() };
    let outcome = (whatsapp().read)(&tree("_chat.txt", text), &utc(), &mut told);
    assert!(matches!(outcome, Err(ReadError::Stopped)));
    assert_eq!(told.messages.len(), 3);
}

/// (path below the corpus, messages, system lines among them, people, group, me, first instant,
/// last instant), counted by eye.
type Expected =
    (&'static str, usize, usize, usize, bool, &'static [&'static str], &'static str, &'static str);

const MINER: &str = "whatsapp/joweich__chat-miner/test/whatsapp/";
const LOCKET: &str = "whatsapp/noahejung__locket/";
const TOOLS: &str = "whatsapp/Marcello2020-dev__whatsapp-export-tools/Fixtures/";
const HISTORY: &str = "whatsapp/frozenspider__chat-history-manager/crates/loaders/resources/test/whatsapp-text_2023-10/";

const SAMPLES: &[(&str, Expected)] = &[
    (
        MINER,
        (
            "test_ddmmyy_24hrs.txt",
            9,
            2,
            5,
            true,
            &[],
            "2019-01-01T11:25:00Z",
            "2021-12-30T22:01:00Z",
        ),
    ),
    (
        MINER,
        (
            "test_mmddyy_24hrs.txt",
            9,
            2,
            5,
            true,
            &[],
            "2019-01-01T11:25:00Z",
            "2021-12-30T22:01:00Z",
        ),
    ),
    (
        MINER,
        (
            "test_[mmddyy]_24hrs.txt",
            9,
            2,
            5,
            true,
            &[],
            "2019-01-01T11:25:00Z",
            "2021-12-30T22:01:00Z",
        ),
    ),
    (
        MINER,
        (
            "test_yyyymmdd_24hrs.txt",
            9,
            2,
            5,
            true,
            &[],
            "2019-01-01T11:25:00Z",
            "2021-12-30T22:01:00Z",
        ),
    ),
    (
        MINER,
        (
            "test_mmddyyyy_12hrs.txt",
            9,
            2,
            5,
            true,
            &[],
            "2019-01-01T11:25:00Z",
            "2021-12-30T22:01:00Z",
        ),
    ),
    (
        LOCKET,
        (
            "tests/fixtures/whatsapp_android.txt",
            8,
            2,
            2,
            true,
            &[],
            "2025-01-15T10:32:00Z",
            "2025-01-15T11:02:00Z",
        ),
    ),
    (
        LOCKET,
        (
            "tests/fixtures/whatsapp_ios.txt",
            3,
            0,
            2,
            false,
            &[],
            "2025-01-15T22:41:03Z",
            "2025-01-15T22:42:10Z",
        ),
    ),
    (
        TOOLS,
        (
            "wet-group-chat/_chat.txt",
            7,
            0,
            3,
            true,
            &[],
            "2024-01-01T09:59:00Z",
            "2024-01-01T10:05:00Z",
        ),
    ),
    (
        TOOLS,
        (
            "wet-exporter-placeholder/_chat.txt",
            5,
            1,
            3,
            true,
            &["Du"],
            "2024-01-01T10:00:00Z",
            "2024-01-01T10:04:00Z",
        ),
    ),
    (
        TOOLS,
        (
            "wet-group-event-bracket/_chat.txt",
            2,
            1,
            1,
            true,
            &[],
            "2018-08-07T22:42:50Z",
            "2018-08-07T22:43:01Z",
        ),
    ),
    (
        TOOLS,
        (
            "wet-weak-partner/000000/Chat.txt",
            2,
            0,
            2,
            false,
            &[],
            "2024-01-01T10:00:00Z",
            "2024-01-01T10:01:00Z",
        ),
    ),
    (
        TOOLS,
        (
            "wet-two-party/000000/Chat.txt",
            2,
            0,
            2,
            false,
            &["Person A"],
            "2024-01-01T10:00:00Z",
            "2024-01-01T10:01:00Z",
        ),
    ),
    (
        HISTORY,
        (
            "WhatsApp Chat with +123 45 6789.txt",
            13,
            3,
            2,
            false,
            &["Aaaaa Aaaaaaaaaaa"],
            "2023-06-30T16:13:00Z",
            "2023-06-30T16:15:00Z",
        ),
    ),
    (LOCKET, ("demo_corpus/whatsapp/team.txt", 190, 3, 4, true, &[], "2025-01-04T18:02:00Z", "")),
    (LOCKET, ("demo_corpus/whatsapp/sarah.txt", 145, 0, 2, false, &[], "2025-01-10T08:15:00Z", "")),
];

#[test]
fn the_public_samples_read_as_counted_by_eye() {
    let Some(root) = std::env::var_os("ONEBOX_CORPUS").map(PathBuf::from) else {
        println!("ONEBOX_CORPUS is not set: the public samples are not read");
        return;
    };
    for (folder, (path, messages, system, people, group, me, first, last)) in SAMPLES {
        let bytes = std::fs::read(root.join(folder).join(path)).expect("a sample of the corpus");
        let name = path.rsplit('/').next().unwrap_or(path);
        let sample = tree(name, bytes);
        assert_eq!((whatsapp().recognise)(&sample).len(), 1, "{path} is recognised");
        let told = read_tree(&sample, &utc());
        let kind = if *group { ThreadKind::Group } else { ThreadKind::Direct };
        assert_eq!(told.messages.len(), *messages, "{path}: messages");
        assert_eq!(by(&told, &MessageKind::System), *system, "{path}: system lines");
        assert_eq!(told.people.len(), *people, "{path}: {:?}", told.people);
        assert_eq!(told.threads[0].kind, Some(kind), "{path}");
        assert_eq!(told.me(), *me, "{path}");
        assert_eq!(told.oddities, [], "{path}");
        assert_eq!(told.messages[0].sent.at.to_rfc3339(), *first, "{path}");
        let end = told.messages.last().map(|m| m.sent.at.to_rfc3339()).unwrap_or_default();
        assert!(last.is_empty() || end == *last, "{path}: {end}");
    }
    let signal = "signal/joweich__chat-miner/test/signal/test_export.txt";
    let bytes = std::fs::read(root.join(signal)).expect("a sample of the corpus");
    assert_eq!((whatsapp().recognise)(&tree("test_export.txt", bytes)), []);
}

const SEEDS: [&str; 2] = [
    "[3/18/22, 2:56:01\u{202f}PM] Ann: hi\r\n\u{200e}[3/18/22, 2:57:01\u{202f}PM] Bob: \u{200e}<attached: 00000035-PHOTO-2022.jpg>\r\n[3/19/22, 2:56:01\u{202f}AM] Ann: \u{200e}POLL:\r\nq\r\n\u{200e}OPTION: x (1 vote)\r\n",
    "23.03.22, 13:31 - Ann hat die Gruppe „a: b“ erstellt.\n23.03.22, 13:32 - Ann: IMG-20220327-WA0001.jpg (Datei angehängt)\nschön\n24.03.22, 13:33 - +44 7700\u{a0}900123: Standort: https://maps.google.com/?q=1.0,2.0\n",
];

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        read("WhatsApp Chat with x.txt", bytes);
    }

    #[test]
    fn broken_samples_are_survived(
        seed in 0..SEEDS.len(),
        edits in proptest::collection::vec((any::<proptest::sample::Index>(), "\\PC{0,4}|[0-9:/., \u{200e}<>()\\[\\]-]{0,6}", 0_usize..6), 0..12),
    ) {
        let mut chars: Vec<char> = SEEDS[seed].chars().collect();
        for (at, with, drop) in edits {
            let at = at.index(chars.len() + 1);
            let end = (at + drop).min(chars.len());
            chars.splice(at..end, with.chars());
        }
        let text: String = chars.into_iter().collect();
        let told = read("WhatsApp Chat with x.txt", &text);
        prop_assert!(told.messages.len() <= text.lines().count());
    }
}
