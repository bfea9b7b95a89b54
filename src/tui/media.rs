//! Files of messages: fetched and opened by key, and what stands on their message meanwhile.

use std::collections::HashMap;
use std::rc::Rc;

use super::app::{App, Effect};
use crate::inbox::{MediaState, MessageRow, Notice, Request, Severity};
use crate::model::{Bytes, Deletion, MessageId};

/// What is known of files that are fetched.
#[derive(Clone, Debug, Default)]
pub struct Media {
    /// By message and attachment.
    pub states: Rc<HashMap<(MessageId, usize), MediaState>>,
    /// The file that was opened last.
    last: Option<(MessageId, usize)>,
}

/// Opens the file of the message that is held, fetches it first where it is not here. Again: the
/// next one.
pub fn open(app: &mut App) -> Vec<Effect> {
    let held = app.transcript.focus.or_else(|| app.transcript.view.last().map(|s| s.message));
    let Some(m) = held.and_then(|id| app.transcript.message(id)) else { return Vec::new() };
    let (message, index) = match next(m, &app.media) {
        Some(index) if m.deletion == Deletion::None => (m.id, index),
        Some(_) | None => {
            let what = "There is no file in this message";
            app.tell(Notice::new(Severity::Info, what, "", "↑ and ↓ take hold of another one"));
            return Vec::new();
        }
    };
    app.media.last = Some((message, index));
    vec![Effect::Ask(Request::OpenFile { message, index })]
}

/// Which file is meant: the first that is not here yet and may be had, else the one after the last.
fn next(m: &MessageRow, media: &Media) -> Option<usize> {
    let is_file = |i: &usize| m.attachments.get(*i).is_some_and(|a| !is_link(&a.path));
    let all: Vec<usize> = (0..m.attachments.len()).filter(is_file).collect();
    let failed = |i| matches!(media.states.get(&(m.id, i)), Some(MediaState::Failed(_)));
    let lacking =
        |i: &&usize| m.attachments.get(**i).is_some_and(|a| a.remote && !a.present) && !failed(**i);
    let after = media.last.filter(|(id, _)| *id == m.id).map(|(_, i)| i);
    let following = after.and_then(|last| all.iter().find(|i| **i > last));
    all.iter().find(lacking).or(following).or(all.first()).copied()
}

fn is_link(path: &str) -> bool {
    path.starts_with("http://") || path.starts_with("https://")
}

/// How far a file is.
pub fn came(app: &mut App, message: MessageId, index: usize, state: MediaState) {
    let states = Rc::make_mut(&mut app.media.states);
    match state {
        MediaState::Here => drop(states.remove(&(message, index))),
        other => drop(states.insert((message, index), other)),
    }
}

/// What stands beside a file that is on its way or cannot be had.
pub fn words(state: &MediaState) -> String {
    match state {
        MediaState::Fetching { done: 0, total: None } => "fetching…".to_owned(),
        MediaState::Fetching { done: 0, total: Some(all) } => format!("fetching {}…", Bytes(*all)),
        MediaState::Fetching { done, total: Some(all) } if all >= done => {
            let part = done.saturating_mul(100) / (*all).max(1);
            format!("fetching… {part} % of {}", Bytes(*all))
        }
        MediaState::Fetching { done, .. } => format!("fetching… {}", Bytes(*done)),
        MediaState::Here => String::new(),
        MediaState::Failed(why) => format!("not fetched: {why}"),
    }
}
