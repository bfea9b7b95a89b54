//! Who I am: said by the account's own part, else found by the chats between two.

use std::collections::HashMap;

use serde_json::Value;

use super::message::{ID_BITS, peer, sender};
use crate::model::AccountRecord;
use crate::sources::json::{ITEM, Listener, Want, number, text, walk, words};
use crate::sources::{Entry, FileTree, Quiet, ReadOptions, Sink, Stop};

/// People remembered while looking.
const PEOPLE: usize = 100_000;

/// Me.
#[derive(Debug, Default)]
pub struct Me {
    /// My id, as messages name their senders.
    pub key: Option<String>,
    /// My name.
    pub name: String,
    known_by: &'static str,
}

impl Me {
    /// The account's record.
    pub fn account(&self, options: &ReadOptions) -> AccountRecord {
        let name = match (&options.me, self.name.as_str()) {
            (Some(said), "") => said.clone(),
            (_, name) => name.to_owned(),
        };
        options.my_account(super::SOURCE.id, self.key.as_deref(), name, self.known_by)
    }
}

/// Looks for me in a file.
pub fn me(
    tree: &FileTree,
    entry: &Entry,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<Me, Stop> {
    let mut survey = Survey {
        said: options.me.as_deref(),
        found: None,
        peer: None,
        direct: false,
        votes: HashMap::new(),
    };
    // It stops as soon as it knows; what is wrong with the file is told when it is read.
    let ended = walk(tree, entry, &mut survey, &mut Quiet(sink));
    if survey.found.is_none() && ended.is_err() {
        return Err(Stop);
    }
    Ok(match survey.found.take() {
        Some(me) => me,
        None => survey.most(),
    })
}

struct Survey<'a> {
    said: Option<&'a str>,
    found: Option<Me>,
    /// The other one of the chat that is being read.
    peer: Option<i64>,
    direct: bool,
    /// Who writes beside the other one in chats between two: how often, and under which name.
    votes: HashMap<String, (u64, String)>,
}

impl Survey<'_> {
    fn most(self) -> Me {
        let best = self.votes.into_iter().max_by(|a, b| (a.1.0, &b.0).cmp(&(b.1.0, &a.0)));
        match best {
            Some((key, (_, name))) => {
                Me { key: Some(key), name, known_by: "the other one in chats between two" }
            }
            None if self.said.is_some() => Me { known_by: "--me", ..Me::default() },
            None => Me { known_by: "the export does not say", ..Me::default() },
        }
    }

    fn owner(&mut self, value: &Value) -> Result<(), Stop> {
        let Some(id) = value.get("user_id").and_then(number).filter(|id| *id != 0) else {
            return Ok(());
        };
        let parts = [words(value, "first_name"), words(value, "last_name")];
        let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let name =
            if name.is_empty() { words(value, "username").unwrap_or_default() } else { name };
        self.found = Some(Me {
            key: Some(format!("user{id}")),
            name,
            known_by: "the account's own part of the export",
        });
        Err(Stop)
    }

    fn message(&mut self, value: &Value) -> Result<(), Stop> {
        let Some(who) = sender(value) else { return Ok(()) };
        let name = who.name.unwrap_or_default();
        if let Some(said) = self.said {
            if name != said {
                return Ok(());
            }
            self.found = Some(Me { key: Some(who.key), name, known_by: "--me" });
            return Err(Stop);
        }
        let early = value.get("from_id").is_some_and(Value::is_number);
        let other = self.peer.map(|id| if early { id & ID_BITS } else { id });
        let other = other.and_then(|id| peer("personal_chat", id));
        let mine = self.direct && other.is_some_and(|other| other != who.key);
        if mine && who.key.starts_with("user") && self.votes.len() < PEOPLE {
            self.votes.entry(who.key).or_insert((0, name)).0 += 1;
        }
        Ok(())
    }
}

impl Listener for Survey<'_> {
    fn names(&self) -> &'static [&'static str] {
        super::chat::NAMES
    }

    fn want(&mut self, path: &[&'static str]) -> Want {
        super::chat::want(path)
    }

    fn whole(
        &mut self,
        path: &[&'static str],
        value: Value,
        _: bool,
        _: &mut dyn Sink,
    ) -> Result<(), Stop> {
        match path {
            // The export's own word goes before a name, which several may bear.
            ["personal_information"] => return self.owner(&value),
            [.., "messages", ITEM] => return self.message(&value),
            [.., "type"] => {
                self.direct = matches!(value.as_str(), Some("personal_chat" | "bot_chat"));
            }
            [.., "id"] => self.peer = number(&value),
            _ => {}
        }
        Ok(())
    }

    fn ended(&mut self, path: &[&'static str], _: &mut dyn Sink) -> Result<(), Stop> {
        if let ["chats" | "left_chats", "list", ITEM] = path {
            (self.peer, self.direct) = (None, false);
        }
        Ok(())
    }
}

/// Somebody of the address book: the id and the phone number.
pub fn contact(value: &Value) -> Option<(String, String)> {
    let id = value.get("user_id").and_then(number).filter(|id| *id != 0)?;
    let phone = text(value, "phone_number").filter(|p| p.chars().any(|c| c.is_ascii_digit()))?;
    Some((format!("user{id}"), phone.to_owned()))
}
