//! The labels of some threads: which there are, which are on, and what is typed.

use super::view::HEAD;
use crate::inbox::ThreadRow;
use crate::tui::app::App;
use crate::tui::composer::OneLine;

/// Characters that a new label has at most.
const LONGEST: usize = 60;

/// On which of the threads a label is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// On none of them.
    None,
    /// On some.
    Some,
    /// On every one.
    All,
}

/// A line of the sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The label.
    pub name: String,
    /// Where it is on.
    pub on: On,
    /// How many threads have it, here or elsewhere.
    pub count: u64,
    /// It does not exist yet.
    pub new: bool,
}

/// The sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LabelsState {
    /// The threads.
    pub targets: Vec<ThreadRow>,
    /// What is typed: narrows the labels, or names a new one.
    pub typed: OneLine,
    /// The choice that one stands on.
    pub chosen: usize,
}

impl LabelsState {
    /// The labels of these threads.
    pub fn of(targets: Vec<ThreadRow>) -> Self {
        Self { targets, ..Self::default() }
    }

    /// Types or pastes.
    pub fn put(&mut self, text: &str) {
        self.typed.put(text);
        self.edited();
    }

    /// What is typed has changed.
    pub fn edited(&mut self) {
        self.chosen = 0;
    }

    /// What can be chosen, given the labels that exist: those that hold what is typed, then what
    /// is typed as a new one.
    pub fn choices(&self, known: &[(String, u64)]) -> Vec<Choice> {
        let typed = self.typed.text().trim();
        let lower = typed.to_lowercase();
        let mut names: Vec<(String, u64)> = known.to_vec();
        for name in self.targets.iter().flat_map(|r| &r.labels) {
            if !names.iter().any(|(n, _)| n == name) {
                names.push((name.clone(), 0));
            }
        }
        names.sort();
        let exact = names.iter().any(|(n, _)| *n == typed);
        let mut out: Vec<Choice> = names
            .into_iter()
            .filter(|(n, _)| n.to_lowercase().contains(&lower))
            .map(|(name, count)| Choice { on: self.on(&name), name, count, new: false })
            .collect();
        // What begins so comes first: it is likelier meant.
        out.sort_by_key(|c| !c.name.to_lowercase().starts_with(&lower));
        if !typed.is_empty() && !exact {
            let name = typed.chars().take(LONGEST).collect();
            out.push(Choice { name, on: On::None, count: 0, new: true });
        }
        out
    }

    fn on(&self, name: &str) -> On {
        let with = self.targets.iter().filter(|r| r.labels.iter().any(|l| l == name)).count();
        match with {
            0 => On::None,
            n if n == self.targets.len() => On::All,
            _ => On::Some,
        }
    }

    /// Goes some choices on.
    pub fn step(&mut self, by: isize, app: &App) {
        let last = self.choices(&app.counts.labels).len().saturating_sub(1);
        self.chosen = self.chosen.saturating_add_signed(by).min(last);
    }

    /// Chooses what stands in a line of the sheet. False: nothing.
    pub fn click(&mut self, line: usize, app: &App) -> bool {
        let at = line.checked_sub(HEAD);
        let at = at.filter(|at| *at < self.choices(&app.counts.labels).len());
        self.chosen = at.unwrap_or(self.chosen);
        at.is_some()
    }

    /// Puts the chosen label on, or takes it off where it is on everywhere.
    pub fn toggle(&mut self, known: &[(String, u64)]) -> Option<(String, bool)> {
        let choice = self.choices(known).into_iter().nth(self.chosen)?;
        let on = choice.on != On::All;
        for row in &mut self.targets {
            row.labels.retain(|l| *l != choice.name);
            if on {
                row.labels.push(choice.name.clone());
                row.labels.sort();
            }
        }
        if choice.new {
            self.typed = OneLine::default();
            let now = self.choices(known);
            self.chosen = now.iter().position(|c| c.name == choice.name).unwrap_or(0);
        }
        Some((choice.name, on))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::panes::threads::a_row as row;

    fn labelled(id: i64, labels: &[&str]) -> ThreadRow {
        ThreadRow { labels: labels.iter().map(ToString::to_string).collect(), ..row(id) }
    }

    #[test]
    fn marks_tell_on_off_and_mixed() {
        let mut s = LabelsState::of(vec![labelled(1, &["a", "b"]), labelled(2, &["b"])]);
        let known = [("a".to_owned(), 4), ("b".to_owned(), 2), ("c".to_owned(), 1)];
        let on: Vec<On> = s.choices(&known).iter().map(|c| c.on).collect();
        assert_eq!(on, [On::Some, On::All, On::None]);
        // Mixed becomes all, all becomes none.
        assert_eq!(s.toggle(&known), Some(("a".into(), true)));
        assert_eq!(s.toggle(&known), Some(("a".into(), false)));
    }

    #[test]
    fn typing_narrows_and_names_a_new_one() {
        let mut s = LabelsState::of(vec![labelled(1, &[])]);
        let known = [("Far family".to_owned(), 1), ("family".to_owned(), 4)];
        s.put("fam");
        let names: Vec<String> = s.choices(&known).into_iter().map(|c| c.name).collect();
        assert_eq!(names, ["family", "Far family", "fam"]);
        s.chosen = 2;
        assert_eq!(s.toggle(&known), Some(("fam".into(), true)));
        assert!(s.typed.text().is_empty());
        assert_eq!(s.toggle(&known), Some(("fam".into(), false)), "one stands on it");
    }
}
