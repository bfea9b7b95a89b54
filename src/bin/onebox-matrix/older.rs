//! Older messages: fetched with a gap's token, told, and the gap that is left.

use std::sync::Arc;

use matrix_sdk::Room;
use matrix_sdk::deserialized_responses::TimelineEvent;
use matrix_sdk::room::MessagesOptions;
use matrix_sdk::ruma::UInt;

use super::apps::App;
use super::live::Live;
use super::memory::{Gap, RoomMemory};
use super::outcome;
use super::tell;

/// No answer is larger, whatever is asked for.
const LARGEST: u32 = 200;
/// So often a page without a single message is followed by the next.
const ROUNDS: usize = 10;

/// A page of older events, oldest first.
struct Page {
    events: Vec<TimelineEvent>,
    /// What fetches the page before it; `None`: there is none.
    next: Option<String>,
}

async fn page(room: &Room, gap: &Gap, limit: u32) -> Result<Page, matrix_sdk::Error> {
    let mut options = MessagesOptions::backward().from(gap.token.as_str());
    options.limit = UInt::from(limit.clamp(1, LARGEST));
    let answer = room.messages(options).await?;
    let mut events = answer.chunk;
    let mut next = answer.end.filter(|_| !events.is_empty());
    let is_edge = |e: &TimelineEvent| {
        gap.edge.as_deref().is_some_and(|edge| e.event_id().is_some_and(|id| id == edge))
    };
    if let Some(at) = events.iter().position(is_edge) {
        events.truncate(at);
        next = None;
    }
    events.reverse();
    Ok(Page { events, next })
}

/// A room that was told, what is remembered of it, and the app that it was told under.
async fn known(live: &Live, thread: &str) -> Option<(Room, RoomMemory, App)> {
    let room = live.room(thread)?;
    // The sync remembers rooms too: both do it with the book in hand.
    let book = live.book.lock().await;
    let memory = live.memory.room(room.room_id()).await;
    let app = live.app_of(&book, room.room_id()).await?;
    drop(book);
    Some((room, memory, app))
}

/// Fetches, tells, and tells what gap is left.
pub async fn fetch(live: Arc<Live>, thread: Arc<str>, token: Option<String>, limit: u32) {
    let Some((room, memory, app)) = known(&live, &thread).await else { return };
    let gap = match &token {
        Some(token) => memory
            .gaps
            .iter()
            .find(|g| g.token == *token)
            .cloned()
            .or_else(|| Some(Gap { token: token.clone(), before: None, edge: None })),
        None => memory.gaps.iter().find(|g| g.before.is_none()).cloned(),
    };
    let Some(mut gap) = gap else {
        live.desk.out.gap(&app.slug, &thread, None, None).await;
        return;
    };
    for _ in 0..ROUNDS {
        let page = match page(&room, &gap, limit).await {
            Ok(page) => page,
            Err(e) => {
                live.desk.out.log(format!("Older messages: {}", outcome::sentence(&e))).await;
                live.desk.out.gap(&app.slug, &thread, gap.before, Some(gap.token)).await;
                return;
            }
        };
        let first = {
            let mut book = live.book.lock().await;
            let view = tell::view(&mut book, &room, Some(app.clone())).await;
            tell::thread(&live, &mut book, &view).await;
            tell::events(&live, &mut book, &room, &view, &page.events).await
        };
        let found = first.is_some();
        let done = page.next.is_none();
        let left = close(&live, &room, &gap, first, page.next).await;
        if found || done {
            let (before, token) = left.map_or((None, None), |g| (g.before, Some(g.token)));
            if gap.before.is_some() {
                // The place has moved, or is none any more.
                live.desk.out.gap(&app.slug, &thread, gap.before.clone(), None).await;
            }
            if token.is_some() || gap.before.is_none() {
                live.desk.out.gap(&app.slug, &thread, before, token).await;
            }
            return;
        }
        let Some(left) = left else { return };
        gap = left;
    }
    live.desk.out.gap(&app.slug, &thread, gap.before, Some(gap.token)).await;
}

/// Remembers what is left of a gap.
async fn close(
    live: &Live,
    room: &Room,
    gap: &Gap,
    first: Option<String>,
    next: Option<String>,
) -> Option<Gap> {
    let _book = live.book.lock().await;
    let mut memory = live.memory.room(room.room_id()).await;
    memory.gaps.retain(|g| g.token != gap.token);
    let left = next.map(|token| {
        let before = gap.before.clone().map(|old| first.unwrap_or(old));
        Gap { token, before, edge: gap.edge.clone() }
    });
    memory.gaps.extend(left.clone());
    live.memory.keep_room(room.room_id(), &memory).await;
    left
}
