//! Streams a JSON file and hands out what a reader asks for by its path.

use std::fmt;
use std::io::{BufReader, Read};

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::mend::{AT_ONCE, Gauge, Healed, Mending, mend};
use super::onward::{Break, MOST, Remaining, Rest};
use super::value::{Room, Whole};
use crate::model::Oddity;
use crate::sources::odds::Odds;
use crate::sources::{Entry, FileTree, Sink, Stop, TreeError};

/// An element of a list, as a step of a path.
pub const ITEM: &str = "*";
/// A member that the reader has no name for, as a step of a path.
const OTHER: &str = "?";
/// Files up to this size are read whole: one pass over memory.
const WHOLE: u64 = 24 << 20;
/// How often progress is told.
const EVERY: u64 = 512;

/// What is wanted of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Nothing.
    Skip,
    /// All of it at once.
    Whole,
    /// Its members or elements, one by one.
    Inside,
}

/// A reader that is told of a file piece by piece. Paths are the names of [`names`](Self::names)
/// and [`ITEM`], outermost first.
pub trait Listener {
    /// The names that occur in paths.
    fn names(&self) -> &'static [&'static str];

    /// What is wanted of the value at a path.
    fn want(&mut self, path: &[&'static str]) -> Want;

    /// A value that was wanted whole. `cut`: it was too large, and something was left out.
    fn whole(
        &mut self,
        path: &[&'static str],
        value: Value,
        cut: bool,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop>;

    /// A list or an object that was looked into has ended.
    fn ended(&mut self, _path: &[&'static str], _sink: &mut dyn Sink) -> Result<(), Stop> {
        Ok(())
    }
}

/// Streams a file to a listener. Whatever is wrong with it becomes an oddity; what came before is
/// kept. Tells the bytes of the file as progress.
pub fn walk(
    tree: &FileTree,
    entry: &Entry,
    listener: &mut dyn Listener,
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    let gauge = Gauge::default();
    let mut course = Course {
        listener,
        sink,
        path: Vec::new(),
        gauge: gauge.clone(),
        told: 0,
        values: 0,
        items: 0,
        inner: Some(0),
        look: None,
        resumed: false,
        stopped: false,
    };
    if entry.size <= WHOLE {
        match tree.read(entry, WHOLE) {
            Ok(bytes) => {
                let (text, healed) = mend(&bytes);
                let mut json = serde_json::Deserializer::from_str(&text);
                let result = Here(&mut course).deserialize(&mut json).and_then(|()| json.end());
                gauge.bytes.set(bytes.len() as u64);
                let result = course.onward(entry, result, Remaining::of(&text));
                return course.finish(entry, result, healed, text.trim().is_empty());
            }
            // It declared less than it holds.
            Err(TreeError::TooLarge { .. }) => {}
            Err(why) => return course.sink.odd(Oddity::file(&entry.path, why.to_string())),
        }
    }
    let stream = match tree.open_entry(entry) {
        Ok(stream) => stream,
        Err(why) => return course.sink.odd(Oddity::file(&entry.path, why.to_string())),
    };
    let mut mended = BufReader::with_capacity(AT_ONCE, Mending::new(stream, gauge.clone()));
    let mut json = serde_json::Deserializer::from_reader(&mut mended);
    let result = Here(&mut course).deserialize(&mut json).and_then(|()| json.end());
    let result = course.onward(entry, result, mended.into_inner());
    let healed = *gauge.healed.borrow();
    course.finish(entry, result, healed, false)
}

struct Course<'a> {
    listener: &'a mut dyn Listener,
    sink: &'a mut dyn Sink,
    path: Vec<&'static str>,
    gauge: Gauge,
    told: u64,
    values: u64,
    items: u64,
    /// Of a break: lists and objects that are open behind the path; `None` where that is not known.
    inner: Option<usize>,
    /// How deep a list was met last, and the name with which its elements begin.
    look: Option<(usize, String)>,
    /// It was read on behind a break, so that lines are counted no more.
    resumed: bool,
    stopped: bool,
}

impl Course<'_> {
    /// Where an element of a list is broken, reads on behind it, again and again.
    fn onward(
        &mut self,
        entry: &Entry,
        mut result: Result<(), serde_json::Error>,
        mut rest: impl Rest,
    ) -> Result<(), serde_json::Error> {
        let mut odds = Odds::of(&entry.path);
        let mut start = String::new();
        for _ in 0..MOST {
            let Err(why) = &result else { break };
            let Some(next) = self.pass(why, start.len(), &mut rest) else { break };
            start = next;
            let at = format!("behind {} entries", self.items);
            let told = odds.say(at, "an entry that is no valid JSON was passed over", self.sink);
            self.heed::<serde_json::Error>(told)?;
            rest.mark();
            let mut json = serde_json::Deserializer::from_reader(start.as_bytes().chain(&mut rest));
            result = Here(self).deserialize(&mut json).and_then(|()| json.end());
        }
        let told = odds.end(self.sink);
        self.heed::<serde_json::Error>(told).and(result)
    }

    /// Passes over what is broken; what the reading goes on with. `before` stood before the rest.
    fn pass(
        &mut self,
        why: &serde_json::Error,
        before: usize,
        rest: &mut impl Rest,
    ) -> Option<String> {
        if self.stopped || !why.is_syntax() {
            return None;
        }
        let list = self.path.iter().rposition(|step| *step == ITEM)?;
        let first = self.look.as_ref().filter(|(deep, _)| *deep == list + 1);
        let met = Break {
            path: &self.path,
            inner: self.inner?,
            inside: is_in_string(why),
            first: first.map(|(_, name)| name.as_str()),
        };
        let column = if why.line() <= 1 { why.column().checked_sub(before)? } else { why.column() };
        let start = if rest.back(why.line(), column) { met.pass(rest) } else { None };
        if start.is_some() {
            self.path.clear();
            (self.inner, self.resumed) = (Some(0), true);
        }
        start
    }

    fn finish(
        mut self,
        entry: &Entry,
        result: Result<(), serde_json::Error>,
        healed: Healed,
        empty: bool,
    ) -> Result<(), Stop> {
        if self.stopped {
            return Err(Stop);
        }
        for words in healed.words() {
            self.sink.odd(Oddity::file(&entry.path, words))?;
        }
        match result {
            Ok(()) => {}
            Err(_) if empty => self.sink.odd(Oddity::file(&entry.path, "the file is empty"))?,
            Err(why) => {
                let at = match self.resumed {
                    true => format!("behind {} entries", self.items),
                    false => format!("line {}, column {}", why.line(), why.column()),
                };
                let words = match self.items {
                    0 => fault(&why),
                    n => format!("{}; {n} entries before it were kept", fault(&why)),
                };
                self.sink.odd(Oddity::at(&entry.path, at, words))?;
            }
        }
        self.progress()
    }

    fn progress(&mut self) -> Result<(), Stop> {
        let now = self.gauge.bytes.get();
        self.sink.advance(now - std::mem::replace(&mut self.told, now))
    }

    fn whole(&mut self, value: Value, cut: bool) -> Result<(), Stop> {
        self.values += 1;
        if self.path.last() == Some(&ITEM) {
            self.items += 1;
            if self.look.as_ref().is_none_or(|(deep, _)| *deep != self.path.len()) {
                let first = value.as_object().and_then(|all| all.keys().next());
                self.look = first.map(|first| (self.path.len(), first.clone()));
            }
        }
        self.listener.whole(&self.path, value, cut, self.sink)?;
        if self.values.is_multiple_of(EVERY) { self.progress() } else { Ok(()) }
    }

    fn ended(&mut self) -> Result<(), Stop> {
        self.listener.ended(&self.path, self.sink)?;
        self.progress()
    }

    fn heed<E: Error>(&mut self, result: Result<(), Stop>) -> Result<(), E> {
        result.map_err(|Stop| {
            self.stopped = true;
            E::custom("stopped")
        })
    }

    fn step(&self, name: &str) -> &'static str {
        self.listener.names().iter().copied().find(|n| *n == name).unwrap_or(OTHER)
    }
}

/// What is wrong with the JSON, in words that hold none of its text.
fn fault(why: &serde_json::Error) -> String {
    use serde_json::error::Category;
    match why.classify() {
        Category::Eof => "the file breaks off in the middle".to_owned(),
        Category::Io => format!("the file cannot be read on: {why}"),
        Category::Syntax | Category::Data => "this is no valid JSON".to_owned(),
    }
}

/// Whether a string is broken, by serde's words: it tells no more.
fn is_in_string(why: &serde_json::Error) -> bool {
    let words = why.to_string();
    ["string", "escape", "unicode code point"].iter().any(|w| words.contains(w))
        && !words.starts_with("key must be")
}

/// The value at the path that the course is at.
struct Here<'c, 'a>(&'c mut Course<'a>);

impl<'de> DeserializeSeed<'de> for Here<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        let course = self.0;
        match course.listener.want(&course.path) {
            Want::Skip => {
                let skipped = d.deserialize_ignored_any(IgnoredAny).map(drop);
                course.inner = course.inner.filter(|_| skipped.is_ok());
                skipped
            }
            Want::Inside => d.deserialize_any(Here(course)),
            Want::Whole => {
                let mut room = Room::default();
                let value = Whole(&mut room).deserialize(d);
                if value.is_err() {
                    course.inner = (!room.cut).then(|| room.depth());
                }
                let value = value?;
                let result = course.whole(value, room.cut);
                course.heed(result)
            }
        }
    }
}

impl<'de> Visitor<'de> for Here<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    // Where a list or an object is looked for, anything else is nothing.
    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let course = self.0;
        course.path.push(ITEM);
        while list.next_element_seed(Here(&mut *course))?.is_some() {}
        course.path.pop();
        let result = course.ended();
        course.heed(result)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let course = self.0;
        loop {
            let step = map.next_key_seed(Name(&*course));
            if step.is_err() {
                course.inner = Some(1);
            }
            let Some(step) = step? else { break };
            course.path.push(step);
            map.next_value_seed(Here(&mut *course))?;
            course.path.pop();
        }
        let result = course.ended();
        course.heed(result)
    }
}

/// A member's name as a step.
struct Name<'c, 'a>(&'c Course<'a>);

impl<'de> DeserializeSeed<'de> for Name<'_, '_> {
    type Value = &'static str;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<&'static str, D::Error> {
        d.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_, '_> {
    type Value = &'static str;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, v: &str) -> Result<&'static str, E> {
        Ok(self.0.step(v))
    }
}
