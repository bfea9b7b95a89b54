//! Errors in words for people: what, why, what to do.

use super::EngineError;
use crate::inbox::{Notice, Severity};
use crate::sources::{ReadError, TreeError};
use crate::store::StoreError;

/// An error as a notice.
pub fn explain(error: &EngineError) -> Notice {
    let (what, why, hint) = words(error);
    Notice::new(Severity::Error, what, why, hint)
}

fn words(error: &EngineError) -> (String, String, String) {
    let plain = |hint: &str| (error.to_string(), String::new(), hint.to_owned());
    match error {
        EngineError::Store(e) => store_words(e),
        EngineError::Tree(TreeError::TooLarge { .. }) => plain("it was left out"),
        EngineError::Tree(TreeError::Io { .. } | TreeError::Container { .. }) => plain(""),
        EngineError::Read(ReadError::Stopped) => (
            "The import was stopped".into(),
            String::new(),
            "What was stored stays; import the same path again to go on".into(),
        ),
        EngineError::Read(_) => plain("nothing was changed by this file"),
        EngineError::NoThread(_) => plain("`onebox threads` lists the ids"),
        EngineError::NoPerson(_) => plain("`onebox people list` lists the ids"),
        EngineError::NothingToExport => plain("`onebox threads` lists what there is"),
        EngineError::NothingFound { media_alone: true, .. } => plain(
            "these are pictures, films or sound alone: if they are a part of a download, import all \
             its parts together, as `onebox import PART-1.zip PART-2.zip`",
        ),
        EngineError::NothingFound { .. } => plain(
            "point at the zip, folder or file as it was downloaded, under the name that it had; the \
             README lists the exports that onebox reads",
        ),
        EngineError::Source(_) | EngineError::Refused(_) => plain(""),
        EngineError::Write { .. } => plain("is there space, and may you write there?"),
        EngineError::File { why, .. } if why.kind() == std::io::ErrorKind::InvalidData => {
            plain("point at the contacts as your phone or address book exports them (.vcf)")
        }
        EngineError::File { .. } => plain("is it there, and may you read it?"),
        EngineError::Editor(why) => (
            "The editor gave nothing back".into(),
            why.clone(),
            "The draft is as it was; VISUAL or EDITOR names your editor".into(),
        ),
        EngineError::Lost(_) => plain("quit and start again; nothing that was stored is lost"),
    }
}

fn store_words(e: &StoreError) -> (String, String, String) {
    let plain = |hint: &str| (e.to_string(), String::new(), hint.to_owned());
    match e {
        StoreError::Newer { .. } => {
            plain("update onebox, or choose another folder with --data-dir")
        }
        StoreError::Older { .. } => {
            plain("copy the folder to where you may write, and choose that with --data-dir")
        }
        StoreError::NotAStore { .. } => plain("choose another folder with --data-dir"),
        StoreError::Full => (
            "The disk is full".into(),
            "what was stored before stays and is sound".into(),
            "make room and do it again: nothing will be doubled".into(),
        ),
        StoreError::Disk(_) => plain(
            "is it full, or failing? what was stored before stays; make room and do it again: \
             nothing will be doubled",
        ),
        StoreError::ReadOnly => (
            "The store cannot be written to".into(),
            "its folder or disk is read-only".into(),
            "reading works; choose another folder with --data-dir to import".into(),
        ),
        StoreError::Busy | StoreError::IndexBusy => {
            plain("wait until it has finished, or close it")
        }
        StoreError::Index(_) => plain(
            "no message is lost; delete the folder search beside the store and it is made anew",
        ),
        StoreError::Open { .. } => plain("choose another folder with --data-dir"),
        StoreError::NoThread(_) => plain("`onebox threads` lists the ids"),
        StoreError::NoMessage(_) => plain("`onebox show THREAD --json` lists the ids"),
        StoreError::Order(_) | StoreError::Sqlite(_) | StoreError::Damaged(_) => {
            plain("`onebox doctor` checks the store")
        }
    }
}
