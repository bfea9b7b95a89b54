//! What is typed, what it finds, and which of it one stands on.

use crate::inbox::{FoundRow, Ticket};
use crate::search::Fuzzy;
use crate::tui::app::{App, Focus};
use crate::tui::command::{COMMANDS, Command, CommandInfo, Context, Group};
use crate::tui::composer::OneLine;

/// What is typed behind this sign is a command.
const SIGN: char = ':';

/// A thread or a command that is looked for by letters of its name.
#[derive(Clone, Debug, PartialEq)]
pub struct GoState {
    /// As typed.
    pub typed: OneLine,
    /// The pane that had the keys.
    pub from: Focus,
    /// Of the last question.
    pub ticket: Ticket,
    /// The threads that were found; `None`: nothing has been answered yet.
    pub threads: Option<Vec<FoundRow>>,
    /// How many there are in all.
    pub total: usize,
    /// The one that one stands on.
    pub chosen: usize,
    /// The first one on screen.
    pub top: usize,
}

/// A command that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// It.
    pub command: Command,
    /// Where it is done.
    pub context: Context,
    /// The letters in its help: ranges of bytes.
    pub marks: Vec<(usize, usize)>,
}

impl GoState {
    /// Nothing typed yet, but for the sign of a command.
    pub fn begin(from: Focus, commands: bool) -> Self {
        let mut typed = OneLine::default();
        if commands {
            typed.put(":");
        }
        let ticket = Ticket::default();
        Self { typed, from, ticket, threads: None, total: 0, chosen: 0, top: 0 }
    }

    /// Commands are looked for.
    pub fn is_commands(&self) -> bool {
        self.typed.text().starts_with(SIGN)
    }

    /// What was typed, without the sign.
    pub fn letters(&self) -> &str {
        self.typed.text().trim_start_matches(SIGN)
    }

    /// From threads to commands or back, with the same letters.
    pub fn turn(&mut self) {
        let sign = if self.is_commands() { "" } else { ":" };
        let turned = format!("{sign}{}", self.letters());
        self.typed.complete(0, &turned);
    }

    /// Something else is typed: from the first again.
    pub fn edited(&mut self) {
        (self.chosen, self.top) = (0, 0);
    }

    /// How many there are to choose from.
    pub fn count(&self, app: &App) -> usize {
        match self.is_commands() {
            true => self.commands(app).len(),
            false => self.threads.as_ref().map_or(0, Vec::len),
        }
    }

    /// Goes some rows on, where so many fit on the screen.
    pub fn step(&mut self, by: isize, count: usize, fits: usize) {
        self.chosen = self.chosen.saturating_add_signed(by).min(count.saturating_sub(1));
        self.top = self.first(fits);
    }

    /// The first row on a screen that so many fit on.
    pub fn first(&self, fits: usize) -> usize {
        self.top.min(self.chosen).max((self.chosen + 1).saturating_sub(fits.max(1)))
    }

    /// The commands that are found, best first; where nothing is typed, those of the pane that
    /// had the keys come first.
    pub fn commands(&self, app: &App) -> Vec<Listed> {
        let mut fuzzy = Fuzzy::new(self.letters());
        let mut found: Vec<(u32, bool, Listed)> = Vec::new();
        for info in COMMANDS.iter().filter(|i| i.command.is_found_by_name()) {
            let Some(context) = context(info, self.from, app) else { continue };
            // Its name in the keymap is known to whoever has changed a key.
            let Some(score) = fuzzy.score(&format!("{} {}", info.help, info.name)) else {
                continue;
            };
            let here = context == context_of(self.from) || context == Context::Global;
            let marks = fuzzy.marks(info.help);
            found.push((score, here, Listed { command: info.command, context, marks }));
        }
        // Among equals: what the pane itself does, what is done with threads, then the table's order.
        found.sort_by_key(|(score, here, listed)| {
            (std::cmp::Reverse(*score), !here, usual(listed.command.info().group))
        });
        found.into_iter().map(|(.., listed)| listed).collect()
    }
}

/// What is looked for by its name more often comes first.
fn usual(group: Group) -> u8 {
    match group {
        Group::Thread => 0,
        Group::Filter => 1,
        Group::Write => 2,
        Group::Program => 3,
        Group::Move => 4,
    }
}

/// The context of a pane.
pub fn context_of(focus: Focus) -> Context {
    match focus {
        Focus::Threads => Context::List,
        Focus::Transcript => Context::Transcript,
        Focus::Composer => Context::Composer,
    }
}

/// Where a command can be done from a pane: there, or in another one that is at hand.
fn context(info: &CommandInfo, from: Focus, app: &App) -> Option<Context> {
    let open = app.transcript.thread.is_some() || app.transcript.person.is_some();
    // What is open beside the list is what is selected there.
    let reading = open && (from != Focus::Threads || app.is_wide());
    let at_hand = |c: &Context| match c {
        Context::Global | Context::List => true,
        Context::Transcript => reading,
        Context::Composer => from == Focus::Composer,
        Context::Popup | Context::Import | Context::Search => false,
    };
    let own = context_of(from);
    let order = [own, Context::Global, Context::Transcript, Context::List];
    order.into_iter().find(|c| info.contexts.contains(c) && at_hand(c))
}
