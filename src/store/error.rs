//! Why the store could not do what was asked.

use std::path::PathBuf;

/// A store failure. Nothing that was committed is lost by any of them.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A newer onebox wrote it.
    #[error("{path} was written by a newer onebox (format {found}; this one knows up to {known})", path = .path.display())]
    Newer {
        /// The database file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format that this program knows.
        known: i64,
    },
    /// An older onebox wrote it, and it cannot be brought up to date where it is.
    #[error("{path} was written by an older onebox and cannot be brought up to date: its folder or disk is read-only", path = .path.display())]
    Older {
        /// The database file.
        path: PathBuf,
    },
    /// The file is not ours.
    #[error("{path} is not a onebox store", path = .path.display())]
    NotAStore {
        /// The file.
        path: PathBuf,
    },
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// The disk does not take what is written, and does not say why.
    #[error("the disk does not take what is written ({0})")]
    Disk(rusqlite::Error),
    /// The store may only be read.
    #[error("the store cannot be written to")]
    ReadOnly,
    /// Another onebox held the store for too long.
    #[error("another onebox is writing to the store")]
    Busy,
    /// The folder or file cannot be made or opened.
    #[error("cannot open {path}: {why}", path = .path.display())]
    Open {
        /// The path.
        path: PathBuf,
        /// The system's reason.
        why: String,
    },
    /// No such thread.
    #[error("there is no thread {0}")]
    NoThread(crate::model::ThreadId),
    /// No such message.
    #[error("there is no message {0}")]
    NoMessage(crate::model::MessageId),
    /// A record came before the one that it belongs to.
    #[error("a record came out of order: {0}")]
    Order(&'static str),
    /// The search index cannot be used. It is made anew from the messages.
    #[error("the search index failed: {0}")]
    Index(String),
    /// Another onebox is writing to the search index.
    #[error("another onebox is writing to the search index")]
    IndexBusy,
    /// Anything else that SQLite says.
    #[error("the store failed: {0}")]
    Sqlite(rusqlite::Error),
    /// A stored value cannot be read back.
    #[error("a stored value is damaged: {0}")]
    Damaged(#[from] serde_json::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(e: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as C;
        match e.sqlite_error_code() {
            Some(C::DiskFull) => Self::Full,
            Some(C::SystemIoFailure) => Self::Disk(e),
            Some(C::ReadOnly | C::PermissionDenied) => Self::ReadOnly,
            Some(C::DatabaseBusy | C::DatabaseLocked) => Self::Busy,
            _ => Self::Sqlite(e),
        }
    }
}
