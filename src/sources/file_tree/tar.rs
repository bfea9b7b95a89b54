//! Tars: their list of files, each a stretch of the one file, without anything that climbs out or
//! links. What a tar says of itself takes no memory: names and records have a bound.
//!
//! The layout is POSIX's (ustar and pax), with GNU's long names.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use super::complaint::{self, Complaints};
use super::place::Stretch;
use super::{Entry, FileTree, Place, TreeError, absolute, file_name, is_littered, shown};

const BLOCK: u64 = 512;
const MAX_ENTRIES: usize = 10_000_000;
/// Names and records that describe one file.
const DESCRIBED: u64 = 64 << 10;
const CUT_SHORT: &str = "the tar is cut short: download it again";

type Header = [u8; BLOCK as usize];

/// By its first block, whatever it is called.
pub(super) fn looks_like_one(path: &Path) -> Result<bool, TreeError> {
    let mut first = Vec::with_capacity(BLOCK as usize);
    File::open(path)
        .and_then(|f| f.take(BLOCK).read_to_end(&mut first))
        .map_err(|why| complaint::io(path, why))?;
    let header: Result<Header, _> = first.try_into();
    let named = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("tar"));
    Ok(header.is_ok_and(|h| is_sound(&h) && (named || field(&h, 257, 5) == b"ustar")))
}

pub(super) fn open(path: &Path) -> Result<FileTree, TreeError> {
    let disk = absolute(path);
    let file = File::open(&disk).map_err(|why| complaint::io(path, why))?;
    let len = file.metadata().map_err(|why| complaint::io(path, why))?.len();
    let mut listing = Listing {
        file: BufReader::with_capacity(BLOCK as usize, file),
        len,
        tar: disk.as_path().into(),
        container: shown(&disk).into(),
        entries: Vec::new(),
        complaints: Complaints::default(),
    };
    listing.read(&file_name(path)).map_err(|why| complaint::io(path, why))?;
    Ok(FileTree::build(file_name(path), listing.entries, listing.complaints))
}

struct Listing {
    file: BufReader<File>,
    len: u64,
    tar: Arc<Path>,
    container: Arc<str>,
    entries: Vec<Entry>,
    complaints: Complaints,
}

/// What was said of the next file before its own header.
#[derive(Default)]
struct Said {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

impl Listing {
    fn read(&mut self, own_name: &str) -> io::Result<()> {
        let mut at = 0u64;
        let mut said = Said::default();
        while let Some(header) = self.header(at)? {
            if header.iter().all(|b| *b == 0) {
                return Ok(());
            }
            let own_size = number(field(&header, 124, 12));
            let (true, Some(own_size)) = (is_sound(&header), own_size) else {
                self.complaints.add(own_name, "the tar is damaged; what follows is left out");
                return Ok(());
            };
            let data = at.saturating_add(BLOCK);
            let kind = header.get(156).copied().unwrap_or_default();
            // A size that was said before is of the file itself, not of what describes it.
            let size = match kind {
                b'L' | b'K' | b'x' | b'g' => own_size,
                _ => said.size.unwrap_or(own_size),
            };
            let end = data.saturating_add(size.div_ceil(BLOCK).saturating_mul(BLOCK));
            match kind {
                b'L' => {
                    let mut name = self.describing(data, size)?;
                    name.truncate(name.iter().position(|b| *b == 0).unwrap_or(name.len()));
                    said.name = Some(name);
                }
                b'x' => pax(&self.describing(data, size)?, &mut said),
                b'K' | b'g' => {}
                kind => {
                    let name = std::mem::take(&mut said).name.unwrap_or_else(|| name(&header));
                    self.take(kind, &String::from_utf8_lossy(&name), data, size);
                }
            }
            if data.saturating_add(size) > self.len {
                self.complaints.add(own_name, CUT_SHORT);
                return Ok(());
            }
            if self.entries.len() >= MAX_ENTRIES {
                self.complaints.add(own_name, "more files than onebox reads; unpack it first");
                return Ok(());
            }
            at = end;
        }
        self.complaints.add(own_name, CUT_SHORT);
        Ok(())
    }

    fn header(&mut self, at: u64) -> io::Result<Option<Header>> {
        self.file.seek(SeekFrom::Start(at))?;
        let mut header = [0; BLOCK as usize];
        match self.file.read_exact(&mut header) {
            Ok(()) => Ok(Some(header)),
            Err(why) if why.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(why) => Err(why),
        }
    }

    fn describing(&mut self, data: u64, size: u64) -> io::Result<Vec<u8>> {
        self.file.seek(SeekFrom::Start(data))?;
        let mut out = Vec::new();
        self.file.by_ref().take(size.min(DESCRIBED)).read_to_end(&mut out)?;
        Ok(out)
    }

    fn take(&mut self, kind: u8, name: &str, start: u64, size: u64) {
        if kind == b'5' || name.ends_with('/') {
            return;
        }
        let Some(path) = super::zip::safe(name) else {
            self.complaints.add(name, "its path leads out of the tar; left out");
            return;
        };
        if is_littered(&path) {
            return;
        }
        match kind {
            b'0' | 0 | b'7' => {
                let place = Place::Tar(Stretch { tar: Arc::clone(&self.tar), start, len: size });
                let container = Arc::clone(&self.container);
                self.entries.push(Entry { path, size, place, container });
            }
            b'1' | b'2' => self.complaints.add(&path, "a link; onebox follows none"),
            b'S' => self.complaints.add(&path, "a file with holes: unpack the tar first"),
            _ => self.complaints.add(&path, "neither a file nor a folder"),
        }
    }
}

fn field(header: &Header, at: usize, len: usize) -> &[u8] {
    header.get(at..at + len).unwrap_or_default()
}

fn text(field: &[u8]) -> &[u8] {
    field.split(|b| *b == 0).next().unwrap_or_default()
}

fn name(header: &Header) -> Vec<u8> {
    let (prefix, name) = (text(field(header, 345, 155)), text(field(header, 0, 100)));
    // GNU keeps other things where POSIX has the beginning of the path.
    if field(header, 257, 6) == b"ustar\0" && !prefix.is_empty() {
        return [prefix, b"/", name].concat();
    }
    name.to_vec()
}

/// Octal digits; base 256 for what is too large for them.
fn number(field: &[u8]) -> Option<u64> {
    if let Some((first, rest)) = field.split_first()
        && first & 0x80 != 0
    {
        let high = u64::from(first & 0x7F);
        return rest.iter().try_fold(high, |n, b| n.checked_mul(256)?.checked_add((*b).into()));
    }
    let digits = text(field).trim_ascii();
    digits.iter().try_fold(0u64, |n, b| {
        let digit = char::from(*b).to_digit(8)?;
        n.checked_mul(8)?.checked_add(digit.into())
    })
}

/// Whether the header's own sum is right.
fn is_sound(header: &Header) -> bool {
    let Some(wanted) = number(field(header, 148, 8)) else { return false };
    let sum: u64 = header
        .iter()
        .enumerate()
        .map(|(i, b)| if (148..156).contains(&i) { u64::from(b' ') } else { u64::from(*b) })
        .sum();
    wanted == sum && wanted > u64::from(b' ') * 8
}

/// Records of the form `17 path=some/name\n`.
fn pax(mut records: &[u8], said: &mut Said) {
    while let Some(space) = records.iter().position(|b| *b == b' ') {
        let len = records.get(..space).and_then(|n| std::str::from_utf8(n).ok()?.parse().ok());
        let Some(len) = len.filter(|len: &usize| *len > space + 1) else { return };
        let Some(record) = records.get(space + 1..len) else { return };
        let record = record.strip_suffix(b"\n").unwrap_or(record);
        if let Some(path) = record.strip_prefix(b"path=") {
            said.name = Some(path.to_vec());
        } else if let Some(size) = record.strip_prefix(b"size=") {
            said.size = std::str::from_utf8(size).ok().and_then(|s| s.parse().ok());
        }
        records = records.get(len..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// One file (or whatever the kind says) as a tar holds it.
    fn member(name: &str, kind: u8, content: &[u8]) -> Vec<u8> {
        let mut header = [0u8; BLOCK as usize];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        header[156] = kind;
        header[257..263].copy_from_slice(b"ustar\0");
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        let mut out = [&header[..], content].concat();
        out.resize(out.len().next_multiple_of(BLOCK as usize), 0);
        out
    }

    fn tree(parts: &[Vec<u8>]) -> (FileTree, tempfile::TempDir) {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("export.tar");
        fs::write(&path, parts.concat()).expect("written");
        let mut trees = FileTree::open(&path).expect("a tar");
        assert_eq!(trees.len(), 1);
        (trees.remove(0), dir)
    }

    fn paths(tree: &FileTree) -> Vec<&str> {
        tree.entries().iter().map(|e| e.path.as_str()).collect()
    }

    #[test]
    fn files_are_stretches_that_can_be_opened_again() {
        let long = format!("media/{}.jpg", "x".repeat(150));
        let record = format!(" path={long}\n");
        let record = format!("{}{record}", record.len() + 3);
        let (tree, _dir) = tree(&[
            member("./messages.json", b'0', b"{}"),
            member("media/", b'5', b""),
            member("@LongLink", b'L', b"media/long-by-gnu.png\0"),
            member("media/lo", 0, b"png"),
            member("pax", b'x', record.as_bytes()),
            member("media/x", b'0', b"jpg"),
            vec![0; 1024],
        ]);
        assert_eq!(paths(&tree), ["media/long-by-gnu.png", long.as_str(), "messages.json"]);
        assert_eq!(tree.oddities(), []);
        let entry = tree.find(&long).expect("listed");
        assert_eq!(tree.read(entry, 10).expect("readable"), b"jpg");
        let container = tree.container(entry);
        assert_eq!(FileTree::read_media(&container, &long, 10).expect("readable"), b"jpg");
        let below = tree.below("media");
        let entry = below.find("long-by-gnu.png").expect("listed");
        let container = below.container(entry);
        let again = FileTree::read_media(&container, "long-by-gnu.png", 10);
        assert_eq!(again.expect("readable"), b"png");
    }

    #[test]
    fn what_leads_out_or_elsewhere_is_left_out() {
        let (tree, _dir) = tree(&[
            member("../up", b'0', b"x"),
            member("/etc/passwd", b'0', b"x"),
            member("link", b'2', b""),
            member("pipe", b'6', b""),
            member("kept", b'0', b"x"),
            vec![0; 1024],
        ]);
        assert_eq!((paths(&tree), tree.oddities().len()), (vec!["kept"], 4));
    }

    #[test]
    fn a_damaged_or_short_tar_is_read_as_far_as_it_goes() {
        let mut bad = member("b", b'0', b"x");
        bad[0] = b'c';
        let (tree_, _dir) = tree(&[member("a", b'0', b"x"), bad, member("d", b'0', b"x")]);
        assert_eq!((paths(&tree_), tree_.oddities().len()), (vec!["a"], 1));
        let mut short = member("b", b'0', &[b'x'; 900]);
        short.truncate(700);
        let (tree_, _dir) = tree(&[member("a", b'0', b"x"), short]);
        assert_eq!(paths(&tree_), ["a", "b"]);
        assert_eq!(tree_.oddities()[0].why, CUT_SHORT);
        let entry = tree_.find("b").expect("listed");
        assert_eq!(tree_.read(entry, 1000).expect("what is there").len(), 188);
        let (tree_, _dir) = tree(&[member("a", b'0', b"x")]);
        assert_eq!(tree_.oddities()[0].why, CUT_SHORT, "it has no end");
    }

    #[test]
    fn a_folder_gives_its_tars_beside_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let whole = [member("messages.json", b'0', b"{}"), vec![0; 1024]].concat();
        fs::write(dir.path().join("skype.tar"), whole).expect("written");
        fs::write(dir.path().join("no.tar"), "nothing of the kind").expect("written");
        let trees = FileTree::open(dir.path()).expect("a folder");
        assert_eq!(trees.iter().map(FileTree::name).skip(1).collect::<Vec<_>>(), ["skype.tar"]);
    }

    #[test]
    fn sizes_have_two_spellings() {
        assert_eq!(number(b"00000000644\0"), Some(420));
        assert_eq!(number(b"\x80\0\0\0\0\0\0\x02\0\0\0\x01"), Some((2 << 32) + 1));
        assert_eq!(number(&[0xFF; 12]), None);
        assert_eq!(number(b"9"), None);
    }
}
