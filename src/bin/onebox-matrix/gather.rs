//! Gathers what is known of a room from the SDK's store.

use matrix_sdk::deserialized_responses::RawAnySyncOrStrippedState;
use matrix_sdk::ruma::events::{MessageLikeEventType, StateEventType};
use matrix_sdk::{Room, RoomMemberships, RoomState};
use onebox::model::NotifyOf;
use serde_json::Value;

use super::bounds;
use super::bridge::Bridge;
use super::facts::{Facts, Levels, Member, Standing};

/// More people than this are not listed one by one.
const LISTED: usize = 500;

async fn state(room: &Room, kind: &str) -> Vec<Value> {
    let events = room.get_state_events(StateEventType::from(kind)).await.unwrap_or_default();
    events
        .into_iter()
        .filter_map(|event| match event {
            RawAnySyncOrStrippedState::Sync(raw) => raw.deserialize_as_unchecked().ok(),
            RawAnySyncOrStrippedState::Stripped(raw) => raw.deserialize_as_unchecked().ok(),
        })
        .collect()
}

async fn content(room: &Room, kind: &str) -> Option<Value> {
    let event = state(room, kind).await.into_iter().next()?;
    event["content"].is_object().then(|| event["content"].clone())
}

/// Whether a room names a bridge.
pub async fn names_bridge(room: &Room) -> bool {
    for kind in ["m.bridge", "uk.half-shot.bridge"] {
        if state(room, kind).await.iter().any(|event| Bridge::of(event).is_some()) {
            return true;
        }
    }
    false
}

/// Everything that is known of a room now.
pub async fn facts(room: &Room) -> Facts {
    let me = room.own_user_id().to_string();
    let old = state(room, "uk.half-shot.bridge").await;
    let bridges = Bridge::events(state(room, "m.bridge").await, old);
    let functional = content(room, "io.element.functional_members").await.unwrap_or_default();
    let service = functional["service_members"].as_array();
    let service = service.into_iter().flatten().filter_map(|m| m.as_str().map(str::to_owned));
    // Some servers count; those that do not say 0.
    let unread = room.unread_notification_counts().notification_count;
    Facts {
        room: room.room_id().to_string(),
        standing: standing(room),
        my_member: my_member(room).await,
        bridges,
        features: state(room, "com.beeper.room_features").await,
        service: service.collect(),
        tombstone: content(room, "m.room.tombstone").await,
        levels: levels(room).await,
        members: members(room).await,
        all_members: room.are_members_synced(),
        joined: room.joined_members_count(),
        active: room.active_members_count(),
        name: room.name().map(|n| bounds::cut(n.trim(), bounds::NAME)).filter(|n| !n.is_empty()),
        direct: room.is_direct().await.unwrap_or_default(),
        unread: (unread > 0).then(|| u32::try_from(unread).unwrap_or(u32::MAX)),
        marked: room.is_marked_unread(),
        notify: NotifyOf::All,
        me,
    }
}

fn standing(room: &Room) -> Standing {
    match room.state() {
        RoomState::Joined => Standing::Joined,
        RoomState::Invited => Standing::Invited,
        RoomState::Knocked => Standing::Knocked,
        RoomState::Left => Standing::Left,
        RoomState::Banned => Standing::Banned,
    }
}

async fn my_member(room: &Room) -> Value {
    let me = room.own_user_id();
    let event = room.get_state_event(StateEventType::RoomMember, me.as_str()).await;
    match event.ok().flatten() {
        Some(RawAnySyncOrStrippedState::Sync(raw)) => raw.deserialize_as_unchecked().ok(),
        Some(RawAnySyncOrStrippedState::Stripped(raw)) => raw.deserialize_as_unchecked().ok(),
        None => None,
    }
    .unwrap_or_default()
}

async fn levels(room: &Room) -> Levels {
    let me = room.own_user_id();
    let Ok(levels) = room.power_levels().await else { return Levels::default() };
    Levels {
        send: levels.user_can_send_message(me, MessageLikeEventType::RoomMessage),
        react: levels.user_can_send_message(me, MessageLikeEventType::Reaction),
        redact: levels.user_can_redact_own_event(me),
    }
}

/// Who is known to be or to have been there.
pub async fn members(room: &Room) -> Vec<Member> {
    use matrix_sdk::ruma::events::room::member::MembershipState;
    let known = room.members_no_sync(RoomMemberships::all()).await.unwrap_or_default();
    let mut members: Vec<Member> = known
        .iter()
        .take(LISTED)
        .map(|m| Member {
            id: m.user_id().to_string(),
            name: bounds::cut(m.name(), bounds::NAME),
            joined: *m.membership() == MembershipState::Join,
            active: matches!(m.membership(), MembershipState::Join | MembershipState::Invite),
        })
        .collect();
    for hero in room.heroes() {
        let id = hero.user_id.to_string();
        if !members.iter().any(|m| m.id == id) {
            let name = bounds::cut(&hero.display_name.unwrap_or_default(), bounds::NAME);
            members.push(Member { id, name, joined: true, active: true });
        }
    }
    members
}
