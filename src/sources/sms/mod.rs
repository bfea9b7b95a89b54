//! Backups of the phone app SMS Backup & Restore: messages (`smses`) and calls (`calls`) in XML.
//!
//! The fields are those of the app's own page (synctech.com.au, "Fields in XML backup files") and of
//! Android's tables, whose values the app copies as they are: what is not there is the word `null`.
//! An MMS has its pictures inside, as base64: it is told where they lie, they themselves stay there. RCS
//! messages that the phone shows to other apps are MMS among the others, without a mark that is
//! documented. What the app cannot see (most encrypted RCS chats) is not in the file.
//!
//! A thread is the set of the others' numbers. A draft was never sent: it is told as an event.

mod number;
mod pdu;
mod survey;
mod threads;

use std::sync::Arc;

use super::odds::Odds;
use super::wrapped::ending;
use super::{Entry, FileTree, Found, ReadError, ReadOptions, Sink, Source, Stop};
use crate::model::{
    AccountRecord, Attachment, AttachmentKind, Call, How, MediaPlace, MessageKind, MessageRecord,
    Moment, Oddity, Record, SendState, SourceId, Timestamp, Within,
};
use pdu::{Called, Item, Items, Mms, Sms, is_card};
use threads::{Side, Threads};

/// Backups of SMS, MMS and calls.
pub const SOURCE: Source = Source { id: "sms", parts_share_a_tree: false, recognise, read };

/// Enough for the head of a file and its first message.
const HEAD: usize = 16 << 10;
/// What a group's own name on the network ends with (RCS).
const RCS: &str = "@rcs.google.com";
/// Items between two words about progress.
const EVERY: u64 = 256;

/// What the beginning of a file says that it is.
fn kind(head: &[u8]) -> Option<&'static str> {
    let at = |what: &[u8]| memchr::memmem::find(head, what);
    let holds = |root: &[u8], item: &[u8]| {
        at(root).is_some_and(|start| {
            let inside = head.get(start..).unwrap_or_default();
            let mark = inside.iter().position(|b| *b == b'>').unwrap_or(inside.len());
            let own = inside.get(..mark).unwrap_or_default();
            memchr::memmem::find(own, b"count=").is_some()
                || memchr::memmem::find(inside, item).is_some()
        })
    };
    if holds(b"<smses", b"<sms ") || holds(b"<smses", b"<mms ") {
        return Some("SMS Backup & Restore: messages");
    }
    holds(b"<calls", b"<call number=").then_some("SMS Backup & Restore: calls")
}

fn files(tree: &FileTree) -> impl Iterator<Item = (&Entry, &'static str)> {
    tree.entries().iter().filter_map(move |entry| {
        if !entry.path.to_ascii_lowercase().ends_with(".xml") {
            return None;
        }
        Some((entry, kind(&tree.head(entry, HEAD).ok()?)?))
    })
}

fn recognise(tree: &FileTree) -> Vec<Found> {
    Found::in_folders(files(tree))
}

fn read(tree: &FileTree, options: &ReadOptions, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let files: Vec<&Entry> =
        files(tree).map(|(e, _)| e).filter(|e| !e.path.contains('/')).collect();
    let phone = survey::phone(tree, &files, options, sink)?;
    sink.take(Record::Account(account(&phone, options)))?;
    let mut threads = Threads::of(phone, options);
    let mut order = 0;
    for entry in files {
        threads.file();
        file(tree, entry, &mut threads, &mut order, sink)?;
    }
    threads.finish(sink)?;
    Ok(())
}

fn account(phone: &survey::Phone, options: &ReadOptions) -> AccountRecord {
    let known_by = match (&options.me, &phone.shown) {
        (Some(_), _) => "--me",
        (None, Some(_)) => "whom the MMS came to",
        (None, None) => "what was sent is marked; the number is not told",
    };
    AccountRecord {
        source: SourceId::known(SOURCE.id),
        // One phone: its number is not in every backup, and changes.
        key: options.account.clone().unwrap_or_default(),
        name: options.me.clone().or_else(|| phone.shown.clone()).unwrap_or_default(),
        me_names: Vec::new(),
        known_by: known_by.to_owned(),
    }
}

fn file(
    tree: &FileTree,
    entry: &Entry,
    threads: &mut Threads<'_>,
    order: &mut i64,
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    let mut odds = Odds::of(&entry.path);
    let stream = match tree.open_entry(entry) {
        Ok(stream) => stream,
        Err(why) => return sink.odd(Oddity::file(&entry.path, why.to_string())),
    };
    let here = tree.media(&entry.path);
    let mut items = Items::of(stream);
    let (mut met, mut told) = (0u64, 0u64);
    let mut last = None;
    loop {
        let mut item = match items.item() {
            Ok(Some(item)) => item,
            Ok(None) => break,
            Err(why) => {
                let why = format!("the rest cannot be read: {why}");
                odds.say(format!("message {met}"), &why, sink)?;
                items.ended = true;
                break;
            }
        };
        met += 1;
        *order = order.saturating_add(1);
        let at = || format!("message {met}");
        for _ in 0..items.torn() {
            odds.say(at(), "a damaged entry near it is left out", sink)?;
        }
        if stand(&mut item, &mut last, || first(tree, entry)) {
            odds.say(at(), BESIDE, sink)?;
        }
        let (cut, result) = match item {
            Item::Sms(sms) => (sms.cut, tell_sms(sms, threads, *order, sink)?),
            Item::Mms(mms) => (mms.cut, tell_mms(*mms, &here, threads, *order, sink)?),
            Item::Call(call) => (false, tell_call(call, threads, *order, sink)?),
        };
        if cut {
            odds.say(at(), "too large; a part of it is left out", sink)?;
        }
        if let Err(why) = result {
            odds.say(at(), why, sink)?;
        }
        if met.is_multiple_of(EVERY) {
            let now = items.bytes();
            sink.advance(now - std::mem::replace(&mut told, now))?;
        }
    }
    for _ in 0..items.torn() {
        odds.say(format!("message {met}"), "a damaged entry after it is left out", sink)?;
    }
    if !items.ended {
        let why = "the file breaks off: what came after this is lost";
        odds.say(format!("message {met}"), why, sink)?;
    }
    sink.advance(items.bytes().saturating_sub(told))?;
    odds.end(sink)
}

/// What became of it, or why it could not be told.
type Told = Result<Result<(), &'static str>, Stop>;

const NO_DATE: &str = "it has no time that can be read";
const BESIDE: &str = "it has no time that can be read; it stands beside its neighbour";

/// Reports that something was delivered or read: no messages.
fn is_report(mms: &Mms) -> bool {
    matches!(mms.m_type, Some(134 | 136))
}

/// Whether it is a message without a time of its own that says something: it gets its neighbour's. A
/// call says nothing but when it was.
fn stand(item: &mut Item, last: &mut Option<i64>, first: impl FnOnce() -> i64) -> bool {
    let date = match item {
        Item::Sms(sms) if sms.date.is_some() || !sms.body.is_empty() => &mut sms.date,
        Item::Mms(mms) if mms.date.is_some() || (!is_report(mms) && !mms.parts.is_empty()) => {
            &mut mms.date
        }
        Item::Sms(_) | Item::Mms(_) | Item::Call(_) => return false,
    };
    let own = *date;
    // Zero is how some phones say that they do not know.
    *last = own.filter(|at| *at > 0).or(*last).or_else(|| own.is_none().then(first));
    *date = own.or(*last);
    own.is_none()
}

/// The first time that a file tells; the beginning of time where it tells none.
fn first(tree: &FileTree, entry: &Entry) -> i64 {
    let Ok(stream) = tree.open_entry(entry) else { return 0 };
    let mut items = Items::of(stream);
    while let Ok(Some(item)) = items.item() {
        let date = match item {
            Item::Sms(sms) => sms.date,
            Item::Mms(mms) => mms.date,
            Item::Call(call) => call.date,
        };
        if let Some(date) = date {
            return date;
        }
    }
    0
}

/// Which way a message went.
enum Way {
    In,
    Out(Option<SendState>),
    Draft,
}

fn way(kind: Option<i64>, failed: bool) -> Way {
    match kind {
        Some(2) if failed => Way::Out(Some(SendState::Failed)),
        Some(2) => Way::Out(None),
        Some(3) => Way::Draft,
        // It was still to go out when the backup was made.
        Some(4 | 6) => Way::Out(Some(SendState::Unconfirmed)),
        Some(5) => Way::Out(Some(SendState::Failed)),
        _ => Way::In,
    }
}

fn draft(message: &mut MessageRecord) {
    message.sender = None;
    message.kind = MessageKind::System;
    message.text = format!("Draft, not sent: {}", message.text);
}

fn tell_sms(sms: Sms, threads: &mut Threads<'_>, order: i64, sink: &mut dyn Sink) -> Told {
    let Some(date) = sms.date else { return Ok(Err(NO_DATE)) };
    // A group's SMS names all of it.
    let addresses = number::addresses(sms.address.clone());
    if let [one] = addresses.as_slice() {
        threads.learn(Some(one), sms.contact.as_deref());
    }
    let side = threads.with(&addresses, sink)?;
    let sent = Moment::exact(Timestamp(date));
    let mut message = MessageRecord::text(Arc::clone(&side.thread), None, sent, sms.body);
    message.order = order;
    match way(sms.kind, sms.status == Some(64)) {
        Way::In => {
            let from = addresses.first().filter(|_| addresses.len() == 1);
            message.sender = Some(threads.sender(&side, from.map(String::as_str), sink)?);
            threads.came(&side.thread, sms.read);
        }
        Way::Out(state) => {
            message.sender = Some(Threads::me());
            message.send_state = state;
        }
        Way::Draft => draft(&mut message),
    }
    sink.take(Record::Message(Box::new(message)))?;
    Ok(Ok(()))
}

fn attachment(part: &pdu::Part, file: &MediaPlace) -> Attachment {
    let mime = part.mime.as_str();
    let kind = match mime.split('/').next().unwrap_or_default() {
        _ if mime == "image/gif" => AttachmentKind::Gif,
        _ if mime.contains("vcard") => AttachmentKind::Contact,
        _ if is_card(mime) => AttachmentKind::File,
        "image" => AttachmentKind::Photo,
        "video" => AttachmentKind::Video,
        "audio" => AttachmentKind::Audio,
        _ => AttachmentKind::File,
    };
    let place = match (file, &part.place) {
        (MediaPlace::Export { path, container }, Some(at)) => {
            let length = at.end.saturating_sub(at.start);
            let within = Within::new(at.start, length, How::Base64, ending(mime));
            MediaPlace::Export { path: within.onto(path), container: container.clone() }
        }
        _ => MediaPlace::Omitted,
    };
    Attachment { kind, name: part.name.clone(), place }
}

/// The thread that an MMS stands in.
fn side(mms: &mut Mms, threads: &mut Threads<'_>, sink: &mut dyn Sink) -> Result<Side, Stop> {
    if let [token] = mms.others.as_slice()
        && token.to_ascii_lowercase().ends_with(RCS)
    {
        mms.from = mms.from.take().filter(|from| !from.eq_ignore_ascii_case(token));
        let named: Vec<String> = mms.from.iter().chain(&mms.to).cloned().collect();
        return threads.group(token, &named, sink);
    }
    let everyone: Vec<String> = match mms.others.is_empty() {
        false => mms.others.clone(),
        // Whoever sent it and got it. I am among them, under a number that is mine.
        true => {
            let way_in = !matches!(mms.msg_box, Some(2..=6));
            mms.from.iter().filter(|_| way_in).chain(&mms.to).cloned().collect()
        }
    };
    if let [one] = everyone.as_slice() {
        threads.learn(Some(one), mms.contact.as_deref());
    }
    let mut side = threads.with(&everyone, sink)?;
    // A message of mine to a group of which the phone only names whom it is from.
    if let ([_], Some(from), true) = (side.others.as_slice(), &mms.from, mms.to.len() > 1)
        && mms.msg_box == Some(1)
    {
        let all: Vec<String> = std::iter::once(from).chain(&mms.to).cloned().collect();
        let known = mms.to.iter().any(|to| threads.is_mine(to));
        if known {
            side = threads.with(&all, sink)?;
        }
    }
    Ok(side)
}

fn tell_mms(
    mut mms: Mms,
    file: &MediaPlace,
    threads: &mut Threads<'_>,
    order: i64,
    sink: &mut dyn Sink,
) -> Told {
    if is_report(&mms) {
        return Ok(Ok(()));
    }
    let Some(date) = mms.date else { return Ok(Err(NO_DATE)) };
    let side = side(&mut mms, threads, sink)?;
    let texts = mms.subject.iter().map(String::as_str);
    let texts: Vec<&str> =
        texts.chain(mms.parts.iter().filter_map(|p| p.text.as_deref())).collect();
    let texts: Vec<&str> = texts.into_iter().filter(|t| !t.is_empty()).collect();
    let sent = Moment::exact(Timestamp(date));
    let mut message = MessageRecord::text(Arc::clone(&side.thread), None, sent, texts.join("\n"));
    message.order = order;
    // The network's id alone is not always the only one of its kind.
    message.native_id = mms.id.as_ref().map(|id| format!("{id}@{date}"));
    let files = mms.parts.iter().filter(|p| p.text.is_none());
    message.attachments = files.map(|p| attachment(p, file)).collect();
    if mms.m_type == Some(130) && message.attachments.is_empty() {
        message.attachments.push(Attachment {
            kind: AttachmentKind::File,
            name: Some("MMS that was not downloaded".to_owned()),
            place: MediaPlace::Omitted,
        });
    }
    match way(mms.msg_box, false) {
        Way::In => {
            message.sender = Some(threads.sender(&side, mms.from.as_deref(), sink)?);
            threads.came(&side.thread, mms.read);
        }
        Way::Out(state) => {
            message.sender = Some(Threads::me());
            message.send_state = state;
        }
        Way::Draft => draft(&mut message),
    }
    sink.take(Record::Message(Box::new(message)))?;
    Ok(Ok(()))
}

fn tell_call(call: Called, threads: &mut Threads<'_>, order: i64, sink: &mut dyn Sink) -> Told {
    let Some(date) = call.date else { return Ok(Err(NO_DATE)) };
    let addresses: Vec<String> = call.address.into_iter().collect();
    if let [one] = addresses.as_slice() {
        threads.learn(Some(one), call.contact.as_deref());
    }
    let side = threads.with(&addresses, sink)?;
    let words = match call.kind {
        Some(4) => "Voicemail",
        Some(5) => "Declined",
        Some(6) => "Blocked",
        Some(7) => "Answered on another device",
        _ => "",
    };
    let sent = Moment::exact(Timestamp(date));
    let seconds = call.seconds.filter(|s| *s > 0);
    // One that I made is none that I missed.
    let unanswered = match call.kind {
        Some(1) => seconds.is_none(),
        Some(kind) => kind == 3 || kind == 5 || kind == 6,
        None => false,
    };
    let sender = match call.kind {
        Some(2) => Threads::me(),
        _ => threads.sender(&side, addresses.first().map(String::as_str), sink)?,
    };
    let mut message = MessageRecord::text(Arc::clone(&side.thread), Some(sender), sent, words);
    message.kind = MessageKind::Call(Call { video: None, seconds, missed: unanswered });
    message.order = order;
    sink.take(Record::Message(Box::new(message)))?;
    Ok(Ok(()))
}
