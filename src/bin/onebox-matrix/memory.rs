//! What is remembered over a restart, in the SDK's own store, locked with its key.

use matrix_sdk::Client;
use matrix_sdk::ruma::RoomId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::apps::App;
use super::unread::Unread;

/// A place in a room where messages are missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// What fetches them.
    pub token: String,
    /// The id of the message right after; `None`: the oldest that was told.
    pub before: Option<String>,
    /// The newest event that was told before it: where it ends.
    pub edge: Option<String>,
}

/// What is remembered of a room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomMemory {
    /// The slug and name of the app that it was told under.
    pub app: Option<(String, String)>,
    /// The newest event that was told.
    pub newest: Option<String>,
    /// Where messages are missing.
    pub gaps: Vec<Gap>,
    /// What I have not read.
    #[serde(default)]
    pub unread: Unread,
}

impl RoomMemory {
    /// The app that it was told under.
    pub fn app(&self) -> Option<App> {
        self.app.clone().map(|(slug, name)| App { slug, name })
    }
}

/// So many orders are remembered as done. onebox gives an order again only until it has heard of
/// its end, so a few would do; this many are some weeks of writing all day, and a few megabytes.
const DONE: u64 = 20_000;
/// How many orders were done.
const COUNT: &str = "done-count";

/// The memory.
pub struct Memory {
    client: Client,
    /// Held while an order is remembered as done, by one lane at a time.
    done: Mutex<()>,
    most: u64,
}

impl Memory {
    /// In this client's store.
    pub fn new(client: Client) -> Self {
        Self { client, done: Mutex::default(), most: DONE }
    }

    /// Something by its name. What cannot be read was never there.
    pub async fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let key = format!("onebox.{name}");
        let bytes =
            self.client.state_store().get_custom_value(key.as_bytes()).await.ok().flatten()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Remembers.
    pub async fn put<T: Serialize>(&self, name: &str, value: &T) {
        let key = format!("onebox.{name}");
        if let Ok(bytes) = serde_json::to_vec(value) {
            self.client.state_store().set_custom_value_no_read(key.as_bytes(), bytes).await.ok();
        }
    }

    /// Forgets.
    pub async fn forget(&self, name: &str) {
        let key = format!("onebox.{name}");
        self.client.state_store().remove_custom_value(key.as_bytes()).await.ok();
    }

    /// The id that an order had made; `None`: it was not done.
    pub async fn done(&self, key: &str) -> Option<Option<String>> {
        self.get(&format!("done.{key}")).await
    }

    /// Remembers that an order was done, with the id that it made. The oldest is forgotten once
    /// there are too many: their keys lie in a ring.
    pub async fn keep_done(&self, key: &str, id: &Option<String>) {
        let _one = self.done.lock().await;
        if self.done(key).await.is_some() {
            return;
        }
        // In this order: a death in between leaves one order remembered for ever, and forgets none.
        self.put(&format!("done.{key}"), id).await;
        let count: u64 = self.get(COUNT).await.unwrap_or_default();
        self.put(COUNT, &(count + 1)).await;
        let place = format!("done-at.{}", count % self.most);
        if let Some(oldest) = self.get::<String>(&place).await {
            self.forget(&format!("done.{oldest}")).await;
        }
        self.put(&place, &key).await;
    }

    /// What is remembered of a room.
    pub async fn room(&self, room: &RoomId) -> RoomMemory {
        self.get(&format!("room.{room}")).await.unwrap_or_default()
    }

    /// Remembers a room.
    pub async fn keep_room(&self, room: &RoomId, memory: &RoomMemory) {
        self.put(&format!("room.{room}"), memory).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn memory(most: u64) -> Memory {
        let client = Client::builder().homeserver_url("http://127.0.0.1:1").build().await;
        Memory { most, ..Memory::new(client.expect("a client with a store in memory")) }
    }

    #[tokio::test]
    async fn the_newest_done_orders_are_remembered() {
        let memory = memory(3).await;
        let id = |n: u64| Some(format!("$event{n}"));
        for n in 0..5 {
            assert_eq!(memory.done(&format!("k{n}")).await, None);
            memory.keep_done(&format!("k{n}"), &id(n)).await;
            memory.keep_done(&format!("k{n}"), &None).await;
            assert_eq!(memory.done(&format!("k{n}")).await, Some(id(n)), "the first word holds");
        }
        let mut known = Vec::new();
        for n in 0..5 {
            known.extend(memory.done(&format!("k{n}")).await.map(|_| n));
        }
        assert_eq!(known, [2, 3, 4]);
        memory.keep_done("without an id", &None).await;
        assert_eq!(memory.done("without an id").await, Some(None));
    }
}
