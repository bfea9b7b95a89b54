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
    /// The file that was opened or saved last, and which of both.
    last: Option<(MessageId, usize, Deed)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Open,
    Save,
}

/// Opens the file of the message that is held, fetches it first where it is not here. Again: the
/// next one.
pub fn open(app: &mut App) -> Vec<Effect> {
    let Some((message, index)) = take(app, Deed::Open) else { return Vec::new() };
    vec![Effect::Ask(Request::OpenFile { message, index })]
}

/// Saves the file of the message that is held. Again: the next one.
pub fn save(app: &mut App) -> Vec<Effect> {
    let Some((message, index)) = take(app, Deed::Save) else { return Vec::new() };
    vec![Effect::Ask(Request::SaveFile { message, index })]
}

/// The file that is meant.
fn take(app: &mut App, deed: Deed) -> Option<(MessageId, usize)> {
    let held = app.transcript.focus.or_else(|| app.transcript.view.last().map(|s| s.message));
    let m = held.and_then(|id| app.transcript.message(id))?;
    let meant = match next(m, &app.media, deed) {
        Some(index) if m.deletion == Deletion::None => (m.id, index),
        Some(_) | None => {
            let what = "There is no file in this message";
            app.tell(Notice::new(Severity::Info, what, "", "↑ and ↓ take hold of another one"));
            return None;
        }
    };
    app.media.last = Some((meant.0, meant.1, deed));
    Some(meant)
}

/// Which file is meant: the one to which the other was just done; to be opened, the first that is not
/// here yet and may be had; else the one after the last.
fn next(m: &MessageRow, media: &Media, deed: Deed) -> Option<usize> {
    let is_file = |i: &usize| m.attachments.get(*i).is_some_and(|a| !is_link(&a.path));
    let all: Vec<usize> = (0..m.attachments.len()).filter(is_file).collect();
    let failed = |i| matches!(media.states.get(&(m.id, i)), Some(MediaState::Failed(_)));
    let lacking =
        |i: &&usize| m.attachments.get(**i).is_some_and(|a| a.remote && !a.present) && !failed(**i);
    let last = media.last.filter(|(id, ..)| *id == m.id);
    if let Some((_, index, _)) = last.filter(|(_, i, done)| *done != deed && is_file(i)) {
        return Some(index);
    }
    let after = last.map(|(_, i, _)| i);
    let following = after.and_then(|last| all.iter().find(|i| **i > last));
    let lacking = all.iter().find(lacking).filter(|_| deed == Deed::Open);
    lacking.or(following).or(all.first()).copied()
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
