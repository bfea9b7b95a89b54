//! Who voted for what in a room's polls: of each person the last word before a poll's end.

use std::collections::HashMap;

use serde_json::Value;

use super::survey::ID;
use super::wording;
use crate::sources::json::{int, list, member, text};

/// Polls and votes that are kept, and the answers of one vote.
const POLLS: usize = 100_000;
const VOTES: usize = 100_000;
const ANSWERS: usize = 20;

const NONE: Value = Value::Null;

/// The polls of a room.
#[derive(Debug, Default)]
pub struct Votes {
    polls: HashMap<String, Poll>,
    kept: usize,
}

#[derive(Debug)]
struct Poll {
    by: String,
    /// The answers that there are.
    answers: Vec<String>,
    /// How many of them one may choose.
    most: usize,
    ended: Option<i64>,
    /// The last vote of each person, and when it was given.
    votes: HashMap<String, (i64, Vec<String>)>,
}

impl Votes {
    /// Takes an event, in the order of the room.
    pub fn take(&mut self, event: &Value) {
        let content = member(event, "content").unwrap_or(&NONE);
        let (Some(id), Some(by)) = (text(event, "event_id"), text(event, "sender")) else { return };
        let is_gone = member(event, "unsigned").and_then(|u| member(u, "redacted_because"));
        if is_gone.is_some() || id.len() > ID || by.len() > ID {
            return;
        }
        let at = int(event, "origin_server_ts").unwrap_or_default();
        let of = member(content, "m.relates_to").and_then(|related| text(related, "event_id"));
        match text(event, "type") {
            Some("m.poll.start" | "org.matrix.msc3381.poll.start") => self.ask(id, by, content),
            Some("m.poll.response" | "org.matrix.msc3381.poll.response") => {
                self.vote(of, by, at, content);
            }
            // Only who asked can end it, as far as can be known here.
            Some("m.poll.end" | "org.matrix.msc3381.poll.end") => {
                let poll = of.and_then(|of| self.polls.get_mut(of));
                if let Some(poll) = poll.filter(|poll| poll.by == by) {
                    poll.ended = Some(poll.ended.map_or(at, |ended| ended.min(at)));
                }
            }
            _ => {}
        }
    }

    fn ask(&mut self, id: &str, by: &str, content: &Value) {
        let Some(poll) = wording::asked(content) else { return };
        if self.polls.len() < POLLS && !self.polls.contains_key(id) {
            let answers = list(poll, "answers").iter().take(ANSWERS).filter_map(id_of);
            let most = int(poll, "max_selections").and_then(|n| usize::try_from(n).ok());
            let poll = Poll {
                by: by.to_owned(),
                answers: answers.map(str::to_owned).collect(),
                most: most.unwrap_or(1).max(1),
                ended: None,
                votes: HashMap::new(),
            };
            self.polls.insert(id.to_owned(), poll);
        }
    }

    fn vote(&mut self, of: Option<&str>, by: &str, at: i64, content: &Value) {
        let poll = of.and_then(|of| self.polls.get_mut(of));
        let Some(poll) = poll.filter(|p| p.ended.is_none_or(|ended| at <= ended)) else { return };
        let known = poll.votes.get(by).map(|(at, _)| *at);
        if known.is_some_and(|known| known > at) || (known.is_none() && self.kept >= VOTES) {
            return;
        }
        let said = ["m.poll.response", "org.matrix.msc3381.poll.response"];
        let said = said.iter().find_map(|name| member(content, name));
        let chosen = match said {
            Some(said) => list(said, "answers"),
            None => list(content, "m.selections"),
        };
        let chosen: Vec<&str> = chosen.iter().filter_map(Value::as_str).collect();
        // A vote for what there is not counts for nothing, in place of an earlier one.
        let valid = chosen.iter().all(|one| poll.answers.iter().any(|a| a == one));
        let mut counted: Vec<String> = Vec::new();
        for one in chosen.into_iter().filter(|_| valid).take(poll.most) {
            if !counted.iter().any(|had| had == one) {
                counted.push(one.to_owned());
            }
        }
        self.kept += usize::from(known.is_none());
        poll.votes.insert(by.to_owned(), (at, counted));
    }

    /// How many voted for an answer of a poll; `None` where nobody is known to have voted at all.
    pub fn of(&self, poll: &str, answer: &Value) -> Option<i64> {
        let answer = id_of(answer)?;
        let poll = self.polls.get(poll).filter(|poll| !poll.votes.is_empty())?;
        let votes = poll.votes.values().filter(|(_, all)| all.iter().any(|one| one == answer));
        i64::try_from(votes.count()).ok()
    }
}

/// The id of an answer.
fn id_of(answer: &Value) -> Option<&str> {
    text(answer, "m.id").or_else(|| text(answer, "id"))
}
