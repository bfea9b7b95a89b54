//! Plain rows: what a list or transcript needs to be drawn, and nothing to look up.
//!
//! Text in rows is as it came from strangers: the screen cleans it where it draws it.

use std::path::PathBuf;

use crate::model::{
    AppLink, AttachmentKind, Call, Deletion, LiveId, MessageId, SendState, SourceId, ThreadId,
    ThreadKind, Timestamp, VerdictKind, Wish,
};

use super::{PersonHint, PersonRow, TranscriptPos};

/// How a source is shown.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Badge {
    /// The source; the theme picks the colour by it.
    pub source: SourceId,
    /// Its name: `Messenger`.
    pub name: String,
    /// Two to four letters: `MSG`, `IG`, `WA`.
    pub short: String,
}

/// Why a wish is refused, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReasonRow {
    /// The stable code.
    pub code: &'static str,
    /// One sentence: "Instagram ↔ Facebook chats ended in mid-December 2023."
    pub text: String,
    /// "since mid-December 2023"; empty where not known.
    pub since: String,
    /// `known`, `yours` or `inferred`.
    pub sure: &'static str,
    /// How it is known: "flag is_xac_readonly in the export".
    pub evidence: String,
    /// What is still possible and the next best step.
    pub next: String,
}

/// A coming closure, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarningRow {
    /// The rule.
    pub rule: String,
    /// One sentence, with the date.
    pub text: String,
}

/// A guess, with its grounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuggestionRow {
    /// "This was probably an Instagram ↔ Facebook chat."
    pub text: String,
    /// Why onebox thinks so.
    pub grounds: String,
    /// What accepting would mark.
    pub other: SourceId,
}

/// A row of the thread list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadRow {
    /// The thread.
    pub id: ThreadId,
    /// Its title.
    pub title: String,
    /// Its app.
    pub badge: Badge,
    /// The other app of a cross-app thread (`IG↔FB`): the badge that the *account* goes by
    /// (`FB`, "Facebook account").
    pub cross: Option<Badge>,
    /// Direct, group or channel.
    pub kind: ThreadKind,
    /// When something last happened.
    pub last: Option<Timestamp>,
    /// Who wrote last; `None`: me, or the app itself.
    pub preview_sender: Option<String>,
    /// The last message was mine.
    pub preview_mine: bool,
    /// The last message's text, or what stands for it ("photo").
    pub preview: String,
    /// Unread messages; `None`: the data does not say.
    pub unread: Option<u32>,
    /// Archived in its app or by me.
    pub archived: bool,
    /// Live, hand-off or read-only.
    pub verdict: VerdictKind,
    /// For read-only rows.
    pub reason: Option<ReasonRow>,
    /// A closure is coming.
    pub warned: bool,
    /// A guess waits for an answer.
    pub suggested: bool,
    /// The draft, if any.
    pub draft: Option<String>,
    /// How many messages it holds.
    pub messages: u64,
    /// Pinned at the top.
    pub pinned: bool,
    /// Muted.
    pub muted: bool,
    /// Snoozed until then, if that is still to come.
    pub snoozed: Option<Timestamp>,
    /// The last word was theirs, and an answer is due.
    pub awaiting: bool,
    /// Somebody mentioned me since I last wrote or read.
    pub mentioned: bool,
    /// A message request, which writing accepts, or an invitation.
    pub request: bool,
    /// Starred messages.
    pub starred: u64,
    /// Labels, sorted.
    pub labels: Vec<String>,
}

/// A thread that was found by letters of its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRow {
    /// The thread.
    pub row: ThreadRow,
    /// The letters in its title: ranges of bytes.
    pub marks: Vec<(usize, usize)>,
}

/// What the composer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComposerState {
    /// Enter sends.
    Live,
    /// Enter hands off. The link, where one can be built.
    HandOff(Option<AppLink>),
    /// Disabled.
    Closed(ReasonRow),
}

/// Where a stitched thread's strands meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seam {
    /// The door that the following messages came through: `Messenger encrypted export`.
    pub origin: String,
    /// The app.
    pub badge: Badge,
}

/// Somebody in a thread: name, badge of the account where it differs from the thread's, me or not.
pub type Who = (String, Option<Badge>, bool);

/// The head of an open thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadHeader {
    /// Its list row.
    pub row: ThreadRow,
    /// Everyone.
    pub participants: Vec<Who>,
    /// The composer.
    pub composer: ComposerState,
    /// Coming closures.
    pub warnings: Vec<WarningRow>,
    /// A guess.
    pub suggestion: Option<SuggestionRow>,
    /// My account in this thread: its name.
    pub account: String,
    /// First message.
    pub first: Option<Timestamp>,
    /// Who it is with, if it is a direct thread with somebody who still has a name.
    pub person: Option<PersonHint>,
    /// Why no file can be attached here; `None`: files can.
    pub no_files: Option<ReasonRow>,
    /// The live account that carries it.
    pub live: Option<LiveId>,
    /// Older messages are on the server: the gap's token.
    pub older: Option<String>,
    /// The only reactions that are taken here; empty: any.
    pub reactions: Vec<String>,
}

/// The head of a person's merged timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineHeader {
    /// Who.
    pub person: PersonRow,
    /// First message over all threads.
    pub first: Option<Timestamp>,
}

/// An attachment of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentRow {
    /// What it is.
    pub kind: AttachmentKind,
    /// Its name or title.
    pub name: String,
    /// Path inside the export, or web address; empty where left out.
    pub path: String,
    /// It is there on disk.
    pub present: bool,
    /// It can be fetched from its service.
    pub remote: bool,
    /// Bytes, where known.
    pub size: Option<u64>,
}

/// How far a file is that is being fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaState {
    /// On its way: bytes so far, and in all where known.
    Fetching {
        /// So far.
        done: u64,
        /// In all.
        total: Option<u64>,
    },
    /// It is here.
    Here,
    /// It cannot be had, and why.
    Failed(String),
}

/// A file on this machine that may go with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    /// Where it lies, whole.
    pub path: PathBuf,
    /// The name that others see.
    pub name: String,
    /// What it is, by its name.
    pub kind: AttachmentKind,
    /// Bytes.
    pub size: u64,
    /// Why it cannot go, and what could be done.
    pub problem: Option<(String, String)>,
}

/// A reaction of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReactionRow {
    /// The emoji.
    pub emoji: String,
    /// Who.
    pub by: String,
}

/// What a transcript row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// Somebody wrote.
    Text,
    /// The app tells of an event.
    System,
    /// A call.
    Call(Call),
    /// A poll.
    Poll,
    /// Encrypted, and the key is not here.
    Sealed,
}

/// A message in a transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRow {
    /// The message.
    pub id: MessageId,
    /// Its thread.
    pub thread: ThreadId,
    /// Its app, where messages of several threads stand together.
    pub badge: Option<Badge>,
    /// The person starred it.
    pub starred: bool,
    /// Its place.
    pub pos: TranscriptPos,
    /// Who; empty: the app itself.
    pub sender: String,
    /// The sender's account is of another app than the thread.
    pub sender_badge: Option<Badge>,
    /// It is mine.
    pub mine: bool,
    /// What it is.
    pub kind: RowKind,
    /// The text; hidden text of deleted messages is not given out.
    pub text: String,
    /// Attachments.
    pub attachments: Vec<AttachmentRow>,
    /// Reactions.
    pub reactions: Vec<ReactionRow>,
    /// Quoted text of the message it answers.
    pub reply_quote: Option<String>,
    /// It was edited.
    pub edited: bool,
    /// It was taken back or down.
    pub deletion: Deletion,
    /// Forwarded.
    pub forwarded: bool,
    /// From whom, where known.
    pub forwarded_from: Option<String>,
    /// What became of it, if mine and sent from here.
    pub send_state: Option<SendState>,
    /// Why it was not sent, in the service's words.
    pub send_why: Option<String>,
    /// Set on the first message that came through another door than the one before.
    pub seam: Option<Seam>,
    /// Messages are missing right before it: what `FetchOlder` names.
    pub gap: Option<String>,
}

/// A hand-off that is ready: shown before anything is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOffRow {
    /// The thread.
    pub thread: ThreadId,
    /// The text that goes along: with the quote of what it answers.
    pub text: String,
    /// The text as it was written.
    pub written: String,
    /// The message that it answers.
    pub reply: Option<MessageId>,
    /// The app that opens.
    pub app: String,
    /// The full URL with the text in it, if the app takes one. `None`: no link can be built; open
    /// the app by hand.
    pub url: Option<String>,
    /// The link does not carry the text: paste it there.
    pub paste: bool,
}

/// One rung of the verdict ladder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LadderRow {
    /// `cannot`, `must not`, `will not`, `allow`.
    pub floor: &'static str,
    /// What was asked: "Has an interop rule ended these chats?"
    pub question: String,
    /// What was found: "Instagram ↔ Messenger ended 2023-12-10…2023-12-20 (rule ig-msgr-end)".
    pub answer: String,
    /// This rung decided.
    pub decides: bool,
}

/// The ladder for one wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LadderTable {
    /// The wish.
    pub wish: Wish,
    /// The wish in words: "send a message".
    pub label: &'static str,
    /// The outcome.
    pub verdict: VerdictKind,
    /// The reason, if refused.
    pub reason: Option<ReasonRow>,
    /// The rungs, in the order in which they were asked.
    pub rungs: Vec<LadderRow>,
}

/// An interop rule and what it touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRow {
    /// Its id.
    pub id: String,
    /// "Instagram ↔ Messenger".
    pub apps: String,
    /// `opens`, `closes`, …
    pub kind: String,
    /// The date in words.
    pub when: String,
    /// In force on the day that is judged.
    pub in_force: bool,
    /// What it means, one or two sentences.
    pub text: String,
    /// How sure, in words.
    pub sure: String,
    /// Where it is from.
    pub sources: Vec<String>,
    /// My threads that it touches.
    pub touches: u64,
}
