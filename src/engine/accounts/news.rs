//! What a connector tells, taken in.

use super::hub::{Hub, ability_words};
use super::link::Phase;
use super::taking::Piece;
use crate::engine::{EngineError, now};
use crate::inbox::{AskKind, AskRow, Notice, Severity, Update};
use crate::model::{LiveId, Oddity, Record};
use crate::sources::live::{
    Ask, Asking, KnownThread, LONGEST_PLACE, LinkState, News, Order, Outcome, OutcomeState, VERSION,
};
use crate::store::Ended;

/// Before an order that failed is tried again, unless the connector says otherwise.
const AGAIN_MS: u64 = 2_000;
/// Threads of one `known` order.
const KNOWN: usize = 2_000;
/// More than this is no glance at an account.
const MOST_FACTS: usize = 8;
/// No wait is longer, whatever a server asks for.
const LONGEST_MS: u64 = 10 * 60_000;

impl Hub {
    /// Takes news in.
    pub fn news(&mut self, id: LiveId, news: News) -> Result<(), EngineError> {
        // An account that leaves says only that it has left.
        let leaving = self.link(id).is_some_and(|l| l.leaving.is_some());
        if leaving && !matches!(news, News::Link { .. }) {
            return Ok(());
        }
        let shaken = self.link(id).is_some_and(|l| matches!(l.phase, Phase::Running(_)));
        match news {
            News::Hello { version, name, release: _, can, idempotent } if !shaken => {
                return self.hello(id, version, name, can, idempotent);
            }
            News::Log { text } => log::info!("account {id}: {text}"),
            _ if !shaken => {
                if let Some(link) = self.link(id) {
                    link.fail("its connector speaks before it has introduced itself");
                }
            }
            News::Hello { .. } => {}
            News::Pong { .. } => {
                if let Some(link) = self.link(id) {
                    link.pinged = None;
                    let now = std::time::Instant::now();
                    link.awaited.values_mut().for_each(|since| *since = now);
                }
            }
            News::Ask(ask) => {
                if let Some(link) = self.link(id) {
                    link.asks.retain(|a| a.id != ask.id);
                    link.asks.push_back(asked(ask));
                }
            }
            News::AskOver { id: ask } => {
                if let Some(link) = self.link(id) {
                    link.asks.retain(|a| a.id != ask);
                }
            }
            News::Link { state, why, me, hosts } => {
                self.stands(id, state, why, me.as_deref(), &hosts)?;
            }
            News::About { facts } => {
                if let Some(link) = self.link(id) {
                    let facts = facts.into_iter().take(MOST_FACTS);
                    link.facts = facts.map(|f| (f.name, f.text)).collect();
                }
            }
            News::Record { .. } | News::Gap { .. } | News::Oddity { .. } | News::Place { .. } => {
                self.keep_news(id, news);
            }
            News::AllThreads => {
                self.store_before()?;
                if let Some(link) = self.link(id) {
                    link.complete = true;
                }
            }
            News::Typing { thread, names, .. } => {
                if let Some(thread) = self.engine.reader.live_thread(id, &thread)? {
                    drop(self.updates.try_send(Update::Typing { thread, names }));
                }
            }
            News::Outcome(outcome) => self.outcome(id, outcome)?,
            News::Media { key, done, total, path, failed } => {
                self.fetched(&key, (done, total), path, failed)?;
            }
        }
        Ok(())
    }

    /// Takes in what goes into the store with the next batch.
    pub fn keep_news(&mut self, id: LiveId, news: News) {
        match news {
            News::Record { app, record } => self.record(id, &app, record.into_record()),
            News::Gap { app, thread, before, token } => {
                self.keep(id, &app, Piece::Gap { thread, before, token });
            }
            News::Oddity { at, why } => {
                if let Some(link) = self.link(id) {
                    link.oddities += 1;
                }
                self.keep(id, "", Piece::Odd(Oddity::at("live", at, why)));
            }
            News::Place { place } if place.len() <= LONGEST_PLACE => {
                self.keep(id, "", Piece::Place(place));
            }
            _ => {}
        }
    }

    fn hello(
        &mut self,
        id: LiveId,
        version: u32,
        name: String,
        can: Vec<crate::sources::live::Ability>,
        idempotent: bool,
    ) -> Result<(), EngineError> {
        let Some(link) = self.link(id) else { return Ok(()) };
        if version != VERSION {
            link.stop(&format!(
                "its connector speaks version {version} of the contract, this onebox version {VERSION}"
            ));
            return Ok(());
        }
        link.name = name;
        link.idempotent = idempotent;
        let words = ability_words(&can);
        let mut writer = self.writer()?;
        writer.learn_live_account(id, None, &[], Some(&words))?;
        let changed = writer.recover_outbox(id, idempotent, now())?;
        drop(writer);
        // Read before the threads: what is stored in between is told again, and not passed over.
        let place = self.engine.reader.live_place(id)?;
        let known = self.engine.reader.live_known(id)?;
        let parts: Vec<_> = known.chunks(KNOWN).collect();
        if let Some(link) = self.link(id) {
            link.shaken();
            for (n, part) in parts.iter().enumerate() {
                let known = part.iter().map(|(thread, message)| KnownThread {
                    thread: thread.as_str().into(),
                    message: message.clone(),
                });
                let last = n + 1 == parts.len();
                let place = place.clone().filter(|_| last);
                link.order(Order::Known { threads: known.collect(), last, place });
            }
            if parts.is_empty() {
                link.order(Order::Known { threads: Vec::new(), last: true, place });
            }
        }
        self.tell_changed(changed);
        Ok(())
    }

    fn stands(
        &mut self,
        id: LiveId,
        state: LinkState,
        why: Option<String>,
        me: Option<&str>,
        hosts: &[String],
    ) -> Result<(), EngineError> {
        let Some(link) = self.link(id) else { return Ok(()) };
        link.state = state;
        link.why = why.unwrap_or_default();
        // Every write makes what others have worked out stale.
        let had = self.engine.reader.live_account(id)?;
        let news = had.is_none_or(|a| {
            me.is_some_and(|me| me != a.me) || hosts.iter().any(|h| !a.hosts.contains(h))
        });
        if news {
            self.writer()?.learn_live_account(id, me, hosts, None)?;
        }
        Ok(())
    }

    fn record(&mut self, id: LiveId, app: &str, record: Result<Record, &'static str>) {
        match record {
            Ok(Record::Account(account)) => self.learn_app(id, app, account),
            Ok(record) => self.keep(id, app, Piece::Record(Box::new(record))),
            Err(why) => {
                if let Some(link) = self.link(id) {
                    link.oddities += 1;
                }
                self.keep(id, app, Piece::Odd(Oddity::at(app, "live", why)));
            }
        }
    }

    pub fn outcome(&mut self, id: LiveId, outcome: Outcome) -> Result<(), EngineError> {
        if let Some(link) = self.link(id) {
            link.awaited.remove(&outcome.key);
        }
        let why = outcome.why.unwrap_or_default();
        let ended = match outcome.state {
            OutcomeState::Done => Ended::Done(outcome.id),
            OutcomeState::Retry => {
                let wait = outcome.after_ms.unwrap_or(AGAIN_MS).min(LONGEST_MS);
                let wait = i64::try_from(wait).unwrap_or(i64::MAX);
                Ended::Retry(crate::model::Timestamp(now().0.saturating_add(wait)))
            }
            OutcomeState::Failed => Ended::Failed(why.clone()),
            OutcomeState::Unconfirmed => Ended::Unconfirmed,
        };
        // What was told before the outcome stands before it.
        self.store_before()?;
        let (thread, shown) = self.writer()?.set_ended(&outcome.key, &ended, now())?;
        let over = !matches!(ended, Ended::Retry(_));
        let accepted = over.then(|| self.accepting.remove(&outcome.key)).flatten();
        match (accepted, &ended) {
            (Some((thread, follows)), Ended::Done(_)) => {
                let title = self.engine.thread(thread).map(|t| t.title).unwrap_or_default();
                let told = match follows {
                    true => format!("Joined what took the place of {title}"),
                    false => format!("Accepted: {title}"),
                };
                self.notice(Notice::new(Severity::Info, told, "", ""));
            }
            (Some((_, follows)), Ended::Failed(_) | Ended::Unconfirmed) => {
                let what = match follows {
                    true => "The thread that took its place was not joined",
                    false => "The invitation was not accepted",
                };
                self.warn(what, why, "try it again");
            }
            (None, Ended::Failed(_) | Ended::Unconfirmed) if !shown => {
                self.warn("That did not go through", why, "nothing was changed; try again");
            }
            _ => {}
        }
        self.tell_changed(thread.into_iter().collect());
        Ok(())
    }
}

fn asked(ask: Ask) -> AskRow {
    let kind = match ask.asking {
        Asking::Text { initial } => AskKind::Text(initial),
        Asking::Secret => AskKind::Secret,
        Asking::Choice { choices } => AskKind::Choice(choices),
        Asking::Link { url } => AskKind::Link(url),
        Asking::Compare { symbols } => AskKind::Compare(symbols),
    };
    AskRow { id: ask.id, text: ask.text, problem: ask.problem, kind }
}
