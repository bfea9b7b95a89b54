//! The app of a room, who in it is a person, and what can be done there or why not: pure functions
//! over what is known of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use onebox::model::{
    LiveThread, Membership, ParticipantRecord, PostingLimit, Shut, ShutWhy, SourceId, ThreadKind,
    ThreadRecord, Wish,
};
use serde_json::Value;

use super::apps::App;
use super::bounds;
use super::bridge::{Bridge, Known};
use super::facts::{Facts, Standing};
use super::features;

/// A bridge's reason when it removes a chat.
const DELETING: &str = "Deleting portal";
/// Phone numbers have so many digits.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// A room with the bridges behind it.
pub struct Room<'a> {
    facts: &'a Facts,
    known: &'a Known,
    /// Every bridge that it names.
    bridges: Vec<Bridge>,
    app: App,
}

impl<'a> Room<'a> {
    /// Judges a room.
    pub fn new(facts: &'a Facts, known: &'a Known) -> Self {
        let bridges = Bridge::all(facts);
        let app = app(facts, known, &bridges);
        Self { facts, known, bridges, app }
    }

    /// Whose thread it is.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The bridge that carries it: the one that lives, else the one that did.
    fn bridge(&self) -> Option<&Bridge> {
        let of_app = |b: &&Bridge| b.app == self.app;
        self.bridges
            .iter()
            .filter(of_app)
            .find(|b| b.lives(self.facts))
            .or_else(|| self.bridges.iter().find(of_app))
    }

    /// A bridge names it: its bots are no people here.
    pub fn is_bridged(&self) -> bool {
        !self.bridges.is_empty()
    }

    /// Whether somebody is a bot that keeps the room going.
    pub fn is_service(&self, id: &str) -> bool {
        self.is_bridged()
            && (self.facts.service.iter().any(|s| s == id)
                || self.bridges.iter().any(|b| b.bot == id)
                || self.known.bot(id).is_some())
    }

    /// Whether somebody belongs to a bridge of the room, and may speak for others.
    pub fn speaks(&self, id: &str) -> bool {
        self.is_service(id) || self.bridges.iter().any(|b| self.known.is_ghost(id, b))
    }

    /// Whether somebody may report what became of my messages.
    pub fn is_bot(&self, id: &str) -> bool {
        self.bridges.iter().any(|b| b.bot == id) || self.known.bot(id).is_some()
    }

    /// The app that somebody writes from, where it is not the thread's.
    fn source(&self, id: &str) -> Option<SourceId> {
        let says = |b: &&Bridge| self.known.says_ghost(id, b);
        let is = |b: &&Bridge| self.known.is_ghost(id, b);
        let ghost_of = self.bridges.iter().find(says).or_else(|| self.bridges.iter().find(is));
        let app = ghost_of.map_or_else(App::matrix, |b| b.app.clone());
        (app != self.app).then(|| SourceId::new(&app.slug))
    }

    /// Who in it may be of a bridge's app though nothing but their profile could say so.
    pub fn in_doubt(&self) -> Vec<String> {
        let here = self.facts.members.iter().filter(|m| m.active && m.id != self.facts.me);
        here.filter(|m| !self.is_service(&m.id) && self.known.is_in_doubt(&m.id, &self.bridges))
            .map(|m| m.id.clone())
            .collect()
    }

    /// Every bridge that the room names.
    pub fn bridges(&self) -> &[Bridge] {
        &self.bridges
    }

    /// The people, me among them.
    pub fn people(&self) -> Vec<ParticipantRecord> {
        let mut people: Vec<_> = self
            .facts
            .members
            .iter()
            .filter(|m| m.id == self.facts.me || !self.is_service(&m.id))
            .map(|m| self.person(&m.id, &m.name, !m.active))
            .collect();
        if !people.iter().any(|p| p.is_me) {
            people.push(self.person(&self.facts.me, "", false));
        }
        people
    }

    /// Somebody as a participant.
    pub fn person(&self, id: &str, name: &str, left: bool) -> ParticipantRecord {
        let is_me = id == self.facts.me;
        let left = if is_me {
            matches!(self.facts.standing, Standing::Left | Standing::Banned)
        } else {
            left
        };
        ParticipantRecord {
            thread: self.facts.room.as_str().into(),
            key: id.into(),
            name: if name.trim().is_empty() {
                super::bridge::localpart(id).to_owned()
            } else {
                bounds::cut(name, bounds::NAME)
            },
            source: if is_me || self.is_bot(id) { None } else { self.source(id) },
            is_me,
            placeholder: false,
            left,
        }
    }

    fn others(&self) -> impl Iterator<Item = &super::facts::Member> {
        self.facts.members.iter().filter(|m| m.id != self.facts.me && !self.is_service(&m.id))
    }

    /// The thread as onebox knows it.
    pub fn thread(&self) -> ThreadRecord {
        let facts = self.facts;
        let kind = self.kind();
        let mut thread = ThreadRecord::new(facts.room.as_str(), self.app.origin());
        let live = self.live();
        thread.title = facts.name.clone().or_else(|| self.bridge().and_then(|b| b.title.clone()));
        thread.kind = Some(kind);
        thread.membership = match facts.standing {
            Standing::Joined => Membership::Member,
            Standing::Invited | Standing::Knocked => Membership::Unknown,
            Standing::Left | Standing::Banned => Membership::Gone,
        };
        let admins_only = facts.standing == Standing::Joined && !facts.levels.send;
        thread.posting =
            if admins_only { PostingLimit::AdminsOnly } else { PostingLimit::Everyone };
        let asked = facts.standing == Standing::Invited || live.request;
        thread.folder = Some(if asked { "requests" } else { "inbox" }.to_owned());
        thread.unread =
            if facts.marked { Some(facts.unread.unwrap_or_default().max(1)) } else { facts.unread };
        thread.address = (kind == ThreadKind::Direct).then(|| self.address()).flatten();
        thread.live = Some(live);
        thread
    }

    /// Direct, group or channel.
    fn kind(&self) -> ThreadKind {
        let Some(bridge) = self.bridge() else { return self.plain_kind() };
        match bridge.room_type.as_deref() {
            Some("dm") => ThreadKind::Direct,
            _ if bridge.channel.starts_with("channel:")
                || bridge.channel.ends_with("@newsletter") =>
            {
                ThreadKind::Channel
            }
            None if self.is_with_one() => ThreadKind::Direct,
            _ => ThreadKind::Group,
        }
    }

    /// Somebody and I alone, but for bots, in a room that has no name of its own or is marked direct.
    fn is_with_one(&self) -> bool {
        let mut others = self.others().filter(|m| m.active);
        let one = others.next().is_some() && others.next().is_none();
        one && self.facts.all_members && (self.facts.direct || self.facts.name.is_none())
    }

    /// Direct or group, in a room without a bridge.
    fn plain_kind(&self) -> ThreadKind {
        let facts = self.facts;
        let asked = facts.my_member["content"]["is_direct"] == true;
        let people = facts.active.saturating_sub(facts.service.len() as u64);
        let with_bot = people == 2 && facts.members.iter().any(|m| self.is_bot(&m.id));
        let named = facts.name.is_some();
        match facts.standing {
            Standing::Invited if asked => ThreadKind::Direct,
            _ if with_bot || people <= 2 && (facts.direct || !named) => ThreadKind::Direct,
            _ => ThreadKind::Group,
        }
    }

    /// Digits of a phone number, or the Matrix id where there is no bridge.
    fn address(&self) -> Option<String> {
        let Some(bridge) = self.bridge() else {
            let mut others = self.others();
            return others.next().filter(|_| others.next().is_none()).map(|m| m.id.clone());
        };
        let number = match bridge.channel.split_once('@') {
            Some((number, "s.whatsapp.net")) => number,
            Some(_) => return None,
            None if bridge.app.slug == "whatsapp" => bridge.channel.as_str(),
            None => bridge.channel.strip_prefix('+')?,
        };
        let digits = number.trim_start_matches('+');
        (DIGITS.contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()))
            .then(|| digits.to_owned())
    }

    /// What can be done here now, or why not.
    fn live(&self) -> LiveThread {
        let shut = self.shut();
        let mut can = BTreeSet::new();
        if self.facts.standing == Standing::Joined {
            can.insert(Wish::MarkRead);
            if shut.is_none() {
                self.wishes(&mut can);
            }
        }
        let files = self.features().map(features::files).unwrap_or_default();
        let request = self.bridge().is_some_and(|b| b.request);
        let longest = self.features().and_then(|f| features::longest(&f["max_text_length"]));
        let limits = self.features().map(features::limits).unwrap_or_default();
        LiveThread { can, shut, request, files, longest, limits, notify: self.facts.notify }
    }

    /// What my level allows and the bridge passes on.
    fn wishes(&self, can: &mut BTreeSet<Wish>) {
        let levels = self.facts.levels;
        let mut may = BTreeSet::new();
        if levels.send {
            may.extend([Wish::Send, Wish::Attach, Wish::Reply, Wish::Edit]);
        }
        if levels.redact {
            may.insert(Wish::Delete);
        }
        if levels.react {
            may.insert(Wish::React);
        }
        let lost = self.features().map(features::not_carried).unwrap_or_default();
        can.extend(may.difference(&lost));
    }

    /// What the bridge says it can carry.
    fn features(&self) -> Option<&'a Value> {
        let key = &self.bridge()?.key;
        let mut all = self.facts.features.iter();
        let event = all.clone().find(|e| e["state_key"] == key.as_str()).or_else(|| all.next())?;
        event["content"].is_object().then(|| &event["content"])
    }

    /// Why nothing can be written, if it cannot.
    fn shut(&self) -> Option<Shut> {
        let facts = self.facts;
        let shut = |why, detail: &str| {
            let detail = bounds::cut(detail, bounds::SENTENCE);
            Some(Shut { why, detail, replacement: None })
        };
        let reason = facts.my_member["content"]["reason"].as_str().unwrap_or_default();
        match facts.standing {
            Standing::Invited | Standing::Knocked => return shut(ShutWhy::Invited, reason),
            Standing::Banned => return shut(ShutWhy::Banned, reason),
            Standing::Left => {
                let mine = facts.my_member["sender"].as_str().is_none_or(|s| s == facts.me);
                let why = match (mine, reason) {
                    (true, _) => ShutWhy::Left,
                    (false, DELETING) => ShutWhy::ChatDeleted,
                    (false, _) => ShutWhy::Removed,
                };
                return shut(why, reason);
            }
            Standing::Joined => {}
        }
        if let Some(stone) = &facts.tombstone {
            let to = stone["replacement_room"].as_str().filter(|r| !r.is_empty()).map(Arc::from);
            let detail = stone["body"].as_str().unwrap_or_default();
            let detail = bounds::cut(detail, bounds::SENTENCE);
            return Some(Shut { why: ShutWhy::Replaced, detail, replacement: to });
        }
        let bridge = self.bridge()?;
        if !bridge.lives(facts) || self.nobody_left() {
            return shut(ShutWhy::BridgeGone, "");
        }
        self.known.signed_out(bridge).and_then(|why| shut(ShutWhy::BridgeSignedOut, why))
    }

    /// Everybody that the bridge brought has gone.
    fn nobody_left(&self) -> bool {
        let alone = self.facts.joined == 1;
        alone || self.facts.all_members && !self.others().any(|m| m.active)
    }
}

/// The app of a room.
fn app(facts: &Facts, known: &Known, bridges: &[Bridge]) -> App {
    let mut living: Vec<&App> = bridges.iter().filter(|b| b.lives(facts)).map(|b| &b.app).collect();
    living.dedup();
    match (living.as_slice(), bridges) {
        ([app], _) => (*app).clone(),
        // Several apps meet in a room of Matrix itself.
        ([_, _, ..], _) => App::matrix(),
        ([], [bridge, ..]) => bridge.app.clone(),
        ([], []) => {
            let inviter =
                facts.my_member["sender"].as_str().filter(|_| facts.standing == Standing::Invited);
            inviter
                .and_then(|id| known.bot(id))
                .or_else(|| {
                    facts
                        .members
                        .iter()
                        .filter(|_| facts.active <= 2)
                        .find_map(|m| known.bot(&m.id))
                })
                .cloned()
                .unwrap_or_else(App::matrix)
        }
    }
}
