//! Somebody has just written: told apart from the message itself, so that the screen can call a
//! person who looks elsewhere.

use super::hub::Hub;
use crate::engine::{now, rows};
use crate::inbox::{Heard, Update};
use crate::model::{ThreadId, ThreadKind};

/// What is older when it comes was said while nobody listened, and calls nobody.
const FRESH_MS: i64 = 5 * 60_000;
/// Threads whose newest message is remembered; beyond, all are forgotten.
const REMEMBERED: usize = 4_096;

impl Hub {
    /// Tells in which of these threads somebody has just written. Muted, archived and snoozed ones
    /// are quiet, and so is what was read elsewhere already.
    pub fn tell_heard(&mut self, threads: &[ThreadId]) {
        let now = now();
        for id in threads {
            // What cannot be read is told where it is looked at.
            let Ok(Some(t)) = self.engine.reader.thread(*id) else { continue };
            let Some(last) = t.last else { continue };
            if self.heard.insert(*id, last).is_some_and(|known| known >= last) {
                continue;
            }
            let asleep = t.snoozed_until.is_some_and(|until| until > now);
            let quiet = t.muted || t.archived || asleep || t.unread == Some(0);
            let fresh = (last.0 - now.0).abs() < FRESH_MS;
            let Some(who) = t.preview_sender.filter(|_| !quiet && fresh && !t.preview_mine) else {
                continue;
            };
            drop(self.updates.send(Update::Heard(Heard {
                thread: *id,
                who,
                badge: rows::badge(self.engine.settings(), &t.source),
                to_me: t.kind == ThreadKind::Direct || t.mentioned,
            })));
        }
        if self.heard.len() > REMEMBERED {
            self.heard.clear();
        }
    }
}
