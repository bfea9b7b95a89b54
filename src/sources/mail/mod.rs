//! Mail: mailboxes of one file (mbox: Thunderbird, Apple Mail, Gmail's Takeout), maildirs, and
//! single mails (`.eml`).
//!
//! A conversation is a thread: mails that follow one another, else those of one subject among the
//! same people. MIME is `mail-parser`'s affair. Each mail is held in memory by itself, up to a
//! bound; what comes with it lies inside the file, and it is told where. A maildir's folders are
//! hidden ones beside its inbox (`.Sent`, `.Archive.2024`).

mod boxes;
mod charset;
mod clock;
mod date;
mod flowed;
mod invitation;
mod labels;
mod letter;
mod mbox;
mod me;
mod page;
mod said;
mod threads;
mod writer;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use twox_hash::XxHash3_64;

use super::odds::Odds;
use super::{
    Confidence, Entry, FileTree, Found, Quiet, ReadError, ReadOptions, Sink, Source, Stop, Zone,
};
use crate::model::{
    MessageKind, MessageRecord, Moment, ParticipantRecord, Record, ReplyTo, ThreadKind,
    ThreadRecord, Timestamp,
};
use boxes::{Kind, each};
use date::Date;
use letter::{Letter, Who, folded};
use me::Me;
use threads::Threads;

/// Mail.
pub const SOURCE: Source = Source { id: "mail", parts_share_a_tree: false, recognise, read };

/// A larger mail is read as far as this: its text is at the beginning.
const MOST: usize = 32 << 20;
/// Of a mail of which only the time is wanted.
const HEADERS: usize = 64 << 10;
/// Of so many threads and people it is remembered that they were told. To be told again does no
/// harm.
const REMEMBERED: usize = 1_000_000;
/// Threads with something unread.
const UNREAD: usize = 500_000;

/// Mails that wait for what they answer, their bytes, and what a part that came with one counts for.
const WAITING: usize = 20_000;
const BYTES: usize = 32 << 20;
const PART: usize = 512;

fn recognise(tree: &FileTree) -> Vec<Found> {
    let files = boxes::files(tree);
    if files.is_empty() {
        return Vec::new();
    }
    let all = |kind| files.iter().all(|(_, k)| *k == kind);
    let what = match (all(Kind::Mbox), all(Kind::Maildir)) {
        (true, _) => "Mail (mbox)",
        (_, true) => "Mail (maildir)",
        _ => "Mail",
    };
    let root = boxes::root(&files);
    vec![Found { root, confidence: Confidence::Sure, what: what.to_owned() }]
}

fn read(tree: &FileTree, options: &ReadOptions, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let files = boxes::files(tree);
    let me = me::look(tree, &files, options, sink)?;
    if me.addresses.is_empty() && options.me.is_none() {
        let why = "the mails do not say who you are; give your address with --me ADDRESS";
        sink.remark(why.to_owned())?;
    }
    sink.take(Record::Account(me.account(options)))?;
    let mut post = Post {
        me: &me,
        threads: Threads::default(),
        told: HashSet::new(),
        unread: HashMap::new(),
        order: 0,
        expunged: 0,
        last: None,
        waiting: Vec::new(),
        bytes: 0,
    };
    for (entry, kind) in files {
        let mut odds = Odds::of(&entry.path);
        // The mails of a maildir are neighbours, though each is a file.
        post.last = post.last.filter(|_| kind != Kind::Mbox);
        let mark = Mark::of(entry, kind);
        let here = tree.media(&entry.path);
        let rest = each(tree, (entry, kind), MOST, u64::MAX, sink, |piece, sink| {
            let at = || format!("mail {}", piece.number);
            let letter = letter::read(piece.bytes).filter(|letter| !letter.is_nothing());
            if piece.cut || letter.as_ref().is_some_and(|letter| letter.cut) {
                odds.say(at(), "too large; its end is left out", sink)?;
            }
            let Some(mut letter) = letter else { return odds.say(at(), "it is no mail", sink) };
            letter.attachments.iter_mut().for_each(|a| a.lies(&here, &piece.place, kind));
            let told = letter.date.or_else(|| delivered(entry, kind, piece.separator));
            let sent = match told.map(|date| date.moment(options.zone)) {
                Some(sent) => sent,
                None => {
                    let why = "it has no time that can be read; it stands beside its neighbour";
                    odds.say(at(), why, sink)?;
                    match post.last {
                        Some(before) => before,
                        None => first(tree, entry, kind, options.zone, sink)?,
                    }
                }
            };
            post.take(letter, sent, mark, sink)
        })?;
        sink.advance(rest)?;
        odds.end(sink)?;
    }
    post.finish(sink)?;
    Ok(())
}

/// When a mail came, as its place says.
fn delivered(entry: &Entry, kind: Kind, separator: &[u8]) -> Option<Date> {
    match kind {
        Kind::Mbox => date::of_separator(separator),
        Kind::Maildir => date::of_name(&entry.path),
        Kind::Single => None,
    }
}

/// The first time that a file tells; the beginning of time where it tells none.
fn first(
    tree: &FileTree,
    entry: &Entry,
    kind: Kind,
    zone: Zone,
    sink: &mut dyn Sink,
) -> Result<Moment, Stop> {
    let mut found = None;
    let mut quiet = Quiet(sink);
    let ended = each(tree, (entry, kind), HEADERS, u64::MAX, &mut quiet, |piece, _| {
        let date = letter::headers(piece.bytes).and_then(|l| l.date);
        found = date.or_else(|| delivered(entry, kind, piece.separator));
        found.map_or(Ok(()), |_| Err(Stop))
    });
    match (found, ended) {
        (Some(date), _) => Ok(date.moment(zone)),
        (None, ended) => ended.map(|_| Moment::exact(Timestamp(0))),
    }
}

/// What the place of a mail says of it.
#[derive(Clone, Copy)]
struct Mark {
    read: Option<bool>,
    draft: bool,
}

impl Mark {
    fn of(entry: &Entry, kind: Kind) -> Self {
        let draft = entry.path.split('/').any(me::is_drafts);
        if kind != Kind::Maildir {
            return Self { read: None, draft };
        }
        let (folder, name) = entry.path.rsplit_once('/').unwrap_or(("", &entry.path));
        // A colon cannot stand in a name everywhere.
        let flags = [":2,", "!2,", ";2,", "_2,"].iter().find_map(|m| name.rsplit_once(m));
        let flags = flags.map_or("", |(_, flags)| flags);
        let new = folder == "new" || folder.ends_with("/new");
        Self { read: Some(!new && flags.contains('S')), draft: draft || flags.contains('D') }
    }
}

/// A mail that waits for the one that it answers.
struct Waiting {
    letter: Letter,
    sent: Moment,
    mark: Mark,
    order: i64,
}

/// Takes mails.
struct Post<'a> {
    me: &'a Me,
    threads: Threads,
    told: HashSet<u64>,
    unread: HashMap<Arc<str>, u32>,
    order: i64,
    expunged: u64,
    /// When the mail before was sent.
    last: Option<Moment>,
    waiting: Vec<Waiting>,
    bytes: usize,
}

impl Post<'_> {
    /// Whether this is to be told: it is new, or forgotten.
    fn is_news(&mut self, what: &str, more: &str) -> bool {
        if self.told.len() >= REMEMBERED {
            self.told.clear();
        }
        self.told.insert(XxHash3_64::oneshot(format!("{what}\n{more}").as_bytes()))
    }

    fn person(&mut self, thread: &Arc<str>, who: &Who, sink: &mut dyn Sink) -> Result<(), Stop> {
        if !self.is_news(thread, &who.address) {
            return Ok(());
        }
        let is_me = self.me.is(&who.address);
        let my_name = is_me && !self.me.name.is_empty() && who.name == who.address;
        sink.take(Record::Participant(ParticipantRecord {
            is_me,
            ..ParticipantRecord::new(
                thread,
                who.address.as_str(),
                if my_name { self.me.name.clone() } else { who.name.clone() },
            )
        }))
    }

    fn take(
        &mut self,
        letter: Letter,
        sent: Moment,
        mark: Mark,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        self.last = Some(sent);
        if letter.expunged {
            self.expunged += 1;
            return Ok(());
        }
        self.order = self.order.saturating_add(1);
        let mail = Waiting { letter, sent, mark, order: self.order };
        if self.waits(&mail.letter) {
            self.waiting.push(mail);
            return Ok(());
        }
        self.tell(mail, sink)
    }

    fn waits(&mut self, letter: &Letter) -> bool {
        let parts = letter.attachments.len().saturating_mul(PART);
        let bytes = self.bytes.saturating_add(letter.text.len()).saturating_add(parts);
        if self.waiting.len() >= WAITING || bytes > BYTES {
            return false;
        }
        let all = letter.from.iter().chain(&letter.to).map(|who| who.address.as_str());
        let others: BTreeSet<&str> = all.filter(|a| !self.me.is(a)).collect();
        let waits = self.threads.waits(letter, &others);
        if waits {
            self.bytes = bytes;
        }
        waits
    }

    fn tell(&mut self, mail: Waiting, sink: &mut dyn Sink) -> Result<(), Stop> {
        let Waiting { mut letter, sent, mark, order } = mail;
        let everybody: Vec<Who> = letter.from.iter().chain(&letter.to).cloned().collect();
        let others: BTreeSet<&str> =
            everybody.iter().map(|w| w.address.as_str()).filter(|a| !self.me.is(a)).collect();
        let thread = self.threads.of(&letter, &others);
        let read = mark.read.or(letter.read);
        let (subject, forwarded) = folded(&letter.subject);
        let group = others.len() > 1 || letter.list;
        let new = self.is_news(&thread, "");
        // Somebody else may join what two have begun.
        let other = others.first().filter(|_| !group);
        let joined = group || other.is_some_and(|o| self.is_news(&thread, &format!("with {o}")));
        let grown = (group || (joined && !new)) && self.is_news(&thread, "of several");
        if grown && !new {
            let mut record = ThreadRecord::new(Arc::clone(&thread), "Mail");
            record.kind = Some(ThreadKind::Group);
            sink.take(Record::Thread(Box::new(record)))?;
        }
        if new {
            let mut record = ThreadRecord::new(Arc::clone(&thread), "Mail");
            record.title = Some(subject.to_owned()).filter(|s| !s.is_empty());
            record.kind = Some(if group { ThreadKind::Group } else { ThreadKind::Direct });
            record.address = others.first().filter(|_| !group).map(|a| (*a).to_owned());
            record.unread = read.map(|_| 0);
            if letter.labels.spam {
                record.folder = Some("filtered".to_owned());
            }
            sink.take(Record::Thread(Box::new(record)))?;
        }
        let from = self.me.shared.key(letter.writer).or(letter.from);
        for who in from.iter().chain(&letter.to) {
            self.person(&thread, who, sink)?;
        }
        let key = match &from {
            Some(who) => who.address.as_str().into(),
            None => self.nobody(&thread, sink)?,
        };
        let mine = self.me.is(&key);
        let text = std::mem::take(&mut letter.text);
        let mut message = MessageRecord::text(Arc::clone(&thread), Some(key), sent, text);
        message.order = order;
        message.forwarded = forwarded;
        let before = letter.answers.or_else(|| letter.references.pop());
        message.reply_to = before.map(|id| ReplyTo { native_id: Some(id), quote: None });
        (message.native_id, message.id_is_shared) = (letter.id, true);
        message.attachments = letter.attachments.into_iter().map(|a| a.attachment).collect();
        if letter.sealed && message.text.is_empty() {
            message.kind = MessageKind::Sealed;
        }
        if mark.draft || letter.labels.draft {
            message.kind = MessageKind::System;
            message.sender = None;
            message.text = format!("Draft, not sent: {}", message.text);
        } else if read == Some(false) && !mine {
            if let Some(n) = self.unread.get_mut(&thread) {
                *n = n.saturating_add(1);
            } else if self.unread.len() < UNREAD {
                self.unread.insert(thread, 1);
            }
        }
        sink.take(Record::Message(Box::new(message)))
    }

    fn nobody(&mut self, thread: &Arc<str>, sink: &mut dyn Sink) -> Result<Arc<str>, Stop> {
        let key: Arc<str> = "unknown".into();
        if self.is_news(thread, &key) {
            sink.take(Record::Participant(ParticipantRecord::new(
                thread,
                Arc::clone(&key),
                "Unknown sender".to_owned(),
            )))?;
        }
        Ok(key)
    }

    /// Tells what has waited, and how much is unread.
    fn finish(mut self, sink: &mut dyn Sink) -> Result<(), Stop> {
        let mut waiting = std::mem::take(&mut self.waiting);
        // An answer is younger than what it answers.
        waiting.sort_by_key(|mail| (mail.sent.at, mail.order));
        for mail in waiting {
            self.tell(mail, sink)?;
        }
        if self.expunged > 0 {
            let left_out = match self.expunged {
                1 => "1 mail is".to_owned(),
                n => format!("{n} mails are"),
            };
            sink.remark(format!(
                "{left_out} left out: Thunderbird had deleted or moved what it still keeps"
            ))?;
        }
        let mut unread: Vec<(Arc<str>, u32)> = self.unread.into_iter().collect();
        unread.sort();
        for (thread, n) in unread {
            let mut record = ThreadRecord::new(thread, "Mail");
            record.unread = Some(n);
            sink.take(Record::Thread(Box::new(record)))?;
        }
        Ok(())
    }
}
