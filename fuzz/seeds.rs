//! Makes the first inputs of the targets: from the samples of this repository, from a few lines of
//! its own and, where `ONEBOX_CORPUS` names a folder, from the exports in it. Nothing of that is
//! kept in the repository.
//!
//! `rustc -O --edition 2024 -o target/seeds seeds.rs && target/seeds ../assets/samples corpus`

use std::fs;
use std::path::{Path, PathBuf};

/// Stands before each file: as `src/files.rs` reads it.
const MARK: &[u8] = b"\x1c\x1cFILE ";
/// A longer input makes a target slow; its files come one by one then.
const LONGEST: usize = 200 << 10;
/// A file that is longer gives its beginning.
const HEAD: usize = 48 << 10;

/// Targets that read exports, and the samples that each begins with.
const EXPORTS: &[(&str, &[&str])] = &[
    (
        "json_exports",
        &[
            "messenger",
            "instagram",
            "telegram",
            "signal",
            "slack",
            "discord",
            "matrix",
            "skype",
            "google-chat",
            "hangouts",
            "demo",
        ],
    ),
    ("markup_exports", &["messenger", "instagram", "telegram", "sms", "skype"]),
    ("text_exports", &["whatsapp", "mail", "signal", "discord", "demo"]),
    ("databases", &["whatsapp", "imessage", "signal"]),
    ("interchange", &["onebox"]),
    ("store", &["onebox"]),
];

/// Whether a file says something to a target: pictures say nothing to anybody.
fn wanted(target: &str, path: &str, bytes: &[u8]) -> bool {
    let lower = path.to_lowercase();
    let is = |endings: &[&str]| endings.iter().any(|e| lower.ends_with(e));
    // Signal's is locked from its first byte on.
    let database =
        bytes.starts_with(b"SQLite format 3\0") || is(&[".sqlite"]) || lower.contains(".crypt");
    match target {
        "databases" => database || is(&[".key", "config.json"]),
        _ if database => false,
        "json_exports" => is(&[".json", ".jsonl", ".csv", ".js"]),
        "markup_exports" => is(&[".html", ".xml", ".json"]),
        "text_exports" => !is(&[".json", ".html", ".jpg", ".png", ".opus", ".webp", ".mp4"]),
        _ => true,
    }
}

fn files(at: &Path, below: &str, out: &mut Vec<(String, Vec<u8>)>) {
    let mut all: Vec<PathBuf> =
        fs::read_dir(at).into_iter().flatten().flatten().map(|e| e.path()).collect();
    all.sort();
    for path in all {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = if below.is_empty() { name.into_owned() } else { format!("{below}/{name}") };
        if path.is_dir() {
            files(&path, &name, out);
        } else if let Ok(bytes) = fs::read(&path) {
            out.push((name, bytes));
        }
    }
}

struct Corpus {
    root: PathBuf,
    made: usize,
}

impl Corpus {
    fn put(&mut self, target: &str, bytes: &[u8]) {
        let folder = self.root.join(target);
        let name = folder.join(format!("seed-{:05}", self.made));
        self.made += 1;
        if let Err(why) = fs::create_dir_all(&folder).and_then(|()| fs::write(&name, bytes)) {
            panic!("{}: {why}", name.display());
        }
    }

    /// An export as one input if it is short, and each file of it as one.
    fn export(&mut self, target: &str, files: &[(String, Vec<u8>)]) {
        let files: Vec<_> = files.iter().filter(|(p, b)| wanted(target, p, b)).collect();
        let one = |(path, bytes): &(String, Vec<u8>)| {
            let bytes = if target == "databases" { bytes } else { &head(bytes) };
            [MARK, path.as_bytes(), b"\n", bytes].concat()
        };
        let whole: Vec<Vec<u8>> = files.iter().map(|f| one(f)).collect();
        let first: &[u8] = if target == "databases" { &[0xff] } else { &[] };
        if whole.len() > 1 && whole.iter().map(Vec::len).sum::<usize>() <= LONGEST {
            self.put(target, &[first, b"\0", &whole.concat()].concat());
        }
        for file in whole {
            self.put(target, &[first, b"\x10", &file].concat());
        }
    }
}

fn head(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len().min(HEAD)].to_vec()
}

fn exports(root: &Path, app: &str) -> Vec<Vec<(String, Vec<u8>)>> {
    let mut all = Vec::new();
    let mut cases: Vec<PathBuf> =
        fs::read_dir(root.join(app)).into_iter().flatten().flatten().map(|e| e.path()).collect();
    cases.sort();
    for case in cases {
        let mut found = Vec::new();
        if case.is_dir() {
            // Of a chat by itself the folder's name is its title.
            let name = case.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let below = if app == "demo" { name } else { String::new() };
            files(&case, &below, &mut found);
        } else if let Ok(bytes) = fs::read(&case) {
            let name = case.file_name().unwrap_or_default().to_string_lossy().into_owned();
            found.push((name, bytes));
        }
        all.push(found);
    }
    all
}

fn tar(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (path, bytes) in files {
        let mut header = [0_u8; 512];
        let name = &path.as_bytes()[..path.len().min(100)];
        header[..name.len()].copy_from_slice(name);
        header[100..107].copy_from_slice(b"0000644");
        header[124..135].copy_from_slice(format!("{:011o}", bytes.len()).as_bytes());
        header[136..147].copy_from_slice(b"14000000000");
        header[148..156].fill(b' ');
        header[156] = b'0';
        header[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        out.extend(header);
        out.extend(bytes);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum: u32, byte| {
        (0..8)
            .fold(sum ^ u32::from(*byte), |s, _| (s >> 1) ^ (0xedb8_8320 & (s & 1).wrapping_neg()))
    })
}

/// A zip; `packed`: as deflate packs what it cannot make smaller.
fn zip(files: &[(String, Vec<u8>)], packed: bool) -> Vec<u8> {
    let (mut out, mut list, mut count) = (Vec::new(), Vec::new(), 0_u16);
    for (path, bytes) in files.iter().filter(|(_, b)| b.len() < 60_000) {
        let length = (bytes.len() as u16).to_le_bytes();
        let wrong = (!(bytes.len() as u16)).to_le_bytes();
        let inside =
            if packed { [&[1], &length[..], &wrong, bytes].concat() } else { bytes.clone() };
        let mut about = vec![20, 0, 0, 8, if packed { 8 } else { 0 }, 0, 0, 0, 0x21, 0];
        for long in [crc(bytes), inside.len() as u32, bytes.len() as u32] {
            about.extend(long.to_le_bytes());
        }
        about.extend((path.len() as u16).to_le_bytes());
        about.extend([0, 0]);
        list.extend([b"PK\x01\x02\x14\0", &about[..], &[0; 10]].concat());
        list.extend((out.len() as u32).to_le_bytes());
        list.extend(path.as_bytes());
        out.extend([b"PK\x03\x04", &about[..], path.as_bytes(), &inside].concat());
        count += 1;
    }
    let start = out.len() as u32;
    out.extend(&list);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    out.extend([(list.len() as u32).to_le_bytes(), start.to_le_bytes()].concat());
    out.extend([0, 0]);
    out
}

const TYPED: &[&str] = &[
    "red lamp",
    "\"red la\"* or (blue -green)",
    "from:\"Ana Duarte\" before:2023 has:photo is:unread",
    "-(a or b) in:work app:whatsapp person:jonas kind:group",
    "after:\"last month\" on:2023-11-14",
    "on:2023-05..2024-06",
    "東京 lam* 👋",
    "not red AND (x | y)",
    "in 2 weeks",
    "fri 18:00",
    "tomorrow 9",
];
const TEXT: &str = "The red lamp, the bluish one and Ana's straße; 東京タワー 👨‍👩‍👧‍👦 مرحبا \u{301}e";
const SHOWN: &[&str] = &[
    "plain\n\nlines and a longer one that wraps",
    "👨‍👩‍👧‍👦 👍🏽 ❤️ 🏳️‍🌈 🇨🇿 1️⃣ 👩🏽‍🚀",
    "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
    "می\u{200c}خواهم",
    "क्षत्रिय क्\u{200d}ष",
    "日本語 ｶﾞ 한국어 \u{1112}\u{1161}\u{11ab}",
    "a\x1b[31mb\u{9b}31m\u{202e}gpj.exe\u{2066}\r\n\t\u{200b}",
    "well-known https://example.org/a/very/long/path?with=query",
];
const LINES: &[&str] = &[
    r#"{"news":"hello","version":1,"name":"X","release":"1","can":["send","react"],"idempotent":true}"#,
    r#"{"news":"log","text":"x"}"#,
    r#"{"news":"pong","n":1}"#,
    r#"{"news":"ask","id":"a","title":"t","ask":"text","secret":true}"#,
    r#"{"news":"link","state":"up","why":"","me":"@a:b","hosts":["example.org"]}"#,
    r#"{"news":"record","app":"messenger","record":{"record":"message","thread":"t","sender":"a","sent_at":"2024-05-01T10:00:00Z","text":"hi","id":"m1","reactions":[{"emoji":"x","by":"b"}],"attachments":[{"kind":"photo","url":"https://x.example/a"}]}}"#,
    r#"{"news":"record","app":"matrix","record":{"record":"thread","key":"t","title":"T","kind":"group"}}"#,
    r#"{"news":"outcome","key":"k","state":"sent","id":"m"}"#,
    r#"{"news":"gap","thread":"t","token":"x"}"#,
    r#"{"order":"hello","versions":[1]}"#,
    r#"{"order":"send","key":"k","thread":"t","text":"hi"}"#,
    r#"{"order":"answer","id":"a","text":"x"}"#,
    r#"{"order":"stop"}"#,
];
const CARD: &str = "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Nov=C3=A1k;Tom\r\nFN:Tom\r\nTEL;CELL:+420 604 111 222\r\nEND:VCARD\r\nBEGIN:VCARD\nVERSION:4.0\nFN:Maya\nTEL;VALUE=uri:tel:+44-20-7946-0958\nEMAIL;TYPE=home:a@b.example\nUID:urn:1\nORG:X;Y\nEND:VCARD\n";

/// A field of a protocol buffer.
fn field(number: u64, inside: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for mut n in [number << 3 | 2, inside.len() as u64] {
        while n > 0x7f {
            out.push(n as u8 | 0x80);
            n >>= 7;
        }
        out.push(n as u8);
    }
    [out, inside.to_vec()].concat()
}

/// Inputs that are no export.
fn own(corpus: &mut Corpus) {
    for typed in TYPED {
        corpus.put("query", format!("{typed}\n{TEXT}").as_bytes());
    }
    let words: Vec<&str> = TYPED.iter().chain(SHOWN).copied().collect();
    for choice in [0_u8, 3, 6, 9, 0x2a, 0x44, 0x67, 0x88] {
        let all = [&[choice, 1, 2, 30][..], words.join("\x1f").as_bytes()].concat();
        corpus.put("pages", &all);
        corpus.put("pages", &[choice, 1, 2, 30, b'a', 0x1f, b'b']);
    }
    for (i, shown) in SHOWN.iter().enumerate() {
        corpus
            .put("terminal", &[&[u8::try_from(i * 7 + 1).unwrap_or(9)], shown.as_bytes()].concat());
    }
    corpus.put("live", LINES.join("\n").as_bytes());
    for line in LINES {
        corpus.put("live", format!("{line}\n").as_bytes());
        corpus.put("parts", format!("j{line}").as_bytes());
    }
    let string = b"s\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x08NSString\x01\x94\x84\x01+\x05Hello\x86\x84\x02iI";
    let crypt15 = [b"h\x18\x1a\x12\x0a\x10", &[9; 16][..], b"\x30\x01\x2a\x02\x08\x01"].concat();
    let crypt12 = [b"h\0\x01\x01", &[0; 64][..], &[7; 40]].concat();
    for part in [
        format!("c{CARD}").as_bytes(),
        string,
        b"w\x2a\x03ABC\x9a\x01\x04\x0a\x02hi\x3a\x03\x10\xac\x02",
        &crypt15,
        &crypt12,
        b"j{\"a\": \"\\ud83d\\udc4d x\\ud83d\xff\", \"b\": [1, -2.5e3, null, true]}",
        b"t<a href='x &amp; &#55357;&#56832;'>text &lt;<br/><!-- c --><?x?><![CDATA[y]]></a >",
    ] {
        corpus.put("parts", part);
    }
    for way in 0..9 {
        corpus.put("databases", &[way, 0, 0, 0, 0, 0, 5, 3, b'a', b'b', b'c']);
        corpus.put("databases", &[way, 0, 5, 1, 1, 0, 1, 3, 0, 2, 2, 1, 7, 4, 0, 1, 2, 3]);
    }
    corpus.put("databases", b"a\0\0\0\0\0\x05\x03abc");
    corpus.put("databases", b"bSQLite format 3\0");
    let said: &[(u64, &[u8])] = &[(1, b"hi"), (6, b"\x0a\x05hello\x8a\x01\x06\x0a\x02ab\x1a\0")];
    let seen: &[(u64, &[u8])] =
        &[(3, b"\x1a\x03pic"), (8, b"\x30\x01"), (9, b"\x42\x05a.pdf"), (4, b"\x82\x01\x02x")];
    let all = [said, seen].concat();
    let told: Vec<u8> = all
        .iter()
        .enumerate()
        .map(|(i, (kind, inside))| {
            let id = [b'A', b'0' + u8::try_from(i).unwrap_or(0)];
            let key = [field(1, b"49170111@s.whatsapp.net"), b"\x10\x01".to_vec(), field(3, &id)]
                .concat();
            let at = b"\x18\x80\xd8\xe6\xb1\x06";
            let message = [field(1, &key), field(2, &field(*kind, inside)), at.to_vec()].concat();
            field(2, &field(2, &field(1, &message)))
        })
        .collect::<Vec<_>>()
        .concat();
    let length = [
        u8::try_from(told.len() & 0x7f).unwrap_or(0) | 0x80,
        u8::try_from(told.len() >> 7).unwrap_or(0),
    ];
    corpus.put("databases", &[b"d\0", &length[..], &told].concat());
}

fn main() {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(samples), Some(root)) = (args.next(), args.next()) else {
        panic!("seeds SAMPLES CORPUS")
    };
    let mut corpus = Corpus { root, made: 0 };
    let mut roots = vec![samples];
    roots.extend(std::env::var_os("ONEBOX_CORPUS").map(PathBuf::from));
    for root in &roots {
        for (target, apps) in EXPORTS {
            for app in *apps {
                for files in exports(root, app) {
                    corpus.export(target, &files);
                }
            }
        }
        for app in ["messenger", "whatsapp", "onebox"] {
            for (i, files) in exports(root, app).iter().enumerate() {
                let short: Vec<_> = files.iter().map(|(p, b)| (p.clone(), head(b))).collect();
                for whole in [zip(&short, i % 2 == 0), tar(&short)] {
                    if whole.len() <= LONGEST {
                        corpus.put("archives", &[b"a", &whole[..]].concat());
                    }
                }
                for (path, bytes) in short.iter().filter(|(_, b)| b.len() < 8 << 10).take(1) {
                    corpus.put("archives", &[b"z", path.as_bytes(), b"\n", bytes].concat());
                }
            }
        }
    }
    own(&mut corpus);
    println!("{} inputs", corpus.made);
}
