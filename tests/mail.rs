//! Mailboxes, maildirs and single mails, read as an import reads them.

mod readers;

use onebox::model::{AttachmentKind, Clock, MediaPlace, MessageKind, ThreadKind, Timestamp};
use onebox::sources::{FileTree, ReadOptions, Zone};
use onebox::store::PageEnd;
use readers::{Told, read_files, read_path, read_tree, sample, source, utc};

fn only(case: &str) -> Told {
    let mut all = read_path("mail", &sample("mail", case), &utc());
    assert_eq!(all.len(), 1, "{case}");
    all.remove(0)
}

#[test]
fn an_mbox_gives_conversations() {
    let told = only("mbox");
    let me = &told.accounts[0];
    assert_eq!((me.key.as_str(), me.name.as_str()), ("sam@example.org", "Sam Rivera"));
    assert_eq!(me.known_by, "who sends what lies among the sent");
    assert_eq!(told.me(), ["Sam Rivera"]);
    let tea = told.thread("Tea on Saturday");
    assert_eq!((&*tea.key, tea.kind), ("tea-1@example.org", Some(ThreadKind::Direct)));
    assert_eq!((tea.address.as_deref(), tea.unread), (Some("ines@example.org"), Some(0)));
    let texts: Vec<&str> = told.of(&tea.key).iter().map(|m| m.text.as_str()).collect();
    assert_eq!(
        texts,
        ["Shall we have tea?\n\nFrom four on I am free.", "See you then.", "Yes, gladly."]
    );
    assert_eq!(told.saying("Shall we").sent.at, Timestamp(1_739_202_322_000));
    let answer = told.saying("See you then");
    let before = answer.reply_to.as_ref().and_then(|r| r.native_id.as_deref());
    assert_eq!(
        (answer.native_id.as_deref(), before),
        (Some("tea-3@example.org"), Some("tea-2@example.org"))
    );
    let ines = told.people.iter().find(|p| &*p.key == "ines@example.org").expect("told");
    assert_eq!(ines.name, "Inês Duarte");
}

#[test]
fn parts_marks_and_what_is_missing_are_told() {
    let told = only("mbox");
    let minutes = told.saying("The minutes");
    assert_eq!(minutes.text, "The minutes of the café.");
    assert_eq!(minutes.attachments.len(), 1, "a signature is none");
    let file = &minutes.attachments[0];
    assert_eq!((file.kind, file.name.as_deref()), (AttachmentKind::File, Some("minutes.pdf")));
    let MediaPlace::Export { path, container: Some(_) } = &file.place else {
        panic!("it is there")
    };
    assert!(path.contains("//in:") && path.ends_with(":mbox:0:pdf"), "{path}");
    let thread = told.threads.iter().find(|t| t.key == minutes.thread).expect("told");
    assert_eq!(thread.unread, Some(1), "it was not read");
    let forwarded = told.saying("For you both");
    assert!(forwarded.forwarded);
    assert_eq!(forwarded.thread, minutes.thread, "one subject, the same people");
    assert_eq!(told.remarks.len(), 1, "{:?}", told.remarks);
    assert!(told.remarks[0].starts_with("1 mail is left out"));
    assert!(told.messages.iter().all(|m| !m.text.contains("Deleted long ago")));
    assert_eq!(told.oddities, []);
    let dateless = told.saying("A mail without a date").sent;
    assert_eq!(dateless.at.to_rfc3339(), "2025-02-11T10:00:00Z", "as the line before it says");
}

#[test]
fn a_maildir_says_what_was_read_and_what_was_never_sent() {
    let told = only("maildir");
    assert_eq!(told.accounts[0].known_by, "whom the mail was delivered to");
    assert_eq!((told.threads.len(), told.threads[0].unread), (1, Some(1)));
    assert_eq!(told.saying("under").text, "The keys are under the pot.");
    let draft = told.saying("Draft, not sent: Which po");
    assert_eq!((&draft.sender, &draft.kind), (&None, &MessageKind::System));
    let sealed = told.messages.iter().find(|m| m.kind == MessageKind::Sealed).expect("told");
    assert_eq!(sealed.sender.as_deref(), Some("maya@example.org"));
    assert_eq!(told.oddities, []);
}

/// A conversation of two that somebody joins is one of several, and nobody's address is its.
#[test]
fn who_joins_a_conversation_makes_it_a_group() {
    let mail = |n: u32, from: &str, to: &str, after: &str| {
        format!(
            "From MAILER-DAEMON Mon Feb  3 10:0{n}:00 2025\nFrom: {from}@example.org\nTo: {to}\nSubject: \
             Tea\nDate: Mon, 3 Feb 2025 10:0{n}:00 +0000\nMessage-ID: <{n}@example.org>\n{after}\nText {n}\n\n"
        )
    };
    let re = |n: u32| format!("In-Reply-To: <{n}@example.org>\nReferences: <{n}@example.org>\n");
    let two = mail(1, "ana", "sam@example.org", "") + &mail(2, "sam", "ana@example.org", &re(1));
    let three = two.clone() + &mail(3, "ana", "sam@example.org, bob@example.org", &re(2));
    let alone = two.clone() + &mail(3, "sam", "bob@example.org", &re(2));
    let options = ReadOptions { me: Some("sam@example.org".into()), ..utc() };
    for (text, kind, address) in [
        (two, ThreadKind::Direct, Some("ana@example.org")),
        (three, ThreadKind::Group, None),
        (alone, ThreadKind::Group, None),
    ] {
        let tree = FileTree::memory([("Inbox.mbox".to_owned(), text.into_bytes())]);
        let store = onebox::store::Store::in_memory().expect("a store");
        let mut writer = store.writer().expect("a writer");
        let mut import = writer.import("test", Timestamp(1_800_000_000_000)).expect("an import");
        (source("mail").read)(&tree, &options, &mut readers::Taking(&mut import)).expect("read");
        import.finish("{}").expect("an end");
        let reader = store.reader().expect("a reader");
        let threads = reader.threads(&Default::default(), 0, 10).expect("threads");
        assert_eq!(threads.len(), 1);
        assert_eq!(threads[0].kind, kind);
        assert_eq!(threads[0].facts.address.as_deref(), address, "{kind:?}");
    }
}

/// Some programs name only the mail that is answered: whichever is read first, it stands with it.
#[test]
fn an_answer_stands_with_what_it_answers_in_any_order() {
    let mail = |n: u32, subject: &str, after: &str| {
        format!(
            "From MAILER-DAEMON Mon Feb  3 10:0{n}:00 2025\nFrom: ana@example.org\nTo: \
             sam@example.org\nSubject: {subject}\nDate: Mon, 3 Feb 2025 10:0{n}:00 +0000\n\
             Message-ID: <{n}@example.org>\n{after}\nText {n}\n\n"
        )
    };
    let all = [
        mail(1, "Tea", ""),
        mail(2, "Re: Tea", "In-Reply-To: <1@example.org>\nReferences: <1@example.org>\n"),
        mail(3, "Cake", "In-Reply-To: <2@example.org>\n"),
        mail(4, "Plates", "In-Reply-To: <3@example.org>\nReferences: <3@example.org>\n"),
    ];
    let options = ReadOptions { me: Some("sam@example.org".into()), ..utc() };
    let told = |text: String| {
        let tree = FileTree::memory([("Inbox.mbox".to_owned(), text.into_bytes())]);
        read_tree("mail", &tree, &options).expect("readable")
    };
    for a in 0..4 {
        for b in (0..4).filter(|b| *b != a) {
            for c in (0..4).filter(|c| ![a, b].contains(c)) {
                let order = [a, b, c, 6 - a - b - c];
                let told = told(order.map(|n| all[n].as_str()).concat());
                // Who names 3 alone, before it was read, may stand with it by itself.
                if order.iter().position(|n| *n == 3) > order.iter().position(|n| *n == 2) {
                    assert_eq!(told.threads.len(), 1, "{order:?}");
                }
                assert_eq!(told.messages.len(), 4, "{order:?}");
            }
        }
    }
    // What they answer may never come.
    let told = told([&all[2], &all[3], &mail(5, "Cake", "")].map(String::as_str).concat());
    assert_eq!(told.threads.len(), 1);
    assert_eq!(&*told.threads[0].key, "2@example.org");
}

/// A mail server hides the folders of a maildir from listings, not from their owner.
#[test]
fn a_maildir_is_read_with_its_folders() {
    let mail = |n: u32, from: &str, to: &str| {
        format!(
            "From: {from}@example.org\r\nTo: {to}@example.org\r\nSubject: Mail {n}\r\nDate: Mon, \
             3 Feb 2025 10:0{n}:00 +0000\r\nMessage-ID: <{n}@example.org>\r\n\r\nText {n}\r\n"
        )
    };
    let home = tempfile::tempdir().expect("a folder");
    for (at, text) in [
        ("Maildir/cur/1.M1.host:2,S", mail(1, "ines", "sam")),
        ("Maildir/.Sent/cur/2.M1.host:2,S", mail(2, "sam", "ines")),
        ("Maildir/.Archive.2024/cur/3.M1.host:2,S", mail(3, "tom", "sam")),
        ("Maildir/.cache/4.M1.host:2,S", mail(4, "tom", "sam")),
    ] {
        let path = home.path().join(at);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("written");
    }
    let all = read_path("mail", home.path(), &utc());
    let mut texts: Vec<&str> =
        all.iter().flat_map(|t| &t.messages).map(|m| m.text.as_str()).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["Text 1", "Text 2", "Text 3"]);
    assert_eq!(all[0].accounts[0].key, "sam@example.org", "who sends what lies among the sent");
}

#[test]
fn a_single_mail_may_be_of_any_encoding() {
    let told = only("single");
    let mail = &told.messages[0];
    assert_eq!((mail.text.as_str(), &*mail.thread), ("東京", "gmail:1798000000000000000"));
    assert_eq!(mail.sent.at.to_rfc3339(), "2024-05-02T10:00:00Z", "as it was received");
    assert_eq!((told.me().len(), told.remarks.len()), (0, 1));
    let tree = FileTree::open(&sample("mail", "single")).expect("a sample").remove(0);
    let options = ReadOptions { me: Some("Sam@Example.org".into()), ..utc() };
    let told = read_tree("mail", &tree, &options).expect("readable");
    assert_eq!((told.me(), told.remarks.len()), (vec!["Sam"], 0));
    assert_eq!(told.accounts[0].key, "sam@example.org");
}

#[test]
fn what_only_looks_like_mail_is_none() {
    let tree = FileTree::memory([
        ("notes".to_owned(), b"From here to there\n\nIt is far: very\n".to_vec()),
        ("a.eml".to_owned(), b"Dear Ada,\nthis is no mail.\n".to_vec()),
        ("cur/x".to_owned(), b"just: a file\n".to_vec()),
        ("b.mbox".to_owned(), b"From nowhere 10:00\nno header\n".to_vec()),
    ]);
    assert_eq!((source("mail").recognise)(&tree), []);
    let told = read_files("mail", &[("mbox", b"From a 10:00\nFrom: a@x\nSubject: s\n\n\nFrom b 10:00\n\nFrom c 10:00\nFrom: c@x\nDate: Thu, 02 May 2024 10:00:00 +0000\n\nhi\n")]);
    assert_eq!((told.messages.len(), told.oddities.len()), (2, 2), "{:?}", told.oddities);
    assert!(told.oddities[0].why.contains("beside its neighbour"), "{:?}", told.oddities);
    assert_eq!(told.messages[0].sent, told.messages[1].sent, "it had no time at all");
}

#[test]
fn a_clock_without_a_zone_is_mine_and_a_file_tells_when_it_came() {
    let tree = FileTree::memory([
        ("cur/1714555200.a".to_owned(), b"From: a@x\nSubject: one\n\nhi\n".to_vec()),
        (
            "cur/1714555300.b".to_owned(),
            b"From: a@x\nDate: Thu, 02 May 2024 10:00:00\nSubject: two\n\nhello\n".to_vec(),
        ),
    ]);
    let zone = Zone::Named(chrono_tz::America::New_York);
    let told = read_tree("mail", &tree, &ReadOptions { zone, ..utc() }).expect("readable");
    assert_eq!(told.saying("hi").sent.at.to_rfc3339(), "2024-05-01T09:20:00Z");
    let wall = told.saying("hello").sent;
    assert_eq!(wall.at.to_rfc3339(), "2024-05-02T14:00:00Z");
    assert!(matches!(wall.clock, Clock::WallMinute(_)));
    assert_eq!(told.oddities, []);
}

/// Mails that do not say who I am, of an account in which it was said before.
#[test]
fn who_i_am_in_the_inbox_i_am_in_a_newer_mailbox() {
    let mail = b"From: Ines <ines@example.org>\nTo: Max Muster <max@example.org>\nSubject: tea\n\
        Message-ID: <1@x>\nDate: Mon, 10 Feb 2025 16:45:22 +0000\n\ntoday?\n";
    for known in ["max@example.org", "Max Muster"] {
        let options = ReadOptions { known_me: vec![known.to_owned()], ..utc() };
        let tree = FileTree::memory([("in.eml".to_owned(), mail.to_vec())]);
        let told = read_tree("mail", &tree, &options).expect("readable");
        assert_eq!(told.threads[0].kind, Some(ThreadKind::Direct), "{known}");
        assert_eq!(told.accounts[0].known_by, "who you are in the inbox");
    }
}

/// Words may lie elsewhere than in a text: in the page beside a blank one, in a part whose end is
/// missing, in an invitation, in a mail within.
#[test]
fn words_are_told_wherever_they_lie() {
    let mail = |kind: &str, body: &str| {
        let text = format!(
            "From: ana@example.org\nTo: sam@example.org\nSubject: s\nDate: Wed, 1 May 2024 10:00:00 \
             +0000\nMIME-Version: 1.0\nContent-Type: {kind}\n\n{body}"
        );
        let told = read_files("mail", &[("a.eml", text.as_bytes())]);
        assert_eq!(told.oddities, []);
        let message = &told.messages[0];
        (message.text.clone(), message.attachments.len())
    };
    let blank = "--q\nContent-Type: text/plain\n\n \n--q\nContent-Type: text/html\n\n<p>A \
                 page</p>\n--q--\n";
    assert_eq!(mail("multipart/alternative; boundary=q", blank), ("A page".into(), 0));
    let open = "--q\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: \
                quoted-printable\n\nOne\n--q\nContent-Type: text/plain; charset=utf-8\n\
                Content-Transfer-Encoding: quoted-printable\n\nCaf=C3=A9 two";
    assert_eq!(mail("multipart/mixed; boundary=q", open), ("One\n\nCafé two".into(), 0));
    let event = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Tea\nDTSTART:20240601T100000Z\nLOCATION:The \
                 café\nDESCRIPTION:Bring cups\nEND:VEVENT\nEND:VCALENDAR\n";
    let (text, _) = mail("text/calendar; method=REQUEST; charset=utf-8", event);
    assert_eq!(text, "Tea\n2024-06-01 10:00 UTC\nThe café\nBring cups");
    let inner = "--q\nContent-Type: text/plain\n\nSee below\n--q\nContent-Type: message/rfc822\n\n\
                 From: Ines <i@x>\nSubject: Keys\n\nUnder the pot\n--q--\n";
    let told = ("See below\n\n> Ines: Keys\n> Under the pot".to_owned(), 1);
    assert_eq!(mail("multipart/mixed; boundary=q", inner), told);
    let digest = "--q\n\nFrom: a@x\nSubject: One\n\nfirst\n--q\n\nFrom: b@x\nSubject: Two\n\n\
                  second\n--q--\n";
    let (text, _) = mail("multipart/digest; boundary=q", digest);
    assert_eq!(text, "> a@x: One\n> first\n\n> b@x: Two\n> second");
}

/// What the inbox shows after these mailboxes were taken in, one after another.
fn inbox<T: AsRef<[u8]>>(boxes: &[T]) -> Vec<String> {
    let store = onebox::store::Store::in_memory().expect("a store");
    let options = ReadOptions { me: Some("sam@example.org".into()), ..utc() };
    for text in boxes {
        let tree = FileTree::memory([("Inbox.mbox".to_owned(), text.as_ref().to_vec())]);
        let mut writer = store.writer().expect("a writer");
        let mut import = writer.import("test", Timestamp(1_800_000_000_000)).expect("an import");
        (source("mail").read)(&tree, &options, &mut readers::Taking(&mut import)).expect("read");
        import.finish("{}").expect("an end");
    }
    let reader = store.reader().expect("a reader");
    let mut all = Vec::new();
    for thread in reader.threads(&Default::default(), 0, 100).expect("threads") {
        for m in reader.older(thread.id, PageEnd::Edge, 100).expect("messages") {
            let time = m.sent.at.to_rfc3339();
            all.push(format!("{time} {}: {}", m.sender_key.unwrap_or_default(), m.text));
        }
    }
    all.sort();
    all
}

/// Devices and shops that give all of their mails one id: none is lost, and each is its sender's. A
/// list's copy of what I have sent is no other mail.
#[test]
fn mails_that_share_an_id_stay_apart() {
    let mail = |n: u32, from: &str, to: &str, id: &str, subject: &str, text: &str| {
        format!(
            "From MAILER-DAEMON Mon Feb  3 10:0{n}:00 2025\nFrom: {from}@example.org\nTo: \
             {to}@example.org\nSubject: {subject}\nDate: Mon, 3 Feb 2025 10:0{n}:00 +0000\n\
             Message-ID: <{id}@example.org>\n\n{text}\n\n"
        )
    };
    let ana = mail(1, "ana", "sam", "0", "Invoice", "Ana's words");
    let bob = mail(2, "bob", "sam", "0", "Other", "Bob's words");
    let again = mail(2, "ana", "sam", "0", "Invoice", "Ana's later words");
    let sent = mail(4, "sam", "list", "4", "Hi", "My own\nwords");
    let listed = mail(4, "sam", "list", "4", "[list] Hi", "My own words\n--\nThe list");
    let passed = mail(4, "list", "list", "4", "[list] Hi", "My own words");
    let told = |all: &[&String]| -> String { all.iter().map(|s| s.as_str()).collect() };
    let want = vec![
        "2025-02-03T10:01:00Z ana@example.org: Ana's words".to_owned(),
        "2025-02-03T10:02:00Z ana@example.org: Ana's later words".to_owned(),
        "2025-02-03T10:02:00Z bob@example.org: Bob's words".to_owned(),
    ];
    let all = [&ana, &bob, &again];
    for [a, b, c] in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let [a, b, c] = [all[a], all[b], all[c]];
        assert_eq!(inbox(&[told(&[a, b, c])]), want, "in one");
        assert_eq!(inbox(&[a.clone(), b.clone(), c.clone()]), want, "in three");
        assert_eq!(inbox(&[told(&[a, b]), told(&[c, b, a]), told(&[b])]), want, "again");
    }
    for copy in [&listed, &passed] {
        for (a, b) in [(&sent, copy), (copy, &sent)] {
            assert_eq!(inbox(&[told(&[a, b])]).len(), 1, "{a}{b}");
            assert_eq!(inbox(&[a.clone(), b.clone()]).len(), 1, "{a}{b}");
        }
    }
}

/// A text whose encoding is not told, or told wrongly, is read as what it can be; told anew by a newer
/// onebox, a mail is the one that it was.
#[test]
fn letters_are_read_whatever_encoding_is_told() {
    let told = |head: &str, body: &[u8]| {
        let mut mail = format!(
            "From: ana@example.org\nTo: sam@example.org\nSubject: s\nDate: Wed, 1 May 2024 10:00:00 \
             +0000\nMessage-ID: <1@x>\nMIME-Version: 1.0\n{head}\n\n"
        )
        .into_bytes();
        mail.extend_from_slice(body);
        read_files("mail", &[("a.eml", &mail)]).messages[0].text.clone()
    };
    let ascii = "Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 8bit";
    assert_eq!(told("X: y", "na\u{ef}ve".as_bytes()), "na\u{ef}ve");
    assert_eq!(told("X: y", b"caf\xe9 \x84ja\x93"), "caf\u{e9} \u{201e}ja\u{201c}");
    assert_eq!(told(ascii, "na\u{ef}ve".as_bytes()), "na\u{ef}ve");
    assert_eq!(told(ascii, b"caf\xe9"), "caf\u{e9}");
    let quoted =
        "Content-Type: text/html; charset=us-ascii\nContent-Transfer-Encoding: quoted-printable";
    assert_eq!(told(quoted, b"<p>na=C3=AFve</p>"), "na\u{ef}ve");
    let base64 = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64";
    assert_eq!(told(base64, b"Y2Fm6Q=="), "caf\u{e9}");
    let latin = "Content-Type: text/plain; charset=iso-8859-1";
    assert_eq!(told(latin, b"caf\xe9"), "caf\u{e9}");
    let store = |id: &str| {
        let mail = |words: &[u8]| {
            let head = format!(
                "From a@x Wed May  1 10:00:00 2024\nFrom: ana@example.org\nTo: sam@example.org\n\
                 Subject: s\nDate: Wed, 1 May 2024 10:00:00 +0000\n{id}\n"
            );
            [head.as_bytes(), words, b"\n\n"].concat()
        };
        inbox(&[mail("caf\u{fffd}".as_bytes()), mail(b"caf\xe9")])
    };
    assert_eq!(store("Message-ID: <1@x>\n"), ["2024-05-01T10:00:00Z ana@example.org: caf\u{e9}"]);
    assert_eq!(
        store(""),
        ["2024-05-01T10:00:00Z ana@example.org: caf\u{fffd}"],
        "known by its text"
    );
}

/// A server that sends a mail back says whom it did not reach, and why.
#[test]
fn why_a_mail_came_back_is_told() {
    let told = |id: &str| {
        let mail = format!(
            "From: mailer-daemon@x\nTo: sam@example.org\nSubject: Returned\nDate: Wed, 1 May 2024 \
             10:00:00 +0000\n{id}MIME-Version: 1.0\nContent-Type: multipart/report; boundary=q\n\n--q\n\
             Content-Type: text/plain\n\nIt came back\n--q\nContent-Type: message/delivery-status\n\n\
             Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; nobody@x\nAction: failed\nStatus: 5.1.1\n\
             Diagnostic-Code: smtp; 550\n no such user\n--q--\n"
        );
        read_files("mail", &[("a.eml", mail.as_bytes())]).messages[0].text.clone()
    };
    let why =
        "Final-Recipient: rfc822; nobody@x\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such user";
    assert_eq!(told("Message-ID: <1@x>\n"), format!("It came back\n\n{why}"));
    assert_eq!(told(""), "It came back", "known again by its text");
}

/// A page's words of a newer onebox take the place of those that were told before, where the mail has an
/// id; without one they stay.
#[test]
fn the_links_of_a_page_double_no_mail() {
    let told = |id: &str, page: &str| {
        format!(
            "From a@x Wed May  1 10:00:00 2024\nFrom: ana@example.org\nTo: sam@example.org\nSubject: \
             s\nDate: Wed, 1 May 2024 10:00:00 +0000\n{id}MIME-Version: 1.0\nContent-Type: \
             text/html\n\n{page}\n\n"
        )
    };
    let (old, new) = ("<p>Pay here.</p>", "<p>Pay <a href=\"https://x.example/p\">here</a>.</p>");
    for (id, words) in
        [("Message-ID: <1@x>\n", "Pay here (https://x.example/p)."), ("", "Pay here.")]
    {
        let want = [format!("2024-05-01T10:00:00Z ana@example.org: {words}")];
        assert_eq!(inbox(&[told(id, old), told(id, new)]), want);
    }
}

/// Gmail's export tells its labels encoded, in the account's language: mine are mine, and a draft was
/// not sent.
#[test]
fn labels_of_any_language_are_known() {
    let mail = |n: u32, from: &str, to: &str, labels: &str| {
        format!(
            "From {n}@xxx Mon Jan  6 12:00:00 +0000 2025\nX-GM-THRID: 11\nX-Gmail-Labels: \
             {labels}\nDelivered-To: box@example.com\nFrom: {from}\nTo: {to}\nSubject: Tee\nDate: Mon, \
             6 Jan 2025 12:0{n}:00 +0000\nMessage-ID: <{n}@x>\n\nText {n}\n\n"
        )
    };
    let (ada, mo) = ("Ada <ada@example.org>", "Mo <mo@example.org>");
    let all = mail(1, ada, mo, "=?UTF-8?Q?Posteingang,Ge=C3=B6ffnet?=")
        + &mail(2, mo, ada, "=?UTF-8?Q?Gesendet,Ge=C3=B6ffnet?=")
        + &mail(3, mo, ada, "=?UTF-8?Q?Entw=C3=BCrfe?=");
    let told = read_files("mail", &[("Alle E-Mails.mbox", all.as_bytes())]);
    // The account keeps the key that it had before labels were decoded.
    assert_eq!(told.accounts[0].key, "box@example.com");
    assert_eq!(told.accounts[0].known_by, "who sends what lies among the sent");
    assert_eq!(told.threads[0].kind, Some(ThreadKind::Direct));
    assert_eq!(told.me(), ["Mo"]);
    assert_eq!(told.saying("Draft, not sent: Text 3").kind, MessageKind::System);
    let new = mail(4, ada, mo, "=?UTF-8?Q?Posteingang,Ungelesen,Kategorie:_=22Werbung=22?=");
    let told = read_files("mail", &[("Alle E-Mails.mbox", (all + &new).as_bytes())]);
    assert_eq!(told.threads[0].unread, Some(1));
}

/// Several people who write from one address are several: a service speaks for them, or a list puts its
/// own address in place of theirs.
#[test]
fn who_writes_from_an_address_of_many_is_somebody() {
    let mail = |n: u32, head: &str| {
        format!(
            "From {n}@xxx Mon Jan  6 12:00:00 +0000 2025\n{head}\nTo: Mo <mo@own.example>, List \
             <dev@lists.example>\nSubject: s\nDate: Mon, 6 Jan 2025 12:0{n}:00 +0000\nMessage-ID: \
             <{n}@x>\n\nText {n}\n\n"
        )
    };
    let list = "List-Id: <dev.lists.example>\nFrom:";
    let heads = [
        "From: Ada Lind <notifications@code.example>".to_owned(),
        "From: Ben Dale <notifications@code.example>".to_owned(),
        "From: Shop <no-reply@shop.example>".to_owned(),
        format!("{list} Ada via dev <dev@lists.example>\nReply-To: Ada <Ada@own.example>"),
        format!("{list} \"'Cleo' via dev\" <dev@lists.example>\nX-Original-From: Cleo <cleo@x>"),
        format!("{list} \"'Dora' via dev\" <dev@lists.example>\nReply-To: dev@lists.example"),
        format!("{list} Mo via dev <dev@lists.example>\nReply-To: mo@own.example"),
        "From: Tea via Shop <t@shop.example>\nReply-To: Shop <no-reply@shop.example>".to_owned(),
        format!("{list} \"'Eve'\" <eve@own.example>\nReply-To: dev@lists.example"),
    ];
    let all: String = (1..).zip(&heads).map(|(n, head)| mail(n, head)).collect();
    let sent = mail(0, "From: mo@own.example\nX-Gmail-Labels: Sent");
    let told = read_files("mail", &[("Inbox.mbox", (sent + &all).as_bytes())]);
    let who = |n: u32| {
        let key = told.saying(&format!("Text {n}")).sender.clone().unwrap_or_default();
        let name = told.people.iter().find(|p| p.key == key).map(|p| (p.name.clone(), p.is_me));
        let (name, me) = name.expect("told");
        (key.to_string(), name, me)
    };
    for (n, key, name, me) in [
        (1, "notifications@code.example/Ada Lind", "Ada Lind", false),
        (2, "notifications@code.example/Ben Dale", "Ben Dale", false),
        (3, "no-reply@shop.example", "Shop", false),
        (4, "ada@own.example", "Ada", false),
        (5, "cleo@x", "Cleo", false),
        (6, "dev@lists.example/Dora", "Dora", false),
        (7, "mo@own.example", "Mo", true),
        (8, "t@shop.example/Tea", "Tea", false),
        (9, "eve@own.example", "Eve", false),
    ] {
        assert_eq!(who(n), (key.to_owned(), name.to_owned(), me));
    }
}

/// Lines that a mail program broke on the way are joined. Without an id a mail is known again by its
/// text, which stays.
#[test]
fn lines_broken_on_the_way_are_joined() {
    let told = |id: &str, kind: &str, body: &str| {
        let mail = format!(
            "From: ana@x\nTo: sam@x\nSubject: s\nDate: Wed, 1 May 2024 10:00:00 +0000\n{id}MIME-Version: \
             1.0\nContent-Type: text/plain; charset=utf-8; format=flowed{kind}\n\n{body}"
        );
        read_files("mail", &[("a.eml", mail.as_bytes())]).messages[0].text.clone()
    };
    let id = "Message-ID: <1@x>\n";
    assert_eq!(told(id, "", "One \ntwo.\n From me\n"), "One two.\nFrom me");
    assert_eq!(told(id, "; DelSp=yes", "Donau \ndampf\n"), "Donaudampf");
    assert_eq!(told("", "", "One \ntwo.\n"), "One \ntwo.");
}

/// What a mail says once more for programs that show more is no file.
#[test]
fn another_way_to_say_it_is_no_file() {
    let told = |id: &str| {
        let mail = format!(
            "From: ana@x\nTo: sam@x\nSubject: s\nDate: Wed, 1 May 2024 10:00:00 +0000\n{id}MIME-Version: \
             1.0\nContent-Type: multipart/alternative; boundary=q\n\n--q\nContent-Type: text/plain\n\nHi\n\
             --q\nContent-Type: text/x-amp-html\n\n<html amp4email>Hi</html>\n--q\nContent-Type: \
             text/html\n\n<p>Hi</p>\n--q--\n"
        );
        let told = read_files("mail", &[("a.eml", mail.as_bytes())]);
        (told.messages[0].text.clone(), told.messages[0].attachments.len())
    };
    assert_eq!(told("Message-ID: <1@x>\n"), ("Hi".to_owned(), 0));
    assert_eq!(told(""), ("Hi".to_owned(), 1), "known again by it");
}

/// A zone by a name of its own is one all the same. Without an id a mail is known again by its time.
#[test]
fn odd_dates_are_read_as_they_are_meant() {
    let told = |id: &str, date: &str| {
        let mail = format!("From: ana@x\nTo: sam@x\nSubject: s\nDate: {date}\n{id}\nhi\n");
        read_files("mail", &[("a.eml", mail.as_bytes())]).messages[0].sent.at.to_rfc3339()
    };
    let id = "Message-ID: <1@x>\n";
    assert_eq!(told(id, "Mon, 6 Jan 2025 12:52:00 CET"), "2025-01-06T11:52:00Z");
    assert_eq!(told(id, "Mon Jan 06 12:52:00 GMT+01:00 2025"), "2025-01-06T11:52:00Z");
    assert_eq!(told("", "Mon, 6 Jan 2025 12:52:00 CET"), "2025-01-06T12:52:00Z");
}

/// What stands before a mail in its file, and how its lines end, is nothing to pass it over for.
#[test]
fn a_single_mail_may_begin_and_end_its_lines_in_any_way() {
    let mail =
        "From: Ada <ada@x>\nTo: mo@x\nSubject: s\nDate: Mon, 6 Jan 2025 12:00:00 +0000\n\nbody\n";
    for (name, text) in [
        ("plain", mail.to_owned()),
        ("from", format!("From ada@x Mon Jan  6 12:00:00 2025\n{mail}")),
        ("from-cr", format!("From ada@x\r\n{mail}")),
        ("blank", format!("\r\n\r\n{mail}")),
        ("bom", format!("\u{feff}{}", mail.replace('\n', "\r\n"))),
        ("cr", mail.replace('\n', "\r")),
        ("mark", format!("\u{feff}\n\nFrom - 12:00\n{mail}")),
    ] {
        let tree = FileTree::memory([(format!("{name}.eml"), text.into_bytes())]);
        assert_eq!((source("mail").recognise)(&tree).len(), 1, "{name}");
        let told = read_tree("mail", &tree, &utc()).expect("readable");
        assert_eq!(told.oddities, [], "{name}");
        let message = &told.messages[0];
        let by = message.sender.as_deref();
        assert_eq!((message.text.as_str(), by), ("body", Some("ada@x")), "{name}");
    }
    let tree = FileTree::memory([("a.eml".to_owned(), b"From here\rto there\r".to_vec())]);
    assert_eq!((source("mail").recognise)(&tree), []);
}

/// What came with a mail is found behind what stands before it.
#[test]
fn what_came_with_a_mail_lies_behind_its_begin() {
    let mail = "From a@x\nFrom: a@x\nTo: b@x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; \
                boundary=q\n\n--q\n\nhi\n--q\nContent-Type: application/pdf; name=a.pdf\n\nx\n--q--\n";
    let told = read_files("mail", &[("a.eml", mail.as_bytes())]);
    let MediaPlace::Export { path, .. } = &told.messages[0].attachments[0].place else {
        panic!("it is there")
    };
    let length = mail.len() - "From a@x\n".len();
    assert!(path.contains(&format!("//in:9:{length}:mail:0")), "{path}");
}
