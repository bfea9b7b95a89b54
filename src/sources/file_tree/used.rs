//! Which files of a tree were used: what an export is, among whatever else lies beside it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// The places of files in their tree's list. Trees that are clones of each other share it.
#[derive(Clone, Debug, Default)]
pub struct Used(Arc<Mutex<HashSet<u32>>>);

impl Used {
    /// Notes a file.
    pub fn add(&self, at: usize) {
        if let Ok(at) = u32::try_from(at) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(at);
        }
    }

    /// How many files, and their sizes together.
    pub fn sum(&self, size: impl Fn(usize) -> u64) -> (u64, u64) {
        let used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = used.iter().map(|at| size(*at as usize));
        (used.len() as u64, bytes.fold(0, u64::saturating_add))
    }
}
