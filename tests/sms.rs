//! Backups of SMS, MMS and calls, read as an import reads them.

mod readers;

use onebox::model::{
    AttachmentKind, Call, MediaPlace, MessageKind, SendState, ThreadKind, Timestamp,
};
use onebox::sources::{FileTree, ReadOptions};
use readers::{NO_CORPUS, Told, corpus, read_files, read_path, read_tree, sample, source, utc};

fn phone() -> Told {
    let mut all = read_path("sms", &sample("sms", "phone"), &utc());
    assert_eq!(all.len(), 1);
    all.remove(0)
}

const INES: &str = "+493012345671";
const RUI: &str = "+493012345673";
const GROUP: &str = "+493012345671~+493012345673";

#[test]
fn threads_are_the_numbers_of_the_others() {
    let told = phone();
    let mut keys: Vec<&str> = told.threads.iter().map(|t| &*t.key).collect();
    keys.sort_unstable();
    assert_eq!(keys, [INES, GROUP, "+493012345672", RUI, "22922", "parcels", "unknown"]);
    let ines = told.threads.iter().find(|t| &*t.key == INES).expect("told");
    assert_eq!((ines.kind, ines.address.as_deref()), (Some(ThreadKind::Direct), Some(INES)));
    assert_eq!(told.of(INES).len(), 5, "however the number is written, and with its calls");
    let group = told.threads.iter().find(|t| &*t.key == GROUP).expect("told");
    assert_eq!((group.kind, &group.address), (Some(ThreadKind::Group), &None));
    let parcels = told.threads.iter().find(|t| &*t.key == "parcels").expect("told");
    assert_eq!((&parcels.address, parcels.unread), (&None, Some(1)));
    assert_eq!((group.unread, ines.unread), (Some(1), Some(0)));
    assert_eq!(told.thread("Unknown number").key.as_ref(), "unknown");
    assert_eq!(told.oddities, []);
}

#[test]
fn people_have_the_names_of_the_address_book() {
    let told = phone();
    let name = |thread: &str, key: &str| {
        let last = told.people.iter().rfind(|p| &*p.thread == thread && &*p.key == key);
        last.map(|p| p.name.as_str())
    };
    assert_eq!(name(INES, INES), Some("Ines Duarte"));
    assert_eq!(name(GROUP, INES), Some("Ines Duarte"));
    assert_eq!(name(GROUP, RUI), Some("Rui Alves"), "learnt after the group was told");
    assert_eq!(name("+493012345672", "+493012345672"), Some("Tom Brandt"), "from a call");
    assert_eq!(name("parcels", "parcels"), Some("PARCELS"));
    assert_eq!(told.me(), ["+493012345670"], "the MMS name it, and it is nobody else");
    assert!(told.people.iter().all(|p| &*p.key != "+493012345670"));
    assert_eq!((told.accounts[0].key.as_str(), told.accounts.len()), ("", 1));
}

#[test]
fn texts_emoji_and_states_are_told() {
    let told = phone();
    let first = told.saying("Are you coming");
    assert_eq!(first.text, "Are you coming tonight? 😀\nWe start at 8 & bring \"snacks\"");
    assert_eq!(
        (first.sent.at, first.sender.as_deref()),
        (Timestamp(1_717_000_000_000), Some(INES))
    );
    let mine = told.saying("On my way");
    assert_eq!((mine.sender.as_deref(), mine.send_state), (Some("me"), None));
    assert_eq!(told.saying("Can you hear me?").send_state, Some(SendState::Failed));
    assert_eq!(told.saying("Hello?").send_state, Some(SendState::Unconfirmed));
    let draft = told.saying("I wanted to say");
    assert_eq!((&draft.sender, &draft.kind), (&None, &MessageKind::System));
    assert_eq!(draft.text, "Draft, not sent: I wanted to say");
    assert_eq!(told.of("22922")[0].text, "", "null is nothing");
    assert_eq!(told.saying("Who is this?").sender.as_deref(), Some("unknown"));
    assert!(told.people.iter().all(|p| !p.placeholder), "a withheld number is no deleted account");
}

#[test]
fn mms_bring_their_parts() {
    let told = phone();
    let came = told.saying("The terrace is free");
    assert_eq!((&*came.thread, came.sender.as_deref()), (GROUP, Some(RUI)));
    assert_eq!(came.text, "The terrace is free again", "how it is laid out is no text");
    assert_eq!(came.native_id.as_deref(), Some("mms-in-1@1717000300000"));
    let photo = &came.attachments[0];
    assert_eq!((photo.kind, photo.name.as_deref()), (AttachmentKind::Photo, Some("terrace.jpg")));
    let MediaPlace::Export { path, container: Some(_) } = &photo.place else {
        panic!("it is there")
    };
    assert!(path.contains("//in:") && path.ends_with(":jpg"), "{path}");
    let sent = told.saying("I book it");
    assert_eq!((&*sent.thread, sent.sender.as_deref()), (GROUP, Some("me")));
    assert_eq!(sent.text, "Saturday\nI book it", "its subject, and a text in base64");
    let card = &sent.attachments[0];
    assert_eq!((card.kind, card.name.as_deref()), (AttachmentKind::Contact, Some("Rui.vcf")));
    let rcs = told.saying("over RCS");
    assert_eq!((&*rcs.thread, rcs.attachments[0].kind), (RUI, AttachmentKind::Audio));
    assert_eq!(rcs.attachments[0].name.as_deref(), Some("voice.amr"));
    let notice = told.of(RUI)[1];
    assert_eq!(notice.attachments[0].name.as_deref(), Some("MMS that was not downloaded"));
}

#[test]
fn calls_are_told_in_the_thread_of_the_number() {
    let told = phone();
    let calls: Vec<(&str, Option<&str>, Call)> = told
        .messages
        .iter()
        .filter_map(|m| match m.kind {
            MessageKind::Call(call) => Some((&*m.thread, m.sender.as_deref(), call)),
            _ => None,
        })
        .collect();
    let call = |seconds, missed| Call { video: None, seconds, missed };
    assert_eq!(
        calls,
        [
            (INES, Some(INES), call(Some(77), false)),
            (INES, Some("me"), call(None, false)),
            ("+493012345672", Some("+493012345672"), call(None, true)),
            ("unknown", Some("unknown"), call(None, true)),
        ]
    );
    assert_eq!(told.saying("Declined").thread.as_ref(), "unknown");
}

#[test]
fn a_group_without_a_list_is_whoever_is_named_but_me() {
    let told = &read_path("sms", &sample("sms", "short-mms"), &utc())[0];
    let group = "+351912000001~+351912000002";
    let threads: Vec<&str> = told.messages.iter().map(|m| &*m.thread).collect();
    assert_eq!(threads, ["+351912000001", group, group]);
    assert_eq!(told.messages[1].sender.as_deref(), Some("+351912000002"));
    assert_eq!(told.messages[2].sender.as_deref(), Some("me"));
    assert_eq!(told.messages[2].sent.at, Timestamp(1_736_938_120_000), "told in seconds");
    assert_eq!(told.messages[2].text, "");
    assert_eq!(told.me(), ["+351912000000"]);
}

#[test]
fn my_number_can_be_said() {
    let xml = br#"<smses count="1"><mms date="1736938060000" msg_box="1"><addrs>
        <addr address="+351912000002" type="137"/><addr address="+351912000001" type="151"/>
        <addr address="912 000 000" type="151"/></addrs></mms></smses>"#;
    let tree = FileTree::memory([("a.xml".to_owned(), xml.to_vec())]);
    let options = ReadOptions { me: Some("+351 912 000 000".into()), ..utc() };
    let told = read_tree("sms", &tree, &options).expect("readable");
    assert_eq!(told.threads[0].key.as_ref(), "+351912000001~+351912000002");
    assert_eq!((source("sms").recognise)(&tree).len(), 1);
}

#[test]
fn what_is_damaged_is_counted_and_the_rest_read() {
    let xml = br#"<smses count="5"><sms address="+1" date="x" type="1" body="no time"/>
        <sms address="+15550000001" date="1" body="torn <sms address="+15550000001" date="1717000000000" type="1" body="kept"/>
        <mms date="1717000000001" msg_box="1" address="+15550000001"><parts><part ct="text/plain" text="never closed"/>
        <sms address="+15550000001" date="1717000000002" type="9" body="an unknown type"/>"#;
    let told = read_files("sms", &[("sms.xml", xml)]);
    let texts: Vec<&str> = told.messages.iter().map(|m| m.text.as_str()).collect();
    assert_eq!(texts, ["no time", "kept", "an unknown type", "never closed"]);
    let why: Vec<&str> = told.oddities.iter().map(|o| o.why.as_str()).collect();
    assert_eq!(
        why,
        [
            "it has no time that can be read; it stands beside its neighbour",
            "a damaged entry near it is left out",
            "the file breaks off: what came after this is lost",
        ]
    );
}

#[test]
fn a_film_inside_is_passed_over() {
    let data = "QUJD".repeat(2 << 20);
    let xml = format!(
        r#"<smses count="1"><mms date="1717000000000" msg_box="1" address="+15550000001"><parts>
        <part ct="video/mp4" cl="film.mp4" data="{data}"/><part ct="text/plain" text="seen?"/>
        </parts></mms></smses>"#
    );
    let told = read_files("sms", &[("sms.xml", xml.as_bytes())]);
    let message = told.saying("seen?");
    assert_eq!(message.attachments[0].kind, AttachmentKind::Video);
    assert_eq!((told.oddities.len(), told.bytes), (0, xml.len() as u64));
}

#[test]
fn the_public_sample_is_read_whole() {
    let Some(root) = corpus("sms") else { return println!("{NO_CORPUS}") };
    let path = root.join("noahejung__locket/tests/fixtures/sms_backup.xml");
    let told = &read_path("sms", &path, &utc())[0];
    assert_eq!((told.threads.len(), told.messages.len()), (3, 4));
    assert_eq!(told.oddities, []);
    let santa = told.saying("Santa");
    assert_eq!((&*santa.thread, santa.sender.as_deref()), ("+15551112222", Some("+15551112222")));
    assert_eq!(told.me(), ["+15559990000"]);
    assert!(told.saying("draft not sent yet").sender.is_none());
}

/// Backups are whole each time: the newer file tells all of the older one again.
#[test]
fn two_backups_in_one_folder_are_one_inbox() {
    let sms = |id: u32, read: u32| {
        format!(
            r#"<sms address="+351912000001" date="{}" type="1" body="hello" read="{read}" contact_name="{}" />"#,
            1_736_938_000_000_u64 + u64::from(id),
            if read == 0 && id == 1 { "Ines" } else { "Ines Duarte" }
        )
    };
    let file = |all: &[String]| format!("<smses count=\"{}\">{}</smses>", all.len(), all.concat());
    let older = file(&[sms(1, 0), sms(1, 0)]);
    let newer = file(&[sms(1, 1), sms(1, 1), sms(2, 0)]);
    let told = read_files(
        "sms",
        &[("sms-20250101.xml", older.as_bytes()), ("sms-20250201.xml", newer.as_bytes())],
    );
    assert_eq!((told.tellings, told.threads[0].unread), (2, Some(1)), "the newest file's word");
    let named: Vec<_> = told.people.iter().filter(|p| !p.is_me).map(|p| &*p.name).collect();
    assert_eq!(named, ["Ines", "Ines Duarte"], "and its name");
}

#[test]
fn one_odd_message_makes_nobody_me() {
    let mms = |msg_box: u32, from: &str, to: &str, id: u32| {
        let other = if msg_box == 2 { to } else { from };
        format!(
            r#"<mms address="{other}" date="{}" msg_box="{msg_box}" m_id="{id}"><parts><part ct="text/plain" text="x" /></parts><addrs><addr address="{from}" type="137" /><addr address="{to}" type="151" /></addrs></mms>"#,
            1_736_938_000_000_u64 + u64::from(id)
        )
    };
    let me = "+351912000000";
    let mut all: Vec<String> = (0..9).map(|n| mms(2, me, "+351912000001", n)).collect();
    all.push(mms(1, "+351912000001", "+351912000002", 9));
    let file = format!("<smses>{}</smses>", all.concat());
    let told = read_files("sms", &[("sms.xml", file.as_bytes())]);
    assert_eq!(told.me(), [me]);
    assert!(told.people.iter().all(|p| &*p.key != "+351912000002" || !p.is_me));
}

/// A message whose date cannot be read loses no word: it stands beside its neighbour.
#[test]
fn a_message_without_a_time_stands_beside_its_neighbour() {
    let file = br#"<?xml version="1.0"?><smses count="4">
        <sms address="+493012345671" date="99999999999999999999" type="1" body="too far" read="1" />
        <sms address="+493012345671" date="1700000000000" type="1" body="in time" read="1" />
        <sms address="+493012345671" date="0" type="1" body="zero" read="1" />
        <sms address="+493012345671" date="x" type="2" body="no date" read="1" />
        <mms date="null" msg_box="1" address="+493012345671" m_type="132" read="1"><parts><part seq="0" ct="text/plain" text="in parts" /></parts><addrs><addr address="+493012345671" type="137" /></addrs></mms>
        </smses>"#;
    let told = read_files("sms", &[("sms.xml", file)]);
    let texts: Vec<(i64, &str)> =
        told.messages.iter().map(|m| (m.sent.at.0, m.text.as_str())).collect();
    let at = 1_700_000_000_000;
    assert_eq!(
        texts,
        [(at, "too far"), (at, "in time"), (0, "zero"), (at, "no date"), (at, "in parts")]
    );
    let beside = |o: &onebox::model::Oddity| o.why.ends_with("it stands beside its neighbour");
    assert_eq!((told.oddities.len(), told.oddities.iter().all(beside)), (3, true));
}

/// A group of RCS bears a name of its own on the network, whoever of it one message names.
#[test]
fn an_rcs_group_is_one() {
    let mms = |n: u32, out: bool, from: &str, to: &[&str], text: &str| {
        let to: String =
            to.iter().map(|a| format!(r#"<addr address="{a}" type="151"/>"#)).collect();
        let (msg_box, m_type) = if out { (2, 128) } else { (1, 132) };
        format!(
            r#"<mms date="17361648{n}0000" msg_box="{msg_box}" address="Ab3dEf@rcs.google.com" m_type="{m_type}" contact_name="(Unknown)" read="1"><parts><part seq="0" ct="text/plain" text="{text}"/></parts><addrs><addr address="{from}" type="137"/>{to}</addrs></mms>"#
        )
    };
    let (ben, cara, me) = ("+447700900001", "+447700900002", "+447700900099");
    let all = mms(1, false, ben, &[cara, me], "hello group")
        + &mms(2, true, me, &[ben, cara], "my answer")
        + &mms(3, false, cara, &[me], "from cara")
        + &mms(4, false, ben, &["Ab3dEf@rcs.google.com"], "from ben")
        + &mms(5, false, "Ab3dEf@rcs.google.com", &[me], "from whom");
    let alone = format!(
        r#"<mms date="1736164790000" msg_box="2" address="{ben}" m_type="128" read="1"><parts><part seq="0" ct="text/plain" text="to one"/></parts><addrs><addr address="{me}" type="137"/><addr address="{ben}" type="151"/></addrs></mms>"#
    );
    let xml = format!("<smses count=\"6\">{alone}{all}</smses>");
    let told = read_files("sms", &[("sms-1.xml", xml.as_bytes())]);
    assert_eq!(told.threads.len(), 2, "{:?}", told.threads);
    let group = told.threads.iter().find(|t| &*t.key == "ab3def@rcs.google.com").expect("told");
    assert_eq!((group.kind, &group.address), (Some(ThreadKind::Group), &None));
    let people = told.people.iter().filter(|p| p.thread == group.key).map(|p| &*p.key);
    assert_eq!(people.collect::<Vec<_>>(), ["me", ben, cara, "unknown"]);
    let by: Vec<&str> = told.of(&group.key).iter().filter_map(|m| m.sender.as_deref()).collect();
    assert_eq!(by, [ben, "me", cara, ben, "unknown"]);
}
