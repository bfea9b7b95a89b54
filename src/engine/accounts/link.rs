//! One account's link: its connector's life, what it has told of itself, when to start it again.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::process::Child;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use super::hub::Call;
use super::pipes::Pipes;
use crate::inbox::{AccountState, AskRow};
use crate::model::{AccountRecord, LiveId};
use crate::sources::live::{Got, Lines, LinkState, News, Order, PATIENCE};

/// Orders that may wait for a connector that does not read.
const WAITING: usize = 1_024;
/// What a connector may have told that was not taken in yet: beyond it, its pipe holds it back, and
/// no other connector stands behind it.
const AHEAD: usize = 256;
/// Lines that make no sense, until the connector is taken for broken.
const GARBAGE: u32 = 100;
/// How long a hand-shake may take.
pub const HANDSHAKE: Duration = Duration::from_secs(20);
/// The first and the longest wait before a connector is started again.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);
/// A connector that ran so long was healthy.
const HEALTHY: Duration = Duration::from_secs(60);
/// Without an answer for so long, a connector is asked whether it lives; then as long again.
pub const SILENCE: Duration = Duration::from_secs(30);

/// Where a link stands.
#[derive(Debug)]
pub enum Phase {
    /// Started; the hand-shake is not done.
    Starting(Instant),
    /// The hand-shake is done.
    Running(Instant),
    /// Ended; started again then.
    Waiting(Instant),
    /// Not started again by itself.
    Stopped,
    /// Another onebox has it.
    Elsewhere,
}

/// One account's link.
pub struct Link {
    pub id: LiveId,
    pub phase: Phase,
    /// Tells news of this start from those of an earlier one.
    pub epoch: u64,
    pub name: String,
    pub state: LinkState,
    pub why: String,
    pub asks: VecDeque<AskRow>,
    /// What else it told of the account: what it is about, and how it stands.
    pub facts: Vec<(String, String)>,
    pub idempotent: bool,
    pub oddities: u64,
    pub complete: bool,
    /// The accounts of the apps that it carries, as it told them.
    pub accounts: HashMap<String, AccountRecord>,
    /// Orders that an outcome is awaited for.
    pub awaited: HashMap<String, Instant>,
    pub pinged: Option<Instant>,
    pub lock: Option<File>,
    /// Another onebox has it; it is waited for.
    pub queues: bool,
    /// It signs out and goes; until when it may take.
    pub leaving: Option<Instant>,
    /// It was signed in when it was removed.
    pub was_in: bool,
    garbage: u32,
    tries: u32,
    orders: Option<SyncSender<Order>>,
    /// Where what it tells comes in, one place for each that is not taken in yet.
    gate: Option<Receiver<()>>,
    child: Option<Child>,
}

impl Link {
    /// A link that has not been started.
    pub fn new(id: LiveId, name: String) -> Self {
        Self {
            id,
            phase: Phase::Stopped,
            epoch: 0,
            name,
            state: LinkState::Offline,
            why: String::new(),
            asks: VecDeque::new(),
            facts: Vec::new(),
            idempotent: false,
            oddities: 0,
            complete: false,
            accounts: HashMap::new(),
            awaited: HashMap::new(),
            pinged: None,
            lock: None,
            queues: false,
            leaving: None,
            was_in: false,
            garbage: 0,
            tries: 0,
            orders: None,
            gate: None,
            child: None,
        }
    }

    /// Takes over a connector that has just been started.
    pub fn begin(&mut self, pipes: Pipes, hello: Order, calls: SyncSender<Call>) {
        self.epoch += 1;
        self.phase = Phase::Starting(Instant::now());
        self.state = LinkState::Connecting;
        self.why.clear();
        self.garbage = 0;
        self.complete = false;
        self.accounts.clear();
        let (orders, waiting) = sync_channel(WAITING);
        let (id, epoch) = (self.id, self.epoch);
        let (enter, gate) = sync_channel(AHEAD);
        std::thread::spawn(move || write(pipes.orders, &waiting));
        std::thread::spawn(move || read((id, epoch), pipes.news, &enter, &calls));
        self.gate = Some(gate);
        self.child = pipes.child;
        self.orders = Some(orders);
        self.order(hello);
    }

    /// Hands an order over. False: the connector does not take any (more).
    pub fn order(&mut self, order: Order) -> bool {
        let Some(orders) = &self.orders else { return false };
        if let Some(key) = order.key() {
            self.awaited.insert(key.to_owned(), Instant::now());
        }
        match orders.try_send(order) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                self.fail("its connector does not read what it is told");
                false
            }
            Err(TrySendError::Disconnected(_)) => false,
        }
    }

    /// Something that it told was taken in.
    pub fn took(&mut self) {
        if let Some(gate) = &self.gate {
            gate.try_iter().take(1).for_each(drop);
        }
    }

    /// Something that made no sense. True: that was too much.
    pub fn odd(&mut self) -> bool {
        self.oddities += 1;
        self.garbage += 1;
        self.garbage >= GARBAGE
    }

    /// The hand-shake is done.
    pub fn shaken(&mut self) {
        self.phase = Phase::Running(Instant::now());
    }

    /// The connector has ended or is not to be trusted any more: it is started again later.
    pub fn fail(&mut self, why: &str) {
        if let Phase::Running(since) = self.phase
            && since.elapsed() >= HEALTHY
        {
            self.tries = 0;
        }
        self.let_go();
        self.why = why.to_owned();
        self.phase = Phase::Waiting(Instant::now() + backoff(self.tries));
        self.tries = self.tries.saturating_add(1);
    }

    /// The connector is not started again by itself.
    pub fn stop(&mut self, why: &str) {
        self.let_go();
        self.why = why.to_owned();
        self.phase = Phase::Stopped;
    }

    /// The person wants it now.
    pub fn forgive(&mut self) {
        self.tries = 0;
    }

    fn let_go(&mut self) {
        // Whatever it still says is nobody's.
        self.epoch += 1;
        self.orders = None;
        self.gate = None;
        self.asks.clear();
        self.facts.clear();
        self.awaited.clear();
        self.pinged = None;
        self.state = LinkState::Offline;
        if let Some(mut child) = self.child.take() {
            drop(child.kill());
            // Whoever starts a process waits for it; a killed one is gone at once.
            std::thread::spawn(move || child.wait().ok());
        }
    }

    /// Asks the connector to end; what is left of it after its patience is killed.
    pub fn close(&mut self) -> Option<std::thread::JoinHandle<()>> {
        if let Some(orders) = self.orders.take() {
            drop(orders.try_send(Order::Stop));
        }
        let child = self.child.take();
        self.phase = Phase::Stopped;
        child.map(|mut child| {
            std::thread::spawn(move || {
                let begun = Instant::now();
                while begun.elapsed() < PATIENCE {
                    match child.try_wait() {
                        Ok(None) => std::thread::park_timeout(Duration::from_millis(20)),
                        Ok(Some(_)) | Err(_) => return,
                    }
                }
                drop(child.kill());
                drop(child.wait());
            })
        })
    }

    /// Whether orders reach the service now.
    pub fn is_online(&self) -> bool {
        matches!(self.phase, Phase::Running(_)) && self.state == LinkState::Online
    }

    /// As it is shown.
    pub fn shown(&self) -> AccountState {
        match self.phase {
            Phase::Starting(_) => AccountState::Starting,
            Phase::Running(_) => match self.state {
                LinkState::Connecting => AccountState::Connecting,
                LinkState::Online => AccountState::Online,
                LinkState::Offline => AccountState::Offline,
                LinkState::SignedOut => AccountState::SignedOut,
            },
            Phase::Waiting(until) => AccountState::Waiting(
                until.saturating_duration_since(Instant::now()).as_secs().saturating_add(1),
            ),
            Phase::Stopped => AccountState::Stopped,
            Phase::Elsewhere => AccountState::Elsewhere,
        }
    }

    /// When something is to be done even if nobody says anything.
    pub fn due(&self) -> Option<Instant> {
        if self.leaving.is_some() {
            return self.leaving;
        }
        match self.phase {
            Phase::Starting(since) => Some(since + HANDSHAKE),
            Phase::Waiting(until) => Some(until),
            Phase::Running(_) => match self.pinged {
                Some(at) => Some(at + SILENCE),
                None => self.awaited.values().min().map(|at| *at + SILENCE),
            },
            Phase::Stopped | Phase::Elsewhere => None,
        }
    }
}

/// How long to wait before the n-th start in a row.
fn backoff(tries: u32) -> Duration {
    FIRST.saturating_mul(2u32.saturating_pow(tries.min(10))).min(LONGEST)
}

fn write(to: Box<dyn Write + Send>, orders: &Receiver<Order>) {
    let mut to = BufWriter::new(to);
    while let Ok(order) = orders.recv() {
        let Ok(line) = serde_json::to_vec(&order) else { continue };
        let wrote =
            to.write_all(&line).and_then(|()| to.write_all(b"\n")).and_then(|()| to.flush());
        if wrote.is_err() {
            return;
        }
    }
}

/// Reads as fast as the hub takes; the pipe holds a connector back that writes faster.
fn read(
    (id, epoch): (LiveId, u64),
    from: Box<dyn std::io::Read + Send>,
    enter: &SyncSender<()>,
    calls: &SyncSender<Call>,
) {
    let mut lines = Lines::new(BufReader::with_capacity(64 << 10, from));
    loop {
        let call = match lines.read() {
            Ok(Got::Line) if lines.bytes().trim_ascii().is_empty() => continue,
            Ok(Got::Line) => match serde_json::from_slice::<News>(lines.bytes()) {
                Ok(news) => Call::News { id, epoch, news: Box::new(news) },
                Err(why) => Call::Odd { id, epoch, why: why.to_string() },
            },
            Ok(Got::TooLong) => {
                Call::Odd { id, epoch, why: "a line longer than any news".to_owned() }
            }
            Ok(Got::End) | Err(_) => Call::Ended { id, epoch },
        };
        let last = matches!(call, Call::Ended { .. });
        if enter.send(()).is_err() || calls.send(call).is_err() || last {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let waits: Vec<u64> = (0..8).map(|n| backoff(n).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(backoff(u32::MAX), LONGEST);
    }
}
