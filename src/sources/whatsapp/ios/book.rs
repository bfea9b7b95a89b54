//! Who is who: `LID.sqlite` tells whom hidden addresses stand for, `ContactsV2.sqlite` is the
//! address book. Both lie beside the messages or in the same backup.
//!
//! `ZWAZACCOUNT` has the address, the number and at times a name, `ZWAPHONENUMBERLIDPAIR` of
//! earlier versions the first two; `ZWAADDRESSBOOKCONTACT` the names that I gave. As
//! domingogallardo/SwiftWABackupAPI and others found them.

use std::collections::HashMap;
use std::sync::Arc;

use super::Place;
use crate::sources::database::{Database, MAGIC};
use crate::sources::{ReadError, Sink, Stop};

/// Addresses kept; no phone knows so many.
const MOST: usize = 2_000_000;

/// Addresses, and what is known of them.
#[derive(Default)]
pub struct Book {
    numbers: HashMap<String, Arc<str>>,
    /// What people call themselves: addresses with names.
    pub own: Vec<(String, String)>,
    /// What I call them.
    pub mine: Vec<(String, String)>,
}

impl Book {
    /// Of the app's folder; empty where there is nothing of the kind.
    pub fn read(place: &Place<'_>, sink: &mut dyn Sink) -> Result<Self, ReadError> {
        let mut all = Self::default();
        if let Some(db) = beside(place, "LID.sqlite", sink)? {
            all.lids(&db, sink)?;
        }
        if let Some(db) = beside(place, "ContactsV2.sqlite", sink)? {
            all.contacts(&db, sink)?;
        }
        Ok(all)
    }

    fn lids(&mut self, db: &Database, sink: &mut dyn Sink) -> Result<(), Stop> {
        let layouts = [("ZWAPHONENUMBERLIDPAIR", "ZLID"), ("ZWAZACCOUNT", "ZIDENTIFIER")];
        for (table, hidden) in layouts {
            let column = |name: &str| db.column("t", table, &[name]);
            if column(hidden) == "NULL" {
                continue;
            }
            let (number, name) = (column("ZPHONENUMBER"), column("ZDISPLAYNAME"));
            let sql = format!("SELECT t.{hidden}, {number}, {name} FROM {table} t");
            db.each(&sql, sink, &mut |r, _| {
                let lid = r.text(0).filter(|_| self.numbers.len() < MOST);
                let Some(lid) = lid.and_then(hidden_address) else { return Ok(()) };
                let digits: String =
                    r.text(1).unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
                if !digits.is_empty() {
                    self.numbers.insert(lid.clone(), format!("{digits}@s.whatsapp.net").into());
                }
                if let Some(name) = r.text(2).filter(|_| self.own.len() < MOST) {
                    self.own.push((lid, name));
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn contacts(&mut self, db: &Database, sink: &mut dyn Sink) -> Result<(), Stop> {
        let column = |name: &str| db.column("t", "ZWAADDRESSBOOKCONTACT", &[name]);
        if column("ZFULLNAME") == "NULL" {
            return Ok(());
        }
        let (known, lid) = (column("ZWHATSAPPID"), column("ZLID"));
        let sql = format!("SELECT t.ZFULLNAME, {known}, {lid} FROM ZWAADDRESSBOOKCONTACT t");
        db.each(&sql, sink, &mut |r, _| {
            let Some(name) = r.text(0).filter(|_| self.mine.len() < MOST) else { return Ok(()) };
            let known = r.text(1).map(|jid| match jid.contains('@') {
                true => jid,
                false => format!("{jid}@s.whatsapp.net"),
            });
            let both = [known, r.text(2).and_then(hidden_address)];
            self.mine.extend(both.into_iter().flatten().map(|jid| (jid, name.clone())));
            Ok(())
        })
    }

    /// An address, by its number where that is known.
    pub fn real(&self, jid: &str) -> Arc<str> {
        // A device's number may stand behind the user.
        let plain = jid.split_once('@').and_then(|(user, server)| {
            let user = user.split(':').next()?;
            self.numbers.get(&format!("{user}@{server}"))
        });
        plain.map_or_else(|| jid.into(), Arc::clone)
    }
}

/// A hidden address, which may be written without its server.
fn hidden_address(written: String) -> Option<String> {
    match written.split_once('@') {
        Some((_, server)) => (server == "lid").then_some(written),
        None => Some(format!("{written}@lid")),
    }
}

/// Another database of the app.
pub fn beside(
    place: &Place<'_>,
    name: &str,
    sink: &mut dyn Sink,
) -> Result<Option<Database>, ReadError> {
    let folder = place.entry.path.rfind('/').map_or("", |i| &place.entry.path[..=i]);
    let open = place.tree.find(&format!("{folder}{name}"));
    let hashed = || place.backup.as_ref().and_then(|b| b.find(place.tree, name));
    match open.or_else(hashed) {
        Some(file) if place.tree.head(file, MAGIC.len()).is_ok_and(|head| head == MAGIC) => {
            Database::with(&[], place.tree, file, sink)
        }
        _ => Ok(None),
    }
}
