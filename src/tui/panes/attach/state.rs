//! Which files go along: the path that is typed, what completes it, and what is picked already.

use crate::inbox::Ticket;
use crate::model::ThreadId;
use crate::tui::composer::OneLine;

/// The popup.
#[derive(Clone, Debug, PartialEq)]
pub struct AttachState {
    /// The thread that they go to.
    pub thread: ThreadId,
    /// As typed.
    pub typed: OneLine,
    /// Paths that complete it; folders end in `/`.
    pub paths: Vec<String>,
    /// The ticket of the completion that is waited for.
    pub ticket: Ticket,
    /// What one stands on.
    pub chosen: Option<Item>,
    /// Why the last file cannot go, and what could be done.
    pub problem: Option<(String, String)>,
}

/// A row that one can stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// A file that goes along.
    File(usize),
    /// A completion.
    Path(usize),
}

impl AttachState {
    /// Nothing typed yet.
    pub fn new(thread: ThreadId) -> Self {
        Self {
            thread,
            typed: OneLine::default(),
            paths: Vec::new(),
            ticket: Ticket(0),
            chosen: None,
            problem: None,
        }
    }

    /// What was typed has changed.
    pub fn changed(&mut self) {
        (self.chosen, self.problem) = (None, None);
    }

    /// One row up or down: the files stand above the completions.
    pub fn choose(&mut self, files: usize, by: isize) {
        let all = files + self.paths.len();
        let Some(last) = all.checked_sub(1) else { return };
        let at = match self.chosen {
            Some(Item::File(n)) => n.saturating_add_signed(by),
            Some(Item::Path(n)) => (files + n).saturating_add_signed(by),
            // From the line that is typed: down to what completes it, up to what is picked.
            None if by < 0 => files.checked_sub(1).unwrap_or(last),
            None => files,
        };
        let at = at.min(last);
        self.chosen = Some(at.checked_sub(files).map_or(Item::File(at), Item::Path));
    }

    /// Takes the chosen completion, or as much as all of them share. True: it is a file's path.
    pub fn complete(&mut self) -> bool {
        let with = match self.chosen {
            Some(Item::Path(n)) => self.paths.get(n).cloned(),
            Some(Item::File(_)) | None => Some(shared_start(&self.paths)),
        };
        let chosen = matches!(self.chosen, Some(Item::Path(_)));
        let Some(with) = with.filter(|w| !w.is_empty()) else { return false };
        self.typed.complete(0, &with);
        self.changed();
        chosen && !with.ends_with('/')
    }

    /// A file was picked: the next one is often in the same folder.
    pub fn picked(&mut self) {
        let kept = self.typed.text().rfind('/').map_or(0, |i| i + 1);
        let folder = self.typed.text().get(..kept).unwrap_or_default().to_owned();
        self.typed = OneLine::default();
        self.typed.put(&folder);
        self.changed();
    }
}

/// What all of them begin with.
fn shared_start(paths: &[String]) -> String {
    let Some((first, rest)) = paths.split_first() else { return String::new() };
    let mut shared = first.as_str();
    for path in rest {
        let same = shared.chars().zip(path.chars()).take_while(|(a, b)| a == b);
        let end: usize = same.map(|(c, _)| c.len_utf8()).sum();
        shared = shared.get(..end).unwrap_or_default();
    }
    shared.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_walks_from_the_line_to_files_and_completions() {
        let mut s = AttachState::new(ThreadId(1));
        s.choose(0, 1);
        assert_eq!(s.chosen, None, "there is nothing to stand on");
        s.paths = vec!["/a/x.png".into(), "/a/xé/".into()];
        s.choose(1, 1);
        assert_eq!(s.chosen, Some(Item::Path(0)));
        s.choose(1, -1);
        assert_eq!(s.chosen, Some(Item::File(0)));
        s.choose(1, -1);
        assert_eq!(s.chosen, Some(Item::File(0)));
        s.choose(1, 9);
        assert_eq!(s.chosen, Some(Item::Path(1)));
    }

    #[test]
    fn completing_takes_what_is_shared_or_chosen_and_picking_keeps_the_folder() {
        let mut s = AttachState::new(ThreadId(1));
        s.paths = vec!["/a/xé.png".into(), "/a/xè/".into()];
        assert!(!s.complete());
        assert_eq!(s.typed.text(), "/a/x");
        s.choose(0, 1);
        assert!(s.complete(), "a file");
        assert_eq!(s.typed.text(), "/a/xé.png");
        s.picked();
        assert_eq!(s.typed.text(), "/a/");
        s.choose(0, 1);
        s.choose(0, 1);
        assert!(!s.complete(), "a folder");
        assert_eq!(s.typed.text(), "/a/xè/");
    }
}
