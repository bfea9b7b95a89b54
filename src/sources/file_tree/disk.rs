//! Files that must lie on disk to be read: databases. What lies elsewhere gets a private copy, in a
//! folder of its own among the system's temporary ones, if there is room. The folder holds a file
//! that is locked as long as somebody reads there: what a run that was killed has left is known by
//! that, and removed by the next one.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::place::Place;
use super::{Entry, FileTree, TreeError};
use crate::model::Bytes;
use crate::sources::{ReadError, Stop};

/// A file on disk: itself, or a copy that goes away with this.
#[derive(Debug)]
pub struct OnDisk {
    path: PathBuf,
    copy: Option<Private>,
}

/// Begins the names of folders with private copies.
const PREFIX: &str = "onebox-read-";
/// The file that is locked.
const HELD: &str = "held";
/// A folder whose file is not there (yet) is left alone for so long.
const YOUNG: Duration = Duration::from_secs(3600);

/// A folder among the system's temporary ones that nobody else can look into. It goes with this, and
/// what a run that was killed has left goes with the next one.
#[derive(Debug)]
pub struct Private {
    // Unlocked and closed before the folder goes: elsewhere than on Unix what is open cannot be
    // removed.
    held: Option<File>,
    folder: tempfile::TempDir,
}

impl Private {
    /// A new one.
    pub fn new() -> io::Result<Self> {
        private_folder()
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        drop(self.held.take());
    }
}

impl OnDisk {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file that nobody else sees, to be filled with what another holds locked or packed: at
    /// least so many bytes.
    pub fn private(
        of: &Entry,
        need: u64,
    ) -> Result<(Self, impl Read + Write + Seek + use<>), TreeError> {
        let failed = |why| TreeError::Io { path: of.path.clone(), why };
        let temporary = std::env::temp_dir();
        fits(of, need, room(&temporary), &temporary)?;
        let folder = private_folder().map_err(failed)?;
        let path = folder.path().join("copy.db");
        let file = create(&path).map_err(failed)?;
        Ok((Self { path, copy: Some(folder) }, file))
    }

    /// It is a copy, which nobody else sees or changes.
    pub fn is_copy(&self) -> bool {
        self.copy.is_some()
    }
}

impl FileTree {
    /// A database as a file that can be opened without writing beside it. A journal that was not
    /// written back (`-wal`) is taken along, in a copy. `advance` is asked now and then.
    pub fn on_disk(
        &self,
        entry: &Entry,
        advance: &mut dyn FnMut() -> Result<(), Stop>,
    ) -> Result<OnDisk, ReadError> {
        self.use_of(&entry.path);
        let journal = self.journal(entry);
        if let (Place::Disk(path), None) = (&entry.place, &journal) {
            return Ok(OnDisk { path: path.to_path_buf(), copy: None });
        }
        let beside = journal.as_ref().map_or(0, |j| j.size);
        let need = entry.size.saturating_add(beside);
        let temporary = std::env::temp_dir();
        let failed = |why: io::Error| {
            if matches!(why.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
                ReadError::from(no_room(entry, need, None, &temporary))
            } else {
                ReadError::from(TreeError::Io { path: entry.path.clone(), why })
            }
        };
        let (disk, file) = OnDisk::private(entry, need)?;
        copy(self.open_entry(entry)?, file, advance)?.map_err(failed)?;
        let Some(journal) = journal else { return Ok(disk) };
        let journal = journal.open()?;
        let beside = disk.path.with_file_name("copy.db-wal");
        let beside = create(&beside).map_err(failed)?;
        copy(journal, beside, advance)?.map_err(failed)?;
        Ok(disk)
    }

    /// What a program that has a database open wrote beside it and not yet into it (`-wal`), also
    /// beside a file that was opened by itself.
    pub fn journal(&self, entry: &Entry) -> Option<Journal> {
        let (place, size) = match &entry.place {
            Place::Disk(path) => {
                let beside = PathBuf::from(format!("{}-wal", path.display()));
                let meta = std::fs::metadata(&beside).ok().filter(std::fs::Metadata::is_file)?;
                (Place::Disk(beside.into()), meta.len())
            }
            Place::Memory(_) | Place::Zip(_) | Place::Tar(_) => {
                let found = self.find(&format!("{}-wal", entry.path))?;
                (found.place.clone(), found.size)
            }
        };
        let path = format!("{}-wal", entry.path);
        let container = entry.container.clone();
        (size > 0).then_some(Journal { size, file: Entry { path, size, place, container } })
    }
}

/// A database's journal.
#[derive(Debug)]
pub struct Journal {
    /// Bytes, as declared.
    pub size: u64,
    file: Entry,
}

impl Journal {
    /// As a stream, which can be begun again.
    pub fn open(&self) -> Result<Box<dyn Read + '_>, TreeError> {
        self.file.place.open(&self.file)
    }
}

/// A new file that only its owner reads.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// Whether so many bytes have room in a folder, as far as anybody knows.
pub fn has_room(folder: &Path, need: u64) -> bool {
    room(folder).is_none_or(|room| room >= need)
}

/// Bytes that are free where the person may write; `None` where nobody knows.
fn room(folder: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let stat = rustix::fs::statvfs(folder).ok()?;
        Some(stat.f_bavail.saturating_mul(stat.f_frsize))
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}

/// A copy that has no room is not begun: a full disk hurts everybody.
fn fits(entry: &Entry, need: u64, room: Option<u64>, folder: &Path) -> Result<(), TreeError> {
    match room {
        Some(room) if room < need => Err(no_room(entry, need, Some(room), folder)),
        _ => Ok(()),
    }
}

fn no_room(entry: &Entry, need: u64, room: Option<u64>, folder: &Path) -> TreeError {
    let free = room.map_or("too little".to_owned(), |r| Bytes(r).to_string());
    let why = format!(
        "it is read from a copy, which takes {}, and {free} is free in {}: make room there, or \
         name another folder with TMPDIR",
        Bytes(need),
        folder.display()
    );
    TreeError::Container { path: entry.path.clone(), why }
}

/// Removes private copies that a run which was killed has left. Those that somebody reads stay.
pub fn sweep() {
    sweep_in(&std::env::temp_dir(), YOUNG);
}

fn sweep_in(temporary: &Path, young: Duration) {
    let Ok(entries) = std::fs::read_dir(temporary) else { return };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_str().is_some_and(|n| n.starts_with(PREFIX));
        // Not by way of a link to somewhere else.
        if !ours || !entry.file_type().is_ok_and(|t| t.is_dir()) {
            continue;
        }
        let folder = entry.path();
        if is_left(&folder, young)
            && let Err(why) = std::fs::remove_dir_all(&folder)
        {
            log::debug!("{} stays: {why}", folder.display());
        }
    }
}

/// Nobody reads there.
fn is_left(folder: &Path, young: Duration) -> bool {
    match OpenOptions::new().read(true).write(true).open(folder.join(HELD)) {
        Ok(file) => file.try_lock().is_ok(),
        // It is being made, or was by a program of before, which had no such file.
        Err(why) if why.kind() == io::ErrorKind::NotFound => std::fs::metadata(folder)
            .and_then(|m| m.modified())
            .is_ok_and(|at| at.elapsed().is_ok_and(|age| age >= young)),
        Err(_) => false,
    }
}

fn private_folder() -> io::Result<Private> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o700));
    }
    let folder = builder.tempdir()?;
    let held = File::create_new(folder.path().join(HELD))?;
    // Where files cannot be locked the copy is as good; it only stays if this run is killed.
    held.try_lock().unwrap_or_else(|why| log::debug!("no lock on a private copy: {why}"));
    Ok(Private { held: Some(held), folder })
}

fn copy(
    mut from: Box<dyn Read + '_>,
    mut file: impl Write,
    advance: &mut dyn FnMut() -> Result<(), Stop>,
) -> Result<io::Result<()>, Stop> {
    let mut piece = vec![0; 1 << 20];
    loop {
        advance()?;
        let got = match from.read(&mut piece) {
            Ok(0) => return Ok(Ok(())),
            Ok(n) => n,
            // What came before the damage may still be read.
            Err(why) if why.kind() == io::ErrorKind::InvalidData => return Ok(Ok(())),
            Err(why) => return Ok(Err(why)),
        };
        if let Some(why) = piece.get(..got).and_then(|p| file.write_all(p).err()) {
            return Ok(Err(why));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_reads_is_swept_and_what_somebody_reads_stays() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = |name: &str, held: bool| {
            let path = temporary.path().join(name);
            std::fs::create_dir(&path).unwrap();
            std::fs::write(path.join("copy.db"), b"private").unwrap();
            held.then(|| File::create_new(path.join(HELD)).unwrap())
        };
        let read = folder("onebox-read-aaaaaa", true).unwrap();
        read.lock().unwrap();
        drop(folder("onebox-read-bbbbbb", true));
        folder("onebox-read-cccccc", false);
        drop(folder("another-dddddd", true));
        let there = || {
            let mut names: Vec<String> = std::fs::read_dir(temporary.path())
                .unwrap()
                .map(|e| e.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        };
        sweep_in(temporary.path(), YOUNG);
        assert_eq!(there(), ["another-dddddd", "onebox-read-aaaaaa", "onebox-read-cccccc"]);
        sweep_in(temporary.path(), Duration::ZERO);
        assert_eq!(there(), ["another-dddddd", "onebox-read-aaaaaa"], "without a lock: by its age");
        drop(read);
        sweep_in(temporary.path(), YOUNG);
        assert_eq!(there(), ["another-dddddd"]);
    }

    #[test]
    fn a_copy_is_held_while_it_is_read_and_gone_after() {
        let tree = FileTree::memory([("a.db".to_owned(), b"bytes".to_vec())]);
        let disk = tree.on_disk(&tree.entries()[0], &mut || Ok(())).unwrap();
        let folder = disk.path().parent().unwrap().to_owned();
        assert!(!is_left(&folder, Duration::ZERO));
        sweep();
        assert_eq!(std::fs::read(disk.path()).unwrap(), b"bytes");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&folder), mode(disk.path())), (0o700, 0o600), "its owner's alone");
        }
        drop(disk);
        assert!(!folder.exists());
    }

    #[test]
    fn a_copy_without_room_is_refused_with_its_size() {
        let tree = FileTree::memory([("msgstore.db".to_owned(), b"bytes".to_vec())]);
        let entry = &tree.entries()[0];
        let folder = Path::new("/tmp");
        fits(entry, 3_400_000_000, Some(3_400_000_000), folder).unwrap();
        fits(entry, 3_400_000_000, None, folder).unwrap();
        let why = fits(entry, 3_400_000_000, Some(1_200_000), folder).unwrap_err().to_string();
        assert_eq!(
            why,
            "msgstore.db: it is read from a copy, which takes 3.4 GB, and 1.2 MB is free in /tmp: \
             make room there, or name another folder with TMPDIR"
        );
        if cfg!(unix) {
            assert!(room(&std::env::temp_dir()).unwrap() > 0);
        }
    }
}
