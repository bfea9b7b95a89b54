//! Additions to a backup: `msgstore-increment-N.db.crypt15` holds what was new since the last whole
//! one. Opened, it is a zip; `messages.bin` in it is a row of protocol buffers with their lengths,
//! each a `HistorySync` as WhatsApp Web gets it (ElDavoo/wa-crypt-tools and tulir/whatsmeow
//! document both). Other files in it tell changes of tables, which the next whole backup tells too.
//!
//! Times are seconds here. Of a file only that there is one is told: where it lies, the whole
//! backup knows.

use std::io::{BufRead, BufReader, Read};

use super::super::crypt::OnDisk;
use super::Place;
use super::around::Around;
use super::chats::Chats;
use super::media::Media;
use super::messages::{Raw, compose};
use super::people::Jids;
use crate::model::{Oddity, Record};
use crate::sources::whatsapp::wire::{self, Field};
use crate::sources::{FileTree, ReadError, Sink, Stop};

const MESSAGES: &str = "messages.bin";
/// One piece of history is no longer.
const LONGEST: u64 = 64 << 20;

/// Messages of one second stand in the order of the file, behind those of the whole backup.
const FIRST: i64 = 1 << 40;
/// Fields that hold another message: one that disappears, one that is seen once, a document with
/// words.
const WRAPPINGS: [u64; 4] = [40, 37, 55, 53];
/// Wrappings in wrappings.
const DEEP: usize = 4;
/// Kinds of a message by their field, and where the words of each are.
const KINDS: [(u64, i64, u64); 10] = [
    (1, 0, 0),
    // Text with a preview or a quotation.
    (6, 0, 1),
    (3, 1, 3),
    (8, 2, 0),
    (9, 3, 7),
    (4, 4, 0),
    (5, 5, 0),
    (7, 9, 20),
    (18, 16, 0),
    (26, 20, 0),
];

/// Reads an addition that was opened.
pub fn read(
    place: &Place<'_>,
    disk: &OnDisk,
    jids: &mut Jids,
    chats: &mut Chats,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let trees = FileTree::open(disk.path())?;
    let file = trees.iter().find_map(|t| t.find(MESSAGES).map(|e| (t, e)));
    let Some((tree, entry)) = file else {
        let why = "it holds nothing that onebox knows: the next whole backup does";
        return Ok(sink.odd(Oddity::file(&place.entry.path, why))?);
    };
    let mut reader = BufReader::new(tree.open_entry(entry)?);
    jids.spell_out();
    let mut met = 0;
    while let Some(size) = length(&mut reader) {
        let mut piece = Vec::new();
        let whole =
            reader.by_ref().take(size).read_to_end(&mut piece).is_ok_and(|n| n as u64 == size);
        if !whole {
            let why = "it is damaged here; what could be read was kept";
            sink.odd(Oddity::file(&place.entry.path, why))?;
            break;
        }
        for chat in values(&piece, 2) {
            for message in values(chat, 2).filter_map(|m| values(m, 1).next()) {
                sink.advance(0)?;
                met += 1;
                one(place, (FIRST + met, message), jids, chats, sink)?;
            }
        }
    }
    Ok(sink.advance(place.bytes)?)
}

/// The length of the next piece; `None` at the end, or where it cannot be one.
fn length(reader: &mut impl BufRead) -> Option<u64> {
    let mut head = Vec::new();
    for byte in reader.bytes().take(10) {
        let byte = byte.ok()?;
        head.push(byte);
        if byte & 0x80 == 0 {
            return wire::varint(&mut &head[..]).filter(|n| *n <= LONGEST);
        }
    }
    None
}

/// The values in bytes of one field.
fn values(bytes: &[u8], field: u64) -> impl Iterator<Item = &[u8]> {
    wire::walk(bytes).filter_map(move |(n, value)| match value {
        Field::Bytes(bytes) if n == field => Some(bytes),
        _ => None,
    })
}

fn text(bytes: &[u8], path: &[u64]) -> Option<String> {
    wire::text(bytes, path)
}

fn number(bytes: &[u8], path: &[u64]) -> Option<i64> {
    wire::number(bytes, path).and_then(|n| i64::try_from(n).ok())
}

fn one(
    place: &Place<'_>,
    (order, message): (i64, &[u8]),
    jids: &mut Jids,
    chats: &mut Chats,
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    let chat = text(message, &[1, 1]).filter(|jid| jid != "status@broadcast");
    let chat = chat.and_then(|jid| jids.row(&jid)).and_then(|row| jids.get(row)).cloned();
    let (Some(chat), Some(id), Some(content)) =
        (chat, text(message, &[1, 3]), values(message, 2).next())
    else {
        // An event of the app has no content here, but a number.
        return Ok(());
    };
    let sender = text(message, &[1, 4]).or_else(|| text(message, &[5]));
    let Some((raw, cards)) = raw(content, sender.and_then(|jid| jids.row(&jid))) else {
        return Ok(());
    };
    let raw = Raw {
        id: order,
        mine: number(message, &[1, 2]) == Some(1),
        at: number(message, &[3]).map(|s| s.saturating_mul(1000)),
        key: Some(id),
        ..raw
    };
    if raw.at.is_none_or(|at| at <= 0) {
        return Ok(());
    }
    let Some(chat) = chats.with(&chat, jids, sink)? else { return Ok(()) };
    let around = Around { cards, ..Around::default() };
    match compose(raw, around, chat, jids, &Media::of(place), sink)? {
        Some(message) => sink.take(Record::Message(Box::new(message))),
        None => Ok(()),
    }
}

/// A message's content, with the cards that came with it; `None` where it is of a kind that a
/// whole backup has no message for, or tells better.
fn raw(mut content: &[u8], sender: Option<i64>) -> Option<(Raw, Vec<String>)> {
    for _ in 0..DEEP {
        let wrapped = WRAPPINGS.iter().find_map(|field| values(content, *field).next());
        let Some(within) = wrapped.and_then(|w| values(w, 1).next()) else { break };
        content = within;
    }
    let (kind, words, field) = KINDS.iter().find_map(|(field, kind, words)| {
        Some((*kind, *words, (*field, values(content, *field).next()?)))
    })?;
    let (field, inside) = field;
    let said = match (field, words) {
        (1, _) => std::str::from_utf8(inside).ok().map(str::to_owned),
        (_, 0) => None,
        (_, at) => text(inside, &[at]),
    };
    let place = (kind == 5 || kind == 16).then(|| (double(inside, 1), double(inside, 2)));
    let (lat, lon) = place.unwrap_or_default();
    let name = (kind == 9).then(|| text(inside, &[8]).or_else(|| text(inside, &[3]))).flatten();
    let raw = Raw {
        kind,
        sender,
        text: said,
        voice: kind == 2 && number(inside, &[6]) == Some(1),
        // What surrounds a message stands in the same field of most kinds.
        quoted: (
            text(inside, &[17, 1]),
            text(inside, &[17, 3, 1]).or_else(|| text(inside, &[17, 3, 6, 1])),
        ),
        media: [None, name, None, None],
        place: (lat, lon, text(inside, &[3]).filter(|_| kind == 5), None),
        ..Raw::default()
    };
    let cards = (kind == 4).then(|| text(inside, &[16])).flatten();
    Some((raw, cards.into_iter().collect()))
}

fn double(bytes: &[u8], field: u64) -> Option<f64> {
    values(bytes, field).next()?.try_into().ok().map(f64::from_le_bytes)
}
