//! What the engine tells the screen.

use std::path::PathBuf;

use super::{
    AccountRow, Badge, CandidateRow, ClosingRow, ExportFound, ExportLook, FileRow, FoundRow,
    GroupLinkRow, HandOffRow, HandedRow, Hits, ImportProgress, ImportSummary, LadderTable, LinkRow,
    MediaState, MessageRow, MyAccountRow, Notice, PersonHint, PersonRow, ReachCard, ReasonRow,
    ReplyRow, RuleRow, ThreadFilter, ThreadHeader, ThreadRow, Ticket, TimelineHeader, Who,
};
use crate::model::{LiveId, MessageId, PersonId, ThreadId, Timestamp, Wish};

/// Threads of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceCount {
    /// The source.
    pub badge: Badge,
    /// How many threads (archived ones left out).
    pub threads: u64,
}

/// How many threads each view holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Everything but archived threads.
    pub all: u64,
    /// Per source, most threads first.
    pub sources: Vec<SourceCount>,
    /// Cross-app threads.
    pub cross_app: u64,
    /// Read-only threads.
    pub read_only: u64,
    /// Archived threads.
    pub archived: u64,
    /// Threads with unread messages.
    pub unread: u64,
    /// Threads with a draft.
    pub drafts: u64,
    /// Threads in which an answer of mine is due.
    pub awaiting: u64,
    /// Threads in which I was mentioned.
    pub mentions: u64,
    /// Message requests and invitations.
    pub requests: u64,
    /// Threads that are out of sight for a while.
    pub snoozed: u64,
    /// Threads with starred messages.
    pub starred: u64,
    /// Labels with how many threads each has, sorted by name.
    pub labels: Vec<(String, u64)>,
    /// Threads that a rule is about to close.
    pub closing: u64,
    /// Messages that wait in the outbox or are on their way.
    pub outbox_waiting: u64,
    /// Messages that did not go, or nobody knows.
    pub outbox_failed: u64,
}

/// Switches and facts for the status line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// The demo inbox.
    pub demo: bool,
    /// `--read-only`.
    pub read_only: bool,
    /// `--offline`.
    pub offline: bool,
    /// `--as-of`, as `YYYY-MM-DD`.
    pub as_of: Option<String>,
    /// The store holds no thread at all: show the first-run page.
    pub empty: bool,
    /// Where the clock stood when this inbox was opened, if that is not now: the demo is told on
    /// the day on which it was written.
    pub clock: Option<Timestamp>,
}

/// Somebody has just written, while onebox was listening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The thread.
    pub thread: ThreadId,
    /// Who, as they are called.
    pub who: String,
    /// The app.
    pub badge: Badge,
    /// To me alone, or naming me.
    pub to_me: bool,
}

/// What the engine tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Update {
    /// Switches and facts for the status line. Comes first, and when something in it changes.
    Status(Status),
    /// A window of the thread list.
    Threads {
        /// The request's.
        ticket: Ticket,
        /// The request's.
        filter: ThreadFilter,
        /// The first row's place.
        offset: usize,
        /// The rows.
        rows: Vec<ThreadRow>,
        /// How many threads the filter has in all.
        total: usize,
    },
    /// Threads that were found by letters of their names.
    Found {
        /// The request's.
        ticket: Ticket,
        /// The best.
        rows: Vec<FoundRow>,
        /// How many there are in all.
        total: usize,
    },
    /// How many threads each view holds.
    Counts(Counts),
    /// An account that was removed is gone.
    AccountLeft {
        /// Which.
        account: LiveId,
        /// Why the person should look at the service; empty: it is signed out there.
        why: String,
    },
    /// Somebody has just written in a live thread.
    Heard(Heard),
    /// A thread was opened, or asked for again after a change.
    Transcript {
        /// The request's.
        ticket: Ticket,
        /// The head.
        header: Box<ThreadHeader>,
        /// Messages, oldest first.
        rows: Vec<MessageRow>,
        /// There is more before the first.
        more_before: bool,
        /// There is more after the last.
        more_after: bool,
        /// The row to stand on: index into `rows` (the message or date asked for).
        focus: Option<usize>,
        /// The saved draft.
        draft: Option<String>,
        /// The message that it answers.
        reply: Option<ReplyRow>,
    },
    /// One more page, oldest first.
    Page {
        /// The request's.
        ticket: Ticket,
        /// The thread.
        thread: ThreadId,
        /// Messages, oldest first.
        rows: Vec<MessageRow>,
        /// There is more in that direction.
        more: bool,
    },
    /// Something was stored: what is on screen may be stale. Carries the threads that changed, or
    /// none if too many did.
    Changed {
        /// The threads; empty: any.
        threads: Vec<ThreadId>,
    },
    /// A hand-off is ready to be shown; nothing was opened yet.
    HandOff {
        /// The request's.
        ticket: Ticket,
        /// It.
        row: HandOffRow,
    },
    /// A wish was refused; what was typed stays.
    Refused {
        /// The request's.
        ticket: Ticket,
        /// The thread.
        thread: ThreadId,
        /// The wish.
        wish: Wish,
        /// Why.
        reason: ReasonRow,
    },
    /// A message was not put into the outbox, because something failed; what was typed stays, and
    /// can be sent again.
    NotSent {
        /// The request's.
        ticket: Ticket,
        /// What failed.
        notice: Notice,
    },
    /// What was handed off from here, newest first.
    Handed {
        /// The request's.
        ticket: Ticket,
        /// The thread.
        thread: ThreadId,
        /// The texts.
        rows: Vec<HandedRow>,
        /// There are older ones.
        more: bool,
    },
    /// The verdict ladder.
    Why {
        /// The request's.
        ticket: Ticket,
        /// The thread.
        thread: ThreadId,
        /// Its title.
        title: String,
        /// One table a wish.
        tables: Vec<LadderTable>,
    },
    /// The interop rules.
    Rules {
        /// The request's.
        ticket: Ticket,
        /// The rules.
        rows: Vec<RuleRow>,
    },
    /// Paths that complete what was typed.
    Paths {
        /// The request's.
        ticket: Ticket,
        /// Complete paths; folders end in `/`.
        paths: Vec<String>,
    },
    /// Files that were looked at, in the order in which they were named.
    Files {
        /// The request's.
        ticket: Ticket,
        /// The thread.
        thread: ThreadId,
        /// The files.
        files: Vec<FileRow>,
    },
    /// How far a file is that is being fetched.
    Media {
        /// The message.
        message: MessageId,
        /// Which of its attachments.
        index: usize,
        /// How far.
        state: MediaState,
    },
    /// Exports that were found at paths, in the order in which they would be read.
    Exports {
        /// The request's.
        ticket: Ticket,
        /// They.
        found: Vec<ExportFound>,
    },
    /// One of them has been looked at.
    Looked {
        /// The request's.
        ticket: Ticket,
        /// Which.
        index: usize,
        /// What it holds.
        look: Box<ExportLook>,
    },
    /// How far an import is.
    Import(ImportProgress),
    /// An import ended.
    ImportDone(Vec<ImportSummary>),
    /// What a search found.
    Hits(Hits),
    /// How many messages can be found by now, of how many. Comes while the index is being built.
    Indexing {
        /// Can be found.
        done: u64,
        /// Are stored.
        total: u64,
    },
    /// Who an open thread is with. Comes soon after its transcript.
    Person {
        /// The thread.
        thread: ThreadId,
        /// They; `None`: a group, or nobody in it has a name.
        hint: Option<PersonHint>,
        /// Everyone in it, once, as its header tells them; `None`: the header does.
        everyone: Option<Vec<Who>>,
    },
    /// People.
    People {
        /// The request's.
        ticket: Ticket,
        /// The first row's place.
        offset: usize,
        /// The rows.
        rows: Vec<PersonRow>,
        /// How many people there are in all.
        total: usize,
    },
    /// Who may be the same.
    Links {
        /// The request's.
        ticket: Ticket,
        /// Likeliest first; those that were put off at the end.
        rows: Vec<LinkRow>,
        /// Groups that may be one, in the same order.
        groups: Vec<GroupLinkRow>,
    },
    /// Every way to reach somebody.
    Reach {
        /// The request's.
        ticket: Ticket,
        /// They.
        card: Box<ReachCard>,
    },
    /// A text was taken along.
    Carried {
        /// The request's.
        ticket: Ticket,
        /// To this thread.
        to: ThreadId,
        /// What is written there now.
        draft: String,
    },
    /// A timeline was opened.
    Timeline {
        /// The request's.
        ticket: Ticket,
        /// The head.
        header: Box<TimelineHeader>,
        /// Messages, oldest first.
        rows: Vec<MessageRow>,
        /// There is more before the first.
        more_before: bool,
        /// There is more after the last.
        more_after: bool,
        /// The row to stand on.
        focus: Option<usize>,
    },
    /// One more page of a timeline, oldest first.
    TimelinePage {
        /// The request's.
        ticket: Ticket,
        /// Whose.
        person: PersonId,
        /// Messages, oldest first.
        rows: Vec<MessageRow>,
        /// There is more in that direction.
        more: bool,
    },
    /// What is about to close.
    Closing {
        /// The request's.
        ticket: Ticket,
        /// Soonest first.
        rows: Vec<ClosingRow>,
    },
    /// Live accounts, oldest first.
    Accounts(Vec<AccountRow>),
    /// My accounts, by app.
    MyAccounts(Vec<MyAccountRow>),
    /// Who may be me in an account.
    Candidates {
        /// The request's.
        ticket: Ticket,
        /// Those in most threads first.
        rows: Vec<CandidateRow>,
    },
    /// A message was put into the outbox: the composer is empty now.
    Queued {
        /// The request's.
        ticket: Ticket,
        /// The thread.
        thread: ThreadId,
    },
    /// A message was taken back out of the outbox.
    TakenBack {
        /// The request's.
        ticket: Ticket,
        /// The thread.
        thread: ThreadId,
        /// Its text.
        text: String,
        /// The file that went with it.
        file: Option<PathBuf>,
    },
    /// Who is typing in a live thread.
    Typing {
        /// The thread.
        thread: ThreadId,
        /// Names; empty: nobody.
        names: Vec<String>,
    },
    /// Something to tell.
    Notice(Notice),
}
