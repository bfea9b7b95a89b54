//! People at the counter: who is who, on what grounds, and where they can be reached.

use super::{Badge, ReasonRow};
use crate::model::{AppLink, IdentityId, PersonId, ThreadId, ThreadKind, Timestamp, VerdictKind};

/// Why two identities are, or may be, the same human.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroundRow {
    /// `same-number`, `same-handle`, `same-address`, `same-thread`, `contact-card`, `you`,
    /// `same-name`, …
    pub kind: &'static str,
    /// In words: "the same phone number, +49 170 1234567".
    pub text: String,
    /// How much it weighs, in percent. 100: proof.
    pub weight: u8,
}

/// Somebody as one account of mine knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityRow {
    /// The identity.
    pub id: IdentityId,
    /// Its app.
    pub badge: Badge,
    /// The name there, as it came.
    pub name: String,
    /// Handle or number; empty where not known.
    pub address: String,
    /// My account that knows them: its name; may be empty.
    pub account: String,
    /// Direct threads with it.
    pub threads: u64,
    /// Messages in those.
    pub messages: u64,
    /// When something last happened in those.
    pub last: Option<Timestamp>,
    /// Why it belongs to its person; empty for one that stands alone.
    pub grounds: Vec<GroundRow>,
}

/// A human with all their identities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// The person.
    pub id: PersonId,
    /// Their name: the contact card's, else that of the busiest identity.
    pub name: String,
    /// Who they are where, busiest first.
    pub identities: Vec<IdentityRow>,
    /// Direct threads over all identities.
    pub threads: u64,
    /// Messages in those.
    pub messages: u64,
    /// When something last happened in those.
    pub last: Option<Timestamp>,
    /// Suggestions that touch this person and wait for an answer.
    pub suggestions: u64,
}

/// Two people who may be one. Never linked before the person says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRow {
    /// One.
    pub a: PersonRow,
    /// The other.
    pub b: PersonRow,
    /// How likely, in percent; always below 100.
    pub score: u8,
    /// Why, the weightiest first.
    pub grounds: Vec<GroundRow>,
    /// It was put off before.
    pub later: bool,
}

/// A group as one door tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRow {
    /// Its thread.
    pub thread: ThreadId,
    /// Its name, as it came.
    pub title: String,
    /// Its app.
    pub badge: Badge,
    /// A live account tells it; otherwise an export does.
    pub live: bool,
    /// How many are in it besides me.
    pub people: u64,
    /// Messages.
    pub messages: u64,
    /// When the first was sent.
    pub first: Timestamp,
    /// When the last was.
    pub last: Timestamp,
}

/// A live group and one of an export that may be one. Never joined before the person says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupLinkRow {
    /// The live one.
    pub live: GroupRow,
    /// The export's.
    pub other: GroupRow,
    /// How likely, in percent; always below 100.
    pub score: u8,
    /// Why, and what speaks against it.
    pub grounds: Vec<GroundRow>,
    /// It was put off before.
    pub later: bool,
}

/// What the person says of who is who.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeopleChange {
    /// "These are the same."
    Link(PersonId, PersonId),
    /// "These are not." Remembered over later imports.
    Refuse(PersonId, PersonId),
    /// "Ask me later": goes to the end of the suggestions.
    Later(PersonId, PersonId),
    /// "This identity is somebody else": takes it out of its person, whatever the grounds.
    Unlink(IdentityId),
    /// "These two groups are one": a live one and an export's.
    JoinGroups(ThreadId, ThreadId),
    /// "These are two groups." Remembered over later imports.
    GroupsApart(ThreadId, ThreadId),
    /// "Ask me later."
    GroupsLater(ThreadId, ThreadId),
    /// "What was joined in this group is two groups after all."
    PartGroup(ThreadId),
}

/// Whom a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Whoever a thread is with.
    Thread(ThreadId),
    /// Whoever has this number, or an identity of this number.
    Person(PersonId),
}

/// The person of a direct thread, as far as its head shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonHint {
    /// The person.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// Their other direct threads, most open first: the app, and whether it can be written there.
    pub elsewhere: Vec<(Badge, VerdictKind)>,
}

/// One way to reach somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReachRow {
    /// The thread, where there is one; otherwise a bare address that a new one can be begun at.
    pub thread: Option<ThreadId>,
    /// The identity behind it.
    pub identity: IdentityId,
    /// Its app.
    pub badge: Badge,
    /// The other app of a cross-app thread.
    pub cross: Option<Badge>,
    /// Handle or number; empty where not known.
    pub address: String,
    /// My account there; may be empty.
    pub account: String,
    /// Open (live, hand-off) or not.
    pub verdict: VerdictKind,
    /// Why not.
    pub reason: Option<ReasonRow>,
    /// One sentence: what Enter does here, or why it cannot: "opens WhatsApp with your text".
    pub text: String,
    /// The link that is left, where one can be built.
    pub link: Option<AppLink>,
    /// When something last happened there.
    pub last: Option<Timestamp>,
    /// The thread that the card was opened from.
    pub here: bool,
    /// Not theirs for sure: how likely, in percent.
    pub maybe: Option<u8>,
}

/// A group that is shared with somebody: who is in it may pass on a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedGroupRow {
    /// The group.
    pub thread: ThreadId,
    /// Its title.
    pub title: String,
    /// Its app.
    pub badge: Badge,
    /// Group or channel.
    pub kind: ThreadKind,
    /// Can be written to.
    pub verdict: VerdictKind,
    /// When something last happened there.
    pub last: Option<Timestamp>,
}

/// Every way to reach the person of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReachCard {
    /// The thread it was asked from; 0: none.
    pub from: ThreadId,
    /// The person, where the thread is a direct one with somebody who still has a name.
    pub person: Option<PersonId>,
    /// Their name, or the group's title.
    pub name: String,
    /// Open ones first, then by activity.
    pub rows: Vec<ReachRow>,
    /// Groups that are shared with them, open ones first.
    pub groups: Vec<SharedGroupRow>,
    /// What to do where nothing is open; empty otherwise.
    pub left: Vec<String>,
}

impl ReachCard {
    /// One without any way yet.
    pub fn of(from: ThreadId, person: Option<PersonId>, name: String) -> Self {
        Self { from, person, name, rows: Vec::new(), groups: Vec::new(), left: Vec::new() }
    }
}
