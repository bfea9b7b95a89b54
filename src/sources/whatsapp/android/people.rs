//! Who is behind a number of the database's `jid` table, and what they are called.

use std::collections::HashMap;
use std::sync::Arc;

use crate::sources::database::Database;
use crate::sources::{Sink, Stop};

/// People kept in memory; no phone knows so many.
const MOST: usize = 2_000_000;
/// Bytes of an address that is written out.
const LONGEST: usize = 256;

/// An address of WhatsApp.
#[derive(Clone, Debug)]
pub struct Jid {
    /// The part before the `@`.
    pub user: String,
    /// The part behind it.
    pub server: String,
    /// Both.
    pub raw: Arc<str>,
}

impl Jid {
    /// From its written form; a device's number behind the user is dropped.
    pub fn parse(raw: &str) -> Option<Self> {
        let (user, server) = raw.split_once('@')?;
        let user = user.split([':', '.']).next().unwrap_or(user);
        Some(Self {
            user: user.to_owned(),
            server: server.to_owned(),
            raw: format!("{user}@{server}").into(),
        })
    }

    /// The phone number, of a person who is known by it.
    pub fn phone(&self) -> Option<String> {
        let digits = !self.user.is_empty() && self.user.bytes().all(|b| b.is_ascii_digit());
        (self.server == "s.whatsapp.net" && digits).then(|| format!("+{}", self.user))
    }
}

/// Everybody of a phone.
#[derive(Default)]
pub struct Jids {
    rows: HashMap<i64, Jid>,
    /// Hidden addresses and the numbers behind them.
    behind: HashMap<i64, i64>,
    /// Rows by what is written out, where the database does so.
    written: HashMap<String, i64>,
    names: HashMap<String, String>,
    /// My name.
    pub me: Option<String>,
    /// My own address, where an event tells that I joined.
    pub mine: Option<Arc<str>>,
}

impl Jids {
    /// Reads the addresses.
    pub fn read(db: &Database, sink: &mut dyn Sink) -> Result<Self, Stop> {
        let mut all = Self::default();
        if db.has("jid") {
            let sql = "SELECT _id, user, server, raw_string FROM jid";
            db.each(sql, sink, &mut |r, _| {
                let jid = match (r.text(1), r.text(2), r.text(3)) {
                    (Some(user), Some(server), _) => Jid::parse(&format!("{user}@{server}")),
                    (_, _, Some(raw)) => Jid::parse(&raw),
                    _ => None,
                };
                if let (Some(id), Some(jid)) = (r.int(0), jid)
                    && all.rows.len() < MOST
                {
                    all.rows.insert(id, jid);
                }
                Ok(())
            })?;
        }
        if db.has("jid_map") {
            let sql = "SELECT lid_row_id, jid_row_id FROM jid_map";
            db.each(sql, sink, &mut |r, _| {
                if let (Some(lid), Some(jid)) = (r.int(0), r.int(1))
                    && all.behind.len() < MOST
                {
                    all.behind.insert(lid, jid);
                }
                Ok(())
            })?;
        }
        if db.has("lid_display_name") {
            let sql = "SELECT lid_row_id, display_name FROM lid_display_name";
            db.each(sql, sink, &mut |r, _| {
                let jid = r.int(0).and_then(|id| all.get(id)).map(|j| j.raw.to_string());
                if let (Some(jid), Some(name)) = (jid, r.text(1)) {
                    all.names.entry(jid).or_insert(name);
                }
                Ok(())
            })?;
        }
        if db.has("props") {
            let sql = "SELECT value FROM props WHERE key = 'user_push_name'";
            db.each(sql, sink, &mut |r, _| {
                all.me = r.text(0);
                Ok(())
            })?;
        }
        if db.has("message_system_group") && db.has("message_system_chat_participant") {
            let sql = "SELECT p.user_jid_row_id, count(*) FROM message_system_group g
                       JOIN message_system_chat_participant p ON p.message_row_id = g.message_row_id
                       WHERE g.is_me_joined = 1 GROUP BY 1 ORDER BY 2 DESC LIMIT 2";
            let mut votes: Vec<(i64, i64)> = Vec::new();
            db.each(sql, sink, &mut |r, _| {
                votes.extend(r.int(0).zip(r.int(1)));
                Ok(())
            })?;
            // Others may have been added along with me: who is there most often, alone.
            let mine = match votes.as_slice() {
                [(one, _)] => Some(*one),
                [(one, most), (_, next)] if most > next => Some(*one),
                _ => None,
            };
            all.mine = mine.and_then(|j| all.get(j)).map(|j| Arc::clone(&j.raw));
        }
        Ok(all)
    }

    /// Takes the names of an address book (`wa.db`). Its backed-up form is empty.
    pub fn contacts(&mut self, db: &Database, sink: &mut dyn Sink) -> Result<(), Stop> {
        if db.has("wa_vnames") {
            db.each("SELECT jid, verified_name FROM wa_vnames", sink, &mut |r, _| {
                self.name(r.text(0), r.text(1));
                Ok(())
            })?;
        }
        // What I call them goes before what they call themselves.
        let mut mine: HashMap<String, String> = HashMap::new();
        let books = [("wa_address_book", "NULL"), ("wa_contacts", "wa_name")];
        for (table, own) in books.iter().filter(|(table, _)| db.has(table)) {
            let column = |name: &str| db.column("c", table, &[name]);
            let (jid, name, own) = (column("jid"), column("display_name"), column(own));
            let sql = format!("SELECT {jid}, {name}, {own} FROM {table} c");
            db.each(&sql, sink, &mut |r, _| {
                match (r.text(0), r.text(1)) {
                    (Some(jid), Some(name)) if mine.len() < MOST => {
                        mine.insert(jid, name);
                    }
                    (jid, _) => self.name(jid, r.text(2)),
                }
                Ok(())
            })?;
        }
        self.behind_hidden(&mut mine);
        self.names.extend(mine);
        Ok(())
    }

    /// Names that stand under a hidden address are those of the number behind it, unless that has
    /// one: `mine` goes before what people call themselves.
    fn behind_hidden(&mut self, mine: &mut HashMap<String, String>) {
        let mut behind: Vec<(&i64, &i64)> = self.behind.iter().collect();
        behind.sort_unstable();
        for (hidden, number) in behind {
            let (Some(hidden), Some(number)) = (self.rows.get(hidden), self.rows.get(number))
            else {
                continue;
            };
            let (hidden, number) = (&*hidden.raw, &*number.raw);
            if let Some(name) = mine.get(hidden).cloned() {
                mine.entry(number.to_owned()).or_insert(name);
            } else if let Some(name) = self.names.get(hidden).cloned() {
                self.names.entry(number.to_owned()).or_insert(name);
            }
        }
    }

    fn name(&mut self, jid: Option<String>, name: Option<String>) {
        if let (Some(jid), Some(name)) = (jid, name)
            && self.names.len() < MOST
        {
            self.names.entry(jid).or_insert(name);
        }
    }

    /// Whoever a row of `jid` stands for, by number where one is known to be behind it.
    pub fn get(&self, row: i64) -> Option<&Jid> {
        let row = self.behind.get(&row).filter(|r| self.rows.contains_key(r)).unwrap_or(&row);
        self.rows.get(row)
    }

    /// A number for an address that is written out, made up where the database gives it none.
    pub fn row(&mut self, written: &str) -> Option<i64> {
        if let Some(row) = self.written.get(written) {
            return Some(*row);
        }
        let room = written.len() <= LONGEST && self.written.len() < MOST;
        let jid = Jid::parse(written).filter(|_| room)?;
        // The database counts up from 1: these can be nobody's.
        let row = -1 - i64::try_from(self.rows.len() + self.written.len()).ok()?;
        self.written.insert(written.to_owned(), row);
        self.rows.insert(row, jid);
        Some(row)
    }

    /// From now on addresses that the database numbers are known by what is written, too.
    pub fn spell_out(&mut self) {
        for (row, jid) in &self.rows {
            if self.written.len() < MOST {
                self.written.entry(jid.raw.to_string()).or_insert(*row);
            }
        }
    }

    /// A name for people.
    pub fn shown(&self, jid: &Jid) -> String {
        if self.mine.as_ref() == Some(&jid.raw) {
            return self.me.clone().unwrap_or_else(|| "You".to_owned());
        }
        if let Some(name) = self.names.get(&*jid.raw).filter(|n| !n.trim().is_empty()) {
            return name.clone();
        }
        match jid.server.as_str() {
            "s.whatsapp.net" if jid.user == "0" => "WhatsApp".to_owned(),
            _ => jid.phone().unwrap_or_else(|| jid.user.clone()),
        }
    }
}
