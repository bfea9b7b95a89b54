//! What is told of a container that is damaged, locked or hostile; bounded, however bad it is.

use std::io;
use std::path::Path;

use crate::model::Oddity;

use super::{TreeError, shown};

const KEPT: usize = 200;

/// Collects oddities: the first ones in full, of the rest the number.
#[derive(Default)]
pub(super) struct Complaints {
    kept: Vec<Oddity>,
    more: u64,
}

impl Complaints {
    pub(super) fn add(&mut self, file: &str, why: &str) {
        if self.kept.len() < KEPT {
            // A name inside a zip may be 64 KiB of anything.
            let file: String = file.chars().take(300).collect();
            self.kept.push(Oddity::file(file, why));
        } else {
            self.more += 1;
        }
    }

    pub(super) fn into_oddities(mut self) -> Vec<Oddity> {
        if self.more > 0 {
            self.kept.push(Oddity::file("", format!("{} more files were left out", self.more)));
        }
        self.kept
    }
}

/// The system's refusal with what to do about it.
pub(super) fn io(path: &Path, why: io::Error) -> TreeError {
    let advice = match why.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder: check the spelling",
        io::ErrorKind::PermissionDenied => "onebox may not read it: check its permissions",
        _ => return TreeError::Io { path: shown(path), why },
    };
    TreeError::Io { path: shown(path), why: io::Error::new(why.kind(), advice) }
}

pub(super) fn container(path: &Path, why: &str) -> TreeError {
    TreeError::Container { path: shown(path), why: why.to_owned() }
}
