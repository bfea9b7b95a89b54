//! The program against what a stranger may put into an export, and against bad luck: whatever
//! comes, healthy threads are imported, what was lost is said, memory stays bounded, and no
//! control sequence reaches the terminal.

#![cfg(unix)]

#[path = "program/memory.rs"]
mod memory;
mod program;

use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use memory::watched;
use program::{Person, ran};
use serde_json::{Value, json};
use zip::write::{SimpleFileOptions, ZipWriter};

const BOXES: &str = "your_activity_across_facebook/messages";
const PROFILE: &str = "personal_information/profile_information/profile_information.json";
/// A minute in September 2020.
const THEN: i64 = 1_600_000_000_000;
/// Nothing that is read may need more than this, however large it is.
const MEMORY_KB: u64 = 160 << 10;

/// A Messenger thread of two: what was said, the oldest first.
fn thread(with: &str, said: &[(&str, i64, &str)]) -> Value {
    let messages: Vec<Value> = said
        .iter()
        .rev()
        .map(|(who, at, text)| json!({"sender_name": who, "timestamp_ms": at, "content": text}))
        .collect();
    json!({"participants": [{"name": with}, {"name": "Sam"}], "messages": messages,
           "title": with, "is_still_participant": true})
}

fn hello(with: &str) -> String {
    thread(with, &[(with, THEN, "hello"), ("Sam", THEN + 1000, "hi")]).to_string()
}

fn part(folder: &str) -> String {
    format!("{BOXES}/inbox/{folder}/message_1.json")
}

/// The files of a Messenger export, with the profile that says who I am.
fn messenger(threads: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
    let profile = json!({"profile_v2": {"name": {"full_name": "Sam"}}}).to_string();
    let mut files = vec![(PROFILE.to_owned(), profile.into_bytes())];
    files.extend(threads.iter().map(|(f, text)| (part(f), text.as_bytes().to_vec())));
    files
}

fn chat(with: &str) -> String {
    format!(
        "[01.02.23, 10:00:00] {with}: hello from {with}\n[01.02.23, 10:01:00] Sam: hi {with}\n\
         [14.02.23, 10:01:00] Sam: and again\n"
    )
}

fn zipped<N: AsRef<str>, B: AsRef<[u8]>>(files: &[(N, B)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name.as_ref(), SimpleFileOptions::default()).expect("an entry");
        zip.write_all(bytes.as_ref()).expect("memory");
    }
    zip.finish().expect("a zip").into_inner()
}

/// Of the headers before each file and in the list at the end, changes what stands at an offset.
fn patch(zip: &mut [u8], local: usize, central: usize, change: impl Fn(&mut u8)) {
    for (mark, offset) in [(b"PK\x03\x04", local), (b"PK\x01\x02", central)] {
        let at: Vec<usize> = memchr::memmem::find_iter(zip, mark).collect();
        assert!(!at.is_empty());
        at.into_iter().for_each(|i| change(&mut zip[i + offset]));
    }
}

impl Person {
    fn bytes(&self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.home().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, bytes).expect("a writable home");
        path
    }

    fn folder<N: AsRef<str>, B: AsRef<[u8]>>(&self, name: &str, files: &[(N, B)]) -> PathBuf {
        for (path, bytes) in files {
            self.bytes(format!("{name}/{}", path.as_ref()), bytes);
        }
        self.home().join(name)
    }

    fn import_all(&self, paths: &[&Path]) -> Vec<Value> {
        let mut command = self.command(&["import", "--json"]);
        let line = ran(command.args(paths)).ok();
        match program::parse(&line).remove(0) {
            Value::Array(reports) => reports,
            one => vec![one],
        }
    }

    fn refused(&self, path: &Path) -> String {
        ran(self.command(&["import"]).arg(path)).failed(1)
    }

    /// Titles and numbers of messages, sorted.
    fn threads(&self) -> Vec<(String, u64)> {
        let mut all: Vec<_> = self
            .lines(&["threads", "--json"])
            .iter()
            .map(|t| {
                let title = t["title"].as_str().expect("a title").to_owned();
                (title, t["messages"].as_u64().expect("a number"))
            })
            .collect();
        all.sort();
        all
    }

    fn texts(&self, title: &str) -> Vec<String> {
        let all = self.lines(&["threads", "--json"]);
        let thread = all.iter().find(|t| t["title"] == title).expect("the thread");
        let shown = self.lines(&["show", &thread["id"].to_string(), "--json"]);
        shown.iter().map(|m| m["text"].as_str().expect("text").to_owned()).collect()
    }

    fn is_sound(&self) -> bool {
        self.lines(&["doctor", "--json"])[0]["store"]["sound"] == true
    }
}

fn oddities(report: &Value) -> String {
    report["oddity_samples"].to_string()
}

fn titles(all: &[(&str, u64)]) -> Vec<(String, u64)> {
    all.iter().map(|(t, n)| ((*t).to_owned(), *n)).collect()
}

// Files that are broken.

#[test]
fn corrupt_files_beside_healthy_threads() {
    let person = Person::new();
    let mut files = messenger(&[
        ("ana_100000000001", &hello("Ana")),
        ("ben_100000000002", &hello("Ben")[..140]),
        ("cyd_100000000003", "\0\u{1}garbage"),
        ("dan_100000000004", &format!("\u{feff}{}", hello("Dan"))),
        ("eve_100000000005", ""),
        ("fay_100000000006", "[[[[[["),
        (
            "gus_100000000007",
            r#"{"participants":[{"name":"Gus"},7,null,{"name":[]}],"messages":[null,7,"x",[],
               {"sender_name":["q"],"timestamp_ms":"soon","content":{"a":1}},
               {"sender_name":"Gus","timestamp_ms":1600000000000,"content":"still here"}],
               "title":"Gus","magic_words":{"a":[{}]},"joinable_mode":3}"#,
        ),
        ("hal_100000000008", "null"),
    ]);
    files.push((
        part("ivy_100000000009"),
        [b"{\"participants\":".as_slice(), &[b'['; 200_000]].concat(),
    ));
    let report = person.import(&person.folder("export", &files));
    let told = oddities(&report);
    for who in ["ben", "cyd", "eve", "fay", "gus", "ivy"] {
        assert!(told.contains(&format!("inbox/{who}_")), "{who} is not told of: {told}");
    }
    let all = person.threads();
    for whole in [("Ana", 2), ("Dan", 2)] {
        assert!(all.contains(&(whole.0.to_owned(), whole.1)), "{whole:?} in {all:?}");
    }
    assert!(person.texts("Gus").contains(&"still here".to_owned()));
    assert_eq!(person.import(&person.home().join("export"))["messages_added"], 0);
}

#[test]
fn a_mark_at_the_start_of_any_file_is_no_matter() {
    let person = Person::new();
    let lines = "\u{feff}{\"onebox\":1}\n{\"record\":\"message\",\"thread\":\"Cyd\",\"sender\":\"Cyd\",\
                 \"sent_at\":\"2024-05-01T10:00:00Z\",\"text\":\"hello\"}\n";
    person.import(&person.file("a.jsonl", lines));
    person.import(&person.file("WhatsApp Chat with Ben.txt", &format!("\u{feff}{}", chat("Ben"))));
    let files = messenger(&[("ana_100000000001", &format!("\u{feff}{}", hello("Ana")))]);
    let marked: Vec<_> = files
        .into_iter()
        .map(|(p, b)| (p, if b.starts_with(b"{") { [b"\xef\xbb\xbf", &b[..]].concat() } else { b }))
        .collect();
    assert_eq!(person.import(&person.folder("export", &marked))["account"], "Sam");
    assert_eq!(person.threads(), titles(&[("Ana", 2), ("Ben", 3), ("Cyd", 1)]));
}

#[test]
fn exports_with_nothing_in_them() {
    let person = Person::new();
    fs::create_dir(person.home().join("empty")).expect("a folder");
    let none: [(&str, &str); 0] = [];
    for path in [
        person.home().join("empty"),
        person.bytes("empty.zip", zipped(&none)),
        person.bytes("empty.json", ""),
        person.bytes("_chat.txt", ""),
        person.bytes("none.jsonl", "\n\n"),
        person.folder("profile only", &messenger(&[])),
    ] {
        let line = person.refused(&path);
        assert!(line.contains("nothing to import") && line.contains("point at"), "{line}");
    }
    let pictures = [("your_activity/messages/inbox/bob_7/photos/1.jpg", "a picture")];
    let line = person.refused(&person.bytes("part-2.zip", zipped(&pictures)));
    assert!(line.contains("import all its parts together"), "{line}");
    let line = person.refused(&person.bytes("nothing.zip", ""));
    assert!(line.contains("cut short"), "{line}");
    let report = person.import(&person.file("head.jsonl", "{\"onebox\":1}\n"));
    assert_eq!((&report["threads_added"], &report["oddities"]), (&json!(0), &json!(0)));
    assert!(person.threads().is_empty());
}

/// "0 messages" and success would be read as "there was nothing in it".
#[test]
fn an_export_of_which_nothing_can_be_read_is_no_success() {
    let person = Person::new();
    let sample = include_bytes!("../assets/samples/whatsapp/android-db/msgstore.db");
    let line = person.refused(&person.bytes("msgstore.db", &sample[..20_000]));
    assert!(line.contains("nothing of this WhatsApp export could be read"), "{line}");
}

#[test]
fn a_thread_in_which_nobody_wrote_is_a_thread() {
    let person = Person::new();
    let empty = thread("Ana", &[]).to_string();
    let files = messenger(&[("ana_100000000001", &empty), ("ben_100000000002", &hello("Ben"))]);
    let report = person.import(&person.folder("export", &files));
    assert_eq!((&report["threads_added"], &report["oddities"]), (&json!(2), &json!(0)));
    assert_eq!(person.threads(), titles(&[("Ana", 0), ("Ben", 2)]));
    assert!(person.run::<&str>(&[]).ok().contains("Ana. Messenger. hand-off. no messages"));
}

// Zips that are broken or meant ill.

#[test]
fn a_zip_that_unpacks_to_much_more_than_it_is() {
    const SIZE: usize = 12 << 20;
    let person = Person::new();
    let long = "a".repeat(SIZE);
    let text = thread("Ana", &[("Ana", THEN, &long), ("Sam", THEN + 1, "end")]).to_string();
    let bomb = zipped(&messenger(&[("ana_100000000001", &text)]));
    assert!(bomb.len() < SIZE / 500, "it is no bomb");
    let path = person.bytes("bomb.zip", &bomb);
    let (ran, kb) = watched(person.command(&["import"]).arg(&path), 120);
    let out = ran.ok();
    assert!(out.contains("2 messages new"), "{out}");
    assert!(kb < MEMORY_KB, "{kb} kB of memory");
    assert_eq!(person.texts("Ana")[1], "end");

    // One that lies about its size ends where it lies.
    let mut lie = zipped(&[(part("ben_100000000002"), hello("Ben"))]);
    let size = u8::try_from(hello("Ben").len() & 0xff).expect("a byte");
    patch(&mut lie, 22, 24, |b| *b = size.wrapping_sub(60));
    let lie = person.bytes("lie.zip", &lie);
    let ran = person.run(&["import", "--json", lie.to_str().expect("a path")]);
    assert_eq!(ran.code, Some(1), "nothing of it could be read");
    assert!(ran.out.contains("declares"), "{}", ran.out);
}

#[test]
fn zips_that_climb_out_or_link_out() {
    let person = Person::new();
    let honest = zipped(&messenger(&[("ana_100000000001", &hello("Ana"))]));
    let mut zip = ZipWriter::new_append(Cursor::new(honest)).expect("a zip");
    let plain = SimpleFileOptions::default();
    for name in ["../../outside.json", "/absolute.json", "a/../../b.json", "C:\\drive.json"] {
        zip.start_file(name, plain).expect("an entry");
        zip.write_all(hello("Mallory").as_bytes()).expect("memory");
    }
    zip.add_symlink(part("mal_100000000009"), "/etc/passwd", plain).expect("a link");
    let path = person.bytes("in/climb.zip", zip.finish().expect("a zip").into_inner());
    let report = person.import(&path);
    assert_eq!(report["oddities"], 5, "{report}");
    assert_eq!(person.threads(), titles(&[("Ana", 2)]));
    let mut found: Vec<_> = fs::read_dir(person.home())
        .expect("home")
        .map(|f| f.expect("a file").file_name().into_string().expect("a name"))
        .collect();
    found.sort();
    assert_eq!(found, ["in", "store"], "something was unpacked");
}

#[test]
fn a_zip_cut_short_is_told_of_wherever_it_lies() {
    let person = Person::new();
    let whole = zipped(&messenger(&[("ana_100000000001", &hello("Ana"))]));
    let cut = person.bytes("downloads/facebook-2.zip", &whole[..whole.len() * 2 / 3]);
    let folder = person.home().join("downloads");
    for path in [&cut, &folder] {
        let line = person.refused(path);
        assert!(line.contains("facebook-2.zip") && line.contains("cut short"), "{line}");
    }
    let good = person.bytes("downloads/facebook-1.zip", &whole);
    for paths in [&[folder.as_path()][..], &[&good, &cut], &[&cut, &good]] {
        let reports = person.import_all(paths);
        assert_eq!(reports.len(), 1);
        let told = oddities(&reports[0]);
        assert!(told.contains("facebook-2.zip") && told.contains("cut short"), "{told}");
    }
    assert_eq!(person.threads(), titles(&[("Ana", 2)]));
    let nothing = person.file("notes/readme.md", "nothing");
    let told = oddities(&person.import_all(&[&good, nothing.parent().expect("notes")])[0]);
    assert!(told.contains("notes") && told.contains("nothing in it"), "{told}");
}

#[test]
fn a_zip_with_a_password_is_told_of() {
    let person = Person::new();
    let mut locked = zipped(&messenger(&[("ana_100000000001", &hello("Ana"))]));
    patch(&mut locked, 6, 8, |flags| *flags |= 1);
    let path = person.bytes("in/locked.zip", &locked);
    assert!(person.refused(&path).contains("password"));
    assert!(person.refused(&person.home().join("in")).contains("password"));
    person.bytes("in/open.zip", zipped(&messenger(&[("ben_100000000002", &hello("Ben"))])));
    let told = oddities(&person.import(&person.home().join("in")));
    assert!(told.contains("locked.zip") && told.contains("unzip it first"), "{told}");
    assert_eq!(person.threads(), titles(&[("Ben", 2)]));
}

// Sizes.

/// A file with one line of so many MiB between a beginning and an end.
fn long_line(path: &Path, begin: &str, mib: usize, end: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    let mut file = fs::File::create(path).expect("a file");
    let mebi = vec![b'a'; 1 << 20];
    file.write_all(begin.as_bytes()).expect("space");
    (0..mib).for_each(|_| file.write_all(&mebi).expect("space"));
    file.write_all(end.as_bytes()).expect("space");
}

/// 256 MiB each; `ONEBOX_LONG_LINE_MIB=1024` makes it the gigabyte that it stands for.
#[test]
fn a_single_line_of_any_length_fits_in_memory() {
    let mib = std::env::var("ONEBOX_LONG_LINE_MIB").ok().and_then(|s| s.parse().ok());
    let mib: usize = mib.unwrap_or(256);
    let message = |second: u8, text: &str| {
        format!(
            "{{\"record\":\"message\",\"thread\":\"Ana\",\"sender\":\"Ana\",\
             \"sent_at\":\"2024-05-01T10:00:0{second}Z\",\"text\":\"{text}"
        )
    };
    let page = |minute: u8, text: &str| {
        format!(
            "<div class=\"_a6-g\"><div class=\"_a6-h _a6-i\">Ana</div><div class=\"_a6-o\">Sep 13, \
             2020 12:2{minute}:00 pm</div><div class=\"_a6-p\"><div><div></div><div>{text}"
        )
    };
    let cases = [
        (
            "WhatsApp Chat with Ana.txt".to_owned(),
            "01/02/23, 10:00 - Ana: begin\n14/02/23, 10:01 - Ana: ".to_owned(),
            "\n15/02/23, 10:02 - Ana: end\n".to_owned(),
            3,
        ),
        (
            "ana.jsonl".to_owned(),
            format!("{{\"onebox\":1}}\n{}\"}}\n{}", message(0, "begin"), message(1, "")),
            format!("\"}}\n{}\"}}\n", message(2, "end")),
            2,
        ),
        (
            format!("export/{}", part("ana_100000000001")),
            "{\"participants\":[{\"name\":\"Ana\"},{\"name\":\"Sam\"}],\"messages\":[{\"sender_name\":\
             \"Ana\",\"timestamp_ms\":1600000002000,\"content\":\"end\"},{\"sender_name\":\"Ana\",\
             \"timestamp_ms\":1600000001000,\"content\":\""
                .to_owned(),
            "\"},{\"sender_name\":\"Ana\",\"timestamp_ms\":1600000000000,\"content\":\"begin\"}],\
             \"title\":\"Ana\"}"
                .to_owned(),
            3,
        ),
        (
            format!("export/{}", part("ana_100000000001").replace(".json", ".html")),
            format!("<title>Ana</title><body>{}{}", page(2, "end</div>"), page(1, "")),
            format!("</div></div></div>{}", page(0, "begin</div>")),
            3,
        ),
    ];
    for (name, begin, end, messages) in cases {
        let person = Person::new();
        let path = person.home().join(&name);
        long_line(&path, &begin, mib, &end);
        let top = person.home().join(name.split('/').next().expect("a name"));
        let (ran, kb) = watched(person.command(&["import", "--json"]).arg(&top), 300);
        let report = program::parse(&ran.ok()).remove(0);
        assert!(kb < MEMORY_KB, "{name}: {kb} kB of memory");
        assert_eq!((&report["messages_added"], &report["oddities"]), (&json!(messages), &json!(1)));
        let texts = person.texts("Ana");
        let ends = (texts.first().map(String::as_str), texts.last().map(String::as_str));
        assert_eq!(ends, (Some("begin"), Some("end")), "{name}");
        let (ran, kb) = watched(&mut person.command(&["show", "1"]), 60);
        assert!(ran.ok().ends_with("Ana: end\n"));
        assert!(kb < MEMORY_KB, "showing {name}: {kb} kB of memory");
    }
}

/// 4,000 threads; `ONEBOX_THREADS=100000` makes it the many that it stands for.
#[test]
fn threads_in_any_number() {
    let many = std::env::var("ONEBOX_THREADS").ok().and_then(|s| s.parse().ok());
    let many: u64 = many.unwrap_or(4_000);
    let person = Person::new();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in messenger(&[]) {
        zip.start_file(name, SimpleFileOptions::default()).expect("an entry");
        zip.write_all(&bytes).expect("memory");
    }
    for i in 0..many {
        // Every tenth is somebody whose account is gone: they all have the same name.
        let name = if i % 10 == 0 { "Facebook User".to_owned() } else { format!("Friend {i}") };
        let at = THEN + i64::try_from(i).expect("few") * 60_000;
        let text = thread(&name, &[(&name, at, "hello"), ("Sam", at + 1, "hi")]).to_string();
        zip.start_file(part(&format!("f_{}", 100_000_000_000 + i)), SimpleFileOptions::default())
            .expect("an entry");
        zip.write_all(text.as_bytes()).expect("memory");
    }
    let path = person.bytes("many.zip", zip.finish().expect("a zip").into_inner());
    let report = person.import(&path);
    assert_eq!(
        (&report["threads_added"], &report["messages_added"]),
        (&json!(many), &json!(many * 2))
    );
    let listed = person.run(&["threads"]).ok();
    assert_eq!(listed.lines().count() as u64, many);
    let newest = listed.lines().next().expect("a thread");
    assert!(newest.ends_with(&format!("Friend {}  ", many - 1)), "{newest}");
    let again = person.import(&path);
    assert_eq!((&again["threads_known"], &again["messages_added"]), (&json!(many), &json!(0)));
}

#[test]
fn an_export_among_thousands_of_other_files() {
    let person = Person::new();
    for d in 0..20 {
        for f in 0..150 {
            let ending = ["json", "txt", "html", "jpg", "zip"][f % 5];
            let text = if f % 5 == 0 { "{\"messages\": 3}" } else { "something else: 12" };
            person.file(&format!("all/{d}/{f}.{ending}"), text);
        }
    }
    let zip = zipped(&messenger(&[("ana_100000000001", &hello("Ana"))]));
    person.bytes("all/7/b/facebook-sam.zip", zip);
    let report = person.import(&person.home().join("all"));
    assert_eq!(report["messages_added"], 2);
    assert!(oddities(&report).contains("is called a zip but is none"), "{report}");
}

// Text.

#[test]
fn bytes_that_are_no_text() {
    let person = Person::new();
    let broken = |text: String| text.replace("hello", "he\u{fffd}llo").into_bytes();
    let raw = |text: Vec<u8>| {
        let at = memchr::memmem::find(&text, "\u{fffd}".as_bytes()).expect("the mark");
        [&text[..at], b"\xff\xc3", &text[at + 3..]].concat()
    };
    let mut files = messenger(&[]);
    files.push((part("ana_100000000001"), raw(broken(hello("Ana")))));
    let report = person.import(&person.folder("export", &files));
    assert!(oddities(&report).contains("no UTF-8"), "{report}");
    person.import(&person.bytes("WhatsApp Chat with Ben.txt", raw(broken(chat("Ben")))));
    let line = "{\"onebox\":1}\n{\"record\":\"message\",\"thread\":\"Cyd\",\"sender\":\"Cyd\",\
                \"sent_at\":\"2024-05-01T10:00:00Z\",\"text\":\"hello\"}\n";
    person.import(&person.bytes("cyd.jsonl", raw(broken(line.to_owned()))));
    for who in ["Ana", "Ben", "Cyd"] {
        let first = &person.texts(who)[0];
        assert!(first.starts_with("he\u{fffd}") && first.contains("llo"), "{who}: {first:?}");
    }
}

#[test]
fn halves_of_characters() {
    let person = Person::new();
    let half = |text: String| text.replace("hello", "a\\ud83d b\\udc4d \\ud83d\\udc4d c");
    let files = messenger(&[("ana_100000000001", &half(hello("Ana")))]);
    let report = person.import(&person.folder("export", &files));
    assert!(oddities(&report).contains("surrogates"), "{report}");
    assert_eq!(person.texts("Ana")[0], "a\u{fffd} b\u{fffd} 👍 c");
    let line = "{\"onebox\":1}\n{\"record\":\"message\",\"thread\":\"Cyd\",\"sender\":\"Cyd\",\
                \"sent_at\":\"2024-05-01T10:00:00Z\",\"text\":\"hello\"}\n{\"record\":\"message\",\
                \"thread\":\"Cyd\",\"sender\":\"Cyd\",\"sent_at\":\"2024-05-01T10:00:01Z\",\
                \"text\":\"whole\"}\n";
    let report = person.import(&person.file("cyd.jsonl", &half(line.to_owned())));
    assert!(report["messages_added"] == 2 || report["oddities"] == 1, "{report}");
    assert_eq!(person.texts("Cyd").last().map(String::as_str), Some("whole"));
}

#[test]
fn times_that_cannot_be() {
    let person = Person::new();
    let said: Vec<(&str, i64, &str)> = vec![
        ("Ana", i64::MIN, "least"),
        ("Ana", -5, "before all"),
        ("Ana", 0, "zero"),
        ("Ana", 1_600_000_000, "seconds"),
        ("Ana", THEN + 60_000, "fine"),
        ("Ana", 99_999_999_999_999, "far"),
        ("Ana", i64::MAX, "most"),
    ];
    let ana = thread("Ana", &said).to_string();
    let ben = thread("Ben", &[("Ben", THEN + 120_000, "later than fine")]).to_string();
    let files = messenger(&[("ana_100000000001", &ana), ("ben_100000000002", &ben)]);
    let report = person.import(&person.folder("export", &files));
    assert_eq!((&report["messages_added"], &report["oddities"]), (&json!(8), &json!(5)));
    let order: Vec<&str> = said.iter().map(|s| s.2).collect();
    assert_eq!(person.texts("Ana"), order);
    // A broken date does not hold a thread at the top, nor is it shown as its last.
    let listed = person.lines(&["threads", "--json"]);
    let tops: Vec<&Value> = listed.iter().map(|t| &t["title"]).collect();
    assert_eq!(tops, ["Ben", "Ana"]);
    assert_eq!(listed[1]["last"], "2020-09-13T12:27:40Z");
    let plain = person.run(&["show", "1"]).ok();
    assert!(plain.contains("2020-09-13 12:26  Ana: seconds"), "{plain}");
    person.run(&["show", "1", "--from", "2020-01-01"]).ok();
    // They survive the way out and in.
    person.run(&["export", "--to", "out"]).ok();
    let other = Person::new();
    other.import(&person.home().join("out/onebox.jsonl"));
    assert_eq!(other.texts("Ana"), order);
}

/// No control, no direction override, no invisible letters: nothing that could move the cursor,
/// turn words round or hide in them.
fn is_harmless(text: &str) -> bool {
    let bad = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(u32::from(c), 0x202a..=0x202e | 0x2066..=0x2069 | 0x200b | 0xe0000..=0xe007f)
    };
    let mut marks = 0;
    let flood = text.chars().any(|c| {
        marks = if c == '\u{301}' { marks + 1 } else { 0 };
        marks > 16
    });
    !text.contains(bad) && !flood
}

/// JSON is read by programs: the same, but invisible letters and marks are data.
fn is_harmless_json(text: &str) -> bool {
    let bad = |c: char| {
        (c.is_control() && c != '\n') || matches!(u32::from(c), 0x202a..=0x202e | 0x2066..=0x2069)
    };
    !text.contains(bad)
}

/// Commands that print what came.
const WAYS: &[&[&str]] = &[
    &[],
    &["threads"],
    &["show", "1"],
    &["show", "2"],
    &["why", "1"],
    &["why", "2"],
    &["rules"],
    &["mark", "1", "--cross-app", "messenger"],
    &["mark", "1", "--read-only"],
    &["threads", "--read-only"],
    &["doctor"],
    &["export", "--to", "out\u{1b}[31m\u{202e}"],
];

#[test]
fn names_and_messages_that_attack_the_terminal() {
    let evil = format!(
        "\u{1b}[31mred\u{1b}]0;title\u{7}\u{9b}31m\u{202e}gpj.exe\u{2066}x\u{e0068}\u{e0069}\
         \u{200b}e{}\r\n\u{8}\u{7f}",
        "\u{301}".repeat(10_000)
    );
    let person = Person::new();
    let mut ana = thread(&evil, &[(&evil, THEN, &evil), ("Sam \u{1b}[1m", THEN + 1, &evil)]);
    ana["messages"][1]["reactions"] = json!([{"reaction": evil, "actor": evil}]);
    ana["messages"][1]["photos"] = json!([{"uri": "../../x\u{1b}[2J\u{202e}.jpg"}]);
    ana["messages"][1]["share"] =
        json!({"link": "https://x\u{1b}[1m/\u{202e}", "share_text": evil});
    let profile = json!({"profile_v2": {"name": {"full_name": "Sam \u{1b}[1m"}}}).to_string();
    let folder = person.folder(
        "ex\u{1b}[31m\n\u{202e}port",
        &[(PROFILE.to_owned(), profile), (part("ana_100000000001"), ana.to_string())],
    );
    // A folder's name is anybody's, and need not be text.
    let name = [format!("{BOXES}/inbox/b\u{1b}[31m\n").as_bytes(), b"\xff_100000000002"].concat();
    let nasty = folder.join(std::ffi::OsStr::from_bytes(&name));
    fs::create_dir_all(&nasty).expect("a folder");
    fs::write(nasty.join("message_1.json"), "{\"broken").expect("a file");
    let line = json!({"record": "thread", "thread": evil, "title": evil});
    let account = json!({"record": "account", "source": "x\u{1b}[31m\u{202e}", "key": evil,
                         "name": evil});
    let file = person.file("a.jsonl", &format!("{{\"onebox\":1}}\n{account}\n{line}\n"));

    for args in [&["import", "--dry-run"][..], &["import"]] {
        for path in [&folder, &file] {
            let done = ran(person.command(args).arg(path));
            assert_eq!((done.code, done.err.as_str()), (Some(0), ""));
            assert!(is_harmless(&done.out), "{args:?}: {:?}", done.out);
        }
    }
    for args in WAYS {
        let out = person.run(args).ok();
        assert!(is_harmless(&out), "{args:?}: {out:?}");
        if ["export", "mark"].iter().all(|no| args.first() != Some(no)) && !args.is_empty() {
            let out = person.run(&[args, &["--json"][..]].concat()).ok();
            assert!(is_harmless_json(&out), "{args:?} --json: {out:?}");
        }
    }
    assert_eq!(person.texts(&evil)[0], evil, "what is stored is what came");
    let bad = "no\u{1b}[31m\n\u{202e}where";
    let errors: &[(&[&str], i32)] = &[
        (&["import", bad], 2),
        (&["--config", bad, "threads"], 1),
        (&["import", "--source", bad, "a.jsonl"], 2),
        (&["mark", "1", "--cross-app", "\u{1b}[31m"], 2),
        (&["threads", "--source", bad], 2),
        (&["export", "--to", "a.jsonl/\u{1b}[31m"], 1),
        (&["export", "77", "--to", "o"], 1),
    ];
    for (args, code) in errors {
        let line = person.run(args).failed(*code);
        assert!(is_harmless(&line), "{args:?}: {line:?}");
    }
    let mut elsewhere = person.alone(env!("CARGO_BIN_EXE_onebox"));
    elsewhere.env("TERM", "\u{1b}[31m").env("LANG", "\u{1b}]0;x\u{7}");
    let out = ran(elsewhere.args(["--data-dir", "st\u{1b}[31m\u{202e}ore", "doctor"])).ok();
    assert!(is_harmless(&out), "{out:?}");
}

// Places.

#[test]
fn what_is_no_file_is_refused_at_once() {
    let person = Person::new();
    let fifo = |name: &str| {
        let made = Command::new("mkfifo").arg(person.home().join(name)).status();
        assert!(made.is_ok_and(|s| s.success()), "mkfifo");
        person.home().join(name)
    };
    let loops = person.home().join("loop");
    std::os::unix::fs::symlink("loop", &loops).expect("a link");
    for (path, code) in [
        (fifo("pipe.zip"), 1),
        ("/dev/zero".into(), 1),
        ("/dev/null".into(), 1),
        (loops, 2),
        (person.home().join("nowhere"), 2),
    ] {
        let (done, _) = watched(person.command(&["import"]).arg(&path), 20);
        let line = done.failed(code);
        assert!(line.contains(path.file_name().expect("a name").to_str().expect("text")), "{line}");
    }
    let zip = zipped(&messenger(&[("ana_100000000001", &hello("Ana"))]));
    person.bytes("in/a.zip", zip);
    for name in ["in/_chat.txt", "in/x.json", "in/y.zip", "in/z.jsonl"] {
        fifo(name);
    }
    std::os::unix::fs::symlink(".", person.home().join("in/round")).expect("a link");
    std::os::unix::fs::symlink("/", person.home().join("in/all")).expect("a link");
    let (done, _) = watched(person.command(&["import", "in"]).stdin(Stdio::null()), 20);
    assert!(done.ok().contains("2 messages new"));
}

#[test]
fn a_store_that_cannot_be_written() {
    let person = Person::new();
    let export = person.folder("export", &messenger(&[("ana_100000000001", &hello("Ana"))]));
    // Below a file, which no privilege makes possible.
    let file = person.file("file", "a letter");
    for dir in [file.clone(), file.join("store")] {
        for args in [&["threads"][..], &["import", "export"], &["doctor"], &[]] {
            let mut command = person.alone(env!("CARGO_BIN_EXE_onebox"));
            let line = ran(command.arg("--data-dir").arg(&dir).args(args)).failed(1);
            assert!(line.contains("cannot open") && line.contains("--data-dir"), "{line}");
        }
    }
    assert_eq!(fs::read_to_string(&file).expect("still there"), "a letter");

    person.import(&export);
    let set = |path: &Path, mode: u32| {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
        fs::set_permissions(path, mode).expect("permissions");
    };
    set(person.home(), 0o755);
    set(&person.store(), 0o555);
    for f in fs::read_dir(person.store()).expect("the store") {
        set(&f.expect("a file").path(), 0o444);
    }
    // Root may write anywhere: there it is somebody else who tries.
    let root = fs::write(person.store().join("probe"), "").is_ok();
    let other = |args: &[&str]| {
        let mut command = person.command(args);
        if root {
            command.uid(65_534).gid(65_534);
        }
        command
    };
    if other(&["--version"]).output().is_ok_and(|o| o.status.success()) {
        let listed = ran(&mut other(&["threads", "--json"])).ok();
        assert_eq!(program::parse(&listed)[0]["title"], "Ana");
        assert!(ran(&mut other(&["show", "1"])).ok().contains("hello"));
        for args in [&["import", "export"][..], &["mark", "1", "--read-only"]] {
            let line = ran(&mut other(args)).failed(1);
            assert!(line.contains("cannot be written") && line.contains("--data-dir"), "{line}");
        }
    } else {
        println!("skipped: nobody else may run the program here");
    }
    set(&person.store(), 0o755);
    for f in fs::read_dir(person.store()).expect("the store") {
        set(&f.expect("a file").path(), 0o600);
    }
    assert_eq!(person.import(&export)["messages_known"], 2);
}

/// A file that may not grow is what a full disk looks like to one program.
#[test]
fn a_full_disk_at_any_moment() {
    let person = Person::new();
    let long: String = "word ".repeat(200);
    let said: Vec<(&str, i64, &str)> =
        (0..3_000).map(|i| ("Ana", THEN + i * 1000, long.as_str())).collect();
    let ana = thread("Ana", &said).to_string();
    let export = person.folder("export", &messenger(&[("ana_100000000001", &ana)]));
    let limited = |blocks: u32, args: &[&str]| {
        let mut shell = person.alone("/bin/sh");
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        shell.arg("-c").arg(script).arg(env!("CARGO_BIN_EXE_onebox"));
        ran(shell.arg("--data-dir").arg(person.store()).args(args))
    };
    for blocks in [0, 8, 100, 700, 3000] {
        let line = limited(blocks, &["import", "export"]).failed(1);
        assert!(
            line.contains("make room") && line.contains("nothing will be doubled"),
            "{blocks}: {line}"
        );
        assert!(person.is_sound(), "after {blocks}");
    }
    let report = person.import(&export);
    let number = |f: &str| report[f].as_u64().expect("a number");
    assert_eq!(number("messages_added") + number("messages_known"), 3_000);
    assert_eq!(person.threads(), titles(&[("Ana", 3_000)]));
    // An export that does not fit never stands where a whole one did.
    person.run(&["export", "--to", "out"]).ok();
    let whole = fs::read(person.home().join("out/onebox.jsonl")).expect("an export");
    let line = limited(2_000, &["export", "--to", "out"]).failed(1);
    assert!(line.contains("cannot write") && line.contains("space"), "{line}");
    assert!(fs::read(person.home().join("out/onebox.jsonl")).expect("an export") == whole);
    // Nor does a listing end as if it were whole.
    let full = fs::File::create("/dev/full").expect("a full device");
    let out = person.command(&["show", "1"]).stdout(full).output().expect("it starts");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!((out.status.code(), said.lines().count()), (Some(1), 1), "{said}");
}

#[test]
fn a_store_of_a_newer_onebox_is_opened_by_no_command() {
    let person = Person::new();
    let export = person.folder("export", &messenger(&[("ana_100000000001", &hello("Ana"))]));
    person.import(&export);
    let db = rusqlite::Connection::open(person.store().join("onebox.db")).expect("a database");
    db.pragma_update(None, "user_version", 77).expect("a version");
    drop(db);
    let ways: &[&[&str]] = &[
        &[],
        &["threads"],
        &["show", "1"],
        &["why", "1"],
        &["mark", "1", "--clear"],
        &["import", "export"],
        &["export", "--to", "out"],
        &["rules"],
        &["doctor"],
    ];
    for args in ways {
        let line = person.run(args).failed(1);
        assert!(line.contains("newer onebox") && line.contains("77"), "{args:?}: {line}");
    }
}

#[test]
fn reading_and_importing_at_once() {
    let person = Person::new();
    let mut children = Vec::new();
    for n in 0..3 {
        let said: Vec<(&str, i64, &str)> =
            (0..1_500).map(|i| ("Ana", THEN + (i + n * 1000) * 1000, "hello")).collect();
        let mut ana = thread("Ana", &said);
        for (i, m) in ana["messages"].as_array_mut().expect("messages").iter_mut().rev().enumerate()
        {
            m["content"] = json!(format!("number {}", i as i64 + n * 1000));
        }
        let files = messenger(&[("ana_100000000001", &ana.to_string())]);
        let folder = person.folder(&format!("export {n}"), &files);
        let mut command = person.command(&["import", "--json"]);
        let command = command.arg(folder).stdout(Stdio::piped()).stderr(Stdio::piped());
        children.push(command.spawn().expect("it starts"));
    }
    for args in [&["threads"][..], &["threads", "--json"], &["rules"], &["doctor"], &[]] {
        person.run(args).ok();
    }
    for child in children {
        let out = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!((out.status.code(), said.as_str()), (Some(0), ""));
    }
    // Three overlapping tellings of 3,500 messages.
    assert_eq!(person.threads(), titles(&[("Ana", 3_500)]));
    assert!(person.is_sound());
}

#[test]
fn an_export_that_goes_away_or_grows_while_it_is_read() {
    let person = Person::new();
    let threads: Vec<(String, String)> = (0..800)
        .map(|i| (format!("f_{}", 100_000_000_000_u64 + i), hello(&format!("Friend {i}"))))
        .collect();
    let names: Vec<(&str, &str)> = threads.iter().map(|(f, t)| (f.as_str(), t.as_str())).collect();
    let folder = person.folder("export", &messenger(&names));
    let mut command = person.command(&["import", "--json"]);
    let child = command.arg(&folder).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    fs::rename(&folder, person.home().join("moved")).expect("a move");
    let out = child.expect("it starts").wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    // It may have been done already, in the middle, or not have begun.
    assert!(matches!(out.status.code(), Some(0..=2)) && said.lines().count() <= 1, "{said}");
    assert!(person.is_sound());
    person.import(&person.home().join("moved"));
    assert_eq!(person.threads().len(), 800);

    let path = person.file("WhatsApp Chat with Ana.txt", &chat("Ana").repeat(2_000));
    let mut growing = fs::OpenOptions::new().append(true).open(&path).expect("the chat");
    let mut command = person.command(&["import", "--json"]);
    let child = command.arg(&path).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.expect("it starts");
    let mut more = 0;
    while child.try_wait().expect("a child").is_none() && more < 2_000 {
        growing.write_all(b"[15.02.23, 11:00:00] Ana: more\n").expect("space");
        more += 1;
    }
    let mut said = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("text");
    assert_eq!((child.wait().expect("it ends").code(), said.as_str()), (Some(0), ""));
    person.import(&path);
    assert_eq!(person.texts("Ana").len(), 6_000 + more, "nothing is lost");
}

#[test]
fn readers_of_the_output_that_have_seen_enough() {
    let person = Person::new();
    person.import(&person.folder("export", &messenger(&[("ana_100000000001", &hello("Ana"))])));
    let ways: &[&[&str]] = &[
        &[],
        &["threads"],
        &["threads", "--json"],
        &["show", "1"],
        &["why", "1"],
        &["rules"],
        &["rules", "--json"],
        &["doctor"],
        &["man"],
        &["completions", "bash"],
        &["completions", "zsh"],
        &["import", "export"],
        &["import", "export", "--json"],
        &["export", "--to", "out"],
    ];
    for args in ways {
        let mut command = person.command(args);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        drop(child.stdout.take());
        let out = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!((out.status.code(), said.as_str()), (Some(0), ""), "{args:?}");
    }
}

// Downloads as they lie about.

#[test]
fn everything_that_was_ever_downloaded_in_one_folder() {
    let person = Person::new();
    let vintage = |range: std::ops::Range<i64>| {
        let texts: Vec<String> = range.clone().map(|i| format!("number {i}")).collect();
        let said: Vec<(&str, i64, &str)> =
            range.zip(&texts).map(|(i, t)| ("Ana", THEN + i * 1000, t.as_str())).collect();
        zipped(&messenger(&[("ana_100000000001", &thread("Ana", &said).to_string())]))
    };
    person.bytes("all/facebook-sam-2024.zip", vintage(0..10));
    person.bytes("all/facebook-sam-2024 (1).zip", vintage(0..10));
    person.bytes("all/old/facebook-sam-2025.zip", vintage(5..15));
    let instagram = "your_instagram_activity/messages/inbox/ana_100000000001/message_1.json";
    person.bytes("all/instagram-sam.zip", zipped(&[(instagram, hello("Ana"))]));
    for who in ["Ana", "Ben", "Zoë 🐟\nand all"] {
        let name = format!("all/WhatsApp Chat - {who}.zip");
        person.bytes(name, zipped(&[("_chat.txt", chat(who.split('\n').next().expect("a name")))]));
    }
    person.bytes("all/again/WhatsApp Chat - Ana.zip", zipped(&[("_chat.txt", chat("Ana"))]));
    let all = person.home().join("all");
    let reports = person.import_all(&[&all]);
    assert!(reports.iter().all(|r| r["oddities"] == 0), "{reports:?}");
    let expected = |person: &Person| {
        let mut all: Vec<(String, u64)> = person
            .lines(&["threads", "--json"])
            .iter()
            .map(|t| (t["source"].to_string(), t["messages"].as_u64().expect("a number")))
            .collect();
        all.sort();
        all
    };
    let quoted =
        |all: &[(&str, u64)]| titles(all).into_iter().map(|(s, n)| (format!("\"{s}\""), n));
    let want: Vec<(String, u64)> = quoted(&[
        ("instagram", 2),
        ("messenger", 15),
        ("whatsapp", 3),
        ("whatsapp", 3),
        ("whatsapp", 3),
    ])
    .collect();
    assert_eq!(expected(&person), want);
    // The same one by one, in any order, into another store, and once more.
    let other = Person::new();
    let mut files: Vec<PathBuf> = ["again", "old", "."]
        .iter()
        .flat_map(|d| fs::read_dir(all.join(d)).expect("a folder"))
        .map(|f| f.expect("a file").path())
        .filter(|p| p.is_file())
        .collect();
    files.sort_by_key(|p| std::cmp::Reverse(p.clone()));
    for path in files.iter().chain([&all]) {
        other.import_all(&[path]);
    }
    assert_eq!(expected(&other), want);
}

#[test]
fn one_folder_in_two_boxes_is_one_thread() {
    let person = Person::new();
    let mut files = messenger(&[("ana_100000000001", &hello("Ana"))]);
    let older = thread("Ana", &[("Ana", THEN - 5000, "older"), ("Ana", THEN, "hello")]);
    let place = part("ana_100000000001").replace("inbox", "archived_threads");
    files.push((place, older.to_string().into_bytes()));
    // Of people whose accounts are gone two are two.
    for (folder, said) in [("facebookuser_1", "one"), ("facebookuser_2", "two")] {
        let text = thread("Facebook User", &[("Facebook User", THEN, said)]).to_string();
        files.push((part(folder), text.into_bytes()));
    }
    person.import(&person.folder("export", &files));
    let want = titles(&[("Ana", 3), ("Facebook User", 1), ("Facebook User", 1)]);
    assert_eq!(person.threads(), want);
    assert_eq!(person.texts("Ana"), ["older", "hello", "hi"]);
    let mut listing = String::new();
    for t in person.lines(&["threads", "--json"]) {
        write!(listing, "{}{} ", t["title"], t["archived"]).expect("a string takes all");
    }
    assert!(!listing.contains("true"), "what lies in the inbox is not archived: {listing}");
}
