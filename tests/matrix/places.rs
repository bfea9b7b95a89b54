//! Going on from where the connector was: after a restart only what is new comes, and whatever died
//! and whenever, nothing is lost.

use std::collections::BTreeSet;
use std::time::Duration;

use onebox::model::{Record, ShutWhy};
use onebox::sources::live::{KnownThread, News};
use serde_json::json;

use super::{Connector, Fault, Proxy};
use crate::{Case, Stage, is_message};

/// The cases.
pub const CASES: &[Case] = &[
    Case::new("warm start", &["wiltrud"], warm),
    Case::new("warm start of one that was killed", &["wiebke"], killed),
    Case::new("place that does not hold", &["willa"], does_not_hold),
    Case::new("warm start with news of bridges", &["wendy"], learnt),
];

/// What a onebox has that is behind a connector.
#[derive(Default)]
struct Stored {
    /// Messages.
    texts: BTreeSet<String>,
    /// The last place, with all that was told before it.
    place: Option<String>,
}

impl Stored {
    /// Stores all that came up to the last place, and nothing behind it.
    fn store_to_the_place(&mut self, c: &mut Connector) {
        c.drain();
        let is_place = |n: &News| matches!(n, News::Place { .. });
        let Some(last) = c.news.iter().rposition(is_place) else { return };
        for news in &c.news[..=last] {
            match news {
                News::Place { place } => self.place = Some(place.clone()),
                News::Record { record, .. } => {
                    if let Ok(Record::Message(m)) = record.clone().into_record() {
                        self.texts.insert(m.text);
                    }
                }
                _ => {}
            }
        }
    }
}

/// Threads that were told, by their keys.
fn threads(c: &Connector) -> BTreeSet<String> {
    let records = c.news.iter().filter_map(|n| match n {
        News::Record { record, .. } => record.clone().into_record().ok(),
        _ => None,
    });
    let threads = records.filter_map(|r| match r {
        Record::Thread(t) => Some(t.key.to_string()),
        _ => None,
    });
    threads.collect()
}

/// Waits for a place behind everything that is waited for.
fn place(c: &mut Connector, from: usize) -> String {
    let news = c.news("a place", from, |n| matches!(n, News::Place { .. }));
    let News::Place { place } = news else { unreachable!("a place") };
    place
}

fn complete(c: &mut Connector) {
    c.news("every thread", 0, |n| *n == News::AllThreads);
}

/// A user of their own with portals, signed in and at rest; the portals, and where it is.
fn settled(stage: &mut Stage, user: &str, count: usize) -> (Connector, Vec<String>, Stored) {
    let address = stage.server.address();
    settled_at(stage, &address, user, count)
}

/// The same, at an address of the server's.
fn settled_at(
    stage: &mut Stage,
    address: &str,
    user: &str,
    count: usize,
) -> (Connector, Vec<String>, Stored) {
    let me = stage.bridges.id("register", json!([user]));
    let mut portal = |n: usize| {
        let (id, name) = (format!("{n}"), format!("Kim {n}"));
        stage.bridges.id("portal", json!(["signal", me, id, name, "dm", [[id, name]]]))
    };
    let rooms: Vec<String> = (0..count).map(&mut portal).collect();
    stage.bridges.ask("say", json!(["signal", rooms[0], "0", "before"]));
    let mut c = Connector::new(&stage.state(user));
    c.sign_in(address, user);
    place(&mut c, 0);
    // Members are asked for once all rooms have come, and are behind a place of their own.
    loop {
        let had = c.drain();
        std::thread::park_timeout(Duration::from_secs(2));
        if c.drain() == had {
            break;
        }
    }
    let mut stored = Stored::default();
    stored.store_to_the_place(&mut c);
    (c, rooms, stored)
}

/// After a clean end only what is new comes; a room that I left elsewhere is told as left.
fn warm(stage: &mut Stage) {
    let (c, rooms, mut stored) = settled(stage, "wiltrud", 6);
    c.stop();
    let folder = stage.state("wiltrud");
    // Nothing is new: nothing comes but the word that all is there.
    let mut c = Connector::going_on(&folder, stored.place.clone());
    c.online(0);
    complete(&mut c);
    assert_eq!(threads(&c), BTreeSet::new(), "{:?}", c.news);
    // And it keeps up.
    stage.bridges.ask("say", json!(["signal", rooms[1], "1", "while here"]));
    c.record("what is said now", |r| is_message(r, "while here"));
    let from = c.news.len();
    place(&mut c, from.saturating_sub(1));
    stored.store_to_the_place(&mut c);
    c.stop();
    let b = &mut stage.bridges;
    b.ask("say", json!(["signal", rooms[3], "3", "while away"]));
    b.ask("act", json!(["as-doublepuppet", "@wiltrud:onebox.test", rooms[4], "leave"]));
    let more =
        b.id("portal", json!(["signal", "@wiltrud:onebox.test", "9", "New", "dm", [["9", "New"]]]));
    b.ask("say", json!(["signal", more, "9", "hello"]));
    let mut c = Connector::going_on(&folder, stored.place.clone());
    complete(&mut c);
    c.record("what was said meanwhile", |r| is_message(r, "while away"));
    c.record("what was said in a new room", |r| is_message(r, "hello"));
    let told = threads(&c);
    let expected: BTreeSet<String> = [&rooms[3], &rooms[4], &more].into_iter().cloned().collect();
    assert_eq!(told, expected);
    let (app, thread) = c.thread(&rooms[4]).expect("the room that I left");
    assert_eq!(app, "signal", "it stays where it was");
    let live = thread.live.expect("a live thread");
    assert!(live.shut.is_some_and(|s| s.why == ShutWhy::Left), "it is left");
    assert_eq!(c.messages(&rooms[3]).len(), 1, "{:?}", c.messages(&rooms[3]));
    c.stop();
}

/// Both die again and again, at any moment, and onebox has what it stored: nothing is lost.
fn killed(stage: &mut Stage) {
    let (c, rooms, mut stored) = settled(stage, "wiebke", 3);
    c.kill();
    let folder = stage.state("wiebke");
    let mut said = BTreeSet::from(["before".to_owned()]);
    for round in 0..8_u64 {
        let mut c = Connector::going_on(&folder, stored.place.clone());
        for n in 0..3 {
            let text = format!("round {round}, {n}");
            let room = usize::try_from(round + n).unwrap_or_default() % rooms.len();
            stage.bridges.ask("say", json!(["signal", rooms[room], room.to_string(), text]));
            said.insert(text);
        }
        // Before it is there, while it tells, behind it.
        std::thread::park_timeout(Duration::from_millis(round * 150));
        stored.store_to_the_place(&mut c);
        c.kill();
    }
    let mut c = Connector::going_on(&folder, stored.place.clone());
    complete(&mut c);
    place(&mut c, 0);
    stored.store_to_the_place(&mut c);
    assert_eq!(stored.texts.intersection(&said).count(), said.len(), "{:?}", stored.texts);
    // One that was a step behind: what its place does not cover comes again.
    let behind = stored.place.clone();
    stage.bridges.ask("say", json!(["signal", rooms[0], "0", "told, never stored"]));
    c.record("what is said now", |r| is_message(r, "told, never stored"));
    let from = c.news.len();
    place(&mut c, from.saturating_sub(1));
    c.kill();
    let mut c = Connector::going_on(&folder, behind);
    complete(&mut c);
    c.record("it is told again", |r| is_message(r, "told, never stored"));
    c.stop();
}

/// A place of another time, one that the server has forgotten, and none: every room comes.
fn does_not_hold(stage: &mut Stage) {
    let proxy = Proxy::new(&stage.server.address());
    let (c, rooms, stored) = settled_at(stage, &proxy.address(), "willa", 3);
    c.stop();
    let folder = stage.state("willa");
    let all: BTreeSet<String> = rooms.iter().cloned().collect();
    let place_of = stored.place.clone().expect("a place");
    let (n, pos) = place_of.split_once(' ').expect("a number and a position");
    let forged = format!("{} {pos}", n.parse::<u64>().expect("a number") + 7);
    for wrong in [Some(forged), Some("nonsense".to_owned()), None] {
        let known = rooms.iter().map(|r| KnownThread { thread: r.as_str().into(), message: None });
        let mut c = Connector::with(&folder, known.collect(), wrong.clone());
        complete(&mut c);
        assert_eq!(threads(&c), all, "{wrong:?}");
        c.record("what was said long ago", |r| is_message(r, "before"));
        c.kill();
    }
    // One that is known here, and that the server has forgotten.
    let mut c = Connector::going_on(&folder, None);
    complete(&mut c);
    let fresh = place(&mut c, 0);
    c.kill();
    let forgotten = json!({"errcode": "M_UNKNOWN_POS", "error": "Unknown position"});
    proxy.next("sync", 1, Fault::Answer(400, forgotten.to_string()));
    let mut c = Connector::going_on(&folder, Some(fresh));
    complete(&mut c);
    assert_eq!(proxy.failed("sync"), 1);
    assert_eq!(threads(&c), all, "the server has forgotten it");
    let fresh = place(&mut c, 0);
    c.stop();
    let mut c = Connector::going_on(&folder, Some(fresh));
    complete(&mut c);
    assert_eq!(threads(&c), BTreeSet::new());
    c.stop();
}

/// What was learnt of bridges is known from the start, and what is learnt then changes rooms that
/// have not come.
fn learnt(stage: &mut Stage) {
    let (c, rooms, stored) = settled(stage, "wendy", 2);
    c.stop();
    let folder = stage.state("wendy");
    let logged_out = json!({"state_event": "LOGGED_OUT", "remote_id": "me", "message": "Gone"});
    let talk = stage.bridges.id("management", json!(["signal", "@wendy:onebox.test", logged_out]));
    let mut c = Connector::going_on(&folder, stored.place);
    complete(&mut c);
    c.record("a room of that bridge", |r| {
        matches!(r, Record::Thread(t) if *t.key == *rooms[1]
            && t.live.as_ref().and_then(|l| l.shut.as_ref()).is_some())
    });
    let (app, _) = c.thread(&talk).expect("the talk with the bot");
    assert_eq!(app, "signal", "the bot is known");
    c.stop();
}
