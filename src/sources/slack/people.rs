//! Who is who in a workspace, and which of them is me.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use super::channel::Listed;
use super::{HEAD, PEOPLE, is_day};
use crate::model::{AccountRecord, ThreadKind};
use crate::sources::json::{ITEM, Listener, Want, brief, flag, member, walk};
use crate::sources::{FileTree, ReadOptions, Sink, Stop, parted};

/// People that are kept; no workspace comes near.
const MOST: usize = 200_000;
/// Longer ids there are not.
const ID: usize = 64;
/// Days that are asked of which workspace they are, where no list of people says it.
const DAYS: usize = 64;
/// What stands before a workspace's id in a message, and whether that is a field: of its author,
/// of a file's address.
const NAMED: [(&[u8], bool); 4] = [
    (b"\"team\"", true),
    (b"\"team_id\"", true),
    (b"files.slack.com/files-pri/", false),
    (b"files.slack.com\\/files-pri\\/", false),
];
/// So many conversations between few must have one person in common, for that one to be me.
const PROOF: usize = 3;

const EARLIER: &str = "your name in earlier imports";

/// Somebody of the workspace.
#[derive(Clone, Debug, Default)]
struct Person {
    /// As Slack shows them.
    name: String,
    /// Everything by which they may be called: name, real name, handle, mail address.
    called: Vec<String>,
    deleted: bool,
    bot: bool,
}

/// The people of an export, and me.
#[derive(Debug, Default)]
pub struct People {
    all: HashMap<Arc<str>, Person>,
    /// Programs by the ids under which they write (`B…`).
    bots: HashMap<String, Arc<str>>,
    /// Channels by their ids, for mentions of them.
    pub channels: HashMap<String, String>,
    teams: HashMap<String, u64>,
    me: Option<Arc<str>>,
    /// What I am called, where nobody is listed.
    my_name: Option<String>,
    known_by: &'static str,
    remarks: Vec<String>,
}

/// The people of a workspace.
pub fn read(tree: &FileTree, sink: &mut dyn Sink) -> Result<People, Stop> {
    let mut people = People::default();
    for entry in PEOPLE.iter().filter_map(|name| tree.find(name)) {
        walk(tree, entry, &mut people, sink)?;
    }
    if people.teams.is_empty() {
        people.teams = teams_of_days(tree);
    }
    Ok(people)
}

/// A workspace's id: behind what names it.
fn team_at(rest: &[u8], quoted: bool) -> Option<String> {
    let value = match quoted {
        true => {
            rest.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"\"")?
        }
        false => rest,
    };
    let of_id = |b: &&u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    let id: String = value.iter().take_while(of_id).take(ID).map(|b| char::from(*b)).collect();
    (id.len() > 1 && id.starts_with(['T', 'E'])).then_some(id)
}

/// The workspaces that the first messages of some days name as their authors'. Two workspaces
/// have channels of the same name, and folders alone do not tell them apart.
fn teams_of_days(tree: &FileTree) -> HashMap<String, u64> {
    let mut teams = HashMap::new();
    let days = tree.entries().iter().filter(|e| is_day(parted(&e.path).1));
    for entry in days.take(DAYS) {
        let head = tree.head(entry, HEAD).unwrap_or_default();
        for (begin, quoted) in NAMED {
            for at in memchr::memmem::find_iter(&head, begin) {
                let rest = head.get(at + begin.len()..).unwrap_or_default();
                if let Some(id) = team_at(rest, quoted) {
                    *teams.entry(id).or_default() += 1;
                }
            }
        }
    }
    teams
}

/// A name in a profile, in the order in which Slack prefers them.
fn shown(value: &Value) -> impl Iterator<Item = String> {
    let profile = member(value, "profile");
    let of = |name: &str| profile.and_then(|p| brief(p, name));
    [
        of("display_name"),
        brief(value, "display_name"),
        of("real_name"),
        brief(value, "real_name"),
        brief(value, "name"),
        of("email"),
    ]
    .into_iter()
    .flatten()
}

/// The name of somebody who is described in a message only.
pub fn name_of(profile: &Value) -> Option<String> {
    shown(profile).next()
}

impl People {
    fn take(&mut self, value: &Value) {
        let Some(id) = brief(value, "id").filter(|_| self.all.len() < MOST) else { return };
        if let Some(team) = brief(value, "team_id") {
            *self.teams.entry(team).or_default() += 1;
        }
        let called: Vec<String> = shown(value).collect();
        let person = Person {
            name: called.first().cloned().unwrap_or_else(|| id.clone()),
            called,
            deleted: flag(value, "deleted"),
            bot: flag(value, "is_bot"),
        };
        let id: Arc<str> = id.into();
        if let Some(bot) = member(value, "profile").and_then(|p| brief(p, "bot_id")) {
            self.bots.insert(bot, Arc::clone(&id));
        }
        self.all.insert(id, person);
    }

    /// Learns of whom an organisation knows beside this workspace of it, and who of them I am.
    pub fn join(&mut self, organisation: &Self) {
        for (id, person) in &organisation.all {
            if self.all.len() < MOST {
                self.all.entry(Arc::clone(id)).or_insert_with(|| person.clone());
            }
        }
        for (bot, id) in &organisation.bots {
            self.bots.entry(bot.clone()).or_insert_with(|| Arc::clone(id));
        }
        for (id, name) in &organisation.channels {
            self.channels.entry(id.clone()).or_insert_with(|| name.clone());
        }
        (self.me, self.known_by) = (organisation.me.clone(), organisation.known_by);
        self.my_name.clone_from(&organisation.my_name);
    }

    /// The name of somebody.
    pub fn name(&self, id: &str) -> Option<&str> {
        match self.all.get(id) {
            Some(person) => Some(&person.name),
            None => (id == "USLACKBOT").then_some("Slackbot"),
        }
    }

    /// Whether a name is a bot's own, as far as it is listed.
    pub fn is_bot_called(&self, bot: &str, name: &str) -> bool {
        let person = self.bots.get(bot).and_then(|id| self.all.get(id));
        person.is_some_and(|p| p.called.iter().any(|called| called == name))
    }

    /// Whether their account was closed.
    pub fn is_deleted(&self, id: &str) -> bool {
        self.all.get(id).is_some_and(|p| p.deleted)
    }

    /// Somebody who could be listed among the members of a channel.
    pub fn is_person(&self, id: &str) -> bool {
        self.all.get(id).is_some_and(|p| !p.bot)
    }

    /// Me.
    pub fn me(&self) -> Option<&Arc<str>> {
        self.me.as_ref()
    }

    /// Whoever bears a name, if it is one person.
    fn called(&self, said: &str) -> Result<Arc<str>, usize> {
        let said = said.trim().trim_start_matches('@');
        if let Some((id, _)) = self.all.get_key_value(said) {
            return Ok(Arc::clone(id));
        }
        let is =
            |p: &Person| p.called.iter().any(|name| name.to_lowercase() == said.to_lowercase());
        let all: Vec<&Arc<str>> =
            self.all.iter().filter(|(_, p)| is(p)).map(|(id, _)| id).collect();
        let here: Vec<&&Arc<str>> = all.iter().filter(|id| !self.is_deleted(id)).collect();
        match (all.as_slice(), here.as_slice()) {
            ([one], _) => Ok(Arc::clone(one)),
            (_, [one]) => Ok(Arc::clone(one)),
            (all, _) => Err(all.len()),
        }
    }

    /// Works out who I am: as said, as before, or the one who is in everything private.
    pub fn find_me(&mut self, options: &ReadOptions, lists: &[Listed]) {
        if let Some(said) = &options.me {
            self.known_by = "--me";
            match self.called(said) {
                Ok(id) => self.me = Some(id),
                // Nobody is listed: whoever bears the name in a message is me.
                Err(0) if self.all.is_empty() => {}
                Err(0) => self.remarks.push(format!("nobody is called {said}")),
                Err(n) => self.remarks.push(format!(
                    "{n} people are called {said}; give the id of yours with --me (U…)"
                )),
            }
            return;
        }
        // Where nobody is listed, who bears my name is me.
        if self.all.is_empty()
            && let Some(name) = options.known_me.first()
        {
            self.known_by = EARLIER;
            self.my_name = Some(name.clone());
            return;
        }
        // What this workspace shows goes before a name from another one.
        self.me = in_all(lists).filter(|id| self.all.contains_key(id));
        if self.me.is_none()
            && let Some(id) = options.known_me.iter().find_map(|name| self.called(name).ok())
        {
            (self.me, self.known_by) = (Some(id), EARLIER);
            return;
        }
        match &self.me {
            Some(id) => {
                self.known_by = "in every direct message";
                let name = self.name(id).unwrap_or_default();
                // Who knows it already need not be told again.
                if !options.known_me.iter().any(|known| self.called(known).as_ref() == Ok(id)) {
                    self.remarks.push(format!(
                        "{name} is in every direct message and taken to be you; if not, say --me NAME"
                    ));
                }
            }
            None => {
                self.known_by = "the export does not say";
                self.remarks.push(
                    "a Slack export does not say who you are; give your name with --me NAME"
                        .to_owned(),
                );
            }
        }
    }

    /// What is to be said of all this.
    pub fn remarks(&mut self) -> Vec<String> {
        std::mem::take(&mut self.remarks)
    }

    /// The account: me in this workspace.
    pub fn account(&self, options: &ReadOptions) -> AccountRecord {
        let found = self.me.as_deref().and_then(|id| self.name(id));
        let said = || options.me.clone().or_else(|| self.my_name.clone());
        let name = found.map(str::to_owned).or_else(said).unwrap_or_default();
        let team = self.teams.iter().max_by_key(|(id, n)| (**n, std::cmp::Reverse(*id)));
        let me = self.me.as_deref();
        let account = options.my_account(super::SOURCE.id, me, name, self.known_by);
        // One account a workspace, whoever I am in it.
        let team = team.map(|(id, _)| id.clone()).unwrap_or_default();
        AccountRecord { key: options.account.clone().unwrap_or(team), ..account }
    }
}

/// The one person who is in every conversation between few.
fn in_all(lists: &[Listed]) -> Option<Arc<str>> {
    let few = lists.iter().filter(|l| l.kind == ThreadKind::Direct || l.title.is_none());
    let mut told = few.filter_map(|l| l.members.as_deref()).filter(|m| m.len() > 1);
    let mut common: HashSet<&Arc<str>> = told.next()?.iter().collect();
    let mut met = 1;
    for members in told {
        met += 1;
        let members: HashSet<&Arc<str>> = members.iter().collect();
        common.retain(|id| members.contains(id));
    }
    let mut common = common.into_iter();
    match (common.next(), common.next()) {
        (Some(one), None) if met >= PROOF => Some(Arc::clone(one)),
        _ => None,
    }
}

impl Listener for People {
    fn names(&self) -> &'static [&'static str] {
        // What the web interface gives for `users.list` wraps the list.
        &["members"]
    }

    fn want(&mut self, path: &[&'static str]) -> Want {
        match path {
            [] | ["members"] => Want::Inside,
            [ITEM] | ["members", ITEM] => Want::Whole,
            _ => Want::Skip,
        }
    }

    fn whole(
        &mut self,
        _: &[&'static str],
        value: Value,
        _: bool,
        _: &mut dyn Sink,
    ) -> Result<(), Stop> {
        self.take(&value);
        Ok(())
    }
}
