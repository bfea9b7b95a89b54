//! The log: `onebox.log` beside the store, for finding out what went wrong. It holds counts, codes
//! and errors, never a message, a name or a draft.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use log::{LevelFilter, Log, Metadata, Record};

use super::args::LogLevel;

/// A log longer than this is put aside as `onebox.log.old` when the program starts.
const LONG: u64 = 1 << 20;

struct Journal {
    path: PathBuf,
    // Opened with the first line: a program that has nothing to tell makes no file.
    file: Mutex<Option<File>>,
    level: LevelFilter,
}

/// Starts the log in a folder. Without one (the demo) nothing is written anywhere.
pub fn start(level: LogLevel, dir: Option<&Path>) {
    let level = match level {
        LogLevel::Off => LevelFilter::Off,
        LogLevel::Error => LevelFilter::Error,
        LogLevel::Warn => LevelFilter::Warn,
        LogLevel::Info => LevelFilter::Info,
        LogLevel::Debug => LevelFilter::Debug,
    };
    let Some(dir) = dir.filter(|_| level != LevelFilter::Off) else { return };
    let path = dir.join("onebox.log");
    if fs::metadata(&path).is_ok_and(|m| m.len() > LONG) {
        // If it cannot be put aside it grows on; no reason not to start.
        drop(fs::rename(&path, dir.join("onebox.log.old")));
    }
    let journal = Journal { path, file: Mutex::new(None), level };
    if log::set_boxed_logger(Box::new(journal)).is_ok() {
        log::set_max_level(level);
    }
}

impl Log for Journal {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= self.level && metadata.target().starts_with("onebox")
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if file.is_none() {
            let mut options = OpenOptions::new();
            options.create(true).append(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            *file = options.open(&self.path).ok();
        }
        if let Some(file) = file.as_mut() {
            let text = record.args().to_string().replace(char::is_control, " ");
            let time = crate::engine::now().to_rfc3339();
            // A log that cannot be written must not stop what it tells of.
            drop(writeln!(file, "{time} {:<5} {}: {text}", record.level(), record.target()));
        }
    }

    fn flush(&self) {}
}
