//! Who I am: whoever sends what lies among the sent mails, else whom the mails were delivered to.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::boxes::{Kind, each};
use super::letter::{Who, headers};
use super::writer::{Shared, Writer};
use crate::model::AccountRecord;
use crate::sources::{Entry, FileTree, Quiet, ReadOptions, Sink, Stop};

/// Bytes of each file that are looked at, and of each mail.
const LOOKED_AT: u64 = 64 << 20;
const HEADERS: usize = 64 << 10;
/// Files that are looked at; of a maildir each mail is one.
const FILES: usize = 20_000;
const PEOPLE: usize = 100_000;

/// Me.
#[derive(Debug, Default)]
pub struct Me {
    /// My addresses; the first one is the account's.
    pub addresses: Vec<String>,
    /// My name.
    pub name: String,
    /// Addresses that several write from.
    pub shared: Shared,
    known_by: &'static str,
}

impl Me {
    /// Whether an address is mine.
    pub fn is(&self, address: &str) -> bool {
        self.addresses.iter().any(|a| a == address)
    }

    /// The account's record.
    pub fn account(&self, options: &ReadOptions) -> AccountRecord {
        let address = self.addresses.first().map(String::as_str);
        options.my_account(super::SOURCE.id, address, self.name.clone(), self.known_by)
    }
}

/// Whether a folder or label is the one of what was sent, as mail programs call it.
pub fn is_sent(name: &str) -> bool {
    const SENT: &[&str] = &[
        "gesendet",
        "envoy",
        "enviad",
        "inviat",
        "verzonden",
        "skicka",
        "sendt",
        "wysłane",
        "отправл",
        "gönder",
        "lähetetyt",
        "odeslan",
        "odeslán",
        "надіслан",
        "elküldött",
        "送信済み",
        "已发送",
        "已发邮件",
        "寄件備份",
        "보낸편지함",
    ];
    let name = name.trim().to_lowercase();
    // "Sent", not "Sentry": the other languages' words bend, and begin nothing else.
    name.split([' ', '-', '_', '.'])
        .any(|word| word == "sent" || SENT.iter().any(|s| word.starts_with(s)))
}

/// Whether a folder or label is the one of drafts.
pub fn is_drafts(name: &str) -> bool {
    const DRAFTS: &[&str] = &[
        "draft",
        "entwürfe",
        "entwurf",
        "brouillon",
        "borrador",
        "rascunho",
        "bozze",
        "concepten",
        "koncepty",
        "wersje robocze",
        "luonnokset",
        "piszkozat",
        "utkast",
        "kladder",
        "черновик",
        "чернетк",
        "taslak",
        "下書き",
        "草稿",
        "임시보관함",
    ];
    let name = name.trim().to_lowercase();
    DRAFTS.iter().any(|d| name.starts_with(d))
}

#[derive(Default)]
struct Votes {
    sent: BTreeMap<String, u64>,
    /// Those that an older onebox knew as sent: it did not decode labels.
    plainly: BTreeMap<String, u64>,
    delivered: BTreeMap<String, u64>,
    names: HashMap<String, String>,
    shared: Shared,
}

/// Looks at the headers of mails.
pub fn look(
    tree: &FileTree,
    files: &[(&Entry, Kind)],
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<Me, Stop> {
    if let Some(said) = options.me.as_ref().filter(|me| me.contains('@')) {
        let address = said.trim().to_lowercase();
        let (name, shared) = (said.clone(), Shared::unknown());
        return Ok(Me { name, addresses: vec![address], shared, known_by: "--me" });
    }
    let mut votes = Votes::default();
    for (entry, kind) in files.iter().take(FILES) {
        let among_sent = entry.path.split('/').any(is_sent);
        let mut quiet = Quiet(sink);
        each(tree, (entry, *kind), HEADERS, LOOKED_AT, &mut quiet, |piece, _| {
            votes.count(piece.bytes, among_sent);
            Ok(())
        })?;
    }
    let shared = std::mem::take(&mut votes.shared);
    Ok(Me { shared, ..votes.most(options) })
}

/// Who has most of some votes.
fn most_of(votes: &BTreeMap<String, u64>) -> Option<&str> {
    let most = votes.iter().max_by(|a, b| (a.1, b.0).cmp(&(b.1, a.0)));
    most.map(|(address, _)| address.as_str())
}

impl Votes {
    fn count(&mut self, bytes: &[u8], among_sent: bool) {
        let Some(letter) = headers(bytes) else { return };
        let sent = among_sent || letter.labels.sent;
        self.shared.meet(&letter.writer);
        if let Some(from) = letter.from {
            if sent && self.sent.len() < PEOPLE {
                *self.sent.entry(from.address.clone()).or_insert(0) += 1;
                if among_sent || letter.labels.plainly_sent {
                    *self.plainly.entry(from.address.clone()).or_insert(0) += 1;
                }
            }
            match letter.writer {
                Writer::Owner => self.name(from),
                Writer::Named(who) => self.name(who),
                Writer::OneOf(_) | Writer::Perhaps(_) => {}
            }
        }
        letter.to.into_iter().for_each(|who| self.name(who));
        if let Some(mine) = letter.delivered_to.filter(|_| self.delivered.len() < PEOPLE) {
            *self.delivered.entry(mine).or_insert(0) += 1;
        }
    }

    fn name(&mut self, who: Who) {
        if self.names.len() < PEOPLE && who.name != who.address {
            self.names.entry(who.address).or_insert(who.name);
        }
    }

    /// Whoever I am in the inbox already: by address, or by a name that somebody writes under here.
    fn known(&self, names: &[String]) -> Me {
        let mut addresses: BTreeSet<String> =
            names.iter().filter(|n| n.contains('@')).map(|n| n.trim().to_lowercase()).collect();
        let mine = self.names.iter().filter(|(_, name)| names.contains(name));
        addresses.extend(mine.map(|(address, _)| address.clone()));
        let name = names.iter().find(|n| !n.contains('@')).or(names.first());
        Me {
            addresses: addresses.into_iter().collect(),
            name: name.cloned().unwrap_or_default(),
            known_by: "who you are in the inbox",
            ..Me::default()
        }
    }

    fn most(self, options: &ReadOptions) -> Me {
        if let Some(said) = &options.me {
            let named = self.names.iter().filter(|(_, name)| *name == said);
            let all: BTreeSet<String> = named.map(|(address, _)| address.clone()).collect();
            return Me {
                addresses: all.into_iter().collect(),
                name: said.clone(),
                known_by: "--me",
                ..Me::default()
            };
        }
        if self.sent.is_empty() && self.delivered.is_empty() {
            let known = self.known(&options.known_me);
            if !known.addresses.is_empty() {
                return known;
            }
        }
        // The account keeps the key that it has in an inbox that an older onebox made.
        let key = most_of(&self.plainly).or_else(|| most_of(&self.delivered)).map(str::to_owned);
        let (votes, known_by) = match self.sent.is_empty() {
            false => (self.sent, "who sends what lies among the sent"),
            true => (self.delivered, "whom the mail was delivered to"),
        };
        let mut votes: Vec<(String, u64)> = votes.into_iter().collect();
        votes.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
        let Some(most) = votes.first().map(|(_, n)| *n) else {
            return Me { known_by: "the mails do not say", ..Me::default() };
        };
        // One has other addresses too, but hardly one that was used once among hundreds.
        let mut addresses: Vec<String> =
            votes.into_iter().filter(|(_, n)| n * 5 >= most).map(|(a, _)| a).collect();
        if let Some(key) = key.filter(|key| addresses.first() != Some(key)) {
            addresses.retain(|address| *address != key);
            addresses.insert(0, key);
        }
        let name = addresses.iter().find_map(|a| self.names.get(a)).or(addresses.first()).cloned();
        Me { name: name.unwrap_or_default(), addresses, known_by, ..Me::default() }
    }
}
