//! How many messages of a room I have not read. Counted here: in the way in which this connector
//! keeps up, Synapse says 0 of every room.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// So many events are kept in mind; of those before them only the number of messages.
const KEPT: usize = 200;

/// What stands in a room behind what I have read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// It is known how far I have read.
    known: bool,
    /// Events, oldest first, and whether each is a message to be read.
    events: Vec<(String, bool)>,
    /// Messages before those.
    older: u32,
}

/// What came of a room.
pub struct Came<'a> {
    /// Events, oldest first.
    pub events: &'a [Value],
    /// The newest that came before.
    pub newest: Option<&'a str>,
    /// How far I have read, as the server says: ids of events.
    pub read: &'a [String],
    /// Nothing of the room was known, and it is as old as the account: what it comes with was there
    /// before onebox.
    pub first: bool,
}

impl Unread {
    /// How many; `None`: nobody can know.
    pub fn count(&self) -> Option<u32> {
        let counted = self.events.iter().filter(|(_, is_message)| *is_message).count();
        let count = self.older.saturating_add(u32::try_from(counted).unwrap_or(u32::MAX));
        (self.known || count > 0).then_some(count)
    }

    /// Takes in what came. `is_service`: a bot that keeps the room going.
    pub fn take(&mut self, came: &Came<'_>, me: &str, is_service: impl Fn(&str) -> bool) {
        let id = |e: &Value| e["event_id"].as_str().map(str::to_owned);
        let known_to = came
            .events
            .iter()
            .rposition(|e| came.newest.is_some() && e["event_id"].as_str() == came.newest);
        for event in came.events.iter().skip(known_to.map_or(0, |at| at + 1)) {
            let (Some(id), Some(sender)) = (id(event), event["sender"].as_str()) else { continue };
            if self.events.iter().any(|(had, _)| *had == id) {
                continue;
            }
            if sender == me && event.get("state_key").is_none() {
                // Whoever answers has read.
                self.read_all();
            } else {
                self.events.push((id, is_message(event) && !is_service(sender)));
            }
        }
        for read in came.read {
            self.known = true;
            if let Some(at) = self.events.iter().position(|(id, _)| id == read) {
                self.events.drain(..=at);
                self.older = 0;
            }
        }
        if came.first && !self.known {
            self.events.clear();
        }
        let over = self.events.len().saturating_sub(KEPT);
        let dropped = self.events.drain(..over).filter(|(_, is_message)| *is_message).count();
        self.older = self.older.saturating_add(u32::try_from(dropped).unwrap_or(u32::MAX));
    }

    fn read_all(&mut self) {
        *self = Self { known: true, events: Vec::new(), older: 0 };
    }
}

/// Whether there is something to be read: no change of something else, no line of the app's own.
fn is_message(event: &Value) -> bool {
    let content = &event["content"];
    let shown = event.get("state_key").is_none()
        && event["unsigned"]["redacted_because"].is_null()
        && content["com.beeper.exclude_from_timeline"] != true
        && content["m.relates_to"]["rel_type"] != "m.replace";
    let kind = event["type"].as_str().unwrap_or_default();
    shown
        && matches!(
            kind,
            "m.room.message"
                | "m.room.encrypted"
                | "m.sticker"
                | "m.poll.start"
                | "org.matrix.msc3381.poll.start"
                | "m.call.invite"
        )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(id: &str, sender: &str, kind: &str) -> Value {
        json!({"event_id": id, "sender": sender, "type": kind, "content": {"body": "x"}})
    }

    fn said(ids: &[&str]) -> Vec<Value> {
        ids.iter().map(|id| event(id, "@kim:x", "m.room.message")).collect()
    }

    fn take(unread: &mut Unread, events: &[Value], read: &[&str]) -> Option<u32> {
        let read: Vec<String> = read.iter().map(|id| (*id).to_owned()).collect();
        let came = Came { events, newest: None, read: &read, first: false };
        unread.take(&came, "@me:x", |id| id == "@bot:x");
        unread.count()
    }

    #[test]
    fn what_others_say_counts_until_it_is_read() {
        let mut unread = Unread::default();
        assert_eq!(unread.count(), None);
        assert_eq!(take(&mut unread, &said(&["$1", "$2", "$3"]), &[]), Some(3));
        assert_eq!(take(&mut unread, &said(&["$3"]), &[]), Some(3), "told twice");
        assert_eq!(take(&mut unread, &[], &["$2"]), Some(1));
        assert_eq!(take(&mut unread, &[], &["$1"]), Some(1), "I have read further than that");
        assert_eq!(take(&mut unread, &said(&["$4"]), &["$4"]), Some(0));
        assert_eq!(take(&mut unread, &said(&["$5"]), &[]), Some(1));
        let mine = event("$6", "@me:x", "m.room.message");
        assert_eq!(take(&mut unread, &[mine], &[]), Some(0), "whoever answers has read");
    }

    #[test]
    fn what_is_no_message_does_not_count_but_can_be_read_up_to() {
        let mut unread = Unread::default();
        let mut edit = event("$2", "@kim:x", "m.room.message");
        edit["content"]["m.relates_to"] = json!({"rel_type": "m.replace", "event_id": "$1"});
        let mut joined = event("$5", "@me:x", "m.room.member");
        joined["state_key"] = json!("@me:x");
        let mut events = said(&["$1"]);
        events.extend([
            edit,
            event("$3", "@kim:x", "m.reaction"),
            event("$4", "@bot:x", "m.room.message"),
            joined,
            event("$6", "@kim:x", "m.sticker"),
            json!({"event_id": 7, "type": ["x"]}),
        ]);
        assert_eq!(take(&mut unread, &events, &[]), Some(2));
        assert_eq!(take(&mut unread, &[], &["$3"]), Some(1));
    }

    #[test]
    fn what_was_there_before_onebox_counts_only_where_it_is_known_what_was_read() {
        let events = said(&["$1", "$2", "$3"]);
        let first = |read: &[&str]| {
            let mut unread = Unread::default();
            let read: Vec<String> = read.iter().map(|id| (*id).to_owned()).collect();
            let came = Came { events: &events, newest: None, read: &read, first: true };
            unread.take(&came, "@me:x", |_| false);
            (unread.count(), unread)
        };
        assert_eq!(first(&["$2"]).0, Some(1));
        assert_eq!(first(&["$long-before"]).0, Some(3));
        let (count, mut unread) = first(&[]);
        assert_eq!(count, None, "nobody can know");
        assert_eq!(take(&mut unread, &said(&["$4"]), &[]), Some(1), "but from here on");
    }

    #[test]
    fn after_a_restart_only_what_is_newer_counts() {
        let mut unread = Unread::default();
        assert_eq!(take(&mut unread, &said(&["$1", "$2"]), &["$2"]), Some(0));
        let kept = serde_json::to_value(&unread).expect("JSON");
        let mut unread: Unread = serde_json::from_value(kept).expect("the same");
        let events = said(&["$1", "$2", "$3"]);
        let came = Came { events: &events, newest: Some("$2"), read: &[], first: false };
        unread.take(&came, "@me:x", |_| false);
        assert_eq!(unread.count(), Some(1));
    }

    #[test]
    fn very_many_are_a_number() {
        let mut unread = Unread::default();
        let ids: Vec<String> = (0..1_000).map(|n| format!("${n}")).collect();
        let all: Vec<&str> = ids.iter().map(String::as_str).collect();
        assert_eq!(take(&mut unread, &said(&all), &[]), Some(1_000));
        assert_eq!(unread.events.len(), KEPT);
        assert_eq!(take(&mut unread, &[], &["$989"]), Some(10));
    }
}
