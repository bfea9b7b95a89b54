//! WhatsApp's encrypted backups: `msgstore.db.crypt12`, `.crypt14`, `.crypt15`, and `wa.db` alike.
//!
//! AES-256-GCM over the database packed with zlib; behind it the tag (16 bytes), an MD5 of all
//! before (16; some files have none), and in `crypt12` the last digits of the number (4). As
//! ElDavoo/wa-crypt-tools and KnugiHK/WhatsApp-Chat-Exporter document it. The file is opened into a
//! private copy that goes away with the reading, and nothing of that is believed before the tag is
//! found right. The key is in nobody's hands longer than that takes.

mod gcm;
mod header;
mod key;

use std::io::{self, Read, Write};

use flate2::{Decompress, FlushDecompress, Status};

use self::gcm::{BLOCK, Opening};
pub use self::header::header;
use self::header::{Header, LONGEST, Lock};
use self::key::{Bytes, Given};
use crate::model::{Key, Locked};
pub use crate::sources::OnDisk;
use crate::sources::database::MAGIC;
use crate::sources::{Entry, FileTree, ReadError, ReadOptions, Sink, TreeError};

/// How a zip begins.
const ZIP: &[u8] = b"PK\x03\x04";
/// Endings of locked files.
const ENDINGS: [&str; 3] = [".crypt12", ".crypt14", ".crypt15"];
/// Names under which the app keeps its key files, which may lie beside the backups.
const KEY_FILES: [&str; 2] = ["encrypted_backup.key", "key"];
/// A key file is no longer, digits and spaces included.
const KEY_BYTES: u64 = 1000;
/// Key files that are tried.
const KEYS: usize = 16;
/// Worked on in one go: whole blocks.
const PIECE: usize = 256 << 10;
/// Tag, digest and the number's digits: what may stand behind the locked bytes.
const TAIL: usize = 36;
/// Where the tag begins in that, form by form.
const TAGS: [usize; 3] = [0, TAIL - 32, TAIL - BLOCK];

/// The name of the database that a file locks up, in small letters; `None`: it is no such file.
pub fn inner(path: &str) -> Option<String> {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let inner = ENDINGS.iter().find_map(|e| name.strip_suffix(e))?;
    inner.ends_with(".db").then(|| inner.to_owned())
}

/// The file begins as a locked backup does.
pub fn is_one(tree: &FileTree, entry: &Entry) -> bool {
    head(tree, entry).is_some()
}

fn head(tree: &FileTree, entry: &Entry) -> Option<Header> {
    header(&tree.head(entry, LONGEST).ok()?)
}

/// The keys of an import: the one that was given, and those that lie in the export.
pub struct Keys {
    /// What the person gave is no key.
    unknown: bool,
    all: Vec<Given>,
}

impl Keys {
    /// Of an import.
    pub fn of(tree: &FileTree, options: &ReadOptions) -> Self {
        let beside = tree
            .entries()
            .iter()
            .filter(|e| KEY_FILES.contains(&e.parted().1) && e.size > 0 && e.size <= KEY_BYTES);
        let beside = beside
            .take(KEYS)
            .filter_map(|e| tree.read(e, KEY_BYTES).ok())
            .filter_map(|bytes| Given::new(&Key::new(bytes)));
        let said = options.key.as_ref().map(Given::new);
        let unknown = matches!(said, Some(None));
        Self { unknown, all: said.flatten().into_iter().chain(beside).collect() }
    }
}

/// Why a backup stays locked.
pub enum Shut {
    /// Its key is wanted, or another one.
    Locked(Locked),
    /// It, or the reading, is broken.
    Broken(ReadError),
}

impl<E: Into<ReadError>> From<E> for Shut {
    fn from(why: E) -> Self {
        Self::Broken(why.into())
    }
}

/// Opens a backup into a private copy. Half of the file's bytes are told as worked through.
pub fn open(
    tree: &FileTree,
    entry: &Entry,
    keys: &Keys,
    sink: &mut dyn Sink,
) -> Result<(OnDisk, Holds), Shut> {
    let broken = |why: &str| {
        Shut::Broken(ReadError::Format { file: entry.path.clone(), why: why.to_owned() })
    };
    let Some(header) = head(tree, entry) else {
        return Err(broken(
            "it is called a backup of WhatsApp, but does not begin as one: it is damaged, take it \
             from the phone again",
        ));
    };
    let (key, holds) = match fitting(tree, entry, &header, keys)? {
        Ok(fits) => fits,
        Err(refused) => {
            return Err(Shut::Locked(Locked {
                file: entry.path.clone(),
                wants: wants(&header),
                refused,
            }));
        }
    };
    let (disk, file) = OnDisk::private(entry, entry.size)?;
    unpack(tree, entry, &header, &key, file, sink)?.map_err(|why| match why {
        Fault::Damaged(why) => broken(why),
        Fault::Io(why) if why.kind() == io::ErrorKind::StorageFull => broken(
            "there is no room for its private copy, which goes where temporary files go: make \
             room, or set TMPDIR to a folder that has some",
        ),
        Fault::Io(why) => Shut::Broken(TreeError::Io { path: entry.path.clone(), why }.into()),
    })?;
    Ok((disk, holds))
}

fn wants(header: &Header) -> String {
    match (header.lock, header.worded) {
        (Lock::Account, _) => "the phone's key file of 158 bytes (“key”, in the app's own folder \
                               “files”), or a new backup with end-to-end encryption and a \
                               64-digit key, made in WhatsApp's settings under Chats, Chat backup"
            .to_owned(),
        (Lock::Own, None) => {
            "the 64-digit key that was written down when end-to-end encrypted backup was turned \
             on, or the phone's key file “encrypted_backup.key”"
                .to_owned()
        }
        (Lock::Own, Some(word)) => format!(
            "the phone's key file “encrypted_backup.key”, for it is locked with {word}, of which \
             only WhatsApp can make the key; or choose a 64-digit key in WhatsApp's settings under \
             Chats, Chat backup, and make the backup again"
        ),
    }
}

/// The first key that opens the beginning; or why the given one does not.
fn fitting(
    tree: &FileTree,
    entry: &Entry,
    header: &Header,
    keys: &Keys,
) -> Result<Result<(Bytes, Holds), Option<String>>, Shut> {
    let head = tree.head(entry, header.length + LONGEST)?;
    let locked = head.get(header.length..).unwrap_or_default();
    let mut refused = None;
    for given in &keys.all {
        let why = match given.of(header) {
            Ok(key) => match begins(&key, header, locked) {
                Some(holds) => return Ok(Ok((key, holds))),
                None => "the key does not open it",
            },
            Err(why) => why,
        };
        refused.get_or_insert_with(|| why.to_owned());
    }
    if keys.unknown {
        let why = "what was given is neither 64 hexadecimal digits nor a key file of WhatsApp";
        refused = Some(why.to_owned());
    }
    Ok(Err(refused))
}

/// What is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// A database.
    Database,
    /// A zip with what was new since the last whole backup.
    Addition,
}

fn begins(key: &Bytes, header: &Header, locked: &[u8]) -> Option<Holds> {
    let mut bytes = locked.to_vec();
    Opening::new(key, &header.nonce).open(&mut bytes);
    if bytes.starts_with(ZIP) {
        return Some(Holds::Addition);
    }
    if bytes.starts_with(MAGIC) {
        return Some(Holds::Database);
    }
    let mut out = [0; MAGIC.len()];
    let mut unpacking = Decompress::new(true);
    unpacking.decompress(&bytes, &mut out, FlushDecompress::None).ok()?;
    (out == MAGIC).then_some(Holds::Database)
}

/// What is wrong with a file, or with the disk.
enum Fault {
    Damaged(&'static str),
    Io(io::Error),
}

impl From<io::Error> for Fault {
    fn from(why: io::Error) -> Self {
        Self::Io(why)
    }
}

const CHANGED: &str = "it is damaged or cut short: the key opens it, but its bytes are not those \
                       that were locked; take it from the phone again";

/// Opens and unpacks the whole file; its tag is checked at the end.
fn unpack(
    tree: &FileTree,
    entry: &Entry,
    header: &Header,
    key: &Bytes,
    file: impl Write,
    sink: &mut dyn Sink,
) -> Result<Result<(), Fault>, Shut> {
    let mut reader = tree.open_entry(entry)?;
    let mut out = Unpacked { file, unpacking: None, piece: vec![0; PIECE], ended: false };
    let mut opening = Opening::new(key, &header.nonce);
    let mut buffer = vec![0; PIECE + TAIL];
    let mut filled = 0;
    let mut skip = header.length as u64;
    if let Err(why) = io::copy(&mut reader.by_ref().take(skip), &mut io::sink()) {
        return Ok(Err(why.into()));
    }
    loop {
        let room = buffer.get_mut(filled..).unwrap_or_default();
        let got = match reader.read(room) {
            Ok(got) => got,
            Err(why) if why.kind() == io::ErrorKind::InvalidData => {
                return Ok(Err(Fault::Damaged(CHANGED)));
            }
            Err(why) => return Ok(Err(why.into())),
        };
        filled += got;
        skip += got as u64;
        sink.advance(skip / 2)?;
        skip %= 2;
        if got == 0 {
            break;
        }
        // The last bytes may be the tag: they wait until it is known whether more come.
        if filled == buffer.len() {
            let (piece, _) = buffer.split_at_mut(PIECE);
            opening.open(piece);
            if let Err(why) = out.write(piece) {
                return Ok(Err(why));
            }
            buffer.copy_within(PIECE.., 0);
            filled = TAIL;
        }
    }
    let rest = buffer.get(..filled).unwrap_or_default();
    Ok(finish(&opening, rest, out))
}

/// The end: what is left of the locked bytes, and the tag in one of its places.
fn finish(opening: &Opening, rest: &[u8], mut out: Unpacked<impl Write>) -> Result<(), Fault> {
    let last = TAGS.iter().find_map(|at| {
        let behind = TAIL.checked_sub(*at)?;
        let (bytes, tail) = rest.split_at_checked(rest.len().checked_sub(behind)?)?;
        opening.end(bytes, tail.get(..BLOCK)?)
    });
    out.write(&last.ok_or(Fault::Damaged(CHANGED))?)?;
    let packed = out.unpacking.is_some();
    if packed && !out.ended {
        return Err(Fault::Damaged("what is packed in it ends too early: make the backup again"));
    }
    Ok(out.file.flush()?)
}

/// The database as it comes out.
struct Unpacked<W> {
    file: W,
    /// `None` until the first bytes, and of what is not packed.
    unpacking: Option<Decompress>,
    piece: Vec<u8>,
    ended: bool,
}

impl<W: Write> Unpacked<W> {
    fn write(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        let begun = self.unpacking.is_some() || self.ended;
        if !begun && (bytes.starts_with(MAGIC) || bytes.starts_with(ZIP)) {
            self.ended = true;
        }
        if self.unpacking.is_none() && self.ended {
            return Ok(self.file.write_all(bytes)?);
        }
        let unpacking = self.unpacking.get_or_insert_with(|| Decompress::new(true));
        // What stands behind the packed bytes belongs to nobody.
        while !self.ended {
            let (taken, given) = (unpacking.total_in(), unpacking.total_out());
            let status = unpacking
                .decompress(bytes, &mut self.piece, FlushDecompress::None)
                .map_err(|_| Fault::Damaged(CHANGED))?;
            let taken = usize::try_from(unpacking.total_in() - taken).unwrap_or(usize::MAX);
            let given = usize::try_from(unpacking.total_out() - given).unwrap_or(usize::MAX);
            self.file.write_all(self.piece.get(..given).unwrap_or_default())?;
            bytes = bytes.get(taken..).unwrap_or_default();
            self.ended = status == Status::StreamEnd;
            let stuck = taken == 0 && given == 0;
            if stuck || (bytes.is_empty() && given < self.piece.len()) {
                break;
            }
        }
        Ok(())
    }
}
