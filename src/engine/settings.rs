//! The switches under which everything is judged.

use super::demo;
use crate::model::{Day, Timestamp};
use crate::policy::Rules;

/// What the command line and the settings file say.
pub struct Settings {
    /// The interop rules in force.
    pub rules: Rules,
    /// `--as-of`; `None`: today.
    pub as_of: Option<Day>,
    /// `--read-only`.
    pub read_only: bool,
    /// `--offline`.
    pub offline: bool,
    /// The demo inbox.
    pub demo: bool,
    /// Texts that their sender took back in a live thread are kept, out of sight.
    pub keep_deleted: bool,
}

impl Settings {
    /// No switch is set: as the program stands when it is started with nothing.
    pub fn plain(rules: Rules) -> Self {
        Self {
            rules,
            as_of: None,
            read_only: false,
            offline: false,
            demo: false,
            keep_deleted: false,
        }
    }

    /// The day that is judged.
    pub fn day(&self) -> Day {
        self.as_of.unwrap_or_else(|| if self.demo { demo::today() } else { super::today() })
    }

    /// Where the clock stands, if not where everybody's does.
    pub fn clock(&self) -> Option<Timestamp> {
        self.demo.then(demo::now)
    }
}
