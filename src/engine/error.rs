//! Why the engine could not do what was asked.

use crate::model::{Reason, ThreadId};
use crate::sources::{ReadError, TreeError};
use crate::store::StoreError;

/// An engine failure.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file or container.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// An export as a whole.
    #[error("{0}")]
    Read(ReadError),
    /// No such thread.
    #[error("there is no thread {0}")]
    NoThread(ThreadId),
    /// No such person or identity.
    #[error("there is no person {0}")]
    NoPerson(i64),
    /// A choice of threads that none fits.
    #[error("there is nothing to export: no thread fits")]
    NothingToExport,
    /// No export was recognised.
    #[error(
        "nothing to import: no export that onebox knows is in {paths} ({looked_at} file{} looked at)",
        if *looked_at == 1 { "" } else { "s" }
    )]
    NothingFound {
        /// What was pointed at.
        paths: String,
        /// How many files lie there.
        looked_at: usize,
        /// Pictures, films and sound are all that lies there.
        media_alone: bool,
    },
    /// `--source` names a source that cannot be read, or that was not found there.
    #[error("{0}")]
    Source(String),
    /// The policy refuses.
    #[error("refused")]
    Refused(Box<Reason>),
    /// A file could not be written.
    #[error("cannot write {path}: {why}")]
    Write {
        /// The path.
        path: String,
        /// The system's reason.
        why: std::io::Error,
    },
    /// A file could not be read.
    #[error("cannot read {path}: {why}")]
    File {
        /// The path.
        path: String,
        /// The reason.
        why: std::io::Error,
    },
    /// The person's editor.
    #[error("the editor gave nothing back: {0}")]
    Editor(String),
    /// A thread of the program died; the rest goes on.
    #[error("a part of onebox stopped unexpectedly: {0}")]
    Lost(&'static str),
}

impl From<ReadError> for EngineError {
    fn from(e: ReadError) -> Self {
        match e {
            ReadError::Tree(e) => Self::Tree(e),
            e @ (ReadError::Stopped | ReadError::Format { .. } | ReadError::Locked(_)) => {
                Self::Read(e)
            }
        }
    }
}
