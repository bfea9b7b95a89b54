//! What the person does in a live thread: each wish is judged, and what is granted goes into the
//! outbox, from where the accounts send it.

use super::accounts::new_key;
use super::replying::Answered;
use super::{Engine, EngineError, rows};
use crate::inbox::{Alteration, ReasonRow};
use crate::model::{Facts, LiveId, MessageId, SendState, ThreadId, Timestamp, Verdict, Wish};
use crate::policy::{self, Decision, Permit};
use crate::store::{LiveAccount, StoredMessage, Work};

impl Engine {
    /// Every live account.
    pub fn live_accounts(&self) -> Result<Vec<LiveAccount>, EngineError> {
        Ok(self.reader.live_accounts()?)
    }

    /// The apps that a live account carries, with how many threads.
    pub fn live_apps(&self, id: LiveId) -> Result<Vec<(String, u64)>, EngineError> {
        let apps = self.reader.live_apps(id)?.into_iter();
        Ok(apps.map(|(app, n)| (self.settings.rules.app(&app).name, n)).collect())
    }

    /// What became of a message that was sent from here, and in whose words.
    pub fn send_state(
        &self,
        message: MessageId,
    ) -> Result<Option<(SendState, Option<String>)>, EngineError> {
        Ok(self.reader.send_state(message)?)
    }

    /// Whether a text would be sent from here, not handed off.
    pub fn is_live(&self, thread: ThreadId, wish: Wish) -> Result<bool, EngineError> {
        let facts = self.facts(thread)?;
        Ok(self.decide(&facts, wish).verdict == Verdict::Live)
    }

    /// Puts a text into the outbox of a live thread. Refused: the reason.
    pub fn enqueue(
        &self,
        thread: ThreadId,
        text: &str,
        reply: Option<MessageId>,
        now: Timestamp,
    ) -> Result<Result<MessageId, ReasonRow>, EngineError> {
        let wish = if reply.is_some() { Wish::Reply } else { Wish::Send };
        let answered = self.answered(thread, reply)?;
        let permit = match self.permit_text(thread, wish, text)? {
            Ok(permit) => permit,
            Err(reason) => return Ok(Err(reason)),
        };
        let reply_to = answered.map(Answered::reply_to);
        Ok(Ok(self.store.writer()?.enqueue(permit, &new_key(), text, reply_to, now)?))
    }

    /// Does something with a message of a live thread. Refused: the wish and the reason.
    pub fn alter(
        &self,
        message: MessageId,
        change: &Alteration,
    ) -> Result<Result<ThreadId, (ThreadId, Wish, ReasonRow)>, EngineError> {
        let stored =
            self.reader.message(message)?.ok_or(crate::store::StoreError::NoMessage(message))?;
        let thread = stored.thread;
        let wish = match change {
            Alteration::React(_) => Wish::React,
            Alteration::Edit(_) => Wish::Edit,
            Alteration::Delete => Wish::Delete,
        };
        let facts = self.facts(thread)?;
        // A door that is closed says so before anything is asked of the message.
        let open = self.decide(&facts, wish);
        let permit = match self.granted(&facts, wish, &open)? {
            Ok(permit) => permit,
            Err(reason) => return Ok(Err((thread, wish, reason))),
        };
        let work = self.work_of(&stored, change)?;
        let decision = self.decide_work(&facts, &work, stored.sent.at);
        let permit = match decision.map(|d| self.granted(&facts, wish, &d)).transpose()? {
            None => permit,
            Some(Ok(permit)) => permit,
            Some(Err(reason)) => return Ok(Err((thread, wish, reason))),
        };
        self.store.writer()?.enqueue_work(&permit, &new_key(), &work)?;
        Ok(Ok(thread))
    }

    fn work_of(&self, m: &StoredMessage, change: &Alteration) -> Result<Work, EngineError> {
        let id = m.native_id.clone().ok_or_else(|| {
            EngineError::Source("the service does not know this message (yet)".to_owned())
        })?;
        let mine_only = |what: &str| match m.mine {
            true => Ok(()),
            false => Err(EngineError::Source(format!("only your own messages can be {what}"))),
        };
        Ok(match change {
            Alteration::React(emoji) => {
                let me = self.reader.participants(m.thread)?;
                let mine: Vec<&str> =
                    me.iter().filter(|p| p.is_me).map(|p| p.key.as_str()).collect();
                let had =
                    m.reactions.iter().any(|r| r.emoji == *emoji && mine.contains(&r.by.as_str()));
                Work::React(id, emoji.clone(), !had)
            }
            Alteration::Edit(text) => {
                mine_only("edited")?;
                Work::Edit(id, text.clone())
            }
            Alteration::Delete => {
                mine_only("deleted")?;
                Work::Delete(id)
            }
        })
    }

    /// Leave to write a text, which may be too long.
    fn permit_text(
        &self,
        thread: ThreadId,
        wish: Wish,
        text: &str,
    ) -> Result<Result<Permit, ReasonRow>, EngineError> {
        let facts = self.facts(thread)?;
        let decision = self.decide_text(&facts, wish, text);
        self.granted(&facts, wish, &decision)
    }

    /// What the policy says of writing a text.
    pub(super) fn decide_text(&self, facts: &Facts, wish: Wish, text: &str) -> Decision {
        policy::decide_text(facts, &self.settings.rules, self.settings.day(), wish, text)
    }

    /// What the policy says of changing or reacting to a message of that instant; `None`: this is
    /// something else.
    pub(super) fn decide_work(
        &self,
        facts: &Facts,
        work: &Work,
        sent: Timestamp,
    ) -> Option<Decision> {
        let (rules, day) = (&self.settings.rules, self.settings.day());
        let now = self.settings.clock().unwrap_or_else(super::now);
        let age = now.0.saturating_sub(sent.0);
        Some(match work {
            Work::Edit(_, text) => policy::decide_change(facts, rules, day, age, Some(text)),
            Work::Delete(_) => policy::decide_change(facts, rules, day, age, None),
            Work::React(_, emoji, true) => policy::decide_reaction(facts, rules, day, emoji),
            Work::React(_, _, false) => self.decide(facts, Wish::React),
            Work::Send | Work::SendFile(..) | Work::Accept => return None,
        })
    }

    fn granted(
        &self,
        facts: &Facts,
        wish: Wish,
        decision: &Decision,
    ) -> Result<Result<Permit, ReasonRow>, EngineError> {
        Ok(match (decision.permit(), &decision.verdict) {
            (Some(permit), Verdict::Live) => Ok(permit),
            (_, Verdict::Denied(r)) => Err(rows::reason(&self.settings, facts, r, wish)),
            (_, Verdict::Live | Verdict::HandOff(_)) => {
                return Err(EngineError::Source(
                    "no account is connected to this thread any more".to_owned(),
                ));
            }
        })
    }
}
