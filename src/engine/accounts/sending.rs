//! The outbox goes out: one message a thread at a time, in order, each judged once more right
//! before it leaves. And what else the person wants of a live account.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::aside::BUSY;
use super::hub::Hub;
use super::link::{Link, Phase};
use crate::engine::{EngineError, handing_off, now, rows};
use crate::inbox::{AskKind, Request};
use crate::model::{LiveId, ThreadId, Verdict, Wish};
use crate::sources::live::{Order, PATIENCE, React, SendFile};
use crate::store::{Ended, OutboxItem, StoreError, Work};

/// Orders that may be on their way in one account.
const AT_ONCE: usize = 16;
/// Older messages that are fetched at a time.
const OLDER: u32 = 60;

/// A key that no other order ever has.
pub fn new_key() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("ob-{:x}-{:x}-{n:x}", now().0, std::process::id())
}

impl Hub {
    /// Hands over what can go out now.
    pub fn dispatch(&mut self) {
        if self.retry_outbox.is_some_and(|at| at <= Instant::now()) {
            self.retry_outbox = None;
        }
        // Nothing goes out, and nothing is decided of what waits: the next start may send it.
        if self.engine.settings().offline || self.engine.settings().read_only {
            return;
        }
        if self.is_store_held() {
            self.look_again(BUSY);
            return;
        }
        let online: Vec<LiveId> =
            self.links.iter().filter(|l| l.is_online()).map(|l| l.id).collect();
        for id in online {
            if let Err(e) = self.dispatch_of(id) {
                // Another process writes, or the disk is full: it stays in the outbox.
                if matches!(e, EngineError::Store(StoreError::Busy)) {
                    self.store_is_held();
                }
                log::warn!("account {id}: {e}");
                self.look_again(Duration::from_secs(1));
            }
        }
    }

    fn dispatch_of(&mut self, id: LiveId) -> Result<(), EngineError> {
        let busy = self.link(id).map_or(0, |l| l.awaited.len());
        let items = self.engine.reader.outbox_due(id, now(), AT_ONCE.saturating_sub(busy))?;
        for item in items {
            let thread = item.thread;
            if let Some(why) = self.refusal(&item)? {
                let ended = Ended::Failed(why.clone());
                let (_, shown) = self.writer()?.set_ended(&item.key, &ended, now())?;
                if !shown {
                    self.warn("That did not go through", why, "");
                }
                // What stands behind it in its thread is next.
                self.look_again(Duration::ZERO);
            } else {
                self.writer()?.set_sending(&item.key, now())?;
                if item.work == Work::Accept {
                    let row = self.engine.thread(thread)?;
                    let follows = row.reason.is_some_and(|r| r.code == "replaced-elsewhere");
                    self.accepting.insert(item.key.clone(), (thread, follows));
                }
                if let Some(link) = self.link(id) {
                    link.order(order_of(item));
                }
            }
            self.tell_changed(vec![thread]);
        }
        if let Some(next) = self.engine.reader.outbox_next(id)?
            && next > now()
        {
            let wait = u64::try_from(next.0 - now().0).unwrap_or(0);
            self.look_again(Duration::from_millis(wait));
        }
        Ok(())
    }

    /// The policy is asked again: the thread may have closed while the text lay in the outbox.
    fn refusal(&self, item: &OutboxItem) -> Result<Option<String>, EngineError> {
        let wish = match &item.work {
            Work::Send if item.reply_to.is_some() => Wish::Reply,
            Work::Send => Wish::Send,
            Work::SendFile(..) => Wish::Attach,
            Work::Edit(..) => Wish::Edit,
            Work::Delete(_) => Wish::Delete,
            Work::React(..) => Wish::React,
            Work::Accept => return Ok(None),
        };
        let facts = self.engine.facts(item.thread)?;
        let decision = match &item.work {
            Work::SendFile(path, _, kind) => {
                let Ok(meta) = path.metadata() else {
                    return Ok(Some("The file is not there any more.".to_owned()));
                };
                self.engine.decide_file(&facts, (*kind, meta.len()), &item.text)
            }
            Work::Send => self.engine.decide_text(&facts, wish, &item.text),
            Work::Edit(message, _) | Work::Delete(message) | Work::React(message, ..) => {
                // Of a message that is not here its age is not known.
                let sent = self.engine.reader.sent_at(item.thread, message)?.unwrap_or_else(now);
                let decision = self.engine.decide_work(&facts, &item.work, sent);
                decision.unwrap_or_else(|| self.engine.decide(&facts, wish))
            }
            Work::Accept => return Ok(None),
        };
        Ok(match &decision.verdict {
            Verdict::Live => None,
            Verdict::Denied(reason) => {
                Some(rows::reason(self.engine.settings(), &facts, reason, wish).text)
            }
            Verdict::HandOff(_) => Some("The account is not connected any more.".to_owned()),
        })
    }

    /// Does what the person wants.
    pub fn wish(&mut self, request: Request) -> Result<(), EngineError> {
        match request {
            Request::Accounts => self.tell_accounts_again(),
            Request::AddAccount { connector } => {
                let id = self.engine.store.writer()?.add_live_account(&connector)?;
                self.links.push(Link::new(id, connector));
                self.start(id);
            }
            Request::AnswerAccount { account, id, value } => self.answer(account, &id, value),
            Request::RemoveAccount { account } => self.remove(account)?,
            Request::RestartAccount { account } => {
                if let Some(link) = self.link(account) {
                    link.forgive();
                    if matches!(link.phase, Phase::Starting(_) | Phase::Running(_)) {
                        link.stop("");
                    }
                }
                self.start(account);
            }
            Request::QuietAccount { account, quiet } => {
                self.engine.store.writer()?.set_quiet(account, quiet)?;
            }
            Request::VerifyAccount { account } => match self.link(account) {
                Some(link) if link.is_online() => drop(link.order(Order::Verify)),
                _ => self.warn(
                    "Its keys cannot be seen to now",
                    "the account is not online",
                    "try again when it is",
                ),
            },
            Request::Look { thread, read } => self.look(thread, read)?,
            Request::Typing { thread, on } => self.typing(thread, on)?,
            Request::FetchOlder { thread, token } => self.fetch_older(thread, token)?,
            Request::OpenFile { message, index } => self.fetch_media(message, index)?,
            _ => {}
        }
        Ok(())
    }

    fn answer(&mut self, account: LiveId, id: &str, value: Option<String>) {
        let Some(link) = self.link(account) else { return };
        let Some(at) = link.asks.iter().position(|a| a.id == id) else { return };
        let ask = link.asks.get(at);
        // The link of a question is opened; only giving up answers it.
        if let (Some(AskKind::Link(url)), Some(_)) = (ask.map(|a| &a.kind), &value) {
            let url = url.clone();
            if let Err(e) = handing_off::open_page(&url) {
                self.complain(&e);
            }
            return;
        }
        drop(link.asks.remove(at));
        link.order(Order::Answer { id: id.to_owned(), value });
    }

    fn remove(&mut self, account: LiveId) -> Result<(), EngineError> {
        self.store_batches(true);
        if self.link(account).is_some_and(|l| matches!(l.phase, Phase::Elsewhere)) {
            self.warn(
                "The account is not removed",
                "another onebox has it open",
                "remove it there, or close that one first",
            );
            return Ok(());
        }
        let was_in = self.engine.reader.live_account(account)?.is_some_and(|a| !a.me.is_empty());
        if let Some(link) = self.link(account) {
            link.was_in = was_in;
            link.order(Order::SignOut);
            // The service is told before the connector has to end.
            link.leaving = Some(Instant::now() + PATIENCE);
        }
        self.aside.remove(&account);
        let threads = self.engine.store.writer()?.remove_live_account(account, now())?;
        drop(self.updates.send(crate::inbox::Update::Changed { threads }));
        (self.changed)();
        Ok(())
    }

    /// The service is told what is looked at, and what is read if policy and the person agree.
    fn look(&mut self, thread: Option<ThreadId>, read: bool) -> Result<(), EngineError> {
        let at = match thread {
            Some(thread) => self.engine.reader.live_of(thread)?.map(|(id, key)| (thread, id, key)),
            None => None,
        };
        for link in &mut self.links {
            let mine = at.as_ref().filter(|(_, id, _)| *id == link.id);
            let watch = mine.map(|(_, _, key)| key.as_str().into());
            if matches!(link.phase, Phase::Running(_)) {
                link.order(Order::Watch { thread: watch });
            }
        }
        match at.filter(|_| read) {
            Some((thread, ..)) => self.read(thread),
            None => Ok(()),
        }
    }

    /// A thread was read: once the store is free, if somebody else holds it.
    pub fn read(&mut self, thread: ThreadId) -> Result<(), EngineError> {
        match self.mark_read(thread) {
            Err(EngineError::Store(StoreError::Busy)) => {
                self.to_read.insert(thread);
                self.store_is_held();
                Ok(())
            }
            done => done,
        }
    }

    fn mark_read(&mut self, thread: ThreadId) -> Result<(), EngineError> {
        let Some((id, key)) = self.engine.reader.live_of(thread)? else { return Ok(()) };
        let facts = self.engine.facts(thread)?;
        if self.engine.decide(&facts, Wish::MarkRead).verdict != Verdict::Live {
            return Ok(());
        }
        let Some(message) = self.engine.reader.newest_native(thread)? else { return Ok(()) };
        // Who asks to write to me learns nothing of me before I have agreed.
        let quiet = self.engine.reader.live_account(id)?.is_some_and(|a| a.quiet);
        let quietly = quiet || self.is_request(thread);
        if self.writer()?.read_live(thread, now())? {
            self.tell_changed(vec![thread]);
            if let Some(link) = self.link(id).filter(|l| l.is_online()) {
                link.order(Order::MarkRead { thread: key.into(), message, quietly });
            }
        }
        Ok(())
    }

    fn is_request(&self, thread: ThreadId) -> bool {
        let stored = self.engine.reader.thread(thread);
        stored.is_ok_and(|t| t.is_some_and(|t| t.facts.request))
    }

    /// The service is told that the person writes, if they agree and it can be told at all.
    fn typing(&mut self, thread: ThreadId, on: bool) -> Result<(), EngineError> {
        let Some((id, key)) = self.engine.reader.live_of(thread)? else { return Ok(()) };
        let account = self.engine.reader.live_account(id)?;
        let account = account.filter(|_| !self.is_request(thread));
        let told = account.is_some_and(|a| !a.quiet && a.can.iter().any(|c| c == "typing"));
        if let Some(link) = self.link(id).filter(|l| told && l.is_online()) {
            link.order(Order::Typing { thread: key.into(), on });
        }
        Ok(())
    }

    fn fetch_older(&mut self, thread: ThreadId, token: Option<String>) -> Result<(), EngineError> {
        let Some((id, key)) = self.engine.reader.live_of(thread)? else { return Ok(()) };
        match self.link(id) {
            Some(link) if link.is_online() => {
                link.order(Order::FetchOlder { thread: key.into(), token, limit: OLDER });
            }
            _ => self.warn(
                "Older messages cannot be fetched now",
                "the account is not online",
                "they come when it is",
            ),
        }
        Ok(())
    }
}

fn order_of(item: OutboxItem) -> Order {
    let OutboxItem { key, thread_key, text, reply_to, work, .. } = item;
    let thread = thread_key.into();
    match work {
        Work::Send => {
            let reply_to = reply_to.and_then(|r| r.native_id);
            Order::Send { key, thread, text, reply_to, file: None }
        }
        Work::SendFile(path, name, kind) => {
            let file = Some(SendFile { path, name, kind });
            let reply_to = reply_to.and_then(|r| r.native_id);
            Order::Send { key, thread, text, reply_to, file }
        }
        Work::Edit(message, text) => Order::Edit { key, thread, message, text },
        Work::Delete(message) => Order::Delete { key, thread, message },
        Work::React(message, emoji, on) => Order::React(React { key, thread, message, emoji, on }),
        Work::Accept => Order::Accept { key, thread },
    }
}
