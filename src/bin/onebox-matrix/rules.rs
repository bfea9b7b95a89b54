//! My rules on the server: what of a room calls me, and whether one event does. They are read and
//! never written: what is muted in onebox is muted in onebox.

use matrix_sdk::deserialized_responses::TimelineEvent;
use matrix_sdk::notification_settings::{
    IsEncrypted, IsOneToOne, NotificationSettings, RoomNotificationMode,
};
use matrix_sdk::ruma::push::{Action, PredefinedOverrideRuleId, RuleKind};
use matrix_sdk::{Client, Room, RoomState};
use onebox::model::{Notify, NotifyOf};
use tokio::sync::broadcast::{Receiver, error::TryRecvError};

/// The rules, kept up as the server tells them.
pub struct Rules {
    settings: NotificationSettings,
    changes: Receiver<()>,
}

impl Rules {
    /// Those of an account.
    pub async fn of(client: &Client) -> Self {
        let settings = client.notification_settings().await;
        let changes = settings.subscribe_to_changes();
        Self { settings, changes }
    }

    /// Whether they have changed since this was asked last.
    pub fn have_changed(&mut self) -> bool {
        let mut changed = false;
        loop {
            match self.changes.try_recv() {
                Ok(()) | Err(TryRecvError::Lagged(_)) => changed = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return changed,
            }
        }
    }

    /// What of a room calls me.
    pub async fn room(&self, room: &Room) -> NotifyOf {
        if room.state() != RoomState::Joined {
            return NotifyOf::All;
        }
        let master = PredefinedOverrideRuleId::Master;
        let off = self.settings.is_push_rule_enabled(RuleKind::Override, master.as_str()).await;
        if off.unwrap_or_default() {
            return NotifyOf::Nothing;
        }
        let own = self.settings.get_user_defined_room_notification_mode(room.room_id()).await;
        let mode = match own {
            Some(mode) => mode,
            None => {
                let encrypted = IsEncrypted::from(room.encryption_state().is_encrypted());
                let two = IsOneToOne::from(room.active_members_count() == 2);
                self.settings.get_default_room_notification_mode(encrypted, two).await
            }
        };
        match mode {
            RoomNotificationMode::AllMessages => NotifyOf::All,
            RoomNotificationMode::MentionsAndKeywordsOnly => NotifyOf::Mentions,
            RoomNotificationMode::Mute => NotifyOf::Nothing,
        }
    }
}

/// Whether an event calls me, where that was worked out.
pub fn event(event: &TimelineEvent) -> Option<Notify> {
    event.push_actions().map(of_actions)
}

fn of_actions(actions: &[Action]) -> Notify {
    if !actions.iter().any(Action::should_notify) {
        Notify::Quiet
    } else if actions.iter().any(Action::is_highlight) {
        Notify::Mention
    } else {
        Notify::Call
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_loud_or_not() {
        let actions = |json: serde_json::Value| -> Vec<Action> {
            serde_json::from_value(json).expect("actions")
        };
        for (json, expected) in [
            (serde_json::json!([]), Notify::Quiet),
            (serde_json::json!(["dont_notify"]), Notify::Quiet),
            (serde_json::json!(["notify"]), Notify::Call),
            (serde_json::json!(["notify", {"set_tweak": "sound", "value": "ping"}]), Notify::Call),
            (serde_json::json!(["notify", {"set_tweak": "highlight"}]), Notify::Mention),
            (
                serde_json::json!(["notify", {"set_tweak": "highlight", "value": false}]),
                Notify::Call,
            ),
            (serde_json::json!([{"set_tweak": "highlight"}]), Notify::Quiet),
            (serde_json::json!(["org.example.later"]), Notify::Quiet),
        ] {
            assert_eq!(of_actions(&actions(json.clone())), expected, "{json}");
        }
    }
}
