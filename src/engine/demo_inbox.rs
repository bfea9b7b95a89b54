//! Fills a memory store with the demo: the bundled exports, read by the same readers as anyone's.

use std::path::PathBuf;

use super::importing::{self, ImportOptions, Progress};
use super::{EngineError, demo};
use crate::policy::Rules;
use crate::sources::{ReadOptions, Zone};
use crate::store::Store;

/// Imports the demo's exports.
pub fn load(store: &Store, rules: &Rules) -> Result<(), EngineError> {
    let trees: Vec<_> = demo::demo_trees().into_iter().map(|t| (PathBuf::new(), t)).collect();
    let found = super::detecting::detect_in(&trees, None)?;
    let options = ImportOptions {
        read: ReadOptions {
            // The same inbox on every machine, at the hours at which it was written.
            zone: Zone::Local,
            me: Some(demo::ME.to_owned()),
            ..ReadOptions::default()
        },
        ..ImportOptions::default()
    };
    importing::import(
        store,
        rules,
        found,
        &options,
        &Progress::default(),
        demo::now(),
        &mut |_| {},
    )?;
    Ok(())
}
