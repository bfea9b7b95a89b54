//! Files that only their owner reads, written beside their place and moved when they are whole.

use std::fs;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use crate::engine::EngineError;

/// A failure in words, with its path.
pub fn failed(path: &Path) -> impl Fn(io::Error) -> EngineError {
    let path = path.display().to_string();
    move |why| EngineError::Write { path: path.clone(), why }
}

/// Makes a folder if it is not there; a new one is its owner's alone.
pub fn folder(path: &Path) -> Result<(), EngineError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(failed(path))
}

/// A new file that only its owner reads. What stood there under this name is gone, a link itself
/// and not what it led to.
pub fn private(path: &Path) -> io::Result<fs::File> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A file that is being written. Dropped before it is kept, it leaves nothing.
pub struct Part {
    part: PathBuf,
    whole: PathBuf,
    kept: bool,
}

impl Part {
    /// Begins a file.
    pub fn file(whole: &Path) -> Result<(Self, BufWriter<fs::File>), EngineError> {
        let part = beside(whole);
        let out = private(&part).map_err(failed(&part))?;
        Ok((Self { part, whole: whole.to_owned(), kept: false }, BufWriter::new(out)))
    }

    /// Where it is written for now.
    pub fn path(&self) -> &Path {
        &self.part
    }

    /// It is whole: moves it to its place.
    pub fn keep(&mut self) -> Result<(), EngineError> {
        fs::rename(&self.part, &self.whole).map_err(failed(&self.whole))?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.kept {
            drop(fs::remove_file(&self.part));
        }
    }
}

/// A folder that is being filled, in the same way.
pub struct PartFolder {
    part: PathBuf,
    whole: PathBuf,
    made: bool,
}

impl PartFolder {
    /// Nothing is made until there is something to put in.
    pub fn new(whole: &Path) -> Self {
        Self { part: beside(whole), whole: whole.to_owned(), made: false }
    }

    /// The folder to write into.
    pub fn path(&mut self) -> io::Result<&Path> {
        if !self.made {
            // What a killed export left behind.
            drop(fs::remove_dir_all(&self.part));
            let mut builder = fs::DirBuilder::new();
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(&self.part)?;
            self.made = true;
        }
        Ok(&self.part)
    }

    /// Moves what it holds to its place, among what an earlier export put there.
    pub fn keep(&mut self) -> Result<(), EngineError> {
        if !self.made {
            return Ok(());
        }
        folder(&self.whole)?;
        let list = fs::read_dir(&self.part).map_err(failed(&self.part))?;
        for entry in list {
            let entry = entry.map_err(failed(&self.part))?;
            let to = self.whole.join(entry.file_name());
            fs::rename(entry.path(), &to).map_err(failed(&to))?;
        }
        Ok(())
    }
}

impl Drop for PartFolder {
    fn drop(&mut self) {
        if self.made {
            drop(fs::remove_dir_all(&self.part));
        }
    }
}

fn beside(whole: &Path) -> PathBuf {
    let mut name = whole.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    whole.with_file_name(name)
}
