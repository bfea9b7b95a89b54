//! Tells one thread: its messages first, then who is in it and what was learnt on the way.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::layout::{Home, Telling, Tray, parts};
use super::media::MediaFinder;
use super::page::Clocks;
use super::plan::Planned;
use super::thread::{Learnt, Reading};
use super::wording::is_placeholder;
use super::{App, Kind};
use crate::model::{
    CrossApp, Evidence, EvidenceKind, Membership, ParticipantRecord, Record, SourceId, Stitch,
    ThreadKind, ThreadRecord,
};
use crate::sources::{Entry, FileTree, Sink, Stop};

/// More messages than a file can hold.
const FILE: i64 = 1 << 32;

/// Reads a thread into the sink.
pub fn tell(
    app: &App,
    tree: &FileTree,
    thread: &Planned<'_>,
    (me, clocks): (&[String], &BTreeMap<&str, Clocks>),
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    let Some((home, first)) = thread.tellings.first() else { return Ok(()) };
    let key: Arc<str> = thread.key.as_str().into();
    let mut record = ThreadRecord::new(Arc::clone(&key), origin(app, thread));
    if thread.encrypted.is_some() {
        record.stitch = Stitch::Continuation;
    }
    let mut reading = Reading::new(tree, sink, record.clone(), finder(tree, home, first));
    reading.encrypted = thread.encrypted.is_some();
    if reading.encrypted {
        reading.newest_first = thread.peek.as_ref().and_then(|p| p.falling).unwrap_or(true);
    }
    for (n, (home, telling)) in thread.tellings.iter().enumerate() {
        reading.media = finder(tree, home, telling);
        reading.index = 0;
        reading.again = n > 0;
        let mut parts = parts(tree, telling, thread.pages).into_iter();
        match clocks.get(home.root.as_str()).filter(|_| thread.pages) {
            Some(clocks) => parts.try_for_each(|entry| reading.page(entry, clocks))?,
            None if reading.newest_first => from_the_oldest(&mut reading, parts.rev())?,
            None => parts.try_for_each(|entry| reading.part(entry))?,
        }
        reading.settle()?;
    }
    if thread.pages {
        complete(&mut reading, me);
    }
    if !reading.begun() && reading.learnt.listed.is_empty() && reading.learnt.title.is_none() {
        return Ok(());
    }
    // Where nobody wrote, nothing has opened the thread yet.
    reading.open()?;
    let learnt = reading.learnt;
    let deleted =
        first.name.starts_with("facebookuser_") || first.name.starts_with("instagramuser_");
    for person in participants(&key, &learnt, me, deleted, reading.encrypted) {
        sink.take(Record::Participant(person))?;
    }
    describe(app, thread, &learnt, &mut record);
    sink.take(Record::Thread(Box::new(record)))
}

/// Reads files whose messages run from new to old, the oldest file first: what rises is stored at
/// less cost.
fn from_the_oldest<'t>(
    reading: &mut Reading<'_>,
    parts: impl Iterator<Item = &'t Entry>,
) -> Result<(), Stop> {
    // What other tellings said holds; of these files the newest knows best.
    let before = reading.learnt.take_words();
    reading.base = 0;
    for entry in parts {
        // However many messages it holds, they come after those of older files.
        reading.base += FILE;
        reading.index = 0;
        let older = reading.learnt.take_words();
        reading.part(entry)?;
        reading.learnt.fill(older);
    }
    let here = reading.learnt.take_words();
    reading.learnt.fill(before);
    reading.learnt.fill(here);
    Ok(())
}

/// A page lists people only where they are many: a thread of two bears the other's name, and I am
/// in it.
fn complete(reading: &mut Reading<'_>, me: &[String]) {
    let learnt = &mut reading.learnt;
    if !learnt.listed.is_empty() {
        return;
    }
    learnt.listed = learnt.senders.clone();
    let mut add = |name: &str| {
        if !learnt.listed.iter().any(|n| **n == *name) {
            learnt.listed.push(name.into());
        }
    };
    if let Some(name) = me.first()
        && !learnt.senders.iter().any(|s| me.iter().any(|m| **m == **s))
    {
        add(name);
    }
    let others = learnt.senders.iter().filter(|s| !me.iter().any(|m| **m == ***s)).count();
    if others == 0
        && let Some(title) = learnt.title.clone().filter(|t| !t.trim().is_empty())
    {
        add(&title);
    }
}

fn finder<'a>(tree: &'a FileTree, home: &'a Home, telling: &'a Telling) -> MediaFinder<'a> {
    MediaFinder::new(tree, &home.base, &home.root, &telling.folder)
}

fn origin(app: &App, thread: &Planned<'_>) -> String {
    let middle = if thread.encrypted.is_some() { " encrypted" } else { "" };
    format!("{}{middle} export", app.name)
}

fn participants<'a>(
    key: &'a Arc<str>,
    learnt: &'a Learnt,
    me: &'a [String],
    deleted: bool,
    encrypted: bool,
) -> impl Iterator<Item = ParticipantRecord> + 'a {
    let is_me = |name: &str| me.iter().any(|m| m == name);
    // The folder is called after a deleted account: whoever is not me in a thread of two is it.
    let others = learnt.listed.iter().filter(|n| !is_me(n)).count();
    let stand_in = deleted && others == 1;
    // The lists of spring 2018 leave me out, so that being absent says nothing.
    let complete = !learnt.listed.is_empty() && (encrypted || !learnt.plain_list);
    let listed = learnt.listed.iter().map(|n| (n, false));
    let wrote =
        learnt.senders.iter().filter(|n| !learnt.listed.contains(n)).map(move |n| (n, complete));
    listed.chain(wrote).map(move |(name, left)| ParticipantRecord {
        thread: Arc::clone(key),
        key: Arc::clone(name),
        name: name.to_string(),
        source: None,
        is_me: is_me(name),
        placeholder: is_placeholder(name) || (stand_in && !left && !is_me(name)),
        left,
    })
}

fn describe(app: &App, thread: &Planned<'_>, learnt: &Learnt, record: &mut ThreadRecord) {
    // Whose account is gone has no name any more: one that was known before stays.
    let title = learnt.title.clone().filter(|t| !is_placeholder(t));
    let nameless = || learnt.listed.iter().any(|n| n.trim().is_empty());
    record.title = match &thread.encrypted {
        // Made of its people, where one of them has no name.
        Some(made) if made.starts_with(", ") && nameless() => None,
        Some(name) => Some(name.clone()),
        None => title,
    };
    let people = match learnt.listed.len() {
        0 => learnt.senders.len(),
        // I have left: who wrote is listed no more.
        1 if !learnt.plain_list => {
            1 + learnt.senders.iter().filter(|n| !learnt.listed.contains(n)).count()
        }
        // I am not in these lists.
        n if learnt.plain_list && thread.encrypted.is_none() => n + 1,
        n => n,
    };
    let copied = thread.tellings.iter().any(|(_, t)| t.tray == Tray::Groups);
    let group = learnt.group || copied || people > 2;
    record.kind = Some(if group { ThreadKind::Group } else { ThreadKind::Direct });
    record.membership = match learnt.still_in {
        Some(true) => Membership::Member,
        Some(false) => Membership::Gone,
        None => Membership::Unknown,
    };
    let tray = thread.tellings.first().map_or(Tray::Other, |(_, t)| t.tray);
    record.folder = tray.word().map(str::to_owned);
    record.archived = tray == Tray::Archived;
    let flag = |detail: &str| Evidence::new(EvidenceKind::Flag, detail);
    record.read_only = learnt.read_only.map(flag);
    record.will_be_read_only =
        learnt.will_be_read_only.then(|| flag("will_xac_be_readonly in the export"));
    record.cross_app = cross_app(app, learnt)
        .map(|evidence| CrossApp { other: Some(SourceId::known(app.other)), evidence });
}

/// A read-only flag of a cross-app chat says both, unless the data denies the first.
fn cross_app(app: &App, learnt: &Learnt) -> Option<Evidence> {
    let flagged = learnt.cross_app.or_else(|| {
        let implied = learnt
            .read_only
            .filter(|detail| detail.contains("xac"))
            .or_else(|| learnt.will_be_read_only.then_some("will_xac_be_readonly in the export"));
        implied.filter(|_| !learnt.not_cross_app)
    });
    match flagged {
        Some(detail) => Some(Evidence::new(EvidenceKind::Flag, detail)),
        None if learnt.notice && app.kind == Kind::Instagram => Some(Evidence::new(
            EvidenceKind::Notice,
            "the app's notice in the thread that chats with Facebook accounts end",
        )),
        None => None,
    }
}
