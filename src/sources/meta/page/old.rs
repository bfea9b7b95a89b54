//! Messenger's pages of up to 2017: `messages.htm` with all conversations, later one page each.
//!
//! A conversation has no id and no title, only its people, and may stand in many pieces. Each date
//! bears its zone.

use std::cell::Cell;
use std::collections::HashMap;
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
    met: &HashMap<String, i64>,
    sink: &'a mut dyn Sink,
) -> Reading<'a> {
    let mut names: Vec<&str> =
        people.split(',').map(str::trim).filter(|n| !n.is_empty()).take(PEOPLE).collect();
    names.sort_unstable();
    names.dedup();
    let key: Arc<str> = format!("{RETOLD}people/{}", names.join("+")).into();
    let record = ThreadRecord::new(Arc::clone(&key), format!("{} export", app.name));
    let finder = MediaFinder::new(tree, &home.base, &home.root, &home.root);
    let mut reading = Reading::new(tree, sink, record, finder);
    reading.index = met.get(&*key).copied().unwrap_or(0);
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
