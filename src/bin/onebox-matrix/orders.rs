//! Carries out orders.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use matrix_sdk::attachment::AttachmentConfig;
use matrix_sdk::room::Receipts;
use matrix_sdk::room::reply::{EnforceThread, Reply};
use matrix_sdk::ruma::events::room::message::{AddMentions, TextMessageEventContent};
use matrix_sdk::ruma::{
    OwnedEventId, OwnedRoomId, OwnedRoomOrAliasId, OwnedServerName, OwnedTransactionId,
};
use matrix_sdk::{Error, Room, RoomMemberships, RoomState};
use onebox::sources::live::{Order, React, SendFile};
use serde_json::{Value, json};

use super::lane;
use super::live::Live;
use super::media;
use super::older;
use super::outcome::Ended;
use super::reactions;
use super::sync;

/// So many servers are asked for a room that is to be joined.
const SERVERS: usize = 5;
/// An order that comes while offline may be tried again after this.
const OFFLINE: Duration = Duration::from_secs(5);

/// Takes an order of a signed-in account.
pub async fn take(live: &Arc<Live>, order: Order) {
    match order {
        Order::Send { ref thread, .. }
        | Order::Edit { ref thread, .. }
        | Order::Delete { ref thread, .. }
        | Order::React(React { ref thread, .. })
        | Order::Accept { ref thread, .. } => {
            let thread = Arc::clone(thread);
            lane::put(live, thread, order).await;
        }
        Order::FetchOlder { thread, token, limit } => {
            tokio::spawn(older::fetch(Arc::clone(live), thread, token, limit));
        }
        Order::FetchMedia { key, handle, limit } => {
            tokio::spawn(media::fetch(Arc::clone(live), key, handle, limit));
        }
        Order::Watch { thread } => watch(live, thread.as_deref()),
        Order::MarkRead { thread, message, quietly } => {
            tokio::spawn(mark_read(Arc::clone(live), thread, message, quietly));
        }
        Order::Verify => live.verify.notify_one(),
        Order::Typing { thread, on } => {
            if let Some(room) = live.room(&thread) {
                tokio::spawn(async move { room.typing_notice(on).await.ok() });
            }
        }
        _ => {}
    }
}

fn watch(live: &Arc<Live>, thread: Option<&str>) {
    let room = thread.and_then(|t| OwnedRoomId::try_from(t).ok());
    if let Some(id) = &room
        && live.client.get_room(id).is_some_and(|room| !room.are_members_synced())
    {
        let (live, id) = (Arc::clone(live), id.clone());
        tokio::spawn(async move {
            sync::members_of(&live, &id).await;
            live.settle(&mut *live.book.lock().await).await;
        });
    }
    live.watched.send_replace(room);
}

async fn mark_read(live: Arc<Live>, thread: Arc<str>, message: String, quietly: bool) {
    let (Some(room), Ok(event)) = (live.room(&thread), OwnedEventId::try_from(message)) else {
        return;
    };
    let receipts = Receipts::new().fully_read_marker(event.clone());
    let receipts = if quietly {
        receipts.private_read_receipt(event)
    } else {
        receipts.public_read_receipt(event)
    };
    if let Err(e) = room.send_multiple_receipts(receipts).await {
        live.desk.out.log(format!("Marking as read: {}", super::outcome::sentence(&e))).await;
    }
}

/// Carries out an order that is answered by an outcome. One that was carried out before is not
/// carried out again.
pub async fn carry_out(live: &Live, key: &str, order: &Order) -> Ended {
    if let Some(id) = live.memory.done(key).await {
        return Ended::Done(id);
    }
    if !*live.desk.online.borrow() {
        return Ended::Later(OFFLINE, "Offline.".to_owned());
    }
    let ended = attempt(live, key, order).await.unwrap_or_else(|ended| ended);
    if let Ended::Done(id) = &ended {
        live.memory.keep_done(key, id).await;
    }
    ended
}

fn never(why: &str) -> Ended {
    Ended::Never(why.to_owned())
}

fn event(id: &str) -> Result<OwnedEventId, Ended> {
    OwnedEventId::try_from(id).map_err(|_| never("That message is not one of Matrix."))
}

fn failed(e: impl Into<Error>) -> Ended {
    Ended::from(&e.into())
}

async fn attempt(live: &Live, key: &str, order: &Order) -> Result<Ended, Ended> {
    let room = |thread: &str| live.room(thread).ok_or_else(|| never("There is no such thread."));
    match order {
        Order::Send { thread, text, reply_to, file, .. } => {
            let room = room(thread)?;
            let reply = reply_to.as_deref().map(event).transpose()?;
            match file {
                Some(file) => send_file(&room, key, text, reply, file).await,
                None => send(&room, key, "m.room.message", text_content(text, reply)).await,
            }
        }
        Order::Edit { thread, message, text, .. } => {
            let new = json!({"msgtype": "m.text", "body": text, "m.mentions": {}});
            let content = json!({
                "msgtype": "m.text", "body": format!("* {text}"), "m.mentions": {},
                "m.new_content": new,
                "m.relates_to": {"rel_type": "m.replace", "event_id": event(message)?},
            });
            send(&room(thread)?, key, "m.room.message", content).await
        }
        Order::Delete { thread, message, .. } => {
            redact(&room(thread)?, key, &event(message)?).await
        }
        Order::React(react) => react_to(live, &room(&react.thread)?, key, react).await,
        Order::Accept { thread, .. } => accept(live, &room(thread)?).await,
        _ => Err(never("That order has no outcome.")),
    }
}

/// Accepts an invitation; of a room that has a successor, joins that.
async fn accept(live: &Live, room: &Room) -> Result<Ended, Ended> {
    let successor = room.successor_room().filter(|_| room.state() != RoomState::Invited);
    match successor {
        // A room's id names no server: those of whoever is here may know it.
        Some(next) => {
            let via = servers(room).await;
            let next = OwnedRoomOrAliasId::from(next.room_id);
            live.client.join_room_by_id_or_alias(&next, &via).await.map_err(failed)?;
        }
        None => room.join().await.map_err(failed)?,
    }
    Ok(Ended::Done(None))
}

/// The servers of those who are in a room, the commonest first.
async fn servers(room: &Room) -> Vec<OwnedServerName> {
    let members = room.members_no_sync(RoomMemberships::ACTIVE).await.unwrap_or_default();
    let mut counts: BTreeMap<OwnedServerName, usize> = BTreeMap::new();
    for member in &members {
        *counts.entry(member.user_id().server_name().to_owned()).or_default() += 1;
    }
    counts.entry(room.own_user_id().server_name().to_owned()).or_default();
    let mut servers: Vec<_> = counts.into_iter().collect();
    servers.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    servers.into_iter().take(SERVERS).map(|(server, _)| server).collect()
}

fn text_content(text: &str, reply: Option<OwnedEventId>) -> Value {
    let mut content = json!({"msgtype": "m.text", "body": text, "m.mentions": {}});
    if let Some(to) = reply {
        content["m.relates_to"] = json!({"m.in_reply_to": {"event_id": to}});
    }
    content
}

/// Sends with the order's key as transaction id: the server takes the same one once.
async fn send(room: &Room, key: &str, kind: &str, content: Value) -> Result<Ended, Ended> {
    let transaction = OwnedTransactionId::from(key);
    let sent =
        room.send_raw(kind, content).with_transaction_id(&transaction).await.map_err(failed)?;
    Ok(Ended::Done(Some(sent.response.event_id.to_string())))
}

async fn redact(room: &Room, key: &str, target: &OwnedEventId) -> Result<Ended, Ended> {
    let transaction = OwnedTransactionId::from(key);
    let sent = room.redact(target, None, Some(transaction)).await;
    Ok(Ended::Done(Some(sent.map_err(failed)?.event_id.to_string())))
}

async fn send_file(
    room: &Room,
    key: &str,
    text: &str,
    reply: Option<OwnedEventId>,
    file: &SendFile,
) -> Result<Ended, Ended> {
    let data = tokio::fs::read(&file.path)
        .await
        .map_err(|e| Ended::Never(format!("The file cannot be read: {e}.")))?;
    let caption = Some(text).filter(|t| !t.is_empty()).map(TextMessageEventContent::plain);
    let reply = reply.map(|event_id| Reply {
        event_id,
        enforce_thread: EnforceThread::MaybeThreaded,
        add_mentions: AddMentions::No,
    });
    let config = AttachmentConfig::new()
        .txn_id(OwnedTransactionId::from(key))
        .info(media::info(file.kind, data.len()))
        .caption(caption)
        .reply(reply);
    let kind = media::mime(file);
    let sent =
        room.send_attachment(file.name.clone(), &kind, data, config).await.map_err(failed)?;
    Ok(Ended::Done(Some(sent.event_id.to_string())))
}

async fn react_to(live: &Live, room: &Room, key: &str, react: &React) -> Result<Ended, Ended> {
    let target = event(&react.message)?;
    let standing = reactions::find(&live.memory, &react.message, &live.me, &react.emoji).await;
    match (react.on, standing) {
        (true, Some(id)) => Ok(Ended::Done(Some(id))),
        (true, None) => {
            let related =
                json!({"rel_type": "m.annotation", "event_id": target, "key": react.emoji});
            send(room, key, "m.reaction", json!({"m.relates_to": related})).await
        }
        (false, Some(id)) => redact(room, key, &event(&id)?).await,
        (false, None) => Err(never("That reaction is not known here.")),
    }
}
