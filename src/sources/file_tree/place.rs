//! Where a file's bytes are, and how they are streamed without trusting what the container says.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};
use std::path::Path;
use std::sync::Arc;

use flate2::Crc;
use flate2::read::DeflateDecoder;

use super::{Entry, TreeError, complaint};

/// Where a file's bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Memory(Arc<[u8]>),
    Disk(Arc<Path>),
    Zip(Packed),
    Tar(Stretch),
}

/// A file of a tar: bytes of the tar as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) tar: Arc<Path>,
    pub(super) start: u64,
    pub(super) len: u64,
}

/// An entry of a zip: all that is needed to read it without its central directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Packed {
    pub(super) zip: Arc<Path>,
    pub(super) header: u64,
    pub(super) packed: u64,
    pub(super) deflated: bool,
    pub(super) crc: u32,
}

/// Deflate packs at most 1032:1; what claims more than this is lying.
const WORST_RATIO: u64 = 1100;
const NEVER_A_BOMB: u64 = 64 << 20;
const LOCAL_HEADER: u64 = 30;

impl Place {
    pub(super) fn open<'a>(&'a self, entry: &Entry) -> Result<Box<dyn Read + 'a>, TreeError> {
        match self {
            Self::Memory(bytes) => Ok(Box::new(&bytes[..])),
            Self::Disk(path) => match File::open(path) {
                Ok(file) => Ok(Box::new(BufReader::with_capacity(64 << 10, file))),
                Err(why) => Err(complaint::io(path, why)),
            },
            Self::Zip(packed) => packed.open(entry),
            Self::Tar(stretch) => match stretch.open() {
                Ok(bytes) => Ok(Box::new(bytes)),
                Err(why) => Err(complaint::io(&stretch.tar, why)),
            },
        }
    }
}

impl Stretch {
    fn open(&self) -> io::Result<Take<BufReader<File>>> {
        let mut file = File::open(&self.tar)?;
        file.seek(SeekFrom::Start(self.start))?;
        Ok(BufReader::with_capacity(64 << 10, file).take(self.len))
    }
}

impl Packed {
    fn open(&self, entry: &Entry) -> Result<Box<dyn Read + '_>, TreeError> {
        if entry.size > NEVER_A_BOMB && entry.size / self.packed.max(1) > WORST_RATIO {
            let why = "it claims to unpack to more than any honest zip could (a zip bomb?)";
            return Err(TreeError::Container { path: entry.path.clone(), why: why.into() });
        }
        let raw = self.raw().map_err(|why| complaint::io(&self.zip, why))?;
        let checked = |inner| Checked {
            inner,
            crc: Crc::new(),
            wanted: self.crc,
            left: entry.size,
            done: false,
        };
        if self.deflated {
            Ok(Box::new(checked(Packing::Deflated(Box::new(DeflateDecoder::new(raw))))))
        } else {
            Ok(Box::new(checked(Packing::Stored(raw))))
        }
    }

    fn raw(&self) -> io::Result<Take<BufReader<File>>> {
        let mut file = File::open(&self.zip)?;
        file.seek(SeekFrom::Start(self.header))?;
        let mut header = [0; LOCAL_HEADER as usize];
        file.read_exact(&mut header)?;
        if !header.starts_with(b"PK\x03\x04") {
            let why = "the zip is damaged or was changed: download it again";
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        let short = |at: usize| u64::from(u16::from_le_bytes([header[at], header[at + 1]]));
        let skip = i64::try_from(short(26) + short(28)).unwrap_or(0);
        file.seek(SeekFrom::Current(skip))?;
        Ok(BufReader::with_capacity(64 << 10, file).take(self.packed))
    }
}

enum Packing {
    Stored(Take<BufReader<File>>),
    Deflated(Box<DeflateDecoder<Take<BufReader<File>>>>),
}

/// Ends with an error where the bytes are not the declared ones; never gives more than declared.
struct Checked {
    inner: Packing,
    crc: Crc,
    wanted: u32,
    left: u64,
    done: bool,
}

fn damaged(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{why}: download the zip again"))
}

impl Read for Checked {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.done || out.is_empty() {
            return Ok(0);
        }
        let n = match &mut self.inner {
            Packing::Stored(r) => r.read(out),
            Packing::Deflated(r) => {
                r.read(out).map_err(|_| damaged("its packed bytes are damaged"))
            }
        }?;
        if n == 0 {
            self.done = true;
            if self.left > 0 {
                return Err(damaged("it is cut short"));
            }
            if self.crc.sum() != self.wanted {
                return Err(damaged("its checksum is wrong"));
            }
            return Ok(0);
        }
        let Some(left) = self.left.checked_sub(n as u64) else {
            self.done = true;
            return Err(damaged("it unpacks to more than it declares"));
        };
        self.left = left;
        self.crc.update(&out[..n]);
        Ok(n)
    }
}
