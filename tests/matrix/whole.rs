//! The whole of it: onebox's engine with its store and outbox, the connector, and a real server.
//! Counted on the server at the end.

use std::process::Command;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use onebox::engine::accounts::{Accounts, Call, Launch, Pipes};
use onebox::engine::{Engine, Rules, Settings, Store, now};
use onebox::inbox::{
    AccountRow, AccountState, MessageRow, OpenAt, Request, ThreadFilter, TriageChange, Update,
};
use onebox::model::{NotifyOf, SendState, ThreadId, VerdictKind};
use serde_json::json;

use super::connector;
use crate::{Case, Stage};

/// The cases.
pub const CASES: &[Case] = &[
    Case::new("whole: server killed", &["walt"], server_killed),
    Case::new("whole: connector killed", &["wilma"], connector_killed),
    Case::new("whole: push rules", &["wim"], push_rules),
    Case::new("whole: bridge leaves", &["wanda"], bridge_leaves),
];

const LONG: Duration = Duration::from_secs(90);

/// An inbox with one account of the connector.
struct Inbox {
    engine: Engine,
    store: Arc<Store>,
    accounts: Accounts,
    updates: Receiver<Update>,
    rows: Vec<AccountRow>,
    /// Who has called, and whether it was me that they called.
    heard: Vec<(String, bool)>,
    started: Arc<Mutex<Vec<u32>>>,
    folder: tempfile::TempDir,
}

impl Inbox {
    /// Opens one, and signs in.
    fn new(server: &str, user: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("store");
        let settings = Settings::plain(Rules::builtin().expect("rules"));
        let store = Arc::new(Store::open(&root).expect("a store"));
        let engine = Engine::new(Arc::clone(&store), Arc::new(settings)).expect("an engine");
        let (tell, updates) = sync_channel(4096);
        let other = engine.another().expect("another engine");
        let started = Arc::new(Mutex::new(Vec::new()));
        let accounts =
            Accounts::start(other, root, launch(Arc::clone(&started)), tell, Box::new(|| {}));
        let (rows, heard) = (Vec::new(), Vec::new());
        let mut inbox = Self { engine, store, accounts, updates, rows, heard, started, folder };
        inbox.accounts.wish(Request::AddAccount { connector: "matrix".to_owned() });
        inbox.answer("server", server);
        inbox.answer("name there", user);
        inbox.answer("password", &format!("pw-{user}"));
        inbox
    }

    fn answer(&mut self, asked: &str, value: &str) {
        let (account, id) = self.until(asked, |i| {
            let row = i.rows.first()?;
            let ask = row.ask.as_ref().filter(|a| a.text.contains(asked))?;
            Some((row.id, ask.id.clone()))
        });
        let value = Some(value.to_owned());
        self.accounts.wish(Request::AnswerAccount { account, id, value });
    }

    /// Waits until something holds.
    fn until<T>(&mut self, what: &str, holds: impl Fn(&Self) -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(t) = holds(self) {
                return t;
            }
            if begun.elapsed() >= LONG {
                let mine = self.only().map(|(thread, _)| self.mine(thread)).unwrap_or_default();
                let mine: Vec<_> =
                    mine.into_iter().map(|r| (r.text, r.send_state, r.send_why)).collect();
                panic!("never: {what}; {:?}; {mine:?}", self.rows);
            }
            match self.updates.recv_timeout(Duration::from_millis(50)) {
                Ok(Update::Accounts(rows)) => self.rows = rows,
                Ok(Update::Heard(heard)) => self.heard.push((heard.who, heard.to_me)),
                _ => {}
            }
        }
    }

    fn state(&mut self, state: AccountState) {
        self.until(state.word(), |i| i.rows.first().filter(|r| r.state == state).map(|_| ()));
    }

    /// The only thread, once it is there.
    fn thread(&mut self) -> ThreadId {
        self.until("a thread", |i| i.only().map(|(id, _)| id))
    }

    fn only(&self) -> Option<(ThreadId, VerdictKind)> {
        let mut engine = self.engine.another().expect("an engine");
        let found = engine.threads(&ThreadFilter::default(), 0, 10, None).expect("threads");
        found.rows.first().map(|t| (t.id, t.verdict))
    }

    fn texts(&self, thread: ThreadId) -> Vec<String> {
        let page = self.engine.open(thread, OpenAt::End, 200).expect("a thread");
        page.rows.into_iter().map(|r| r.text).collect()
    }

    fn mine(&self, thread: ThreadId) -> Vec<MessageRow> {
        let page = self.engine.open(thread, OpenAt::End, 200).expect("a thread");
        page.rows.into_iter().filter(|r| r.send_state.is_some()).collect()
    }

    /// Puts messages into the outbox.
    fn send(&self, thread: ThreadId, texts: &[String]) {
        for text in texts {
            let sent = self.engine.enqueue(thread, text, None, now()).expect("a store");
            assert!(sent.is_ok(), "{sent:?}");
        }
        self.accounts.calls().send(Call::Wake).expect("it runs");
    }

    /// How many are on the server, as onebox knows.
    fn sent(&self, thread: ThreadId) -> usize {
        let on_server = |r: &MessageRow| {
            matches!(r.send_state, Some(SendState::Sent | SendState::Delivered | SendState::Read))
        };
        self.mine(thread).iter().filter(|r| on_server(r)).count()
    }

    fn wait_for(&mut self, thread: ThreadId, count: usize) {
        self.until(&format!("{count} sent"), |i| (i.sent(thread) >= count).then_some(()));
    }

    /// Kills the connector that runs as a power cut would.
    fn kill_connector(&self) {
        let id = *self.started.lock().expect("no panic").last().expect("one runs");
        let killed = Command::new("kill").args(["-9", &id.to_string()]).status();
        assert!(killed.is_ok_and(|s| s.success()));
    }
}

fn launch(started: Arc<Mutex<Vec<u32>>>) -> Launch {
    Arc::new(move |_| {
        let mut child = connector::command(&[super::PHRASE]).spawn().map_err(|e| e.to_string())?;
        started.lock().expect("no panic").push(child.id());
        let orders = child.stdin.take().ok_or("no pipe")?;
        let news = child.stdout.take().ok_or("no pipe")?;
        Ok(Pipes { orders: Box::new(orders), news: Box::new(news), child: Some(child) })
    })
}

fn texts(name: &str, count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{name} {n}")).collect()
}

/// A user with one portal.
fn portal(stage: &mut Stage, user: &str) -> String {
    let b = &mut stage.bridges;
    let me = b.id("register", json!([user]));
    b.id("portal", json!(["signal", me, "7", "Kim", "dm", [["7", "Kim"]]]))
}

/// The server dies while 60 messages wait; it comes back; all are there once, in order.
fn server_killed(stage: &mut Stage) {
    let room = portal(stage, "walt");
    let mut inbox = Inbox::new(&stage.server.address(), "walt");
    inbox.state(AccountState::Online);
    let thread = inbox.thread();
    let all = texts("w", 60);
    inbox.send(thread, &all);
    inbox.wait_for(thread, 5);
    stage.server.kill();
    inbox.state(AccountState::Offline);
    let known = inbox.sent(thread);
    assert!(known < 60, "it died while messages waited");
    stage.server.start();
    inbox.wait_for(thread, 60);
    assert_eq!(stage.bridges.texts(&room, "@walt:onebox.test"), all);
    let shown: Vec<String> = inbox.mine(thread).into_iter().map(|r| r.text).collect();
    assert_eq!(shown, all, "the transcript shows each once, in order");
}

/// The connector dies, twice, while 40 messages wait.
fn connector_killed(stage: &mut Stage) {
    let room = portal(stage, "wilma");
    let mut inbox = Inbox::new(&stage.server.address(), "wilma");
    inbox.state(AccountState::Online);
    let thread = inbox.thread();
    let all = texts("v", 40);
    inbox.send(thread, &all);
    for sent in [3, 12] {
        inbox.wait_for(thread, sent);
        inbox.kill_connector();
    }
    inbox.wait_for(thread, 40);
    assert!(inbox.started.lock().expect("no panic").len() >= 3, "it was started again");
    assert_eq!(stage.bridges.texts(&room, "@wilma:onebox.test"), all);
    let shown: Vec<String> = inbox.mine(thread).into_iter().map(|r| r.text).collect();
    assert_eq!(shown, all, "the transcript shows each once, in order");
}

/// Who writes is heard as my rules on the server have it, and never where I have muted it here.
fn push_rules(stage: &mut Stage) {
    let b = &mut stage.bridges;
    let me = b.id("register", json!(["wim"]));
    let ghosts = json!([["7", "Kim"], ["8", "Lee"]]);
    let room = b.id("portal", json!(["signal", me, "climbers", "Climbers", "", ghosts]));
    let mut inbox = Inbox::new(&stage.server.address(), "wim");
    inbox.state(AccountState::Online);
    let thread = inbox.thread();
    let say = |inbox: &mut Inbox, b: &mut super::Bridges, what: &str| {
        b.ask("say", json!(["signal", room, "7", what]));
        inbox.until(what, |i| i.texts(thread).iter().any(|t| t == what).then_some(()));
    };
    let heard = |inbox: &mut Inbox, count: usize, to_me: bool| {
        inbox.until("a call", |i| (i.heard.len() >= count).then_some(()));
        assert_eq!(inbox.heard.len(), count, "{:?}", inbox.heard);
        assert_eq!(inbox.heard.last(), Some(&("Kim".to_owned(), to_me)));
    };
    let b = &mut stage.bridges;
    say(&mut inbox, b, "hello");
    heard(&mut inbox, 1, false);
    let ropes = json!({"pattern": "rope", "actions": ["notify", {"set_tweak": "highlight"}]});
    b.ask("push_rule", json!([me, "content", "ropes", ropes]));
    say(&mut inbox, b, "who has the rope?");
    heard(&mut inbox, 2, true);
    let row = |i: &Inbox| {
        let reader = i.store.reader().expect("a reader");
        reader.thread(thread).expect("a store").expect("a thread")
    };
    assert!(row(&inbox).mentioned, "a word that I have named is a mention");

    let muted = json!({"actions": [],
        "conditions": [{"kind": "event_match", "key": "room_id", "pattern": room}]});
    b.ask("push_rule", json!([me, "override", room, muted]));
    inbox.until("muted", |i| (row(i).facts.notify == NotifyOf::Nothing).then_some(()));
    say(&mut inbox, b, "the rope is gone");
    b.ask("push_rule", json!([me, "override", room, null]));
    inbox.until("loud", |i| (row(i).facts.notify == NotifyOf::All).then_some(()));
    say(&mut inbox, b, "hello again");
    heard(&mut inbox, 3, true);

    // Muted here is muted, whatever the server says.
    let mut engine = inbox.engine.another().expect("an engine");
    engine.triage(&[thread], &TriageChange::Mute(true)).expect("muted");
    say(&mut inbox, b, "a new rope");
    engine.triage(&[thread], &TriageChange::Mute(false)).expect("loud");
    say(&mut inbox, b, "and that is all");
    heard(&mut inbox, 4, true);
}

/// The bridge leaves while messages wait: the thread is shut with the reason, and they are kept.
fn bridge_leaves(stage: &mut Stage) {
    let room = portal(stage, "wanda");
    let proxy = super::Proxy::new(&stage.server.address());
    let mut inbox = Inbox::new(&proxy.address(), "wanda");
    inbox.state(AccountState::Online);
    let thread = inbox.thread();
    inbox.send(thread, &texts("u", 2));
    inbox.wait_for(thread, 2);
    proxy.next("/send/m.room.message/", 1000, super::Fault::Refused(429, Some(4000)));
    inbox.send(thread, &texts("x", 5));
    inbox.until("refused once", |_| (proxy.failed("/send/m.room.message/") > 0).then_some(()));
    for who in ["@signal_7:onebox.test", "@signalbot:onebox.test"] {
        stage.bridges.ask("act", json!(["as-signal", who, room, "leave"]));
    }
    inbox.until("shut", |i| i.only().filter(|(_, v)| *v == VerdictKind::ReadOnly).map(|_| ()));
    proxy.heal();
    inbox.until("told", |i| {
        let waiting: Vec<_> = i.mine(thread).into_iter().skip(2).collect();
        let told = waiting.iter().all(|r| {
            r.send_state == Some(SendState::Failed)
                && r.send_why.as_ref().is_some_and(|w| !w.is_empty())
        });
        (waiting.len() == 5 && told).then_some(())
    });
    let refused = inbox.engine.enqueue(thread, "more", None, now()).expect("a store");
    assert_eq!(refused.expect_err("it is shut").code, "bridge-gone");
    let kept: Vec<String> = inbox.mine(thread).into_iter().skip(2).map(|r| r.text).collect();
    assert_eq!(kept, texts("x", 5), "nothing that was written is lost");
    assert_eq!(stage.bridges.texts(&room, "@wanda:onebox.test"), texts("u", 2));
    assert!(inbox.folder.path().exists());
}
