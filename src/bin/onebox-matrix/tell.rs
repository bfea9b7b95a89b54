//! Tells onebox of rooms: the account, the thread, who is in it, and what was said.

use std::collections::HashMap;
use std::sync::Arc;

use matrix_sdk::deserialized_responses::{TimelineEvent, TimelineEventKind};
use matrix_sdk::{Room, RoomState};
use onebox::model::{
    AccountRecord, Change, Deletion, Notify, ParticipantRecord, Record, RevisionRecord, SourceId,
};
use serde_json::Value;

use super::apps::App;
use super::bridge::localpart;
use super::classify;
use super::event::{self, Place, Telling};
use super::facts::{Facts, Standing};
use super::gather;
use super::live::{Book, Live};
use super::reactions;
use super::rules;
use super::sealed;
use super::speaker::{self, Speaker};

/// A room as it is judged now.
pub struct View {
    facts: Facts,
    known: Arc<super::bridge::Known>,
    names: HashMap<String, String>,
    /// The app that its records go under.
    pub app: App,
}

impl View {
    fn room(&self) -> classify::Room<'_> {
        classify::Room::new(&self.facts, &self.known)
    }

    /// Whether somebody is a bot that keeps the room going.
    pub fn is_service(&self, id: &str) -> bool {
        self.room().is_service(id)
    }

    /// Who in it may be of a bridge's app though nothing but their profile could say so.
    pub fn in_doubt(&self) -> Vec<String> {
        self.room().in_doubt()
    }

    /// What profiles say of them; whether that changes anything.
    pub fn learn_profiles(&self, book: &mut Book, profiles: &[(String, Value)]) {
        let known = Arc::make_mut(&mut book.known);
        let bridges = self.room().bridges().to_vec();
        for (id, profile) in profiles {
            book.stale |= known.learn_profile(id, profile, &bridges);
        }
    }

    /// How many messages I have not read, as they were counted here.
    pub fn count(&mut self, unread: Option<u32>) {
        self.facts.unread = unread.or(self.facts.unread);
    }

    fn name(&self, id: &str) -> String {
        self.names.get(id).cloned().unwrap_or_else(|| localpart(id).to_owned())
    }
}

/// Judges a room, and learns from it.
pub async fn view(book: &mut Book, room: &Room, app: Option<App>) -> View {
    let mut facts = gather::facts(room).await;
    if let Some(rules) = &book.rules {
        facts.notify = rules.room(room).await;
    }
    let mut view = judge(book, facts, app);
    view.count(book.unread.get(room.room_id()).copied().flatten());
    view
}

/// Judges a room that the server no longer names: I left it elsewhere.
pub async fn view_of_left(book: &mut Book, room: &Room, app: Option<App>) -> View {
    let mut facts = gather::facts(room).await;
    (facts.standing, facts.my_member) = (Standing::Left, Value::Null);
    judge(book, facts, app)
}

fn judge(book: &mut Book, facts: Facts, app: Option<App>) -> View {
    if Arc::make_mut(&mut book.known).learn(&facts) {
        book.stale = true;
    }
    let known = Arc::clone(&book.known);
    let judged = classify::Room::new(&facts, &known);
    // A room without a bridge stays where it was told first.
    let app = app.filter(|_| !judged.is_bridged()).unwrap_or_else(|| judged.app().clone());
    let names = facts.members.iter().map(|m| (m.id.clone(), m.name.clone())).collect();
    View { facts, known, names, app }
}

/// Whether the app of a room is known for sure only once every bridge is: an invitation, which
/// names no bridge, or what looks like the talk with a bridge's bot.
pub async fn must_wait(book: &Book, room: &Room, remembered: Option<&App>) -> bool {
    if book.named.is_none() || remembered.is_some() || gather::names_bridge(room).await {
        return false;
    }
    if matches!(room.state(), RoomState::Invited | RoomState::Knocked) {
        return true;
    }
    let members = gather::members(room).await;
    room.active_members_count() <= 2 && members.iter().any(|m| localpart(&m.id).contains("bot"))
}

/// Tells the account, the thread and who is in it, as far as they have changed.
pub async fn thread(live: &Live, book: &mut Book, view: &View) {
    let out = &live.desk.out;
    let slug = &view.app.slug;
    if book.accounts.insert(slug.clone()) {
        let account = AccountRecord {
            source: SourceId::new(slug),
            key: live.me.clone(),
            name: live.name.clone(),
            me_names: Vec::new(),
            known_by: "the Matrix account".to_owned(),
        };
        out.record(slug, &Record::Account(account)).await;
    }
    let judged = view.room();
    let mut thread = judged.thread();
    thread.origin = view.app.origin();
    let Ok(id) = matrix_sdk::ruma::OwnedRoomId::try_from(view.facts.room.as_str()) else { return };
    let told = book.told.entry(id).or_default();
    told.app = Some(view.app.clone());
    if told.thread.as_ref() != Some(&thread) {
        out.record(slug, &Record::Thread(Box::new(thread.clone()))).await;
        told.thread = Some(thread);
    }
    for mut person in judged.people() {
        if person.is_me && person.name == localpart(&live.me) {
            person.name.clone_from(&live.name);
        }
        if told.people.get(&person.key) != Some(&person) {
            out.record(slug, &Record::Participant(person.clone())).await;
            told.people.insert(Arc::clone(&person.key), person);
        }
    }
}

/// Somebody who is named but was not told: one who has left.
async fn stranger(live: &Live, book: &mut Book, room: &Room, view: &View, id: &Arc<str>) {
    let told = book.told.entry(room.room_id().to_owned()).or_default();
    if told.people.contains_key(id) || view.room().is_service(id) {
        return;
    }
    let person = view.room().person(id, &view.name(id), true);
    live.desk.out.record(&view.app.slug, &Record::Participant(person.clone())).await;
    told.people.insert(Arc::clone(id), person);
}

/// Somebody for whom an account speaks.
async fn spoken_for(
    live: &Live,
    book: &mut Book,
    room: &Room,
    view: &View,
    (account, speaker): (&str, Speaker),
) {
    let name = speaker.name.unwrap_or_else(|| view.name(account));
    // Of the same app as the account that speaks.
    let person = view.room().person(account, &name, false);
    let person = ParticipantRecord { key: speaker.key, is_me: false, left: false, ..person };
    let told = book.told.entry(room.room_id().to_owned()).or_default();
    if told.people.get(&person.key) != Some(&person) {
        live.desk.out.record(&view.app.slug, &Record::Participant(person.clone())).await;
        told.people.insert(Arc::clone(&person.key), person);
    }
}

/// The Megolm session of an event that could not be opened.
fn session(event: &TimelineEvent) -> Option<String> {
    match &event.kind {
        TimelineEventKind::UnableToDecrypt { utd_info, .. } => utd_info.session_id.clone(),
        _ => None,
    }
}

/// Tells events in their order; the id of the first that was a message.
pub async fn events(
    live: &Live,
    book: &mut Book,
    room: &Room,
    view: &View,
    events: &[TimelineEvent],
) -> Option<String> {
    let mut first = None;
    let mut run = (None, 0);
    for timeline in events {
        let Ok(event) = timeline.raw().deserialize_as_unchecked::<Value>() else {
            live.desk.out.oddity(place_of(room, None), "an event that is no JSON").await;
            continue;
        };
        let at = event::time(&event);
        run = if run.0 == at { (at, run.1 + 1) } else { (at, 0) };
        let sealed = timeline.kind.is_utd();
        if let Some(session) = session(timeline) {
            book.sealed.put(session, room.room_id(), timeline.raw());
        }
        let notify = rules::event(timeline);
        let message = one(live, book, room, view, (&event, sealed, run.1, notify)).await;
        first = first.or(message);
    }
    sealed::keep(live, book).await;
    first
}

fn place_of(room: &Room, event: Option<&str>) -> String {
    format!("{} {}", room.room_id(), event.unwrap_or("?"))
}

/// Tells one event; its id, if it was a message.
async fn one(
    live: &Live,
    book: &mut Book,
    room: &Room,
    view: &View,
    (event, sealed, order, notify): (&Value, bool, i64, Option<Notify>),
) -> Option<String> {
    let tellings = {
        let judged = view.room();
        let place = Place {
            thread: room.room_id().as_str().into(),
            me: &live.me,
            service: &|id| judged.is_service(id),
            bot: &|id| judged.is_bot(id),
            speaks: &|id| judged.speaks(id),
            name: &|id| view.name(id),
            notify,
        };
        event::tell(event, sealed, &place, order)
    };
    let mut message = None;
    for telling in tellings {
        match telling {
            Telling::Record(record) => {
                if let Record::Message(m) = &*record {
                    message.clone_from(&m.native_id);
                    if let (Some(id), Some(sender)) = (&m.native_id, &m.sender) {
                        let account = event["sender"].as_str().unwrap_or_default();
                        match speaker::of(&event["content"], account) {
                            Some(speaker) if speaker.key == *sender => {
                                // It is the account that takes a message back.
                                book.sent_by(id, &account.into());
                                spoken_for(live, book, room, view, (account, speaker)).await;
                            }
                            _ => {
                                book.sent_by(id, sender);
                                stranger(live, book, room, view, sender).await;
                            }
                        }
                    }
                }
                live.desk.out.record(&view.app.slug, &record).await;
            }
            Telling::Reaction { event, record } => {
                stranger(live, book, room, view, &record.reaction.by).await;
                reactions::keep(&live.memory, &event, &record).await;
                live.desk.out.record(&view.app.slug, &Record::Reaction(record)).await;
            }
            Telling::Redaction { target, by, at } => {
                taken_back(live, book, room, view, (target, by, at)).await;
            }
            Telling::Login { bot, state } => {
                if Arc::make_mut(&mut book.known).login(&bot, &state) {
                    book.stale = true;
                }
            }
            Telling::Oddity(why) => {
                let at = place_of(room, event["event_id"].as_str());
                live.desk.out.oddity(at, why).await;
            }
        }
    }
    message
}

/// A reaction or a message was taken back.
async fn taken_back(
    live: &Live,
    book: &mut Book,
    room: &Room,
    view: &View,
    (target, by, at): (String, String, Option<onebox::model::Timestamp>),
) {
    let thread = room.room_id().as_str();
    let record = match reactions::take(&live.memory, &target, thread, at).await {
        Some(reaction) => Record::Reaction(Box::new(reaction)),
        None => {
            let known = book.sender(&target).map(|sender| **sender == *by);
            let service = view.room().is_service(&by);
            let own = known.unwrap_or(!service);
            let how = if own { Deletion::Unsent } else { Deletion::TakenDown };
            // What was told in an earlier run the inbox remembers, and whose it was.
            let by = (known.is_none() && !service).then(|| by.into());
            let (thread, change) = (thread.into(), Change::Deleted(how));
            Record::Revision(Box::new(RevisionRecord { thread, message: target, change, at, by }))
        }
    };
    live.desk.out.record(&view.app.slug, &record).await;
}

/// Tells receipts; returns who is typing, if that was said.
pub async fn passing(
    live: &Live,
    book: &mut Book,
    room: &Room,
    view: &View,
    passing: &[Value],
) -> Option<Vec<String>> {
    let mut typing = None;
    for event in passing {
        match event["type"].as_str() {
            Some("m.receipt") => {
                for receipt in event::receipts(&event["content"], room.room_id().as_str()) {
                    if view.room().is_service(&receipt.by) {
                        continue;
                    }
                    stranger(live, book, room, view, &receipt.by).await;
                    live.desk.out.record(&view.app.slug, &Record::Receipt(receipt)).await;
                }
            }
            Some("m.typing") => {
                let ids = event["content"]["user_ids"].as_array();
                let ids = ids.into_iter().flatten().filter_map(Value::as_str);
                typing = Some(ids.filter(|id| *id != live.me).map(|id| view.name(id)).collect());
            }
            _ => {}
        }
    }
    typing
}
