//! Importing from inside the app: a path that completes, progress, a report.

use std::path::PathBuf;
use std::time::Duration;

use super::choice::Choice;
use crate::inbox::{ExportKey, ImportProgress, ImportSummary, Ticket};
use crate::model::{AccountId, Locked};
use crate::tui::composer::OneLine;
use crate::tui::panes::secret::Secret;

/// Where an import stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A path is being typed.
    Path,
    /// The engine looks for exports there.
    Looking,
    /// It found several: some of them are wanted.
    Choose(Choice),
    /// The engine reads.
    Running {
        /// The latest word from it.
        progress: Option<ImportProgress>,
        /// Esc was pressed once; the person is asked.
        asking: bool,
        /// The cancellation is on its way.
        stopping: bool,
    },
    /// Something there is locked: its key is being typed.
    Key {
        /// What is locked, and by what.
        locked: Locked,
        /// As typed.
        secret: Secret,
        /// What came of the rest.
        summaries: Vec<ImportSummary>,
    },
    /// It ended.
    Report {
        /// One a source.
        summaries: Vec<ImportSummary>,
        /// Rows scrolled down.
        scroll: usize,
        /// Accounts in which nobody is known to be me, with their titles: to be asked about.
        open: Vec<(AccountId, String)>,
    },
}

/// The popup.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportState {
    /// Where it stands.
    pub step: Step,
    /// As typed.
    pub typed: OneLine,
    /// Paths that complete it.
    pub paths: Vec<String>,
    /// The chosen one of them.
    pub chosen: Option<usize>,
    /// The ticket of the completion that is waited for.
    pub ticket: Ticket,
    /// The ticket of the look for exports that is waited for.
    pub look: Ticket,
    /// What is being imported.
    pub wanted: Vec<PathBuf>,
    /// Only these of what is found there; `None`: all.
    pub only: Option<Vec<ExportKey>>,
    /// Why Enter did nothing.
    pub complaint: &'static str,
}

impl Default for ImportState {
    fn default() -> Self {
        Self {
            step: Step::Path,
            typed: OneLine::default(),
            paths: Vec::new(),
            chosen: None,
            ticket: Ticket(0),
            look: Ticket(0),
            wanted: Vec::new(),
            only: None,
            complaint: "",
        }
    }
}

impl ImportState {
    /// A line is being typed: a path, a key.
    pub fn takes_text(&self) -> bool {
        matches!(self.step, Step::Path | Step::Key { .. })
    }

    /// Puts text in at the cursor; dropped and pasted paths lose their quotes and escapes.
    pub fn paste(&mut self, text: &str) {
        if self.typed.text().is_empty() {
            self.typed.put(&paths(text).join(" ; "));
        } else {
            self.typed.put(text);
        }
        self.changed();
    }

    /// Types a character.
    pub fn push(&mut self, c: char) {
        self.typed.put(c.encode_utf8(&mut [0; 4]));
        self.changed();
    }

    /// What was typed has changed.
    pub fn changed(&mut self) {
        self.chosen = None;
        self.complaint = "";
    }

    /// What to complete: the last path that is being typed.
    pub fn completing(&self) -> &str {
        self.typed.text().rsplit(" ; ").next().unwrap_or("")
    }

    /// Chooses among the completions.
    pub fn choose(&mut self, by: isize) {
        if self.paths.is_empty() {
            return;
        }
        let last = self.paths.len() - 1;
        self.chosen = Some(match self.chosen {
            None if by < 0 => last,
            None => 0,
            Some(at) => at.saturating_add_signed(by).min(last),
        });
    }

    /// Takes the chosen completion, or as much as all of them share.
    pub fn complete(&mut self) -> bool {
        let shared = shared_start(&self.paths);
        let with = match self.chosen.and_then(|i| self.paths.get(i)) {
            Some(path) => path.clone(),
            None => shared,
        };
        if with.is_empty() || with == self.completing() {
            return false;
        }
        let kept = self.typed.text().len() - self.completing().len();
        self.typed.complete(kept, &with);
        self.changed();
        true
    }

    /// The paths to import. Empty: none typed.
    pub fn targets(&self) -> Vec<PathBuf> {
        self.typed
            .text()
            .split(" ; ")
            .flat_map(paths)
            .map(|p| PathBuf::from(p.trim()))
            .filter(|p| !p.as_os_str().is_empty())
            .collect()
    }
}

fn shared_start(paths: &[String]) -> String {
    let Some((first, rest)) = paths.split_first() else { return String::new() };
    let mut end = first.len();
    for path in rest {
        end = first
            .char_indices()
            .zip(path.chars())
            .find(|((_, a), b)| a != b)
            .map_or(path.len().min(end), |((i, _), _)| i.min(end));
    }
    while !first.is_char_boundary(end) {
        end -= 1;
    }
    first[..end].to_owned()
}

/// Reads what terminals paste when files are dropped on them: quoted, escaped, `file://`, several.
/// A path with bare spaces, typed or copied from a file manager, is one path.
pub fn paths(pasted: &str) -> Vec<String> {
    let pasted: String =
        pasted.trim().chars().map(|c| if c.is_control() { '\n' } else { c }).collect();
    let lines: Vec<&str> = pasted.split('\n').map(str::trim).filter(|l| !l.is_empty()).collect();
    lines.into_iter().flat_map(one_line).collect()
}

fn one_line(line: &str) -> Vec<String> {
    let words = shell_words(line);
    let looks_dropped = words.len() > 1
        && words.iter().all(|w| w.starts_with('/') || w.starts_with("~/") || is_file_url(w));
    let quoted = line.starts_with(['\'', '"']);
    if looks_dropped || (quoted && !words.is_empty()) {
        return words.iter().map(|w| from_url(w)).collect();
    }
    if is_file_url(line) {
        return vec![from_url(line)];
    }
    // Bare spaces belong to the path; escaped ones lose their backslash.
    let escaped = line.contains("\\ ") && words.len() == 1;
    vec![if escaped { words.concat() } else { line.to_owned() }]
}

fn is_file_url(word: &str) -> bool {
    word.starts_with("file://")
}

fn from_url(word: &str) -> String {
    let Some(rest) = word.strip_prefix("file://") else { return word.to_owned() };
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    let (bytes, mut out, mut i) = (path.as_bytes(), Vec::new(), 0);
    while let Some(&b) = bytes.get(i) {
        let hex = (b == b'%')
            .then(|| path.get(i + 1..i + 3).and_then(|h| u8::from_str_radix(h, 16).ok()))
            .flatten();
        out.push(hex.unwrap_or(b));
        i += if hex.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn shell_words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut begun) = (Vec::new(), String::new(), None, false);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), _) if c == q => quote = None,
            (Some('\''), _) => word.push(c),
            (None, '\'' | '"') => (quote, begun) = (Some(c), true),
            (_, '\\') => word.extend(chars.next()),
            (None, ' ') => {
                if begun || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            _ => word.push(c),
        }
    }
    if begun || !word.is_empty() {
        words.push(word);
    }
    words
}

/// How far, how fast, how long still.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// 0 to 1; `None`: unknown.
    pub done: Option<f64>,
    /// Messages a second.
    pub rate: u64,
    /// How long still, once that can be told.
    pub left: Option<Duration>,
}

/// The pace of an import.
pub fn pace(p: &ImportProgress) -> Pace {
    let seconds = p.elapsed.as_secs_f64();
    let done =
        (p.bytes_total > 0).then(|| (p.bytes_done as f64 / p.bytes_total as f64).clamp(0.0, 1.0));
    let rate = if seconds > 0.0 { (p.messages as f64 / seconds) as u64 } else { 0 };
    let left = done
        .filter(|d| seconds >= 1.0 && *d > 0.01)
        .map(|d| seconds * (1.0 - d) / d)
        .and_then(|s| Duration::try_from_secs_f64(s).ok());
    Pace { done, rate, left }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dropped_and_pasted_paths() {
        for (pasted, expected) in [
            ("/home/me/fb.zip", vec!["/home/me/fb.zip"]),
            ("'/home/me/my export.zip' ", vec!["/home/me/my export.zip"]),
            ("\"/home/me/my export.zip\"", vec!["/home/me/my export.zip"]),
            ("/home/me/my\\ export.zip", vec!["/home/me/my export.zip"]),
            ("/home/me/my export.zip", vec!["/home/me/my export.zip"]),
            ("file:///home/me/my%20export%C3%A9.zip", vec!["/home/me/my exporté.zip"]),
            ("file://localhost/tmp/a.zip", vec!["/tmp/a.zip"]),
            ("'/a/1.zip' '/a/2.zip'", vec!["/a/1.zip", "/a/2.zip"]),
            ("/a/1.zip /a/2.zip", vec!["/a/1.zip", "/a/2.zip"]),
            ("/a/1.zip\n/a/2 b.zip\n", vec!["/a/1.zip", "/a/2 b.zip"]),
            ("/a/it's.zip", vec!["/a/it's.zip"]),
            ("~/Downloads/x", vec!["~/Downloads/x"]),
            ("", vec![]),
        ] {
            assert_eq!(paths(pasted), expected, "{pasted}");
        }
    }

    #[test]
    fn completion_takes_what_is_shared_then_what_is_chosen() {
        let mut s = ImportState::default();
        s.paste("/ho");
        s.paths = vec!["/home/a.zip".into(), "/home/ab/".into()];
        assert!(s.complete());
        assert_eq!(s.typed.text(), "/home/a");
        s.choose(1);
        s.choose(1);
        assert!(s.complete());
        assert_eq!(s.typed.text(), "/home/ab/");
        s.typed.delete_part();
        assert_eq!(s.typed.text(), "/home/");
        assert_eq!(s.targets(), vec![PathBuf::from("/home/")]);
    }

    #[test]
    fn several_targets() {
        let mut s = ImportState::default();
        s.paste("'/a/1 x.zip' '/a/2.zip'");
        assert_eq!(s.targets(), vec![PathBuf::from("/a/1 x.zip"), PathBuf::from("/a/2.zip")]);
    }

    #[test]
    fn the_pace_is_told_once_it_is_known() {
        let mut p = ImportProgress {
            what: String::new(),
            bytes_done: 0,
            bytes_total: 0,
            messages: 0,
            oddities: 0,
            elapsed: Duration::ZERO,
        };
        assert_eq!(pace(&p), Pace { done: None, rate: 0, left: None });
        (p.bytes_done, p.bytes_total, p.messages) = (250, 1000, 5000);
        p.elapsed = Duration::from_secs(10);
        let now = pace(&p);
        assert_eq!((now.rate, now.left), (500, Some(Duration::from_secs(30))));
    }

    proptest! {
        #[test]
        fn any_paste_is_survived(text in ".{0,60}", more in "[/ '\"\\\\%a-zé]{0,40}") {
            let mut s = ImportState::default();
            s.paste(&text);
            s.paste(&more);
            s.paths = paths(&more);
            s.choose(-1);
            s.complete();
            s.typed.delete_part();
            prop_assert!(!s.typed.text().contains(char::is_control));
            let _ = s.targets();
        }
    }
}
