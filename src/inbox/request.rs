//! What the screen asks of the engine.

use std::path::PathBuf;

use super::{ExportKey, ListOrder, PeopleChange, SearchRequest, TriageChange, Whose};
use crate::model::{
    AccountId, IdentityId, Key, LiveId, MessageId, PersonId, SourceId, ThreadId, Timestamp, Wish,
};

/// Pairs an update with the request that asked for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Which threads to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ThreadFilter {
    /// One source only.
    pub source: Option<SourceId>,
    /// Cross-app threads only.
    pub cross_app: bool,
    /// Read-only threads only.
    pub read_only: bool,
    /// Archived threads only. Otherwise they are left out, unless another filter is on.
    pub archived: bool,
    /// Threads with unread messages only.
    pub unread: bool,
    /// Threads with a draft only.
    pub drafts: bool,
    /// Threads only in which the last word was theirs, and an answer is due.
    pub awaiting: bool,
    /// Threads only in which somebody mentioned me since I last wrote or read.
    pub mentions: bool,
    /// Message requests and invitations only.
    pub requests: bool,
    /// Snoozed threads only. Otherwise they are left out, unless another filter is on.
    pub snoozed: bool,
    /// Threads with starred messages only.
    pub starred: bool,
    /// Threads with this label only.
    pub label: Option<String>,
}

/// A place in a transcript: sort keys, so that it holds even if the message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TranscriptPos {
    /// When.
    pub at: Timestamp,
    /// Ties within one instant.
    pub order: i64,
    /// Ties within those.
    pub message: MessageId,
}

/// Where to open a transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenAt {
    /// At the newest message.
    End,
    /// At the oldest.
    Start,
    /// At the first message at or after an instant.
    Date(Timestamp),
    /// At a message.
    Message(MessageId),
}

/// Which way to page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Towards the past.
    Older,
    /// Towards the present.
    Newer,
}

/// What the person says of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarkChange {
    /// "It crosses to that app." Also accepts a suggestion.
    CrossApp(SourceId),
    /// "It is not a cross-app thread." Refuses a suggestion.
    NotCrossApp,
    /// "It is read-only."
    ReadOnly,
    /// Takes every mark back.
    Clear,
}

/// What can be done with a message of a live thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alteration {
    /// React, or take the reaction back if it is there.
    React(String),
    /// Another text.
    Edit(String),
    /// Take it back.
    Delete,
}

/// What the screen asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// A window of the thread list, newest activity first.
    Threads {
        /// For the answer.
        ticket: Ticket,
        /// Which threads.
        filter: ThreadFilter,
        /// In which order.
        order: ListOrder,
        /// How many rows to skip from the newest.
        offset: usize,
        /// How many rows; at most 500.
        limit: usize,
        /// If set, the window is moved so that it holds this thread, wherever it stands now.
        around: Option<ThreadId>,
    },
    /// Threads whose name holds these letters in order, best first, whatever view they are in.
    /// Answered by `Update::Found`.
    Find {
        /// For the answer.
        ticket: Ticket,
        /// As typed; empty: all threads, newest activity first.
        typed: String,
        /// These come first where nothing is typed.
        first: Vec<ThreadId>,
        /// How many rows; at most 500.
        limit: usize,
    },
    /// A thread's header, verdict and first page.
    Open {
        /// For the answer.
        ticket: Ticket,
        /// The thread.
        thread: ThreadId,
        /// Where.
        at: OpenAt,
        /// How many messages; at most 200.
        limit: usize,
    },
    /// One more page of an open transcript.
    Page {
        /// For the answer.
        ticket: Ticket,
        /// The thread.
        thread: ThreadId,
        /// From here, exclusive.
        from: TranscriptPos,
        /// Which way.
        direction: Direction,
        /// How many messages; at most 200.
        limit: usize,
    },
    /// Keeps a thread's draft; empty text forgets it.
    SaveDraft {
        /// The thread.
        thread: ThreadId,
        /// The text as typed.
        text: String,
    },
    /// Keeps which message a thread's draft answers.
    SaveReply {
        /// The thread.
        thread: ThreadId,
        /// The message; `None`: none.
        message: Option<MessageId>,
    },
    /// The person pressed Enter in an enabled composer. Policy is asked; answered by
    /// `Update::HandOff` or `Update::Refused`.
    Send {
        /// For the answer.
        ticket: Ticket,
        /// The thread.
        thread: ThreadId,
        /// The text.
        text: String,
        /// The message that it answers.
        reply: Option<MessageId>,
    },
    /// Looks at files that may go with a message to a thread: policy is asked for each, and nothing
    /// is sent. Answered by `Update::Files`.
    LookAtFiles {
        /// For the answer.
        ticket: Ticket,
        /// The thread.
        thread: ThreadId,
        /// The paths as typed or dropped; `~` is home.
        paths: Vec<PathBuf>,
    },
    /// Sends files to a live thread, one message each; the text goes with the first. Policy is
    /// asked for all before the first goes. Answered like `Send`.
    SendFiles {
        /// For the answer.
        ticket: Ticket,
        /// The thread.
        thread: ThreadId,
        /// The text; may be empty.
        text: String,
        /// Where they lie, whole.
        files: Vec<PathBuf>,
        /// The message that they answer.
        reply: Option<MessageId>,
    },
    /// The person confirmed the hand-off that was shown: record it and open the link.
    OpenHandOff {
        /// The thread.
        thread: ThreadId,
        /// The text as written.
        text: String,
        /// The message that it answers.
        reply: Option<MessageId>,
        /// Open the link; otherwise only the record is made (the text is in the clipboard).
        open: bool,
    },
    /// The person tried something else than sending (call, new thread, react, …). Answered by
    /// `Update::Refused`, or `Update::HandOff` where a link can do it.
    Try {
        /// For the answer.
        ticket: Ticket,
        /// The thread.
        thread: ThreadId,
        /// What was tried.
        wish: Wish,
    },
    /// What was handed off from here in a thread, newest first. Answered by `Update::Handed`.
    Handed {
        /// For the answer.
        ticket: Ticket,
        /// The thread.
        thread: ThreadId,
        /// Older than this; `None`: from the newest.
        before: Option<TranscriptPos>,
        /// How many; at most 200.
        limit: usize,
    },
    /// The verdict ladder for every wish.
    Why {
        /// For the answer.
        ticket: Ticket,
        /// The thread.
        thread: ThreadId,
    },
    /// The interop rules in force.
    Rules {
        /// For the answer.
        ticket: Ticket,
    },
    /// Marks a thread.
    Mark {
        /// The thread.
        thread: ThreadId,
        /// What the person said.
        change: MarkChange,
    },
    /// Looks for exports at these paths, and into each. Answered by `Update::Exports`, then by an
    /// `Update::Looked` for each, until something is imported or cancelled.
    LookFor {
        /// For the answers.
        ticket: Ticket,
        /// The paths.
        paths: Vec<PathBuf>,
    },
    /// Imports what lies at these paths.
    Import {
        /// The paths.
        paths: Vec<PathBuf>,
        /// Only these of the exports found there; `None`: all.
        only: Option<Vec<ExportKey>>,
        /// What opens what is locked there: as it was typed, or the path of the file that holds it.
        key: Option<Key>,
    },
    /// Stops a running import; what was stored stays.
    CancelImport,
    /// Completes a path as it is typed.
    CompletePath {
        /// For the answer.
        ticket: Ticket,
        /// What was typed.
        typed: String,
    },
    /// Looks for messages. Answered by `Update::Hits`, unless a newer search came first.
    Search(SearchRequest),
    /// People by activity, whose name holds all of these words. Answered by `Update::People`.
    People {
        /// For the answer.
        ticket: Ticket,
        /// Words of a name; empty: everybody.
        name: String,
        /// How many rows to skip.
        offset: usize,
        /// How many rows; at most 200.
        limit: usize,
    },
    /// One person. Answered by `Update::People` with one row; with none where a thread is with
    /// nobody in particular.
    Person {
        /// For the answer.
        ticket: Ticket,
        /// Who.
        whose: Whose,
    },
    /// Who may be the same, likeliest first. Answered by `Update::Links`.
    Links {
        /// For the answer.
        ticket: Ticket,
    },
    /// The person says who is who. Can be undone.
    ChangePeople(PeopleChange),
    /// Somebody in the threads of one of the person's accounts is the person. Can be undone.
    ThisIsMe {
        /// As whom the account knows them.
        identity: IdentityId,
    },
    /// Every way to reach the person of a thread. Answered by `Update::Reach`.
    Reach {
        /// For the answer.
        ticket: Ticket,
        /// The thread.
        thread: ThreadId,
    },
    /// Every way to reach a person, also one who is met in groups only. Answered by
    /// `Update::Reach`.
    ReachPerson {
        /// For the answer.
        ticket: Ticket,
        /// The person.
        person: PersonId,
    },
    /// Takes a text along to another thread: put behind what is written there already, and no
    /// longer a draft here. Answered by `Update::Carried`.
    Carry {
        /// For the answer.
        ticket: Ticket,
        /// From this thread.
        from: ThreadId,
        /// To that one.
        to: ThreadId,
        /// The text as typed; may be empty.
        text: String,
    },
    /// Begins a conversation at a bare address. Policy is asked; answered by `Update::HandOff`
    /// (whose `thread` is `from`) or `Update::Refused`. Nothing is opened yet.
    StartAt {
        /// For the answer.
        ticket: Ticket,
        /// The thread that the reach card was opened from.
        from: ThreadId,
        /// The identity whose address it is.
        identity: IdentityId,
        /// The text.
        text: String,
    },
    /// The person confirmed beginning at an address: open the link. The text stays a draft where
    /// it was written, since no thread holds it yet.
    OpenStart {
        /// The identity.
        identity: IdentityId,
        /// The text.
        text: String,
    },
    /// A person's merged timeline: all direct threads with them, each message badged. Answered by
    /// `Update::Timeline`.
    OpenPerson {
        /// For the answer.
        ticket: Ticket,
        /// The person.
        person: PersonId,
        /// Where.
        at: OpenAt,
        /// How many messages; at most 200.
        limit: usize,
    },
    /// One more page of a timeline. Answered by `Update::TimelinePage`.
    PagePerson {
        /// For the answer.
        ticket: Ticket,
        /// The person.
        person: PersonId,
        /// From here, exclusive.
        from: TranscriptPos,
        /// Which way.
        direction: Direction,
        /// How many messages; at most 200.
        limit: usize,
    },
    /// Does something with threads. Told by a notice that names the undo; can be undone.
    Triage {
        /// The threads.
        threads: Vec<ThreadId>,
        /// What.
        change: TriageChange,
    },
    /// Stars a message, or takes its star away. Can be undone.
    Star {
        /// The message.
        message: MessageId,
        /// Starred or not.
        on: bool,
    },
    /// Takes the last change of triage, stars or people back. Told by a notice.
    Undo,
    /// What is about to close. Answered by `Update::Closing`.
    Closing {
        /// For the answer.
        ticket: Ticket,
    },
    /// Live accounts. Answered by `Update::Accounts`, which also comes whenever one changes.
    Accounts,
    /// My accounts in every app. Answered by `Update::MyAccounts`.
    MyAccounts,
    /// Who may be me in an account. Answered by `Update::Candidates`.
    Candidates {
        /// For the answer.
        ticket: Ticket,
        /// Which.
        account: AccountId,
    },
    /// "In this account I am that one." Told by a notice; can be undone.
    IAm {
        /// Which.
        account: AccountId,
        /// The key of a [`CandidateRow`](super::CandidateRow).
        key: String,
    },
    /// "These two accounts of mine are one." Told by a notice.
    SameAccount {
        /// One.
        a: AccountId,
        /// The other.
        b: AccountId,
    },
    /// "This account of mine is one of its own after all." Told by a notice.
    AccountApart {
        /// Which.
        account: AccountId,
    },
    /// Adds a live account and begins to sign in.
    AddAccount {
        /// The connector: the name of its program, or a path to it.
        connector: String,
    },
    /// The answer to an account's question.
    AnswerAccount {
        /// The account.
        account: LiveId,
        /// The question's.
        id: String,
        /// The answer; `None`: the person gave up.
        value: Option<String>,
    },
    /// Signs an account out and takes it away. Its threads stay, as archives.
    RemoveAccount {
        /// The account.
        account: LiveId,
    },
    /// Starts an account's connector again, now.
    RestartAccount {
        /// The account.
        account: LiveId,
    },
    /// Reads without telling the others, or not.
    QuietAccount {
        /// The account.
        account: LiveId,
        /// Which.
        quiet: bool,
    },
    /// Sees to an account's keys of encryption: its connector asks what it needs.
    VerifyAccount {
        /// The account.
        account: LiveId,
    },
    /// The person looks at a live thread (`None`: at none): the service is told, if they have
    /// truly looked, that it is read.
    Look {
        /// The thread.
        thread: Option<ThreadId>,
        /// They have looked at its end.
        read: bool,
    },
    /// The person is writing in a live thread, or not any more. Told to the service unless the
    /// account is quiet.
    Typing {
        /// The thread.
        thread: ThreadId,
        /// Which.
        on: bool,
    },
    /// Older messages of a live thread, or those of a gap, from its service.
    FetchOlder {
        /// The thread.
        thread: ThreadId,
        /// The gap's token; `None`: before the oldest.
        token: Option<String>,
    },
    /// Sends a message again that did not go.
    Retry {
        /// The message.
        message: MessageId,
    },
    /// Takes a message that has not gone out of the outbox. Answered by `Update::TakenBack`.
    TakeBack {
        /// For the answer.
        ticket: Ticket,
        /// The message.
        message: MessageId,
    },
    /// Does something with a message of a live thread. Policy is asked; a refusal is
    /// `Update::Refused`.
    Alter {
        /// For the answer.
        ticket: Ticket,
        /// The message.
        message: MessageId,
        /// What.
        change: Alteration,
    },
    /// Accepts an invitation.
    Accept {
        /// The thread.
        thread: ThreadId,
    },
    /// Opens a file of a message; one that is not here yet is fetched from its service first. How
    /// far that is comes as `Update::Media`.
    OpenFile {
        /// The message.
        message: MessageId,
        /// Which of its attachments.
        index: usize,
    },
    /// Saves a file of a message that is here among the person's downloads. Where it went comes as
    /// `Update::Notice`.
    SaveFile {
        /// The message.
        message: MessageId,
        /// Which of its attachments.
        index: usize,
    },
    /// Fills the store with the demo inbox (first run, in memory stores only).
    LoadDemo,
}
