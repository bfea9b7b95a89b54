//! An account that is signed in: its client, and what was told of it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use matrix_sdk::deserialized_responses::TimelineEvent;
use matrix_sdk::ruma::{OwnedRoomId, RoomId};
use matrix_sdk::{Client, Room};
use onebox::model::{ParticipantRecord, ThreadRecord};
use onebox::sources::live::{LinkState, News};
use serde_json::Value;
use tokio::sync::{Mutex, Notify, mpsc, watch};

use super::apps::App;
use super::bridge::Known;
use super::desk::Desk;
use super::lane::Lanes;
use super::memory::Memory;
use super::place::Places;
use super::rules::Rules;
use super::sealed::Sealed;

/// So many senders are remembered, to tell who took a message back.
const SENDERS: usize = 50_000;

/// What was told of a room.
#[derive(Default)]
pub struct Told {
    /// The thread, as it was told last.
    pub thread: Option<ThreadRecord>,
    /// Who was told.
    pub people: BTreeMap<Arc<str>, ParticipantRecord>,
    /// The app that it was told under.
    pub app: Option<App>,
}

/// What one answer of the server held of a room.
pub struct Part {
    /// The room.
    pub room: OwnedRoomId,
    /// New in its timeline, oldest first.
    pub events: Vec<TimelineEvent>,
    /// Older ones are missing before them.
    pub limited: bool,
    /// What fetches those.
    pub token: Option<String>,
    /// Receipts and typing.
    pub passing: Vec<Value>,
}

/// What was told, and what is needed to tell more.
#[derive(Default)]
pub struct Book {
    /// What the rooms taught.
    pub known: Arc<Known>,
    /// What was learnt since everything was judged last.
    pub stale: bool,
    /// How many messages of a room I have not read.
    pub unread: HashMap<OwnedRoomId, Option<u32>>,
    /// Rooms that were told.
    pub told: HashMap<OwnedRoomId, Told>,
    /// Apps whose account was told.
    pub accounts: HashSet<String>,
    /// Parts that wait until every bridge is known.
    pub waiting: Vec<Part>,
    /// Every room has come, or what is new of them since onebox was there last.
    pub complete: bool,
    /// Rooms that the server has named since it began with nothing, until all have come; `None`:
    /// it went on from where it was, or all have come.
    pub named: Option<HashSet<OwnedRoomId>>,
    /// Rooms that are not in `told` may have been told in an earlier run.
    pub resumed: bool,
    /// Where to go on from after a restart.
    pub places: Places,
    /// Rooms whose members were asked for.
    pub asked: BTreeSet<OwnedRoomId>,
    /// Messages that wait for their keys.
    pub sealed: Sealed,
    /// My rules of what calls me.
    pub rules: Option<Rules>,
    senders: HashMap<String, Arc<str>>,
}

impl Book {
    /// Remembers who sent a message.
    pub fn sent_by(&mut self, message: &str, sender: &Arc<str>) {
        if self.senders.len() >= SENDERS {
            self.senders.clear();
        }
        self.senders.insert(message.to_owned(), Arc::clone(sender));
    }

    /// Every room comes anew.
    pub fn anew(&mut self) {
        (self.complete, self.named) = (false, Some(HashSet::new()));
        self.places.anew();
    }

    /// Who sent a message, if it was told in this run.
    pub fn sender(&self, message: &str) -> Option<&Arc<str>> {
        self.senders.get(message)
    }
}

/// A signed-in account.
pub struct Live {
    /// What every part shares.
    pub desk: Arc<Desk>,
    /// The client.
    pub client: Client,
    /// My Matrix id.
    pub me: String,
    /// My name.
    pub name: String,
    /// What is remembered.
    pub memory: Memory,
    /// What was told.
    pub book: Mutex<Book>,
    /// The thread that the person looks at.
    pub watched: watch::Sender<Option<OwnedRoomId>>,
    /// Every room has come.
    pub complete: watch::Sender<bool>,
    /// Some room is encrypted.
    pub encrypted: watch::Sender<bool>,
    /// The person wants to see to the keys.
    pub verify: Notify,
    /// One lane of orders for each thread.
    pub lanes: Mutex<Lanes>,
    /// How many more profiles may be asked for.
    pub questions: AtomicU32,
    /// Rooms whose members are wanted.
    pub members: mpsc::UnboundedSender<OwnedRoomId>,
}

impl Live {
    /// Tells how the link stands.
    pub async fn link(&self, state: LinkState, why: Option<String>) {
        self.desk.contacted(self.client.homeserver().host_str());
        let hosts = self.desk.hosts();
        let me = Some(self.me.clone());
        self.desk.out.tell(News::Link { state, why, me, hosts }).await;
    }

    /// The app that a room was told under, in this run or an earlier one.
    pub async fn app_of(&self, book: &Book, room: &RoomId) -> Option<App> {
        match book.told.get(room).and_then(|t| t.app.clone()) {
            Some(app) => Some(app),
            None => self.memory.room(room).await.app(),
        }
    }

    /// All that was told beside the stream until now stands before the place.
    pub async fn settle(&self, book: &mut Book) {
        let known = Arc::clone(&book.known);
        book.places.settle(&self.memory, &known, &self.desk.out).await;
    }

    /// A room by its thread's key.
    pub fn room(&self, thread: &str) -> Option<Room> {
        self.client.get_room(&OwnedRoomId::try_from(thread).ok()?)
    }
}
