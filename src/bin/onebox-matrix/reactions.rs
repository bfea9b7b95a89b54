//! Which event was which reaction: Matrix takes one back by its own id, which no longer tells what
//! it was.

use onebox::model::{Reaction, ReactionRecord, Timestamp};
use serde::{Deserialize, Serialize};

use super::memory::Memory;

#[derive(Serialize, Deserialize)]
struct Kept {
    message: String,
    emoji: String,
    by: String,
}

fn of_event(event: &str) -> String {
    format!("reaction.{event}")
}

fn of_message(message: &str, by: &str, emoji: &str) -> String {
    format!("reacted.{message} {by} {emoji}")
}

/// Remembers a reaction.
pub async fn keep(memory: &Memory, event: &str, record: &ReactionRecord) {
    let Reaction { emoji, by, .. } = &record.reaction;
    let (message, emoji, by) = (record.message.clone(), emoji.clone(), by.to_string());
    memory.put(&of_message(&message, &by, &emoji), &event).await;
    memory.put(&of_event(event), &Kept { message, emoji, by }).await;
}

/// The reaction that an event was. What the event was stays known: whoever did not hear that it was
/// taken back is told again.
pub async fn take(
    memory: &Memory,
    event: &str,
    thread: &str,
    at: Option<Timestamp>,
) -> Option<ReactionRecord> {
    let kept: Kept = memory.get(&of_event(event)).await?;
    // It may have been made anew since.
    if find(memory, &kept.message, &kept.by, &kept.emoji).await.as_deref() == Some(event) {
        memory.forget(&of_message(&kept.message, &kept.by, &kept.emoji)).await;
    }
    Some(ReactionRecord {
        thread: thread.into(),
        message: kept.message,
        reaction: Reaction { emoji: kept.emoji, by: kept.by.as_str().into(), at },
        removed: true,
    })
}

/// The event of a reaction that stands.
pub async fn find(memory: &Memory, message: &str, by: &str, emoji: &str) -> Option<String> {
    memory.get(&of_message(message, by, emoji)).await
}
