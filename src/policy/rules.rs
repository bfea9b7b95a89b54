//! The rules in force: the built-in ones, and what the person's own file adds or replaces.

use crate::model::{Day, SourceId};

use super::rule::{App, Existing, LinkRule, Rule, RuleKind};
use super::shape::{self, RulesFile};

const BUILTIN: &str = include_str!("../../assets/rules.toml");

/// What is wrong with a rules file, and on which line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct RulesError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, in words for people.
    pub what: String,
}

impl RulesError {
    pub(super) fn new(line: usize, what: impl Into<String>) -> Self {
        Self { line, what: what.into() }
    }
}

/// A stretch in which an app's chats could cross to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrossAppSpan {
    /// The other app.
    pub other: SourceId,
    /// When it began.
    pub opened: Day,
    /// When it was over.
    pub closed: Day,
    /// The ended threads stay with this app (the first that the rule names).
    pub kept_here: bool,
}

/// Interop rules, apps' names and hand-off links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    apps: Vec<App>,
    links: Vec<LinkRule>,
    rules: Vec<Rule>,
}

impl Rules {
    /// The rules that onebox comes with.
    ///
    /// # Errors
    /// If the embedded file is broken; a test proves that it is not.
    pub fn builtin() -> Result<Self, RulesError> {
        let none = Self { apps: Vec::new(), links: Vec::new(), rules: Vec::new() };
        none.with(shape::read(BUILTIN, false)?)
    }

    /// Adds the person's own file. An app or rule of a known id is replaced as a whole; links of
    /// an app replace all links of that app.
    ///
    /// # Errors
    /// Says what is wrong with the file, and on which line.
    pub fn with_user(self, toml: &str) -> Result<Self, RulesError> {
        self.with(shape::read(toml, true)?)
    }

    fn with(mut self, file: RulesFile) -> Result<Self, RulesError> {
        for app in file.apps {
            replace_or_push(&mut self.apps, app, |a, b| a.id == b.id);
        }
        self.links.retain(|old| file.links.iter().all(|new| new.app != old.app));
        self.links.extend(file.links);
        let named: Vec<(String, usize)> = file
            .rules
            .iter()
            .filter_map(|(r, line)| r.superseded_by.clone().map(|id| (id, *line)))
            .collect();
        for (rule, _) in file.rules {
            replace_or_push(&mut self.rules, rule, |a, b| a.id == b.id);
        }
        for (id, line) in named {
            if !self.rules.iter().any(|r| r.id == id) {
                let what = format!("`superseded_by` names `{id}`, which is no rule");
                return Err(RulesError::new(line, what));
            }
        }
        Ok(self)
    }

    /// Every rule, in the order of the files.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of that id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|r| r.id == id)
    }

    /// The apps that the files name.
    pub fn apps(&self) -> &[App] {
        &self.apps
    }

    /// How an app is named. One that no file names goes by its slug.
    pub fn app(&self, id: &SourceId) -> App {
        self.apps.iter().find(|a| a.id == *id).cloned().unwrap_or_else(|| App::unknown(id))
    }

    /// The stretches in which chats between an app and another were possible and then ended:
    /// where to look for threads that crossed without being marked.
    pub fn cross_app_spans(&self, home: &SourceId) -> Vec<CrossAppSpan> {
        let ended = self.rules.iter().filter(|r| {
            r.kind == RuleKind::Closes
                && r.existing == Existing::ReadOnly
                && r.superseded_by.is_none()
                && r.apps.len() == 2
                && r.apps.contains(home)
        });
        let mut out: Vec<CrossAppSpan> = Vec::new();
        for rule in ended {
            let (Some(when), Some(other)) = (rule.when, rule.apps.iter().find(|a| *a != home))
            else {
                continue;
            };
            let same = |r: &&Rule| r.apps.contains(home) && r.apps.contains(other);
            let opens = self.rules.iter().filter(|r| r.kind == RuleKind::Opens).filter(same);
            let opened = opens.filter_map(|r| r.when).map(|w| w.from).min();
            if out.iter().all(|s| s.other != *other) {
                out.push(CrossAppSpan {
                    other: other.clone(),
                    opened: opened.unwrap_or(Day(chrono::NaiveDate::MIN)),
                    closed: when.to,
                    kept_here: rule.apps.first() == Some(home),
                });
            }
        }
        out
    }

    /// Whether a phone number is enough to begin a conversation in an app.
    pub fn takes_numbers(&self, app: &SourceId) -> bool {
        self.links(app).any(|l| l.needs == super::rule::Needs::Phone)
    }

    pub(super) fn links<'a>(&'a self, app: &'a SourceId) -> impl Iterator<Item = &'a LinkRule> {
        self.links.iter().filter(move |l| l.app == *app)
    }
}

fn replace_or_push<T>(list: &mut Vec<T>, new: T, same: impl Fn(&T, &T) -> bool) {
    match list.iter_mut().find(|old| same(old, &new)) {
        Some(old) => *old = new,
        None => list.push(new),
    }
}
