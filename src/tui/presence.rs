//! Whether somebody is there: what they have read and that they write is told to the service, at the
//! moment at which that is so. There is one deadline, and only while something waits for it.

use super::app::{App, Effect, Focus};
use super::live;
use crate::config::Call;
use crate::inbox::{AccountState, ComposerState, Heard, Request};
use crate::model::{MessageId, ThreadId, Timestamp};
use crate::text::Clean;

/// The end of a thread counts as read when it was in sight this long, and somebody is there.
const MOMENT_MS: i64 = 1000;
/// Whoever goes on writing is said to write again after this long.
const AGAIN_MS: i64 = 3000;
/// Whoever has not written for this long does not write any more.
const PAUSE_MS: i64 = 6000;

/// What is known of the person.
#[derive(Clone, Debug, Default)]
pub struct Presence {
    /// The terminal is in front; `None`: it has never said.
    in_front: Option<bool>,
    /// When they last did something.
    active: Option<Timestamp>,
    /// The live thread that is open, as the service was told.
    looking: Option<ThreadId>,
    /// The newest message, and since when it is in sight.
    since: Option<(MessageId, Timestamp)>,
    /// The newest message that counts as read.
    read: Option<MessageId>,
    /// The thread that they write in: as the service was told, when it was told last, and when
    /// they last wrote.
    typing: Option<(ThreadId, Timestamp, Timestamp)>,
}

impl Presence {
    /// Whether the terminal is in front, where it says so.
    pub fn in_front(&self) -> Option<bool> {
        self.in_front
    }
}

fn after(at: Timestamp, ms: i64) -> Timestamp {
    Timestamp(at.0.saturating_add(ms))
}

fn end_in_sight(app: &App) -> Option<(ThreadId, MessageId)> {
    let thread = app.transcript.thread.filter(|_| live::is_live(app))?;
    let there = app.focus != Focus::Threads && app.layers.is_empty() && app.transcript.follows();
    there.then_some(thread).zip(app.transcript.newest())
}

/// The message that will have been read, and when, if nothing happens until then. Where the
/// terminal says that it is in front, they are there; where it says nothing, they are if they did
/// something since the message is in sight.
fn reads(app: &App) -> Option<(ThreadId, MessageId, Timestamp)> {
    let (thread, newest) = end_in_sight(app)?;
    let p = &app.presence;
    let (seen, since) = p.since?;
    let there = match p.in_front {
        Some(in_front) => in_front,
        None => p.active.is_some_and(|at| at >= since),
    };
    let due = there && seen == newest && p.read != Some(newest);
    due.then(|| (thread, newest, after(since, MOMENT_MS)))
}

/// When there is something to be told even if nothing happens.
pub fn deadline(app: &App) -> Option<Timestamp> {
    let pause = app.presence.typing.map(|(_, _, wrote)| after(wrote, PAUSE_MS));
    reads(app).map(|(_, _, at)| at).into_iter().chain(pause).min()
}

/// The person does something.
pub fn active(app: &mut App) -> Option<Effect> {
    // What was in sight before they did it was seen by them.
    app.presence.active = Some(app.now);
    moment(app)
}

/// The terminal has said whether it is in front.
pub fn front(app: &mut App, in_front: bool) {
    app.presence.in_front = Some(in_front);
    // What came while they were away is looked at from now on.
    if let Some((_, since)) = app.presence.since.as_mut().filter(|_| in_front) {
        *since = app.now;
    }
}

/// What has been in sight for a moment is read.
pub fn moment(app: &mut App) -> Option<Effect> {
    let (thread, newest, at) = reads(app)?;
    if at > app.now {
        return None;
    }
    app.presence.read = Some(newest);
    Some(Effect::Ask(Request::Look { thread: Some(thread), read: true }))
}

/// Somebody has written: the person is called if they look elsewhere and want to be. Where the
/// terminal does not say whether it is in front, nobody is: a bell at every line would be worse.
pub fn heard(app: &App, heard: &Heard) -> Option<Effect> {
    let wanted = match app.call {
        Call::Off => false,
        Call::Mentions => heard.to_me,
        Call::All => true,
    };
    let away = app.presence.in_front == Some(false);
    // Never what was written: others may see the desktop.
    let words = || Clean::line(&format!("onebox: {} · {}", heard.who, heard.badge.name)).fit(120);
    (wanted && away).then(|| Effect::Call(words()))
}

/// Tells the service which live thread is open, when that is another one, and whether the person
/// writes there.
pub fn follow(app: &mut App, before: Option<&str>) -> Vec<Effect> {
    let open = app.transcript.thread.filter(|_| live::is_live(app));
    let mut effects = typing(app, before);
    let moved = app.presence.looking != open;
    if moved {
        app.presence.looking = open;
        (app.presence.since, app.presence.read) = (None, None);
        effects.push(Effect::Ask(Request::Look { thread: open, read: false }));
    }
    match end_in_sight(app) {
        Some((_, newest)) if app.presence.since.is_some_and(|(had, _)| had == newest) => {}
        Some((_, newest)) => app.presence.since = Some((newest, app.now)),
        None => app.presence.since = None,
    }
    effects
}

/// What stands in the composer, where writing it is of interest to anybody.
pub fn written(app: &App) -> Option<String> {
    app.composer.editing.is_none().then(|| app.composer.text.text().to_owned())
}

fn typing(app: &mut App, before: Option<&str>) -> Vec<Effect> {
    let open =
        matches!(app.transcript.header.as_ref().map(|h| &h.composer), Some(ComposerState::Live));
    let online = live::account(app).is_some_and(|a| a.state == AccountState::Online && !a.quiet);
    let text = written(app).filter(|t| !t.trim().is_empty() && open && online);
    let here = app.composer.thread.filter(|_| text.is_some() && app.focus == Focus::Composer);
    let now = app.now;
    let wrote = text.as_deref() != before;
    let mut effects = Vec::new();
    let tell = |thread, on| Effect::Ask(Request::Typing { thread, on });
    // It ends: nothing stands there any more, they are elsewhere, or have paused.
    if let Some((thread, _, last)) = app.presence.typing
        && (here != Some(thread) || !wrote && after(last, PAUSE_MS) <= now)
    {
        app.presence.typing = None;
        effects.push(tell(thread, false));
    }
    if let Some(thread) = here.filter(|_| wrote && app.presence.active == Some(now)) {
        match &mut app.presence.typing {
            Some((_, told, last)) => {
                *last = now;
                if after(*told, AGAIN_MS) <= now {
                    *told = now;
                    effects.push(tell(thread, true));
                }
            }
            None => {
                app.presence.typing = Some((thread, now, now));
                effects.push(tell(thread, true));
            }
        }
    }
    effects
}
