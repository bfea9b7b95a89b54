//! The outbox under random orders of events: whatever is cut off, echoed, repeated or told late, at
//! the end every message stands once, in order, and the service has carried out each key once.

use std::collections::{BTreeMap, BTreeSet};

use onebox::engine::{Engine, Rules, Settings, Store};
use onebox::model::{
    AccountRecord, LiveId, LiveThread, MessageRecord, Moment, ParticipantRecord, Record, SendState,
    SourceId, ThreadId, ThreadKind, ThreadRecord, Timestamp, Wish,
};
use onebox::store::{Ended, OutboxItem};
use proptest::prelude::*;

const START: i64 = 1_700_000_000_000;

#[derive(Clone, Debug)]
enum Step {
    /// The person writes in one of the threads.
    Write(usize),
    /// Everything that may leave leaves, and the service gets it or not.
    Leave { gets: bool },
    /// The service answers what it got (or not) last.
    Answer { nth: usize, how: How },
    /// The service tells of a message that it has, as it does to everyone.
    Echo(usize),
    /// The connector dies and starts again.
    Die,
    /// Time goes by.
    Wait,
}

#[derive(Clone, Copy, Debug)]
enum How {
    Done,
    Retry,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..2usize).prop_map(Step::Write),
        4 => any::<bool>().prop_map(|gets| Step::Leave { gets }),
        6 => (0..4usize, prop_oneof![4 => Just(How::Done), 2 => Just(How::Retry)]).prop_map(|(nth, how)| Step::Answer { nth, how }),
        3 => (0..8usize).prop_map(Step::Echo),
        1 => Just(Step::Die),
        2 => Just(Step::Wait),
    ];
    prop::collection::vec(step, 1..60)
}

/// A service that carries out no key twice.
#[derive(Default)]
struct Service {
    /// Key → its id, thread and text, in the order of arrival.
    has: BTreeMap<String, (usize, String, String)>,
}

impl Service {
    fn get(&mut self, item: &OutboxItem) {
        let n = self.has.len();
        self.has
            .entry(item.key.clone())
            .or_insert_with(|| (n, item.thread_key.clone(), item.text.clone()));
    }
}

struct World {
    store: std::sync::Arc<Store>,
    engine: Engine,
    live: LiveId,
    threads: Vec<ThreadId>,
    service: Service,
    /// On the wire: handed to the connector and not answered.
    wire: Vec<(OutboxItem, bool)>,
    written: Vec<Vec<String>>,
    now: i64,
    /// So many messages the service has told of.
    echoed: usize,
}

impl World {
    fn new() -> Self {
        let store = std::sync::Arc::new(Store::in_memory().expect("a store"));
        let settings = std::sync::Arc::new(Settings::plain(Rules::builtin().expect("rules")));
        let live = store.writer().expect("a writer").add_live_account("test").expect("an account");
        let mut world = Self {
            engine: Engine::new(store.clone(), settings).expect("an engine"),
            store,
            live,
            threads: Vec::new(),
            service: Service::default(),
            wire: Vec::new(),
            written: vec![Vec::new(), Vec::new()],
            now: START,
            echoed: 0,
        };
        world.tell(Vec::new());
        let reader = world.store.reader().expect("a reader");
        world.threads = ["a", "b"]
            .iter()
            .map(|k| reader.live_thread(live, k).expect("a store").expect("a thread"))
            .collect();
        world
    }

    fn at(&self) -> Timestamp {
        Timestamp(self.now)
    }

    /// The service tells both threads and some messages.
    fn tell(&mut self, messages: Vec<Record>) {
        let mut writer = self.store.writer().expect("a writer");
        let mut batch = writer.live_batch(self.live, false, self.at()).expect("a batch");
        let account = AccountRecord {
            source: SourceId::known("whatsapp"),
            key: "sam".to_owned(),
            name: "Sam".to_owned(),
            me_names: vec!["Sam".to_owned()],
            known_by: "test".to_owned(),
        };
        batch.take(Record::Account(account)).expect("an account");
        for key in ["a", "b"] {
            let mut thread = ThreadRecord::new(key, "test");
            (thread.title, thread.kind) = (Some(key.to_owned()), Some(ThreadKind::Group));
            thread.live = Some(LiveThread { can: [Wish::Send].into(), ..LiveThread::default() });
            batch.take(Record::Thread(Box::new(thread))).expect("a thread");
            batch
                .take(Record::Participant(ParticipantRecord {
                    thread: key.into(),
                    key: "sam".into(),
                    name: "Sam".to_owned(),
                    source: None,
                    is_me: true,
                    placeholder: false,
                    left: false,
                }))
                .expect("me");
        }
        for m in messages {
            batch.take(m).expect("a message");
        }
        batch.finish_live().expect("an end");
    }

    /// The service tells in its order, some of it more than once. Its clock is not ours.
    fn echo(&mut self, nth: usize) {
        let nth = if nth.is_multiple_of(2) { self.echoed } else { nth.min(self.echoed) };
        let mut has = self.service.has.iter();
        let Some((key, (n, thread, text))) = has.find(|(_, (n, ..))| *n == nth) else { return };
        self.echoed = self.echoed.max(nth + 1);
        let sent = Moment::exact(Timestamp(START + 1_000 + 700 * *n as i64));
        let mut m =
            MessageRecord::text(thread.as_str().into(), Some("sam".into()), sent, text.clone());
        m.native_id = Some(format!("${n}"));
        m.client_key = Some(key.clone());
        self.tell(vec![Record::Message(Box::new(m))]);
    }

    fn leave(&mut self, gets: bool) {
        let reader = self.store.reader().expect("a reader");
        for item in reader.outbox_due(self.live, self.at(), 16).expect("a store") {
            self.store.writer().expect("a writer").set_sending(&item.key, self.at()).expect("sent");
            if gets {
                self.service.get(&item);
            }
            self.wire.push((item, gets));
        }
    }

    fn answer(&mut self, nth: usize, how: How) {
        if nth >= self.wire.len() {
            return;
        }
        let (item, got) = self.wire.remove(nth);
        let id = self.service.has.get(&item.key).map(|(n, ..)| format!("${n}"));
        let ended = match (how, got) {
            (How::Done, true) => Ended::Done(id),
            _ => Ended::Retry(Timestamp(self.now + 500)),
        };
        self.store
            .writer()
            .expect("a writer")
            .set_ended(&item.key, &ended, self.at())
            .expect("set");
    }

    fn step(&mut self, step: &Step) {
        self.now += 10;
        match step {
            Step::Write(t) => {
                let text = format!("{}-{}", ["a", "b"][*t], self.written[*t].len());
                let sent = self.engine.enqueue(self.threads[*t], &text, None, self.at());
                sent.expect("a store").expect("an open door");
                self.written[*t].push(text);
            }
            Step::Leave { gets } => self.leave(*gets),
            Step::Answer { nth, how } => self.answer(*nth, *how),
            Step::Echo(nth) => self.echo(*nth),
            Step::Die => {
                self.wire.clear();
                let mut writer = self.store.writer().expect("a writer");
                writer.recover_outbox(self.live, true, self.at()).expect("recovered");
            }
            Step::Wait => self.now += 1_000,
        }
        self.check();
    }

    /// At every moment: each text that was written stands once, in the order of writing.
    fn check(&self) {
        for (t, written) in self.written.iter().enumerate() {
            let shown = self.shown(t);
            let set: BTreeSet<&String> = shown.iter().map(|(text, _)| text).collect();
            assert_eq!(shown.len(), written.len(), "{shown:?}");
            assert_eq!(set.len(), written.len(), "{shown:?}");
            let texts: Vec<&String> = shown.iter().map(|(text, _)| text).collect();
            assert_eq!(texts, written.iter().collect::<Vec<_>>(), "in the order of writing");
        }
    }

    fn shown(&self, t: usize) -> Vec<(String, Option<SendState>)> {
        let at = onebox::inbox::OpenAt::End;
        let page = self.engine.open(self.threads[t], at, 200).expect("a thread");
        page.rows.into_iter().map(|r| (r.text, r.send_state)).collect()
    }

    /// Everything goes out in the end.
    fn drain(&mut self) {
        for _ in 0..80 {
            self.step(&Step::Wait);
            self.leave(true);
            while !self.wire.is_empty() {
                let (item, _) = self.wire.remove(0);
                let id = self.service.has.get(&item.key).map(|(n, ..)| format!("${n}"));
                let ended = id.map_or(Ended::Retry(self.at()), |id| Ended::Done(Some(id)));
                let mut writer = self.store.writer().expect("a writer");
                writer.set_ended(&item.key, &ended, self.at()).expect("set");
            }
        }
        for _ in 0..=self.service.has.len() {
            self.echo(0);
            self.check();
        }
        let reader = self.store.reader().expect("a reader");
        assert_eq!(reader.outbox_counts().expect("counts"), (0, 0));
        let mut arrived: Vec<_> = self.service.has.values().cloned().collect();
        arrived.sort();
        for (t, written) in self.written.iter().enumerate() {
            let key = ["a", "b"][t];
            let there: Vec<&String> =
                arrived.iter().filter(|(_, k, _)| k == key).map(|(.., text)| text).collect();
            assert_eq!(there, written.iter().collect::<Vec<_>>(), "in order at the service");
            let shown: Vec<String> = self.shown(t).into_iter().map(|(text, _)| text).collect();
            assert_eq!(&shown, written, "in order here");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn never_lost_never_doubled_never_out_of_order(steps in steps()) {
        let mut world = World::new();
        for step in &steps {
            world.step(step);
        }
        world.wire.clear();
        let mut writer = world.store.writer().expect("a writer");
        writer.recover_outbox(world.live, true, world.at()).expect("recovered");
        drop(writer);
        world.drain();
    }
}
