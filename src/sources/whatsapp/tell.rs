//! The second walk over a chat: its thread, its people and its messages, told to the sink.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDateTime;

use super::body::Writer;
use super::lines::{self, RawMessage, Step};
use super::marks::{after_marks, bare};
use super::survey::Who;
use super::web::answers::{Answers, Asked};
use super::web::media::Files;
use super::{Chat, Me, body, dates, people};
use crate::model::{
    DatesRead, Deletion, MediaPlace, MessageKind, MessageRecord, Moment, Oddity, ParticipantRecord,
    Record, ReplyTo, ThreadKind, ThreadRecord, Timestamp,
};
use crate::sources::{DateOrder, FileTree, ReadError, ReadOptions, Sink, Stop};

/// One chat, with what its messages need.
struct Telling<'a> {
    tree: &'a FileTree,
    chat: &'a Chat<'a>,
    options: &'a ReadOptions,
    /// The folder of the chat's file, with `/`, where its media lie.
    folder: &'a str,
    thread: Arc<str>,
    order: DateOrder,
    /// Participants' keys by written name.
    keys: HashMap<&'a str, Arc<str>>,
    last: NaiveDateTime,
    last_at: Timestamp,
    damaged: (u64, u64),
    /// What the Web's export tells elsewhere than in the text.
    web: Option<(Answers, Files<'a>)>,
}

/// Tells a chat.
pub fn chat<'a>(
    tree: &'a FileTree,
    chat: &'a Chat<'a>,
    me: &Me,
    options: &'a ReadOptions,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let reader = match tree.open_entry(chat.entry) {
        Ok(reader) => reader,
        Err(why) => return Ok(sink.odd(Oddity::file(&chat.entry.path, why.to_string()))?),
    };
    let order = chat.dates.order;
    let record = thread(chat, me);
    let thread = Arc::clone(&record.key);
    sink.take(Record::Thread(Box::new(record)))?;
    // Two files of one folder may tell the same chat.
    sink.take(Record::Telling { thread: Arc::clone(&thread) })?;
    let keys = people_of(chat, me, &thread, sink)?;
    let folder = chat.entry.path.rfind('/').map_or("", |i| &chat.entry.path[..=i]);
    let last = chat.survey.dates.first(order);
    let last_at = Timestamp(i64::MIN);
    if chat.survey.cut_short {
        sink.remark(format!(
            "{}: WhatsApp says that earlier messages of this chat are not in its export; a \
             phone's export or database may have them",
            chat.entry.path
        ))?;
    }
    let web = (chat.survey.writer() == Writer::Web).then(|| {
        let of = |page| Answers::of(tree, page, chat.survey.messages);
        (chat.page.map(of).unwrap_or_default(), Files::new(tree, folder))
    });
    let mut telling = Telling {
        tree,
        chat,
        options,
        folder,
        thread,
        order,
        keys,
        last,
        last_at,
        damaged: (0, 0),
        web,
    };
    let outcome =
        lines::walk(reader, (&chat.survey.shape, chat.survey.returns), &mut |step| match step {
            Step::Preamble(_) => Ok(()),
            Step::Message(m) => telling.message(m, sink),
            Step::Progress(bytes) => sink.advance(bytes - bytes / 2),
        })?;
    if let Err(why) = outcome {
        sink.odd(Oddity::file(&chat.entry.path, format!("cannot be read to its end: {why}")))?;
    }
    let (count, line) = telling.damaged;
    if count > 0 {
        let hold = match count {
            1 => "1 message holds".to_owned(),
            n => format!("{n} messages hold"),
        };
        let why = format!("{hold} bytes that are no text; they are shown as \u{fffd}");
        sink.odd(Oddity::at(&chat.entry.path, format!("line {line}"), why))?;
    }
    Ok(())
}

/// My written name in this chat.
fn me_here<'a>(chat: &'a Chat<'_>, me: &Me) -> Option<&'a str> {
    let people = chat.survey.people(&chat.name.name);
    let mine = |p: &&str| me.names.contains_key(&people::key(p));
    let found = people.iter().find(|p| mine(p) && !people::alike(p, &chat.name.name));
    found.or_else(|| people.iter().find(|p| mine(p))).copied()
}

fn thread(chat: &Chat<'_>, me: &Me) -> ThreadRecord {
    let survey = &chat.survey;
    let group = survey.is_group(&chat.name);
    let mine = me_here(chat, me);
    let other = || {
        let people = survey.people(&chat.name.name);
        let others: Vec<_> = people.into_iter().filter(|p| Some(*p) != mine).collect();
        (!group && others.len() == 1).then(|| survey.full_name(others[0]))
    };
    let told = survey.title.clone().or_else(other).filter(|t| !t.is_empty());
    let named = Some(chat.name.name.clone()).filter(|n| !n.is_empty());
    let title =
        if chat.name.certain { named.clone() } else { told.clone().or_else(|| named.clone()) };
    // What a folder or a zip happens to be called is no chat's name: many chats lie in `export`.
    let key = match named.clone().filter(|_| chat.name.certain).or(told) {
        Some(name) => people::chat_key(&name),
        None => match survey.begins {
            Some(line) => format!("chat #{line:016x}"),
            None => people::chat_key(&named.unwrap_or_else(|| "chat".to_owned())),
        },
    };
    let mut record = ThreadRecord::new(key, "WhatsApp export");
    record.address = title.as_deref().filter(|_| !group).and_then(people::phone);
    record.title = title;
    record.kind = Some(if group { ThreadKind::Group } else { ThreadKind::Direct });
    record.membership = survey.membership(mine);
    record.posting = survey.posting();
    record.less_exact = true;
    record.dates = Some(DatesRead {
        order: chat.dates.order,
        known: chat.order_known,
        fits: survey.dates.fitting(),
        written: survey.dates.written(&survey.shape),
    });
    record
}

/// Tells everyone who writes (and the other side of a direct chat); answers keys by written name.
fn people_of<'a>(
    chat: &'a Chat<'_>,
    me: &Me,
    thread: &Arc<str>,
    sink: &mut dyn Sink,
) -> Result<HashMap<&'a str, Arc<str>>, Stop> {
    let survey = &chat.survey;
    let mine = me_here(chat, me).map(people::key);
    let mut keys = HashMap::new();
    let mut told: HashMap<String, Arc<str>> = HashMap::new();
    for name in survey.people(&chat.name.name) {
        let shown = survey.full_name(name);
        let folded = people::key(&shown);
        if let Some(key) = told.get(&folded) {
            keys.insert(name, Arc::clone(key));
            continue;
        }
        let key: Arc<str> = folded.as_str().into();
        let is_me = mine.as_deref() == Some(people::key(name).as_str());
        let left = survey.has_left(name);
        sink.take(participant(thread, &key, shown, is_me, left))?;
        keys.insert(name, Arc::clone(&key));
        told.insert(folded, key);
    }
    let peer = &chat.name.name;
    let silent = chat.name.certain
        && !survey.is_group(&chat.name)
        && !survey.is_to_myself(&chat.name)
        && !told.keys().any(|k| people::alike(k, peer));
    if silent {
        let key: Arc<str> = people::key(peer).into();
        sink.take(participant(thread, &key, peer.clone(), false, false))?;
    }
    Ok(keys)
}

fn participant(thread: &Arc<str>, key: &Arc<str>, name: String, is_me: bool, left: bool) -> Record {
    Record::Participant(ParticipantRecord {
        is_me,
        left,
        ..ParticipantRecord::new(thread, Arc::clone(key), name)
    })
}

impl Telling<'_> {
    fn message(&mut self, m: &RawMessage, sink: &mut dyn Sink) -> Result<(), Stop> {
        self.watch(m, sink)?;
        let sent = self.moment(m, sink)?;
        let thread = Arc::clone(&self.thread);
        let mut record = match self.chat.survey.who(m) {
            Who::App(text) => system(thread, sent, text),
            Who::Person(name, text) => match self.keys.get(name) {
                Some(key) if !self.is_notice(name, text, m.index) => {
                    let mut record = MessageRecord::text(thread, Some(Arc::clone(key)), sent, "");
                    self.fill(&mut record, text);
                    record.reply_to = self.answered(m, name, text);
                    record
                }
                _ => system(thread, sent, text),
            },
        };
        record.order = m.index;
        sink.take(Record::Message(Box::new(record)))
    }

    fn is_notice(&self, name: &str, text: &str, index: i64) -> bool {
        self.chat.survey.is_notice(name, text, index)
    }

    fn fill(&self, record: &mut MessageRecord, text: &str) {
        let place = |name: &str| self.place(name);
        let body = body::read(text, self.chat.survey.writer(), &place);
        record.kind = body.kind;
        record.text = body.text;
        record.attachments = body.attachments;
        if let Some((_, files)) = &self.web {
            record.attachments.iter_mut().for_each(|file| files.find(file, self.last));
        }
        record.edited = body.edited.then_some(None);
        record.deletion = body.deletion;
        record.forwarded = body.forwarded;
        debug_assert!(record.deletion == Deletion::None || record.text.is_empty());
    }

    /// What an answer quotes.
    fn answered(&mut self, m: &RawMessage, name: &str, text: &str) -> Option<ReplyTo> {
        let (answers, _) = self.web.as_mut()?;
        let time = (m.stamp.hour, m.stamp.minute);
        let quote = answers.quote(&Asked { index: m.index, time, name, text })?;
        Some(ReplyTo { native_id: None, quote: Some(quote) })
    }

    /// Media lie beside the chat's file, the Web's in a folder of their own.
    fn place(&self, name: &str) -> MediaPlace {
        let beside = self.tree.media(&format!("{}{name}", self.folder));
        match &self.web {
            Some((_, files)) if files.has(name, self.last) => {
                MediaPlace::Export { path: name.to_owned(), container: Some(Arc::from("")) }
            }
            _ => beside,
        }
    }

    fn moment(&mut self, m: &RawMessage, sink: &mut dyn Sink) -> Result<Moment, Stop> {
        match dates::reading(&m.stamp, self.order) {
            Some(reading) => self.last = reading,
            None => sink.odd(Oddity::at(
                &self.chat.entry.path,
                format!("line {}", m.line),
                "its date is none that can be; it stands beside its neighbour",
            ))?,
        }
        self.last_at = self.options.zone.instant_after(self.last, self.last_at);
        Ok(Moment::wall(self.last_at, self.last))
    }

    fn watch(&mut self, m: &RawMessage, sink: &mut dyn Sink) -> Result<(), Stop> {
        if m.damaged {
            if self.damaged.0 == 0 {
                self.damaged.1 = m.line;
            }
            self.damaged.0 += 1;
        }
        if m.cut {
            let why = format!("longer than {} bytes; the rest is left out", lines::LONGEST_MESSAGE);
            sink.odd(Oddity::at(&self.chat.entry.path, format!("line {}", m.line), why))?;
        }
        Ok(())
    }
}

fn system(thread: Arc<str>, sent: Moment, text: &str) -> MessageRecord {
    let text = after_marks(text);
    let text = if bare(text).is_empty() { "" } else { text };
    let mut record = MessageRecord::text(thread, None, sent, text);
    record.kind = MessageKind::System;
    record
}
