//! Conversations and who is in them.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::model::{ParticipantRecord, Record, ThreadKind, ThreadRecord};
use crate::sources::database::Database;
use crate::sources::{Quiet, Sink, Stop};

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
        let members = members(db, sink)?;
        let mut twins = Twins::new();
        let mut counts: HashMap<Arc<str>, u32> = HashMap::new();
        let column = |name: &str| db.column("c", "chat", &[name]);
        let sql = format!(
            "SELECT c.ROWID, {}, {}, {}, {}, {}, {} FROM chat c ORDER BY c.ROWID",
            column("guid"),
            column("style"),
            column("chat_identifier"),
            column("display_name"),
            column("is_archived"),
            column("group_id"),
        );
        db.each(&sql, sink, &mut |r, sink| {
            let Some(row) = r.int(0) else { return Ok(()) };
            let Some(name) = r.text(3).or_else(|| r.text(1)) else { return Ok(()) };
            // `service;-;address` is between two, `service;+;name` a group.
            let by_guid = r.text(1).is_some_and(|g| g.contains(";+;"));
            let group = r.int(2).map_or(by_guid, |style| style == GROUP);
            let key: Arc<str> = name.as_str().into();
            let key = match group {
                true => {
                    let people = members.get(&row).map(|all| chats.addresses(all));
                    one_group(&mut twins, key, [r.text(6), r.text(4)], people.unwrap_or_default())
                }
                false => key,
            };
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
        chats.everybody(db, sink)?;
        Ok(chats)
    }

    /// Tells who is in which conversation.
    fn everybody(&mut self, db: &Database, sink: &mut dyn Sink) -> Result<(), Stop> {
        if !db.has("chat_handle_join") {
            return Ok(());
        }
        let sql = "SELECT chat_id, handle_id FROM chat_handle_join";
        db.each(sql, sink, &mut |r, sink| {
            let key = r.int(0).and_then(|c| self.rows.get(&c)).cloned();
            match (key, r.int(1)) {
                (Some(key), Some(handle)) => self.person(&key, handle, sink).map(drop),
                _ => Ok(()),
            }
        })
    }

    /// Somebody's addresses in an order of their own.
    fn addresses(&self, handles: &[i64]) -> BTreeSet<Arc<str>> {
        handles.iter().filter_map(|handle| self.handles.get(handle)).cloned().collect()
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

/// Groups by what is theirs alone.
type Twins = HashMap<(&'static str, String), Arc<str>>;

/// The key of a group: that of its first row. A group that went from one service to another has two
/// rows under one id of the app's, or with the same people and the same name.
fn one_group(
    twins: &mut Twins,
    own: Arc<str>,
    [id, name]: [Option<String>; 2],
    people: BTreeSet<Arc<str>>,
) -> Arc<str> {
    let named = name.filter(|_| people.len() > 1).map(|name| {
        let people: Vec<&str> = people.iter().map(|one| &**one).collect();
        ("people", format!("{name}\n{}", people.join("\n")))
    });
    let marks: Vec<_> = id.map(|id| ("id", id)).into_iter().chain(named).collect();
    let known = marks.iter().find_map(|mark| twins.get(mark)).cloned();
    let key = known.unwrap_or(own);
    for mark in marks {
        if twins.len() < MOST {
            twins.entry(mark).or_insert_with(|| Arc::clone(&key));
        }
    }
    key
}

/// Who is in which conversation, by their rows.
fn members(db: &Database, sink: &mut dyn Sink) -> Result<HashMap<i64, Vec<i64>>, Stop> {
    let mut all: HashMap<i64, Vec<i64>> = HashMap::new();
    if !db.has("chat_handle_join") {
        return Ok(all);
    }
    let mut count = 0;
    let sql = "SELECT chat_id, handle_id FROM chat_handle_join";
    db.each(sql, &mut Quiet(sink), &mut |r, _| {
        if let (Some(chat), Some(handle), true) = (r.int(0), r.int(1), count < MOST) {
            all.entry(chat).or_default().push(handle);
            count += 1;
        }
        Ok(())
    })?;
    Ok(all)
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
