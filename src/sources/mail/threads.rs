//! Which conversation a mail belongs to: Gmail says it; else the mails that it follows; else its
//! subject and people.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use twox_hash::XxHash3_64;

use super::letter::{Letter, folded};

/// Ids and subjects that are remembered. A mail whose predecessors are forgotten still finds its
/// conversation by the first of them.
const REMEMBERED: usize = 2_000_000;

/// Conversations by what belongs to them.
#[derive(Default)]
pub struct Threads {
    by_id: HashMap<u64, Arc<str>>,
    /// By what a mail's copies share.
    by_own: HashMap<u64, Arc<str>>,
    by_subject: HashMap<u64, Arc<str>>,
    /// Mails that wait for what they answer, and by their subjects where they will stand if it never
    /// comes.
    waiting: HashSet<u64>,
    awaited: HashMap<u64, Arc<str>>,
}

fn hash(text: &str) -> u64 {
    XxHash3_64::oneshot(text.as_bytes())
}

impl Threads {
    /// The key of a mail's conversation. `others` are its people without me.
    pub fn of(&mut self, letter: &Letter, others: &BTreeSet<&str>) -> Arc<str> {
        if let Some(own) = &letter.thread {
            return format!("gmail:{own}").into();
        }
        let followed = || letter.references.iter().chain(&letter.answers);
        let own = letter.id.as_ref();
        let copies = copies(letter);
        let known = followed().find_map(|id| self.by_id.get(&hash(id)).cloned());
        let known = known.or_else(|| self.own(own?, &copies));
        let subject = subject(letter, others);
        let by_subject = |t: &Self| {
            let subject = subject?;
            t.by_subject.get(&subject).or_else(|| t.awaited.get(&subject)).cloned()
        };
        let key = known
            .or_else(|| followed().next().map(|id| Arc::from(id.as_str())))
            .or_else(|| by_subject(self))
            .or_else(|| own.map(|id| Arc::from(id.as_str())))
            .unwrap_or_else(|| format!("{:016x}", hash(&letter.subject)).into());
        for id in followed().chain(own) {
            if self.by_id.len() < REMEMBERED {
                self.by_id.entry(hash(id)).or_insert_with(|| Arc::clone(&key));
            }
        }
        for copy in copies {
            if self.by_own.len() < REMEMBERED {
                self.by_own.entry(copy).or_insert_with(|| Arc::clone(&key));
            }
        }
        if let Some(subject) = subject.filter(|_| self.by_subject.len() < REMEMBERED) {
            self.by_subject.entry(subject).or_insert_with(|| Arc::clone(&key));
        }
        key
    }

    /// Whether a mail is to wait until all others are read: it names only the one that it answers,
    /// which was not met yet and may belong to any conversation; or it follows one that waits.
    pub fn waits(&mut self, letter: &Letter, others: &BTreeSet<&str>) -> bool {
        let followed = || letter.references.iter().chain(&letter.answers);
        let Some(first) = followed().next() else { return false };
        let after = followed().any(|id| self.waiting.contains(&hash(id)));
        let own = |id: &String| self.own(id, &copies(letter)).is_some();
        let known = letter.thread.is_some()
            || followed().any(|id| self.by_id.contains_key(&hash(id)))
            || letter.id.as_ref().is_some_and(own);
        if known || !(after || letter.references.is_empty()) {
            return false;
        }
        self.waiting.extend(letter.id.as_ref().map(|id| hash(id)));
        if let Some(subject) = subject(letter, others) {
            self.awaited.entry(subject).or_insert_with(|| Arc::from(first.as_str()));
        }
        true
    }

    /// Where a mail has stood before, or where it was awaited. Another one under its id is none of
    /// its copies: some devices and shops give all of theirs the same.
    fn own(&self, id: &str, copies: &[u64]) -> Option<Arc<str>> {
        if let Some(key) = copies.iter().skip(1).find_map(|copy| self.by_own.get(copy)) {
            return Some(Arc::clone(key));
        }
        let came = copies.first().is_some_and(|any| self.by_own.contains_key(any));
        if came { None } else { self.by_id.get(&hash(id)).cloned() }
    }
}

/// A mail's own id by itself, with its sender and with its date: all copies of it share one of the
/// latter.
fn copies(letter: &Letter) -> Vec<u64> {
    let Some(id) = &letter.id else { return Vec::new() };
    let sender = letter.from.as_ref().map_or("", |who| &who.address);
    let mut all = vec![hash(&format!("{id}\n")), hash(&format!("{id}\n{sender}"))];
    all.extend(letter.date.map(|date| hash(&format!("{id}\n{date:?}"))));
    all
}

/// A subject with its people; none where there is no subject.
fn subject(letter: &Letter, others: &BTreeSet<&str>) -> Option<u64> {
    let (subject, _) = folded(&letter.subject);
    if subject.is_empty() {
        return None;
    }
    let words: Vec<String> = subject.split_whitespace().map(str::to_lowercase).collect();
    let people: Vec<&str> = others.iter().copied().collect();
    Some(hash(&format!("{}\n{}", words.join(" "), people.join("\n"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(id: &str, subject: &str, follows: &[&str]) -> Letter {
        Letter {
            id: Some(id.to_owned()),
            subject: subject.to_owned(),
            references: follows.iter().map(|s| (*s).to_owned()).collect(),
            ..Letter::default()
        }
    }

    #[test]
    fn answers_stay_together_in_any_order() {
        let people = BTreeSet::from(["ines@x"]);
        let mut threads = Threads::default();
        assert_eq!(&*threads.of(&letter("2", "Re: Tea", &["1"]), &people), "1", "the answer first");
        assert_eq!(&*threads.of(&letter("1", "Tea", &[]), &people), "1");
        assert_eq!(&*threads.of(&letter("3", "Other words", &["2"]), &people), "1");
        assert_eq!(&*threads.of(&letter("4", "re: tea", &[]), &people), "1", "by subject");
        assert_eq!(&*threads.of(&letter("5", "Tea", &[]), &BTreeSet::from(["tom@x"])), "5");
        assert_eq!(&*threads.of(&letter("6", "", &[]), &people), "6");
        assert_eq!(&*threads.of(&letter("7", "", &[]), &people), "7");
        let gmail = Letter { thread: Some("99".into()), ..letter("8", "Tea", &["1"]) };
        assert_eq!(&*threads.of(&gmail, &people), "gmail:99");
    }
}
