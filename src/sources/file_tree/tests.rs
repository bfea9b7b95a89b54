//! The tree against honest and hostile containers.

use std::io::{Cursor, Write};

use ::zip::CompressionMethod;
use ::zip::write::{SimpleFileOptions, ZipWriter};

use super::*;

fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let method = if bytes.len() > 1 << 20 {
            CompressionMethod::Stored
        } else {
            CompressionMethod::Deflated
        };
        let options = SimpleFileOptions::default().compression_method(method);
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn on_disk(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    fs::write(&path, bytes).unwrap();
    (dir, path)
}

fn open_bytes(bytes: &[u8]) -> Result<FileTree, String> {
    let (_dir, path) = on_disk("x.zip", bytes);
    FileTree::open(&path).map(|mut t| t.remove(0)).map_err(|e| e.to_string())
}

fn paths(tree: &FileTree) -> Vec<&str> {
    tree.entries().iter().map(|e| e.path.as_str()).collect()
}

fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    assert_eq!(from.len(), to.len());
    let at: Vec<usize> = memchr::memmem::find_iter(bytes, from).collect();
    assert!(!at.is_empty());
    for i in at {
        bytes[i..i + to.len()].copy_from_slice(to);
    }
}

/// Positions of the central directory's headers.
fn central(bytes: &[u8]) -> Vec<usize> {
    memchr::memmem::find_iter(bytes, b"PK\x01\x02").collect()
}

#[test]
fn what_systems_leave_behind_is_left_out() {
    for path in [".DS_Store", "a/.git/config", "__MACOSX/a/._b", "a/Thumbs.db", ".Sent/tmp/1"] {
        assert!(is_littered(path), "{path}");
    }
    for path in ["a/b.txt", "Maildir/.Sent/cur/1.M1:2,S", ".Archive.2024/new/1", "a.b/c"] {
        assert!(!is_littered(path), "{path}");
    }
}

#[test]
fn a_zip_gives_its_files() {
    let (_dir, path) = on_disk("chats.zip", &packed(&[("b/2.txt", b"two"), ("a.txt", b"one")]));
    let tree = FileTree::open(&path).unwrap().remove(0);
    assert_eq!(tree.name(), "chats.zip");
    assert_eq!(paths(&tree), ["a.txt", "b/2.txt"]);
    assert_eq!(tree.total_bytes(), 6);
    let entry = tree.find("b/2.txt").unwrap();
    assert_eq!(tree.read(entry, 3).unwrap(), b"two");
    assert!(matches!(tree.read(entry, 2), Err(TreeError::TooLarge { limit: 2, .. })));
    assert_eq!(tree.head(entry, 2).unwrap(), b"tw");
    assert_eq!(&*tree.container(entry), path.to_str().unwrap());
}

#[test]
fn a_folder_gives_itself_and_its_zips() {
    let dir = tempfile::tempdir().unwrap();
    let at = |p: &str| dir.path().join(p);
    fs::create_dir_all(at("chats/.hidden")).unwrap();
    fs::create_dir_all(at("__MACOSX")).unwrap();
    for p in ["chats/a.txt", "chats/.DS_Store", "chats/.hidden/x", "__MACOSX/y"] {
        fs::write(at(p), p).unwrap();
    }
    fs::write(at("one.zip"), packed(&[("z.txt", b"z")])).unwrap();
    fs::write(at("torn.zip"), &packed(&[("z.txt", b"z")])[..40]).unwrap();
    let trees = FileTree::open(dir.path()).unwrap();
    assert_eq!(trees.len(), 2);
    assert_eq!(paths(&trees[0]), ["chats/a.txt", "one.zip", "torn.zip"]);
    assert_eq!(paths(&trees[1]), ["z.txt"]);
    let [torn] = trees[0].oddities() else { panic!("{:?}", trees[0].oddities()) };
    assert!(torn.file.ends_with("torn.zip") && torn.why.contains("cut short"), "{torn:?}");
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.txt"), "a").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", dir.path().join("p.txt")).unwrap();
    std::os::unix::fs::symlink(dir.path(), dir.path().join("loop")).unwrap();
    let trees = FileTree::open(dir.path()).unwrap();
    assert_eq!(paths(&trees[0]), ["a.txt"]);
    assert_eq!(trees[0].oddities().len(), 2);
}

#[test]
fn a_single_file_is_a_tree() {
    let (dir, path) = on_disk("_chat.txt", b"hello");
    let tree = FileTree::open(&path).unwrap().remove(0);
    assert_eq!(paths(&tree), ["_chat.txt"]);
    assert_eq!(tree.read(&tree.entries()[0], 9).unwrap(), b"hello");
    assert_eq!(&*tree.container(&tree.entries()[0]), dir.path().to_str().unwrap());
}

#[test]
fn what_is_not_there_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let why = FileTree::open(&dir.path().join("nope.zip")).unwrap_err().to_string();
    assert!(why.contains("nope.zip") && why.contains("check the spelling"), "{why}");
    let (_dir, html) = on_disk("x.zip", b"<html>your link has expired</html>");
    let why = FileTree::open(&html).unwrap_err().to_string();
    assert!(why.contains("none: download it again"), "{why}");
}

#[test]
fn entries_that_climb_out_are_left_out() {
    let mut bytes = packed(&[
        ("aa/aa/evil1", b"1"),
        ("b/evil2", b"2"),
        ("c-/evil3", b"3"),
        ("d/_./evil4", b"4"),
        ("e/fine.txt", b"7"),
        ("e_evil5", b"5"),
        ("./ok//fine.txt", b"6"),
    ]);
    replace(&mut bytes, b"aa/aa/evil1", b"aa/../evil1");
    replace(&mut bytes, b"b/evil2", b"//evil2");
    replace(&mut bytes, b"c-/evil3", b"c:/evil3");
    replace(&mut bytes, b"d/_./evil4", b"d\\..\\evil4");
    // Windows tools part folders so.
    replace(&mut bytes, b"e/fine.txt", b"e\\fine.txt");
    replace(&mut bytes, b"e_evil5", b"e\0evil5");
    let tree = open_bytes(&bytes).unwrap();
    assert_eq!(paths(&tree), ["e/fine.txt", "ok/fine.txt"]);
    assert_eq!(tree.oddities().len(), 5);
}

#[test]
fn links_in_a_zip_are_left_out() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.add_symlink("link", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    zip.start_file("a.txt", SimpleFileOptions::default()).unwrap();
    let tree = open_bytes(&zip.finish().unwrap().into_inner()).unwrap();
    assert_eq!(paths(&tree), ["a.txt"]);
    assert!(tree.oddities()[0].why.contains("link"));
}

#[test]
fn locked_files_are_said_and_a_locked_zip_is_refused() {
    let mut bytes = packed(&[("a.txt", b"secret"), ("b.txt", b"open")]);
    let heads = central(&bytes);
    bytes[heads[0] + 8] |= 1;
    let tree = open_bytes(&bytes).unwrap();
    assert_eq!(paths(&tree), ["b.txt"]);
    assert!(tree.oddities()[0].why.contains("password"));
    bytes[heads[1] + 8] |= 1;
    let why = open_bytes(&bytes).unwrap_err();
    assert!(why.contains("unzip it first"), "{why}");
}

#[test]
fn unknown_packing_is_left_out() {
    let mut bytes = packed(&[("a.txt", b"x"), ("b.txt", b"y")]);
    let head = central(&bytes)[0];
    bytes[head + 10] = 98;
    let tree = open_bytes(&bytes).unwrap();
    assert_eq!(paths(&tree), ["b.txt"]);
    assert!(tree.oddities()[0].why.contains("packed in a way"));
}

#[test]
fn a_zip_cut_short_says_so_at_every_length() {
    let noise: Vec<u8> = (0..9000u32).map(|i| ((i * i) >> 3) as u8).collect();
    let bytes = packed(&[("a.bin", &noise), ("b/c.txt", b"two"), ("d.bin", &noise)]);
    for twentieth in 0..20 {
        let why = open_bytes(&bytes[..bytes.len() * twentieth / 20]).unwrap_err();
        assert!(why.contains("cut short: download it again"), "{twentieth}/20: {why}");
    }
    for missing in 1..60 {
        open_bytes(&bytes[..bytes.len() - missing]).unwrap_err();
    }
}

/// The end of an inner zip must not pass for the end of the outer one.
#[test]
fn a_zip_cut_short_behind_an_inner_zip_says_so() {
    let inner = packed(&[("x.txt", b"x")]);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    zip.start_file("a.txt", stored).unwrap();
    zip.write_all(b"hello").unwrap();
    zip.start_file("inner.zip", stored).unwrap();
    zip.write_all(&inner).unwrap();
    let bytes = zip.finish().unwrap().into_inner();
    let end = memchr::memmem::find(&bytes, &inner).unwrap() + inner.len();
    let why = open_bytes(&bytes[..end]).unwrap_err();
    assert!(why.contains("cut short: download it again"), "{why}");
    assert_eq!(paths(&open_bytes(&bytes).unwrap()), ["a.txt", "inner.zip"]);
}

/// A program that unpacks itself is a zip behind other bytes.
#[test]
fn a_zip_behind_other_bytes_is_read() {
    let mut bytes = b"MZ, a program that unpacks itself".repeat(20);
    bytes.extend(packed(&[("a.txt", b"one")]));
    let (_dir, path) = on_disk("x.zip", &bytes);
    let tree = FileTree::open(&path).unwrap().remove(0);
    assert_eq!(tree.read(&tree.entries()[0], 9).unwrap(), b"one");
}

#[test]
fn zip64_is_read() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("a.txt", SimpleFileOptions::default().large_file(true)).unwrap();
    zip.write_all(b"large").unwrap();
    let (_dir, path) = on_disk("x.zip", &zip.finish().unwrap().into_inner());
    let tree = FileTree::open(&path).unwrap().remove(0);
    assert_eq!(tree.read(&tree.entries()[0], 9).unwrap(), b"large");
}

#[test]
fn damaged_bytes_end_in_an_error() {
    let noise: Vec<u8> = (0..9000u32).map(|i| ((i * i) >> 3) as u8).collect();
    let mut bytes = packed(&[("a.bin", &noise)]);
    bytes[600] ^= 0x55;
    let (_dir, path) = on_disk("x.zip", &bytes);
    let tree = FileTree::open(&path).unwrap().remove(0);
    let why = tree.read(&tree.entries()[0], 1 << 20).unwrap_err().to_string();
    assert!(why.contains("download the zip again"), "{why}");
}

#[test]
fn a_bomb_is_read_only_as_far_as_asked() {
    // Packing a gigabyte takes long without optimisation; one packed megabyte can be repeated.
    let mut megabyte = Vec::with_capacity(1 << 16);
    let mut deflate = flate2::Compress::new(flate2::Compression::best(), false);
    deflate.compress_vec(&vec![0; 1 << 20], &mut megabyte, flate2::FlushCompress::Full).unwrap();
    let mut bytes = packed(&[("zeros.json", &megabyte.repeat(1024))]);
    assert!(bytes.len() < 2 << 20);
    let head = central(&bytes)[0];
    bytes[head + 10] = 8;
    bytes[head + 24..head + 28].copy_from_slice(&0x4000_0000u32.to_le_bytes());
    let (_dir, path) = on_disk("bomb.zip", &bytes);
    let tree = FileTree::open(&path).unwrap().remove(0);
    let entry = &tree.entries()[0];
    assert_eq!(entry.size, 1 << 30);
    assert!(matches!(tree.read(entry, 1 << 20), Err(TreeError::TooLarge { .. })));
    assert_eq!(tree.head(entry, 100).unwrap(), [0; 100]);
}

#[test]
fn an_impossible_ratio_is_refused_and_a_small_lie_is_caught() {
    let mut bytes = packed(&[("a.txt", b"hello hello hello hello")]);
    let head = central(&bytes)[0];
    let honest = bytes.clone();
    bytes[head + 24..head + 28].copy_from_slice(&0x4000_0000u32.to_le_bytes());
    let (_dir, path) = on_disk("lie.zip", &bytes);
    let tree = FileTree::open(&path).unwrap().remove(0);
    let Err(why) = tree.open_entry(&tree.entries()[0]) else { panic!("opened") };
    assert!(why.to_string().contains("bomb"), "{why}");

    let mut bytes = honest;
    bytes[head + 24..head + 28].copy_from_slice(&5u32.to_le_bytes());
    let (_dir, path) = on_disk("lie.zip", &bytes);
    let tree = FileTree::open(&path).unwrap().remove(0);
    let why = tree.read(&tree.entries()[0], 1000).unwrap_err().to_string();
    assert!(why.contains("more than it declares"), "{why}");
}

#[test]
fn files_that_share_their_bytes_are_left_out() {
    let mut bytes = packed(&[("a.txt", b"one"), ("b.txt", b"two"), ("c.txt", b"six")]);
    let heads = central(&bytes);
    let first = bytes[heads[0] + 42..heads[0] + 46].to_vec();
    bytes[heads[1] + 42..heads[1] + 46].copy_from_slice(&first);
    let tree = open_bytes(&bytes).unwrap();
    assert_eq!(paths(&tree), ["a.txt", "c.txt"]);
    assert!(tree.oddities()[0].why.contains("shares its bytes"));
}

#[test]
fn more_entries_than_can_be_honest_are_refused_before_they_are_read() {
    let mut bytes = packed(&[("a.txt", b"one")]);
    let end = memchr::memmem::rfind(&bytes, b"PK\x05\x06").unwrap();
    let mut big = b"PK\x06\x06".to_vec();
    big.extend([0; 28]);
    big.extend(20_000_000u64.to_le_bytes());
    big.extend([0; 16]);
    big.extend(b"PK\x06\x07\0\0\0\0");
    big.extend((end as u64).to_le_bytes());
    big.extend([0; 4]);
    bytes[end + 10..end + 12].copy_from_slice(&[0xFF; 2]);
    bytes.splice(end..end, big);
    let why = open_bytes(&bytes).unwrap_err();
    assert!(why.contains("more files than onebox reads"), "{why}");
}

#[test]
fn names_that_are_not_utf8_stay_stable() {
    let mut bytes = packed(&[("m?lle.txt", b"x")]);
    replace(&mut bytes, b"m?lle", b"m\x81lle");
    assert_eq!(paths(&open_bytes(&bytes).unwrap()), ["mülle.txt"]);
}

#[test]
fn a_zip_in_a_zip_is_not_opened() {
    let inner = packed(&[("x.txt", b"x")]);
    let tree = open_bytes(&packed(&[("inner.zip", &inner)])).unwrap();
    assert_eq!(paths(&tree), ["inner.zip"]);
    assert!(tree.oddities()[0].why.contains("unzip the outer one"));
    // What somebody sent in a chat is no export.
    let tree = open_bytes(&packed(&[("inbox/ana/files/inner.zip", &inner)])).unwrap();
    assert!(tree.oddities().is_empty());
}

#[test]
fn a_hundred_thousand_entries_are_no_matter() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for i in 0..100_000 {
        zip.start_file(format!("messages/inbox/chat_{i}/message_1.json"), options).unwrap();
    }
    let tree = open_bytes(&zip.finish().unwrap().into_inner()).unwrap();
    assert_eq!(tree.entries().len(), 100_000);
    assert_eq!(tree.under("messages/inbox/chat_77").len(), 1111);
}

#[test]
fn several_zips_are_one_tree() {
    let (_a, one) = on_disk("1.zip", &packed(&[("m/a.json", b"a"), ("m/e.json", b"")]));
    let (_b, two) =
        on_disk("2.zip", &packed(&[("m/a.json", b"other"), ("m/e.json", b"e"), ("m/p.jpg", b"p")]));
    let open = |p: &Path| FileTree::open(p).unwrap().remove(0);
    let tree = FileTree::union(vec![open(&one), open(&two)]).below("m");
    assert_eq!(paths(&tree), ["a.json", "e.json", "p.jpg"]);
    assert_eq!(tree.read(&tree.entries()[0], 9).unwrap(), b"a");
    assert_eq!(tree.read(&tree.entries()[1], 9).unwrap(), b"e");
    assert_eq!(tree.oddities().len(), 1, "{:?}", tree.oddities());
    let MediaPlace::Export { path, container: Some(container) } = tree.media("p.jpg") else {
        panic!("p.jpg is there")
    };
    let again = FileTree::reopen(&container).unwrap();
    assert_eq!(again.read(again.find(&path).unwrap(), 9).unwrap(), b"p");
}

#[test]
fn media_is_found_or_missing_and_never_climbs() {
    let tree = FileTree::memory([("a/Bild 1.jpg".to_owned(), vec![1])]);
    let place = |path: &str, there: bool| MediaPlace::Export {
        path: path.into(),
        container: there.then(|| "memory".into()),
    };
    assert_eq!(tree.media("a/Bild%201.jpg"), place("a/Bild 1.jpg", true));
    assert_eq!(tree.media("./a/Bild 1.jpg"), place("a/Bild 1.jpg", true));
    assert_eq!(tree.media("a/%zz.jpg"), place("a/%zz.jpg", false));
    assert_eq!(tree.media("../../etc/passwd"), place("etc/passwd", false));
    assert_eq!(tree.media("/etc/passwd"), place("etc/passwd", false));
}

#[test]
fn no_path_leaves_its_container_on_any_system() {
    for (told, inside) in [
        ("a/b.jpg", "a/b.jpg"),
        ("a/../../b.jpg", "a/b.jpg"),
        ("..\\..\\b.jpg", "b.jpg"),
        ("\\\\server\\share\\b.jpg", "server/share/b.jpg"),
        ("C:\\a\\b.jpg", "a\\b.jpg"),
        ("c:/a/..\\b.jpg", "a/b.jpg"),
        ("c:d:b.jpg", "b.jpg"),
        ("/c:/b.jpg", "b.jpg"),
        ("c:", ""),
        // A name with a backslash is a name, where nothing climbs.
        ("a/AC\\DC.mp3", "a/AC\\DC.mp3"),
    ] {
        assert_eq!(FileTree::inside(told), inside, "{told}");
    }
}

#[test]
fn media_beside_a_single_file_is_found() {
    let (dir, path) = on_disk("_chat.txt", b"hello");
    fs::write(dir.path().join("p.jpg"), "p").unwrap();
    fs::create_dir(dir.path().join("folder")).unwrap();
    let tree = FileTree::open(&path).unwrap().remove(0);
    let container = |p: &str| match tree.media(p) {
        MediaPlace::Export { container, .. } => container,
        other => panic!("{other:?}"),
    };
    let folder = container("p.jpg").expect("it lies beside the chat");
    let again = FileTree::reopen(&folder).unwrap();
    assert_eq!(again.read(again.find("p.jpg").unwrap(), 9).unwrap(), b"p");
    assert_eq!(container("q.jpg"), None);
    assert_eq!(container("folder"), None);
    assert_eq!(container("../../../../../../../../etc/passwd"), None);
}

#[test]
fn media_is_read_again_long_after() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("m")).unwrap();
    fs::write(dir.path().join("m/p.jpg"), "p").unwrap();
    fs::write(dir.path().join("x.zip"), packed(&[("fb/m/z.jpg", b"z")])).unwrap();
    let trees = FileTree::open(dir.path()).unwrap();
    for (tree, path, bytes) in
        [(trees[0].clone(), "m/p.jpg", b"p"), (trees[1].below("fb"), "m/z.jpg", b"z")]
    {
        let MediaPlace::Export { path, container: Some(container) } = tree.media(path) else {
            panic!("{path} is there")
        };
        assert_eq!(FileTree::read_media(&container, &path, 9).unwrap(), bytes);
        assert!(matches!(
            FileTree::read_media(&container, &path, 0),
            Err(TreeError::TooLarge { limit: 0, .. })
        ));
        let why = FileTree::read_media(&container, "m/gone.jpg", 9).unwrap_err().to_string();
        assert!(why.contains("import it again"), "{why}");
    }
}

#[test]
fn a_refusal_of_the_system_says_what_to_do() {
    let refused = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
    let why = complaint::io(Path::new("/x/y.zip"), refused).to_string();
    assert_eq!(why, "cannot read /x/y.zip: onebox may not read it: check its permissions");
}

#[test]
fn a_folder_can_be_reopened_below() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("export/m")).unwrap();
    fs::write(dir.path().join("export/m/p.jpg"), "p").unwrap();
    let tree = FileTree::open(dir.path()).unwrap().remove(0).below("export/");
    assert_eq!(tree.name(), "export");
    let again = FileTree::reopen(&tree.container(&tree.entries()[0])).unwrap();
    assert_eq!(again.read(again.find("m/p.jpg").unwrap(), 9).unwrap(), b"p");
    assert!(FileTree::reopen("/nowhere/at/all").is_err());
}

proptest::proptest! {
    /// Whatever is done to a zip, opening and reading it ends, and gives no more than it declares.
    #[test]
    fn a_flipped_zip_is_survived(
        flips in proptest::collection::vec((proptest::prelude::any::<u16>(), 0u8..), 1..12),
    ) {
        let mut bytes = packed(&[("a/b.txt", b"hello hello hello hello"), ("c.json", b"[1,2]")]);
        for (at, mask) in flips {
            let at = usize::from(at) % bytes.len();
            bytes[at] ^= mask;
        }
        let (_dir, path) = on_disk("x.zip", &bytes);
        for tree in FileTree::open(&path).unwrap_or_default() {
            for entry in tree.entries() {
                proptest::prop_assert!(entry.path.split('/').all(|p| !p.is_empty() && p != ".."));
                if let Ok(read) = tree.read(entry, 1 << 20) {
                    proptest::prop_assert_eq!(read.len() as u64, entry.size);
                }
            }
        }
    }
}
