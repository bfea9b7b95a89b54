//! Conversations and who is in them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::model::{ParticipantRecord, Record, ThreadKind, ThreadRecord};
use crate::sources::database::Database;
use crate::sources::{Sink, Stop};

/// What marks me.
const ME: &str = "me";
/// `chat.style` of a group.
const GROUP: i64 = 43;
/// People kept in memory.
const MOST: usize = 1_000_000;

/// A conversation, as its messages need it.
pub struct Chat {
    /// The thread's key.
    pub key: Arc<str>,
    told: HashSet<Arc<str>>,
}

/// The conversations of a database.
pub struct Chats {
    /// Threads by their key; several rows of `chat` may be one.
    threads: HashMap<Arc<str>, Chat>,
    rows: HashMap<i64, Arc<str>>,
    handles: HashMap<i64, Arc<str>>,
    me: String,
}

impl Chats {
    /// Tells every conversation.
    pub fn tell(db: &Database, me: String, sink: &mut dyn Sink) -> Result<Self, Stop> {
        let mut chats =
            Self { threads: HashMap::new(), rows: HashMap::new(), handles: HashMap::new(), me };
        db.each("SELECT ROWID, id FROM handle", sink, &mut |r, _| {
            if let (Some(row), Some(id)) = (r.int(0), r.text(1))
                && chats.handles.len() < MOST
            {
                chats.handles.insert(row, id.into());
            }
            Ok(())
        })?;
        let unread = unread(db, sink)?;
        let mut counts: HashMap<Arc<str>, u32> = HashMap::new();
        let column = |name: &str| db.column("c", "chat", &[name]);
        let sql = format!(
            "SELECT c.ROWID, {}, {}, {}, {}, {} FROM chat c ORDER BY c.ROWID",
            column("guid"),
            column("style"),
            column("chat_identifier"),
            column("display_name"),
            column("is_archived"),
        );
        db.each(&sql, sink, &mut |r, sink| {
            let Some(row) = r.int(0) else { return Ok(()) };
            let Some(name) = r.text(3).or_else(|| r.text(1)) else { return Ok(()) };
            // `service;-;address` is between two, `service;+;name` a group.
            let by_guid = r.text(1).is_some_and(|g| g.contains(";+;"));
            let group = r.int(2).map_or(by_guid, |style| style == GROUP);
            let key: Arc<str> = name.as_str().into();
            chats.rows.insert(row, Arc::clone(&key));
            let known = chats.threads.contains_key(&key);
            let mut record = ThreadRecord::new(Arc::clone(&key), "iPhone Messages database");
            record.kind = Some(if group { ThreadKind::Group } else { ThreadKind::Direct });
            record.title = r.text(4).or_else(|| (!group).then(|| name.clone()));
            record.archived = r.flag(5);
            record.address = (!group).then_some(name);
            // Both services with one person are counted together.
            let count = counts.entry(Arc::clone(&key)).or_default();
            *count = count.saturating_add(unread.get(&row).copied().unwrap_or(0));
            record.unread = (!unread.is_empty()).then_some(*count);
            sink.take(Record::Thread(Box::new(record)))?;
            if known {
                return Ok(());
            }
            let chat = Chat { key: Arc::clone(&key), told: HashSet::new() };
            chats.threads.insert(key, chat);
            Ok(())
        })?;
        if db.has("chat_handle_join") {
            let sql = "SELECT chat_id, handle_id FROM chat_handle_join";
            db.each(sql, sink, &mut |r, sink| {
                let key = r.int(0).and_then(|c| chats.rows.get(&c)).cloned();
                match (key, r.int(1)) {
                    (Some(key), Some(handle)) => chats.person(&key, handle, sink).map(drop),
                    _ => Ok(()),
                }
            })?;
        }
        Ok(chats)
    }

    /// The thread of a row of `chat`; where a message has none, the one with its sender.
    pub fn of(
        &mut self,
        chat: Option<i64>,
        handle: i64,
        sink: &mut dyn Sink,
    ) -> Result<Option<Arc<str>>, Stop> {
        if let Some(key) = chat.and_then(|c| self.rows.get(&c)) {
            return Ok(Some(Arc::clone(key)));
        }
        let Some(address) = self.handles.get(&handle).cloned() else { return Ok(None) };
        if !self.threads.contains_key(&address) {
            let mut record = ThreadRecord::new(Arc::clone(&address), "iPhone Messages database");
            record.kind = Some(ThreadKind::Direct);
            record.title = Some(address.to_string());
            record.address = Some(address.to_string());
            sink.take(Record::Thread(Box::new(record)))?;
            let chat = Chat { key: Arc::clone(&address), told: HashSet::new() };
            self.threads.insert(Arc::clone(&address), chat);
        }
        Ok(Some(address))
    }

    /// Tells of somebody, once; answers the key. Without a handle it is me.
    pub fn person(
        &mut self,
        thread: &Arc<str>,
        handle: i64,
        sink: &mut dyn Sink,
    ) -> Result<Option<Arc<str>>, Stop> {
        let Some(who) = self.handles.get(&handle).cloned() else { return Ok(None) };
        self.told(thread, &who, who.to_string(), false, sink)?;
        Ok(Some(who))
    }

    /// Tells that I am in it, once; answers my key.
    pub fn me(&mut self, thread: &Arc<str>, sink: &mut dyn Sink) -> Result<Arc<str>, Stop> {
        let key: Arc<str> = ME.into();
        let name = self.me.clone();
        self.told(thread, &key, name, true, sink)?;
        Ok(key)
    }

    /// A person's address.
    pub fn address(&self, handle: i64) -> Option<&str> {
        self.handles.get(&handle).map(|h| &**h)
    }

    fn told(
        &mut self,
        thread: &Arc<str>,
        key: &Arc<str>,
        name: String,
        is_me: bool,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        let Some(chat) = self.threads.get_mut(thread) else { return Ok(()) };
        if !chat.told.insert(Arc::clone(key)) {
            return Ok(());
        }
        sink.take(Record::Participant(ParticipantRecord {
            is_me,
            ..ParticipantRecord::new(&chat.key, Arc::clone(key), name)
        }))
    }
}

/// Messages that were not read, by conversation.
fn unread(db: &Database, sink: &mut dyn Sink) -> Result<HashMap<i64, u32>, Stop> {
    let mut all = HashMap::new();
    let read = db.column("m", "message", &["is_read"]);
    if read == "NULL" {
        return Ok(all);
    }
    let item = db.column("m", "message", &["item_type"]);
    let sql = format!(
        "SELECT j.chat_id, sum({read} = 0 AND m.is_from_me = 0 AND coalesce({item}, 0) = 0)
         FROM chat_message_join j JOIN message m ON m.ROWID = j.message_id GROUP BY j.chat_id"
    );
    db.each(&sql, sink, &mut |r, _| {
        if let (Some(chat), Some(count)) = (r.int(0), r.int(1).and_then(|n| u32::try_from(n).ok()))
        {
            all.insert(chat, count);
        }
        Ok(())
    })?;
    Ok(all)
}
