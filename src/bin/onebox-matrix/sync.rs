//! Keeps up with the server: one sliding sync connection for everything, so that a room comes with
//! its bridge's state, its newest messages and its receipts in one answer. The first page comes
//! first; the rest follows as the range grows.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use matrix_sdk::ruma::api::error::ErrorKind;
use matrix_sdk::ruma::events::StateEventType;
use matrix_sdk::ruma::{OwnedRoomId, RoomId};
use matrix_sdk::sliding_sync::{SlidingSyncListLoadingState, Version};
use matrix_sdk::sync::RoomUpdates;
use matrix_sdk::{Error, Room, SlidingSync, SlidingSyncList, SlidingSyncMode};
use onebox::sources::live::{LinkState, News};
use serde_json::Value;
use tokio::sync::{broadcast, mpsc};

use super::desk::Desk;
use super::event;
use super::live::{Book, Live, Part};
use super::memory::{Gap, RoomMemory};
use super::older;
use super::outcome;
use super::place::{self, Places};
use super::profile;
use super::rules::Rules;
use super::sealed;
use super::tell::{self, View};
use super::unread::Came;

/// How many rooms the first answer holds.
const PAGE: u32 = 25;
/// How many rooms more an answer holds at most, until all are there. A server looks at every room
/// that it has sent each time: small steps would take it longer than the rooms do.
const STEP: u32 = 100;
/// How many of its newest events a room comes with.
const NEWEST: u32 = 20;
/// Rooms with more people are asked for their members only when somebody looks.
const SMALL: u64 = 100;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
const LIST: &str = "all";
/// A poll without news is answered after half a minute: a server that has not is not there.
const QUIET: Duration = Duration::from_secs(40);

/// State that every room comes with, whatever its key.
const STATE: &[&str] = &[
    "m.bridge",
    "uk.half-shot.bridge",
    "com.beeper.room_features",
    "com.beeper.disappearing_timer",
    "io.element.functional_members",
];
/// State that every room comes with, under the empty key.
const PLAIN_STATE: &[&str] = &[
    "m.room.create",
    "m.room.encryption",
    "m.room.history_visibility",
    "m.room.join_rules",
    "m.room.name",
    "m.room.canonical_alias",
    "m.room.power_levels",
    "m.room.tombstone",
];

/// Why keeping up ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// The server does not know the token any more.
    Refused,
    /// The person signs out.
    SignOut,
    /// onebox stops.
    Stop,
}

fn required_state() -> Vec<(StateEventType, String)> {
    let any = STATE.iter().map(|kind| (StateEventType::from(*kind), "*".to_owned()));
    let plain = PLAIN_STATE.iter().map(|kind| (StateEventType::from(*kind), String::new()));
    let member = |key: &str| (StateEventType::RoomMember, key.to_owned());
    any.chain(plain).chain([member("$ME"), member("$LAZY")]).collect()
}

/// A connection that goes on from where the SDK is, or one that begins with nothing.
async fn connection(live: &Live, goes_on: bool) -> Result<Connection, Error> {
    // Of rooms that the server has sent it sends only what is new: all of them in one answer.
    let rooms = u32::try_from(live.client.rooms().len()).unwrap_or(u32::MAX);
    let reach = if goes_on { rooms.saturating_add(STEP) } else { PAGE };
    let list = SlidingSyncList::builder(LIST)
        .sync_mode(SlidingSyncMode::new_growing(reach))
        .timeline_limit(NEWEST)
        .required_state(required_state());
    let sync = live.client.sliding_sync(place::CONNECTION)?.version(Version::Native);
    let sync = if goes_on { sync.share_pos() } else { sync };
    let sync = sync.add_list(list).with_all_extensions().build().await?;
    Ok(Connection { sync, reach, updates: live.client.subscribe_to_all_room_updates() })
}

/// Looks where to begin; true: onebox has all up to where the SDK is.
async fn begin(live: &Live, key: &[u8; 32]) -> bool {
    live.desk.all_said().await;
    let mut book = live.book.lock().await;
    let told = live.desk.place.lock().await.take();
    if let Some(me) = live.client.user_id().filter(|_| live.desk.places) {
        let at = (live.desk.state_dir.as_path(), key);
        let start = Places::open(&live.memory, me, at, told.as_deref()).await;
        book.places = start.places;
        if let Some(known) = start.known {
            (book.known, book.resumed) = (Arc::new(known), true);
            let is_encrypted = |room: &Room| room.encryption_state().is_encrypted();
            live.encrypted.send_replace(live.client.joined_rooms().iter().any(is_encrypted));
            return true;
        }
    }
    book.anew();
    false
}

/// The person or onebox wants an end.
async fn interrupted(desk: &Desk) -> End {
    tokio::select! {
        // The end may come right behind the order to sign out.
        biased;
        () = desk.sign_out.notified() => End::SignOut,
        () = desk.ending() => End::Stop,
    }
}

/// How a stream of answers ended by itself.
enum Stream {
    Ended,
    /// Some of them were not told.
    Lost,
}

/// How one connection ended.
enum Broke {
    /// For good.
    End(End),
    /// Go on at once.
    Anew,
    /// Begin with nothing at once: the server or the SDK has lost the place.
    Lost,
    /// Something went wrong.
    Failed(Error),
}

/// How the server is spoken to.
struct Way {
    /// The first connection goes on from where the SDK is.
    goes_on: bool,
    connected: Option<Connection>,
}

/// What is kept from one stream of answers to the next.
struct Connection {
    sync: SlidingSync,
    /// So many rooms were asked for.
    reach: u32,
    /// What the SDK has taken in. It lives as long as the connection: an answer that was being taken
    /// in when the stream ended is told with the next.
    updates: broadcast::Receiver<RoomUpdates>,
}

impl Connection {
    /// The next answer holds more rooms than this one.
    async fn grow(&mut self) {
        self.reach += (self.reach * 2).min(STEP);
        let mode = SlidingSyncMode::new_growing(self.reach);
        let grown = self.sync.on_list(LIST, |list| {
            list.set_sync_mode(mode);
            std::future::ready(())
        });
        grown.await;
    }

    async fn is_whole(&self) -> bool {
        let state = self.sync.on_list(LIST, |list| std::future::ready(list.state()));
        matches!(state.await, Some(SlidingSyncListLoadingState::FullyLoaded))
    }
}

/// Keeps up until there is a reason to end.
pub async fn run(live: &Arc<Live>, key: &[u8; 32]) -> End {
    let mut way = Way { goes_on: begin(live, key).await, connected: None };
    let mut pause = FIRST_PAUSE;
    loop {
        let mut reached = false;
        let e = match connect(live, &mut way, &mut reached).await {
            Broke::Lost => {
                way = Way { goes_on: false, connected: None };
                live.book.lock().await.anew();
                continue;
            }
            Broke::End(end) => return end,
            Broke::Anew => continue,
            Broke::Failed(e) => e,
        };
        pause = if reached { FIRST_PAUSE } else { (pause * 2).min(LONGEST_PAUSE) };
        live.link(LinkState::Offline, Some(outcome::sentence(&e))).await;
        // A server that asks to wait knows best.
        let pause = outcome::asked(&e).map_or(pause, |asked| asked.max(pause));
        if let Some(end) = rest(&live.desk, pause).await {
            return end;
        }
    }
}

/// Waits, unless the person wants otherwise.
async fn rest(desk: &Desk, pause: Duration) -> Option<End> {
    let mut online = desk.online.clone();
    online.mark_unchanged();
    tokio::select! {
        () = tokio::time::sleep(pause) => None,
        _ = online.changed() => None,
        end = interrupted(desk) => Some(end),
    }
}

/// One connection, once it is wanted.
async fn connect(live: &Arc<Live>, way: &mut Way, reached: &mut bool) -> Broke {
    let desk = &live.desk;
    if !*desk.online.borrow() {
        live.link(LinkState::Offline, Some("Offline, as you wished.".to_owned())).await;
    }
    tokio::select! {
        () = desk.wanted() => {}
        end = interrupted(desk) => return Broke::End(end),
    }
    live.link(LinkState::Connecting, None).await;
    let ended = tokio::select! {
        ended = keep_up(live, way, reached) => ended,
        () = desk.unwanted() => return Broke::Anew,
        end = interrupted(desk) => return Broke::End(end),
    };
    match ended {
        Ok(Stream::Ended) => Broke::Anew,
        Ok(Stream::Lost) => Broke::Lost,
        Err(e) if outcome::is_refused(&e) => Broke::End(End::Refused),
        Err(e) if matches!(e.client_api_error_kind(), Some(ErrorKind::UnknownPos)) => Broke::Lost,
        Err(e) => Broke::Failed(e),
    }
}

/// One stream of answers, until it breaks.
async fn keep_up(live: &Arc<Live>, way: &mut Way, reached: &mut bool) -> Result<Stream, Error> {
    let connection = match &mut way.connected {
        Some(connection) => connection,
        none => none.insert(connection(live, way.goes_on).await?),
    };
    // A handle: the list is looked at while the stream is polled.
    let sync = connection.sync.clone();
    let stream = sync.sync();
    futures_util::pin_mut!(stream);
    let mut is_online = false;
    loop {
        let answer = match tokio::time::timeout(QUIET, stream.next()).await {
            Ok(Some(answer)) => answer,
            Ok(None) => return Ok(Stream::Ended),
            Err(_) => {
                // It may only be slow, and is waited for; but nobody is told that all is well.
                if std::mem::take(&mut is_online) {
                    let why = "The server does not answer.".to_owned();
                    live.link(LinkState::Offline, Some(why)).await;
                }
                continue;
            }
        };
        answer?;
        *reached = true;
        if !std::mem::replace(&mut is_online, true) {
            live.link(LinkState::Online, None).await;
        }
        let mut book = live.book.lock().await;
        let Some(mut news) = take_all(live, &mut book, connection).await else {
            return Ok(Stream::Lost);
        };
        news |= go_on(live, &mut book, connection).await;
        if book.rules.as_mut().is_some_and(Rules::have_changed) {
            book.stale = true;
        }
        if book.complete && std::mem::take(&mut book.stale) {
            judge_again(live, &mut book).await;
            news = true;
        }
        // The stream asks for nothing while it is not polled: the SDK stands where this answer ends.
        if book.complete && news {
            let known = Arc::clone(&book.known);
            book.places.tell(&live.memory, &known, &live.desk.out).await;
        }
    }
}

/// Takes in what has come; whether any of it is to be stored. `None`: some was lost.
async fn take_all(live: &Arc<Live>, book: &mut Book, connection: &mut Connection) -> Option<bool> {
    // One answer makes one update, taken in before the next is asked for, so that nothing is lost
    // however slow onebox is.
    let mut news = false;
    loop {
        match connection.updates.try_recv() {
            Ok(update) => news |= take_in(live, book, update).await,
            Err(broadcast::error::TryRecvError::Lagged(n)) => {
                live.desk.out.oddity("sync", format!("{n} answers were lost")).await;
                return None;
            }
            Err(_) => return Some(news),
        }
    }
}

/// More rooms are asked for, until every one has come; whether that is so now.
async fn go_on(live: &Arc<Live>, book: &mut Book, connection: &mut Connection) -> bool {
    if book.complete {
        return false;
    }
    let is_whole = connection.is_whole().await;
    if is_whole {
        complete(live, book).await;
    } else {
        connection.grow().await;
    }
    is_whole
}

/// Splits an answer into what it holds of each room.
fn parts(update: RoomUpdates) -> Vec<Part> {
    fn value<T>(raw: &matrix_sdk::ruma::serde::Raw<T>) -> Option<Value> {
        raw.deserialize_as_unchecked().ok()
    }
    let of = |room: OwnedRoomId, timeline: matrix_sdk::sync::Timeline, passing| Part {
        room,
        events: timeline.events,
        limited: timeline.limited,
        token: timeline.prev_batch,
        passing,
    };
    let mut parts = Vec::new();
    for (room, joined) in update.joined {
        let passing = joined.ephemeral.iter().filter_map(value).collect();
        parts.push(of(room, joined.timeline, passing));
    }
    for (room, left) in update.left {
        parts.push(of(room, left.timeline, Vec::new()));
    }
    for room in update.invited.into_keys().chain(update.knocked.into_keys()) {
        parts.push(of(room, matrix_sdk::sync::Timeline::default(), Vec::new()));
    }
    parts
}

/// Tells what an answer held; whether any of it is to be stored.
async fn take_in(live: &Arc<Live>, book: &mut Book, update: RoomUpdates) -> bool {
    let mut news = false;
    for part in parts(update) {
        if let Some(named) = &mut book.named {
            named.insert(part.room.clone());
        }
        let Some(room) = live.client.get_room(&part.room) else { continue };
        // Who types is gone before it is stored.
        let types = |e: &Value| e["type"] == "m.typing";
        let passes = part.events.is_empty() && !part.passing.is_empty();
        news |= !(passes && part.passing.iter().all(types));
        if room.is_space() {
            continue;
        }
        let remembered = live.memory.room(&part.room).await.app();
        if tell::must_wait(book, &room, remembered.as_ref()).await {
            book.waiting.push(part);
        } else {
            take_part(live, book, part).await;
        }
    }
    news
}

/// Every room has come, or what is new of them: what waited for that is told.
async fn complete(live: &Arc<Live>, book: &mut Book) {
    for part in std::mem::take(&mut book.waiting) {
        if let Some(room) = live.client.get_room(&part.room)
            && room.active_members_count() <= 2
        {
            room.sync_members().await.ok();
        }
        take_part(live, book, part).await;
    }
    book.complete = true;
    if let Some(named) = book.named.take() {
        for room in live.client.joined_rooms() {
            if room.is_space() || named.contains(room.room_id()) {
                continue;
            }
            let app = live.app_of(book, room.room_id()).await;
            let view = tell::view_of_left(book, &room, app).await;
            tell::thread(live, book, &view).await;
        }
    } else if book.places.owes_rooms() {
        book.stale = true;
    }
    let owed = book.places.owed(&live.memory).await;
    if !owed.is_empty() {
        tokio::spawn(sealed::again(Arc::clone(live), owed));
    }
    live.desk.out.tell(News::AllThreads).await;
    live.complete.send_replace(true);
}

/// Tells what an answer held of one room.
async fn take_part(live: &Arc<Live>, book: &mut Book, part: Part) {
    let Some(room) = live.client.get_room(&part.room) else { return };
    if room.encryption_state().is_encrypted() {
        live.encrypted.send_if_modified(|encrypted| !std::mem::replace(encrypted, true));
    }
    let mut memory = live.memory.room(&part.room).await;
    let before = memory.clone();
    if !book.told.contains_key(&part.room) {
        // What was told to a onebox that ended before it was stored is told again.
        memory.newest = live.desk.newest_there(part.room.as_str()).await;
    }
    let told = book.told.get(&part.room).and_then(|t| t.app.clone());
    let mut view = tell::view(book, &room, told.or_else(|| memory.app())).await;
    count(live, book, &mut memory, &mut view, &part, before.newest.as_deref());
    tell::thread(live, book, &view).await;
    let first = tell::events(live, book, &room, &view, &part.events).await;
    let ids: Vec<String> =
        part.events.iter().filter_map(|e| e.event_id().map(|id| id.to_string())).collect();
    let overlaps = memory.newest.as_ref().is_some_and(|newest| ids.contains(newest));
    if let Some(token) = part.token.filter(|_| part.limited && !overlaps) {
        missing(live, &view.app.slug, &room, &mut memory, (token, first, ids.first())).await;
    }
    if let Some(newest) = ids.into_iter().next_back() {
        memory.newest = Some(newest);
    }
    memory.app = Some((view.app.slug.clone(), view.app.name.clone()));
    if memory != before {
        live.memory.keep_room(&part.room, &memory).await;
    }
    let typing = tell::passing(live, book, &room, &view, &part.passing).await;
    let watched = live.watched.borrow().as_deref() == Some(room.room_id());
    if let Some(names) = typing.filter(|_| watched) {
        let (app, thread) = (view.app.slug.clone(), room.room_id().as_str().into());
        live.desk.out.tell(News::Typing { app, thread, names }).await;
    }
    let doubt = profile::may_ask(live) && !view.in_doubt().is_empty();
    let unknown = doubt || !room.are_members_synced();
    if unknown && room.active_members_count() <= SMALL && book.asked.insert(part.room.clone()) {
        live.members.send(part.room).ok();
    }
}

/// Counts what I have not read.
fn count(
    live: &Live,
    book: &mut Book,
    memory: &mut RoomMemory,
    view: &mut View,
    part: &Part,
    newest: Option<&str>,
) {
    let events: Vec<Value> =
        part.events.iter().filter_map(|e| e.raw().deserialize_as_unchecked().ok()).collect();
    let receipts = part.passing.iter().filter(|e| e["type"] == "m.receipt");
    let receipts = receipts.flat_map(|e| event::receipts(&e["content"], part.room.as_str()));
    let read: Vec<String> = receipts.filter(|r| *r.by == *live.me).map(|r| r.message).collect();
    let first = newest.is_none() && book.named.is_some() && !book.told.contains_key(&part.room);
    let came = Came { events: &events, newest, read: &read, first };
    memory.unread.take(&came, &live.me, |id| view.is_service(id));
    let unread = memory.unread.count();
    book.unread.insert(part.room.clone(), unread);
    view.count(unread);
}

/// Messages are missing before what has come of a room.
async fn missing(
    live: &Arc<Live>,
    app: &str,
    room: &Room,
    memory: &mut RoomMemory,
    (token, first, oldest): (String, Option<String>, Option<&String>),
) {
    let thread = room.room_id().as_str();
    let known = memory.newest.is_some();
    // Nothing that came has a place in the transcript: go on until something has.
    let look_on = known && first.is_none();
    let before = if known { first.or_else(|| oldest.cloned()) } else { None };
    live.desk.out.gap(app, thread, before.clone(), Some(token.clone())).await;
    memory.gaps.push(Gap { token: token.clone(), before, edge: memory.newest.clone() });
    if look_on {
        let live = Arc::clone(live);
        tokio::spawn(older::fetch(live, thread.into(), Some(token), NEWEST));
    }
}

/// What was learnt may change how other rooms stand.
async fn judge_again(live: &Live, book: &mut Book) {
    let mut rooms: HashSet<OwnedRoomId> = book.told.keys().cloned().collect();
    if book.resumed {
        let all = live.client.rooms().into_iter().filter(|room| !room.is_space());
        rooms.extend(all.map(|room| room.room_id().to_owned()));
    }
    for id in rooms {
        let Some(room) = live.client.get_room(&id) else { continue };
        // One that was never told is not told now.
        let Some(app) = live.app_of(book, &id).await else { continue };
        let view = tell::view(book, &room, Some(app)).await;
        tell::thread(live, book, &view).await;
    }
    book.stale = false;
}

/// Asks for the members of rooms, one after the other, once every room has come.
pub async fn members(live: Arc<Live>, mut rooms: mpsc::UnboundedReceiver<OwnedRoomId>) {
    let mut complete = live.complete.subscribe();
    if complete.wait_for(|complete| *complete).await.is_err() {
        return;
    }
    while let Some(id) = rooms.recv().await {
        live.desk.wanted().await;
        members_of(&live, &id).await;
        // Once for many: each makes onebox store something.
        if rooms.is_empty() {
            live.settle(&mut *live.book.lock().await).await;
        }
    }
}

/// Asks for the members of a room, and tells who they are.
pub async fn members_of(live: &Arc<Live>, id: &RoomId) {
    let Some(room) = live.client.get_room(id) else { return };
    let fetched = room.sync_members().await;
    let mut book = live.book.lock().await;
    book.asked.remove(id);
    let Some(told) = live.app_of(&book, id).await else { return };
    if fetched.is_err() {
        return;
    }
    book.places.owe_rooms(&live.memory).await;
    let view = tell::view(&mut book, &room, Some(told)).await;
    tell::thread(live, &mut book, &view).await;
    drop(book);
    // Asked without the book, which is wanted meanwhile.
    let profiles = profile::of(live, view.in_doubt()).await;
    let mut book = live.book.lock().await;
    view.learn_profiles(&mut book, &profiles);
    if book.complete && std::mem::take(&mut book.stale) {
        judge_again(live, &mut book).await;
    }
}
