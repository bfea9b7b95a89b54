//! The connector at the end of pipes, as onebox has it.

use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use onebox::model::{MessageRecord, ParticipantRecord, Record, ThreadRecord};
use onebox::sources::live::{
    Ask, Asking, Got, KnownThread, Lines, LinkState, News, Order, Outcome, OutcomeState, PATIENCE,
    VERSION,
};

/// Nothing here takes longer, even on a loaded machine.
const LONG: Duration = Duration::from_secs(120);
/// News that may wait while the test looks elsewhere.
const WAITING: usize = 100_000;

/// Opens the safe where nobody is asked.
pub const PHRASE: (&str, &str) = ("ONEBOX_SECRET_PASSPHRASE", "of the tests");

/// The connector's program with a pipe on either side, and this in its environment.
pub fn command(environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onebox-matrix"));
    for (name, _) in std::env::vars() {
        if name.to_ascii_lowercase().ends_with("_proxy") {
            command.env_remove(name);
        }
    }
    // Whoever runs the tests may have a keyring, and it is none of theirs.
    for name in ["ONEBOX_SECRET_PASSPHRASE", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"] {
        command.env_remove(name);
    }
    command.envs(environment.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// The library that shifts a program's clock (Debian's `libfaketime`).
fn faketime() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").expect("a system").flatten();
    folders
        .map(|f| f.path().join("faketime/libfaketimeMT.so.1"))
        .find(|p| p.is_file())
        .expect("libfaketime is installed")
}

/// A running connector, and all that it told.
pub struct Connector {
    process: Child,
    to: Option<ChildStdin>,
    from: Receiver<News>,
    /// All that it told.
    pub news: Vec<News>,
    answered: usize,
}

impl Connector {
    /// Starts one with this folder, and says hello. Nobody is asked for a pass-phrase.
    pub fn new(folder: &Path) -> Self {
        Self::knowing(folder, Vec::new())
    }

    /// The same, for a onebox that has this of each thread.
    pub fn knowing(folder: &Path, threads: Vec<KnownThread>) -> Self {
        Self::with(folder, threads, None)
    }

    /// The same, for one that has all that was told up to a place.
    pub fn going_on(folder: &Path, place: Option<String>) -> Self {
        Self::with(folder, Vec::new(), place)
    }

    /// The same, for one that has both.
    pub fn with(folder: &Path, threads: Vec<KnownThread>, place: Option<String>) -> Self {
        Self::run(command(&[PHRASE]), folder, threads, place)
    }

    /// The same, where somebody is.
    pub fn asking(folder: &Path) -> Self {
        Self::within(folder, &[])
    }

    /// The same, with this in its environment.
    pub fn within(folder: &Path, environment: &[(&str, &str)]) -> Self {
        Self::run(command(environment), folder, Vec::new(), None)
    }

    /// The same, on a machine whose clock is wrong by this (`+2d`).
    pub fn skewed(folder: &Path, by: &str) -> Self {
        let mut command = command(&[PHRASE]);
        command.env("LD_PRELOAD", faketime()).env("FAKETIME", by);
        command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("DONT_FAKE_MONOTONIC", "1");
        Self::run(command, folder, Vec::new(), None)
    }

    fn run(
        mut command: Command,
        folder: &Path,
        threads: Vec<KnownThread>,
        place: Option<String>,
    ) -> Self {
        let mut process = command.spawn().expect("the connector starts");
        let to = process.stdin.take();
        let pipe = process.stdout.take().expect("a pipe");
        let (told, from) = sync_channel(WAITING);
        std::thread::spawn(move || {
            let mut lines = Lines::new(BufReader::new(pipe));
            while let Ok(Got::Line) = lines.read() {
                let news = serde_json::from_slice(lines.bytes());
                let shown = String::from_utf8_lossy(lines.bytes());
                if told.send(news.unwrap_or_else(|e| panic!("{e}: {shown}"))).is_err() {
                    return;
                }
            }
        });
        let mut connector = Self { process, to, from, news: Vec::new(), answered: 0 };
        connector.order(&Order::Hello {
            versions: vec![VERSION],
            account: 1,
            state_dir: folder.to_owned(),
            media_dir: folder.join("media"),
            offline: false,
            places: true,
        });
        connector.order(&Order::Known { threads, last: true, place });
        connector
    }

    /// Gives an order.
    pub fn order(&mut self, order: &Order) {
        let line = serde_json::to_string(order).expect("an order");
        writeln!(self.to.as_mut().expect("not stopped"), "{line}").expect("the connector listens");
    }

    /// Waits until all that was told makes something true.
    pub fn until<T>(&mut self, what: &str, look: impl Fn(&[News]) -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(found) = look(&self.news) {
                return found;
            }
            match self.from.recv_timeout(LONG.saturating_sub(begun.elapsed())) {
                Ok(news) => self.news.push(news),
                Err(e) => {
                    let tail = self.news.iter().rev().take(12).rev();
                    let shown: Vec<_> = tail.map(|n| format!("{n:?}")).collect();
                    panic!("{what}: {e} after {:?}; last:\n{}", begun.elapsed(), shown.join("\n"));
                }
            }
        }
    }

    /// Waits for news that is right.
    pub fn news(&mut self, what: &str, from: usize, right: impl Fn(&News) -> bool) -> News {
        self.until(what, |all| all.iter().skip(from).find(|n| right(n)).cloned())
    }

    /// Everything that has come until now.
    pub fn drain(&mut self) -> usize {
        self.news.extend(self.from.try_iter());
        self.news.len()
    }

    /// Answers the next question, once it has come; what was wrong before it.
    pub fn answer(&mut self, asked: &str, value: &str) -> Option<String> {
        let ask = self.asked(asked);
        if asked.contains("password") {
            assert_eq!(ask.asking, Asking::Secret);
        }
        self.order(&Order::Answer { id: ask.id, value: Some(value.to_owned()) });
        ask.problem
    }

    /// The next question, once it has come.
    pub fn asked(&mut self, asked: &str) -> Ask {
        let from = self.answered;
        let (at, ask) = self.until(asked, |all| {
            let mut asks = all.iter().enumerate().skip(from);
            asks.find_map(|(i, n)| match n {
                News::Ask(ask) => Some((i, ask.clone())),
                _ => None,
            })
        });
        assert!(ask.text.contains(asked), "{ask:?}");
        self.answered = at + 1;
        ask
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Signs in, from the first question on, and waits for every thread.
    pub fn sign_in(&mut self, server: &str, user: &str) {
        self.answer("server", server);
        self.answer("name there", user);
        self.answer("password", &format!("pw-{user}"));
        self.online(0);
        self.news("every thread", 0, |n| *n == News::AllThreads);
    }

    /// Waits until it is online.
    pub fn online(&mut self, from: usize) {
        self.news("online", from, |n| matches!(n, News::Link { state: LinkState::Online, .. }));
    }

    fn records(news: &[News]) -> impl Iterator<Item = (&str, Record)> {
        news.iter().filter_map(|n| match n {
            News::Record { app, record } => {
                Some((app.as_str(), record.clone().into_record().expect("a record")))
            }
            _ => None,
        })
    }

    /// Waits for a record that is right.
    pub fn record(&mut self, what: &str, right: impl Fn(&Record) -> bool) -> Record {
        self.until(what, |all| Self::records(all).map(|(_, r)| r).find(|r| right(r)))
    }

    /// A thread as it was told last, with its app.
    pub fn thread(&self, key: &str) -> Option<(String, ThreadRecord)> {
        Self::records(&self.news)
            .filter_map(|(app, r)| match r {
                Record::Thread(t) if *t.key == *key => Some((app.to_owned(), *t)),
                _ => None,
            })
            .last()
    }

    /// Who was told in a thread, as they were told last.
    pub fn people(&self, key: &str) -> Vec<ParticipantRecord> {
        let mut people: Vec<ParticipantRecord> = Vec::new();
        for (_, record) in Self::records(&self.news) {
            let Record::Participant(p) = record else { continue };
            if *p.thread == *key {
                people.retain(|old| old.key != p.key);
                people.push(p);
            }
        }
        people
    }

    /// Messages of a thread, each as it was told last, in their order.
    pub fn messages(&self, key: &str) -> Vec<MessageRecord> {
        let mut messages: Vec<MessageRecord> = Vec::new();
        for (_, record) in Self::records(&self.news) {
            let Record::Message(m) = record else { continue };
            if *m.thread == *key {
                messages.retain(|old| old.native_id != m.native_id);
                messages.push(*m);
            }
        }
        messages.sort_by_key(|m| (m.sent.at, m.order));
        messages
    }

    /// Each time that a message was told, in order.
    pub fn tellings(&self, id: &str) -> Vec<MessageRecord> {
        let messages = Self::records(&self.news).filter_map(|(_, r)| match r {
            Record::Message(m) if m.native_id.as_deref() == Some(id) => Some(*m),
            _ => None,
        });
        messages.collect()
    }

    /// Waits for the last outcome of an order.
    pub fn outcome(&mut self, key: &str, from: usize) -> Outcome {
        self.until(&format!("the outcome of {key}"), |all| {
            all.iter().skip(from).rev().find_map(|n| match n {
                News::Outcome(o) if o.key == key => Some(o.clone()),
                _ => None,
            })
        })
    }

    /// Gives an order and waits until it is done; the id that the service gave.
    pub fn done(&mut self, order: &Order) -> Option<String> {
        let from = self.drain();
        self.order(order);
        let key = order.key().expect("an order with an outcome");
        let outcome = self.outcome(key, from);
        assert_eq!(outcome.state, OutcomeState::Done, "{outcome:?}");
        outcome.id
    }

    /// Stops it in an orderly way, in time.
    pub fn stop(mut self) {
        self.order(&Order::Stop);
        let begun = Instant::now();
        while self.process.try_wait().expect("a process").is_none() {
            assert!(begun.elapsed() < PATIENCE, "it does not stop");
            std::thread::park_timeout(Duration::from_millis(20));
        }
        assert!(self.process.wait().expect("ended").success());
    }

    /// Kills it as a power cut would.
    pub fn kill(mut self) {
        self.process.kill().expect("killed");
    }
}

impl Drop for Connector {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
