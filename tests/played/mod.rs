//! An inbox with live accounts, and connectors that a test plays itself.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, PipeReader, PipeWriter, Write, pipe};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use onebox::engine::accounts::{Accounts, Call, Launch, Pipes};
use onebox::engine::{Engine, Rules, Settings, Store, now};
use onebox::inbox::{AccountRow, AccountState, Request, Update};
use onebox::model::{SendState, ThreadId};
use serde_json::{Value, json};

pub const PATIENCE: Duration = Duration::from_secs(20);

pub fn settings() -> Arc<Settings> {
    Arc::new(Settings::plain(Rules::builtin().expect("rules")))
}

/// An inbox with live accounts.
pub struct House {
    pub dir: tempfile::TempDir,
    pub engine: Engine,
    pub accounts: Option<Accounts>,
    pub updates: Receiver<Update>,
    pub rows: Vec<AccountRow>,
    pub notices: Vec<String>,
    /// Who was heard, and whether it was said to me.
    pub heard: Vec<(String, bool)>,
}

impl House {
    pub fn new(launch: Launch) -> Self {
        Self::at(tempfile::tempdir().expect("a folder"), launch)
    }

    pub fn at(dir: tempfile::TempDir, launch: Launch) -> Self {
        Self::with(dir, launch, settings())
    }

    pub fn with(dir: tempfile::TempDir, launch: Launch, settings: Arc<Settings>) -> Self {
        let store = Arc::new(Store::open(&dir.path().join("store")).expect("a store"));
        let engine = Engine::new(store, settings).expect("an engine");
        let (tell, updates) = sync_channel(4096);
        let root = dir.path().join("store");
        let other = engine.another().expect("another engine");
        let accounts = Accounts::start(other, root, launch, tell, Box::new(|| {}));
        Self {
            dir,
            engine,
            accounts: Some(accounts),
            updates,
            rows: Vec::new(),
            notices: Vec::new(),
            heard: Vec::new(),
        }
    }

    pub fn wish(&self, request: Request) {
        self.accounts.as_ref().expect("running").wish(request);
    }

    pub fn add(&self, connector: &str) {
        self.wish(Request::AddAccount { connector: connector.to_owned() });
    }

    pub fn answer(&self, value: Option<&str>) {
        let row = &self.rows[0];
        let id = row.ask.as_ref().expect("a question").id.clone();
        let value = value.map(str::to_owned);
        self.wish(Request::AnswerAccount { account: row.id, id, value });
    }

    /// Waits until something holds.
    pub fn until<T>(&mut self, what: &str, mut holds: impl FnMut(&mut Self) -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(t) = holds(self) {
                return t;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "never: {what}; accounts {:?}; notices {:?}",
                self.rows,
                self.notices
            );
            match self.updates.recv_timeout(Duration::from_millis(20)) {
                Ok(Update::Accounts(rows)) => self.rows = rows,
                Ok(Update::Notice(n)) => self.notices.push(n.line()),
                Ok(Update::Heard(h)) => self.heard.push((h.who, h.to_me)),
                Ok(_) | Err(_) => {}
            }
        }
    }

    pub fn state(&mut self, state: AccountState) {
        self.until(state.word(), |h| h.rows.first().filter(|r| r.state == state).map(|_| ()));
    }

    pub fn asks(&mut self, text: &str) {
        self.until(text, |h| {
            let ask = h.rows.first()?.ask.as_ref()?;
            ask.text.contains(text).then_some(())
        });
    }

    pub fn threads(&self) -> Vec<onebox::inbox::ThreadRow> {
        let mut engine = self.engine.another().expect("an engine");
        let filter = onebox::inbox::ThreadFilter::default();
        engine.threads(&filter, 0, 100, None).expect("threads").rows
    }

    pub fn thread(&mut self, title: &str) -> ThreadId {
        self.until(title, |h| h.threads().into_iter().find(|t| t.title == title).map(|t| t.id))
    }

    pub fn texts(&self, thread: ThreadId) -> Vec<(String, Option<SendState>)> {
        let page = self.engine.open(thread, onebox::inbox::OpenAt::End, 200).expect("a thread");
        page.rows.into_iter().map(|r| (r.text, r.send_state)).collect()
    }

    pub fn send(&self, thread: ThreadId, text: &str) {
        let sent = self.engine.enqueue(thread, text, None, now()).expect("a store");
        assert!(sent.is_ok(), "{sent:?}");
        drop(self.accounts.as_ref().expect("running").calls().send(Call::Wake));
    }

    /// Everything is stopped in order.
    pub fn close(mut self) -> tempfile::TempDir {
        self.accounts = None;
        self.dir
    }
}

/// The other end of a connector that a test plays.
pub struct Played {
    pub orders: BufReader<PipeReader>,
    pub news: Option<PipeWriter>,
}

impl Played {
    pub fn tell(&mut self, news: Value) {
        let line = format!("{news}\n");
        let to = self.news.as_mut().expect("not dead");
        drop(to.write_all(line.as_bytes()));
    }

    pub fn order(&mut self) -> Option<Value> {
        let mut line = String::new();
        let n = self.orders.read_line(&mut line).expect("a pipe");
        (n > 0).then(|| serde_json::from_str(&line).expect("an order"))
    }

    pub fn expect(&mut self, kind: &str) -> Value {
        while let Some(order) = self.order() {
            if order["order"] == kind {
                return order;
            }
        }
        panic!("no {kind}")
    }

    /// What onebox says that it has.
    pub fn hello(&mut self, idempotent: bool) -> Value {
        let hello = self.expect("hello");
        assert_eq!(hello["places"], true, "{hello}");
        self.tell(json!({"news":"hello","version":1,"name":"Played","idempotent":idempotent,
            "can":["send","reply","react"]}));
        self.expect("known")
    }

    pub fn place(&mut self, place: &str) {
        self.tell(json!({"news":"place","place":place}));
    }

    pub fn record(&mut self, record: Value) {
        self.tell(json!({"news":"record","app":"whatsapp","record":record}));
    }

    /// Online with one thread.
    pub fn online(&mut self) {
        self.tell(json!({"news":"link","state":"online","me":"@sam:x"}));
        self.record(json!({"record":"account","source":"whatsapp","key":"sam","name":"Sam",
            "me_names":["Sam"]}));
        self.thread(json!({"can":["send","reply","react","edit","delete","mark-read"]}));
        self.record(json!({"record":"participant","thread":"t","key":"ana","name":"Ana"}));
        self.record(json!({"record":"participant","thread":"t","key":"sam","name":"Sam",
            "is_me":true}));
    }

    pub fn thread(&mut self, live: Value) {
        self.record(json!({"record":"thread","thread":"t","title":"Ana","kind":"direct",
            "origin":"Played","live":live}));
    }

    pub fn message(&mut self, id: &str, text: &str, second: u32) {
        self.record(json!({"record":"message","thread":"t","id":id,"sender":"ana","text":text,
            "sent_at":format!("2026-01-01T10:00:{second:02}Z")}));
    }
}

pub type Part = Box<dyn FnOnce(Played) + Send>;

/// Each start of the connector plays the next part; when there is none, it cannot be started.
pub fn plays(parts: Vec<Part>) -> Launch {
    let parts = Mutex::new(VecDeque::from(parts));
    Arc::new(move |_| {
        let part = parts.lock().expect("parts").pop_front().ok_or("no more parts")?;
        let (order_from, order_to) = pipe().map_err(|e| e.to_string())?;
        let (news_from, news_to) = pipe().map_err(|e| e.to_string())?;
        std::thread::spawn(move || {
            part(Played { orders: BufReader::new(order_from), news: Some(news_to) });
        });
        Ok(Pipes { orders: Box::new(order_to), news: Box::new(news_from), child: None })
    })
}

/// Goes on until onebox lets go.
pub fn idle(mut p: Played) {
    while p.order().is_some() {}
}
