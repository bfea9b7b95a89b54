//! What contact cards call numbers: whoever an app knows by nothing but a number is shown by name,
//! wherever people read. What is stored, joined and exported to be read back keeps the number.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Engine, EngineError, grounds};
use crate::inbox::{HitRow, MessageRow, ThreadRow, Who};
use crate::store::{StoredContact, StoredMessage, StoredParticipant, number};

/// Parts the names of those in a group without a name.
const BETWEEN: &str = ", ";

/// A number has so many digits at least.
const SHORTEST: usize = 7;

/// Names by number.
pub struct Book {
    version: i64,
    names: HashMap<String, String>,
    /// What was asked for: taking numbers apart costs more than everything else here.
    asked: Mutex<HashMap<String, Option<String>>>,
}

impl Book {
    fn new(version: i64, contacts: &[StoredContact]) -> Self {
        let cards = grounds::cards(contacts).into_iter();
        let named = cards.filter_map(|(phone, n)| Some((phone, contacts.get(n)?.name.clone())));
        let names = named.filter(|(_, name)| may_be_name(name)).collect();
        Self { version, names, asked: Mutex::default() }
    }

    /// What a card calls somebody who is known by a number alone.
    pub fn name(&self, shown: &str) -> Option<String> {
        if self.names.is_empty() || may_be_name(shown) {
            return None;
        }
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = asked.get(shown) {
            return known.clone();
        }
        let name = number(shown).and_then(|phone| self.names.get(&phone).cloned());
        asked.insert(shown.to_owned(), name.clone());
        name
    }

    /// Puts names in the place of numbers: of one, or of several that a group is named by.
    pub fn rename(&self, shown: &mut String) {
        if self.names.is_empty() {
            return;
        }
        if let Some(name) = self.name(shown) {
            *shown = name;
        } else if shown.contains(BETWEEN) {
            let named = |part: &str| self.name(part).unwrap_or_else(|| part.to_owned());
            *shown = shown.split(BETWEEN).map(named).collect::<Vec<_>>().join(BETWEEN);
        }
    }

    /// In a row of the list.
    pub fn thread(&self, row: &mut ThreadRow) {
        self.rename(&mut row.title);
        row.preview_sender.iter_mut().for_each(|name| self.rename(name));
    }

    /// Among those in a thread.
    pub fn everyone(&self, all: &mut [Who]) {
        all.iter_mut().for_each(|(name, ..)| self.rename(name));
    }

    /// Among those in a thread, as they are stored.
    pub fn participants(&self, all: &mut [StoredParticipant]) {
        all.iter_mut().for_each(|p| self.rename(&mut p.name));
    }

    /// In messages, as they are stored.
    pub fn stored(&self, all: &mut [StoredMessage]) {
        all.iter_mut().filter_map(|m| m.sender.as_mut()).for_each(|name| self.rename(name));
    }

    /// In a transcript.
    pub fn messages(&self, rows: &mut [MessageRow]) {
        for row in rows {
            self.rename(&mut row.sender);
            row.reactions.iter_mut().for_each(|r| self.rename(&mut r.by));
        }
    }

    /// In a hit.
    pub fn hit(&self, row: &mut HitRow) {
        self.rename(&mut row.title);
        self.rename(&mut row.sender);
    }
}

/// It is no number for certain.
fn may_be_name(shown: &str) -> bool {
    shown.chars().any(char::is_alphabetic)
}

/// Whether a text may be a number, or hold one among several names. Nothing is asked of the store
/// where nobody is known by a number.
fn may_hold_number(shown: &str) -> bool {
    let digits = |part: &str| part.bytes().filter(u8::is_ascii_digit).count();
    shown.split(BETWEEN).any(|part| digits(part) >= SHORTEST && !may_be_name(part))
}

impl Engine {
    /// Names in a row of the list.
    pub(super) fn name_thread(&self, row: &mut ThreadRow) -> Result<(), EngineError> {
        if [Some(&row.title), row.preview_sender.as_ref()]
            .into_iter()
            .flatten()
            .any(|shown| may_hold_number(shown))
        {
            self.book()?.thread(row);
        }
        Ok(())
    }

    /// The name in a title.
    pub(super) fn name_title(&self, title: &mut String) -> Result<(), EngineError> {
        if may_hold_number(title) {
            self.book()?.rename(title);
        }
        Ok(())
    }

    /// Names among those in a thread.
    pub(super) fn name_everyone(&self, all: &mut [Who]) -> Result<(), EngineError> {
        if all.iter().any(|(name, ..)| may_hold_number(name)) {
            self.book()?.everyone(all);
        }
        Ok(())
    }

    /// Names in a transcript.
    pub(super) fn name_messages(&self, rows: &mut [MessageRow]) -> Result<(), EngineError> {
        let holds = |row: &MessageRow| {
            may_hold_number(&row.sender) || row.reactions.iter().any(|r| may_hold_number(&r.by))
        };
        if rows.iter().any(holds) {
            self.book()?.messages(rows);
        }
        Ok(())
    }

    /// The names that contact cards give.
    pub(super) fn book(&self) -> Result<Arc<Book>, EngineError> {
        let version = self.reader.people_stamp()?;
        let mut kept = self.book.borrow_mut();
        if let Some(book) = kept.as_ref().filter(|b| b.version == version) {
            return Ok(Arc::clone(book));
        }
        let book = Arc::new(Book::new(version, &self.reader.contacts()?));
        *kept = Some(Arc::clone(&book));
        Ok(book)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_called_as_their_cards_call_them() {
        let card = |id, name: &str, tel: &str| StoredContact {
            id,
            name: name.to_owned(),
            addresses: vec![("tel".to_owned(), tel.to_owned())],
        };
        let cards = [
            card(1, "Ulrike Schäfer", "+447911123456"),
            card(2, "+4915112345678", "+4915112345678"),
        ];
        let book = Book::new(1, &cards);
        for (shown, wanted) in [
            ("+44 7911 123456", "Ulrike Schäfer"),
            ("447911123456", "Ulrike Schäfer"),
            ("+44 7911 123456, Anna, +1 2", "Ulrike Schäfer, Anna, +1 2"),
            ("+49 151 12345678", "+49 151 12345678"),
            ("Anna", "Anna"),
            ("", ""),
        ] {
            let mut name = shown.to_owned();
            book.rename(&mut name);
            assert_eq!(name, wanted, "{shown}");
        }
        let mut same = "+44 7911 123456".to_owned();
        Book::new(1, &[]).rename(&mut same);
        assert_eq!(same, "+44 7911 123456");
    }
}
