//! Who wrote a mail that bears an address of many: a list's, or a service's that speaks for people.

use std::collections::{HashMap, HashSet};

use mail_parser::{HeaderForm, Message};

use super::letter::{Who, people, unquoted};

/// Addresses of many that are remembered.
const MOST: usize = 100_000;

/// What a mail says of its writer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Writer {
    /// The owner of the address that it bears.
    #[default]
    Owner,
    /// Somebody else, who is named.
    Named(Who),
    /// Somebody of whom only the name tells who it is.
    OneOf(Who),
    /// An address that many may write from.
    Perhaps(Who),
}

impl Writer {
    /// Who wrote a mail from an address; `list`: the id of its mailing list.
    pub fn of(message: &Message<'_>, from: &Who, list: Option<&str>) -> Self {
        let via = from.name.split_once(" via ").map(|(name, _)| unquoted(name.trim()));
        if via.is_some() || list.is_some() {
            let told = message.header_as("X-Original-From", HeaderForm::Addresses);
            let mut told = told.iter().flat_map(|value| people(value.as_address()));
            if let Some(who) = told.find(|who| who.address.contains('@')) {
                return if who.address == from.address { Self::Owner } else { Self::Named(who) };
            }
        }
        if let Some(name) = via.filter(|name| !name.is_empty()) {
            let mut all = people(message.reply_to());
            all.retain(|who| who.address.contains('@') && who.address != from.address);
            return match all.as_mut_slice() {
                [one] if !is_nobodys(&one.address) => {
                    if one.name == one.address {
                        name.clone_into(&mut one.name);
                    }
                    Self::Named(one.clone())
                }
                _ => Self::OneOf(Who { name: name.to_owned(), ..from.clone() }),
            };
        }
        // `dev.lists.example.org` is the list of `dev@lists.example.org`.
        let listed = || list.is_some_and(|id| id.contains(&from.address.replace('@', ".")));
        if from.name != from.address && (is_nobodys(&from.address) || listed()) {
            return Self::Perhaps(from.clone());
        }
        Self::Owner
    }
}

/// Whether nobody reads what is sent to an address: services write from it, in the names of people.
fn is_nobodys(address: &str) -> bool {
    let own = address.split('@').next().unwrap_or_default();
    let own: String = own.chars().filter(|c| c.is_alphanumeric()).collect();
    ["noreply", "donotreply", "notification", "notify"].iter().any(|word| own.contains(word))
        || own == "gitlab"
        || own == "jira"
}

/// The addresses from which several have written.
#[derive(Debug, Default)]
pub struct Shared {
    names: HashMap<String, String>,
    several: HashSet<String>,
    /// Nobody has looked.
    unknown: bool,
}

impl Shared {
    /// It was not looked who writes from where: several may.
    pub fn unknown() -> Self {
        Self { unknown: true, ..Self::default() }
    }

    /// A mail was met.
    pub fn meet(&mut self, writer: &Writer) {
        let Writer::Perhaps(who) = writer else { return };
        match self.names.get(&who.address) {
            Some(name) if *name != who.name && self.several.len() < MOST => {
                self.several.insert(who.address.clone());
            }
            None if self.names.len() < MOST => {
                self.names.insert(who.address.clone(), who.name.clone());
            }
            _ => {}
        }
    }

    /// The writer, and by what they are known; `None`: the owner of the address.
    pub fn key(&self, writer: Writer) -> Option<Who> {
        let by_name = |who: Who| Who { address: format!("{}/{}", who.address, who.name), ..who };
        match writer {
            Writer::Owner => None,
            Writer::Named(who) => Some(who),
            Writer::OneOf(who) => Some(by_name(who)),
            Writer::Perhaps(who) => {
                (self.unknown || self.several.contains(&who.address)).then(|| by_name(who))
            }
        }
    }
}
