//! A folder of downloads: which zips are parts of one export, and whose each is.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use onebox::engine::{Detected, Engine, ImportOptions, Progress, Rules, Settings, Store, detect};
use onebox::inbox::{OpenAt, ThreadFilter};
use onebox::model::{Day, MediaPlace};
use serde_json::{Value, json};
use zip::write::{SimpleFileOptions, ZipWriter};

const AT: i64 = 1_700_000_000_000;

fn zip(to: &Path, files: &[(&str, Value)]) {
    let mut zip = ZipWriter::new(fs::File::create(to).expect("a file"));
    for (name, value) in files {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a zip");
        zip.write_all(value.to_string().as_bytes()).expect("a zip");
    }
    zip.finish().expect("a zip");
}

fn profile(me: &str) -> Value {
    json!({"profile_v2": {"name": {"full_name": me}}})
}

fn thread(me: &str, other: &str) -> Value {
    json!({"participants": [{"name": other}, {"name": me}], "title": other, "messages": [
        {"sender_name": me, "timestamp_ms": AT + 60_000, "content": "to you",
         "photos": [{"uri": "your_facebook_activity/messages/inbox/a_1/photos/p.jpg"}]},
        {"sender_name": other, "timestamp_ms": AT, "content": "to me"}]})
}

fn encrypted(me: &str, other: &str) -> Value {
    json!({"participants": [other, me], "threadName": format!("{other}_1"), "messages": [
        {"senderName": other, "text": "in secret", "timestamp": AT + 90_000, "type": "text",
         "isUnsent": false, "media": [], "reactions": []},
        {"senderName": me, "text": "so am I", "timestamp": AT + 99_000, "type": "text",
         "isUnsent": false, "media": [], "reactions": []}]})
}

const THREAD: &str = "your_facebook_activity/messages/inbox/a_1/message_1.json";
const PHOTO: &str = "your_facebook_activity/messages/inbox/a_1/photos/p.jpg";
const PROFILE: &str = "personal_information/profile_information/profile_information.json";

/// The exports of a folder: the names of their zips.
fn exports(dir: &Path) -> Vec<Vec<String>> {
    let found = detect(&[dir.to_owned()], None).expect("exports");
    let name = |place: &String| place.rsplit('/').next().unwrap_or_default().to_owned();
    let mut all: Vec<Vec<String>> = found
        .iter()
        .map(|d| {
            let mut places: Vec<String> = d.places.iter().map(name).collect();
            places.sort();
            places
        })
        .collect();
    all.sort();
    all
}

#[test]
fn a_part_with_nothing_but_pictures_and_the_profile_belongs_to_its_export() {
    let dir = tempfile::tempdir().expect("a folder");
    let (one, two) = (dir.path().join("facebook-1.zip"), dir.path().join("facebook-2.zip"));
    zip(&one, &[(THREAD, thread("Max", "Ana"))]);
    zip(&two, &[(PHOTO, json!("a picture")), (PROFILE, profile("Max"))]);
    for paths in [vec![dir.path().to_owned()], vec![one.clone(), two.clone()], vec![two, one]] {
        let found = detect(&paths, None).expect("an export");
        assert_eq!(found.len(), 1);
        let d = &found[0];
        assert_eq!((d.places.len(), d.tree.oddities()), (2, &[][..]));
        let here = matches!(d.tree.media(PHOTO), MediaPlace::Export { container: Some(_), .. });
        assert!(here && d.tree.find(PROFILE).is_some());
    }
    // What has nothing to do with it stays out.
    zip(&dir.path().join("holiday.zip"), &[("beach/p.jpg", json!("a picture"))]);
    assert_eq!(exports(dir.path()), [["facebook-1.zip", "facebook-2.zip"]]);
}

#[test]
fn encrypted_conversations_go_to_whom_they_belong() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = |name: &str| dir.path().join(name);
    for (account, me) in [("facebook-max.zip", "Max"), ("facebook-second.zip", "Second")] {
        zip(&file(account), &[(THREAD, thread(me, "Ana")), (PROFILE, profile(me))]);
    }
    zip(&file("a-messages.zip"), &[("messages/Kim_1.json", encrypted("Second", "Kim"))]);
    zip(&file("messages (1).zip"), &[("messages/Ana_1.json", encrypted("Max", "Ana"))]);
    assert_eq!(
        exports(dir.path()),
        [["a-messages.zip", "facebook-second.zip"], ["facebook-max.zip", "messages (1).zip"]]
    );
    // Whose account is not there is nobody else's.
    fs::remove_file(file("facebook-second.zip")).expect("gone");
    let found = exports(dir.path());
    assert_eq!(found.len(), 2, "{found:?}");
    let what: Vec<_> =
        detect(&[dir.path().to_owned()], None).expect("two").into_iter().map(|d| d.what).collect();
    assert!(what.contains(&"Messenger export (JSON)".to_owned()), "{what:?}");
}

/// What nobody can open is told, with an export beside it and without one.
#[test]
fn what_cannot_be_opened_is_told() {
    let dir = tempfile::tempdir().expect("a folder");
    let chat = "13/06/2024, 18:00 - Bob: hello there, how are you?\n".repeat(200);
    let bad = dir.path().join("chat.zip");
    zip(&bad, &[("WhatsApp Chat with Bob.txt", json!(chat))]);
    let mut bytes = fs::read(&bad).expect("a zip");
    let at = bytes.len() / 3;
    bytes[at..at + 8].fill(0xff);
    fs::write(&bad, &bytes).expect("a zip");
    let why = detect(std::slice::from_ref(&bad), None).err().expect("damaged").to_string();
    assert!(why.contains("WhatsApp Chat with Bob.txt") && !why.contains("none is"), "{why}");
    zip(&dir.path().join("facebook.zip"), &[(THREAD, thread("Max", "Ana"))]);
    let inner = dir.path().join("inner.zip");
    zip(&inner, &[(THREAD, thread("Max", "Ana"))]);
    let packed = fs::read(&inner).expect("a zip");
    fs::remove_file(&inner).expect("gone");
    let mut outer = ZipWriter::new(fs::File::create(dir.path().join("outer.zip")).expect("a file"));
    outer.start_file("inner.zip", SimpleFileOptions::default()).expect("a zip");
    outer.write_all(&packed).expect("a zip");
    outer.finish().expect("a zip");
    let found = detect(&[dir.path().to_owned()], None).expect("one");
    assert_eq!(found.len(), 1);
    let told: Vec<&str> = found[0].tree.oddities().iter().map(|o| o.file.as_str()).collect();
    assert!(told.iter().any(|f| f.contains("Bob.txt")), "{told:?}");
    assert!(told.iter().any(|f| f.contains("inner.zip")), "{told:?}");
}

/// A folder of a download in a folder with others is nobody else's.
#[test]
fn a_download_in_a_folder_of_another_is_its_own() {
    let dir = tempfile::tempdir().expect("a folder");
    let write = |path: &str, value: Value| {
        let to = dir.path().join(path);
        fs::create_dir_all(to.parent().expect("a folder")).expect("folders");
        fs::write(to, value.to_string()).expect("a file");
    };
    zip(
        &dir.path().join("facebook-max.zip"),
        &[(THREAD, thread("Max", "Ana")), (PROFILE, profile("Max"))],
    );
    write("messages/Ana_1.json", encrypted("Max", "Ana"));
    write(&format!("second/{THREAD}"), thread("Second", "Kim"));
    write(&format!("second/{PROFILE}"), profile("Second"));
    let found = detect(&[dir.path().to_owned()], None).expect("exports");
    let mut all: Vec<(usize, bool, usize)> = found
        .iter()
        .map(|d| {
            let messages = d.tree.entries().iter().filter(|e| e.path.contains("messages/"));
            let second = d.tree.entries().iter().any(|e| e.path.starts_with("second/"));
            (d.places.len(), second, messages.count())
        })
        .collect();
    all.sort_unstable();
    assert_eq!(all, [(1, false, 1), (2, false, 2)]);
}

/// What was found: each export with its zips, in the order in which they are imported.
fn in_order(paths: &[PathBuf]) -> Vec<Vec<String>> {
    let name = |place: &String| place.rsplit('/').next().unwrap_or_default().to_owned();
    let sorted = |d: &Detected| {
        let mut names: Vec<String> = d.places.iter().map(name).collect();
        names.sort();
        names
    };
    detect(paths, None).expect("exports").iter().map(sorted).collect()
}

fn engine() -> Engine {
    let settings = Settings {
        rules: Rules::builtin().expect("rules"),
        as_of: Day::parse("2026-11-22"),
        read_only: false,
        offline: false,
        demo: false,
        keep_deleted: false,
    };
    let store = Arc::new(Store::in_memory().expect("a store"));
    Engine::new(store, Arc::new(settings)).expect("an engine")
}

/// Threads and their messages after an import of all that is found.
fn imported(paths: &[PathBuf]) -> Vec<(String, Vec<String>)> {
    let mut engine = engine();
    let found = detect(paths, None).expect("exports");
    engine.import(found, &ImportOptions::default(), &Progress::default()).expect("an import");
    let rows = engine.threads(&ThreadFilter::default(), 0, 50, None).expect("rows").rows;
    let mut told: Vec<(String, Vec<String>)> = Vec::new();
    for row in rows {
        let page = engine.open(row.id, OpenAt::Start, 50).expect("a page");
        told.push((row.title, page.rows.into_iter().map(|m| m.text).collect()));
    }
    told
}

const ERAS: [&str; 3] =
    ["messages", "your_activity_across_facebook/messages", "your_facebook_activity/messages"];

/// A thread's file in a download of some year.
fn placed(era: &str, folder: &str) -> String {
    format!("{era}/inbox/{folder}_1234567890123/message_1.json")
}

/// Ana, who is called otherwise in a later download, and a line that was taken back since.
fn renamed(name: &str, taken_back: bool) -> Value {
    let mut secret = json!({"sender_name": name, "timestamp_ms": AT + 5_000});
    match taken_back {
        true => secret["is_unsent"] = json!(true),
        false => secret["content"] = json!("secret words"),
    }
    json!({"participants": [{"name": name}, {"name": "Max"}], "title": name, "messages": [
        {"sender_name": "Max", "timestamp_ms": AT + 60_000, "content": "the parcel came today"},
        secret,
        {"sender_name": name, "timestamp_ms": AT, "content": "where is the parcel, I wonder"}]})
}

#[test]
fn downloads_of_two_years_are_two_exports_and_the_older_one_comes_first() {
    let made = |n: usize| ["2023-07-05-Ab", "2024-07-05-Zz", "2025-01-02-Aa"][n];
    for (old, new) in [(0, 1), (1, 2), (0, 2)] {
        // Their names need not tell.
        for named in [true, false] {
            let dir = tempfile::tempdir().expect("a folder");
            let file = |n: usize| match named {
                true => dir.path().join(format!("facebook-max-{}.zip", made(n))),
                false => dir.path().join(["c.zip", "b.zip", "a.zip"][n]),
            };
            zip(&file(old), &[(&placed(ERAS[old], "analima"), renamed("Ana Lima", false))]);
            zip(&file(new), &[(&placed(ERAS[new], "anakim"), renamed("Ana Kim", true))]);
            let order = [vec![file(old), file(new)], vec![file(new), file(old)]];
            for paths in order.iter().chain([&vec![dir.path().to_owned()]]) {
                let name = |n: usize| file(n).file_name().map(|n| n.to_string_lossy().into_owned());
                let expected = [old, new].map(|n| name(n).into_iter().collect::<Vec<_>>());
                assert_eq!(in_order(paths), expected);
                let threads = imported(paths);
                let told: Vec<&str> = threads[0].1.iter().map(String::as_str).collect();
                assert_eq!((threads.len(), threads[0].0.as_str()), (1, "Ana Kim"));
                assert_eq!(told, ["where is the parcel, I wonder", "", "the parcel came today"]);
            }
        }
    }
}

#[test]
fn the_days_in_their_names_tell_two_downloads_of_one_layout_apart() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = |name: &str| dir.path().join(format!("facebook-max-{name}.zip"));
    let (ana, bo) = (placed(ERAS[2], "ana"), placed(ERAS[2], "bo").replace("123", "987"));
    zip(&file("2025-07-05-BB"), &[(&ana, thread("Max", "Ana"))]);
    zip(&file("2025-07-05-CC"), &[(&bo, thread("Max", "Bo")), (PROFILE, profile("Max"))]);
    let kim = bo.replace("bo_", "kim_");
    zip(&file("2026-03-05-AA"), &[(&kim, thread("Max", "Kim")), (PROFILE, profile("Max"))]);
    zip(&file("2026-03-05-DD"), &[(PHOTO, json!("a picture"))]);
    let all = ["2025-07-05-BB", "2025-07-05-CC", "2026-03-05-AA", "2026-03-05-DD"]
        .map(|name| format!("facebook-max-{name}.zip"));
    assert_eq!(in_order(&[dir.path().to_owned()]), [&all[..2], &all[2..]]);
    let keys = detect(&[dir.path().to_owned()], None).expect("exports");
    assert_ne!(keys[0].key(), keys[1].key());
    // Without days in their names it is seen by a thread that got another title.
    for (name, other) in all.iter().zip(["one", "one-2", "two", "two-2"]) {
        fs::rename(dir.path().join(name), file(other)).expect("renamed");
    }
    fs::remove_file(file("two-2")).expect("gone");
    assert_eq!(in_order(&[dir.path().to_owned()]).len(), 2);
}

#[test]
fn the_parts_of_one_download_stay_together_whatever_they_are_called() {
    let files = |n: usize| {
        let at = placed(ERAS[2], "bo").replace("1234567890123", &format!("123456789012{n}"));
        vec![(at, thread("Max", ["Ana", "Bo", "Kim"][n]))]
    };
    for names in [
        [
            "facebook-max-2025-01-02-AbCdEf12",
            "facebook-max-2025-01-02-GhIj",
            "facebook-max-2025-01-02-K",
        ],
        // Packed over midnight, and downloaded twice.
        [
            "facebook-max-2025-01-02-AbCdEf12",
            "facebook-max-2025-01-03-GhIj",
            "facebook-max-2025-01-02-K (1)",
        ],
        ["facebook-max", "facebook-max-2", "facebook-max-2025-01-02-K"],
        ["facebook-max", "facebook-max (1)", "facebook-max(2)"],
        ["part", "facebook-2025-01-02", "facebook-max-2025-01-02-K"],
    ] {
        let dir = tempfile::tempdir().expect("a folder");
        let mut paths = Vec::new();
        for (n, name) in names.iter().enumerate() {
            let path = dir.path().join(format!("{name}.zip"));
            let mut all = files(n);
            if n == 1 {
                all.push((PROFILE.to_owned(), profile("Max")));
            }
            let all: Vec<(&str, Value)> =
                all.iter().map(|(p, v)| (p.as_str(), v.clone())).collect();
            zip(&path, &all);
            paths.push(path);
        }
        // What is encrypted is downloaded on another day.
        let secret = dir.path().join("facebook-max-2025-02-07-messages.zip");
        zip(&secret, &[("messages/Ana_1.json", encrypted("Max", "Ana"))]);
        zip(&dir.path().join("media.zip"), &[(PHOTO, json!("a picture"))]);
        let found = in_order(&[dir.path().to_owned()]);
        assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [5], "{found:?}");
        paths.reverse();
        assert_eq!(in_order(&paths).len(), 1, "{names:?}");
    }
}

#[test]
fn downloads_that_were_unpacked_over_each_other_are_told_apart_by_their_layouts() {
    let dir = tempfile::tempdir().expect("a folder");
    let write = |path: &str, value: &Value| {
        let to = dir.path().join(path);
        fs::create_dir_all(to.parent().expect("a folder")).expect("folders");
        fs::write(to, value.to_string()).expect("a file");
    };
    write(&placed(ERAS[1], "anakim"), &renamed("Ana Kim", true));
    write(&placed(ERAS[0], "analima"), &renamed("Ana Lima", false));
    write(PROFILE, &profile("Max"));
    let found = detect(&[dir.path().to_owned()], None).expect("exports");
    assert_eq!(found.len(), 2);
    assert_ne!(found[0].key(), found[1].key());
    assert!(found[0].lies[0].ends_with("/messages") && found[1].lies[0].ends_with(ERAS[1]));
    assert!(found.iter().all(|d| d.what == "Messenger export (JSON)"));
    assert!(found.iter().all(|d| d.tree.find(PROFILE).is_some() && d.tree.entries().len() == 2));
    let threads = imported(&[dir.path().to_owned()]);
    assert_eq!((threads.len(), threads[0].0.as_str(), threads[0].1.len()), (1, "Ana Kim", 3));
    // What is encrypted lies in `messages` as well: it is no other layout.
    fs::remove_dir_all(dir.path().join("messages")).expect("gone");
    write("messages/Ana_1.json", &encrypted("Max", "Ana"));
    assert_eq!(detect(&[dir.path().to_owned()], None).expect("exports").len(), 1);
}

#[test]
fn two_downloads_of_encrypted_conversations_are_two_exports() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = |name: &str| dir.path().join(name);
    let mut newer = encrypted("Max", "Ana");
    newer["messages"][0]["text"] = json!("User unsent a message");
    newer["messages"][0]["timestamp"] = json!(AT + 999_000);
    zip(&file("messages.zip"), &[("Ana_7.json", newer)]);
    zip(&file("messages (1).zip"), &[("Ana_1.json", encrypted("Max", "Ana"))]);
    let found = in_order(&[dir.path().to_owned()]);
    assert_eq!(found, [["messages (1).zip"], ["messages.zip"]]);
}

/// A thread of up to 2023, which may be of either app.
fn plain(other: &str) -> Value {
    json!({"participants": [{"name": other}, {"name": "Max"}], "title": other, "messages": [
        {"sender_name": "Max", "timestamp_ms": AT + 60_000, "content": "to you"},
        {"sender_name": other, "timestamp_ms": AT, "content": "to me"}]})
}

const ACCOUNT: &str = "account_information/personal_information.json";

fn account() -> Value {
    json!({"profile_user": [{"string_map_data": {"Username": {"value": "max_o"},
        "Name": {"value": "Max"}}}]})
}

/// The exports that are found: of which app, and in how many zips.
fn apps(paths: &[PathBuf]) -> Vec<(&'static str, usize)> {
    let found = detect(paths, None).expect("exports");
    found.iter().map(|d| (d.source.id, d.places.len())).collect()
}

#[test]
fn a_download_of_messages_alone_is_of_the_app_that_its_name_tells() {
    let (ana, ana_at) = (plain("Ana"), placed(ERAS[0], "ana"));
    for (name, app) in [
        ("instagram-max.o-2023-01-05-AbCdEf12", "instagram"),
        ("instagram-max", "instagram"),
        ("facebook-max-2023-01-05-AbCdEf12", "messenger"),
        ("download", "messenger"),
    ] {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join(format!("{name}.zip"));
        zip(&path, &[(&ana_at, ana.clone())]);
        assert_eq!(apps(&[path]), [(app, 1)], "{name}");
        // With a folder of its own in it, and unpacked.
        let inner = dir.path().join(format!("{name} (1).zip"));
        zip(&inner, &[(&format!("export/{ana_at}"), ana.clone())]);
        assert_eq!(apps(&[inner]), [(app, 1)], "{name}");
        let file = dir.path().join(name).join(&ana_at);
        fs::create_dir_all(file.parent().expect("a folder")).expect("folders");
        fs::write(&file, ana.to_string()).expect("a file");
        assert_eq!(apps(&[dir.path().join(name)]), [(app, 1)], "{name}");
    }
    // What lies beside the messages, and what they hold, knows better.
    let dir = tempfile::tempdir().expect("a folder");
    let (one, two) = (dir.path().join("facebook-a.zip"), dir.path().join("facebook-b.zip"));
    zip(&one, &[(&ana_at, ana.clone()), (ACCOUNT, account())]);
    let mut ghost = plain("Instagram User");
    ghost["title"] = json!("Instagram User");
    zip(&two, &[(&ana_at, ghost)]);
    assert_eq!([apps(&[one]), apps(&[two])], [[("instagram", 1)], [("instagram", 1)]]);
}

#[test]
fn the_parts_of_a_download_tell_of_each_other_which_app_they_are_of() {
    let (ana, bo) = (placed(ERAS[0], "ana"), placed(ERAS[0], "bo").replace("123", "987"));
    let rest = [(ana.as_str(), plain("Ana")), (ACCOUNT, account())];
    for names in [["a.zip", "b.zip"], ["download-1.zip", "download-2.zip"]] {
        let dir = tempfile::tempdir().expect("a folder");
        let [one, two] = names.map(|n| dir.path().join(n));
        // The messages in one, the account in the other.
        zip(&one, &rest[..1]);
        zip(&two, &rest[1..]);
        for paths in [
            vec![dir.path().to_owned()],
            vec![one.clone(), two.clone()],
            vec![two.clone(), one.clone()],
        ] {
            assert_eq!(apps(&paths), [("instagram", 2)]);
            let found = detect(&paths, None).expect("an export");
            let report = engine().import(found, &ImportOptions::default(), &Progress::default());
            let report = report.expect("an import");
            assert_eq!(
                (report[0].account.as_str(), report[0].known_by.as_str()),
                ("Max", "profile file")
            );
            assert_eq!((report[0].messages_added, report[0].oddities), (2, 0));
        }
        // Half of the chats with the account, half without it: only a name can tell.
        zip(&one, &rest);
        zip(&two, &[(&bo, plain("Bo"))]);
        let alike = names[0].starts_with("download");
        let expected =
            if alike { vec![("instagram", 2)] } else { vec![("instagram", 1), ("messenger", 1)] };
        assert_eq!(apps(&[one, two]), expected);
    }
}

#[test]
fn what_nothing_tells_the_app_of_is_said_so_and_read_as_the_person_says() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("chats.zip");
    zip(&path, &[(&placed(ERAS[0], "ana"), plain("Ana"))]);
    for (said, app) in [(None, "messenger"), (Some("instagram"), "instagram")] {
        let found = detect(std::slice::from_ref(&path), said).expect("an export");
        assert_eq!((found.len(), found[0].source.id), (1, app));
        let report = engine().import(found, &ImportOptions::default(), &Progress::default());
        let report = report.expect("an import");
        assert_eq!((report[0].id.as_str(), report[0].messages_added), (app, 2));
        let remarked = report[0].remarks.iter().any(|r| r.contains("--source instagram"));
        assert_eq!(remarked, said.is_none(), "{:?}", report[0].remarks);
    }
    // What surely is another app's is not read as one's own, whoever says so.
    zip(&path, &[(&placed(ERAS[2], "ana"), plain("Ana"))]);
    assert!(detect(&[path], Some("instagram")).is_err());
}

#[test]
fn a_picture_in_another_part_is_said_to_be_missing_and_found_once_all_parts_are_given() {
    let dir = tempfile::tempdir().expect("a folder");
    let (one, two) = (dir.path().join("facebook-max-a.zip"), dir.path().join("facebook-max-b.zip"));
    zip(&one, &[(THREAD, thread("Max", "Ana")), (PROFILE, profile("Max"))]);
    zip(&two, &[(PHOTO, json!("a picture")), (PROFILE, profile("Max"))]);
    let mut engine = engine();
    let mut import = |paths: &[PathBuf]| {
        let found = detect(paths, None).expect("an export");
        let report = engine.import(found, &ImportOptions::default(), &Progress::default());
        let remarks = report.expect("an import").remove(0).remarks;
        let row =
            engine.threads(&ThreadFilter::default(), 0, 50, None).expect("rows").rows.remove(0);
        let page = engine.open(row.id, OpenAt::Start, 50).expect("a page");
        assert_eq!(page.rows.len(), 2);
        let here = page.rows.iter().flat_map(|m| &m.attachments).filter(|a| a.present).count();
        let missed = remarks.iter().any(|r| r.starts_with("1 file that a message names is not in"));
        (here, missed)
    };
    assert_eq!(import(std::slice::from_ref(&one)), (0, true));
    assert_eq!(import(&[one, two]), (1, false));
}
