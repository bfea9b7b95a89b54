//! Chats and who is in them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::people::{Jid, Jids};
use super::settings::Settings;
use crate::model::{Membership, ParticipantRecord, PostingLimit, Record, ThreadKind, ThreadRecord};
use crate::sources::database::Database;
use crate::sources::{Sink, Stop};

/// What marks me among the people of a chat.
pub const ME: &str = "me";
/// The app's door, for the seam.
pub const ORIGIN: &str = "WhatsApp database";
/// `chat.group_type`: a community's announcements, in which administrators alone write.
const ANNOUNCEMENTS: i64 = 1;
/// `chat.participation_status`: no longer a member.
const GONE: i64 = 1;
/// A member.
const MEMBER: i64 = 2;
/// From here on I may post where administrators only may.
const ADMIN: i64 = 3;
/// Members kept of all groups together.
const MEMBERS: usize = 5_000_000;

/// A chat, as its messages need it.
pub struct Chat {
    /// The thread's key.
    pub key: Arc<str>,
    /// The other one, of a chat between two.
    pub peer: Option<Jid>,
    /// Who has been told of it.
    pub told: HashSet<Arc<str>>,
}

/// The chats of a database by their row.
#[derive(Default)]
pub struct Chats {
    rows: HashMap<i64, Chat>,
    by_jid: HashMap<Arc<str>, i64>,
}

/// Groups in which administrators only may post, as the address book's file tells.
pub fn announcing(book: &Database, sink: &mut dyn Sink) -> Result<HashSet<String>, Stop> {
    let mut all = HashSet::new();
    if book.has("wa_group_admin_settings") {
        let flag = book.column("s", "wa_group_admin_settings", &["announcement_group"]);
        let sql = format!("SELECT jid, {flag} FROM wa_group_admin_settings s");
        book.each(&sql, sink, &mut |r, _| {
            if let Some(jid) = r.text(0).filter(|_| r.int(1) == Some(1)) {
                all.insert(jid);
            }
            Ok(())
        })?;
    }
    Ok(all)
}

/// What channels are called, by the row of the chat.
fn channels(db: &Database, sink: &mut dyn Sink) -> Result<HashMap<i64, String>, Stop> {
    const MOST: usize = 1_000_000;
    let mut all = HashMap::new();
    let [row, name] = ["chat_row_id", "name"].map(|c| db.column("n", "newsletter", &[c]));
    if row != "NULL" && name != "NULL" {
        db.each(&format!("SELECT {row}, {name} FROM newsletter n"), sink, &mut |r, _| {
            all.extend(r.int(0).zip(r.text(1)).filter(|_| all.len() < MOST));
            Ok(())
        })?;
    }
    Ok(all)
}

fn kind(jid: &Jid) -> ThreadKind {
    match jid.server.as_str() {
        "g.us" => ThreadKind::Group,
        "newsletter" | "broadcast" => ThreadKind::Channel,
        _ => ThreadKind::Direct,
    }
}

/// Somebody in a thread.
pub fn participant(thread: &Arc<str>, key: &Arc<str>, name: String, me: bool) -> Record {
    Record::Participant(ParticipantRecord {
        is_me: me,
        ..ParticipantRecord::new(thread, Arc::clone(key), name)
    })
}

impl Chats {
    /// Tells every chat and those who are in it.
    pub fn tell(
        db: &Database,
        jids: &Jids,
        (announcing, settings): (&HashSet<String>, &Settings),
        sink: &mut dyn Sink,
    ) -> Result<Self, Stop> {
        let mut chats = Self::default();
        // In the years before 2021 addresses are written out, and there are no numbers for them.
        let (table, key) = if db.has("chat") && db.column("c", "chat", &["jid_row_id"]) != "NULL" {
            ("chat", "c.jid_row_id")
        } else if db.has("chat_list") {
            ("chat_list", "c.key_remote_jid")
        } else {
            return Ok(chats);
        };
        let older = Groups::read(db, sink)?;
        let channels = channels(db, sink)?;
        let column = |name: &str| db.column("c", table, &[name]);
        let sql = format!(
            "SELECT c._id, {key}, {}, {}, {}, {}, {} FROM {table} c ORDER BY c._id",
            column("subject"),
            column("archived"),
            column("unseen_message_count"),
            column("participation_status"),
            column("group_type"),
        );
        db.each(&sql, sink, &mut |r, sink| {
            let known = r.int(1).and_then(|j| jids.get(j)).cloned();
            let jid = known.or_else(|| r.text(1).and_then(|j| Jid::parse(&j)));
            let (Some(row), Some(jid)) = (r.int(0), &jid) else { return Ok(()) };
            // What others post for a day is no conversation.
            if jid.server == "broadcast" && jid.user == "status" {
                return Ok(());
            }
            let kind = kind(jid);
            let mut record = ThreadRecord::new(Arc::clone(&jid.raw), ORIGIN);
            record.title = r
                .text(2)
                .or_else(|| channels.get(&row).cloned())
                .or_else(|| (kind == ThreadKind::Direct).then(|| jids.shown(jid)));
            record.kind = Some(kind);
            record.archived = r.flag(3);
            settings.of(row, &mut record);
            record.unread = r.int(4).and_then(|n| u32::try_from(n).ok());
            record.address = jid.phone().filter(|_| kind == ThreadKind::Direct);
            let status = r.int(5).or_else(|| older.status(&jid.raw));
            if kind == ThreadKind::Group {
                record.membership = match status {
                    Some(GONE) => Membership::Gone,
                    Some(n) if n > GONE => Membership::Member,
                    _ => Membership::Unknown,
                };
                let announces = announcing.contains(&*jid.raw) || r.int(6) == Some(ANNOUNCEMENTS);
                if announces && status.is_none_or(|s| s < ADMIN) {
                    record.posting = PostingLimit::AdminsOnly;
                }
            }
            if jid.server == "newsletter" {
                record.posting = PostingLimit::AdminsOnly;
            }
            let chat = Chat {
                key: Arc::clone(&record.key),
                peer: (kind == ThreadKind::Direct).then(|| jid.clone()),
                told: HashSet::new(),
            };
            sink.take(Record::Thread(Box::new(record)))?;
            chats.by_jid.entry(Arc::clone(&jid.raw)).or_insert(row);
            let chat = chats.rows.entry(row).or_insert(chat);
            if let Some(peer) = chat.peer.clone() {
                chat.person(&peer, jids, sink)?;
            }
            Ok(())
        })?;
        chats.members(db, jids, sink)?;
        older.tell(&mut chats, jids, sink)?;
        Ok(chats)
    }

    fn members(&mut self, db: &Database, jids: &Jids, sink: &mut dyn Sink) -> Result<(), Stop> {
        if !db.has("group_participant_user") {
            return Ok(());
        }
        let mut left = MEMBERS;
        let sql = "SELECT group_jid_row_id, user_jid_row_id FROM group_participant_user";
        db.each(sql, sink, &mut |r, sink| {
            let group = r.int(0).and_then(|g| jids.get(g));
            let Some(row) = group.and_then(|g| self.by_jid.get(&g.raw)) else { return Ok(()) };
            let (Some(chat), Some(who)) =
                (self.rows.get_mut(row), r.int(1).and_then(|u| jids.get(u)))
            else {
                return Ok(());
            };
            left = left.saturating_sub(1);
            if left == 0 { Ok(()) } else { chat.person(who, jids, sink).map(drop) }
        })
    }

    /// A chat by its row.
    pub fn get(&mut self, row: i64) -> Option<&mut Chat> {
        self.rows.get_mut(&row)
    }

    /// A chat by its address; told of where there was none yet.
    pub fn with(
        &mut self,
        jid: &Jid,
        jids: &Jids,
        sink: &mut dyn Sink,
    ) -> Result<Option<&mut Chat>, Stop> {
        if let Some(row) = self.by_jid.get(&jid.raw) {
            return Ok(self.rows.get_mut(row));
        }
        let kind = kind(jid);
        let mut record = ThreadRecord::new(Arc::clone(&jid.raw), ORIGIN);
        record.kind = Some(kind);
        record.title = (kind == ThreadKind::Direct).then(|| jids.shown(jid));
        record.address = jid.phone().filter(|_| kind == ThreadKind::Direct);
        let peer = (kind == ThreadKind::Direct).then(|| jid.clone());
        let mut chat = Chat { key: Arc::clone(&record.key), peer, told: HashSet::new() };
        sink.take(Record::Thread(Box::new(record)))?;
        if let Some(peer) = chat.peer.clone() {
            chat.person(&peer, jids, sink)?;
        }
        // Rows count up from 1: these can be nobody's.
        let row = i64::try_from(self.rows.len()).map_or(i64::MIN, |n| -1 - n);
        self.by_jid.insert(Arc::clone(&jid.raw), row);
        Ok(Some(self.rows.entry(row).or_insert(chat)))
    }
}

/// Who is in a group, as `group_participants` of the years before 2021 tells: addresses written
/// out, mine empty.
#[derive(Default)]
struct Groups {
    others: Vec<(String, Jid)>,
    /// By group, whether I am in it, as `chat.participation_status` says it later.
    mine: HashMap<String, i64>,
}

impl Groups {
    fn read(db: &Database, sink: &mut dyn Sink) -> Result<Self, Stop> {
        let mut all = Self::default();
        if !db.has("group_participants") {
            return Ok(all);
        }
        let admin = db.column("g", "group_participants", &["admin"]);
        let sql = format!("SELECT gjid, jid, {admin} FROM group_participants g");
        db.each(&sql, sink, &mut |r, _| {
            let Some(group) = r.text(0).filter(|_| all.others.len() < MEMBERS) else {
                return Ok(());
            };
            match r.text(1).as_deref().map(Jid::parse) {
                Some(Some(who)) => {
                    all.mine.entry(group.clone()).or_insert(GONE);
                    all.others.push((group, who));
                }
                Some(None) => {}
                None => {
                    all.mine.insert(group, if r.flag(2) { ADMIN } else { MEMBER });
                }
            }
            Ok(())
        })?;
        Ok(all)
    }

    fn status(&self, group: &str) -> Option<i64> {
        self.mine.get(group).copied()
    }

    fn tell(&self, chats: &mut Chats, jids: &Jids, sink: &mut dyn Sink) -> Result<(), Stop> {
        for (group, who) in &self.others {
            let row = chats.by_jid.get(group.as_str());
            if let Some(chat) = row.and_then(|row| chats.rows.get_mut(row)) {
                chat.person(who, jids, sink)?;
            }
        }
        Ok(())
    }
}

impl Chat {
    /// Tells of somebody, once; answers the key.
    pub fn person(
        &mut self,
        who: &Jid,
        jids: &Jids,
        sink: &mut dyn Sink,
    ) -> Result<Arc<str>, Stop> {
        // My chat with myself is a chat with that number.
        let with_me = self.peer.as_ref().is_some_and(|p| p.raw == who.raw);
        if jids.mine.as_ref() == Some(&who.raw) && !with_me {
            return self.me(jids, sink);
        }
        if self.told.insert(Arc::clone(&who.raw)) {
            sink.take(participant(&self.key, &who.raw, jids.shown(who), false))?;
        }
        Ok(Arc::clone(&who.raw))
    }

    /// Tells that I am in it, once; answers my key.
    pub fn me(&mut self, jids: &Jids, sink: &mut dyn Sink) -> Result<Arc<str>, Stop> {
        let key: Arc<str> = ME.into();
        if self.told.insert(Arc::clone(&key)) {
            let name = jids.me.clone().unwrap_or_else(|| "You".to_owned());
            sink.take(participant(&self.key, &key, name, true))?;
        }
        Ok(key)
    }
}
