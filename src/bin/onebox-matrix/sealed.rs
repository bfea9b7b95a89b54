//! Sealed messages: shown as such, kept in mind over restarts, and told again, opened, once their
//! keys come: from their sender, from another device of mine, or from the backup.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use matrix_sdk::deserialized_responses::TimelineEvent;
use matrix_sdk::encryption::backups::BackupState;
use matrix_sdk::ruma::api::error::ErrorKind;
use matrix_sdk::ruma::serde::Raw;
use matrix_sdk::ruma::{OwnedEventId, OwnedRoomId, RoomId, events::AnySyncTimelineEvent};
use matrix_sdk::{Error, Room};

use super::live::{Book, Live};
use super::memory::Memory;
use super::place::Opened;
use super::tell;

/// So many sealed events are at hand as they came; others are fetched again when their key comes.
const AT_HAND: usize = 5_000;
/// So many sealed events of a room are kept in mind, the newest.
const KEPT: usize = 500;
/// More sessions of one room than this are fetched from the backup in one go.
const SINGLY: usize = 5;
/// Before a message that could not be had is asked for again.
const AGAIN: Duration = Duration::from_secs(60);
/// Remembers that the backup was asked for everything that was sealed when it was opened.
const ASKED: &str = "backup-asked";

/// An event and the key that it needs: Megolm session, then event.
pub type Wanted = (String, String);

/// Sealed events of this run.
#[derive(Default)]
pub struct Sealed {
    at_hand: HashMap<String, Vec<(OwnedRoomId, Raw<AnySyncTimelineEvent>)>>,
    count: usize,
    /// Not yet in the memory.
    new: HashMap<OwnedRoomId, Vec<Wanted>>,
}

impl Sealed {
    /// Takes a sealed event.
    pub fn put(&mut self, session: String, room: &RoomId, raw: &Raw<AnySyncTimelineEvent>) {
        if let Ok(Some(id)) = raw.get_field::<String>("event_id") {
            self.new.entry(room.to_owned()).or_default().push((session.clone(), id));
        }
        if self.count < AT_HAND {
            self.count += 1;
            self.at_hand.entry(session).or_default().push((room.to_owned(), raw.clone()));
        }
    }

    /// What is at hand of those that a key opens. A session belongs to one room: what claims it
    /// from another is not opened by it.
    fn take(&mut self, room: &RoomId, session: &str) -> Vec<Raw<AnySyncTimelineEvent>> {
        let all = self.at_hand.remove(session).unwrap_or_default();
        let (open, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|(id, _)| *id == *room);
        self.count -= open.len();
        if !rest.is_empty() {
            self.at_hand.insert(session.to_owned(), rest);
        }
        open.into_iter().map(|(_, raw)| raw).collect()
    }
}

/// What is kept of a room with some more: each event once, the newest where there are too many.
fn with(mut kept: Vec<Wanted>, new: Vec<Wanted>) -> Vec<Wanted> {
    let known: BTreeSet<String> = kept.iter().map(|(_, id)| id.clone()).collect();
    kept.extend(new.into_iter().filter(|(_, id)| !known.contains(id)));
    let over = kept.len().saturating_sub(KEPT);
    kept.drain(..over);
    kept
}

fn name(room: &RoomId) -> String {
    format!("sealed.{room}")
}

async fn kept(memory: &Memory, room: &RoomId) -> Vec<Wanted> {
    memory.get(&name(room)).await.unwrap_or_default()
}

/// Puts what was sealed since the last time into the memory.
pub async fn keep(live: &Live, book: &mut Book) {
    for (room, new) in std::mem::take(&mut book.sealed.new) {
        let had = kept(&live.memory, &room).await;
        let now = with(had.clone(), new);
        if now != had {
            live.memory.put(&name(&room), &now).await;
        }
    }
}

/// Opens sealed messages as their keys come.
pub async fn keys(live: Arc<Live>) {
    let Some(stream) = live.client.encryption().room_keys_received_stream().await else { return };
    futures_util::pin_mut!(stream);
    while let Some(keys) = stream.next().await {
        let Ok(keys) = keys else { continue };
        let mut rooms: BTreeMap<OwnedRoomId, BTreeSet<String>> = BTreeMap::new();
        for key in keys {
            rooms.entry(key.room_id).or_default().insert(key.session_id);
        }
        for (room, sessions) in rooms {
            open(&live, &room, &sessions).await;
        }
    }
}

/// Adds what was told in an earlier run and is open now. Where it cannot be had now, it stays wanted.
async fn fetch_opened(
    room: &Room,
    wanted: Vec<Wanted>,
    opened: &mut Vec<TimelineEvent>,
    what: &mut Vec<Wanted>,
) {
    for (session, id) in wanted {
        let Ok(event) = OwnedEventId::try_from(id.as_str()) else { continue };
        if let Ok(event) = room.event(&event, None).await
            && !event.kind.is_utd()
        {
            opened.push(event);
            what.push((session, id));
        }
    }
}

/// Opens what some keys open of a room.
async fn open(live: &Live, id: &RoomId, sessions: &BTreeSet<String>) {
    let Some(room) = live.client.get_room(id) else { return };
    let (raws, wanted) = {
        // Whoever tells a room holds the book: what it seals is in there before this looks.
        let mut book = live.book.lock().await;
        let mut raws = Vec::new();
        for session in sessions {
            let taken = book.sealed.take(id, session).into_iter();
            raws.extend(taken.map(|raw| (session.clone(), raw)));
        }
        (raws, kept(&live.memory, id).await)
    };
    let mut at_hand = BTreeSet::new();
    let (mut opened, mut what) = (Vec::new(), Vec::new());
    let mut still = Vec::new();
    let rules = room.push_context().await.ok().flatten();
    for (session, raw) in raws {
        let event_id = raw.get_field::<String>("event_id").ok().flatten();
        at_hand.extend(event_id.clone());
        match room.decrypt_event(&raw.clone().cast_unchecked(), rules.as_ref()).await {
            Ok(event) => {
                opened.push(event);
                what.extend(event_id.map(|event| (session, event)));
            }
            Err(_) => still.push((session, raw)),
        }
    }
    let is_elsewhere =
        |(session, event): &Wanted| sessions.contains(session) && !at_hand.contains(event);
    let elsewhere: Vec<Wanted> = wanted.into_iter().filter(is_elsewhere).collect();
    fetch_opened(&room, elsewhere, &mut opened, &mut what).await;
    let mut book = live.book.lock().await;
    for (session, raw) in still {
        book.sealed.put(session, id, &raw);
    }
    if !opened.is_empty() {
        tell_opened(live, &mut book, &room, (opened, what)).await;
    }
}

/// Tells what was opened, and has it wanted no more.
async fn tell_opened(
    live: &Live,
    book: &mut Book,
    room: &Room,
    (mut opened, what): (Vec<TimelineEvent>, Vec<Wanted>),
) {
    let id = room.room_id();
    opened.sort_by_key(TimelineEvent::timestamp);
    let told = live.app_of(book, id).await;
    book.places.owe_opened(&live.memory, &id.to_owned(), what).await;
    let view = tell::view(book, room, told).await;
    tell::thread(live, book, &view).await;
    tell::events(live, book, room, &view, &opened).await;
    let is_open =
        |event: &String| opened.iter().any(|e| e.event_id().is_some_and(|id| id == *event));
    let mut left = kept(&live.memory, id).await;
    left.retain(|(_, event)| !is_open(event));
    live.memory.put(&name(id), &left).await;
    live.settle(book).await;
}

/// Tells messages again that were opened in an earlier run which may have ended before onebox had
/// heard of it.
pub async fn again(live: Arc<Live>, owed: Vec<Opened>) {
    let mut rooms: BTreeMap<OwnedRoomId, Vec<Wanted>> = BTreeMap::new();
    for Opened { room, what, .. } in owed {
        rooms.entry(room).or_default().push(what);
    }
    for (room, what) in &rooms {
        let _book = live.book.lock().await;
        let wanted = with(kept(&live.memory, room).await, what.clone());
        live.memory.put(&name(room), &wanted).await;
    }
    while !rooms.is_empty() {
        live.desk.wanted().await;
        for (room, what) in std::mem::take(&mut rooms) {
            let sessions = what.iter().map(|(session, _)| session.clone()).collect();
            open(&live, &room, &sessions).await;
            let still = kept(&live.memory, &room).await;
            let left: Vec<Wanted> = what.into_iter().filter(|w| still.contains(w)).collect();
            if !left.is_empty() && live.client.get_room(&room).is_some() {
                rooms.insert(room, left);
            }
        }
        if !rooms.is_empty() {
            tokio::time::sleep(AGAIN).await;
        }
    }
}

/// Looks into the backup for the keys of sealed messages when it has been opened. Of those that are
/// sealed later, the SDK asks it by itself.
pub async fn heal(live: Arc<Live>) {
    let mut complete = live.complete.subscribe();
    let backups = live.client.encryption().backups();
    let mut states = Box::pin(backups.state_stream());
    if complete.wait_for(|complete| *complete).await.is_err() {
        return;
    }
    if backups.are_enabled().await && live.memory.get::<bool>(ASKED).await.is_none() {
        fetch(&live).await;
    }
    let mut before = BackupState::Unknown;
    while let Some(state) = states.next().await {
        let Ok(state) = state else { continue };
        let opened = matches!(before, BackupState::Enabling | BackupState::Creating);
        let resumed = before == BackupState::Resuming;
        if state == BackupState::Enabled
            && (opened || resumed && live.memory.get::<bool>(ASKED).await.is_none())
        {
            live.memory.forget(ASKED).await;
            fetch(&live).await;
        }
        before = state;
    }
}

/// Every room with what it wants.
async fn all(live: &Live) -> Vec<(OwnedRoomId, BTreeSet<String>)> {
    let mut all = Vec::new();
    for room in live.client.rooms() {
        let sessions = kept(&live.memory, room.room_id()).await.into_iter();
        let sessions: BTreeSet<String> = sessions.map(|(session, _)| session).collect();
        if !sessions.is_empty() {
            all.push((room.room_id().to_owned(), sessions));
        }
    }
    all
}

/// Fetches keys from the backup. What comes is told by [`keys`].
async fn fetch(live: &Live) {
    let backups = live.client.encryption().backups();
    let (mut asked, mut failed) = (0, 0);
    let is_failure = |e: &Error| !matches!(e.client_api_error_kind(), Some(ErrorKind::NotFound));
    for (room, sessions) in all(live).await {
        asked += sessions.len();
        if sessions.len() > SINGLY {
            let got = backups.download_room_keys_for_room(&room).await;
            failed += usize::from(got.is_err_and(|e| is_failure(&e)));
            continue;
        }
        for session in sessions {
            let got = backups.download_room_key(&room, &session).await;
            failed += usize::from(got.is_err_and(|e| is_failure(&e)));
        }
    }
    if failed == 0 {
        live.memory.put(ASKED, &true).await;
    }
    if asked > 0 {
        let text = format!("The backup was asked for {asked} keys; {failed} requests failed.");
        live.desk.out.log(text).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(n: usize) -> Wanted {
        (format!("session {n}"), format!("$event{n}"))
    }

    #[test]
    fn each_sealed_event_is_kept_once_and_the_oldest_goes() {
        let kept = with(vec![wanted(1)], vec![wanted(1), wanted(2)]);
        assert_eq!(kept, [wanted(1), wanted(2)]);
        let many = with(kept, (10..10 + KEPT).map(wanted).collect());
        assert_eq!(many.len(), KEPT);
        assert_eq!(many.first(), Some(&wanted(10)));
        assert_eq!(many.last(), Some(&wanted(9 + KEPT)));
    }

    #[test]
    fn a_key_opens_what_is_of_its_room() {
        let raw = |id: &str| {
            Raw::from_json_string(format!(r#"{{"event_id":"{id}"}}"#)).expect("an event")
        };
        let room = |id: &str| OwnedRoomId::try_from(id).expect("a room");
        let (one, other) = (room("!one:x"), room("!other:x"));
        let mut sealed = Sealed::default();
        sealed.put("s".to_owned(), &one, &raw("$1"));
        sealed.put("s".to_owned(), &other, &raw("$2"));
        sealed.put("t".to_owned(), &one, &raw("$3"));
        assert_eq!(sealed.new[&one], [("s".into(), "$1".into()), ("t".into(), "$3".into())]);
        assert_eq!(sealed.take(&one, "s").len(), 1);
        assert!(sealed.take(&one, "s").is_empty(), "told once");
        assert_eq!(sealed.take(&other, "s").len(), 1);
        assert_eq!(sealed.count, 1);
    }
}
