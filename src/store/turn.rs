//! Whose turn it is to write. SQLite lets one write at a time and makes the others ask again and
//! again, so that an import that writes for minutes would be back before anybody else was in. Here
//! who has little to write says so, and who has much to write looks, and steps back for a moment.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use super::{Import, StoreError, settle};

/// The file beside the store.
const NAME: &str = "turn";
/// How long who writes much steps back: who wished may have been stopped.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long it waits between two looks.
const LOOK: Duration = Duration::from_micros(200);
/// After so many rows it is looked whether others want to write: about every millisecond.
const LOOK_AFTER: u32 = 32;

/// A writer's place in the queue. A lock of the system on a file that holds nothing: whoever dies
/// has wished for nothing. Where files cannot be locked nobody steps back, and SQLite's own
/// patience remains.
pub struct Turn(File);

impl Turn {
    /// In the folder of a store.
    pub fn of(dir: &Path) -> Option<Self> {
        private(&dir.join(NAME)).map(Self)
    }

    /// Wishes to write, until it is dropped or forgone.
    pub fn wish(&self) {
        if let Err(e) = self.0.lock_shared() {
            log::debug!("a writer could not queue: {e}");
        }
    }

    /// Wishes nothing any more.
    pub fn forgo(&self) {
        if let Err(e) = self.0.unlock() {
            log::debug!("a writer could not leave the queue: {e}");
        }
    }

    /// Whether anybody else wishes to write.
    pub fn is_wished(&self) -> bool {
        match self.0.try_lock() {
            Ok(()) => {
                self.forgo();
                false
            }
            Err(TryLockError::WouldBlock) => true,
            Err(TryLockError::Error(_)) => false,
        }
    }

    /// Waits until everybody else has written, for a while.
    pub fn give_way(&self) {
        let begun = Instant::now();
        while self.is_wished() && begun.elapsed() < PATIENCE {
            std::thread::park_timeout(LOOK);
        }
    }
}

/// An import under way. Others see it by a lock that goes with the process, so that one that runs
/// is not taken for one that was killed.
pub struct Importing {
    /// Locked as long as it is open.
    _file: File,
}

impl Importing {
    /// The file beside the store.
    const NAME: &str = "importing";

    /// In the folder of a store: from now on, until it is dropped.
    pub fn begin(dir: &Path) -> Option<Self> {
        let file = private(&dir.join(Self::NAME))?;
        file.lock_shared().ok().map(|()| Self { _file: file })
    }

    /// Whether an import runs in a store of this folder.
    pub fn is_under_way(dir: &Path) -> bool {
        let busy = |file: File| matches!(file.try_lock(), Err(TryLockError::WouldBlock));
        private(&dir.join(Self::NAME)).is_some_and(busy)
    }
}

fn private(path: &Path) -> Option<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|e| log::debug!("{}: {e}", path.display())).ok()
}

/// How a writer asks SQLite again: often at first, since who has the lock steps back.
pub fn ask_again(times: i32) -> bool {
    const OFTEN: i32 = 1_000;
    let pause = if times < OFTEN { 1 } else { 10 };
    std::thread::park_timeout(Duration::from_millis(pause));
    // Ten seconds in all.
    times < OFTEN + 900
}

/// How one asks who comes back later anyway: for a quarter of a second.
pub fn ask_briefly(times: i32) -> bool {
    std::thread::park_timeout(Duration::from_millis(1));
    times < 250
}

impl Import<'_> {
    /// Makes the rows of threads agree with what was told of them.
    pub(super) fn refresh_touched(&mut self) -> Result<(), StoreError> {
        for i in 0..self.strands.len() {
            self.flush(i)?;
        }
        while let Some(thread) = self.touched.pop_first() {
            settle::refresh(self.db, thread, self.now)?;
            self.breathe()?;
        }
        Ok(())
    }

    /// Lets others write who wait. Rows of threads may not be worked out yet: whoever finds this
    /// import killed works out all of them.
    pub(super) fn breathe(&mut self) -> Result<(), StoreError> {
        self.since += 1;
        if self.since < LOOK_AFTER {
            return Ok(());
        }
        self.since = 0;
        let Some(turn) = self.turn.filter(|t| t.is_wished()) else { return Ok(()) };
        for i in 0..self.strands.len() {
            self.flush(i)?;
        }
        settle::set_rows_unsettled(self.db)?;
        self.db.execute_batch("COMMIT")?;
        self.open = false;
        turn.give_way();
        self.begin()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_wishes_is_seen_until_they_have_written() {
        let dir = tempfile::tempdir().unwrap();
        let (import, live, other) =
            (Turn::of(dir.path()).unwrap(), Turn::of(dir.path()).unwrap(), Turn::of(dir.path()));
        assert!(!import.is_wished());
        live.wish();
        assert!(import.is_wished());
        // Two may wish at once.
        let other = other.unwrap();
        other.wish();
        live.forgo();
        assert!(import.is_wished());
        drop(other);
        assert!(!import.is_wished());
    }

    #[test]
    fn nobody_is_waited_for_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let (import, hung) = (Turn::of(dir.path()).unwrap(), Turn::of(dir.path()).unwrap());
        hung.wish();
        let begun = Instant::now();
        import.give_way();
        assert!(begun.elapsed() >= PATIENCE);
    }
}
