//! What the app's own rows tell, in words: `ZGROUPEVENTTYPE` of a group's rows (type 6) and of a
//! chat's (type 10).
//!
//! Codes are few of many: what several public readers of real phones name alike (sepinf-inc/IPED
//! and two others), and no code is believed that what came with it contradicts. Of who came or
//! went, `ZGROUPMEMBER` says whom it was done to and the text who did it: an address, or
//! `who;whom,whom`.

use std::collections::HashSet;

use super::chats::Chats;
use crate::model::VAGUE_EVENT;
use crate::sources::whatsapp::android::events::{
    YOU, added, is_address, removed, subject, words_only,
};

/// Names in one event; the rest is left out.
const NAMES: usize = 300;

/// What an event is.
pub enum Told {
    /// Something that is told in words.
    Words(String),
    /// A call that nobody answered, with picture or not.
    Missed(bool),
}

/// An event as it stands in the database, with names for people.
pub struct Event<'a> {
    /// Of a group.
    pub group: bool,
    /// `ZGROUPEVENTTYPE`.
    pub code: i64,
    /// Of whom it tells.
    pub member: Option<String>,
    /// The other one, of a chat between two.
    pub peer: Option<String>,
    /// What came with it.
    pub text: Option<&'a str>,
}

/// Those who are named by their addresses, of a text that is made of addresses only.
fn named(text: &str, chats: &Chats) -> Vec<String> {
    let parts = || text.split([',', ';']).map(str::trim).filter(|p| !p.is_empty());
    if !parts().all(is_address) {
        return Vec::new();
    }
    let mut met = HashSet::new();
    let people = parts().filter(|p| !p.ends_with("@g.us")).map(|p| chats.name(p));
    people.take(NAMES).filter(|name| met.insert(name.clone())).collect()
}

impl Event<'_> {
    /// What it tells.
    pub fn told(&self, chats: &Chats) -> Told {
        let people = self.text.map_or_else(Vec::new, |t| named(t, chats));
        if self.group {
            return Told::Words(self.of_group(&people));
        }
        // Words that nobody knows a reason for say more than the code does.
        let said = self.text.and_then(words_only);
        match self.code {
            _ if said.is_some() => Told::Words(self.vague(&people)),
            21 | 45 => Told::Missed(false),
            46 => Told::Missed(true),
            _ => Told::Words(self.of_chat().unwrap_or_else(|| self.vague(&people))),
        }
    }

    fn of_chat(&self) -> Option<String> {
        let somebody = || self.member.as_ref().or(self.peer.as_ref());
        Some(match self.code {
            2 => "Messages and calls are end-to-end encrypted".to_owned(),
            3 | 36 => format!("The security code of {} has changed", somebody()?),
            6 => format!("{} has a new number", somebody()?),
            26 => "This is the account of a business".to_owned(),
            30 => "This is no account of a business any more".to_owned(),
            34 => "You blocked this contact".to_owned(),
            35 => "You let this contact in again".to_owned(),
            41 => "A video call was started".to_owned(),
            _ => return None,
        })
    }

    fn of_group(&self, people: &[String]) -> String {
        let member = self.member.as_deref();
        let somebody = member.unwrap_or("Somebody");
        // Addresses are no name of a group.
        let title = self.text.filter(|_| people.is_empty()).and_then(subject);
        let said = self.text.and_then(words_only);
        match self.code {
            1 | 56 if title.is_some() => {
                format!("The subject is now “{}”", title.unwrap_or_default())
            }
            2 | 50 => self.came(people),
            3 => format!("{somebody} left"),
            4 => "The picture was changed".to_owned(),
            5 => "The picture was removed".to_owned(),
            7 => match people {
                [] => removed(None, somebody),
                [who, ..] => removed(Some(who), somebody),
            },
            9 if member.is_some() => format!("{somebody} has a new number"),
            10 => format!("{YOU} are an administrator now"),
            12 => match title {
                Some(title) => format!("The group “{title}” was created"),
                None => "The group was created".to_owned(),
            },
            15 | 23 => format!("{somebody} joined by a link"),
            17 => match said {
                Some(said) => format!("The description was changed: {said}"),
                None => "The description was changed".to_owned(),
            },
            18 => "Only administrators may change the group's details now".to_owned(),
            19 => "Everybody may change the group's details now".to_owned(),
            20 => "Only administrators may write now".to_owned(),
            21 => "Everybody may write now".to_owned(),
            22 => "The description was removed".to_owned(),
            26 if said.is_none() && self.text.is_some_and(|t| t.parse::<u64>().is_ok()) => {
                "The time after which messages disappear was changed".to_owned()
            }
            _ => self.vague(people),
        }
    }

    /// Who came, and who let them in.
    fn came(&self, people: &[String]) -> String {
        let several = self.text.is_some_and(|t| t.contains(';'));
        match (people, self.member.as_deref()) {
            ([who, whom @ ..], _) if several && !whom.is_empty() => {
                added(Some(who), &whom.join(", "))
            }
            ([who], Some(member)) if self.code == 2 => added(Some(who), member),
            ([who], None) if self.code == 2 => added(Some(who), YOU),
            ([], Some(member)) => added(None, member),
            ([_, _, ..], _) => added(None, &people.join(", ")),
            ([], None) if self.code == 2 => added(None, "Somebody"),
            _ => self.vague(people),
        }
    }

    /// Of an event that has no name: what came with it, as far as people can read it.
    fn vague(&self, people: &[String]) -> String {
        let json = self.text.filter(|t| t.starts_with('{'));
        if !people.is_empty() {
            format!("{VAGUE_EVENT}: {}", people.join(", "))
        } else if let Some(title) = json.and_then(subject).filter(|t| words_only(t).is_some()) {
            format!("{VAGUE_EVENT}: “{title}”")
        } else if let Some(said) = self.text.and_then(words_only) {
            said.to_owned()
        } else {
            // Most events are codes alone, which differ from version to version.
            VAGUE_EVENT.to_owned()
        }
    }
}
