//! Exports whose text is in UTF-16, with a mark and without, in either order of bytes: every sample
//! of the catalog tells the same as in UTF-8.

mod readers;

use std::fs;
use std::path::Path;

use onebox::model::MediaPlace;
use onebox::sources::{CATALOG, Confidence, FileTree};
use readers::{Told, read_files, utc};

/// Endings of files in samples that are text.
const TEXTS: &[&str] = &["json", "jsonl", "txt", "xml", "csv", "html", "htm", "eml", "mbox"];

fn wide(text: &str, little: bool, mark: bool) -> Vec<u8> {
    let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
    units.flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() }).collect()
}

fn files_of(folder: &Path, below: &str, out: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.file_type().expect("a type").is_dir() {
            files_of(&entry.path(), &format!("{name}/"), out);
        } else {
            out.push((name, fs::read(entry.path()).expect("bytes")));
        }
    }
}

fn is_text(path: &str, bytes: &[u8]) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, e)| e);
    TEXTS.contains(&ending) && std::str::from_utf8(bytes).is_ok()
}

/// What a source tells of files, without how many bytes it took.
fn told(id: &str, files: &[(String, Vec<u8>)]) -> Vec<Told> {
    let tree = FileTree::memory(files.iter().cloned());
    let source = CATALOG.iter().find(|s| s.id == id).expect("a source");
    let mut all = Vec::new();
    for found in (source.recognise)(&tree) {
        if found.confidence == Confidence::Sure {
            let mut told = Told::default();
            // A locked one tells what it can.
            drop((source.read)(&tree.below(&found.root), &utc(), &mut told));
            told.bytes = 0;
            all.push(told);
        }
    }
    all
}

#[test]
fn every_sample_tells_the_same_in_utf_16() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples");
    let mut compared = 0;
    for source in CATALOG {
        let Ok(cases) = fs::read_dir(samples.join(source.id)) else { continue };
        for case in cases {
            let case = case.expect("an entry").path();
            let mut files = Vec::new();
            files_of(&case, "", &mut files);
            if !files.iter().any(|(path, bytes)| is_text(path, bytes)) {
                continue;
            }
            let plain = format!("{:#?}", told(source.id, &files));
            for (little, mark) in [(true, true), (false, true), (true, false), (false, false)] {
                let turned: Vec<(String, Vec<u8>)> = files
                    .iter()
                    .map(|(path, bytes)| match std::str::from_utf8(bytes) {
                        Ok(text) if is_text(path, bytes) => {
                            let text = text.trim_start_matches('\u{feff}');
                            (path.clone(), wide(text, little, mark))
                        }
                        _ => (path.clone(), bytes.clone()),
                    })
                    .collect();
                let again = format!("{:#?}", told(source.id, &turned));
                let differs = plain.lines().zip(again.lines()).find(|(a, b)| a != b);
                assert!(
                    differs.is_none() && plain.len() == again.len(),
                    "{} little {little} mark {mark}: {differs:?}",
                    case.display()
                );
                compared += 1;
            }
        }
    }
    assert!(compared >= 100, "{compared} only");
}

/// What somebody sent is handed on as it is.
#[test]
fn an_attachment_in_utf_16_stays_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let note = wide("notes", true, true);
    fs::write(folder.path().join("notes.txt"), &note).expect("written");
    let container = folder.path().to_string_lossy();
    let read = FileTree::read_media(&container, "notes.txt", 1000).expect("there");
    assert_eq!(read, note);
}

/// A text that no chat begins in is refused as it is in UTF-8: nothing is imported empty.
#[test]
fn a_chat_in_utf_16_is_read_from_its_first_line() {
    let chat = "18/03/2022, 14:56 - Ana: 🐟 olá\n18/03/2022, 14:57 - Bo: hi\n";
    for (little, mark) in [(true, true), (false, false)] {
        let file = wide(chat, little, mark);
        let told = read_files("whatsapp", &[("WhatsApp Chat with Ana.txt", &file)]);
        let said: Vec<&str> = told.messages.iter().map(|m| m.text.as_str()).collect();
        assert_eq!((said, told.oddities.len()), (vec!["🐟 olá", "hi"], 0));
        assert!(
            told.messages
                .iter()
                .all(|m| { m.attachments.iter().all(|a| matches!(a.place, MediaPlace::Omitted)) })
        );
    }
}
