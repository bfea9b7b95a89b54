//! A folder of downloads: which zips are parts of one export, and whose each is.

use std::fs;
use std::io::Write;
use std::path::Path;

use onebox::engine::detect;
use onebox::model::MediaPlace;
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
