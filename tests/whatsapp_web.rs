//! The export that WhatsApp's own web page and desktop app write: a text, a page, and media.

mod readers;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use onebox::model::{
    AttachmentKind, Deletion, MediaPlace, Membership, MessageKind, MessageRecord, PostingLimit,
    ThreadKind, Timestamp,
};
use onebox::sources::{Confidence, DateOrder, FileTree, ReadOptions};
use onebox::store::{PageEnd, Store, ThreadQuery};
use readers::{Taking, Told, source, utc};

fn read(tree: &FileTree, options: &ReadOptions) -> Told {
    let mut told = Told::default();
    (source("whatsapp").read)(tree, options, &mut told).expect("readable");
    told
}

/// The sample's files, but for those that are not wanted.
fn sample(without: &[&str]) -> FileTree {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/whatsapp/web");
    let mut files = Vec::new();
    for (folder, prefix) in [(root.clone(), ""), (root.join("media"), "media/")] {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.is_file() && !without.contains(&&*name) {
                files.push((format!("{prefix}{name}"), fs::read(&path).expect("readable")));
            }
        }
    }
    FileTree::memory(files).with_name("Cake_ who brings what_.zip")
}

fn at<'t>(told: &'t Told, clock: &str) -> &'t MessageRecord {
    let is_then = |m: &&MessageRecord| m.sent.at.to_rfc3339()[8..19].replace('T', " ") == clock;
    told.messages.iter().find(is_then).unwrap_or_else(|| panic!("nothing at {clock}"))
}

#[test]
fn a_group_with_everything() {
    let found = (source("whatsapp").recognise)(&sample(&[]));
    assert_eq!(found[0].confidence, Confidence::Sure);
    let told = read(&sample(&[]), &utc());
    assert_eq!(told.oddities, []);
    // That the month comes first is known; what is not in it is said.
    let [remark] = &told.remarks[..] else { panic!("{:?}", told.remarks) };
    assert!(remark.starts_with("chat.txt: WhatsApp says that earlier messages"), "{remark}");
    let thread = &told.threads[0];
    assert_eq!(thread.title.as_deref(), Some("Cake: who brings what?"));
    assert_eq!(thread.kind, Some(ThreadKind::Group));
    assert_eq!(thread.membership, Membership::Member);
    // The app says the same when it is allowed to all again.
    assert_eq!(thread.posting, PostingLimit::Everyone);
    assert_eq!(told.me(), ["You"]);
    let people: Vec<_> = told.people.iter().map(|p| (p.name.as_str(), p.left)).collect();
    assert_eq!(people, [("Maya Okafor", false), ("You", false), ("Uma", true)]);
    assert_eq!(told.messages.len(), 27);
    let system = told.messages.iter().filter(|m| m.kind == MessageKind::System);
    assert_eq!(system.count(), 10);
}

#[test]
fn what_is_no_text_is_what_it_is() {
    use AttachmentKind as K;
    let told = read(&sample(&[]), &utc());
    for (clock, kind, name, file, text) in [
        (
            "05 15:07:00",
            K::Photo,
            None,
            "media/WhatsApp Image 2026-01-05 at 3.07.00 PM.jpeg",
            "like last year",
        ),
        ("05 15:08:00", K::Photo, None, "left out", "and this one"),
        ("05 15:08:30", K::File, Some("plan (2).pdf"), "media/plan (2).pdf", ""),
        ("05 15:09:00", K::Gif, None, "left out", ""),
        ("05 15:10:00", K::Location, None, "https://maps.google.com/?q=48.137,11.575", ""),
        ("05 15:11:00", K::Contact, Some("Jonas Weber"), "left out", ""),
        ("05 15:12:00", K::Contact, Some("3 contacts"), "left out", ""),
        ("06 00:25:09", K::Voice, None, "media/WhatsApp Ptt 2026-01-06 at 12.25.09 AM.ogg", ""),
    ] {
        let message = at(&told, clock);
        let [one] = &message.attachments[..] else { panic!("{clock}: {message:?}") };
        let place = match &one.place {
            MediaPlace::Export { path, container: Some(_) } => path,
            MediaPlace::Export { path, container: None } => panic!("{path} is not there"),
            MediaPlace::Web { url } => url,
            _ => "left out",
        };
        let here = (one.kind, one.name.as_deref(), place, message.text.as_str());
        assert_eq!(here, (kind, name, file, text), "{clock}");
    }
    let poll = at(&told, "05 15:13:00");
    assert_eq!(
        (&poll.kind, poll.text.as_str()),
        (&MessageKind::Poll, "Which day?\nMonday\nTuesday")
    );
    let deletions = ["05 15:14:00", "05 15:14:10", "05 15:14:20"].map(|c| at(&told, c).deletion);
    assert_eq!(deletions, [Deletion::Unsent, Deletion::Unsent, Deletion::TakenDown]);
    assert_eq!(at(&told, "05 15:15:00").kind, MessageKind::Sealed);
    let joke = at(&told, "05 15:16:00");
    assert!(joke.forwarded && joke.text == "why do bakers work nights?\nfor the dough");
    assert_eq!(at(&told, "06 09:40:00").text, "<album message>");
}

#[test]
fn the_page_tells_what_an_answer_quotes() {
    let told = read(&sample(&[]), &utc());
    let quote = |clock| at(&told, clock).reply_to.as_ref().and_then(|r| r.quote.as_deref());
    assert_eq!(quote("05 15:06:10"), Some("Who brings the cake?"));
    assert_eq!(quote("05 15:08:00"), Some("I do"));
    let answers = told.messages.iter().filter(|m| m.reply_to.is_some());
    assert_eq!(answers.count(), 2);
}

#[test]
fn without_the_page_it_is_the_same_chat() {
    let alone = read(&sample(&["chat.md"]), &utc());
    let whole = read(&sample(&[]), &utc());
    assert_eq!(alone.remarks, whole.remarks);
    assert_eq!(alone.threads[0].title, whole.threads[0].title);
    assert_eq!(alone.threads[0].key, whole.threads[0].key);
    let said = |told: &Told| -> Vec<_> {
        told.messages.iter().map(|m| (m.text.clone(), m.sent, m.attachments.clone())).collect()
    };
    assert_eq!(said(&alone), said(&whole));
    assert!(alone.messages.iter().all(|m| m.reply_to.is_none()));
}

#[test]
fn chats_do_not_flow_together() {
    let notice = "Messages and calls are end-to-end encrypted. No one outside of this chat, not \
                  even WhatsApp, can read or listen to them.";
    let text = |who: &str| {
        format!("{notice}\n[2/3/26, 9:00:01 AM] {who}: hi\n[2/3/26, 9:01:01 AM] You: hi\n")
    };
    let tree = FileTree::memory([
        ("a/chat.txt".to_owned(), text("Ann").into_bytes()),
        ("b/chat.txt".to_owned(), text("Bob").into_bytes()),
        ("b/chat.md".to_owned(), b"# WhatsApp Chat Export: Bob\nExport date: now\n".to_vec()),
        ("b/chat (1).txt".to_owned(), text("Cid").into_bytes()),
    ]);
    let told = read(&tree, &utc());
    let mut titles: Vec<_> = told.threads.iter().map(|t| (t.title.as_deref(), t.kind)).collect();
    titles.sort_by_key(|(title, _)| *title);
    let direct = Some(ThreadKind::Direct);
    assert_eq!(titles, [(Some("Ann"), direct), (Some("Bob"), direct), (Some("Cid"), direct)]);
    assert!(told.messages.iter().all(|m| m.sent.at.to_rfc3339().starts_with("2026-02-03")));
}

#[test]
fn an_iphones_export_of_the_same_shape_is_read_as_before() {
    // Its own dates say that the day comes first; the web's beside it says nothing of that.
    let phone = "[13/2/26, 9:00:01 AM] Ann: hi\n[14/2/26, 9:01:01 AM] Me: GIF attached\n";
    let web = "Messages and calls are end-to-end encrypted. x\n[2/3/26, 9:00:01 AM] Bob: hi\n";
    let tree = FileTree::memory([
        ("WhatsApp Chat - Ann/_chat.txt".to_owned(), phone.as_bytes().to_vec()),
        ("b/chat.txt".to_owned(), web.as_bytes().to_vec()),
    ]);
    let told = read(&tree, &utc());
    let days: Vec<_> =
        told.messages.iter().map(|m| m.sent.at.to_rfc3339()[5..10].to_owned()).collect();
    assert_eq!(days, ["02-13", "02-14", "02-03"]);
    assert_eq!(told.messages[1].text, "GIF attached");
}

/// Imports texts one after the other; every line that is then shown, and whether it is mine.
fn after(trees: &[&FileTree]) -> Vec<(String, bool)> {
    let store = Store::in_memory().expect("a store");
    for tree in trees {
        let mut writer = store.writer().expect("a writer");
        let mut import = writer.import("test", Timestamp(1_800_000_000_000)).expect("an import");
        let options = ReadOptions { me: Some("Sam".to_owned()), ..utc() };
        (source("whatsapp").read)(tree, &options, &mut Taking(&mut import)).expect("readable");
        import.finish("{}").expect("an end");
    }
    let reader = store.reader().expect("a reader");
    let threads = reader.threads(&ThreadQuery::default(), 0, 10).expect("threads");
    assert_eq!(threads.len(), 1);
    let all = reader.older(threads[0].id, PageEnd::Edge, 100).expect("messages");
    let shown = all.into_iter().map(|m| (m.text, m.mine)).collect();
    let people = reader.participants(threads[0].id).expect("people");
    assert_eq!(people.iter().filter(|p| p.is_me).count(), 1, "{people:?}");
    shown
}

/// The same chat from a phone, where I am Sam, and from the web, where I am You.
fn both(lines: &[(&str, &str)]) -> (FileTree, FileTree) {
    let (mut phone, mut web) = (String::new(), "Messages are end-to-end encrypted\n".to_owned());
    for (n, (who, text)) in lines.iter().enumerate() {
        let you = if *who == "Sam" { "You" } else { who };
        // Two lines a minute.
        let minute = n / 2 + 10;
        writeln!(phone, "1/13/26, 9:{minute:02} AM - {who}: {text}").expect("memory");
        writeln!(web, "[1/13/26, 9:{minute:02}:0{} AM] {you}: {text}", n % 2 + 7).expect("memory");
    }
    let phone = ("WhatsApp Chat with Ann.txt".to_owned(), phone.into_bytes());
    let page = b"# WhatsApp Chat Export: Ann\nExport date: now\n".to_vec();
    let web = [("chat.txt".to_owned(), web.into_bytes()), ("chat.md".to_owned(), page)];
    (FileTree::memory([phone]), FileTree::memory(web))
}

#[test]
fn a_chat_from_the_phone_and_from_the_web_is_told_once() {
    for lines in [
        &[("Ann", "are you there?"), ("Sam", "on my way")][..],
        &[("Sam", "hello"), ("Ann", "yes?"), ("Sam", "where?"), ("Ann", "here"), ("Sam", "good")],
        &[("Sam", "ok"), ("Sam", "ok"), ("Ann", "ok"), ("Sam", "bye")],
    ] {
        let (phone, web) = both(lines);
        let expected: Vec<_> = lines.iter().map(|(w, t)| ((*t).to_owned(), *w == "Sam")).collect();
        assert_eq!(after(&[&phone, &web]), expected);
        assert_eq!(after(&[&web, &phone]), expected);
        assert_eq!(after(&[&web, &phone, &web, &phone]), expected);
    }
}

const NOTICE: &str = "Messages and calls are end-to-end encrypted. No one outside of this chat, not \
                      even WhatsApp, can read or listen to them.\n";

#[test]
fn files_of_one_second_and_of_one_name_go_to_their_messages() {
    let text = format!(
        "{NOTICE}[1/5/26, 3:07:00 PM] Ann: image (file attached) first\n\
         [1/5/26, 3:07:00 PM] Ann: image (file attached) second\n\
         [1/5/26, 3:08:00 PM] Ann: März.pdf (file attached)\n\
         [1/5/26, 3:09:00 PM] You: März.pdf (file attached)\n\
         [1/5/26, 3:10:00 PM] Ann: the invoice (file attached) as promised\n\
         [1/5/26, 3:11:00 PM] Ann: Bild (Datei angehängt)\n\
         [1/5/26, 3:11:00 PM] Ann: Bild (Datei angehängt) und noch eins\n\
         [1/5/26, 3:12:00 PM] Ann: отчёт 1.pdf (file attached)\n\
         [1/5/26, 3:13:00 PM] Ann: договор 1.pdf (file attached)\n\
         [1/5/26, 3:14:00 PM] Ann: plan.pdf (v2)\n"
    );
    let media = [
        "media/WhatsApp Image 2026-01-05 at 3.07.00 PM (1).jpeg",
        "media/WhatsApp Image 2026-01-05 at 3.07.00 PM.jpeg",
        "media/Mrz.pdf",
        "media/Mrz (1).pdf",
        "media/WhatsApp Image 2026-01-05 at 3.11.00 PM.jpeg",
        "media/WhatsApp Image 2026-01-05 at 3.11.00 PM (1).jpeg",
        "media/1.pdf",
        "media/1 (1).pdf",
        "media/plan.pdf",
    ];
    let files = media.map(|path| (path.to_owned(), path.as_bytes().to_vec()));
    let told = read(
        &FileTree::memory(files.into_iter().chain([("chat.txt".to_owned(), text.into_bytes())])),
        &utc(),
    );
    let place = |m: &MessageRecord| match m.attachments.first().map(|a| &a.place) {
        Some(MediaPlace::Export { path, container: Some(_) }) => path.clone(),
        Some(other) => panic!("{other:?}"),
        None => m.text.clone(),
    };
    let found: Vec<_> = told.messages.iter().map(place).collect();
    let words = "the invoice (file attached) as promised";
    let files = [media[1], media[0], media[2], media[3], words, media[4], media[5], media[6]];
    assert_eq!(found[..8], files);
    assert_eq!(found[8..], [media[7], "plan.pdf (v2)"]);
    let album = &told.messages[6];
    assert_eq!(album.text, "und noch eins");
    assert_eq!(
        (album.attachments[0].kind, &album.attachments[0].name),
        (AttachmentKind::Photo, &None)
    );
}

#[test]
fn a_line_of_the_webs_in_a_phones_chat_changes_nothing() {
    // Day first, and a piece of a web export pasted into it; a file of notes lies beside.
    let phone = "[5/1/26, 3:04:05 PM] Ann: look:\n[1/5/26, 3:04:05 PM] - Maya left\r\n\
                 [6/1/26, 3:05:05 PM] Ann: \u{200e}<attached: 00000001-PHOTO-2026-01-06-15-05-05.jpg>\r\n\
                 [7/1/26, 3:06:05 PM] Sam: GIF attached\r\n[9/1/26, 3:06:05 PM] Ann: bye\r\n";
    let notes = b"# Summary: trip\nDate: today\n".to_vec();
    let tree = FileTree::memory([
        ("WhatsApp Chat - Ann.txt".to_owned(), phone.as_bytes().to_vec()),
        ("WhatsApp Chat - Ann.md".to_owned(), notes),
        ("00000001-PHOTO-2026-01-06-15-05-05.jpg".to_owned(), vec![1]),
    ]);
    let told = read(&tree, &utc());
    assert_eq!(told.threads[0].title.as_deref(), Some("Ann"));
    assert_eq!(&*told.threads[0].key, "ann");
    let photo = told.messages.iter().find_map(|m| m.attachments.first()).expect("a photo");
    assert!(matches!(&photo.place, MediaPlace::Export { container: Some(_), .. }), "{photo:?}");
    assert!(told.messages.iter().any(|m| m.text == "GIF attached"));
}

#[test]
fn what_is_said_of_dates_is_not_of_the_webs() {
    let text = format!("{NOTICE}[1/5/26, 3:04:05 PM] Ann: hi\n[1/13/26, 3:04:05 PM] Ann: ho\n");
    let tree = FileTree::memory([("chat.txt".to_owned(), text.into_bytes())]);
    let options = ReadOptions { date_order: Some(DateOrder::Dmy), ..utc() };
    let days: Vec<_> = read(&tree, &options)
        .messages
        .iter()
        .map(|m| m.sent.at.to_rfc3339()[..10].to_owned())
        .collect();
    assert_eq!(days, ["2026-01-05", "2026-01-13"]);
}

#[test]
fn what_people_say_of_the_app_they_say() {
    let text =
        format!("{NOTICE}[1/5/26, 3:04:05 PM] Ann: I turned off disappearing messages yesterday\n");
    let told = read(&FileTree::memory([("chat.txt".to_owned(), text.into_bytes())]), &utc());
    assert_eq!(told.messages[0].kind, MessageKind::Text);
    assert_eq!(told.messages[0].sender.as_deref(), Some("Ann"));
}

#[test]
fn a_log_that_speaks_of_encryption_is_no_chat() {
    let log = format!("{NOTICE}2026-01-05 10:00:00 INFO started\n2026-01-05 10:00:01 INFO ready\n");
    let tree = FileTree::memory([("log.txt".to_owned(), log.into_bytes())]);
    assert_eq!((source("whatsapp").recognise)(&tree), []);
}

#[test]
fn who_i_am_elsewhere_i_am_here() {
    let web = format!("{NOTICE}[1/5/26, 3:04:05 PM] You: hi\n[1/5/26, 3:05:05 PM] Ann: ho\n");
    let group = "13/01/2026, 10:00 - Ann created group \"Trip\"\n13/01/2026, 10:01 - Ann: hi\n\
                 13/01/2026, 10:02 - Sam Rivera: ho\n13/01/2026, 10:03 - Bob: ha\n";
    let files = |all: &[(&str, &str)]| {
        let all = all.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
        FileTree::memory(all.collect::<Vec<_>>())
    };
    let known = ReadOptions { known_me: vec!["You".into(), "Sam Rivera".into()], ..utc() };
    let told = read(&files(&[("chat.txt", &web)]), &known);
    assert_eq!((told.accounts[0].name.as_str(), told.me()), ("Sam Rivera", vec!["You"]));
    let told = read(&files(&[("WhatsApp Chat with Trip.txt", group)]), &known);
    assert_eq!((told.accounts[0].name.as_str(), told.me()), ("Sam Rivera", vec!["Sam Rivera"]));
    let told = read(&files(&[("WhatsApp Chat with Trip.txt", group)]), &utc());
    assert_eq!((told.accounts[0].name.as_str(), told.me().len()), ("", 0));
    let told = read(&files(&[("chat.txt", &web)]), &utc());
    assert_eq!(told.accounts[0].name, "You", "for want of another");
}
