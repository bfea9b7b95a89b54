//! Chats and who is in them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::book::Book;
use crate::model::{
    Mute, ParticipantRecord, PostingLimit, Record, ThreadKind, ThreadRecord, Timestamp,
};
use crate::sources::database::Database;
use crate::sources::{Sink, Stop};

/// What marks me.
const ME: &str = "me";
/// 2001-01-01, in milliseconds since 1970.
const EPOCH: f64 = 978_307_200_000.0;
/// 3000-01-01, in milliseconds since 1970.
const YEAR_3000: i64 = 32_503_680_000_000;
/// Names kept in memory.
const MOST: usize = 2_000_000;

/// An instant of the database; 0 is none.
pub fn instant(seconds: Option<f64>) -> Option<Timestamp> {
    let seconds = seconds.filter(|s| *s != 0.0 && s.is_finite())?;
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and absurd is absurd")]
    Some(Timestamp((seconds * 1000.0 + EPOCH) as i64))
}

/// A chat, as its messages need it.
pub struct Chat {
    /// The thread's key.
    pub key: Arc<str>,
    /// The other one, of a chat between two.
    pub peer: Option<Arc<str>>,
    told: HashSet<Arc<str>>,
}

/// The chats of a database by their row, and people's names.
pub struct Chats {
    rows: HashMap<i64, Chat>,
    members: HashMap<i64, Arc<str>>,
    names: HashMap<String, String>,
    book: Book,
    me: String,
}

/// The phone number behind an address.
fn phone(jid: &str) -> Option<String> {
    let user = jid.strip_suffix("@s.whatsapp.net")?;
    (!user.is_empty() && user.bytes().all(|b| b.is_ascii_digit())).then(|| format!("+{user}"))
}

/// Until when chats are muted. "Always" is some year far ahead.
fn muted(db: &Database, sink: &mut dyn Sink) -> Result<HashMap<String, Mute>, Stop> {
    let mut all = HashMap::new();
    let until = db.column("p", "ZWACHATPUSHCONFIG", &["ZMUTEDUNTIL"]);
    if until != "NULL" {
        let sql = format!("SELECT p.ZJID, {until} FROM ZWACHATPUSHCONFIG p");
        db.each(&sql, sink, &mut |r, _| {
            let end = instant(r.real(1).filter(|s| *s > 0.0));
            if let (Some(jid), Some(end)) = (r.text(0), end)
                && all.len() < MOST
            {
                let far = end.0 > YEAR_3000;
                all.insert(jid, if far { Mute::Always } else { Mute::Until(end) });
            }
            Ok(())
        })?;
    }
    Ok(all)
}

impl Chats {
    /// Tells every chat and those who are in it.
    pub fn tell(db: &Database, me: String, book: Book, sink: &mut dyn Sink) -> Result<Self, Stop> {
        let mut chats =
            Self { rows: HashMap::new(), members: HashMap::new(), names: HashMap::new(), book, me };
        chats.names(db, sink)?;
        let column = |name: &str| db.column("c", "ZWACHATSESSION", &[name]);
        let sql = format!(
            "SELECT c.Z_PK, {}, {}, {}, {}, {} FROM ZWACHATSESSION c ORDER BY c.Z_PK",
            column("ZCONTACTJID"),
            column("ZPARTNERNAME"),
            column("ZUNREADCOUNT"),
            column("ZARCHIVED"),
            column("ZSESSIONTYPE"),
        );
        let muted = muted(db, sink)?;
        db.each(&sql, sink, &mut |r, sink| {
            let (Some(row), Some(jid)) = (r.int(0), r.text(1)) else { return Ok(()) };
            let server = jid.rsplit('@').next().unwrap_or_default();
            // What others post for a day is no conversation.
            if matches!(server, "status" | "lid.status") || jid == "status@broadcast" {
                return Ok(());
            }
            let kind = match server {
                "g.us" => ThreadKind::Group,
                "newsletter" | "broadcast" => ThreadKind::Channel,
                _ => ThreadKind::Direct,
            };
            let muted = muted.get(&jid).copied();
            let key = chats.book.real(&jid);
            let jid = key.to_string();
            let direct = kind == ThreadKind::Direct;
            let mut record = ThreadRecord::new(Arc::clone(&key), "WhatsApp database");
            let name = r.text(2).map(|n| n.trim_matches('\u{200e}').to_owned());
            record.title =
                name.filter(|n| !n.is_empty()).or_else(|| direct.then(|| chats.shown(&jid)));
            record.kind = Some(kind);
            record.unread = r.int(3).and_then(|n| u32::try_from(n).ok());
            record.archived = r.flag(4);
            record.muted = muted;
            record.address = phone(&jid).filter(|_| direct);
            if server == "newsletter" {
                record.posting = PostingLimit::AdminsOnly;
            }
            if direct && let Some(title) = &record.title {
                chats.names.insert(jid.clone(), title.clone());
            }
            sink.take(Record::Thread(Box::new(record)))?;
            let peer = direct.then(|| Arc::clone(&key));
            let chat = Chat { key, peer: peer.clone(), told: HashSet::new() };
            chats.rows.entry(row).or_insert(chat);
            match peer {
                Some(peer) => chats.person(row, &peer, sink),
                None => Ok(()),
            }
        })?;
        if db.has("ZWAGROUPMEMBER") {
            let sql = "SELECT Z_PK, ZCHATSESSION, ZMEMBERJID FROM ZWAGROUPMEMBER";
            db.each(sql, sink, &mut |r, sink| {
                let (Some(member), Some(jid)) = (r.int(0), r.text(2)) else { return Ok(()) };
                let jid = chats.book.real(&jid);
                if chats.members.len() < MOST {
                    chats.members.insert(member, Arc::clone(&jid));
                }
                match r.int(1) {
                    Some(row) => chats.person(row, &jid, sink),
                    None => Ok(()),
                }
            })?;
        }
        Ok(chats)
    }

    fn names(&mut self, db: &Database, sink: &mut dyn Sink) -> Result<(), Stop> {
        let (own, mine) = (std::mem::take(&mut self.book.own), std::mem::take(&mut self.book.mine));
        let (book, names) = (&self.book, &mut self.names);
        let mut take = |jid: Option<String>, name: Option<String>| {
            if let (Some(jid), Some(name)) = (jid, name)
                && names.len() < MOST
            {
                names.insert(book.real(&jid).to_string(), name);
            }
        };
        own.into_iter().for_each(|(jid, name)| take(Some(jid), Some(name)));
        if db.has("ZWAPROFILEPUSHNAME") {
            let sql = "SELECT ZJID, ZPUSHNAME FROM ZWAPROFILEPUSHNAME";
            db.each(sql, sink, &mut |r, _| {
                take(r.text(0), r.text(1));
                Ok(())
            })?;
        }
        // What I call them goes before what they call themselves.
        mine.into_iter().for_each(|(jid, name)| take(Some(jid), Some(name)));
        let named = db.column("m", "ZWAGROUPMEMBER", &["ZCONTACTNAME"]);
        if named != "NULL" {
            let sql = format!("SELECT m.ZMEMBERJID, {named} FROM ZWAGROUPMEMBER m");
            db.each(&sql, sink, &mut |r, _| {
                take(r.text(0), r.text(1));
                Ok(())
            })?;
        }
        Ok(())
    }

    fn shown(&self, jid: &str) -> String {
        let name = self.names.get(jid).filter(|n| !n.trim().is_empty()).cloned();
        name.or_else(|| phone(jid))
            .unwrap_or_else(|| jid.split('@').next().unwrap_or(jid).to_owned())
    }

    /// What whoever an address stands for is called.
    pub fn name(&self, jid: &str) -> String {
        self.shown(&self.book.real(jid))
    }

    /// A chat by its row.
    pub fn get(&self, row: i64) -> Option<&Chat> {
        self.rows.get(&row)
    }

    /// An address, by its number where that is known.
    pub fn real(&self, jid: &str) -> Arc<str> {
        self.book.real(jid)
    }

    /// Whoever a row of the members stands for.
    pub fn member(&self, row: i64) -> Option<Arc<str>> {
        self.members.get(&row).cloned()
    }

    /// Tells of somebody, once.
    pub fn person(&mut self, row: i64, jid: &Arc<str>, sink: &mut dyn Sink) -> Result<(), Stop> {
        let name = self.shown(jid);
        self.told(row, jid, name, false, sink)
    }

    /// Tells that I am in it, once; answers my key.
    pub fn me(&mut self, row: i64, sink: &mut dyn Sink) -> Result<Arc<str>, Stop> {
        let key: Arc<str> = ME.into();
        let name = self.me.clone();
        self.told(row, &key, name, true, sink)?;
        Ok(key)
    }

    fn told(
        &mut self,
        row: i64,
        key: &Arc<str>,
        name: String,
        is_me: bool,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        let Some(chat) = self.rows.get_mut(&row) else { return Ok(()) };
        if !chat.told.insert(Arc::clone(key)) {
            return Ok(());
        }
        sink.take(Record::Participant(ParticipantRecord {
            is_me,
            ..ParticipantRecord::new(&chat.key, Arc::clone(key), name)
        }))
    }
}
