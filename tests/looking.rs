//! Looking into exports before they are imported: what is told is what an import then brings.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use onebox::engine::{Desk, Engine, ImportOptions, Progress, Rules, Settings, Store, detect};
use onebox::inbox::{ExportKey, Request, Ticket, Update};

fn engine() -> Engine {
    let settings = Settings {
        rules: Rules::builtin().unwrap(),
        as_of: None,
        read_only: false,
        offline: false,
        demo: false,
        keep_deleted: false,
    };
    Engine::new(Arc::new(Store::in_memory().unwrap()), Arc::new(settings)).unwrap()
}

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples")
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(of).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    all.sort();
    all
}

#[test]
fn a_look_at_every_sample_tells_what_its_import_brings() {
    let mut seen = 0;
    for case in folders(&samples()).iter().flat_map(|source| folders(source)) {
        let Ok(found) = detect(std::slice::from_ref(&case), None) else { continue };
        for d in found {
            let engine = engine();
            let name = format!("{} of {}", d.what, case.display());
            let (options, progress) = (ImportOptions::default(), Progress::default());
            let looks = engine.look_into(std::slice::from_ref(&d), &options, &progress).unwrap();
            let look = looks.first().unwrap();
            assert!(engine.is_empty().unwrap(), "{name}: nothing is stored");
            let (files, bytes) = (look.files, look.bytes);
            let summary = engine.import(vec![d], &options, &progress).unwrap().remove(0);
            assert_eq!(look.locked.as_ref(), summary.locked.first(), "{name}");
            assert_eq!(look.account, summary.account, "{name}");
            assert!(files > 0 && (bytes > 0 || look.messages == 0), "{name}: {files}, {bytes}");
            // One message may be told twice, in two boxes or two forms.
            assert!(look.messages >= summary.messages_added, "{name}: {look:?} {summary:?}");
            assert!(look.threads >= summary.threads_added, "{name}: {look:?} {summary:?}");
            assert_eq!(look.messages > 0, summary.messages_added > 0, "{name}");
            assert_eq!(look.first.is_some(), look.messages > 0, "{name}");
            assert!(look.first <= look.last, "{name}");
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen} samples");
}

/// A folder of downloads: two apps, and files that are nobody's.
fn downloads() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (source, case) in [("whatsapp", "ios-de"), ("telegram", "account")] {
        let from = samples().join(source).join(case);
        let from = if from.is_dir() { from } else { folders(&samples().join(source)).remove(0) };
        copy(&from, &folder.path().join(source));
    }
    std::fs::write(folder.path().join("holiday.txt"), "a list of things to take along").unwrap();
    std::fs::write(folder.path().join("film.mkv"), vec![0; 100_000]).unwrap();
    folder
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for e in std::fs::read_dir(from).unwrap().map(|e| e.unwrap()) {
        let at = to.join(e.file_name());
        if e.path().is_dir() {
            copy(&e.path(), &at);
        } else {
            std::fs::copy(e.path(), at).unwrap();
        }
    }
}

#[test]
fn an_export_is_its_own_files_and_not_its_folders() {
    let folder = downloads();
    let found = detect(&[folder.path().to_owned()], None).unwrap();
    let apps: Vec<&str> = found.iter().map(|d| d.source.id).collect();
    assert_eq!(apps, ["whatsapp", "telegram"]);
    let engine = engine();
    let looks = engine.look_into(&found, &ImportOptions::default(), &Progress::default()).unwrap();
    for (d, look) in found.iter().zip(&looks) {
        let all: u64 = d.tree.entries().iter().map(|e| e.size).sum();
        assert!(look.bytes < 100_000, "{}: {} of {all}", d.what, look.bytes);
    }
    assert_ne!(found[0].key(), found[1].key());
}

#[test]
fn a_zip_in_a_zip_is_told_wherever_it_lies() {
    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(folder.path().join("outer.zip")).unwrap();
    let mut zip = zip::ZipWriter::new(file);
    zip.start_file("inner.zip", zip::write::SimpleFileOptions::default()).unwrap();
    std::io::Write::write_all(&mut zip, b"PK\x05\x06").unwrap();
    zip.finish().unwrap();
    let why = detect(&[folder.path().to_owned()], None).err().unwrap().to_string();
    assert!(why.contains("a zip inside the zip is not looked into"), "{why}");
}

/// Two people's downloads in one folder are two exports, though their files are called alike.
#[test]
fn two_peoples_downloads_are_two_exports() {
    let folder = tempfile::tempdir().unwrap();
    for (who, told) in [("kim", "hello from Kim"), ("pat", "a word of Pat's")] {
        for part in ["1", "2"] {
            let name = format!("facebook-{who}-2025-06-20-{part}.zip");
            let mut zip =
                zip::ZipWriter::new(std::fs::File::create(folder.path().join(name)).unwrap());
            let mut put = |path: &str, text: String| {
                zip.start_file(path, zip::write::SimpleFileOptions::default()).unwrap();
                std::io::Write::write_all(&mut zip, text.as_bytes()).unwrap();
            };
            let profile = "personal_information/profile_information/profile_information.json";
            put(profile, format!(r#"{{"profile_v2": {{"name": {{"full_name": "{who}"}}}}}}"#));
            put(
                &format!("your_facebook_activity/messages/inbox/ana_70{part}/message_1.json"),
                format!(
                    r#"{{"participants": [{{"name": "Ana"}}, {{"name": "{who}"}}], "title": "Ana",
                        "messages": [{{"sender_name": "Ana", "timestamp_ms": 1700000000000,
                                       "content": "{told} {part}"}}]}}"#
                ),
            );
            zip.finish().unwrap();
        }
    }
    let found = detect(&[folder.path().to_owned()], None).unwrap();
    let mut places: Vec<usize> = found.iter().map(|d| d.places.len()).collect();
    places.sort_unstable();
    assert_eq!(places, [2, 2]);
    let engine = engine();
    let looks = engine.look_into(&found, &ImportOptions::default(), &Progress::default()).unwrap();
    let mut names: Vec<(&str, u64)> =
        looks.iter().map(|l| (l.account.as_str(), l.messages)).collect();
    names.sort_unstable();
    assert_eq!(names, [("kim", 2), ("pat", 2)]);
}

#[test]
fn the_desk_lists_looks_and_imports_what_is_chosen() {
    let folder = downloads();
    let paths = vec![folder.path().to_owned()];
    let (desk, requests, updates) = Desk::start(engine()).unwrap();
    let ticket = Ticket(7);
    requests.send(Request::LookFor { ticket, paths: paths.clone() }).unwrap();
    let (mut keys, mut looked): (Vec<ExportKey>, usize) = (Vec::new(), 0);
    while keys.is_empty() || looked < keys.len() {
        match updates.recv().unwrap() {
            Update::Exports { ticket: of, found } => {
                assert_eq!(of, ticket);
                keys = found.into_iter().map(|f| f.key).collect();
                assert_eq!(keys.len(), 2);
            }
            Update::Looked { ticket: of, index, look } => {
                assert_eq!((of, index), (ticket, looked));
                assert!(look.messages > 0);
                looked += 1;
            }
            Update::ImportDone(_) => panic!("nothing was to be imported"),
            _ => {}
        }
    }
    let only = Some(vec![keys.remove(1)]);
    requests.send(Request::Import { paths, only, key: None }).unwrap();
    let done = loop {
        if let Update::ImportDone(done) = updates.recv().unwrap() {
            break done;
        }
    };
    assert_eq!(done.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(), ["telegram"]);
    drop((requests, updates));
    desk.join();
}

#[test]
fn nothing_found_is_said_and_a_cancelled_look_is_silent() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, requests, updates) = Desk::start(engine()).unwrap();
    let ticket = Ticket(1);
    requests.send(Request::LookFor { ticket, paths: vec![folder.path().to_owned()] }).unwrap();
    let mut told = Vec::new();
    loop {
        match updates.recv().unwrap() {
            Update::Exports { found, .. } => {
                assert!(found.is_empty());
                break;
            }
            Update::Notice(notice) => told.push(notice.what),
            _ => {}
        }
    }
    assert_eq!(told.len(), 1, "why: {told:?}");
    drop((requests, updates));
    desk.join();

    let found = detect(&[downloads().path().to_owned()], None);
    let progress = Progress::default();
    progress.cancel();
    // The folder is gone, and nobody waits: nothing of it is told.
    let looks = engine().look_into(&found.unwrap(), &ImportOptions::default(), &progress).unwrap();
    assert!(looks.is_empty());
}
