//! Files that must lie on disk to be read: databases. What lies elsewhere gets a private copy.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::place::Place;
use super::{Entry, FileTree, TreeError, complaint};
use crate::sources::{ReadError, Stop};

/// A file on disk: itself, or a copy that goes away with this.
#[derive(Debug)]
pub struct OnDisk {
    path: PathBuf,
    copy: Option<tempfile::TempDir>,
}

impl OnDisk {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
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
        let journal = format!("{}-wal", entry.path);
        let journal = match &entry.place {
            Place::Disk(path) => {
                let beside = PathBuf::from(format!("{}-wal", path.display()));
                match std::fs::metadata(&beside) {
                    Ok(meta) if meta.is_file() && meta.len() > 0 => Some(Journal::Disk(beside)),
                    _ => return Ok(OnDisk { path: path.to_path_buf(), copy: None }),
                }
            }
            Place::Memory(_) | Place::Zip(_) | Place::Tar(_) => {
                self.find(&journal).map(Journal::Entry)
            }
        };
        let failed = |why| ReadError::from(TreeError::Io { path: entry.path.clone(), why });
        let folder = private_folder().map_err(failed)?;
        let path = folder.path().join("copy.db");
        copy(self.open_entry(entry)?, &path, advance)?.map_err(failed)?;
        let beside = folder.path().join("copy.db-wal");
        match journal {
            Some(Journal::Disk(from)) => {
                let file = File::open(&from).map_err(|why| complaint::io(&from, why))?;
                copy(Box::new(file), &beside, advance)?.map_err(failed)?;
            }
            Some(Journal::Entry(journal)) => {
                copy(self.open_entry(journal)?, &beside, advance)?.map_err(failed)?;
            }
            None => {}
        }
        Ok(OnDisk { path, copy: Some(folder) })
    }
}

/// A folder that nobody else can look into.
fn private_folder() -> io::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("onebox-read-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o700));
    }
    builder.tempdir()
}

enum Journal<'a> {
    Disk(PathBuf),
    Entry(&'a Entry),
}

fn copy(
    mut from: Box<dyn Read + '_>,
    to: &Path,
    advance: &mut dyn FnMut() -> Result<(), Stop>,
) -> Result<io::Result<()>, Stop> {
    let mut file = match File::create_new(to) {
        Ok(file) => file,
        Err(why) => return Ok(Err(why)),
    };
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
