//! The shapes of `--json`: the contract of `product.md`, field by field.

use serde::Serialize;

use crate::engine::{Detected, StoredMessage};
use crate::inbox::{Coverage, ExportLook, ImportSummary, ReasonRow, ThreadRow};
use crate::model::{AttachmentKind, Call, Deletion, Locked, MessageKind, Oddity, Timestamp};

/// `import --json`.
#[derive(Serialize)]
pub struct Report<'a> {
    source: &'a str,
    account: &'a str,
    files: u64,
    threads_added: u64,
    threads_known: u64,
    messages_added: u64,
    messages_known: u64,
    oddities: u64,
    oddity_samples: &'a [Oddity],
    remarks: &'a [String],
    partial: bool,
    locked: Vec<LockedFile<'a>>,
    seconds: f64,
}

/// A locked export.
#[derive(Serialize)]
pub struct LockedFile<'a> {
    file: &'a str,
    wants: &'a str,
    refused: Option<&'a str>,
}

/// An import's report.
pub fn report(s: &ImportSummary) -> Report<'_> {
    Report {
        source: &s.id,
        account: &s.account,
        files: s.files,
        threads_added: s.threads_added,
        threads_known: s.threads_known,
        messages_added: s.messages_added,
        messages_known: s.messages_known,
        oddities: s.oddities,
        oddity_samples: &s.samples,
        remarks: &s.remarks,
        partial: s.partial,
        locked: s.locked.iter().map(locked).collect(),
        seconds: (s.elapsed.as_secs_f64() * 1000.0).round() / 1000.0,
    }
}

/// An export that was found.
#[derive(Serialize)]
pub struct Look<'a> {
    source: &'a str,
    what: &'a str,
    places: &'a [String],
    account: &'a str,
    known_by: &'a str,
    threads: u64,
    messages: u64,
    first: Option<String>,
    last: Option<String>,
    files: u64,
    bytes: u64,
    oddities: u64,
    locked: Option<LockedFile<'a>>,
    broken: Option<&'a str>,
}

/// An export that was found and looked into.
pub fn look<'a>(d: &'a Detected, l: &'a ExportLook) -> Look<'a> {
    Look {
        source: d.source.id,
        what: &d.what,
        places: &d.lies,
        account: &l.account,
        known_by: &l.known_by,
        threads: l.threads,
        messages: l.messages,
        first: l.first.map(Timestamp::to_rfc3339),
        last: l.last.map(Timestamp::to_rfc3339),
        files: l.files,
        bytes: l.bytes,
        oddities: l.oddities,
        locked: l.locked.as_ref().map(locked),
        broken: l.broken.as_deref(),
    }
}

fn locked(l: &Locked) -> LockedFile<'_> {
    LockedFile { file: &l.file, wants: &l.wants, refused: l.refused.as_deref() }
}

/// A reason.
#[derive(Serialize)]
pub struct Reason<'a> {
    code: &'a str,
    text: &'a str,
    since: Option<&'a str>,
    sure: &'a str,
    evidence: &'a str,
    next: &'a str,
}

/// A reason, as every listing gives it.
pub fn reason(r: &ReasonRow) -> Reason<'_> {
    Reason {
        code: r.code,
        text: &r.text,
        since: Some(r.since.as_str()).filter(|s| !s.is_empty()),
        sure: r.sure,
        evidence: &r.evidence,
        next: &r.next,
    }
}

/// Somebody in a thread.
#[derive(Serialize)]
pub struct Participant {
    /// Name as it came.
    pub name: String,
    /// The source they write from.
    pub source: String,
    /// It is me.
    pub is_me: bool,
}

/// `threads --json`.
#[derive(Serialize)]
pub struct Thread<'a> {
    id: i64,
    source: &'a str,
    account: &'a str,
    title: &'a str,
    kind: &'a str,
    participants: Vec<Participant>,
    messages: u64,
    first: Option<String>,
    last: Option<String>,
    unread: Option<u32>,
    archived: bool,
    cross_app: bool,
    /// The other app, where it is known.
    cross_app_with: Option<&'a str>,
    verdict: &'a str,
    reason: Option<Reason<'a>>,
    warned: bool,
    suggested: bool,
    pinned: bool,
    muted: bool,
    snoozed_until: Option<String>,
    awaiting: bool,
    mentioned: bool,
    starred: u64,
    labels: &'a [String],
}

/// A thread's line.
pub fn thread<'a>(
    row: &'a ThreadRow,
    account: &'a str,
    participants: Vec<Participant>,
    first: Option<String>,
) -> Thread<'a> {
    Thread {
        id: row.id.0,
        source: row.badge.source.as_str(),
        account,
        title: &row.title,
        kind: row.kind.word(),
        participants,
        messages: row.messages,
        first,
        last: row.last.map(Timestamp::to_rfc3339),
        unread: row.unread,
        archived: row.archived,
        cross_app: row.cross.is_some(),
        cross_app_with: row.cross.as_ref().map(|b| b.source.as_str()),
        verdict: row.verdict.word(),
        reason: row.reason.as_ref().map(reason),
        warned: row.warned,
        suggested: row.suggested,
        pinned: row.pinned,
        muted: row.muted,
        snoozed_until: row.snoozed.map(Timestamp::to_rfc3339),
        awaiting: row.awaiting,
        mentioned: row.mentioned,
        starred: row.starred,
        labels: &row.labels,
    }
}

/// An attachment.
#[derive(Serialize)]
pub struct Attachment {
    kind: &'static str,
    name: Option<String>,
    path: Option<String>,
    present: bool,
}

/// A link, story, reel or post that was passed on: nothing that an export could hold or leave out.
#[derive(Serialize)]
pub struct Share {
    title: Option<String>,
    url: Option<String>,
}

/// A call: how long it was, where known, and whether nobody answered.
#[derive(Serialize)]
pub struct Called {
    seconds: Option<u32>,
    missed: bool,
    video: Option<bool>,
}

/// A reaction.
#[derive(Serialize)]
pub struct Reaction {
    emoji: String,
    by: String,
}

/// `show --json`.
#[derive(Serialize)]
pub struct Message {
    id: i64,
    thread: i64,
    sender: Option<String>,
    is_me: bool,
    time: String,
    kind: &'static str,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<Called>,
    attachments: Vec<Attachment>,
    shares: Vec<Share>,
    reactions: Vec<Reaction>,
    reply_to: Option<String>,
    forwarded: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    forwarded_from: Option<String>,
    edited: bool,
    deleted: bool,
    send_state: Option<&'static str>,
}

/// A message's line. What was deleted stays hidden here as on screen.
pub fn message(m: StoredMessage, name_of: &dyn Fn(&str) -> String) -> Message {
    let deleted = m.deletion != Deletion::None;
    let shown = if deleted { Vec::new() } else { m.attachments };
    let (shared, held): (Vec<_>, Vec<_>) =
        shown.into_iter().partition(|a| a.kind == AttachmentKind::Share);
    Message {
        id: m.id.0,
        thread: m.thread.0,
        sender: m.sender,
        is_me: m.mine,
        time: m.sent.at.to_rfc3339(),
        kind: match m.kind {
            MessageKind::Text => "message",
            MessageKind::System => "system",
            MessageKind::Call(_) => "call",
            MessageKind::Poll => "poll",
            MessageKind::Sealed => "sealed",
        },
        call: match m.kind {
            MessageKind::Call(Call { seconds, missed, video }) => {
                Some(Called { seconds, missed, video })
            }
            _ => None,
        },
        text: if deleted { String::new() } else { m.text },
        shares: shared
            .into_iter()
            .map(|a| Share { title: a.name, url: a.url.or(a.path) })
            .collect(),
        attachments: held
            .into_iter()
            .map(|a| Attachment {
                kind: a.kind.word(),
                present: a.container_path.is_some(),
                name: a.name,
                path: a.path.or(a.url),
            })
            .collect(),
        reactions: m
            .reactions
            .into_iter()
            .map(|r| Reaction { by: name_of(&r.by), emoji: r.emoji })
            .collect(),
        reply_to: m.reply_to.and_then(|r| r.native_id.or(r.quote)),
        forwarded: m.forwarded,
        forwarded_from: m.forwarded_from.filter(|_| !deleted),
        edited: m.edited.is_some(),
        deleted,
        send_state: m.send_state.map(crate::model::SendState::word),
    }
}

/// `search --json`: the message and what matched.
#[derive(Serialize)]
pub struct Hit {
    #[serde(flatten)]
    message: Message,
    /// Bytes of `text`.
    highlights: Vec<(usize, usize)>,
}

/// A hit's line.
pub fn hit(
    m: StoredMessage,
    name_of: &dyn Fn(&str) -> String,
    highlights: Vec<(usize, usize)>,
) -> Hit {
    Hit { message: message(m, name_of), highlights }
}

/// The last line of `search --json`.
#[derive(Serialize)]
pub struct Searched<'a> {
    coverage: Covered<'a>,
}

#[derive(Serialize)]
struct Covered<'a> {
    /// How many messages were found; there may be more if `at_least`.
    found: u64,
    at_least: bool,
    threads: u64,
    messages: u64,
    /// Of them; fewer while the index is being built.
    searched: u64,
    sources: Vec<CoveredSource<'a>>,
    not_covered: &'a [String],
    /// Names that were asked for and nobody and nothing bears.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    unknown: &'a [String],
}

#[derive(Serialize)]
struct CoveredSource<'a> {
    source: &'a str,
    threads: u64,
    messages: u64,
    first: Option<String>,
    last: Option<String>,
}

/// What was searched.
pub fn coverage(found: u64, at_least: bool, c: &Coverage) -> Searched<'_> {
    let sources = c.sources.iter().map(|s| CoveredSource {
        source: s.badge.source.as_str(),
        threads: s.threads,
        messages: s.messages,
        first: s.first.map(Timestamp::to_rfc3339),
        last: s.last.map(Timestamp::to_rfc3339),
    });
    Searched {
        coverage: Covered {
            found,
            at_least,
            threads: c.threads,
            messages: c.messages,
            searched: c.searched,
            sources: sources.collect(),
            not_covered: &c.not_covered,
            unknown: &c.unknown,
        },
    }
}
