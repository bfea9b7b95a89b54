//! Messenger's pages of up to 2017: `messages.htm` with all conversations, later one page each.
//!
//! A conversation has no id and no title, only its people, and may stand in many pieces, of which
//! some are told twice; a few have not even people. Each date bears its zone. In place of a name
//! may stand `<number>@facebook.com`, mine as well (the README and the issues of
//! ownaginatious/fbchat-archive-parser).

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;
use std::rc::Rc;
use std::sync::Arc;

use super::parse::{Page, Seen};
use super::tell::{Clocks, Counted};
use crate::model::{Moment, Oddity, ParticipantRecord, RETOLD, Record, ThreadKind, ThreadRecord};
use crate::sources::meta::App;
use crate::sources::meta::layout::Home;
use crate::sources::meta::media::MediaFinder;
use crate::sources::meta::thread::Reading;
use crate::sources::meta::wording::is_placeholder;
use crate::sources::{Entry, FileTree, Sink, Stop};

/// Conversations whose place is remembered.
const MANY: usize = 100_000;
const PEOPLE: usize = 1000;
/// Heads of conversations by which it is told who I am, and people of one.
const HEADS: usize = 5000;
const FEW: usize = 50;
const HEAD: &[u8] = b"class=\"thread\">";
const CHUNK: usize = 256 << 10;
/// No head is longer.
const LONGEST: usize = 8 << 10;

/// Who is in the conversations of a home's old pages, one set for each piece of one.
pub fn heads(
    tree: &FileTree,
    home: &Home,
    sink: &mut dyn Sink,
) -> Result<Vec<BTreeSet<String>>, Stop> {
    let mut out = Vec::new();
    for entry in home.flat_pages.iter().filter_map(|i| tree.entries().get(*i)) {
        let Ok(mut stream) = tree.open_entry(entry) else { continue };
        let mut have: Vec<u8> = Vec::new();
        let mut ended = false;
        while !ended && out.len() < HEADS {
            let kept = have.len();
            have.resize(kept + CHUNK, 0);
            let got = stream.read(&mut have[kept..]).unwrap_or(0);
            have.truncate(kept + got);
            ended = got == 0;
            let used = scan(&have, ended, &mut out);
            have.drain(..used);
            sink.advance(0)?;
        }
    }
    Ok(out)
}

/// Adds the heads in some bytes of a page; how many of the bytes are done with.
fn scan(have: &[u8], ended: bool, out: &mut Vec<BTreeSet<String>>) -> usize {
    let mut done = 0;
    for at in memchr::memmem::find_iter(have, HEAD) {
        let rest = have.get(at + HEAD.len()..).unwrap_or_default();
        let Some(end) = memchr::memmem::find(rest, b"<div").filter(|end| *end <= LONGEST) else {
            if !ended && rest.len() <= LONGEST {
                return at;
            }
            continue;
        };
        done = at + HEAD.len() + end;
        let head = rest.get(..end).unwrap_or_default();
        let (before, after) = (&b"<div class=\"thread\">"[..], &b"<div class=\"message\">"[..]);
        let page = [before, head, after].concat();
        let people = Page::new(page.as_slice()).find_map(|seen| match seen {
            Ok(Seen::Thread(people)) => Some(people),
            _ => None,
        });
        let people: BTreeSet<String> =
            names_in(people.as_deref().unwrap_or_default()).take(FEW).map(str::to_owned).collect();
        if !people.is_empty() && out.len() < HEADS {
            out.push(people);
        }
    }
    // The needle may lie across two chunks.
    done.max(have.len().saturating_sub(HEAD.len()))
}

/// The number that stands for me: the one that is wherever none of my names is.
pub fn my_number(heads: &[BTreeSet<String>], me: &[String]) -> Option<String> {
    let without: Vec<&BTreeSet<String>> =
        heads.iter().filter(|people| !me.iter().any(|name| people.contains(name))).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for name in without.iter().flat_map(|people| people.iter()) {
        *counts.entry(name).or_default() += usize::from(is_number(name));
    }
    let mut everywhere = counts.into_iter().filter(|(_, n)| *n > 1 && *n == without.len());
    let (name, _) = everywhere.next()?;
    everywhere.next().is_none().then(|| name.to_owned())
}

/// `100001234@facebook.com`
fn is_number(name: &str) -> bool {
    let number = name.strip_suffix("@facebook.com").unwrap_or_default();
    !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
}

fn names_in(people: &str) -> impl Iterator<Item = &str> {
    people.split(',').map(str::trim).filter(|n| !n.is_empty())
}

/// Reads a page into the sink. `met`: how many messages of each conversation were told before.
pub fn tell(
    app: &App,
    tree: &FileTree,
    (home, entry): (&Home, &Entry),
    (me, clocks): (&[String], &Clocks),
    met: &mut HashMap<String, i64>,
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    let stream = match tree.open_entry(entry) {
        Ok(stream) => stream,
        Err(why) => return sink.odd(Oddity::file(&entry.path, why.to_string())),
    };
    let bytes = Rc::new(Cell::new(0));
    let mut page = Page::new(Counted { inner: stream, bytes: Rc::clone(&bytes) });
    let mut next: Option<String> = None;
    loop {
        let ended = match next.take() {
            Some(people) => {
                let mut reading = open(app, tree, (home, entry), &people, met, sink);
                let ended = block(&mut page, Some(&mut reading), clocks)?;
                close(reading, me, met)?;
                ended
            }
            None => block(&mut page, None, clocks)?,
        };
        sink.advance(bytes.take())?;
        match ended {
            Ended::Thread(people) => next = Some(people),
            Ended::Breath => {}
            Ended::Broken(why) => {
                sink.odd(Oddity::file(&entry.path, format!("the file cannot be read on: {why}")))?;
            }
            Ended::Page => return Ok(()),
        }
    }
}

/// How a conversation's part of a page ended.
enum Ended {
    /// Another begins, of these people.
    Thread(String),
    /// It has not; none has begun.
    Breath,
    /// The page cannot be read on.
    Broken(std::io::Error),
    /// The page ends.
    Page,
}

fn block<R: Read>(
    page: &mut Page<R>,
    mut reading: Option<&mut Reading<'_>>,
    clocks: &Clocks,
) -> Result<Ended, Stop> {
    let mut last: Option<Moment> = None;
    for seen in page {
        match (seen, &mut reading) {
            (Ok(Seen::Message(boxed)), Some(reading)) => {
                reading.boxed(*boxed, clocks, &mut last)?;
            }
            (Ok(Seen::Thread(people)), _) => return Ok(Ended::Thread(people)),
            (Ok(Seen::Breath), Some(reading)) => reading.sink.advance(0)?,
            (Ok(Seen::Breath), None) => return Ok(Ended::Breath),
            (Ok(_), _) => {}
            (Err(why), _) => return Ok(Ended::Broken(why)),
        }
    }
    Ok(Ended::Page)
}

fn open<'a>(
    app: &App,
    tree: &'a FileTree,
    (home, entry): (&'a Home, &Entry),
    people: &str,
    met: &mut HashMap<String, i64>,
    sink: &'a mut dyn Sink,
) -> Reading<'a> {
    let mut names: Vec<&str> = names_in(people).take(PEOPLE).collect();
    names.sort_unstable();
    names.dedup();
    let mut key: Arc<str> = format!("{RETOLD}people/{}", names.join("+")).into();
    if names.is_empty() {
        // Nobody knows whether two of these are one.
        let nth = met.entry(String::new()).or_default();
        *nth += 1;
        key = format!("{key}?{nth}").into();
    }
    let record = ThreadRecord::new(Arc::clone(&key), format!("{} export", app.name));
    let finder = MediaFinder::new(tree, &home.base, &home.root, &home.root);
    let mut reading = Reading::new(tree, sink, record, finder);
    let before = met.get(&*key).copied();
    reading.index = before.unwrap_or(0);
    // The same piece may stand in the page twice.
    reading.again = before.is_some();
    reading.file.clone_from(&entry.path);
    for name in names {
        let name = reading.names.plain(name);
        reading.learnt.listed.push(name);
    }
    reading
}

fn close(
    mut reading: Reading<'_>,
    me: &[String],
    met: &mut HashMap<String, i64>,
) -> Result<(), Stop> {
    reading.count_odd()?;
    if !reading.begun() {
        return Ok(());
    }
    let mut record = reading.record.clone();
    if met.len() < MANY || met.contains_key(&*record.key) {
        met.insert(record.key.to_string(), reading.index);
    }
    let listed = &reading.learnt.listed;
    let is_me = |name: &str| me.iter().any(|m| m == name);
    let group = listed.iter().filter(|n| !is_me(n)).count() > 1;
    record.kind = Some(if group { ThreadKind::Group } else { ThreadKind::Direct });
    let senders = reading.learnt.senders.iter().filter(|n| !listed.contains(n));
    let people: Vec<Arc<str>> = listed.iter().chain(senders).map(Arc::clone).collect();
    for name in people {
        reading.sink.take(Record::Participant(ParticipantRecord {
            thread: Arc::clone(&record.key),
            name: name.to_string(),
            source: None,
            is_me: is_me(&name),
            placeholder: is_placeholder(&name),
            left: false,
            key: name,
        }))?;
    }
    reading.sink.take(Record::Thread(Box::new(record)))
}
