//! The invented conversations: who writes, how much, when and what.

use std::borrow::Cow;

use super::chance::Chance;
use super::words::Words;

/// Everything ends before this instant (May 2026).
const END: i64 = 1_780_000_000_000;
const DAY: i64 = 86_400_000;

/// My name in every export.
pub const ME: &str = "Sam Rivera";
/// The giant thread's title; nobody else bears it.
pub const GIANT: &str = "Giantess";

/// One conversation.
pub struct Thread {
    /// Its place in the list; 0 is the giant.
    pub number: u64,
    /// How many messages it has.
    pub messages: u64,
    /// What it is called.
    pub title: String,
    /// Me first.
    pub people: Vec<String>,
    script: usize,
    newest: i64,
    step: i64,
}

/// What came with a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum With {
    /// Nothing.
    Nothing,
    /// A picture.
    Photo,
    /// A film.
    Video,
    /// A recording.
    Audio,
    /// A link that was passed on.
    Share,
    /// It is a call.
    Call,
}

/// One message.
pub struct Message {
    /// Milliseconds.
    pub at: i64,
    /// Index of the sender.
    pub who: usize,
    /// The text; empty for bare media.
    pub text: String,
    /// What came with it.
    pub with: With,
    /// A number for names of media.
    pub number: u64,
    /// Emoji and index of who.
    pub reactions: Vec<(&'static str, usize)>,
}

/// The threads of an inbox: one giant with half of all messages, the rest falling off as 1/n.
pub fn threads(seed: u64, messages: u64, words: &Words) -> Vec<Thread> {
    let many = (messages / 500).clamp(2, 2_000);
    let giant = messages / 2;
    let rest = messages - giant;
    let weight = |n: u64| 1_000_000 / (n + 2);
    let weights: u64 = (1..many).map(weight).sum();
    let mut sizes: Vec<u64> = vec![giant];
    sizes.extend((1..many).map(|n| (rest * weight(n) / weights).max(1)));
    // What rounding has lost goes to the first small thread, so that the sum is exact.
    let sum: u64 = sizes.iter().sum();
    sizes[1] += messages.saturating_sub(sum);
    let mut chance = Chance::new(seed, 1);
    sizes
        .into_iter()
        .enumerate()
        .map(|(n, size)| thread(n as u64, size, words, &mut chance))
        .collect()
}

fn thread(number: u64, messages: u64, words: &Words, chance: &mut Chance) -> Thread {
    let others = match chance.below(10) {
        _ if number == 0 => 1,
        0..8 => 1,
        8 => 2 + chance.below(6),
        _ => 5 + chance.below(40),
    };
    let mut people = vec![ME.to_owned()];
    people.extend((0..others).map(|_| words.name(chance)));
    let title = if number == 0 { GIANT.to_owned() } else { people[1].clone() };
    if number == 0 {
        people[1].clone_from(&title);
    }
    let newest = if number == 0 { END } else { END - DAY - chance.below(5 * 365) as i64 * DAY };
    let span = (chance.below(3_000) as i64 + 300) * DAY;
    let step = (span / messages.max(1) as i64).clamp(2_000, 6 * 3_600_000);
    Thread { number, messages, title, people, script: words.script(chance), newest, step }
}

impl Message {
    /// The text; where nothing else is there, a link.
    pub fn words(&self) -> Cow<'_, str> {
        if self.text.is_empty() && self.media().is_none() {
            Cow::Owned(format!("https://example.org/s/{}", self.number))
        } else {
            Cow::Borrowed(&self.text)
        }
    }

    /// What kind of file came with it, and its ending.
    pub fn media(&self) -> Option<(&'static str, &'static str)> {
        match self.with {
            With::Photo => Some(("image/jpeg", "jpg")),
            With::Video => Some(("video/mp4", "mp4")),
            With::Audio => Some(("audio/ogg", "ogg")),
            With::Nothing | With::Share | With::Call => None,
        }
    }

    /// Whether it answers the one before it.
    pub fn answers(&self) -> bool {
        self.number.is_multiple_of(12)
    }

    /// Seconds and what is left of them.
    pub fn seconds(&self) -> (i64, i64) {
        (self.at.div_euclid(1000), self.at.rem_euclid(1000))
    }
}

impl Thread {
    /// Whether more than two write in it.
    pub fn is_group(&self) -> bool {
        self.people.len() > 2
    }

    /// A number of seven digits for somebody: mine is the same everywhere, another's occurs in no
    /// other thread.
    pub fn id(&self, who: usize) -> u64 {
        if who == 0 { 1_000_000 } else { 2_000_000 + self.number * 64 + who as u64 }
    }

    /// Everybody's numbers and names.
    pub fn everybody(&self) -> impl Iterator<Item = (u64, &str)> {
        self.people.iter().enumerate().map(|(who, name)| (self.id(who), name.as_str()))
    }

    /// Its messages, oldest first, as most apps write them. They are all held; half a million fit.
    pub fn oldest_first(&self, seed: u64, words: &Words) -> Vec<Message> {
        let mut messages: Vec<Message> = self.newest_first(seed, words).collect();
        messages.reverse();
        messages
    }

    /// Its messages, newest first, as Meta writes them. The same every time.
    pub fn newest_first<'w>(&self, seed: u64, words: &'w Words) -> Messages<'_, 'w> {
        let chance = Chance::new(seed, 1_000_000 + self.number);
        Messages { thread: self, words, chance, at: self.newest, left: self.messages, who: 0 }
    }
}

/// A thread's messages, made one by one.
pub struct Messages<'t, 'w> {
    thread: &'t Thread,
    words: &'w Words,
    chance: Chance,
    at: i64,
    left: u64,
    who: usize,
}

impl Iterator for Messages<'_, '_> {
    type Item = Message;

    fn next(&mut self) -> Option<Message> {
        self.left = self.left.checked_sub(1)?;
        let chance = &mut self.chance;
        let people = self.thread.people.len() as u64;
        let at = self.at;
        // Bursts: most answers come at once, every seventh after a long while.
        let step = self.thread.step as u64;
        let wait =
            if chance.below(7) == 0 { chance.below(10 * step) } else { chance.below(step / 2) };
        self.at -= 1 + wait as i64;
        if chance.percent(55) {
            self.who = chance.below(people) as usize;
        }
        let with = match chance.below(100) {
            0..6 => With::Photo,
            6 => With::Video,
            7 => With::Audio,
            8 => With::Share,
            9 if chance.percent(30) => With::Call,
            _ => With::Nothing,
        };
        let mut text = String::new();
        if with == With::Nothing || chance.percent(25) {
            self.words.text(self.thread.script, chance, &mut text);
        }
        let mut reactions = Vec::new();
        if chance.percent(12) {
            for _ in 0..=chance.below(2) {
                reactions.push((self.words.emoji(chance), chance.below(people) as usize));
            }
        }
        let number = chance.below(1_000_000_000_000);
        Some(Message { at, who: self.who, text, with, number, reactions })
    }
}
