//! Messenger's downloads of up to 2018 as people have them: pages with many conversations, pages of
//! one each, pieces told twice, numbers in place of names, dates in any language.

mod readers;

use std::fmt::Write as _;

use onebox::model::{MediaPlace, ThreadKind, Timestamp};
use onebox::sources::FileTree;
use onebox::store::{Store, ThreadQuery};
use readers::{Taking, Told, read_files, source, utc};

const OCTOBER: &str = "Friday, October 4, 2013 at 10:05pm UTC+02";

/// (who, when, what, in the markup of up to 2017)
fn thread(people: &str, said: &[(&str, &str, &str)]) -> String {
    let mut out = format!("<div class=\"thread\">{people}");
    for (who, when, what) in said {
        write!(
            out,
            "<div class=\"message\"><div class=\"message_header\"><span class=\"user\">{who}</span>\
             <span class=\"meta\">{when}</span></div></div><p>{what}</p>"
        )
        .expect("a string takes all");
    }
    out + "</div>"
}

fn page(title: &str, threads: &[String]) -> String {
    format!(
        "<html><head><meta charset=\"UTF-8\" /><title>{title}</title></head><body><div \
         class=\"contents\"><h1>Zoë Lindqvist</h1><div>{}</div></div></body></html>",
        threads.concat()
    )
}

fn whole(threads: &[String]) -> Told {
    let page = page("Zoë Lindqvist - Messages", threads);
    read_files("messenger", &[("html/messages.htm", page.as_bytes())])
}

/// How many threads and messages a store has of an export.
fn stored(files: &[(&str, &str)]) -> (usize, u64) {
    let store = Store::in_memory().expect("a store");
    let tree =
        FileTree::memory(files.iter().map(|(p, t)| ((*p).to_owned(), t.as_bytes().to_vec())));
    let mut writer = store.writer().expect("a writer");
    let mut import = writer.import("x", Timestamp(1_800_000_000_000)).expect("an import");
    (source("messenger").read)(&tree, &utc(), &mut Taking(&mut import)).expect("readable");
    import.finish("[]").expect("finished");
    let threads = store.reader().expect("a reader").threads(&ThreadQuery::default(), 0, 1000);
    let threads = threads.expect("threads");
    (threads.len(), threads.iter().map(|t| t.messages).sum())
}

#[test]
fn pages_of_one_conversation_each() {
    let index = "<html><head><title>Zoë Lindqvist - Messages</title></head><body><h1>Zoë \
                 Lindqvist</h1><p><a href=\"../messages/0.html\">Maya Okafor</a></p></body></html>";
    let first = page(
        "Conversation with Maya Okafor",
        &[thread(
            "<h3>Conversation with Maya Okafor</h3>Participants: Maya Okafor, Zoë Lindqvist",
            &[
                ("Maya Okafor", OCTOBER, "</p><p><img src=\"../messages/photos/1.jpg\" />"),
                ("Zoë Lindqvist", OCTOBER, "are you<br />coming?"),
            ],
        )],
    );
    let second = page(
        "Conversation with Facebook User",
        &[thread("Facebook User, Zoë Lindqvist", &[("Facebook User", OCTOBER, "gone")])],
    );
    let files: [(&str, &[u8]); 4] = [
        ("html/messages.htm", index.as_bytes()),
        ("messages/0.html", first.as_bytes()),
        ("messages/10.html", second.as_bytes()),
        ("messages/photos/1.jpg", b"x"),
    ];
    let told = read_files("messenger", &files);
    assert_eq!(told.oddities, []);
    assert_eq!(told.me(), ["Zoë Lindqvist"]);
    let maya = told.of("html/people/Maya Okafor+Zoë Lindqvist");
    assert_eq!(maya.len(), 2, "{:?}", told.threads);
    assert!(
        matches!(&maya[0].attachments[0].place, MediaPlace::Export { path, container: Some(_) }
            if path == "messages/photos/1.jpg"),
        "{maya:?}"
    );
    assert_eq!(maya[1].text, "are you\ncoming?");
    assert!(told.people.iter().any(|p| p.name == "Facebook User" && p.placeholder));
    assert!(told.threads.iter().all(|t| t.kind == Some(ThreadKind::Direct)));

    // Without the index it is told who I am by who is everywhere.
    let alone = read_files("messenger", &files[1..]);
    assert_eq!(alone.me(), ["Zoë Lindqvist"], "{:?}", alone.remarks);
}

#[test]
fn hundreds_of_conversations_in_one_file() {
    let threads: Vec<String> = (0..400)
        .map(|n| {
            let who = format!("Friend {n}");
            let said = [
                (who.as_str(), OCTOBER, "hello"),
                ("Zoë Lindqvist", OCTOBER, "who is it?"),
                (who.as_str(), "Friday, October 4, 2013 at 9:58pm UTC+02", "guess"),
            ];
            thread(&format!("Zoë Lindqvist, {who}"), &said)
        })
        .collect();
    let told = whole(&threads);
    assert_eq!((told.threads.len(), told.messages.len(), told.oddities.len()), (400, 1200, 0));
    assert_eq!(told.me(), ["Zoë Lindqvist"]);
    let page = page("Zoë Lindqvist - Messages", &threads);
    assert_eq!(stored(&[("html/messages.htm", &page)]), (400, 1200));
}

/// Pieces of one conversation are one; a piece that stands there twice is told once, and what was
/// said twice is said twice.
#[test]
fn a_piece_told_twice_is_told_once() {
    let later = thread(
        "Zoë Lindqvist, Maya Okafor",
        &[("Maya Okafor", OCTOBER, "ok"), ("Maya Okafor", OCTOBER, "ok")],
    );
    let earlier = thread(
        "Maya Okafor, Zoë Lindqvist",
        &[("Maya Okafor", "Thursday, October 3, 2013 at 10:05pm UTC+02", "ok")],
    );
    let page = page("Zoë Lindqvist - Messages", &[later.clone(), earlier, later]);
    assert_eq!(stored(&[("html/messages.htm", &page)]), (1, 3));
}

/// Nobody knows who is in them, so they are not one.
#[test]
fn conversations_without_people_stay_apart() {
    let some = |who: &str| thread("", &[(who, OCTOBER, "hello")]);
    let told = whole(&[some("Maya Okafor"), some("Ana Lima")]);
    assert_eq!(told.threads.len(), 2);
    assert!(told.threads.iter().all(|t| t.kind == Some(ThreadKind::Direct)));
    assert_eq!(told.messages.len(), 2);
}

#[test]
fn a_number_may_stand_for_me() {
    let (me, maya, ana) = ("100@facebook.com", "200@facebook.com", "300@facebook.com");
    let told = whole(&[
        thread(&format!("{me}, {maya}"), &[(me, OCTOBER, "one"), (maya, OCTOBER, "two")]),
        thread(&format!("{ana}, {me}"), &[(ana, OCTOBER, "three")]),
        thread(&format!("Zoë Lindqvist, {ana}"), &[("Zoë Lindqvist", OCTOBER, "four")]),
    ]);
    assert_eq!(told.me(), [me, "Zoë Lindqvist"]);
    assert!(told.threads.iter().all(|t| t.kind == Some(ThreadKind::Direct)), "{:?}", told.threads);
    assert_eq!(told.accounts[0].name, "Zoë Lindqvist");

    // Of one conversation it cannot be told which of the two I am.
    let told = whole(&[thread(&format!("{me}, {maya}"), &[(me, OCTOBER, "one")])]);
    assert_eq!(told.me(), [""; 0]);
}

/// Croatian calls June, July and October what Polish calls July and November, and Czech August.
#[test]
fn months_that_two_languages_share() {
    let of = |dates: [&str; 3]| {
        let said = dates.map(|date| ("Maya Okafor", date, "x"));
        let told = whole(&[thread("Zoë Lindqvist, Maya Okafor", &said)]);
        assert_eq!(told.oddities, [], "{dates:?}");
        told.messages.iter().map(|m| m.sent.at.to_rfc3339()[..10].to_owned()).collect::<Vec<_>>()
    };
    let croatian =
        of(["4. lis 2013. 22:05 UTC+02", "4. srp 2013. 22:05 UTC+02", "4. ožu 2013. 22:05 UTC+01"]);
    assert_eq!(croatian, ["2013-10-04", "2013-07-04", "2013-03-04"]);
    // Of the three months alone other words tell: the weekday, the half of the day, `u` before the
    // clock, the dot behind the year.
    for word in ["pet, 4. lis 2013 22:05", "4. lis 2013 u 22:05", "lis 04, 2013 10:05 popodne"] {
        let all = of([word, "4. srp 2013 22:05", "4. lip 2013 22:05"]);
        assert_eq!(all, ["2013-10-04", "2013-07-04", "2013-06-04"], "{word}");
    }
    let dotted = of(["4. lis 2013. 22:05", "4. srp 2013. 22:05", "4. lip 2013. 22:05"]);
    assert_eq!(dotted, ["2013-10-04", "2013-07-04", "2013-06-04"]);
    let polish =
        of(["4 lis 2013 22:05 UTC+01", "4 lip 2013 22:05 UTC+02", "4 sie 2013 22:05 UTC+02"]);
    assert_eq!(polish, ["2013-11-04", "2013-07-04", "2013-08-04"]);
    let czech = of([
        "4. srpna 2013 v 22:05 UTC+02",
        "4. října 2013 v 22:05 UTC+02",
        "4. února 2013 v 22:05 UTC+01",
    ]);
    assert_eq!(czech, ["2013-08-04", "2013-10-04", "2013-02-04"]);
}

/// A page of today says when it was made: as an instant, and in the account's words.
#[test]
fn when_a_page_was_made_tells_the_language() {
    let of = |made: &str, words: &str, dates: [&str; 2]| {
        let section = |title: &str, said: &str, date: &str| {
            format!(
                "<section class=\"_3-95 _a6-g\"><h2 class=\"_2ph_ _a6-h _a6-i\">{title}</h2>\
                 <div class=\"_2ph_ _a6-p\"><div><div></div><div>{said}</div></div></div>\
                 <footer class=\"_3-94 _a6-o\"><div class=\"_a72d\">{date}</div></footer></section>"
            )
        };
        let page = format!(
            "<html><head><title>Maya Okafor</title></head><body><div><header class=\"_as-_ _a70a\">\
             <h1 class=\"_a70e\">Maya Okafor</h1><aside role=\"contentinfo\" class=\"_aoaa\">Generated \
             by Zoë Lindqvist on <time datetime=\"{made}\">{words}</time></aside></header>\
             <main class=\"_a706\" role=\"main\">{}{}</main></div></body></html>",
            section("Maya Okafor", "one", dates[0]),
            section("Zoë Lindqvist", "two", dates[1])
        );
        let path = "your_facebook_activity/messages/inbox/mayaokafor_1/message_1.html";
        let told = read_files("messenger", &[(path, page.as_bytes())]);
        told.messages.iter().map(|m| m.sent.at.to_rfc3339()[..10].to_owned()).collect::<Vec<_>>()
    };
    let both = ["lis 02, 2023 8:10:32", "srp 02, 2023 8:10:32"];
    let told = of("2023-10-19T14:33Z", "četvrtak, 19. listopada 2023. u 16:33 UTC+02:00", both);
    assert_eq!(told, ["2023-10-02", "2023-07-02"]);
    // No weekday: but the instant is in October.
    let told = of("2023-10-19T14:33Z", "19 listopada 2023 16:33 UTC+02:00", both);
    assert_eq!(told, ["2023-10-02", "2023-07-02"]);
    // Neither: but nobody has written after the page was made.
    let told = of("2023-10-19T14:33Z", "2023-10-19 16:33", both);
    assert_eq!(told, ["2023-10-02", "2023-07-02"]);
    let polish = ["lis 02, 2023 8:10:32", "lip 02, 2023 8:10:32"];
    let told = of("2023-11-19T14:33Z", "niedziela, 19 listopada 2023 15:33 UTC+01:00", polish);
    assert_eq!(told, ["2023-11-02", "2023-07-02"]);
    let told = of("2023-12-19T14:33Z", "wtorek, 19 grudnia 2023 15:33 UTC+01:00", polish);
    assert_eq!(told, ["2023-11-02", "2023-07-02"]);
}

/// The first JSON, of spring 2018: one file a folder, seconds, people as strings, me among none.
#[test]
fn message_json_of_spring_2018() {
    let file = |people: &str, path: &str, said: &str| {
        format!(
            r#"{{"participants": [{people}], "title": "T", "thread_path": "{path}",
                "is_still_participant": true, "status": "ok", "messages": [{said}]}}"#
        )
    };
    let group = file(
        r#""Ida Moe", "Bo Berg""#,
        "threads/crew_43942ddb16",
        r#"{"sender_name": "Zo\u00c3\u00ab", "timestamp": 1520000060, "content": "hi", "type": "Generic"},
           {"sender_name": "Ida Moe", "timestamp": 1520000000, "type": "Subscribe", "content": "Ida Moe added Bo Berg to the group.", "users": ["Bo Berg"]},
           {"sender_name": "Bo Berg", "timestamp": 1519999000, "type": "Share", "content": "look", "share": {"link": "https://example.org/"}}"#,
    );
    let direct = file(
        r#""Ida Moe""#,
        "idamoe_9942ddb16f",
        r#"{"sender_name": "Ida Moe", "timestamp": 1520000000, "photos": [{"uri": "messages/idamoe_9942ddb16f/photos/1.jpg", "creation_timestamp": 1520000000}], "type": "Generic"},
           {"sender_name": "Zo\u00c3\u00ab", "timestamp": 1519990000, "content": "yes", "type": "Generic"}"#,
    );
    let gone = file(
        "",
        "facebookuser_77",
        r#"{"sender_name": "", "timestamp": 1520000000, "content": "boo", "type": "Generic"}"#,
    );
    let files: [(&str, &[u8]); 4] = [
        ("messages/crew_43942ddb16/message.json", group.as_bytes()),
        ("messages/idamoe_9942ddb16f/message.json", direct.as_bytes()),
        ("messages/idamoe_9942ddb16f/photos/1.jpg", b"x"),
        ("messages/facebookuser_77/message.json", gone.as_bytes()),
    ];
    let told = read_files("messenger", &files);
    assert_eq!(told.oddities, []);
    assert_eq!(told.me(), ["Zoë"]);
    let by = |id: &str| {
        let key = format!("html/by-second/{id}");
        told.threads.iter().find(|t| *t.key == *key).expect("told")
    };
    assert_eq!(by("43942ddb16").kind, Some(ThreadKind::Group));
    assert_eq!(by("9942ddb16f").kind, Some(ThreadKind::Direct));
    assert_eq!(told.saying("hi").sent.at, Timestamp(1_520_000_060_000));
    let photo = &told.of("html/by-second/9942ddb16f")[0].attachments[0];
    assert!(matches!(&photo.place, MediaPlace::Export { container: Some(_), .. }), "{photo:?}");
    assert_eq!(told.of("html/by-second/facebookuser_77").len(), 1);
    assert!(
        told.people.iter().any(|p| &*p.thread == "html/by-second/facebookuser_77" && p.placeholder)
    );
}
