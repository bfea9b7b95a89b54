//! `msgstore.db.crypt12`, `.crypt14`, `.crypt15`: backups that are locked with a key.
//!
//! They are sealed here with another implementation of the cipher than the one that opens them.

use std::io::Write;
use std::path::{Path, PathBuf};

use aes_gcm::aead::consts::U16;
use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::aes::Aes256;
use aes_gcm::{AesGcm, Nonce};
use onebox::model::{Key, Locked};
use onebox::sources::{CATALOG, Confidence, FileTree, ReadError, ReadOptions, Sink, Stop};

use super::build;
use super::readers::{Told, read_tree, sample, source, utc};

const STORE: &str = include_str!("whatsapp_android.sql");
const BOOK: &str = include_str!("wa_contacts.sql");
const OLDER: &str = "msgstore-2024-04-30.1.db.crypt15";

/// The root key of the person's own, and what HKDF makes of it (worked out with Python's `hmac`).
const ROOT: [u8; 32] = [0x5a; 32];
const DERIVED: &str = "a5f5130222201094813cd63619ee73e7";
const NONCE: [u8; 16] = *b"nonce of sixteen";
const SALTS: ([u8; 32], [u8; 16]) = ([7; 32], [9; 16]);
const ACCOUNT: [u8; 32] = [0x33; 32];

/// The key of a `crypt15`, by a second hand: two HMACs written out.
fn derived() -> [u8; 32] {
    hmac(&hmac(&[0; 32], &ROOT), b"backup encryption\x01")
}

fn hmac(key: &[u8; 32], bytes: &[u8]) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    let pad = |with: u8| -> Vec<u8> { (0..64).map(|i| key.get(i).unwrap_or(&0) ^ with).collect() };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(bytes).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2, u8::try_from(bytes.len()).expect("short")], bytes].concat()
}

/// What stands before the locked bytes.
fn header(kind: &str) -> Vec<u8> {
    let told = match kind {
        "crypt12" => return [&[0, 1, 2], &SALTS.0[..], &SALTS.1, &NONCE].concat(),
        "crypt14" => {
            let parts: [&[u8]; 5] = [b"\0\x01", b"2", &SALTS.0, &SALTS.1, &NONCE];
            let cipher: Vec<u8> = (1..).zip(parts).flat_map(|(n, b)| field(n, b)).collect();
            [vec![8, 0], field(2, &cipher), field(4, &field(1, b"2.21.1.1"))].concat()
        }
        // A header of more than 127 bytes, with the number of the kind of key.
        "crypt15 password" => {
            [vec![8, 1], field(3, &field(1, &NONCE)), field(4, &[0; 110]), vec![48, 2]].concat()
        }
        _ => [vec![8, 1], field(3, &field(1, &NONCE)), vec![48, 3]].concat(),
    };
    let size = u8::try_from(told.len()).expect("short");
    match (size, kind) {
        (128.., _) => [&[size, 1], &told[..]].concat(),
        (_, "crypt14") => [&[size, 1], &told[..]].concat(),
        _ => [&[size], &told[..]].concat(),
    }
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut packing = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packing.write_all(bytes).expect("packed");
    packing.finish().expect("packed")
}

/// A backup, with what stands behind it: a digest that nobody needs, and a number's last digits.
fn sealed(kind: &str, content: &[u8], digest: bool) -> Vec<u8> {
    let key = if kind.starts_with("crypt15") { derived() } else { ACCOUNT };
    let cipher = AesGcm::<Aes256, U16>::new(&key.into());
    let mut all = header(kind);
    all.extend(cipher.encrypt(&Nonce::<U16>::from(NONCE), content).expect("sealed"));
    if digest {
        all.extend([0xdd; 16]);
    }
    if kind == "crypt12" {
        all.extend(b"--42");
    }
    all
}

/// A key file as Java writes it.
fn java(bytes: &[u8]) -> Vec<u8> {
    let mut all =
        b"\xac\xed\x00\x05ur\x00\x02[B\xac\xf3\x17\xf8\x06\x08T\xe0\x02\x00\x00xp".to_vec();
    all.extend(u32::try_from(bytes.len()).expect("short").to_be_bytes());
    all.extend(bytes);
    all
}

fn account_file() -> Vec<u8> {
    let key = [b"\0\x01\x02", &SALTS.0[..], &SALTS.1, &[4; 32], &[0; 16], &ACCOUNT].concat();
    let file = java(&key);
    assert_eq!(file.len(), 158);
    file
}

fn digits() -> String {
    let all: Vec<String> = ROOT.iter().map(|b| format!("{b:02x}")).collect();
    all.chunks(2).map(<[String]>::concat).collect::<Vec<_>>().join(" ")
}

fn database(sql: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().join("made.db");
    build(sql, &at);
    std::fs::read(at).expect("readable")
}

fn tree(name: &str, bytes: Vec<u8>) -> FileTree {
    FileTree::memory([(format!("Databases/{name}"), bytes)])
}

fn with(key: &[u8]) -> ReadOptions {
    ReadOptions { key: Some(Key::new(key.to_vec())), ..utc() }
}

fn plain() -> Told {
    let tree = FileTree::memory([("Databases/msgstore.db".to_owned(), database(STORE))]);
    read_tree("whatsapp", &tree, &utc()).expect("readable")
}

fn locked(tree: &FileTree, options: &ReadOptions) -> Locked {
    match read_tree("whatsapp", tree, options) {
        Err(ReadError::Locked(lock)) => lock,
        other => panic!("it was not locked: {other:?}"),
    }
}

#[test]
fn the_key_is_what_hkdf_makes_of_the_root() {
    let hex: String = derived().iter().take(16).map(|b| format!("{b:02x}")).collect();
    assert_eq!(hex, DERIVED);
}

#[test]
fn every_kind_opens_with_its_key() {
    let plain = plain();
    let own = digits();
    let account = account_file();
    let kinds: [(&str, &str, &[u8], bool); 6] = [
        ("crypt12", "crypt12", &account, true),
        ("crypt14", "crypt14", &account, true),
        ("crypt14", "crypt14", &account, false),
        ("crypt15", "crypt15", own.as_bytes(), true),
        ("crypt15", "crypt15", own.as_bytes(), false),
        ("crypt15 password", "crypt15", &java(&ROOT), true),
    ];
    let content = zlib(&database(STORE));
    for (kind, ending, key, digest) in kinds {
        let tree = tree(&format!("msgstore.db.{ending}"), sealed(kind, &content, digest));
        let found = (source("whatsapp").recognise)(&tree);
        assert_eq!((found.len(), found[0].confidence), (1, Confidence::Sure), "{kind}");
        assert!(found[0].what.contains("locked"), "{found:?}");
        let told = read_tree("whatsapp", &tree, &with(key)).expect(kind);
        assert_eq!(told.messages, plain.messages, "{kind}");
        assert_eq!(told.threads, plain.threads, "{kind}");
        let size = tree.total_bytes();
        assert!((size - 2..=size).contains(&told.bytes), "{kind}: {} of {size}", told.bytes);
    }
}

#[test]
fn a_large_one_is_worked_through_in_pieces() {
    // Larger than what is worked on at once, at every place of the last bytes around a piece.
    let mut store = database(STORE);
    let mut state = 1_u32;
    let noise = (0..600_000).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    });
    store.extend(noise);
    let plain = plain();
    for more in [0, 1, 15, 16, 17, 35, 36, 37] {
        // Not packed, so that its length is known: two pieces and a little.
        let mut content = store.clone();
        content.truncate((512 << 10) + more);
        let tree = tree("msgstore.db.crypt15", sealed("crypt15", &content, more % 2 == 0));
        let told = read_tree("whatsapp", &tree, &with(&ROOT)).expect("opened");
        assert_eq!(told.messages.len(), plain.messages.len(), "{more}");
    }
    let tree = tree("msgstore.db.crypt15", sealed("crypt15", &zlib(&store), true));
    let told = read_tree("whatsapp", &tree, &with(&ROOT)).expect("opened");
    assert_eq!(told.messages.len(), plain.messages.len());
}

#[test]
fn without_its_key_it_says_what_it_wants() {
    let content = zlib(&database(STORE));
    let fifteen = tree("msgstore.db.crypt15", sealed("crypt15", &content, true));
    let lock = locked(&fifteen, &utc());
    assert_eq!((lock.file.as_str(), &lock.refused), ("Databases/msgstore.db.crypt15", &None));
    assert!(lock.wants.contains("64-digit key") && lock.wants.contains("encrypted_backup.key"));
    let word = tree("msgstore.db.crypt15", sealed("crypt15 password", &content, true));
    assert!(locked(&word, &utc()).wants.contains("a password"));
    let fourteen = tree("msgstore.db.crypt14", sealed("crypt14", &content, true));
    assert!(locked(&fourteen, &utc()).wants.contains("158 bytes"));
    let refused = |tree: &FileTree, key: &[u8]| locked(tree, &with(key)).refused.expect("refused");
    assert_eq!(refused(&fifteen, &[1; 32]), "the key does not open it");
    assert!(refused(&fifteen, b"hello").contains("neither 64 hexadecimal digits"));
    assert!(refused(&fifteen, &account_file()).contains("account's key file"));
    assert!(refused(&fourteen, digits().as_bytes()).contains("end-to-end"));
    let mut other = account_file();
    other[40] ^= 1;
    assert!(refused(&fourteen, &other).contains("another account's"));
    // Nothing that is said of it tells the key.
    let key = with(digits().as_bytes());
    let said = format!("{key:?} {:?}", locked(&fourteen, &key));
    assert!(!said.contains("5a5a") && !said.contains("90, 90"), "{said}");
}

#[test]
fn a_changed_or_short_file_is_told_and_nothing_of_it_believed() {
    let whole = sealed("crypt15", &zlib(&database(STORE)), true);
    let header = header("crypt15").len();
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 0x10;
    let short = whole[..whole.len() - 700].to_vec();
    for bytes in [changed, short, whole[..header + 900].to_vec()] {
        let tree = tree("msgstore.db.crypt15", bytes);
        let told = read_tree("whatsapp", &tree, &with(&ROOT)).expect("told");
        assert_eq!((told.messages.len(), told.accounts.len()), (0, 0));
        assert_eq!(told.oddities.len(), 1, "{:?}", told.oddities);
        assert!(told.oddities[0].why.contains("damaged or cut short"), "{:?}", told.oddities);
    }
    // Sealed well, but packed badly.
    let packed = zlib(&database(STORE));
    let tree = tree("msgstore.db.crypt15", sealed("crypt15", &packed[..packed.len() - 99], true));
    let told = read_tree("whatsapp", &tree, &with(&ROOT)).expect("told");
    assert!(told.oddities[0].why.contains("ends too early"), "{:?}", told.oddities);
    let cut = self::tree("msgstore.db.crypt15", whole[..header - 2].to_vec());
    assert_eq!((source("whatsapp").recognise)(&cut)[0].confidence, Confidence::Likely);
    let told = read_tree("whatsapp", &cut, &with(&ROOT)).expect("told");
    assert!(told.oddities[0].why.contains("does not begin as one"), "{:?}", told.oddities);
}

/// A field of a protocol buffer, of any length.
fn part(number: u64, bytes: &[u8]) -> Vec<u8> {
    [varint(number << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

fn varint(mut n: u64) -> Vec<u8> {
    let mut all = Vec::new();
    loop {
        let low = u8::try_from(n & 0x7f).expect("seven bits");
        n >>= 7;
        all.push(if n > 0 { low | 0x80 } else { low });
        if n == 0 {
            return all;
        }
    }
}

/// A message of an addition.
fn added(chat: &str, mine: bool, id: &str, who: Option<&str>, at: u64, content: &[u8]) -> Vec<u8> {
    let mut key = part(1, chat.as_bytes());
    key.extend([16, u8::from(mine)]);
    key.extend(part(3, id.as_bytes()));
    key.extend(who.map(|w| part(4, w.as_bytes())).unwrap_or_default());
    let message = [part(1, &key), part(2, content), varint(3 << 3), varint(at)].concat();
    part(2, &part(1, &message))
}

fn zipped(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in [("header.json", &b"{}"[..]), (name, bytes)] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("begun");
        zip.write_all(bytes).expect("written");
    }
    zip.finish().expect("whole").into_inner()
}

/// Two pieces of history: five messages and two that are none in Ines' chat and a group, and many.
fn history() -> Vec<u8> {
    let (lid, group) = ("88112233445566@lid", "120363000000000001@g.us");
    let at = 1_714_700_000;
    let quoted = [part(1, b"A1"), part(3, &part(1, b"Are you at the station?"))].concat();
    let answer = part(6, &[part(1, b"on the train now"), part(17, &quoted)].concat());
    let photo = part(40, &part(1, &part(3, &part(3, b"the view"))));
    let ines = [
        added(lid, false, "N1", None, at + 1, &answer),
        added(lid, true, "N2", None, at + 2, &photo),
        // An event, and a kind that nobody knows.
        added(lid, true, "N3", None, at + 3, b""),
        added(lid, true, "N4", None, at + 3, &part(12, b"x")),
    ];
    let tom = Some("447700900333:3@s.whatsapp.net");
    let mut crew = added(group, false, "N5", tom, at + 4, &part(1, b"ahoy"));
    for n in 0..1500 {
        crew.extend(added(group, true, &format!("M{n}"), None, at, &part(1, b"again")));
    }
    let chat = |jid: &str, all: &[u8]| part(2, &[&part(1, jid.as_bytes()), all].concat());
    let pieces = [chat(lid, &ines.concat()), chat(group, &crew)];
    pieces.iter().flat_map(|p| [varint(p.len() as u64), p.clone()].concat()).collect()
}

/// What was new since the whole backup lies beside it; its hidden addresses are known from there.
#[test]
fn additions_are_read_with_the_whole_backup() {
    let addition = |zip: &[u8]| {
        ("Databases/msgstore-increment-1.db.crypt15".to_owned(), sealed("crypt15", zip, true))
    };
    let whole = sealed("crypt15", &zlib(&database(STORE)), true);
    let whole = ("Databases/msgstore.db.crypt15".to_owned(), whole);
    let zip = zipped("messages.bin", &history());
    let tree = FileTree::memory([addition(&zip), whole.clone()]);
    let told = read_tree("whatsapp", &tree, &with(&ROOT)).expect("read");
    assert_eq!(told.messages.len(), plain().messages.len() + 3 + 1500);
    let ines = "351912345678@s.whatsapp.net";
    let answer = told.saying("on the train now");
    assert_eq!((&*answer.thread, answer.sender.as_deref()), (ines, Some(ines)));
    assert_eq!((answer.sent.at.0, answer.native_id.as_deref()), (1_714_700_001_000, Some("N1")));
    let reply = answer.reply_to.as_ref().expect("an answer");
    assert_eq!(reply.native_id.as_deref(), Some("A1"));
    assert_eq!(reply.quote.as_deref(), Some("Are you at the station?"));
    let view = told.saying("the view");
    assert_eq!((view.sender.as_deref(), view.attachments.len()), (Some("me"), 1));
    let ahoy = told.saying("ahoy");
    assert_eq!(ahoy.thread, told.thread("Lake house").key);
    assert_eq!(ahoy.sender.as_deref(), Some("447700900333@s.whatsapp.net"));
    let orders: Vec<i64> =
        told.messages.iter().filter(|m| m.text == "again").map(|m| m.order).collect();
    assert!(orders.is_sorted() && orders.len() == 1500, "as in the file");
    let size = tree.total_bytes();
    assert!((size - 4..=size).contains(&told.bytes), "{} of {size}", told.bytes);

    // Alone it is told what it wants; a torn or foreign one is told, too.
    let alone = read_tree("whatsapp", &FileTree::memory([addition(&zip)]), &with(&ROOT));
    let alone = alone.expect("told");
    assert!(alone.oddities[0].why.contains("holds both"), "{:?}", alone.oddities);
    let history = history();
    let torn = zipped("messages.bin", &history[..history.len() - 9]);
    let foreign = zipped("other.bin", b"nothing");
    for (zip, says) in [(torn, "damaged here"), (foreign, "nothing that onebox knows")] {
        let tree = FileTree::memory([addition(&zip), whole.clone()]);
        let told = read_tree("whatsapp", &tree, &with(&ROOT)).expect("read");
        assert!(told.oddities.iter().any(|o| o.why.contains(says)), "{:?}", told.oddities);
    }
}

#[test]
fn what_no_key_opens_does_not_keep_the_rest_from_being_read() {
    let content = zlib(&database(STORE));
    let mut later = sealed("crypt15", &content, true);
    let files = [
        (OLDER.to_owned(), sealed("crypt14", &content, true)),
        ("msgstore.db.crypt15".to_owned(), later.clone()),
        ("Backups/wa.db.crypt15".to_owned(), sealed("crypt15", &zlib(&database(BOOK)), true)),
    ];
    let told = read_tree("whatsapp", &FileTree::memory(files), &with(&ROOT)).expect("read");
    assert_eq!(told.thread("Ines Duarte").address.as_deref(), Some("+351912345678"));
    assert_eq!(told.thread("School news").posting, onebox::model::PostingLimit::AdminsOnly);
    let locked: Vec<_> = told.oddities.iter().filter(|o| o.file == OLDER).collect();
    assert_eq!(locked.len(), 1, "{:?}", told.oddities);
    assert!(locked[0].why.contains("stays locked") && locked[0].why.contains("--key"));
    // An address book alone that stays locked: what there is has numbers for names, and it is said.
    let files = [
        ("msgstore.db".to_owned(), database(STORE)),
        ("wa.db.crypt15".to_owned(), sealed("crypt15", &zlib(&database(BOOK)), true)),
    ];
    let told = read_tree("whatsapp", &FileTree::memory(files), &utc()).expect("read");
    assert!(!told.messages.is_empty());
    let says = |r: &String| r.starts_with("wa.db.crypt15: locked") && r.contains("numbers");
    assert!(told.remarks.iter().any(says), "{:?}", told.remarks);
    assert!(told.oddities.iter().any(|o| o.file == "wa.db.crypt15" && o.why.contains("--key")));
    // A chat in words beside it is read without the key.
    later.truncate(4000);
    let chat = "[01.05.24, 10:00:00] Ines: hello\n[01.05.24, 10:01:00] Sam: hi\n";
    let files = [
        ("_chat.txt".to_owned(), chat.as_bytes().to_vec()),
        ("msgstore.db.crypt15".to_owned(), later),
    ];
    let mut told = Told::default();
    let result = (source("whatsapp").read)(&FileTree::memory(files), &utc(), &mut told);
    assert!(matches!(result, Err(ReadError::Locked(_))), "{result:?}");
    assert_eq!((told.messages.len(), told.oddities.len()), (2, 0), "{:?}", told.oddities);
}

/// The sample is made of the same text as the open one, and its key lies beside it.
#[test]
fn the_sample_opens_with_the_key_beside_it() {
    let folder: PathBuf = sample("whatsapp", "android-locked");
    if std::env::var_os("ONEBOX_WRITE_SAMPLES").is_some() {
        let write = |name: &str, bytes: &[u8]| {
            let at = folder.join(name);
            std::fs::create_dir_all(at.parent().expect("a folder")).expect("a folder");
            std::fs::write(at, bytes).expect("written");
        };
        let store = zlib(&database(STORE));
        write("Databases/msgstore.db.crypt15", &sealed("crypt15", &store, true));
        write("Backups/wa.db.crypt15", &sealed("crypt15", &zlib(&database(BOOK)), true));
        write("encrypted_backup.key", &java(&ROOT));
    }
    let read = |at: &Path| {
        let trees = FileTree::open(at).expect("it opens");
        read_tree("whatsapp", &trees[0], &utc()).expect("readable")
    };
    let (told, open) = (read(&folder), read(&sample("whatsapp", "android-db")));
    let of = |told: &Told| -> Vec<_> {
        told.messages.iter().map(|m| (m.native_id.clone(), m.text.clone())).collect()
    };
    assert_eq!(of(&told), of(&open));
    assert_eq!(
        told.oddities,
        open.oddities
            .iter()
            .map(|o| {
                let mut o = o.clone();
                o.file = "Databases/msgstore.db.crypt15".to_owned();
                o
            })
            .collect::<Vec<_>>()
    );
}

/// Stops at once, or a little later.
struct Stopping(usize);

impl Sink for Stopping {
    fn take(&mut self, _: onebox::model::Record) -> Result<(), Stop> {
        Ok(())
    }
    fn odd(&mut self, _: onebox::model::Oddity) -> Result<(), Stop> {
        Ok(())
    }
    fn remark(&mut self, _: String) -> Result<(), Stop> {
        Ok(())
    }
    fn advance(&mut self, _: u64) -> Result<(), Stop> {
        self.0 = self.0.checked_sub(1).ok_or(Stop)?;
        Ok(())
    }
}

#[test]
fn opening_can_be_stopped() {
    let source = CATALOG.iter().find(|s| s.id == "whatsapp").expect("in the catalog");
    let tree = tree("msgstore.db.crypt15", sealed("crypt15", &zlib(&database(STORE)), true));
    for n in 0..2 {
        let result = (source.read)(&tree, &with(&ROOT), &mut Stopping(n));
        assert!(matches!(result, Err(ReadError::Stopped)), "{n}: {result:?}");
    }
}
