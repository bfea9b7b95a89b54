//! What is remembered over a restart, in the SDK's own store, locked with its key.

use matrix_sdk::Client;
use matrix_sdk::ruma::RoomId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::apps::App;

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
}

impl RoomMemory {
    /// The app that it was told under.
    pub fn app(&self) -> Option<App> {
        self.app.clone().map(|(slug, name)| App { slug, name })
    }
}

/// The memory.
#[derive(Clone)]
pub struct Memory(Client);

impl Memory {
    /// In this client's store.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// Something by its name. What cannot be read was never there.
    pub async fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let key = format!("onebox.{name}");
        let bytes = self.0.state_store().get_custom_value(key.as_bytes()).await.ok().flatten()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Remembers.
    pub async fn put<T: Serialize>(&self, name: &str, value: &T) {
        let key = format!("onebox.{name}");
        if let Ok(bytes) = serde_json::to_vec(value) {
            self.0.state_store().set_custom_value_no_read(key.as_bytes(), bytes).await.ok();
        }
    }

    /// Forgets.
    pub async fn forget(&self, name: &str) {
        let key = format!("onebox.{name}");
        self.0.state_store().remove_custom_value(key.as_bytes()).await.ok();
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
