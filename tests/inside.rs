//! Files that lie inside another file of an export: pictures of an MMS, what came with a mail. They
//! are found where they are said to lie, from folders and archives, and copied out.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[allow(dead_code, reason = "it runs nothing that fails")]
mod program;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use program::Person;
use serde_json::Value;
use zip::write::{SimpleFileOptions, ZipWriter};

const PHOTO: &[u8] = b"\xff\xd8\xff\xe0 a picture \0\x01\x02 of the pier";
const PHOTO_64: &str = "/9j/4CBhIHBpY3R1cmUgAAECIG9mIHRoZSBwaWVy";
const PAPER: &[u8] = b"%PDF-1.4 the minutes";
const PAPER_64: &str = "JVBERi0xLjQgdGhl\r\nIG1pbnV0ZXM=";

/// Two pictures in one message, one of them without a name, and a line break in the other.
fn backup() -> String {
    let part = |named: &str, data: &str| {
        format!(
            "<part seq=\"0\" ct=\"image/jpeg\" name=\"{named}\" text=\"null\" data=\"{data}\" />"
        )
    };
    let (begin, end) = PHOTO_64.split_at(20);
    let broken = format!("{begin}&#10;{end}");
    format!(
        "<?xml version='1.0' encoding='UTF-8'?>\n<smses count=\"1\"><mms date=\"1717000300000\" \
         msg_box=\"1\" address=\"+351912345678\" m_id=\"x1\" m_type=\"132\" read=\"1\"><parts>{}{}{}\
         </parts><addrs><addr address=\"+351912345678\" type=\"137\" /></addrs></mms></smses>\n",
        part("pier.jpg", PHOTO_64),
        part("null", &broken),
        "<part ct=\"text/plain\" text=\"both of them\" />",
    )
}

fn mail(number: u32) -> String {
    format!(
        "From: Ines <ines@example.org>\r\nTo: sam@example.org\r\nDelivered-To: sam@example.org\r\nSubject: \
         minutes\r\nMessage-ID: <{number}@x>\r\nDate: Mon, 10 Feb 2025 16:45:22 +0000\r\nMIME-Version: \
         1.0\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n\r\nhere they are \
         {number}\r\n--q\r\nContent-Type: application/pdf; name=\"minutes.pdf\"\r\n\
         Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\n{PAPER_64}\r\n\
         --q\r\nContent-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment\r\n\r\n{PHOTO_64}\r\n--q--\r\n"
    )
}

fn boxed() -> String {
    let mut all = String::new();
    for n in 1..=3 {
        all += &format!("From ines@example.org Mon Feb 10 16:45:2{n} 2025\r\n{}\r\n", mail(n));
    }
    all
}

fn zip(to: &Path, name: &str, bytes: &str) {
    let mut zip = ZipWriter::new(fs::File::create(to).unwrap());
    zip.start_file(name, SimpleFileOptions::default()).unwrap();
    zip.write_all(bytes.as_bytes()).unwrap();
    zip.finish().unwrap();
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all.sort();
    all
}

/// The files that an export of everything copies out, by their endings.
fn copied(person: &Person, to: &str) -> Vec<(String, Vec<u8>)> {
    let dir = person.home().join(to);
    person.run(&["export", "--to", dir.to_str().unwrap(), "--format", "html"]).ok();
    let media = files(&dir).into_iter().filter(|p| p.parent() != Some(&*dir));
    let ending = |p: &Path| p.extension().unwrap_or_default().to_string_lossy().into_owned();
    let mut all: Vec<_> = media.map(|p| (ending(&p), fs::read(&p).unwrap())).collect();
    all.sort();
    all
}

fn attachments(person: &Person) -> Vec<Value> {
    let threads = person.lines(&["threads", "--json"]);
    let shown =
        threads.iter().flat_map(|t| person.lines(&["show", &t["id"].to_string(), "--json"]));
    shown.flat_map(|m| m["attachments"].as_array().cloned().unwrap_or_default()).collect()
}

#[test]
fn pictures_of_an_mms_are_copied_out() {
    for packed in [false, true] {
        let person = Person::new();
        let folder = person.home().join("in");
        fs::create_dir_all(&folder).unwrap();
        match packed {
            false => fs::write(folder.join("sms-1.xml"), backup()).unwrap(),
            true => zip(&folder.join("backup.zip"), "sms-1.xml", &backup()),
        }
        person.import(&folder);
        let told = attachments(&person);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told.iter().all(|a| a["present"] == true && a["path"] == "sms-1.xml"), "{told:?}");
        let both = vec![("jpg".to_owned(), PHOTO.to_vec()); 2];
        assert_eq!(copied(&person, "copied"), both);
        // onebox's own format keeps where they lie.
        let kept = person.home().join("kept");
        person.run(&["export", "--to", kept.to_str().unwrap(), "--format", "jsonl"]).ok();
        let again = Person::new();
        again.import(&kept.join("onebox.jsonl"));
        assert_eq!(copied(&again, "copied"), both);
        // Without the file there is nothing to copy.
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(copied(&person, "gone"), []);
    }
}

#[test]
fn what_came_with_a_mail_is_copied_out() {
    let both = [("jpg".to_owned(), PHOTO.to_vec()), ("pdf".to_owned(), PAPER.to_vec())];
    for (name, text, mails) in
        [("all.mbox", boxed(), 3), ("one.eml", mail(1), 1), ("Mail/cur/1.host:2,S", mail(1), 1)]
    {
        for packed in [false, true] {
            let person = Person::new();
            let folder = person.home().join("in");
            let file = folder.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            match packed {
                false => fs::write(&file, &text).unwrap(),
                true => zip(&folder.join("mail.zip"), name, &text),
            }
            person.import(&folder);
            let mut wanted: Vec<_> = (0..mails).flat_map(|_| both.clone()).collect();
            wanted.sort();
            assert_eq!(copied(&person, "copied"), wanted, "{name} {packed}");
        }
    }
}

/// A text that is read as UTF-8 and lies there in UTF-16: what is in it is where it was read.
#[test]
fn what_is_read_in_another_encoding_is_found_again() {
    let wide: Vec<u8> = backup().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let person = Person::new();
    let folder = person.home().join("in");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("sms-1.xml"), [b"\xff\xfe".to_vec(), wide].concat()).unwrap();
    person.import(&folder);
    assert_eq!(copied(&person, "copied"), vec![("jpg".to_owned(), PHOTO.to_vec()); 2]);
}
