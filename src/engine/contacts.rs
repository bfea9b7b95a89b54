//! Contact cards: names for numbers, and numbers that belong together.

use std::path::Path;

use calcard::vcard::{VCard, VCardProperty, VCardValue};
use calcard::{Entry, Parser};

use super::{Engine, EngineError};
use crate::model::Oddity;
use crate::store::{ContactCard, number};

/// The largest file that is read: cards with pictures of a whole company are smaller.
const LARGEST: u64 = 64 << 20;
/// Oddities that are told one by one.
const SAMPLES: usize = 5;

/// What came of taking contact cards in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactReport {
    /// Cards in the file.
    pub cards: usize,
    /// Cards that were new.
    pub added: usize,
    /// Cards without a name, or without a number that tells its country.
    pub without: usize,
    /// Pieces that could not be read.
    pub oddities: u64,
    /// The first few of them.
    pub samples: Vec<Oddity>,
}

impl Engine {
    /// Takes the contact cards of a file in (vCard 2.1, 3.0, 4.0). Doing so again changes nothing.
    pub fn import_contacts(&mut self, path: &Path) -> Result<ContactReport, EngineError> {
        let shown = path.display().to_string();
        let failed = |why: std::io::Error| EngineError::File { path: shown.clone(), why };
        let size = std::fs::metadata(path).map_err(failed)?.len();
        if size > LARGEST {
            let why = format!("{} MiB is more than a contact file holds", size >> 20);
            return Err(failed(std::io::Error::other(why)));
        }
        // Some address books write cards in UTF-16.
        let bytes = crate::sources::in_utf8(std::fs::read(path).map_err(failed)?);
        let text = String::from_utf8_lossy(&bytes);
        let (cards, mut report) = read(&text, &shown);
        if report.cards == 0 {
            let why = "there is no contact card in it (BEGIN:VCARD)";
            return Err(failed(std::io::Error::new(std::io::ErrorKind::InvalidData, why)));
        }
        report.added = self.store().writer()?.take_contacts(&cards)?;
        Ok(report)
    }
}

/// The cards of a file, and what came of each. Open for `fuzz/` only.
pub fn read(text: &str, file: &str) -> (Vec<ContactCard>, ContactReport) {
    let mut report = ContactReport::default();
    let mut cards = Vec::new();
    // The parser drops what lies between cards and ends where a card does not.
    let mut parser = Parser::new(text);
    // Every entry takes at least a byte: a parser that stands still ends the reading.
    for _ in 0..=text.len() {
        match parser.entry() {
            Entry::VCard(card) => {
                report.cards += 1;
                match taken(&card) {
                    Some(card) => cards.push(card),
                    None => report.without += 1,
                }
            }
            Entry::Eof => break,
            odd => {
                report.oddities += 1;
                let why = match odd {
                    Entry::UnterminatedComponent(_) => "the card has no end",
                    Entry::TooManyComponents => "too many parts in one card",
                    Entry::ICalendar(_) => "a calendar, not a card",
                    _ => "this line belongs to no card",
                };
                if report.samples.len() < SAMPLES {
                    let at = format!("card {}", report.cards + 1);
                    report.samples.push(Oddity::at(file, at, why));
                }
            }
        }
    }
    (cards, report)
}

/// `N:Novák;Tomáš`: all that a card of the first age must have.
fn in_parts(card: &VCard) -> Option<String> {
    let entry = card.property(&VCardProperty::N)?;
    let mut parts: Vec<&str> = Vec::new();
    for value in &entry.values {
        match value {
            VCardValue::Component(inner) => parts.extend(inner.iter().map(String::as_str)),
            value => parts.extend(value.as_text()),
        }
    }
    let (family, given) =
        (parts.first().copied().unwrap_or(""), parts.get(1).copied().unwrap_or(""));
    Some(format!("{given} {family}").trim().to_owned()).filter(|n| !n.is_empty())
}

fn taken(card: &VCard) -> Option<ContactCard> {
    let text = |property: &VCardProperty| {
        let values = card.property(property)?.values.iter();
        let joined: Vec<&str> = values.filter_map(|v| v.as_text()).collect();
        Some(joined.join(" ").trim().to_owned()).filter(|t| !t.is_empty())
    };
    let name = text(&VCardProperty::Fn)
        .or_else(|| in_parts(card))
        .or_else(|| text(&VCardProperty::Org))?;
    let mut addresses: Vec<(&'static str, String)> = Vec::new();
    for entry in &card.entries {
        let values = entry.values.iter().filter_map(|v| v.as_text());
        match entry.name {
            VCardProperty::Tel => addresses.extend(values.filter_map(|v| {
                let bare = v.trim().trim_start_matches("tel:");
                Some(("tel", number(bare)?))
            })),
            VCardProperty::Email => {
                addresses.extend(values.map(|v| ("email", v.trim().to_lowercase())));
            }
            _ => {}
        }
    }
    addresses.sort();
    addresses.dedup();
    if addresses.is_empty() {
        return None;
    }
    let key = text(&VCardProperty::Uid).unwrap_or_else(|| {
        let all: Vec<&str> = addresses.iter().map(|(_, v)| v.as_str()).collect();
        format!("{name}\n{}", all.join("\n"))
    });
    Some(ContactCard { key, name, addresses })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_of_every_age() {
        let text = "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Nov=C3=A1k;Tom=C3=A1=C5=A1\r\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Tom=C3=A1=C5=A1 Nov=C3=A1k\r\nTEL;CELL:+420 604 111 222\r\nEND:VCARD\r\n\
            BEGIN:VCARD\nVERSION:3.0\nFN:Ana\nTEL;TYPE=CELL:+49 170 1234567\nitem1.TEL:+49 30 901820\nEMAIL:Ana@Example.org\nEND:VCARD\n\
            BEGIN:VCARD\nVERSION:4.0\nFN:Maya\nTEL;VALUE=uri:tel:+44-20-7946-0958\nUID:urn:1\nEND:VCARD\n\
            BEGIN:VCARD\nVERSION:2.1\nN:Weber;Jonas\nTEL:+49 30 901821\nEND:VCARD\n\
            BEGIN:VCARD\nVERSION:3.0\nFN:No number\nEND:VCARD\n";
        let (cards, report) = read(text, "a.vcf");
        let told: Vec<_> = cards
            .iter()
            .map(|c| {
                format!(
                    "{}: {}",
                    c.name,
                    c.addresses.iter().map(|(_, v)| v.as_str()).collect::<Vec<_>>().join(" ")
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                "Tomáš Novák: +420604111222",
                "Ana: ana@example.org +491701234567 +4930901820",
                "Maya: +442079460958",
                "Jonas Weber: +4930901821",
            ]
        );
        assert_eq!((report.cards, report.without, report.oddities), (5, 1, 0));
    }

    #[test]
    fn what_is_no_card_is_counted() {
        let (cards, report) = read("hello\nBEGIN:VCARD\nFN:Cut off\nTEL:+420604111222\n", "a.vcf");
        assert!(cards.len() <= 1);
        assert!(report.oddities > 0 || report.cards == 1, "{report:?}");
        for junk in [
            "",
            "BEGIN:VCARD",
            "END:VCARD\nEND:VCARD",
            "BEGIN:VCARD\nBEGIN:VCARD\nBEGIN:VCARD",
            "\u{feff}BEGIN:VCARD\nFN:A\nEND:VCARD",
        ] {
            read(junk, "a.vcf");
        }
    }
}
