//! Zips: their list of files, without anything that climbs out, lies or cannot be opened.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use ::zip::read::ZipFileEntry;
use ::zip::result::ZipError;
use ::zip::{CompressionMethod, ZipArchive};

use super::complaint::{self, Complaints};
use super::place::Packed;
use super::{Entry, FileTree, Place, TreeError, absolute, file_name, is_littered, shown};

const MAX_ENTRIES: u64 = 10_000_000;
const END_RECORD: usize = 22;
const CUT_SHORT: &str = "the zip is cut short: download it again";
const LOCKED: &str = "the zip is locked with a password: unzip it first, then import the folder";
const TOO_MANY: &str = "the zip lists more files than onebox reads: unzip it and import its parts";

/// By its first bytes; by its name where it is too short to have any.
pub(super) fn looks_like_one(path: &Path) -> Result<bool, TreeError> {
    let mut first = Vec::with_capacity(4);
    File::open(path)
        .and_then(|f| f.take(4).read_to_end(&mut first))
        .map_err(|why| complaint::io(path, why))?;
    let named = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("zip"));
    Ok(named || first.starts_with(b"PK\x03\x04") || first.starts_with(b"PK\x05\x06"))
}

pub(super) fn open(path: &Path) -> Result<FileTree, TreeError> {
    let disk = absolute(path);
    let mut file = BufReader::new(File::open(&disk).map_err(|why| complaint::io(path, why))?);
    let listed = listed(&mut file).map_err(|why| complaint::io(path, why))?;
    match listed {
        None => return Err(complaint::container(path, not_whole(&mut file))),
        Some(n) if n > MAX_ENTRIES => return Err(complaint::container(path, TOO_MANY)),
        Some(_) => {}
    }
    let archive = ZipArchive::new(file).map_err(|why| refused(path, why))?;
    let metadata = archive.metadata();
    let misplaced = archive.offset() > 0;
    if misplaced && starts_as_zip(&mut archive.into_inner()) {
        // The list of a zip that lies inside this one, whose own list was cut off.
        return Err(complaint::container(path, CUT_SHORT));
    }
    let mut list = Listing {
        zip: disk.as_path().into(),
        container: shown(&disk).into(),
        entries: Vec::with_capacity(metadata.len()),
        complaints: Complaints::default(),
        locked: 0,
    };
    if metadata.has_duplicate_names() {
        let why = "the zip lists some paths twice; of those the one listed last is read";
        list.complaints.add(&file_name(path), why);
    }
    for i in 0..metadata.len() {
        if let Ok(entry) = metadata.entry(i) {
            list.take(&entry);
        }
    }
    if list.entries.is_empty() && list.locked > 0 {
        return Err(complaint::container(path, LOCKED));
    }
    list.drop_overlaps();
    Ok(FileTree::build(file_name(path), list.entries, list.complaints))
}

fn refused(path: &Path, why: ZipError) -> TreeError {
    match why {
        ZipError::Io(why) if why.kind() != io::ErrorKind::UnexpectedEof => complaint::io(path, why),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            complaint::container(path, LOCKED)
        }
        ZipError::UnsupportedArchive(_) => {
            let why = "a kind of zip that onebox cannot read: unzip it, then import the folder";
            complaint::container(path, why)
        }
        _ => complaint::container(path, "the zip is damaged or cut short: download it again"),
    }
}

fn not_whole(file: &mut (impl Read + Seek)) -> &'static str {
    if starts_as_zip(file) {
        CUT_SHORT
    } else {
        "it is called a zip but is none: download it again"
    }
}

/// Whether the first bytes are a zip's; too few of them are taken as the start of one.
fn starts_as_zip(file: &mut (impl Read + Seek)) -> bool {
    let mut first = [0; 4];
    file.seek(SeekFrom::Start(0)).is_ok()
        && (file.read_exact(&mut first).is_err() || first.starts_with(b"PK"))
}

/// How many files the end of the zip says that there are; `None`: it has no such end. Asked first,
/// since reading the list of a hostile zip takes memory for each entry.
fn listed(file: &mut (impl Read + Seek)) -> io::Result<Option<u64>> {
    let len = file.seek(SeekFrom::End(0))?;
    let start = len.saturating_sub(END_RECORD as u64 + 20 + 0xFFFF);
    file.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::new();
    file.take(len - start).read_to_end(&mut tail)?;
    let Some(at) = memchr::memmem::rfind(&tail, b"PK\x05\x06") else { return Ok(None) };
    let end = &tail[at..];
    if end.len() < END_RECORD {
        return Ok(None);
    }
    let few = u16::from_le_bytes([end[10], end[11]]);
    let locator = at.checked_sub(20).map(|l| &tail[l..at]).filter(|l| l.starts_with(b"PK\x06\x07"));
    let (u16::MAX, Some(locator)) = (few, locator) else { return Ok(Some(few.into())) };
    let record = quad(&locator[8..]);
    file.seek(SeekFrom::Start(record.min(len)))?;
    let mut big = [0; 40];
    if file.read_exact(&mut big).is_err() || !big.starts_with(b"PK\x06\x06") {
        return Ok(Some(few.into()));
    }
    Ok(Some(quad(&big[32..])))
}

fn quad(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).rev().fold(0, |n, b| (n << 8) | u64::from(*b))
}

struct Listing {
    zip: Arc<Path>,
    container: Arc<str>,
    entries: Vec<Entry>,
    complaints: Complaints,
    locked: u64,
}

impl Listing {
    fn take(&mut self, file: &ZipFileEntry<'_>) {
        let name = name_of(file);
        if name.ends_with('/') {
            return;
        }
        let Some(path) = safe(&name) else {
            self.complaints.add(&name, "its path leads out of the zip; left out");
            return;
        };
        if is_littered(&path) {
            return;
        }
        if file.is_symlink() {
            self.complaints.add(&path, "a link; onebox follows none");
            return;
        }
        if file.encrypted() {
            self.locked += 1;
            self.complaints.add(&path, "locked with a password: unzip it first");
            return;
        }
        let deflated = match file.compression() {
            CompressionMethod::Stored => false,
            CompressionMethod::Deflated => true,
            _ => {
                let why = "packed in a way that onebox cannot read: unzip it first";
                self.complaints.add(&path, why);
                return;
            }
        };
        // Further down it is what somebody sent.
        if path.to_lowercase().ends_with(".zip") && path.matches('/').count() <= 1 {
            let why = "a zip inside the zip is not looked into: if it is an export, unzip the \
                       outer one, then import that folder";
            self.complaints.add(&path, why);
        }
        let place = Place::Zip(Packed {
            zip: Arc::clone(&self.zip),
            header: file.header_start(),
            packed: file.compressed_size(),
            deflated,
            crc: file.crc32(),
        });
        let container = Arc::clone(&self.container);
        self.entries.push(Entry { path, size: file.size(), place, container });
    }

    /// Entries that share packed bytes are how a small zip unpacks to petabytes.
    fn drop_overlaps(&mut self) {
        let mut spans: Vec<(u64, u64, usize)> = Vec::with_capacity(self.entries.len());
        for (i, entry) in self.entries.iter().enumerate() {
            if let Place::Zip(p) = &entry.place {
                spans.push((p.header, p.header.saturating_add(p.packed), i));
            }
        }
        spans.sort_unstable();
        let mut end = 0;
        let mut first = true;
        let mut bad = Vec::new();
        for (from, to, i) in spans {
            if !first && from < end {
                bad.push(i);
            } else {
                end = to.saturating_add(30);
                first = false;
            }
        }
        bad.sort_unstable();
        for i in bad.into_iter().rev() {
            let entry = self.entries.swap_remove(i);
            self.complaints.add(&entry.path, "it shares its bytes with another file (a zip bomb?)");
        }
    }
}

/// Many tools write UTF-8 without saying so; what is not UTF-8 is the old DOS code page.
fn name_of(file: &ZipFileEntry<'_>) -> String {
    match std::str::from_utf8(file.name_raw()) {
        Ok(name) => name.to_owned(),
        Err(_) => file.name().map_or_else(
            |_| String::from_utf8_lossy(file.name_raw()).into_owned(),
            |name| name.into_owned(),
        ),
    }
}

/// The path without `.` and doubled slashes; `None` where it could lead out. Some Windows tools
/// part folders by `\`, which stands in no file's name there.
pub(super) fn safe(name: &str) -> Option<String> {
    let name = name.replace('\\', "/");
    let drive = name.as_bytes().get(1) == Some(&b':');
    if drive || name.starts_with('/') || name.contains('\0') {
        return None;
    }
    let mut path = String::with_capacity(name.len());
    for part in name.split('/') {
        match part {
            ".." => return None,
            "" | "." => {}
            part => {
                if !path.is_empty() {
                    path.push('/');
                }
                path.push_str(part);
            }
        }
    }
    (!path.is_empty()).then_some(path)
}
