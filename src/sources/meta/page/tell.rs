//! Reads a thread's pages, message by message.

use std::cell::Cell;
use std::io::Read;
use std::rc::Rc;

use super::halves::Halves;
use super::parse::{Boxed, Page, Seen};
use super::stamp::{Half, Stamp};
use super::zone::{Clockwork, Made, made};
use super::{people, stamp, words};
use crate::model::{Moment, Oddity, Reaction, Timestamp};
use crate::sources::meta::Kind;
use crate::sources::meta::layout::Home;
use crate::sources::meta::message::{Raw, Share, Type};
use crate::sources::meta::peek::Peek;
use crate::sources::meta::plan::Plan;
use crate::sources::meta::profile::Tally;
use crate::sources::meta::sent;
use crate::sources::meta::thread::Reading;
use crate::sources::meta::wording::{self, Line};
use crate::sources::{DateOrder, Entry, FileTree, ReadOptions, Stop};

/// Bytes looked at where only the head of a page is asked; its style alone may be a tenth of it.
const HEAD: u64 = 256 << 10;
/// Messages looked at.
const FEW: u32 = 100;
/// Bytes between two words on how far it is.
const STEP: u64 = 256 << 10;
const PEOPLE: usize = 5000;
/// Threads looked at for the order of dates.
const THREADS: usize = 16;
/// Pages of an export that say when it was made.
const FRONT: &[&str] = &["start_here.html", "index.html", "index.htm"];

/// How the pages of an export are to be read.
#[derive(Clone, Copy)]
pub struct Clocks {
    order: DateOrder,
    work: Clockwork,
    croatian: bool,
}

impl Clocks {
    /// Of an export, by its first page, and by the dates of its first threads.
    pub fn of(tree: &FileTree, home: &Home, kind: Kind, options: &ReadOptions) -> Self {
        let threads = home.tellings.iter().filter_map(|t| tree.entries().get(*t.pages.first()?));
        let old = home.flat_pages.iter().filter_map(|i| tree.entries().get(*i));
        let (mut order, mut croatian) = (options.date_order, false);
        for entry in threads.chain(old).take(THREADS) {
            let seen = look(tree, entry);
            order = order.or_else(|| order_of(&seen));
            // When the page was made goes before what is said in it.
            let made = seen.iter().find_map(|s| when_made(s, order.unwrap_or(DateOrder::Dmy)));
            croatian |= is_croatian(&seen, made);
            if order.is_some() && croatian {
                break;
            }
        }
        let order = order.unwrap_or(DateOrder::Dmy);
        let front = FRONT.iter().filter_map(|name| tree.find(&format!("{}{name}", home.base)));
        let made = front
            .into_iter()
            .find_map(|entry| look(tree, entry).iter().find_map(|seen| when_made(seen, order)));
        let croatian = croatian || made.is_some_and(|m| m.croatian);
        let made = made.map(|m| m.made);
        Self { order, work: Clockwork { made, zone: options.zone, kind }, croatian }
    }

    /// Of one page of it: by the page itself where it says so.
    pub fn on_page(self, tree: &FileTree, entry: &Entry) -> Self {
        let seen = look(tree, entry);
        let order = order_of(&seen).unwrap_or(self.order);
        let made = seen.iter().find_map(|seen| when_made(seen, order));
        let croatian = self.croatian || is_croatian(&seen, made);
        let work = Clockwork { made: made.map(|m| m.made).or(self.work.made), ..self.work };
        Self { order, work, croatian }
    }

    /// The moment of a date as it stands.
    pub fn moment(&self, date: &str) -> Option<Moment> {
        self.stamp(date).map(|stamp| self.work.moment(&stamp))
    }

    fn stamp(&self, date: &str) -> Option<Stamp> {
        if self.croatian {
            stamp::read(&words::from_croatian(date), self.order)
        } else {
            stamp::read(date, self.order)
        }
    }

    /// A reaction as it stands.
    fn reaction(&self, item: &str) -> Option<(String, String, Option<Timestamp>)> {
        let read = |item: &str| people::reaction(item, self.order);
        // The name before the date may be anything.
        let dated = item.rsplit_once('(').filter(|_| self.croatian);
        let (emoji, name, at) = match dated {
            Some((who, date)) => read(&format!("{who}({}", words::from_croatian(date))),
            None => read(item),
        }?;
        Some((emoji, name, at.map(|stamp| self.work.instant(&stamp))))
    }
}

/// When a page was made, and whether that can be nothing but Croatian.
#[derive(Clone, Copy)]
struct Dated {
    made: Made,
    croatian: bool,
}

/// Whether a date in it can be nothing but Croatian: by its words, or because in another language
/// it would be later than the page itself.
fn is_croatian(seen: &[Seen], made: Option<Dated>) -> bool {
    let later = |date: &str| {
        let of = |date: &str| stamp::read(date, DateOrder::Dmy).map(|stamp| stamp.reading);
        let after = |date| of(date).zip(made).is_some_and(|(at, page)| page.made.is_before(at));
        after(date) && !after(&words::from_croatian(date))
    };
    made.is_some_and(|m| m.croatian)
        || seen.iter().any(|seen| match seen {
            Seen::Message(m) => words::is_croatian(&m.date) || later(&m.date),
            _ => false,
        })
}

/// The order of dates in numbers alone, where one of them leaves no choice.
fn order_of(seen: &[Seen]) -> Option<DateOrder> {
    seen.iter().find_map(|seen| match seen {
        Seen::Message(m) => stamp::order(&m.date),
        _ => None,
    })
}

fn when_made(seen: &Seen, order: DateOrder) -> Option<Dated> {
    let Seen::Made { utc, text, .. } = seen else { return None };
    let of = |text: &str| made(utc, text, order);
    let plain = of(text).map(|made| Dated { made, croatian: words::is_croatian(text) });
    // In words it is the instant that stands beside it only if they are Croatian.
    plain.or_else(|| Some(Dated { made: of(&words::from_croatian(text))?, croatian: true }))
}

/// What the head of a page tells.
fn look(tree: &FileTree, entry: &Entry) -> Vec<Seen> {
    let Ok(stream) = tree.open_entry(entry) else { return Vec::new() };
    let mut messages = 0;
    Page::new(stream.take(HEAD))
        .map_while(Result::ok)
        .take_while(|seen| {
            messages += u32::from(matches!(seen, Seen::Message(_)));
            messages <= FEW
        })
        .collect()
}

/// The first time in a page that can be read.
fn first_moment(tree: &FileTree, path: &str, clocks: &Clocks) -> Option<Moment> {
    let seen = look(tree, tree.find(path)?);
    seen.iter().find_map(|seen| match seen {
        Seen::Message(message) => clocks.moment(&message.date),
        _ => None,
    })
}

/// A first look: who is in it.
pub fn peek(tree: &FileTree, entry: &Entry) -> Peek {
    let mut peek = Peek::default();
    let mut listed = false;
    for seen in look(tree, entry) {
        match seen {
            Seen::Title(title) if !title.is_empty() => peek.title = Some(title),
            Seen::Header(line) => {
                for name in people::listed(&line).unwrap_or_default().into_iter().take(PEOPLE) {
                    listed = true;
                    peek.participants.insert(name);
                }
            }
            Seen::Message(m) if !m.sender.is_empty() => {
                peek.plain_messages += 1;
                peek.senders.insert(m.sender);
            }
            _ => {}
        }
    }
    // A thread of two has no list: its title is the other's name.
    if let Some(title) = peek.title.clone().filter(|_| !listed && peek.senders.len() <= 2) {
        peek.participants.insert(title);
    }
    peek
}

/// What stands in a page of the profile, piece by piece: labels, each before what it labels; and
/// the line that says who asked for the download.
pub fn profile(tree: &FileTree, entry: &Entry) -> Vec<String> {
    let Ok(stream) = tree.open_entry(entry) else { return Vec::new() };
    super::parse::texts(stream.take(HEAD << 2))
}

/// The name of whoever asked for the download, if a page says so (`Generated by Ana Lima on`) and
/// somebody in the conversations bears it.
pub fn asked_by(tree: &FileTree, homes: &[Home], plan: &Plan<'_>, tally: &Tally) -> Option<String> {
    let front = homes.iter().flat_map(|home| {
        FRONT.iter().filter_map(|name| tree.find(&format!("{}{name}", home.base)))
    });
    let first = plan.threads.iter().filter(|t| t.pages).find_map(|t| t.first_part(tree));
    front.chain(first).find_map(|entry| {
        look(tree, entry).into_iter().find_map(|seen| match seen {
            Seen::Made { by, .. } => tally.named_in(&by),
            _ => None,
        })
    })
}

impl Reading<'_> {
    /// Reads one page. Whatever is wrong with it becomes an oddity.
    pub fn page(&mut self, entry: &Entry, clocks: &Clocks) -> Result<(), Stop> {
        self.file.clone_from(&entry.path);
        self.in_file = 0;
        self.told = 0;
        self.halves = Halves::default();
        let tree = self.tree;
        let clocks = clocks.on_page(tree, entry);
        let stream = match tree.open_entry(entry) {
            Ok(stream) => stream,
            Err(why) => return self.sink.odd(Oddity::file(&self.file, why.to_string())),
        };
        let bytes = Rc::new(Cell::new(0));
        let mut last = None;
        let mut broken = None;
        for seen in Page::new(Counted { inner: stream, bytes: Rc::clone(&bytes) }) {
            match seen {
                Ok(seen) => self.seen(seen, &clocks, &mut last)?,
                Err(why) => broken = Some(why),
            }
            // A breath is told even where nothing was: whoever stops is asked here.
            if bytes.get() > STEP {
                self.sink.advance(bytes.take())?;
            }
        }
        self.count_odd()?;
        self.tell_half()?;
        if self.in_file == 0 && self.learnt.listed.is_empty() && broken.is_none() {
            let why = "no message is in this page, or none in a markup that is known";
            self.sink.odd(Oddity::file(&self.file, why))?;
        }
        if let Some(why) = broken {
            let words = format!(
                "the file cannot be read on: {why}; {} messages before it were kept",
                self.in_file
            );
            self.sink.odd(Oddity::file(&self.file, words))?;
        }
        self.sink.advance(bytes.take())
    }

    fn seen(&mut self, seen: Seen, clocks: &Clocks, last: &mut Option<Moment>) -> Result<(), Stop> {
        match seen {
            Seen::Title(title) => {
                if !title.is_empty() {
                    self.learnt.title.get_or_insert(title);
                }
            }
            Seen::Header(line) => {
                self.learnt.group |= line.contains("://");
                for name in people::listed(&line).unwrap_or_default() {
                    let name = self.names.plain(&name);
                    if self.learnt.listed.len() < PEOPLE && !self.learnt.listed.contains(&name) {
                        self.learnt.listed.push(name);
                    }
                }
            }
            Seen::Message(boxed) => self.boxed(*boxed, clocks, last)?,
            Seen::Made { .. } | Seen::Thread(_) | Seen::Breath => {}
        }
        Ok(())
    }

    fn note_half(&mut self, half: Half, date: &str) {
        match half {
            Half::Beyond => self.halves.beyond = true,
            Half::Unknown if self.halves.unknown.is_none() => {
                self.halves.unknown = stamp::behind(date);
            }
            _ => {}
        }
    }

    /// Once for a page: its times may be half a day off.
    fn tell_half(&mut self) -> Result<(), Stop> {
        let Halves { beyond: false, unknown: Some(word) } = std::mem::take(&mut self.halves) else {
            return Ok(());
        };
        let why = format!(
            "onebox does not know whether “{word}” behind a time means before noon or after; times \
             of this page may be twelve hours off"
        );
        self.sink.odd(Oddity::file(&self.file, why))
    }

    /// Tells a message of a page.
    pub fn boxed(
        &mut self,
        boxed: Boxed,
        clocks: &Clocks,
        last: &mut Option<Moment>,
    ) -> Result<(), Stop> {
        let Boxed { sender, date, content } = boxed;
        let stamp = clocks.stamp(&date);
        if let Some(stamp) = stamp {
            self.note_half(stamp.half, &date);
        }
        let moment = stamp.map(|stamp| clocks.work.moment(&stamp));
        if moment.is_none() {
            let unknown = "its time is in words that are not known";
            self.odd(if date.is_empty() { "it has no time" } else { unknown })?;
        }
        if content.cut {
            self.odd("its text is longer than a megabyte; the rest was left out")?;
        }
        // It stands with the one before it in the page, the first one with the one that follows.
        let beside = || first_moment(self.tree, &self.file, clocks);
        let moment = moment.or(*last).or_else(beside).unwrap_or(Moment::exact(Timestamp(0)));
        *last = Some(moment);
        let mut raw = Raw { known: 1, time: Some(moment.at.0.max(1)), ..Raw::default() };
        raw.sender = Some(self.names.plain(&sender));
        raw.unsent = wording::is_unsent(&sender, &content.text);
        let beside = content.share.is_some();
        let line = wording::line(&sender, &content.text, &self.called, beside);
        let mut text = content.text;
        match content.share.map(|share| what_is_it(share, content.more, &text, line)) {
            Some(Beside::Share(share)) => raw.share = Some(share),
            Some(Beside::Length) => raw.kind = Type::Call,
            Some(Beside::Words(words)) => words.iter().for_each(|words| {
                text.push('\n');
                text.push_str(words);
            }),
            None => {}
        }
        raw.text = Some(text).filter(|_| !raw.unsent);
        raw.media = content.media;
        for item in &content.reactions {
            if let Some((emoji, name, at)) = clocks.reaction(item) {
                raw.reactions.push(Reaction { emoji, by: self.names.plain(&name), at });
            }
        }
        self.raw = raw;
        self.wall = Some(moment);
        self.message()
    }
}

/// What stands beside a message's text.
enum Beside {
    /// Something was passed on.
    Share(Share),
    /// The length of a call.
    Length,
    /// Words of which nobody knows what they mean.
    Words(Vec<String>),
}

/// Words without an address are a place on the map where nothing else is said, or the app says that
/// something was sent. Behind a call's line stands its length.
fn what_is_it(share: Share, more: Vec<String>, text: &str, line: Option<Line>) -> Beside {
    if matches!(line, Some(Line::Call { .. })) && share.link.is_none() {
        return Beside::Length;
    }
    // Who posted it first, where it is no longer there.
    if share.link.is_none() && share.owner.is_none() && sent::is_attachment(text) {
        return Beside::Share(Share { owner: share.text, ..Share::default() });
    }
    if share.link.is_some() || text.trim().is_empty() || line.is_some() {
        let place = share.link.is_none() && text.trim().is_empty();
        return Beside::Share(Share { place, ..share });
    }
    let words: Vec<String> = share.text.into_iter().chain(share.owner).chain(more).collect();
    match words.as_slice() {
        [length] if wording::is_length(length) => Beside::Length,
        _ => Beside::Words(words),
    }
}

/// Counts what is read.
pub struct Counted<R> {
    /// What is read.
    pub inner: R,
    /// Bytes so far.
    pub bytes: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(into)?;
        self.bytes.set(self.bytes.get() + n as u64);
        Ok(n)
    }
}
