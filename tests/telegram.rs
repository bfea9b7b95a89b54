//! Telegram Desktop's exports, read as an import reads them.

mod readers;

use onebox::model::{
    AttachmentKind, Call, Clock, MediaPlace, Membership, MessageKind, PostingLimit, ThreadKind,
};
use onebox::sources::{FileTree, ReadOptions, Zone};
use readers::{NO_CORPUS, corpus, read_files, read_path, read_tree, sample, source, utc};

fn account() -> readers::Told {
    let mut all = read_path("telegram", &sample("telegram", "account"), &utc());
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn an_account_says_who_i_am_and_which_doors_are_closed() {
    let told = account();
    let me = &told.accounts[0];
    assert_eq!((me.key.as_str(), me.name.as_str()), ("user700100", "Sam Rivera"));
    assert_eq!(told.me(), ["Sam Rivera"]);
    let ines = told.thread("Ines Duarte");
    assert_eq!((&*ines.key, ines.kind), ("user700200", Some(ThreadKind::Direct)));
    assert_eq!(ines.address.as_deref(), Some("+351 912 345 678"), "from the address book");
    assert_eq!(told.thread("Choir").kind, Some(ThreadKind::Group));
    assert_eq!(told.thread("Saved Messages").kind, Some(ThreadKind::Direct));
    let news = told.thread("City news");
    assert_eq!((news.kind, news.posting), (Some(ThreadKind::Channel), PostingLimit::AdminsOnly));
    assert_eq!(news.membership, Membership::Gone);
    assert_eq!(told.thread("Old flat").membership, Membership::Gone);
    assert_eq!(told.thread("Choir").membership, Membership::Unknown);
    assert_eq!(told.oddities, []);
    assert_eq!(told.remarks.len(), 1, "four reactions have no names: {:?}", told.remarks);
    assert!(told.remarks[0].contains("4 reactions"));
}

#[test]
fn every_kind_of_message_is_told() {
    let told = account();
    let yes = told.saying("platform 4. See the map");
    assert_eq!(yes.native_id.as_deref(), Some("12"));
    assert_eq!(yes.reply_to.as_ref().and_then(|r| r.native_id.as_deref()), Some("11"));
    assert_eq!(yes.edited.flatten().map(|t| t.0), Some(1_714_554_060_000));
    assert_eq!((yes.reactions[0].emoji.as_str(), &*yes.reactions[0].by), ("👍", "user700200"));
    assert_eq!(yes.attachments[0].place, MediaPlace::Web { url: "https://example.org/map".into() });
    let photo = &told.saying("our train").attachments[0];
    assert!(matches!(&photo.place, MediaPlace::Export { container: Some(_), .. }), "{photo:?}");
    let ines = told.of("user700200");
    let file = &ines[3].attachments[0];
    assert_eq!((file.name.as_deref(), &file.place), (Some("ticket.pdf"), &MediaPlace::Omitted));
    assert_eq!(
        ines[4].kind,
        MessageKind::Call(Call { video: None, seconds: Some(77), missed: false })
    );
    assert_eq!(ines[5].kind, MessageKind::Call(Call { video: None, seconds: None, missed: true }));
    assert_eq!(ines[5].sender.as_deref(), Some("user700100"));
    let place = &ines[6].attachments[0];
    assert_eq!(
        (place.kind, place.name.as_deref()),
        (AttachmentKind::Location, Some("Rossio, Lisboa"))
    );
}

#[test]
fn a_group_tells_polls_events_and_the_departed() {
    let told = account();
    let poll = told.saying("Which day?");
    assert_eq!((poll.kind.clone(), poll.forwarded), (MessageKind::Poll, true));
    assert_eq!(poll.forwarded_from.as_deref(), Some("Concerts"));
    assert_eq!(poll.text, "Which day?\nFriday (2 votes)\nSaturday (1 vote)");
    let made = told.saying("created the group “Choir”");
    assert_eq!((&made.sender, &made.kind), (&None, &MessageKind::System));
    assert_eq!(
        told.saying("a gift of the future").text,
        "Ines Duarte: a gift of the future “Rose”"
    );
    let gone = told.people.iter().find(|p| &*p.key == "user700999").expect("told");
    assert!(gone.placeholder && !gone.is_me);
    let sticker = told.of("channel900300")[3];
    assert_eq!(sticker.attachments[0].kind, AttachmentKind::Sticker);
}

#[test]
fn an_early_chat_has_wall_clocks_bare_ids_and_shows_who_is_me() {
    let told = &read_path("telegram", &sample("telegram", "chat-2020"), &utc())[0];
    assert_eq!(told.threads[0].key.as_ref(), "user700200", "the same chat as in the account");
    assert_eq!(told.me(), ["Sam Rivera"], "who is not the other one");
    assert_eq!(told.accounts[0].key, "user700100");
    assert!(matches!(told.messages[0].sent.clock, Clock::WallMinute(_)));
    assert_eq!(told.messages[0].edited, None, "1970 means never");
    assert!(told.messages[1].edited.flatten().is_some());
    assert_eq!(told.messages[2].attachments[0].name.as_deref(), Some("Rui +351 911 111 222"));
}

#[test]
fn odd_values_are_counted_and_lose_nothing_else() {
    let json = br#"{"personal_information": {"user_id": 5, "first_name": "Sam"}, "chats": {"list": [
        {"name": 7, "type": "personal_chat", "id": "6", "messages": [
          null, 3, {"id": 1, "type": "message", "date_unixtime": "x", "text": "no time"},
          {"id": "2", "type": "message", "date_unixtime": 1700000000, "from": "Ben", "from_id": "user6", "text": {"a": 1}},
          {"id": 3, "type": "message", "date_unixtime": "1700000001", "from_id": "user5", "text": [1, null, {"text": 5}, "kept"], "reactions": 7, "poll": 3, "file": 5}
        ]}, 4, {"messages": []}]}}"#;
    let told = read_files("telegram", &[("result.json", json)]);
    assert_eq!(told.oddities.len(), 3, "{:?}", told.oddities);
    assert_eq!((told.messages.len(), told.threads.len()), (3, 1));
    let sent = |n: usize| told.messages[n].sent.at.0;
    assert_eq!((sent(0), sent(1)), (1_700_000_000_000, 1_700_000_000_000), "beside its neighbour");
    assert_eq!(told.saying("kept").sender.as_deref(), Some("user5"));
    assert_eq!(told.me(), ["Sam"]);
}

/// Of reactions the wall clock alone is told, on which their message stands, too.
#[test]
fn reactions_are_on_the_clock_of_their_message() {
    let json = br#"{"personal_information": {"user_id": 5, "first_name": "Sam"}, "chats": {"list": [
        {"name": "Ben", "type": "personal_chat", "id": 6, "messages": [
          {"id": 1, "type": "message", "date": "2024-12-01T10:00:00", "from": "Ben", "from_id": "user6", "text": "hi",
           "reactions": [{"type": "emoji", "count": 1, "emoji": "x", "recent": [{"from": "Sam", "from_id": "user5", "date": "2024-12-01T10:00:05"}]}]}]}]}}"#;
    let tree = FileTree::memory([("result.json".to_owned(), json.to_vec())]);
    let options =
        ReadOptions { zone: Zone::Named(chrono_tz::Asia::Tokyo), ..ReadOptions::default() };
    let told = read_tree("telegram", &tree, &options).expect("readable");
    let hi = told.saying("hi");
    assert_eq!(hi.sent.at.to_rfc3339(), "2024-12-01T01:00:00Z");
    assert_eq!(hi.reactions[0].at.map(|at| at.0 - hi.sent.at.0), Some(5000));
}

#[test]
fn newer_kinds_of_messages_are_not_empty() {
    let json = br#"{"personal_information": {"user_id": 5, "first_name": "Sam"}, "chats": {"list": [
        {"name": "Ben", "type": "personal_chat", "id": 6, "messages": [
          {"id": 1, "type": "unsupported"},
          {"id": 2, "type": "message", "date_unixtime": "1700000000", "from": "Ben", "from_id": "user6", "text": "",
           "todo_list": {"title": ["For ", {"type": "bold", "text": "Sunday"}], "answers": [{"text": "bread", "id": 1}, {"text": ["the ", {"type": "italic", "text": "jam"}], "id": 2}]}},
          {"id": 3, "type": "message", "date_unixtime": "1700000001", "from": "Ben", "from_id": "user6", "text": "",
           "poll": {"question": ["Tea ", {"type": "bold", "text": "or"}, " not?"], "answers": [{"text": [{"type": "plain", "text": "Tea"}], "voters": 2}]}},
          {"id": 4, "type": "message", "date_unixtime": "1700000002", "from": "Ben", "from_id": "user6", "text": "",
           "giveaway_information": {"quantity": 3, "until_date": "2024-05-02T10:00:00", "additional_prize": "a kettle"}},
          {"id": 5, "type": "message", "date_unixtime": "1700000003", "from": "Ben", "from_id": "user6", "text": "", "story_id": 4},
          {"id": 6, "type": "message", "date_unixtime": "1700000004", "from": "Ben", "from_id": "user6", "text": "", "brand_new": {}},
          {"id": 7, "type": "unsupported"}]},
        {"type": "replies", "id": 1271266957, "messages": [{"id": 8, "type": "message", "date_unixtime": "1700000005", "from": "Ben", "from_id": "user6", "text": "see above"}]},
        {"type": "verification_codes", "id": 489000, "messages": [{"id": 9, "type": "message", "date_unixtime": "1700000006", "from": "Shop", "from_id": "user9", "text": "1234"}]}]}}"#;
    let told = read_files("telegram", &[("result.json", json)]);
    assert_eq!(told.oddities, []);
    let texts: Vec<&str> = told.of("user6").iter().map(|m| m.text.as_str()).collect();
    let unsupported = "A message of a kind that Telegram does not export";
    assert_eq!(texts[0], unsupported);
    assert_eq!(texts[1], "For Sunday\n\u{b7} bread\n\u{b7} the jam");
    assert!(texts[2].starts_with("Tea or not?\n") && texts[2].contains("Tea"), "{}", texts[2]);
    assert_eq!(texts[3], "A giveaway: a kettle, 3 prizes, until 2024-05-02 10:00:00");
    assert_eq!(
        texts[4..],
        ["A story", "A message of a kind that onebox does not know", unsupported]
    );
    let times: Vec<i64> =
        told.of("user6").iter().map(|m| m.sent.at.0 - 1_700_000_000_000).collect();
    assert_eq!(times, [0, 0, 1000, 2000, 3000, 4000, 4000]);
    for title in ["Replies", "Verification Codes"] {
        let thread = told.thread(title);
        let closed = (Some(ThreadKind::Channel), PostingLimit::AdminsOnly);
        assert_eq!((thread.kind, thread.posting), closed, "{title}");
    }
}

#[test]
fn who_i_am_can_be_said() {
    let json = br#"{"messages": [{"type": "message", "date_unixtime": "1544006350", "from": "Ada", "text": "hi"},
        {"type": "message", "date_unixtime": "1544006351", "from": "Bob", "text": "hello"}]}"#;
    let told = read_files("telegram", &[("chat.json", json)]);
    assert_eq!((told.me().len(), told.remarks.len()), (0, 1), "{:?}", told.remarks);
    let tree = onebox::sources::FileTree::memory([("chat.json".to_owned(), json.to_vec())]);
    let options = onebox::sources::ReadOptions { me: Some("Bob".into()), ..utc() };
    let told = read_tree("telegram", &tree, &options).expect("readable");
    assert_eq!((told.me(), told.remarks.len()), (vec!["Bob"], 0));
    assert_eq!((source("telegram").recognise)(&tree).len(), 1);
}

/// File, threads, messages, system messages and calls, attachments, me.
const FILES: &[(&str, usize, usize, usize, usize, &str)] = &[
    ("telegram_2020-01", 4, 50, 8, 27, "Aaaaa Aaaaaaaaaaa"),
    ("telegram_2021-05", 1, 3, 2, 0, ""),
    ("telegram_2021-06_supergroup", 1, 4, 1, 1, "Aaaaa Aaaaaaaaaaa"),
    ("telegram_2021-07", 1, 2, 2, 0, ""),
    ("telegram_2023-01", 1, 6, 5, 1, "Aaaaa Aaaaaaaaaaa"),
    ("telegram_2023-08", 1, 2, 1, 0, ""),
    ("telegram_2023-10_audio-video", 1, 4, 0, 4, ""),
    ("telegram_2023-11", 1, 1, 0, 0, "Aaaaa Aaaaaaaaaaa"),
    ("telegram_2024-01", 1, 2, 1, 0, "Aaaaa Aaaaaaaaaaa"),
    ("telegram_2024-01_inline-bot-buttons", 1, 5, 0, 5, "Aaaaa Aaaaaaaaaaa"),
    ("telegram_2024-02_create-channel_saved-from", 1, 2, 1, 0, "Aaaaa Aaaaaaaaaaa"),
];

#[test]
fn the_public_samples_are_read_whole() {
    let Some(root) = corpus("telegram") else { return println!("{NO_CORPUS}") };
    let base = root.join("frozenspider__chat-history-manager/crates/loaders/resources/test");
    let mut wrong = Vec::new();
    for (case, threads, messages, system, attachments, me) in FILES {
        let all = read_path("telegram", &base.join(case), &utc());
        assert_eq!(all.len(), 1, "{case}");
        let told = &all[0];
        assert_eq!(told.oddities, [], "{case}");
        let quiet = told
            .messages
            .iter()
            .filter(|m| matches!(m.kind, MessageKind::System | MessageKind::Call(_)));
        let got = (
            told.threads.len(),
            told.messages.len(),
            quiet.count(),
            told.messages.iter().map(|m| m.attachments.len()).sum::<usize>(),
            told.me().join(", "),
        );
        if got != (*threads, *messages, *system, *attachments, (*me).to_owned()) {
            wrong.push(format!("{case}: {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for (file, messages) in [("test_batch_export.json", 2), ("test_single_export.json", 2)] {
        let path = root.join("joweich__chat-miner/test/telegram").join(file);
        let told = read_path("telegram", &path, &utc());
        assert_eq!((told.len(), told[0].messages.len()), (1, messages), "{file}");
    }
}

/// What somebody wrote with a gift, added to a list or paid is told, whatever the app calls it.
#[test]
fn words_of_service_messages_are_told() {
    let file = br#"{"name": "Ana", "type": "personal_chat", "id": 2, "messages": [
        {"id": 1, "type": "service", "date_unixtime": "1700000000", "actor": "Ana", "actor_id": "user2", "action": "send_star_gift", "gift_id": "17", "stars": 50, "gift_text": [{"type": "plain", "text": "happy "}, {"type": "bold", "text": "birthday"}], "text": "", "text_entities": []},
        {"id": 2, "type": "service", "date_unixtime": "1700000001", "actor": "Ana", "actor_id": "user2", "action": "send_payment", "amount": 500, "currency": "EUR", "text": ""},
        {"id": 3, "type": "service", "date_unixtime": "1700000002", "actor": "Ana", "actor_id": "user2", "action": "todo_append_tasks", "items": [{"text": "buy milk", "id": 3}, {"text": ["and ", {"type": "bold", "text": "bread"}], "id": 4}], "text": ""},
        {"id": 4, "type": "service", "date_unixtime": "1700000003", "actor": "Ana", "actor_id": "user2", "action": "quite_new", "wish": "words of it", "picture": "(File not included)", "text": ""}]}"#;
    let told = read_files("telegram", &[("result.json", file)]);
    let texts: Vec<&str> = told.messages.iter().map(|m| m.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "Ana: send star gift (50 Stars)\nhappy birthday",
            "Ana: send payment of 500 EUR",
            "Ana: todo append tasks\n· buy milk\n· and bread",
            "Ana: quite new\nwords of it"
        ]
    );
}

const NORA: &str = r#""type": "message", "from": "Nora", "from_id": "user2""#;

/// Telegram writes control characters as no JSON is, and once wrote names of files without quotes.
#[test]
fn what_telegram_writes_wrongly_ends_no_import() {
    let file = format!(
        r#"{{"personal_information": {{"user_id": 5, "first_name": "Sam"}}, "chats": {{"list": [
        {{"name": "Nora", "type": "personal_chat", "id": 2, "messages": [
          {{"id": 1, {NORA}, "date_unixtime": "1700000000", "text": "pick\x0B", "inline_bot_buttons": [[{{"type": "callback", "text": "A", "data": "1=4\x012=9"}}]]}},
          {{"id": 2, {NORA}, "date_unixtime": "1700000001", "text": ["hey ", {{"type": "custom_emoji", "text": "😮", "document_id": video_files/sticker (2).webm
          }}], "text_entities": [{{"type": "custom_emoji", "text": "😮", "document_id": (File not included. Change data exporting settings to download.)
          }}]}},
          {{"id": 3, {NORA}, "date_unixtime": "1700000002", "text": "broken", "more": oops}},
          {{"id": 4, {NORA}, "date_unixtime": "1700000003", "text": "after"}}]}},
        {{"name": "Ben", "type": "personal_chat", "id": 6, "messages": [
          {{"id": 5, "type": "message", "date_unixtime": "1700000004", "from": "Ben", "from_id": "user6", "text": "in another chat"}}]}}]}}}}"#
    );
    let told = read_files("telegram", &[("result.json", file.as_bytes())]);
    let texts: Vec<&str> = told.messages.iter().map(|m| m.text.as_str()).collect();
    assert_eq!(texts, ["pick\u{b}", "hey 😮", "after", "in another chat"]);
    assert_eq!(&*told.saying("in another").thread, "user6");
    assert_eq!(told.oddities.len(), 3, "{:?}", told.oddities);
}

/// Who is not the bot is me.
#[test]
fn a_chat_with_a_bot_says_who_i_am() {
    let file = br#"{"name": "Tea Bot", "type": "bot_chat", "id": 777, "messages": [
        {"id": 1, "type": "message", "date_unixtime": "1700000000", "from": "Sam Reed", "from_id": "user222", "text": "/start"},
        {"id": 2, "type": "message", "date_unixtime": "1700000001", "from": "Tea Bot", "from_id": "user777", "text": "hi"}]}"#;
    let told = read_files("telegram", &[("result.json", file)]);
    assert_eq!((told.me(), told.remarks.len()), (vec!["Sam Reed"], 0));
}

/// Long lists may come before the first chat.
#[test]
fn an_account_is_known_by_what_comes_before_its_chats() {
    let contact = r#"{"user_id": 7, "first_name": "Zoe", "date_unixtime": "1577836800"},"#;
    let file = format!(
        r#"{{"about": "Here is the data", "contacts": {{"about": "", "list": [{} {{}}]}}, "chats": {{"list": [
        {{"name": "Nora", "type": "personal_chat", "id": 2, "messages": [{{"id": 1, {NORA}, "date_unixtime": "1700000000", "text": "hi"}}]}}]}}}}"#,
        contact.repeat(2000)
    );
    let tree = FileTree::memory([("result.json".to_owned(), file.into_bytes())]);
    assert_eq!((source("telegram").recognise)(&tree).len(), 1);
    assert_eq!(read_tree("telegram", &tree, &utc()).expect("readable").messages.len(), 1);
}

/// What bots lay out in blocks.
#[test]
fn rich_messages_are_told() {
    let file = format!(
        r#"{{"name": "Nora", "type": "personal_chat", "id": 2, "messages": [
        {{"id": 1, {NORA}, "date_unixtime": "1700000000", "rich_message": {{"rtl": false, "part": false, "blocks": [
          {{"type": "heading", "text": "Tea report"}},
          {{"type": "paragraph", "text": {{"type": "concat", "text": [{{"type": "plain", "text": "all "}}, {{"type": "bold", "text": {{"type": "plain", "text": "good"}}}}, {{"type": "url", "text": " here", "url": "https://tea.example/1"}}]}}}},
          {{"type": "list", "items": [{{"text": "green"}}, {{"blocks": [{{"type": "paragraph", "text": "black"}}]}}]}},
          {{"type": "table", "rows": [{{"cells": [{{"text": "a"}}, {{"text": ["b", "c"]}}]}}]}},
          {{"type": "quote", "blocks": [{{"type": "paragraph", "text": "said"}}]}},
          {{"type": "photo", "photo": "photos/a.jpg"}},
          {{"type": "button_row", "buttons": [{{"text": "Site", "url": "https://tea.example/2"}}]}}]}}}},
        {{"id": 2, {NORA}, "date_unixtime": "1700000001", "rich_message": {{"blocks": 3}}}},
        {{"id": 3, {NORA}, "date_unixtime": "1700000002", "paid_stars_amount": 5, "text": ""}}]}}"#
    );
    let told = read_files("telegram", &[("result.json", file.as_bytes())]);
    let texts: Vec<&str> = told.messages.iter().map(|m| m.text.as_str()).collect();
    let vague = "A message of a kind that onebox does not know";
    assert_eq!(
        texts,
        [
            "Tea report\nall good here\n· green\n· black\na | bc\nsaid",
            vague,
            "Paid media (5 Stars)"
        ]
    );
    let kinds: Vec<AttachmentKind> = told.messages[0].attachments.iter().map(|a| a.kind).collect();
    assert_eq!(kinds, [AttachmentKind::Share, AttachmentKind::Photo, AttachmentKind::Share]);
}

#[test]
fn service_messages_are_sentences_with_their_numbers() {
    let rows = [
        (
            r#""actor": "Nora", "information_text": "You let this bot write to you""#,
            "You let this bot write to you",
        ),
        (
            r#""actor": "Nora", "action": "requested_peer", "button_id": 1, "peers": "[\n 123\n]""#,
            "Nora shared what a bot had asked for",
        ),
        (
            r#""actor": "Nora", "action": "process_suggested_post", "price_amount_whole": "10", "price_amount_nano": "500000000", "price_currency": "Stars", "scheduled_date": 0"#,
            "Nora: process suggested post of 10.5 Stars",
        ),
        (
            r#""action": "proximity_reached", "from": "Nora", "to": "Sam", "distance": 250"#,
            "Nora is within 250 metres of Sam",
        ),
        (
            r#""actor": "Nora", "action": "boost_apply", "boosts": 4"#,
            "Nora: boost apply (4 boosts)",
        ),
        (
            r#""actor": "Nora", "action": "send_premium_gift", "cost": "$9.99", "months": 1"#,
            "Nora: send premium gift (1 month)\n$9.99",
        ),
        (
            r#""actor": "Nora", "action": "paid_messages_price_change", "price_stars": 0"#,
            "Nora: paid messages price change (0 Stars)",
        ),
        (
            r#""actor": "Nora", "action": "suggest_birthday", "day": 3, "month": 4"#,
            "Nora: suggest birthday (3 April)",
        ),
        (
            r#""actor": "Nora", "action": "send_star_gift", "stars": 15, "text": "for your birthday", "text": """#,
            "Nora: send star gift (15 Stars)\nfor your birthday",
        ),
    ];
    let messages: Vec<String> = rows
        .iter()
        .map(|(fields, _)| {
            format!(r#"{{"id": 1, "type": "service", "date_unixtime": "1700000000", {fields}}}"#)
        })
        .collect();
    let calls = r#"{"id": 2, "type": "service", "date_unixtime": "1700000000", "actor": "Nora", "actor_id": "user2", "action": "conference_call", "is_missed": true, "text": ""}"#;
    let file = format!(
        r#"{{"name": "Nora", "type": "personal_chat", "id": 2, "messages": [{}, {calls}]}}"#,
        messages.join(",")
    );
    let told = read_files("telegram", &[("result.json", file.as_bytes())]);
    for ((_, wanted), got) in rows.iter().zip(&told.messages) {
        assert_eq!(got.text, *wanted);
    }
    let call = told.messages.last().expect("the call");
    assert_eq!(call.kind, MessageKind::Call(Call { video: None, seconds: None, missed: true }));
}
