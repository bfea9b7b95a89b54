//! Which download a part is of, and which of two is the older: by names, layouts and threads.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{NaiveDate, NaiveTime};

use super::layout::{
    HEAD, Home, OF_ACROSS, OF_FACEBOOK, OF_INSTAGRAM, Telling, Tray, key, running_number, stem,
};
use super::peek::Peek;
use super::{Kind, homes_of};
use crate::sources::FileTree;

/// Parts of one download may bear days so far apart: they wait as long to be fetched by hand.
const DAYS: i64 = 4;
/// Threads looked at for the newest message.
const LOOKED_AT: usize = 500;

/// The layouts in the order in which they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Era {
    /// Pages that hold many threads, up to 2017.
    Pages,
    /// Threads without boxes, spring 2018.
    Boxless,
    /// `messages/` at the top, up to 2023.
    Plain,
    /// `your_activity_across_facebook/`, 2024.
    Across,
    /// `your_facebook_activity/`, `your_instagram_activity/`.
    Named,
}

/// What tells a download of Meta's from another one of the same account.
#[derive(Clone, Debug, Default)]
pub struct Download {
    days: BTreeSet<NaiveDate>,
    eras: BTreeSet<Era>,
    /// Box, id and name of a thread's file, and the folder that it lies in.
    threads: HashMap<(Tray, String, String), String>,
    /// Encrypted threads by their names without the running number, and how large their files are.
    encrypted: HashMap<String, BTreeSet<u64>>,
}

/// How old a download is: only of use beside others of which as much is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age {
    era: Option<Era>,
    millis: Option<i64>,
}

impl Download {
    /// What an app's part of a download tells. `lies`: where it was found, for its name.
    pub fn of(source: &str, lies: &str, tree: &FileTree) -> Self {
        let mut it = Self { days: made_on(lies).into_iter().collect(), ..Self::default() };
        let Some(kind) = Kind::of(source) else { return it };
        for home in &homes_of(kind, tree) {
            it.eras.extend(era(home, lies));
            if home.encrypted {
                it.note_encrypted(tree, home);
            }
            it.note_threads(tree, home);
        }
        it
    }

    fn note_threads(&mut self, tree: &FileTree, home: &Home) {
        for telling in home.tellings.iter().filter(|t| t.tray != Tray::Groups) {
            let id = key(&telling.name);
            if id == telling.name && telling.name.contains('_') {
                continue;
            }
            for file in telling.parts.iter().chain(&telling.pages) {
                let Some(entry) = tree.entries().get(*file) else { continue };
                let at = (telling.tray, id.to_owned(), entry.parted().1.to_owned());
                self.threads.insert(at, telling.name.clone());
            }
        }
    }

    fn note_encrypted(&mut self, tree: &FileTree, home: &Home) {
        for entry in home.flat.iter().filter_map(|i| tree.entries().get(*i)) {
            if let (name, Some(_)) = running_number(stem(&entry.path)) {
                self.encrypted.entry(name.to_owned()).or_default().insert(entry.size);
            }
        }
    }

    /// It holds encrypted threads alone, which are downloaded by themselves.
    pub fn is_encrypted(&self) -> bool {
        self.eras.is_empty() && !self.encrypted.is_empty()
    }

    /// They surely are no parts of one download.
    pub fn is_apart(&self, other: &Self) -> bool {
        let other_day =
            |a: &NaiveDate| other.days.iter().any(|b| (*a - *b).num_days().abs() > DAYS);
        let plain = !self.is_encrypted() && !other.is_encrypted();
        if plain && self.days.iter().any(other_day) {
            return true;
        }
        let known = !self.eras.is_empty() && !other.eras.is_empty();
        if known && self.eras.is_disjoint(&other.eras) {
            return true;
        }
        self.tells_a_thread_anew(other) || self.is_encrypted_anew(other)
    }

    /// One file of one thread, which lies in a folder of another name: its title has changed since.
    fn tells_a_thread_anew(&self, other: &Self) -> bool {
        let (few, many) = if self.threads.len() <= other.threads.len() {
            (&self.threads, &other.threads)
        } else {
            (&other.threads, &self.threads)
        };
        few.iter().any(|(at, folder)| many.get(at).is_some_and(|other| other != folder))
    }

    /// Most encrypted threads are there twice, and not as copies. Two people may bear one name.
    fn is_encrypted_anew(&self, other: &Self) -> bool {
        let shared = || {
            let sizes = |name: &String| other.encrypted.get(name);
            self.encrypted.iter().filter_map(move |(name, mine)| Some((mine, sizes(name)?)))
        };
        shared().count() * 2 > self.encrypted.len().min(other.encrypted.len())
            && shared().any(|(mine, theirs)| mine != theirs)
    }

    /// How well a part fits, among downloads of which it may be: the one of its day, then the one of
    /// its layout; what is encrypted tells neither, and most likely is as new as the newest.
    pub fn nearness(&self, part: &Self) -> (bool, bool, Option<Age>) {
        let newest = part.is_encrypted().then(|| self.age());
        (!self.days.is_disjoint(&part.days), !self.eras.is_disjoint(&part.eras), newest)
    }

    /// Takes a part in.
    pub fn absorb(&mut self, part: Self) {
        self.days.extend(part.days);
        self.eras.extend(part.eras);
        self.threads.extend(part.threads);
        for (name, sizes) in part.encrypted {
            self.encrypted.entry(name).or_default().extend(sizes);
        }
    }

    /// How old it is, as far as names and layout tell.
    pub fn age(&self) -> Age {
        let midnight = |day: &NaiveDate| day.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
        // Encrypted threads have been told since 2023.
        let era = self.eras.last().copied().or(self.is_encrypted().then_some(Era::Named));
        Age { era, millis: self.days.last().map(midnight) }
    }
}

impl Age {
    /// The ages of several downloads, so that they can be compared: by layout where each is known,
    /// then by the day in each one's name, else by its newest message.
    pub fn comparable(ages: &mut [Self], newest: impl Fn(usize) -> Option<i64>) {
        let eras = ages.iter().all(|a| a.era.is_some());
        let days = ages.iter().all(|a| a.millis.is_some());
        for (n, age) in ages.iter_mut().enumerate() {
            age.era = age.era.filter(|_| eras);
            if !days {
                age.millis = newest(n);
            }
        }
    }
}

/// When the newest message was sent, in milliseconds, as far as the first threads tell.
pub fn newest(source: &str, tree: &FileTree) -> Option<i64> {
    let homes = homes_of(Kind::of(source)?, tree);
    let first = homes.iter().flat_map(|h| &h.tellings).filter_map(|t| t.parts.first());
    let files = first.chain(homes.iter().flat_map(|h| &h.flat)).take(LOOKED_AT);
    let entries = files.filter_map(|i| tree.entries().get(*i));
    entries.filter_map(|e| Peek::head(tree, e, HEAD).newest).max()
}

/// Where several downloads were unpacked over each other, each has a layout of its own: the folders
/// that are not of the first, the second … of them, from the oldest on. Empty: there is only one.
pub fn over_each_other(source: &str, tree: &FileTree) -> Vec<Vec<String>> {
    let Some(kind) = Kind::of(source) else { return Vec::new() };
    let mut roots: BTreeMap<Era, BTreeSet<String>> = BTreeMap::new();
    let mut homes = homes_of(kind, tree);
    homes.retain(|h| h.base.is_empty() && !h.root.is_empty());
    for home in &homes {
        if let Some(era) = era(home, "") {
            roots.entry(era).or_default().insert(home.root.trim_end_matches('/').to_owned());
        }
    }
    let Some(newest) = roots.keys().next_back().copied() else { return Vec::new() };
    if roots.len() < 2 {
        return Vec::new();
    }
    // What is of no layout goes with the newest.
    let loose = homes.iter().filter(|h| era(h, "").is_none());
    let loose: Vec<String> = loose.map(|h| h.root.trim_end_matches('/').to_owned()).collect();
    let others = |own: Era| {
        let others = roots.iter().filter(move |(era, _)| **era != own).flat_map(|(_, r)| r.clone());
        others.chain(loose.iter().filter(move |_| own != newest).cloned()).collect()
    };
    roots.keys().map(|era| others(*era)).collect()
}

fn era(home: &Home, lies: &str) -> Option<Era> {
    if home.tellings.is_empty() {
        return (!home.flat_pages.is_empty()).then_some(Era::Pages);
    }
    let has = |name: &str| {
        home.root.split('/').chain(lies.split(['/', '\\'])).any(|folder| folder == name)
    };
    if has(OF_ACROSS) {
        return Some(Era::Across);
    }
    if has(OF_INSTAGRAM) || OF_FACEBOOK.iter().any(|name| has(name)) {
        return Some(Era::Named);
    }
    let at_top = home.root.ends_with("messages/");
    let boxless = |t: &Telling| t.folder == format!("{}{}/", home.root, t.name);
    match home.tellings.iter().all(boxless) {
        true => at_top.then_some(Era::Boxless),
        false => at_top.then_some(Era::Plain),
    }
}

/// The day on which a download was made, by the name that it was given:
/// `facebook-maya-2025-06-20-a1B2.zip`.
pub fn made_on(place: &str) -> Option<NaiveDate> {
    place.rsplit(['/', '\\']).find_map(|name| {
        let rest = ["facebook-", "instagram-"].iter().find_map(|app| name.strip_prefix(app))?;
        let day = |at: usize| {
            let digit = |i: usize| rest.as_bytes().get(i).is_some_and(u8::is_ascii_digit);
            let free = (at == 0 || !digit(at - 1)) && !digit(at + 10);
            NaiveDate::parse_from_str(rest.get(at..at + 10).filter(|_| free)?, "%Y-%m-%d").ok()
        };
        (0..rest.len()).find_map(day)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_download_tells_its_day() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d);
        for (name, expected) in [
            ("/home/x/facebook-maya.okafor-2025-06-20-a1B2.zip", day(2025, 6, 20)),
            ("Downloads/instagram-maya-2024-01-02-xyz/messages", day(2024, 1, 2)),
            ("facebook-2025-06-20 (1).zip", day(2025, 6, 20)),
            ("facebook-maya-2025-06-20.zip", day(2025, 6, 20)),
            ("facebook-maya-2025-13-20-a.zip", None),
            ("facebook-maya-12025-06-201.zip", None),
            ("facebook-é.zip", None),
            ("holiday-2025-06-20-a.zip", None),
            ("", None),
        ] {
            assert_eq!(made_on(name), expected, "{name}");
        }
    }
}
