//! The texts of a store in memory, folded, newest first: what a plain scan goes through, and what
//! search is held to.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;

use anyhow::Result;
use memchr::memmem;
use onebox::search::tokens::{self, Run};
use rusqlite::Connection;
use serde::Deserialize;

/// A message without its text.
#[derive(Clone, Copy)]
pub struct Place {
    /// When, in milliseconds.
    pub at: i64,
    /// Its number.
    pub id: i64,
    /// Its strand.
    pub strand: i64,
    /// Its sender.
    pub sender: i64,
}

/// The texts. Every word stands between spaces, every text ends with a line break; scripts without
/// spaces stand as they are.
pub struct Column {
    bytes: Vec<u8>,
    starts: Vec<usize>,
    places: Vec<Place>,
    /// Bytes of the texts as they are stored.
    pub raw: u64,
}

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Needles {
    /// All of these must occur.
    pub texts: Vec<String>,
    /// In one of these strands.
    pub strands: Option<HashSet<i64>>,
    /// By one of these senders.
    pub senders: Option<HashSet<i64>>,
    /// Sent within.
    pub sent: Range<i64>,
}

#[derive(Default, Deserialize)]
struct More {
    #[serde(default, rename = "a")]
    attachments: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    #[serde(rename = "n")]
    name: Option<String>,
}

impl Column {
    /// Reads a store.
    pub fn of(store: &Path) -> Result<Self> {
        let db = Connection::open(store.join("onebox.db"))?;
        let mut q = db.prepare(
            "SELECT sent_at, id, strand_id, coalesce(sender_id, 0), text, more FROM message",
        )?;
        let mut rows = q.query([])?;
        let (mut bytes, mut raw) = (Vec::new(), 0);
        let mut unsorted: Vec<(Place, Range<usize>)> = Vec::new();
        while let Some(r) = rows.next()? {
            let place =
                Place { at: r.get(0)?, id: r.get(1)?, strand: r.get(2)?, sender: r.get(3)? };
            let text = r.get_ref(4)?.as_str()?;
            raw += text.len() as u64;
            let from = bytes.len();
            if let Some(more) = r.get_ref(5)?.as_str_or_null()? {
                let more: More = serde_json::from_str(more)?;
                for name in more.attachments.iter().filter_map(|a| a.name.as_deref()) {
                    raw += name.len() as u64;
                    fold(name, &mut bytes);
                }
            }
            fold(text, &mut bytes);
            bytes.push(b'\n');
            unsorted.push((place, from..bytes.len()));
        }
        unsorted.sort_unstable_by_key(|(p, _)| Reverse((p.at, p.id)));
        let mut column = Self {
            bytes: Vec::with_capacity(bytes.len()),
            starts: Vec::with_capacity(unsorted.len() + 1),
            places: Vec::with_capacity(unsorted.len()),
            raw,
        };
        for (place, range) in unsorted {
            column.starts.push(column.bytes.len());
            column.places.push(place);
            column.bytes.extend_from_slice(&bytes[range]);
        }
        column.starts.push(column.bytes.len());
        Ok(column)
    }

    /// How many messages.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// A message, the newest being 0.
    pub fn place(&self, n: usize) -> Place {
        self.places[n]
    }

    /// A message's words.
    pub fn text(&self, n: usize) -> &str {
        let bytes = &self.bytes[self.starts[n]..self.starts[n + 1] - 1];
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// The newest messages that hold what is looked for, by a plain scan.
    pub fn scan(&self, needles: &Needles, limit: usize) -> Vec<usize> {
        let mut out = Vec::new();
        let Some((first, others)) = needles.texts.split_first() else { return out };
        let first = memmem::Finder::new(first);
        let others: Vec<_> = others.iter().map(memmem::Finder::new).collect();
        let from = self.places.partition_point(|p| p.at >= needles.sent.end);
        let to = self.places.partition_point(|p| p.at >= needles.sent.start);
        let (mut at, end) = (self.starts[from], self.starts[to]);
        while at < end && out.len() < limit {
            let Some(found) = first.find(&self.bytes[at..end]) else { break };
            let n = self.starts.partition_point(|s| *s <= at + found) - 1;
            let text = &self.bytes[self.starts[n]..self.starts[n + 1]];
            let place = self.places[n];
            let within =
                |set: &Option<HashSet<i64>>, of: i64| set.as_ref().is_none_or(|s| s.contains(&of));
            if within(&needles.strands, place.strand)
                && within(&needles.senders, place.sender)
                && others.iter().all(|o| o.find(text).is_some())
            {
                out.push(n);
            }
            at = self.starts[n + 1];
        }
        out
    }
}

/// Appends a text's words, each between spaces.
fn fold(text: &str, out: &mut Vec<u8>) {
    let mut goes_on = None;
    out.push(b' ');
    tokens::each(text, |t| {
        let packed = t.run != Run::Word;
        if goes_on.is_some_and(|at| packed && at == t.bytes.start) {
            // The space after the character before.
            out.pop();
        }
        match t.first.filter(|_| packed) {
            Some(first) => out.extend_from_slice(&text.as_bytes()[t.bytes.start..first]),
            None => out.extend_from_slice(t.folded.as_bytes()),
        }
        out.push(b' ');
        goes_on = t.first.filter(|_| t.run == Run::Packed);
        true
    });
}
