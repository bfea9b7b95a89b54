//! Makes exports out of a seed: the same seed gives the same bytes, on every machine.
//!
//! The vocabulary is invented; sizes, bursts, scripts, media and reactions follow real inboxes. No
//! media file is written: every one that a message names is missing, as in an export without media.

mod chance;
mod messenger;
mod place;
mod thread;
mod whatsapp;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

pub use chance::Chance;
pub use thread::{GIANT, ME};
pub use words::{RARE, SPACED, Words};

use place::Place;

/// What is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A folder of Messenger's JSON.
    MessengerFolder,
    /// The same files in a deflated zip.
    MessengerZip,
    /// A folder of WhatsApp's texts.
    WhatsApp,
}

/// Makes an export below `dir` unless it is there already; gives its path.
pub fn export(dir: &Path, form: Form, messages: u64, seed: u64) -> Result<PathBuf> {
    let name = match form {
        Form::MessengerFolder => "messenger",
        Form::MessengerZip => "messenger.zip",
        Form::WhatsApp => "whatsapp",
    };
    let dir = dir.join(format!("{messages}-{seed}"));
    let path = dir.join(name);
    if path.exists() {
        return Ok(path);
    }
    fs::create_dir_all(&dir)?;
    let unfinished = dir.join(format!("{name}.part"));
    if unfinished.is_dir() {
        fs::remove_dir_all(&unfinished)?;
    }
    let words = Words::new(seed);
    let threads = thread::threads(seed, messages, &words);
    let mut place = match form {
        Form::MessengerZip => Place::zip(&unfinished)?,
        Form::MessengerFolder | Form::WhatsApp => Place::Folder(unfinished.clone()),
    };
    match form {
        Form::WhatsApp => whatsapp::write(&mut place, &threads, seed, &words)?,
        Form::MessengerFolder | Form::MessengerZip => {
            messenger::write(&mut place, &threads, seed, &words)?;
        }
    }
    place.finish()?;
    fs::rename(unfinished, &path)?;
    Ok(path)
}
