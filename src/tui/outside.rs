//! The person's own editor: the text goes out, the terminal with it, and both come back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::app::{App, Effect, Focus};
use super::composer;
use super::perform::focus;
use super::reply;
use super::update::{is_closed, keep_draft, tell_closed};
use crate::inbox::{Notice, Request, Severity};
use crate::model::ThreadId;

/// Edits a text outside. Handed in by whoever may start programs; the screen may not.
pub type Editor = Box<dyn Fn(&str) -> Result<String, Notice>>;

/// The draft goes to the editor. It is kept first: whatever becomes of the editor, of the terminal
/// or of this program, it is in the store.
pub fn begin(app: &mut App) -> Vec<Effect> {
    if is_closed(app) {
        tell_closed(app);
        return Vec::new();
    }
    let mut effects = focus(app, Focus::Composer);
    let Some(thread) = app.composer.thread.filter(|_| app.focus == Focus::Composer) else {
        return effects;
    };
    effects.extend(keep_draft(app));
    let text = app.composer.text.text().to_owned();
    effects.push(Effect::Edit { thread, text });
    effects
}

/// The editor has ended: its text stands in the composer, as one step that can be undone.
pub fn edited(app: &mut App, thread: ThreadId, result: Result<String, Notice>) -> Vec<Effect> {
    let text = match result {
        Ok(text) => text,
        Err(notice) => {
            app.tell(notice);
            return Vec::new();
        }
    };
    if app.composer.thread != Some(thread) {
        app.drafts.insert(thread, text.clone());
        return vec![Effect::Ask(Request::SaveDraft { thread, text })];
    }
    let before = app.composer.text.is_empty();
    if !app.composer.text.rewrite(&text) {
        app.tell(Notice::new(Severity::Info, "Nothing was changed in the editor", "", ""));
    } else if app.composer.text.is_empty() && !before {
        let keys =
            app.keymap.keys_for(super::command::Command::Undo, super::command::Context::Composer);
        let hint = keys.first().map(|k| format!("{k} brings it back")).unwrap_or_default();
        app.tell(Notice::new(Severity::Info, "The draft came back empty", "", hint));
    } else if app.composer.text.text().len() > composer::LIMIT {
        let why = composer::TooLong.to_string();
        app.tell(Notice::new(Severity::Warning, "Too long", why, "It is kept; send it in parts"));
    }
    app.composer.touched(app.now);
    keep_draft(app).into_iter().collect()
}

/// What is kept when the program is told to end: the draft and what it answers.
pub fn last_words(app: &mut App) -> Vec<Request> {
    let Some(Effect::Ask(draft)) = keep_draft(app) else { return Vec::new() };
    let beside = reply::beside(app, &draft);
    [Some(draft), beside].into_iter().flatten().collect()
}

/// How long the keys' thread may take to stand aside.
const ASIDE: Duration = Duration::from_secs(2);

#[derive(Default)]
struct Stand {
    wanted: bool,
    aside: bool,
}

/// Lets the thread that reads keys stand aside while another program has the terminal: two readers
/// would share the keys between them.
#[derive(Clone, Default)]
pub struct Gate {
    stand: Arc<(Mutex<Stand>, Condvar)>,
    /// Another program has the terminal: its signals are its own.
    pub away: Arc<AtomicBool>,
}

impl Gate {
    /// Called by the keys' thread between two reads: waits while the gate is shut.
    pub fn pass(&self) {
        let (stand, turned) = &*self.stand;
        let mut stand = stand.lock().unwrap_or_else(PoisonError::into_inner);
        while stand.wanted {
            stand.aside = true;
            turned.notify_all();
            stand = turned.wait(stand).unwrap_or_else(PoisonError::into_inner);
        }
        stand.aside = false;
    }

    /// Shuts the gate and waits until the keys' thread stands aside. `wake` gets it out of a read.
    pub fn shut(&self, wake: impl FnOnce()) -> bool {
        let (stand, turned) = &*self.stand;
        let mut stand = stand.lock().unwrap_or_else(PoisonError::into_inner);
        stand.wanted = true;
        self.away.store(true, Ordering::SeqCst);
        wake();
        let (stand, _) = turned
            .wait_timeout_while(stand, ASIDE, |s| !s.aside)
            .unwrap_or_else(PoisonError::into_inner);
        stand.aside
    }

    /// Opens it again.
    pub fn open(&self) {
        let (stand, turned) = &*self.stand;
        stand.lock().unwrap_or_else(PoisonError::into_inner).wanted = false;
        self.away.store(false, Ordering::SeqCst);
        turned.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;
    use std::thread;

    use super::*;

    #[test]
    fn nobody_passes_a_shut_gate() {
        let gate = Gate::default();
        let (theirs, (key, keys), (read, reads)) =
            (gate.clone(), sync_channel::<()>(8), sync_channel(8));
        let reader = thread::spawn(move || {
            loop {
                theirs.pass();
                if keys.recv().is_err() || read.send(()).is_err() {
                    return;
                }
            }
        });
        assert!(gate.shut(|| key.send(()).expect("a reader")), "it stands aside");
        // The key that wakes it is read before it stands aside, or waits if it stood aside already.
        let woken = usize::from(reads.recv_timeout(Duration::from_millis(50)).is_ok());
        key.send(()).expect("a reader");
        assert!(reads.recv_timeout(Duration::from_millis(50)).is_err(), "read behind our back");
        gate.open();
        for _ in woken..2 {
            reads.recv_timeout(Duration::from_secs(30)).expect("it goes on");
        }
        drop(key);
        reader.join().expect("no panic");
    }
}
