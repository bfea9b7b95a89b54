//! Recognises an export that was read to its end before and has not been touched since.
//!
//! Reading it once more could only find what is stored already: taking in twice changes nothing.
//! So it is skipped, but only if everything that had a part in the outcome is the same: every
//! file and its place, the program itself, what the person said, the zone of this machine. An
//! import that was cancelled, broke off or was killed leaves no mark and is never skipped; nor does
//! one that met an oddity, which may have been the disk's and not the export's.

use std::fs;
use std::hash::Hasher;
use std::time::{Duration, UNIX_EPOCH};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_64;

use super::detecting::Detected;
use super::importing::ImportOptions;
use crate::inbox::ImportSummary;
use crate::model::Timestamp;
use crate::store::Tally;

/// Names an export and what it would be read by.
pub struct Mark {
    /// This very program.
    pub program: String,
    /// The export and the options.
    pub export: String,
}

impl Mark {
    /// The mark; `None` if nothing can be promised.
    pub fn of(d: &Detected, options: &ImportOptions, now: Timestamp) -> Option<Self> {
        let tree = d.tree.stamp(now)?;
        let mut said = XxHash3_64::new();
        said.write(format!("{} {:?} {}", d.source.id, options.read, d.what).as_bytes());
        for at in zone_samples() {
            said.write(&options.read.zone.instant(at).0.to_le_bytes());
        }
        Some(Self { program: program()?, export: format!("{tree:032x}{:016x}", said.finish()) })
    }

    /// As one word.
    pub fn whole(&self) -> String {
        format!("{}{}", self.program, self.export)
    }
}

/// The summers and winters that an export can be from: this machine may have moved.
fn zone_samples() -> impl Iterator<Item = chrono::NaiveDateTime> {
    (2004..2060)
        .flat_map(|year| [1, 7].map(|month| NaiveDate::from_ymd_opt(year, month, 15)))
        .flatten()
        .map(|day| day.and_time(chrono::NaiveTime::MIN))
}

/// A newer program may read more out of the same files.
fn program() -> Option<String> {
    let meta = fs::metadata(std::env::current_exe().ok()?).ok()?;
    let built = meta.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("{}-{}-{}:", env!("CARGO_PKG_VERSION"), meta.len(), built.as_nanos()))
}

/// What came of an import.
#[derive(Serialize, Deserialize)]
pub struct Outcome {
    account: String,
    known_by: String,
    threads: u64,
    messages: u64,
    remarks: Vec<String>,
    /// Unknown where a program of before noted it.
    #[serde(default)]
    files: u64,
}

impl Outcome {
    /// To be remembered.
    pub fn of(tally: &Tally, remarks: &[String], files: u64) -> Self {
        Self {
            account: tally.account.clone(),
            known_by: tally.known_by.clone(),
            threads: tally.threads_added + tally.threads_known,
            messages: tally.messages_added + tally.messages_known,
            remarks: remarks.to_vec(),
            files,
        }
    }

    /// It was known who I am.
    pub fn says_who(&self) -> bool {
        !self.account.is_empty()
    }

    /// The summary of an import that would have found all of it again.
    pub fn again(self, d: &Detected, source: String, elapsed: Duration) -> ImportSummary {
        let known = self.says_who();
        let mut remarks = self.remarks;
        // Whom I was taken for was said the first time.
        remarks.retain(|remark| !known || !remark.contains("--me"));
        remarks.push(
            "nothing in it has changed since it was imported, so it was not read again".into(),
        );
        ImportSummary {
            id: d.source.id.to_owned(),
            source,
            account: self.account,
            known_by: self.known_by,
            files: self.files,
            threads_added: 0,
            threads_known: self.threads,
            messages_added: 0,
            messages_known: self.messages,
            oddities: 0,
            samples: Vec::new(),
            partial: false,
            locked: Vec::new(),
            remarks,
            elapsed,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::super::detecting::detect;
    use super::super::importing::{self, Progress};
    use super::*;
    use crate::policy::Rules;
    use crate::store::Store;

    /// Long after anything was written.
    const LATER: Timestamp = Timestamp(9_000_000_000_000);
    const THREAD: &str = "your_facebook_activity/messages/inbox/bo_1000000001";

    fn write(export: &Path, part: &str, texts: impl Iterator<Item = String>) {
        let messages: Vec<String> = texts
            .enumerate()
            .map(|(n, text)| {
                let at = 1_600_000_000_000 + n as u64;
                format!(r#"{{"sender_name": "Bo", "timestamp_ms": {at}, "content": "{text}"}}"#)
            })
            .collect();
        let json = format!(
            r#"{{"participants": [{{"name": "Bo"}}, {{"name": "Sam"}}], "title": "Bo",
                "messages": [{}]}}"#,
            messages.join(",")
        );
        let dir = export.join(THREAD);
        fs::create_dir_all(&dir).expect("a folder");
        fs::write(dir.join(part), json).expect("written");
    }

    fn import(store: &Store, export: &Path, options: &ImportOptions) -> ImportSummary {
        let rules = Rules::builtin().expect("rules");
        let found = detect(&[export.to_owned()], None).expect("an export");
        let progress = Progress::default();
        importing::import(store, &rules, found, options, &progress, LATER, &mut |_| {})
            .expect("an import")
            .remove(0)
    }

    fn skipped(s: &ImportSummary) -> bool {
        s.remarks.iter().any(|r| r.contains("not read again"))
    }

    #[test]
    fn an_export_that_nobody_touched_is_read_once() {
        let export = tempfile::tempdir().expect("a folder");
        let store = Store::in_memory().expect("a store");
        let options = ImportOptions::default();
        write(export.path(), "message_1.json", ["a", "b"].map(String::from).into_iter());
        let first = import(&store, export.path(), &options);
        assert_eq!((first.messages_added, skipped(&first)), (2, false));
        let second = import(&store, export.path(), &options);
        assert!(skipped(&second));
        assert_eq!((second.messages_added, second.messages_known), (0, 2));
        assert_eq!((second.threads_known, second.account), (1, first.account));

        write(export.path(), "message_2.json", std::iter::once("c".to_owned()));
        let third = import(&store, export.path(), &options);
        assert_eq!((third.messages_added, skipped(&third)), (1, false));
        assert!(skipped(&import(&store, export.path(), &options)));

        fs::create_dir_all(export.path().join(THREAD).join("photos")).expect("a folder");
        fs::write(export.path().join(THREAD).join("photos/1.jpg"), "").expect("written");
        assert!(!skipped(&import(&store, export.path(), &options)), "media appeared later");
    }

    #[test]
    fn other_options_read_it_anew() {
        let export = tempfile::tempdir().expect("a folder");
        let store = Store::in_memory().expect("a store");
        write(export.path(), "message_1.json", std::iter::once("a".to_owned()));
        let mut options = ImportOptions::default();
        import(&store, export.path(), &options);
        options.read.me = Some("Sam".into());
        assert!(!skipped(&import(&store, export.path(), &options)));
        assert!(!skipped(&import(&Store::in_memory().expect("a store"), export.path(), &options)));
    }

    #[test]
    fn what_was_cut_off_is_read_again() {
        let export = tempfile::tempdir().expect("a folder");
        let store = Store::in_memory().expect("a store");
        let options = ImportOptions::default();
        for part in 1..=9 {
            let texts = (0..3_000).map(|n| format!("{part} {n}"));
            write(export.path(), &format!("message_{part}.json"), texts);
        }
        let rules = Rules::builtin().expect("rules");
        let found = detect(&[export.path().to_owned()], None).expect("an export");
        let progress = Progress::default();
        let mut cancel = |_| progress.cancel();
        let cut = importing::import(&store, &rules, found, &options, &progress, LATER, &mut cancel)
            .expect("an import")
            .remove(0);
        assert!(cut.partial && cut.messages_added < 27_000);
        let whole = import(&store, export.path(), &options);
        assert!(!skipped(&whole));
        assert_eq!(cut.messages_added + whole.messages_added, 27_000);
        assert!(skipped(&import(&store, export.path(), &options)));
    }

    #[test]
    fn what_could_not_all_be_read_is_tried_again() {
        let export = tempfile::tempdir().expect("a folder");
        let store = Store::in_memory().expect("a store");
        let options = ImportOptions::default();
        write(export.path(), "message_1.json", std::iter::once("a".to_owned()));
        let broken = export.path().join(THREAD).join("message_2.json");
        fs::write(broken, r#"{"messages": [{"sender_name""#).expect("written");
        assert_eq!(import(&store, export.path(), &options).oddities, 1);
        assert!(!skipped(&import(&store, export.path(), &options)));
    }
}
