//! Backups of an iPhone: files under hashed names, found by `Manifest.db`.

use std::path::{Path, PathBuf};

use onebox::model::MediaPlace;
use onebox::sources::{Confidence, FileTree, ReadError};

use super::readers::{Told, read_path, read_tree, sample, source, utc};
use super::{build, sample_is, tree_of};

const MANIFEST: &str = include_str!("ios_manifest.sql");
const MESSAGES: &str = include_str!("imessage.sql");
const LID: &str = include_str!("whatsapp_lid.sql");
const CHATS: &str = include_str!("whatsapp_ios.sql");
/// A chat and a sender of hidden addresses, and one that nobody knows.
const HIDDEN: &str = "
    UPDATE ZWACHATSESSION SET ZCONTACTJID = '88112233445566@lid', ZPARTNERNAME = NULL WHERE Z_PK = 1;
    UPDATE ZWAGROUPMEMBER SET ZMEMBERJID = '77001122334455@lid' WHERE Z_PK = 3;
    UPDATE ZWAGROUPMEMBER SET ZMEMBERJID = '66001122334455@lid', ZCONTACTNAME = NULL WHERE Z_PK = 2;
    UPDATE ZWAGROUPMEMBER SET ZMEMBERJID = '88112233445566:12@lid', ZCONTACTNAME = NULL WHERE Z_PK = 1;
    DELETE FROM ZWAPROFILEPUSHNAME;";
const CONTACTS: &str = "
    CREATE TABLE ZWAADDRESSBOOKCONTACT (Z_PK INTEGER PRIMARY KEY, ZFULLNAME TEXT, ZWHATSAPPID TEXT, ZLID TEXT);
    INSERT INTO ZWAADDRESSBOOKCONTACT VALUES (1, 'Ines Duarte', '351912345678@s.whatsapp.net', NULL),
     (2, 'Mr Q', NULL, '77001122334455@lid'), (3, 'Tom', '447700900444', '66001122334455'), (4, NULL, 'x', NULL);";
/// As in a phone's backup, where the paths are the phone's.
const PHONE: &str = "UPDATE attachment SET filename = replace(filename, '~/Library/Messages/', '/var/mobile/Library/SMS/');";

const CHAT_STORAGE: &str = "7c/7c7fba66680ef796b916b067077cc246adacf01d";
const PHOTO: &str = "7c/7c5a168fa631203562741242b0110ae5117e4aee";
const SMS: &str = "3d/3d0d7e5fb2ce288813306e4d4636395e047a3d28";
const PICTURE: &str = "7e/7e02e9af074fb2d09f0fc2d72dc8862f8f3b3a01";
const LIDS: &str = "e7/e794f6ffcc3c222535f47684a63d5178da3c4500";

/// Makes the samples where that is asked for.
fn made(folder: &Path, files: &[(&str, &[u8])]) {
    if std::env::var_os("ONEBOX_WRITE_SAMPLES").is_some() {
        for (name, bytes) in files {
            let at = folder.join(name);
            std::fs::create_dir_all(at.parent().expect("a folder")).expect("a folder");
            std::fs::write(at, bytes).expect("written");
        }
    }
}

fn whatsapp() -> PathBuf {
    let folder = sample("whatsapp", "ios-backup");
    made(&folder, &[(PHOTO, b"\xff\xd8\xff\xe0 a picture of nobody")]);
    folder
}

fn messages() -> PathBuf {
    let folder = sample("imessage", "ios-backup");
    made(&folder, &[(PICTURE, b"\xff\xd8\xff\xe0 another one")]);
    folder
}

fn one(id: &str, at: &Path) -> Told {
    let mut all = read_path(id, at, &utc());
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn the_samples_are_what_their_texts_say() {
    sample_is(MANIFEST, &whatsapp().join("Manifest.db"));
    sample_is(&format!("{CHATS}{HIDDEN}"), &whatsapp().join(CHAT_STORAGE));
    sample_is(LID, &whatsapp().join(LIDS));
    sample_is(MANIFEST, &messages().join("Manifest.db"));
    sample_is(&format!("{MESSAGES}{PHONE}"), &messages().join(SMS));
}

/// The attachment lies under its hashed name, and can be opened long after.
fn opens(place: &MediaPlace, hashed: &str, begins: &[u8]) {
    let MediaPlace::Export { path, container: Some(container) } = place else {
        panic!("{place:?}")
    };
    assert_eq!(path, hashed);
    let bytes = FileTree::read_media(container, path, 1 << 20).expect("readable");
    assert!(bytes.starts_with(begins));
}

#[test]
fn media_are_found_by_the_manifest() {
    let told = one("whatsapp", &whatsapp());
    let photo = &told.saying("our train").attachments[0];
    opens(&photo.place, PHOTO, b"\xff\xd8\xff");
    assert_eq!(photo.name.as_deref(), Some("photo.jpg"), "the hashed one has no ending");
    let told = one("imessage", &messages());
    let pictures: Vec<_> = told.messages.iter().flat_map(|m| &m.attachments).collect();
    let picture = pictures.iter().find(|a| a.name.as_deref() == Some("IMG_0001.jpg"));
    opens(&picture.expect("told").place, PICTURE, b"\xff\xd8\xff");
}

#[test]
fn hidden_addresses_bear_numbers_and_names() {
    let told = one("whatsapp", &whatsapp());
    let ines = told.thread("inês");
    assert_eq!(&*ines.key, "351912345678@s.whatsapp.net");
    assert_eq!(ines.address.as_deref(), Some("+351912345678"));
    let lake = told.thread("Lake house");
    let who: Vec<(&str, &str)> = told
        .people
        .iter()
        .filter(|p| p.thread == lake.key)
        .map(|p| (&*p.key, p.name.as_str()))
        .collect();
    assert_eq!(
        who,
        [
            ("351912345678@s.whatsapp.net", "inês"),
            ("447700900444@s.whatsapp.net", "+447700900444"),
            ("77001122334455@lid", "Quiet Q"),
        ]
    );
    assert_eq!(told.saying("boat").sender.as_deref(), Some("447700900444@s.whatsapp.net"));
    // The same file beside an open database.
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    build(&format!("{CHATS}{HIDDEN}"), &at("chats"));
    build(LID, &at("lids"));
    build(CONTACTS, &at("contacts"));
    let (chats, lids, contacts) = (at("chats"), at("lids"), at("contacts"));
    let files: [(&str, &Path); 3] = [
        ("x/ChatStorage.sqlite", &chats),
        ("x/LID.sqlite", &lids),
        ("x/ContactsV2.sqlite", &contacts),
    ];
    let beside = read_tree("whatsapp", &tree_of(&files[..2]), &utc()).expect("readable");
    assert_eq!((beside.threads, beside.people), (told.threads, told.people));
    // What I call them goes before what they call themselves.
    let named = read_tree("whatsapp", &tree_of(&files), &utc()).expect("readable");
    assert_eq!(&*named.thread("Ines Duarte").key, "351912345678@s.whatsapp.net");
    let mut names: Vec<&str> = named.people.iter().map(|p| p.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names, ["Ines Duarte", "Me", "Mr Q", "Tom"]);
}

/// Without a manifest, or with one that is none, the messages are read all the same.
#[test]
fn a_backup_without_its_manifest_is_read() {
    let read = |name: &str| std::fs::read(whatsapp().join(name)).expect("readable");
    let tree = FileTree::memory([(CHAT_STORAGE.to_owned(), read(CHAT_STORAGE))]);
    let told = read_tree("whatsapp", &tree, &utc()).expect("readable");
    let whole = one("whatsapp", &whatsapp());
    assert_eq!(told.messages.len(), whole.messages.len());
    let files = [
        (format!("b/{CHAT_STORAGE}"), read(CHAT_STORAGE)),
        ("b/Manifest.db".to_owned(), read(LIDS)),
    ];
    let told = read_tree("whatsapp", &FileTree::memory(files), &utc()).expect("readable");
    assert_eq!(told.messages.len(), whole.messages.len());
    assert!(told.oddities.iter().any(|o| o.file == "b/Manifest.db"), "{:?}", told.oddities);
}

#[test]
fn an_encrypted_one_is_told_with_what_to_do() {
    let noise: Vec<u8> =
        (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let files = ["Manifest.db", CHAT_STORAGE, SMS].map(|name| (name.to_owned(), noise.clone()));
    let tree = FileTree::memory(files.clone());
    for id in ["whatsapp", "imessage"] {
        let found = (source(id).recognise)(&tree);
        assert_eq!((found.len(), found[0].confidence), (1, Confidence::Likely), "{id}");
        match read_tree(id, &tree, &utc()) {
            Err(ReadError::Format { file, why }) => {
                assert_eq!(file, "Manifest.db");
                assert!(why.contains("encrypted") && why.contains("Encrypt local backup"), "{why}");
            }
            other => panic!("{id}: {other:?}"),
        }
    }
    // Noise of that name alone is nobody's.
    let alone = FileTree::memory(files.into_iter().skip(1));
    assert!((source("whatsapp").recognise)(&alone).is_empty());
    assert!((source("imessage").recognise)(&alone).is_empty());
}
