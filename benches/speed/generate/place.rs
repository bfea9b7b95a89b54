//! Where generated files go: into a folder or into a deflated zip.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A folder or a zip that is being written.
pub enum Place {
    /// Files below a folder.
    Folder(PathBuf),
    /// Entries of a zip.
    Zip(Box<ZipWriter<BufWriter<File>>>),
}

impl Place {
    /// A zip at this path.
    pub fn zip(path: &std::path::Path) -> io::Result<Self> {
        let file = BufWriter::with_capacity(1 << 20, File::create(path)?);
        Ok(Self::Zip(Box::new(ZipWriter::new(file))))
    }

    /// Writes one file.
    pub fn file(
        &mut self,
        path: &str,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        match self {
            Self::Folder(root) => {
                let path = root.join(path);
                if let Some(parent) = path.parent() {
                    fs::create_dir_all(parent)?;
                }
                let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
                fill(&mut file)?;
                file.flush()
            }
            Self::Zip(zip) => {
                zip.start_file(path, SimpleFileOptions::default().compression_level(Some(6)))?;
                let mut file = BufWriter::with_capacity(1 << 16, zip);
                fill(&mut file)?;
                file.flush()
            }
        }
    }

    /// Writes what is left.
    pub fn finish(self) -> io::Result<()> {
        match self {
            Self::Folder(_) => Ok(()),
            Self::Zip(zip) => zip.finish()?.flush(),
        }
    }
}
