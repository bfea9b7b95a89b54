//! Somebody has just written: told apart from the message itself, so that the screen can call a
//! person who looks elsewhere.

use super::hub::Hub;
use crate::engine::{now, rows};
use crate::inbox::{Heard, Update};
use crate::model::{Notify, NotifyOf, ThreadId, ThreadKind, Timestamp};

/// What is older when it comes was said while nobody listened, and calls nobody.
const FRESH_MS: i64 = 5 * 60_000;
/// Threads whose newest message is remembered; beyond, all are forgotten.
const REMEMBERED: usize = 4_096;

impl Hub {
    /// Tells in which of these threads somebody has just written. Muted, archived and snoozed ones
    /// are quiet, and so is what was read elsewhere already, and what the person has silenced at the
    /// service.
    pub fn tell_heard(&mut self, threads: &[ThreadId]) {
        let now = now();
        for id in threads {
            // What cannot be read is told where it is looked at.
            let Ok(Some(t)) = self.engine.reader.thread(*id) else { continue };
            let Some(last) = t.last else { continue };
            let known = self.heard.insert(*id, last);
            if known.is_some_and(|known| known >= last) {
                continue;
            }
            let asleep = t.snoozed_until.is_some_and(|until| until > now);
            let quiet = t.is_muted(now) || t.archived || asleep || t.unread == Some(0);
            let fresh = (last.0 - now.0).abs() < FRESH_MS;
            let Some(who) = t.preview_sender.filter(|_| !quiet && fresh && !t.preview_mine) else {
                continue;
            };
            // All of it that is new, not only the newest: a mention may have others behind it.
            let since = Timestamp(now.0 - FRESH_MS);
            let since = known.map_or(since, |known| known.max(since));
            let Ok(Some(loudest)) = self.engine.reader.loudest(*id, since) else { continue };
            if !calls(t.facts.notify, loudest, t.mentioned) {
                continue;
            }
            drop(self.updates.send(Update::Heard(Heard {
                thread: *id,
                who,
                badge: rows::badge(self.engine.settings(), &t.source),
                to_me: t.kind == ThreadKind::Direct || t.mentioned || loudest == Notify::Mention,
            })));
        }
        if self.heard.len() > REMEMBERED {
            self.heard.clear();
        }
    }
}

/// Whether the service lets somebody call: the person's rules there, for the thread and for what was
/// said. What is said of a message is said with more knowledge, but muted is muted.
fn calls(thread: NotifyOf, loudest: Notify, mentioned: bool) -> bool {
    match (thread, loudest) {
        (NotifyOf::Nothing, _) | (_, Notify::Quiet) => false,
        (NotifyOf::Mentions, Notify::Unknown) => mentioned,
        (NotifyOf::All | NotifyOf::Unknown, Notify::Unknown) => true,
        (_, Notify::Call | Notify::Mention) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_at_the_service_hold() {
        use Notify::{Call, Mention, Quiet, Unknown};
        for (thread, loudest, mentioned, is) in [
            (NotifyOf::All, Unknown, false, true),
            (NotifyOf::All, Quiet, true, false),
            (NotifyOf::All, Call, false, true),
            (NotifyOf::Unknown, Unknown, false, true),
            (NotifyOf::Mentions, Unknown, false, false),
            (NotifyOf::Mentions, Unknown, true, true),
            (NotifyOf::Mentions, Mention, false, true),
            // One person's messages may call where the others' do not.
            (NotifyOf::Mentions, Call, false, true),
            (NotifyOf::Nothing, Unknown, true, false),
            (NotifyOf::Nothing, Mention, true, false),
        ] {
            assert_eq!(calls(thread, loudest, mentioned), is, "{thread:?} {loudest:?}");
        }
    }
}
