//! Telegram Desktop's export in HTML, read as an import reads it: the same inbox as its JSON.

mod readers;

use std::collections::{BTreeMap, HashMap};

use onebox::model::{
    AttachmentKind, Call, Clock, MediaPlace, Membership, MessageKind, MessageRecord, PostingLimit,
    ThreadKind, Timestamp,
};
use onebox::sources::{FileTree, ReadOptions, Zone};
use onebox::store::Store;
use readers::{Taking, Told, read_path, read_tree, sample, source, utc};

const HEAD: &str = r#"<!DOCTYPE html>
<html>
 <head>
  <meta charset="utf-8"/>
<title>Exported Data</title>
 </head>
 <body onload="CheckLocation();">
  <div class="page_wrap">
   <div class="page_header">
    <div class="content">
     <div class="text bold">
NAME
     </div>
    </div>
   </div>
   <div class="page_body chat_page">
    <div class="history">
"#;

/// A page of a chat.
fn page(name: &str, posts: &str) -> String {
    format!("{}{posts}</div></div></div></body></html>", HEAD.replace("NAME", name))
}

/// A post as the page has it; `from` empty: by whoever wrote the one before.
fn post(id: i64, at: &str, from: &str, inside: &str) -> String {
    let (joined, by) = match from {
        "" => (" joined", String::new()),
        from => ("", format!("<div class=\"from_name\">\n{from}\n       </div>")),
    };
    format!(
        "<div class=\"message default clearfix{joined}\" id=\"message{id}\"><div class=\"body\">\n\
         <div class=\"pull_right date details\" title=\"{at}\">\n10:00\n       </div>{by}{inside}</div></div>"
    )
}

fn says(words: &str) -> String {
    format!("<div class=\"text\">\n{words}\n       </div>")
}

fn line(id: i64, words: &str) -> String {
    format!(
        "<div class=\"message service\" id=\"message{id}\"><div class=\"body details\">\n{words}\n\
         </div></div>"
    )
}

fn chat(name: &str, posts: &str) -> Told {
    read_with(&[("messages.html", page(name, posts))], &utc())
}

fn read_with(files: &[(&str, String)], options: &ReadOptions) -> Told {
    let files = files.iter().map(|(p, b)| ((*p).to_owned(), b.clone().into_bytes()));
    read_tree("telegram", &FileTree::memory(files), options).expect("readable")
}

fn told(case: &str) -> Told {
    let mut all = read_path("telegram", &sample("telegram", case), &utc());
    assert_eq!(all.len(), 1, "one export");
    all.remove(0)
}

/// What of a message both formats tell, with names for people.
fn same(told: &Told, m: &MessageRecord) -> String {
    let name = |key: &str| {
        let found = told.people.iter().find(|p| *p.thread == *m.thread && *p.key == *key);
        found.map(|p| p.name.to_lowercase())
    };
    let files: Vec<_> = m
        .attachments
        .iter()
        .map(|a| {
            let place = match &a.place {
                MediaPlace::Export { path, container } => format!("{path} {}", container.is_some()),
                MediaPlace::Web { url } => url.clone(),
                other => format!("{other:?}"),
            };
            // A sticker that lies there is told by its file.
            (a.kind, a.name.clone().filter(|_| a.kind != AttachmentKind::Sticker), place)
        })
        .collect();
    let reactions: Vec<_> = m.reactions.iter().map(|r| (r.emoji.clone(), name(&r.by))).collect();
    let reply = m.reply_to.as_ref().map(|r| r.native_id.clone());
    let by = m.sender.as_deref().and_then(name);
    let text = if m.kind == MessageKind::System { "" } else { &m.text };
    let at = if m.kind == MessageKind::System { Timestamp(0) } else { m.sent.at };
    let passed_on = (m.forwarded, &m.forwarded_from);
    format!("{:?} {by:?} {at:?} {text:?} {files:?} {reactions:?} {reply:?} {passed_on:?}", m.kind)
}

fn inbox(told: &Told) -> BTreeMap<String, Vec<String>> {
    let mut out = BTreeMap::new();
    for thread in &told.threads {
        let title = thread.title.clone().unwrap_or_default();
        let mut messages: Vec<&MessageRecord> = told.of(&thread.key);
        messages.sort_by_key(|m| m.order);
        let mut lines =
            vec![format!("{:?} {:?} {:?}", thread.kind, thread.membership, thread.posting)];
        lines.extend(messages.into_iter().map(|m| format!("{:?} {}", m.native_id, same(told, m))));
        out.insert(title, lines);
    }
    out
}

#[test]
fn the_pages_of_an_account_tell_what_its_json_tells() {
    let (json, pages) = (told("account"), told("pages"));
    assert_eq!(pages.oddities, []);
    assert_eq!((pages.accounts[0].name.as_str(), pages.me()), ("Sam Rivera", vec!["Sam Rivera"]));
    assert_eq!(pages.accounts[0].known_by, json.accounts[0].known_by);
    let (expected, found) = (inbox(&json), inbox(&pages));
    assert_eq!(expected.keys().collect::<Vec<_>>(), found.keys().collect::<Vec<_>>());
    for (title, lines) in expected {
        assert_eq!(lines, found[&title], "{title}");
    }
    assert!(pages.remarks[0].starts_with("4 reactions are only counted"), "{:?}", pages.remarks);
}

/// An account's JSON and its pages never stand in the inbox twice, whichever comes first.
#[test]
fn json_and_pages_of_one_account_are_one_inbox() {
    for order in [["account", "pages"], ["pages", "account"]] {
        let store = Store::in_memory().expect("a store");
        let mut writer = store.writer().expect("a writer");
        for case in order {
            let tree = FileTree::open(&sample("telegram", case)).expect("it opens").remove(0);
            let mut import = writer.import("x", Timestamp(1_800_000_000_000)).expect("an import");
            (source("telegram").read)(&tree, &utc(), &mut Taking(&mut import)).expect("read");
            let tally = import.finish("[]").expect("finished");
            let expected = if case == order[0] { (5, 15) } else { (0, 0) };
            assert_eq!((tally.threads_added, tally.messages_added), expected, "{order:?} {case}");
        }
    }
}

#[test]
fn both_formats_in_one_folder_are_one_export() {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for case in ["account", "pages"] {
        let tree = FileTree::open(&sample("telegram", case)).expect("it opens").remove(0);
        for entry in tree.entries() {
            files.push((entry.path.clone(), tree.head(entry, 1 << 20).expect("readable")));
        }
    }
    let tree = FileTree::memory(files);
    let found = (source("telegram").recognise)(&tree);
    assert_eq!(
        found.iter().map(|f| f.what.as_str()).collect::<Vec<_>>(),
        ["Telegram export (JSON)"]
    );
    assert_eq!(read_tree("telegram", &tree, &utc()).expect("read").messages.len(), 15);
}

#[test]
fn text_is_as_it_was_written() {
    let words = "one <strong>two</strong> &lt;three&gt;<br><br>\
                 <a href=\"https://example.org/map\">the map</a> \
                 <a href=\"https://example.org/\">https://example.org/</a> \
                 <a href=\"https://t.me/ana\">@ana</a> <a href=\"\" onclick=\"return X()\">#tea</a> \
                 <span class=\"spoiler hidden\" onclick=\"S(this)\"><span aria-hidden=\"true\">secret</span></span>";
    let told = chat("Ana", &post(7, "01.02.2024 10:00:05 UTC+01:00", "Ana", &says(words)));
    let m = &told.messages[0];
    assert_eq!(m.text, "one two <three>\n\nthe map https://example.org/ @ana #tea secret");
    assert_eq!((m.sent.at.0, m.sent.clock), (1_706_778_005_000, Clock::Utc));
    let [link] = m.attachments.as_slice() else { panic!("{:?}", m.attachments) };
    assert_eq!((link.kind, link.name.as_deref()), (AttachmentKind::Share, Some("the map")));
    assert_eq!(link.place, MediaPlace::Web { url: "https://example.org/map".into() });
}

#[test]
fn who_wrote_what_was_passed_on_and_answered_is_known() {
    let forward = |name: &str, words: &str| {
        let by = match name {
            "" => String::new(),
            name => format!(
                "<div class=\"pull_left forwarded userpic_wrap\"><div class=\"userpic\">\
                 <div class=\"initials\">X</div></div></div><div class=\"forwarded body\">\
                 <div class=\"from_name\">\n{name} via @bot<span class=\"date details\" \
                 title=\"01.01.2020 10:00:00\"> 01.01.2020 10:00:00</span>\n</div>"
            ),
        };
        let open = if name.is_empty() { "<div class=\"forwarded body\">" } else { "" };
        format!("{by}{open}{}</div>", says(words))
    };
    let reply = |href: &str| {
        format!(
            "<div class=\"reply_to details\">\nIn reply to <a href=\"{href}\">this message</a>\n</div>"
        )
    };
    let at = "01.02.2024 10:00:05";
    let posts = [
        post(1, at, "Ana via @gif", &says("first")),
        post(2, at, "", &says("second")),
        post(3, at, "Sam", &forward("News", "told")),
        post(4, at, "", &forward("", "told more")),
        post(5, at, "Ana", &format!("{}{}", reply("messages2.html#go_to_message2"), says("yes"))),
        post(
            6,
            at,
            "Ana",
            "<div class=\"reply_to details\">\nIn reply to a message in another chat\n</div>",
        ),
        post(7, at, "Ana", &says("<br>")),
    ];
    let told = chat("Ana", &posts.concat());
    let by: Vec<_> =
        told.messages.iter().map(|m| m.sender.as_deref().unwrap_or_default()).collect();
    assert_eq!(by, ["Ana", "Ana", "Sam", "Sam", "Ana", "Ana", "Ana"]);
    let passed_on: Vec<_> = told.messages.iter().map(|m| m.forwarded_from.as_deref()).collect();
    assert_eq!(passed_on[..4], [None, None, Some("News"), Some("News")]);
    assert!(told.messages[3].forwarded && !told.messages[4].forwarded);
    let answers: Vec<_> =
        told.messages.iter().map(|m| m.reply_to.as_ref().map(|r| r.native_id.clone())).collect();
    assert_eq!(answers[4..6], [Some(Some("2".to_owned())), Some(None)]);
    // Nothing at all in it: said so.
    assert_eq!(told.messages[6].kind, MessageKind::System);
    assert_eq!((told.me(), told.accounts[0].name.as_str()), (vec!["Sam"], "Sam"));
    assert_eq!(told.threads[0].kind, Some(ThreadKind::Direct));
}

fn generic(class: &str, href: &str, title: &str, description: &str, status: &str) -> String {
    let tag = if href.is_empty() { "div" } else { "a" };
    let href = if href.is_empty() { String::new() } else { format!(" href=\"{href}\"") };
    format!(
        "<div class=\"media_wrap clearfix\"><{tag} class=\"media clearfix pull_left {class}\"{href}>\
         <div class=\"fill pull_left\"></div><div class=\"body\"><div class=\"title bold\">\n{title}\n</div>\
         <div class=\"description\">\n{description}\n</div><div class=\"status details\">\n{status}\n</div>\
         </div></{tag}></div>"
    )
}

#[test]
fn media_are_what_they_are() {
    let none = "Not included, change data exporting settings to download.";
    let table: &[(String, AttachmentKind, Option<&str>)] = &[
        (
            generic("media_voice_message", "voice/a.ogg", "Voice message", "", "00:03"),
            AttachmentKind::Voice,
            None,
        ),
        (
            generic("media_audio_file", "files/a.mp3", "Ana – Song", "", "03:00"),
            AttachmentKind::Audio,
            Some("Ana – Song"),
        ),
        (
            generic("media_audio_file", "files/a.mp3", "Audio file", "", "03:00"),
            AttachmentKind::Audio,
            None,
        ),
        (
            generic("media_file", "", "plan.pdf", none, "1.0 KB"),
            AttachmentKind::File,
            Some("plan.pdf"),
        ),
        (generic("media_video", "", "Animation", none, "1.0 KB"), AttachmentKind::Gif, None),
        (
            generic("media_video", "v/a.mp4", "Video message", "", "00:10"),
            AttachmentKind::Video,
            None,
        ),
        (
            generic("media_photo", "", "Sticker", none, "😀, 2.0 KB"),
            AttachmentKind::Sticker,
            Some("😀"),
        ),
        (generic("media_photo", "", "Photo", none, "4x3, 1.0 KB"), AttachmentKind::Photo, None),
        (
            generic("media_contact", "", "Ana Lima", "", "+44 7700 900111"),
            AttachmentKind::Contact,
            Some("Ana Lima +44 7700 900111"),
        ),
        (
            generic(
                "media_venue",
                "https://maps.google.com/maps?q=52.5,13.4&ll=52.5,13.4&z=16",
                "Zoo",
                "1 Street",
                "",
            ),
            AttachmentKind::Location,
            Some("Zoo, 1 Street"),
        ),
    ];
    let at = "01.02.2024 10:00:05";
    for (media, kind, name) in table {
        let told = chat("Ana", &post(1, at, "Ana", media));
        let [a] = told.messages[0].attachments.as_slice() else {
            panic!("{media}: {:?}", told.messages)
        };
        assert_eq!((a.kind, a.name.as_deref()), (*kind, *name), "{media}");
        let gone = media.contains("Not included") || *kind == AttachmentKind::Contact;
        assert_eq!(a.place == MediaPlace::Omitted, gone, "{media}: {:?}", a.place);
        assert_eq!(told.messages[0].text, "");
    }
}

#[test]
fn calls_and_polls_are_told() {
    let at = "01.02.2024 10:00:05";
    let call = |status: &str| {
        let media = generic("media_call success", "", "Ana", "", status);
        chat("Ana", &post(1, at, "Ana", &media)).messages.remove(0).kind
    };
    let made = Call { video: None, seconds: Some(12), missed: false };
    assert_eq!(call("Outgoing (12 seconds)"), MessageKind::Call(made));
    let missed = Call { video: None, seconds: None, missed: true };
    assert_eq!(call("Missed"), MessageKind::Call(missed));
    let poll = "<div class=\"media_wrap clearfix\"><div class=\"media_poll\"><div class=\"question bold\">\nTea?\n\
        </div><div class=\"details\">\nAnonymous poll\n</div><div class=\"answer\">\n- Yes \
        <span class=\"details\">2 votes, chosen vote</span>\n</div><div class=\"answer\">\n- No\n</div>\
        <div class=\"total details\t\">\n2 votes\n</div></div></div>";
    let told = chat("Ana", &post(1, at, "Ana", poll));
    assert_eq!(told.messages[0].kind, MessageKind::Poll);
    assert_eq!(told.messages[0].text, "Tea?\nYes (2 votes)\nNo (0 votes)");
}

#[test]
fn lines_of_the_app_stand_in_their_day() {
    let posts = [
        line(-1, "1 February 2024"),
        line(10, "Ana created group «Choir» with members Sam"),
        line(-2, "2 February 2024"),
        line(11, "Ana invited Ana"),
        post(12, "02.02.2024 10:00:05", "Ana", &says("hi")),
        line(13, "Ana pinned <a href=\"#go_to_message12\">this message</a>"),
        line(-3, "3 February 2024"),
        line(14, "Sam removed Sam"),
    ];
    let told = chat("Choir", &posts.concat());
    let seen: Vec<(&str, String)> =
        told.messages.iter().map(|m| (m.text.as_str(), m.sent.at.to_rfc3339())).collect();
    let expected = [
        ("Ana created group «Choir» with members Sam", "2024-02-01T00:00:00Z"),
        ("Ana joined", "2024-02-02T10:00:05Z"),
        ("hi", "2024-02-02T10:00:05Z"),
        ("Ana pinned this message", "2024-02-02T10:00:05Z"),
        ("Sam left", "2024-02-03T00:00:00Z"),
    ];
    assert_eq!(seen, expected.map(|(text, at)| (text, at.to_owned())));
    assert_eq!(told.threads[0].kind, Some(ThreadKind::Group));
    assert!(told.me().is_empty());
    assert!(told.remarks[0].contains("--me"), "{:?}", told.remarks);
}

#[test]
fn kinds_of_single_chats() {
    let at = "01.02.2024 10:00:05";
    let by = |id, who| post(id, at, who, &says("hi"));
    let kind = |name: &str, posts: String| chat(name, &posts).threads[0].clone();
    assert_eq!(kind("Ana", by(1, "Ana") + &by(2, "Sam")).kind, Some(ThreadKind::Direct));
    assert_eq!(kind("Tea", by(1, "Ana") + &by(2, "Sam")).kind, Some(ThreadKind::Group));
    assert_eq!(
        kind("Ana", by(1, "Ana") + &by(2, "Sam") + &by(3, "Bo")).kind,
        Some(ThreadKind::Group)
    );
    let news = kind("News", line(1, "Channel «News» created") + &by(2, "News"));
    assert_eq!((news.kind, news.posting), (Some(ThreadKind::Channel), PostingLimit::AdminsOnly));
    assert_eq!(news.membership, Membership::Unknown);
    // Whoever is never answered speaks to many.
    let posts: String = (1..=12).map(|id| by(id, "Daily")).collect();
    assert_eq!(kind("Daily", posts.clone()).kind, Some(ThreadKind::Channel));
    assert_eq!(kind("Daily", posts + &by(13, "Sam")).kind, Some(ThreadKind::Direct));
}

/// Pages go on in the next file, in the order of their numbers; two chats may bear one name.
#[test]
fn many_pages_and_chats_of_one_name() {
    let at = "01.02.2024 10:00:05";
    let numbered = |n: i64| page("Ana", &post(n, at, "Ana", &says(&format!("page {n}"))));
    let files: Vec<(String, String)> = (1..=11)
        .map(|n| {
            (
                if n == 1 { "messages.html".to_owned() } else { format!("messages{n}.html") },
                numbered(n),
            )
        })
        .collect();
    let files: Vec<(&str, String)> = files.iter().map(|(n, b)| (n.as_str(), b.clone())).collect();
    let told = read_with(&files, &utc());
    let texts: Vec<&str> = told.messages.iter().map(|m| m.text.as_str()).collect();
    assert_eq!(texts, (1..=11).map(|n| format!("page {n}")).collect::<Vec<_>>());
    assert_eq!(told.threads.len(), 1);
    let two = [
        ("chats/chat_01/messages.html", page("Ana", &post(5, at, "Ana", &says("one")))),
        ("chats/chat_02/messages.html", page("Ana", &post(6, at, "Ana", &says("two")))),
        (
            "chats/chat_03/messages.html",
            page("Deleted Account", &post(7, at, "Deleted Account", &says("x"))),
        ),
    ];
    let told = read_with(&two, &ReadOptions { me: Some("Sam".into()), ..utc() });
    let keys: HashMap<&str, &str> =
        told.messages.iter().map(|m| (m.text.as_str(), &*m.thread)).collect();
    assert_eq!((keys["one"], keys["two"], keys["x"]), ("Ana", "Ana · 6", "Deleted Account · 7"));
    assert!(told.remarks[0].contains("nobody in these pages is called Sam"), "{:?}", told.remarks);
    let gone = told.people.iter().find(|p| p.placeholder).expect("a stand-in");
    assert_eq!(gone.name, "Deleted account");
}

/// Before 2022 a time has no zone: it is the clock of whoever exported it.
#[test]
fn older_pages_are_read_by_the_persons_clock() {
    let files =
        [("messages.html", page("Ana", &post(1, "01.07.2020 12:00:05", "Ana", &says("hi"))))];
    let berlin = ReadOptions { zone: Zone::Named(chrono_tz::Tz::Europe__Berlin), ..utc() };
    let told = read_with(&files, &berlin);
    assert_eq!(told.messages[0].sent.at.to_rfc3339(), "2020-07-01T10:00:05Z");
    assert!(matches!(told.messages[0].sent.clock, Clock::WallMinute(_)));
    // One without a time that can be read stands beside its neighbour, and is counted.
    let posts =
        post(1, "01.07.2020 12:00:05", "Ana", &says("a")) + &post(2, "soon", "Ana", &says("b"));
    let told = chat("Ana", &posts);
    assert_eq!((told.messages[1].sent.at, told.oddities.len()), (told.messages[0].sent.at, 1));
}

#[test]
fn other_pages_are_nobodys() {
    for (path, text) in [
        ("messages.html", "<html><body>hello</body></html>"),
        ("index.html", HEAD),
        ("messages.htm", HEAD),
    ] {
        let tree = FileTree::memory([(path.to_owned(), text.as_bytes().to_vec())]);
        assert!((source("telegram").recognise)(&tree).is_empty(), "{path}");
    }
}
