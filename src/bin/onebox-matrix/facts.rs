//! What is known of one room when it is judged: JSON as it came, and what the SDK worked out of it.

use onebox::model::NotifyOf;
use serde_json::Value;

/// How I stand in a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// In it.
    #[default]
    Joined,
    /// Invited.
    Invited,
    /// I asked to be let in.
    Knocked,
    /// Out of it.
    Left,
    /// Banned from it.
    Banned,
}

/// Somebody in a room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// The Matrix id.
    pub id: String,
    /// The name as they wear it in this room.
    pub name: String,
    /// In the room now.
    pub joined: bool,
    /// In the room or invited to it.
    pub active: bool,
}

/// What the power levels allow me.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    /// Send a message.
    pub send: bool,
    /// React.
    pub react: bool,
    /// Take a message of mine back.
    pub redact: bool,
}

impl Default for Levels {
    fn default() -> Self {
        Self { send: true, react: true, redact: true }
    }
}

/// All that is known of a room.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The room's id.
    pub room: String,
    /// My Matrix id.
    pub me: String,
    /// How I stand.
    pub standing: Standing,
    /// My own membership event.
    pub my_member: Value,
    /// Every `m.bridge` event that says anything, else every `uk.half-shot.bridge` event.
    pub bridges: Vec<Value>,
    /// Every `com.beeper.room_features` event.
    pub features: Vec<Value>,
    /// `service_members` of `io.element.functional_members`.
    pub service: Vec<String>,
    /// The content of the tombstone.
    pub tombstone: Option<Value>,
    /// What I may do.
    pub levels: Levels,
    /// Who is known to be or to have been there.
    pub members: Vec<Member>,
    /// The members are all known.
    pub all_members: bool,
    /// How many have joined, as the server says.
    pub joined: u64,
    /// How many have joined or are invited, as the server says.
    pub active: u64,
    /// The room's own name.
    pub name: Option<String>,
    /// I have marked it as a direct chat.
    pub direct: bool,
    /// Unread messages, where they are known.
    pub unread: Option<u32>,
    /// I have marked it as unread.
    pub marked: bool,
    /// What of it calls me, by my rules on the server.
    pub notify: NotifyOf,
}

impl Facts {
    /// A member by id.
    pub fn member(&self, id: &str) -> Option<&Member> {
        self.members.iter().find(|m| m.id == id)
    }

    /// Known to have gone, or never to have come.
    pub fn is_gone(&self, id: &str) -> bool {
        self.member(id).map_or(self.all_members, |m| !m.joined)
    }
}
