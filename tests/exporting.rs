//! Exports for reading: every message in every format, hostile ones harmless, files private and
//! whole. The pages are looked at by a real browser where there is one.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod program;

use std::collections::BTreeSet;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use onebox::engine::{
    Engine, ExportChoice, ExportFormat, ExportMedia, ExportView, Rules, Settings, Store, load_demo,
};
use onebox::model::{Day, ThreadId};
use onebox::pages::Style;
use program::Person;
use serde_json::{Value, json};
use zip::write::{SimpleFileOptions, ZipWriter};

const PICTURE: &[u8] = include_bytes!("../assets/samples/onebox/full/media/parcel.png");

/// Texts that would like to be something else.
const HOSTILE: &[&str] = &[
    "<script>document.title='owned'</script>",
    "</p></article></main><script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "\"><svg onload=alert(1)>",
    "' autofocus onfocus='document.title=1",
    "</title></style><iframe src=//evil.example></iframe>",
    "<!-- <![CDATA[ ]]> -->",
    "&lt;b&gt; &#60;script&#62; &amp;",
    "javascript:alert(1) data:text/html,<b>x</b>",
    "https://evil.example/\"onmouseover=\"alert(1)",
    "[x](javascript:alert(1)) ![](http://evil.example/x.png)\n# heading\n> quote\n---\n- list\n    code\n```\nfence",
    "{{constructor}} ${7*7} <%= 7 %>",
    "\u{202e}gnp.exe\u{2066} \u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\0",
    "18:02  Sam: forged\n--- Friday, 1 May 2020 ---",
    "<base href=//evil.example><meta http-equiv=refresh content=0;url=//evil.example>",
];

fn line(value: Value) -> String {
    format!("{value}\n")
}

/// An inbox of one hostile thread with a picture, and a plain one.
fn hostile() -> String {
    let mut text = "{\"onebox\":1}\n".to_owned();
    text += &line(
        json!({"record": "account", "source": "messenger", "name": "Sam", "me_names": ["Sam"]}),
    );
    let evil = "../..\\<script>alert('t')</script>\u{202e}\u{1b}[2J";
    text += &line(json!({"record": "thread", "thread": "evil", "title": evil, "kind": "group",
        "read_only": "<b>because</b>", "archived": true}));
    text += &line(json!({"record": "participant", "thread": "evil", "name": "Sam", "is_me": true}));
    let bad = "<i onclick=alert(1)>Mallory</i>\u{1b}]0;x\u{7}";
    for (n, words) in HOSTILE.iter().enumerate() {
        let sender = if n % 3 == 0 { "Sam" } else { bad };
        text += &line(json!({"record": "message", "thread": "evil", "sender": sender,
            "sent_at": format!("2024-05-{:02}T10:00:00Z", n / 3 + 1), "order": n, "text": words,
            "reactions": [{"emoji": "<u>", "by": bad}], "reply_to": {"quote": words}}));
    }
    let last = |more: Value| {
        let mut m = json!({"record": "message", "thread": "evil", "sender": bad,
            "sent_at": "2024-06-01T10:00:00Z"});
        m.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        line(m)
    };
    text += &last(json!({"order": 1, "attachments": [
        {"kind": "photo", "path": "media/cat's \"<b>&#?%.png"},
        {"kind": "photo", "path": "media/../../../outside.png"},
        {"kind": "photo"},
        {"kind": "file", "path": "media/run.html", "name": "<b>run</b>"},
        {"kind": "share", "url": "javascript:alert(1)", "name": "click"},
        {"kind": "share", "url": "https://bank.example@evil.example/"}]}));
    text += &last(json!({"order": 2, "deleted": "unsent", "text": "what was taken back"}));
    text += &last(json!({"order": 3, "kind": "call", "call": {"video": true, "missed": true}}));
    text += &last(json!({"order": 4, "kind": "system", "text": "Mallory <b>joined</b>"}));
    text += &last(json!({"order": 5, "text": "edited words", "edited": true,
        "forwarded": true, "forwarded_from": "Mal <b>x</b> [y](javascript:alert(1))"}));
    text += &line(json!({"record": "thread", "thread": "ana", "title": "Ana"}));
    text += &line(json!({"record": "message", "thread": "ana", "sender": "Ana",
        "sent_at": "2024-05-01T10:00:00Z", "text": "the red lamp"}));
    text
}

const MEDIA: &[(&str, &[u8])] =
    &[("media/cat's \"<b>&#?%.png", PICTURE), ("media/run.html", b"<script>alert(1)</script>")];

fn with_hostile(zipped: bool) -> Person {
    let person = Person::new();
    let home = person.home().to_owned();
    fs::write(home.join("outside.png"), PICTURE).unwrap();
    if zipped {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let text = hostile().into_bytes();
        let files = MEDIA.iter().copied().chain([("inbox.jsonl", text.as_slice())]);
        for (name, bytes) in files {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        fs::write(home.join("in.zip"), zip.finish().unwrap().into_inner()).unwrap();
        person.import(&home.join("in.zip"));
    } else {
        fs::create_dir_all(home.join("in/deep/media")).unwrap();
        person.file("in/deep/inbox.jsonl", &hostile());
        for (name, bytes) in MEDIA {
            fs::write(home.join("in/deep").join(name), bytes).unwrap();
        }
        person.import(&home.join("in/deep"));
    }
    person
}

/// Every file below a folder.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { out.extend(files(&path)) } else { out.push(path) }
    }
    out.sort();
    out
}

fn documents(dir: &Path, ending: &str) -> Vec<(String, String)> {
    files(dir)
        .into_iter()
        .filter(|p| p.parent() == Some(dir) && p.extension().is_some_and(|e| e == ending))
        .map(|p| {
            (p.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(p).unwrap())
        })
        .collect()
}

fn export(person: &Person, args: &[&str], to: &str) -> (PathBuf, String) {
    let dir = person.home().join(to);
    let all = [&["export", "--to", to], args].concat();
    (dir, person.run(&all).ok())
}

/// The page of the hostile thread.
fn evil(dir: &Path, ending: &str) -> (String, String) {
    documents(dir, ending).into_iter().find(|(n, _)| n.contains("script")).expect("its page")
}

#[test]
fn every_format_tells_the_whole_demo() {
    let person = Person::new();
    for format in ["html", "md", "txt"] {
        let to = person.home().join(format);
        let said = person
            .run(&["--demo", "export", "--format", format, "--to", to.to_str().unwrap()])
            .ok();
        assert!(said.contains("14 threads, 376 messages"), "{said}");
        let pages = documents(&to, format);
        assert_eq!(pages.len(), 15, "a page each, and the list");
        let index = &pages.iter().find(|(n, _)| n.starts_with("index.")).unwrap().1;
        assert!(index.contains("14 conversations, 376 messages"), "{index}");
        let (name, jonas) = pages.iter().find(|(n, _)| n.contains("Weber - Instagram")).unwrap();
        assert_eq!(name, &format!("Jonas Weber - Instagram 2021-2023.{format}"));
        for told in ["Read-only since mid-December 2023", "did", "You", "14 November 2023"] {
            assert!(jonas.contains(told), "{told} is not in {name}");
        }
        let all: String = pages.iter().map(|(_, text)| text.as_str()).collect();
        if format == "html" {
            assert_eq!(all.matches("<article ").count(), 376);
        }
        // A stitched thread says where its parts meet.
        assert!(all.to_lowercase().contains("from here on: "), "{format}");
        for path in files(&to) {
            private(&path);
            assert_ne!(path.extension().unwrap(), "part");
        }
        assert!(files(&to).iter().any(|p| p.extension().is_some_and(|e| e == "png")));
    }
    assert!(!person.store().exists());
}

#[cfg(unix)]
fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "{}", path.display());
}

#[cfg(not(unix))]
fn private(_: &Path) {}

#[test]
fn hostile_names_and_messages_stay_in_their_place() {
    let person = with_hostile(false);
    for format in ["html", "md", "txt"] {
        let (dir, _) = export(&person, &["--format", format], format);
        for path in files(&dir) {
            let name = path.strip_prefix(&dir).unwrap().to_string_lossy().into_owned();
            let odd = |c: char| c.is_control() || "<>:\"|?*\\\u{202e}".contains(c);
            assert!(!name.contains(odd), "{name:?}");
            assert!(path.extension().unwrap() != "html" || path.parent() == Some(&*dir), "{name}");
        }
        let (_, text) = evil(&dir, format);
        let odd = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!text.contains(odd), "{format}");
        assert!(!text.contains("what was taken back"), "deleted is deleted");
        for told in
            ["deleted", "Missed video call", "edited", "forwarded from Mal", "not in the export"]
        {
            assert!(text.contains(told), "{format}: {told}");
        }
        let live = ["<script", "<img src=x", "<svg", "<iframe", "<b>", "<i ", "<base", "<u>"];
        if format != "txt" {
            for tag in live {
                let escaped = format!("\\{tag}");
                let count = text.matches(tag).count() - text.matches(&escaped).count();
                assert_eq!(count, 0, "{format}: {tag}");
            }
            assert!(format == "html" || !text.contains("](javascript:"), "{format}");
            assert!(!text.contains("href=\"javascript"), "{format}");
        }
    }
    // A message cannot look like another one: it never begins a line.
    let (_, text) = evil(&person.home().join("txt"), "txt");
    assert!(!text.lines().any(|l| l.starts_with("18:02")), "{text}");
    assert_eq!(text.lines().filter(|l| l.starts_with("--- Friday, 1 May 2020")).count(), 0);
}

#[test]
fn pictures_go_with_the_page() {
    for zipped in [false, true] {
        let person = with_hostile(zipped);
        let (dir, said) = export(&person, &["--format", "html"], "copied");
        let copied: Vec<_> =
            files(&dir).into_iter().filter(|p| p.parent() != Some(&*dir)).collect();
        assert_eq!(copied.len(), 2, "{copied:?}");
        assert!(said.contains("2 pictures and files"), "{said}");
        let png = copied.iter().find(|p| p.extension().unwrap() == "png").unwrap();
        assert!(fs::read(png).unwrap() == PICTURE);
        let page = copied.iter().find(|p| p.extension().unwrap() == "txt").unwrap();
        assert!(page.to_string_lossy().ends_with(".html.txt"), "what could run does not");
        // Once more over the same: nothing is doubled.
        let before = files(&dir);
        export(&person, &["--format", "html"], "copied");
        assert_eq!(files(&dir), before);

        let (dir, _) = export(&person, &["--format", "html", "--media", "link"], "linked");
        assert!(files(&dir).iter().all(|p| p.parent() == Some(&*dir)));
        let linked = evil(&dir, "html").1.contains("<img src=\"file:///");
        assert_eq!(linked, !zipped);
        let (dir, _) = export(&person, &["--format", "html", "--media", "none"], "none");
        assert!(!evil(&dir, "html").1.contains("<img"));

        // The export is gone: the page says so, and is written all the same.
        drop(fs::remove_dir_all(person.home().join("in")));
        drop(fs::remove_file(person.home().join("in.zip")));
        let (dir, _) = export(&person, &["--format", "md"], "gone");
        assert!(evil(&dir, "md").1.contains("not where the export was"));
    }
}

/// A backup keeps files under hashes; a copy bears the name that the message knows.
#[test]
fn a_file_without_an_ending_is_copied_under_its_name() {
    let person = Person::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/whatsapp/ios-backup");
    person.import(&folder);
    let (dir, _) = export(&person, &["--format", "html"], "copied");
    let copied: Vec<_> = files(&dir).into_iter().filter(|p| p.parent() != Some(&*dir)).collect();
    assert_eq!(copied.len(), 1, "{copied:?}");
    let name = copied[0].file_name().unwrap().to_string_lossy();
    assert!(name.starts_with("photo-") && name.ends_with(".jpg"), "{name}");
}

/// Signal Desktop locks each file with a key of its own; a copy is open.
#[test]
fn a_file_that_is_locked_by_itself_is_copied_open() {
    let person = Person::new();
    let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/signal/app");
    for file in files(&app) {
        let to = person.home().join("in").join(file.strip_prefix(&app).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(file, to).unwrap();
    }
    person.import(&person.home().join("in"));
    let (dir, _) = export(&person, &["--format", "html"], "copied");
    let voice =
        |dir: &Path| files(dir).into_iter().find(|p| p.extension().is_some_and(|e| e == "ogg"));
    let copied = voice(&dir).expect("a copy");
    assert_eq!(fs::read(&copied).unwrap(), b"OggS our voices\n\n\n");
    private(&copied);
    // What opens it is nobody's to see: not on a page, not in a listing.
    let shown: Vec<Value> = person
        .lines(&["threads", "--json"])
        .iter()
        .flat_map(|t| person.lines(&["show", &t["id"].to_string(), "--json"]))
        .collect();
    let path = "attachments.noindex/d0/d086442fc201";
    let said = serde_json::to_string(&shown).unwrap();
    assert!(said.contains(&format!("\"{path}\"")), "{said}");
    assert!(!said.contains("aes:"), "{said}");
    for media in ["link", "none"] {
        let (dir, _) = export(&person, &["--format", "html", "--media", media], media);
        assert_eq!(voice(&dir), None);
        assert!(documents(&dir, "html").iter().all(|(_, page)| !page.contains("aes:")));
    }
    // onebox's own format keeps what opens it, and reads it back.
    export(&person, &["--format", "jsonl"], "kept");
    let again = Person::new();
    again.import(&person.home().join("kept/onebox.jsonl"));
    let (dir, _) = export(&again, &["--format", "html"], "copied");
    assert_eq!(fs::read(voice(&dir).expect("a copy")).unwrap(), b"OggS our voices\n\n\n");
    // One that is not as it was locked is no file.
    let locked = person.home().join("in").join(path);
    let mut bytes = fs::read(&locked).unwrap();
    bytes[20] ^= 1;
    fs::write(&locked, bytes).unwrap();
    let (dir, _) = export(&person, &["--format", "html"], "damaged");
    assert_eq!(voice(&dir), None);
    assert!(documents(&dir, "html").iter().any(|(_, page)| page.contains("not as it was locked")));
}

#[test]
fn threads_are_chosen_by_id_search_or_view() {
    let person = with_hostile(false);
    let names = |args: &[&str], to: &str| -> BTreeSet<String> {
        let (dir, _) =
            export(&person, &[&["--format", "txt", "--media", "none"], args].concat(), to);
        documents(&dir, "txt").into_iter().map(|(n, _)| n).collect()
    };
    let ana = BTreeSet::from(["Ana - Messenger 2024.txt".to_owned()]);
    assert_eq!(names(&["--search", "lamp red"], "a"), ana);
    let all = names(&[], "b");
    assert_eq!(all.len(), 3, "two threads and the list");
    assert_eq!(names(&["--view", "all"], "c"), all);
    assert_eq!(names(&["--view", "messenger"], "d"), all);
    let archived = names(&["--view", "archived"], "e");
    assert!(archived.len() == 1 && archived != ana);
    assert_eq!(names(&["--view", "read-only"], "f"), archived);
    assert_eq!(names(&["--search", "in:ana"], "g"), ana);
    let id = |title: &str| {
        let all = person.lines(&["threads", "--json"]);
        all.iter().find(|t| t["title"] == title).unwrap()["id"].to_string()
    };
    assert_eq!(names(&[&id("Ana")], "h"), ana);

    let none = person.run(&["export", "--view", "drafts", "--to", "x"]).failed(1);
    assert!(none.contains("nothing to export"), "{none}");
    person.run(&["export", "--search", "absent", "--to", "x"]).failed(1);
    for (view, why) in [("label:soon", "no thread has the label"), ("mentions", "nothing")] {
        let told = person.run(&["export", "--view", view, "--to", "x"]);
        let told = told.failed(if view == "mentions" { 1 } else { 2 }).to_lowercase();
        assert!(told.contains(why), "{view}: {told}");
    }
    let id = person.lines(&["threads", "--json"])[0]["id"].to_string();
    person.run(&["triage", &id, "--label", "Soon"]).ok();
    assert_eq!(names(&["--view", "label:soon"], "k").len(), 1);
    assert_eq!(names(&["--view", "MSG"], "l"), all, "an app by its short name");
    let unknown = person.run(&["export", "--view", "telegram", "--to", "x"]).failed(2);
    assert!(unknown.contains("label:NAME, messenger"), "{unknown}");
    person.run(&["export", "--search", "before:never", "--to", "x"]).failed(2);
    person.run(&["export", "1", "--view", "all", "--to", "x"]).failed(2);
    assert!(!person.home().join("x").exists());
}

fn demo() -> Engine {
    let settings = Arc::new(Settings {
        rules: Rules::builtin().unwrap(),
        as_of: Some(Day::parse("2026-11-22").unwrap()),
        read_only: false,
        offline: false,
        demo: true,
        keep_deleted: false,
    });
    let store = Store::in_memory().unwrap();
    load_demo(&store, &settings.rules).unwrap();
    Engine::new(Arc::new(store), settings).unwrap()
}

#[test]
fn stopping_leaves_only_what_is_whole() {
    let mut engine = demo();
    let all = ExportChoice::View(ExportView::All);
    for format in [ExportFormat::Jsonl, ExportFormat::Pages(Style::Html)] {
        for stop_after in [1, 60, 200] {
            let dir = tempfile::tempdir().unwrap();
            let report = engine
                .export(&all, format, ExportMedia::Copy, dir.path(), &mut |p| p.done < stop_after)
                .unwrap();
            assert!(report.stopped);
            let left = files(dir.path());
            assert!(!left.iter().any(|p| p.to_string_lossy().contains(".part")), "{left:?}");
            let pages = documents(dir.path(), "html");
            let list = u64::from(report.files > 1);
            assert_eq!(pages.len() as u64, report.files + list);
            assert!(pages.iter().all(|(_, text)| text.ends_with("</html>\n")));
            assert_eq!(left.is_empty(), report.files == 0);
        }
    }
}

#[test]
fn several_threads_become_one_page_in_the_order_of_time() {
    let mut engine = demo();
    let mut jonas: Vec<ThreadId> = Vec::new();
    let page = engine.threads(&onebox::inbox::ThreadFilter::default(), 0, 500, None).unwrap();
    jonas.extend(page.rows.iter().filter(|r| r.title == "Jonas Weber").map(|r| r.id));
    assert_eq!(jonas.len(), 3);
    let dir = tempfile::tempdir().unwrap();
    let choice = ExportChoice::Merged { title: "Jonas, everywhere".into(), threads: jonas };
    let html = ExportFormat::Pages(Style::Html);
    let report =
        engine.export(&choice, html, ExportMedia::Leave, dir.path(), &mut |_| true).unwrap();
    assert_eq!((report.threads, report.files, report.messages), (3, 1, 48 + 26 + 16));
    assert_eq!(report.file.file_name().unwrap(), "Jonas, everywhere - 2019-2026.html");
    let text = fs::read_to_string(&report.file).unwrap();
    let times: Vec<&str> = text
        .split("</header>\n")
        .filter_map(|part| part.rsplit_once("<time datetime=\"")?.1.split('"').next())
        .collect();
    assert!(times.len() > 80 && times.is_sorted(), "{times:?}");
    let apps = ["Messenger", "WhatsApp", "Instagram"];
    let badge = |app: &str| text.matches(&format!("<span class=\"app\">{app}</span>")).count();
    assert_eq!(apps.map(badge).iter().sum::<usize>(), 90 + 2, "every message, and the head");
}

/// A browser, if there is one.
fn browser() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .find_map(|dir| names.iter().map(|n| dir.join(n)).find(|p| p.is_file()));
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "no browser: install chromium");
    }
    found
}

/// What a page is after a browser has read it, without any network.
fn dom(browser: &Path, page: &Path, profile: &Path) -> String {
    let out = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        .args(["--host-resolver-rules=MAP * ~NOTFOUND", "--allow-file-access-from-files"])
        .args(["--virtual-time-budget=10000", "--window-size=1000,4000"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(["--dump-dom".as_ref(), page.as_os_str()])
        .stdin(Stdio::null())
        .output()
        .expect("the browser starts");
    String::from_utf8(out.stdout).expect("text")
}

/// Looks into a page from outside: the page itself may run nothing.
const WATCHER: &str = "<!doctype html><meta charset=utf-8><title>watcher</title>
<iframe id=f width=900 height=9000 src=\"PAGE\"></iframe><pre id=out>not ready</pre><script>
f.onload = () => setTimeout(() => {
  const d = f.contentDocument, all = [...d.querySelectorAll('*')];
  const handlers = all.flatMap(e => e.getAttributeNames().filter(n => n.startsWith('on')));
  const pictures = [...d.images].map(i => i.naturalWidth);
  out.textContent = 'RESULT' + JSON.stringify({
    title: d.title, tags: [...new Set(all.map(e => e.localName))].sort(), handlers, pictures,
    articles: d.querySelectorAll('article').length,
    links: [...d.links].map(l => l.protocol + (l.rel || 'file')),
    texts: [...d.querySelectorAll('article > p[dir]')].map(p => p.textContent),
    mine: d.querySelectorAll('article.mine').length,
    aligned: [...d.querySelectorAll('article.mine')].every(a => a.getBoundingClientRect().right >
      d.querySelector('article.theirs').getBoundingClientRect().right - 1),
    days: d.querySelectorAll('h2 > time[datetime]').length,
  }) + 'END';
}, 500);
</script>";

#[test]
fn a_browser_sees_messages_and_nothing_else() {
    let Some(browser) = browser() else {
        eprintln!("no browser on PATH: pages were not looked at; install chromium");
        return;
    };
    let person = with_hostile(true);
    let (dir, _) = export(&person, &["--format", "html"], "out");
    let (name, _) = evil(&dir, "html");
    let watcher = dir.join("watcher.html");
    fs::write(&watcher, WATCHER.replace("PAGE", &onebox::pages::href(&name))).unwrap();
    let dom = dom(&browser, &watcher, &person.home().join("profile"));
    let result = dom.split_once("RESULT").and_then(|(_, rest)| rest.split_once("END")).map(|r| r.0);
    let result = result.unwrap_or_else(|| panic!("the browser saw nothing: {dom}"));
    let result = result.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let seen: Value = serde_json::from_str(&result).expect("JSON");

    assert_eq!(seen["handlers"], json!([]));
    let known: BTreeSet<&str> =
        "a article aside b bdi blockquote body br figcaption figure footer \
        h1 h2 head header html img li main meta p section span strong style time title ul"
            .split_whitespace()
            .collect();
    let tags: Vec<&str> =
        seen["tags"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(tags.iter().all(|t| known.contains(t)), "{tags:?}");
    assert!(!seen["title"].as_str().unwrap().contains("owned"));
    assert_eq!(seen["articles"], HOSTILE.len() + 5);
    assert_eq!(seen["days"], HOSTILE.len().div_ceil(3) + 1);
    assert_eq!(
        (&seen["mine"], &seen["aligned"]),
        (&json!(HOSTILE.len().div_ceil(3)), &json!(true))
    );
    // One picture, and it can be seen.
    let pictures = seen["pictures"].as_array().unwrap();
    assert!(pictures.len() == 1 && pictures[0].as_u64() > Some(0), "{pictures:?}");
    for link in seen["links"].as_array().unwrap() {
        let fine = ["file:file", "https:noreferrer noopener", "http:noreferrer noopener"];
        assert!(fine.contains(&link.as_str().unwrap()), "{link}");
    }
    // Every text is there, to the letter, but for what no terminal or page should be given.
    let texts: Vec<&str> =
        seen["texts"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    for words in HOSTILE.iter().filter(|w| !w.contains('\u{1b}')) {
        assert!(texts.contains(words), "{words:?} is not in {texts:?}");
    }
}
