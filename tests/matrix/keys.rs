//! Keys of encrypted rooms: made, given, verified by emoji, and what they open.

use std::time::{Duration, Instant};

use onebox::model::{MessageKind, Record, ShutWhy};
use onebox::sources::live::{Ask, Asking, News, Order};
use serde_json::{Value, json};

use super::{Connector, Fault, Proxy};

use crate::{Case, Stage, is_message, text};

/// The cases.
pub const CASES: &[Case] = &[
    Case::new("sealed", &["ada", "ben"], sealed),
    Case::new("recovery key", &["kira", "finn"], recovery),
    Case::new("pass-phrase", &["pia", "paul"], phrase),
    Case::new("unseen key", &["una", "uwe", "ulla", "udo", "ute", "ulf"], unseen),
    Case::new("late key", &["lara", "levi"], late),
    Case::new("emoji", &["emma", "otto"], compare),
    Case::new("proof", &["prim", "perl"], proof),
    Case::new("late word", &["dora", "dirk"], late_word),
    Case::new("forgotten device", &["gina", "gus"], forgotten),
];

const SET_UP: &str = "Set it up now";
const KEY: &str = "Give the recovery key or its pass-phrase";
const EMOJI: &str = "Compare emoji with another device of mine";
const YES: &str = "Yes: compare emoji";
const NO: &str = "No, refuse";
const NOTED: &str = "I have it in a safe place";
const UNSAID: &str = "you have not said that you have it";
const HAVE: &str = "I have it written down";
const ANEW: &str = "Make a new one";
const BACKED_UP: &str = "this device is verified; message keys are backed up";

/// An encrypted room of two.
struct Pair {
    /// The one who waits for keys.
    mine: Connector,
    /// The one who writes.
    theirs: Connector,
    room: String,
    me: String,
}

fn pair(stage: &mut Stage, me: &str, them: &str) -> Pair {
    let b = &mut stage.bridges;
    let (my_id, their_id) = (b.id("register", json!([me])), b.id("register", json!([them])));
    let mut mine = stage.signed_in(me);
    let mut theirs = stage.signed_in(them);
    let encryption = json!({"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}});
    let content = json!({"initial_state": [encryption], "is_direct": true});
    let room = stage.bridges.id("plain", json!([my_id, null, content, [their_id]]));
    theirs.record("an invitation", |r| matches!(r, Record::Thread(t) if *t.key == *room));
    theirs.done(&Order::Accept { key: format!("{them} joins"), thread: room.as_str().into() });
    let joined = format!("{them} joined");
    mine.record("they joined", |r| is_message(r, &joined));
    theirs.record("I joined", |r| is_message(r, &joined));
    Pair { mine, theirs, room, me: my_id }
}

impl Pair {
    /// They write, and it is read.
    fn hear(&mut self, words: &str) {
        self.theirs.done(&text(words, &self.room, words));
        self.mine.record(words, |r| is_message(r, words));
    }
}

/// A question that was put after `from`, and where.
fn asked(c: &mut Connector, from: usize, what: &str) -> (usize, Ask) {
    c.until(what, |all| {
        all.iter().enumerate().skip(from).find_map(|(at, n)| match n {
            News::Ask(ask) if ask.text.contains(what) => Some((at + 1, ask.clone())),
            _ => None,
        })
    })
}

fn say(c: &mut Connector, ask: Ask, value: &str) {
    if let Asking::Choice { choices } = &ask.asking {
        assert!(choices.iter().any(|choice| choice == value), "{value:?} of {choices:?}");
    }
    c.order(&Order::Answer { id: ask.id, value: Some(value.to_owned()) });
}

/// The server forgets the device, and its keys with it: signed in again, what others write to it in
/// secret is read as before, and what was said before as well.
fn forgotten(stage: &mut Stage) {
    let mut p = pair(stage, "gina", "gus");
    p.hear("before");
    let from = p.mine.drain();
    let signed_out = |n: &News| {
        matches!(n, News::Link { state: onebox::sources::live::LinkState::SignedOut, .. })
    };
    stage.bridges.ask("drop_tokens", json!([p.me]));
    p.mine.news("signed out", from, signed_out);
    answer(&mut p.mine, from, "password of", "pw-gina");
    p.mine.online(from);
    p.hear("after");
    p.mine.done(&text("answer", &p.room, "and back"));
    p.theirs.record("the answer", |r| is_message(r, "and back"));
    p.mine.stop();
    p.theirs.stop();
}

/// Answers a question; what was wrong before it, and where it was put.
fn answer(c: &mut Connector, from: usize, what: &str, value: &str) -> (usize, Option<String>) {
    let (at, ask) = asked(c, from, what);
    let problem = ask.problem.clone();
    say(c, ask, value);
    (at, problem)
}

/// Waits until encryption stands so.
fn stands(c: &mut Connector, from: usize, how: &str) {
    c.news(how, from, |n| {
        matches!(n, News::About { facts }
            if facts.iter().any(|f| f.name == "encryption" && f.text == how))
    });
}

/// The recovery key that a question shows.
fn key_of(ask: &Ask) -> String {
    let key = ask.text.split_once("key: ").and_then(|(_, rest)| rest.split_once(" —"));
    key.expect("a recovery key").0.to_owned()
}

/// Makes the account's keys; the recovery key.
fn set_up(c: &mut Connector, phrase: Option<&str>) -> String {
    let (mut at, _) = answer(c, 0, "vouches", SET_UP);
    match phrase {
        None => at = answer(c, at, "What shall open", "A recovery key, made for you").0,
        Some(phrase) => {
            at = answer(c, at, "What shall open", "A pass-phrase of mine, and a recovery key").0;
            at = answer(c, at, "A pass-phrase", "too short").0;
            let (next, problem) = answer(c, at, "A pass-phrase", phrase);
            assert!(problem.is_some_and(|p| p.contains("too short")));
            at = answer(c, next, "once more", phrase).0;
        }
    }
    let (at, ask) = asked(c, at, "Your recovery key: ");
    let key = key_of(&ask);
    assert!(key.split(' ').count() > 8, "{} groups", key.split(' ').count());
    say(c, ask, NOTED);
    stands(c, at, BACKED_UP);
    key
}

/// Somebody with an encrypted room of their own, behind a proxy, who sets their keys up while the
/// server wants proof of this kind so many times; where the questions are.
fn set_up_with_proof(
    stage: &mut Stage,
    user: &str,
    (kind, times): (&str, usize),
) -> (Connector, Proxy, usize) {
    let me = stage.bridges.id("register", json!([user]));
    let encryption = json!({"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}});
    stage.bridges.id("plain", json!([me, null, {"initial_state": [encryption]}]));
    let proxy = Proxy::new(&stage.server.address());
    let mut c = Connector::new(&stage.state(user));
    c.sign_in(&proxy.address(), user);
    let flows = json!([{"stages": [kind]}]);
    let wants = json!({"session": "s", "params": {}, "flows": flows}).to_string();
    proxy.next("device_signing/upload", times, Fault::Answer(401, wants));
    let (at, _) = answer(&mut c, 0, "vouches", SET_UP);
    let (at, _) = answer(&mut c, at, "What shall open", "A recovery key, made for you");
    (c, proxy, at)
}

/// A server may want proof before it takes the account's keys: a password is asked for, and once
/// more where it is wrong; what onebox cannot give is said.
fn proof(stage: &mut Stage) {
    let (mut c, proxy, at) = set_up_with_proof(stage, "perl", ("org.example.fingerprint", 1));
    let (_, ask) = asked(&mut c, at, "That did not work.");
    assert!(ask.problem.as_ref().is_some_and(|p| p.contains("more proof")), "{ask:?}");
    assert_eq!(proxy.failed("device_signing/upload"), 1);
    c.stop();
    let (mut c, proxy, at) = set_up_with_proof(stage, "prim", ("m.login.password", 2));
    let (at, ask) = asked(&mut c, at, "your password once more");
    assert_eq!((&ask.asking, &ask.problem), (&Asking::Secret, &None));
    say(&mut c, ask, "a wrong one");
    let (at, ask) = asked(&mut c, at, "your password once more");
    assert!(ask.problem.as_ref().is_some_and(|p| p.contains("not the password")), "{ask:?}");
    say(&mut c, ask, "pw-prim");
    let (at, ask) = asked(&mut c, at, "Your recovery key: ");
    say(&mut c, ask, NOTED);
    stands(&mut c, at, BACKED_UP);
    assert_eq!(proxy.failed("device_signing/upload"), 2);
    c.stop();
}

/// Waits until the server has so many message keys.
fn backed_up(stage: &mut Stage, user: &str, count: i64) {
    let begun = Instant::now();
    while stage.bridges.ask("backed_up", json!([user])).as_i64() < Some(count) {
        assert!(begun.elapsed() < Duration::from_secs(60), "no backup of {user}");
        std::thread::park_timeout(Duration::from_millis(200));
    }
}

/// A new device, which sees the sealed message; its id.
fn new_device(stage: &mut Stage, name: &str, user: &str, room: &str) -> (Connector, String) {
    let server = stage.server.address();
    device_at(stage, &server, (name, user), room)
}

/// The same, which sees the server at this address.
fn device_at(
    stage: &mut Stage,
    server: &str,
    (name, user): (&str, &str),
    room: &str,
) -> (Connector, String) {
    let mut c = Connector::new(&stage.state(name));
    c.sign_in(server, user);
    let sealed = c.record(
        "a sealed message",
        |r| matches!(r, Record::Message(m) if *m.thread == *room && m.kind == MessageKind::Sealed),
    );
    let Record::Message(sealed) = sealed else { panic!("a message") };
    (c, sealed.native_id.expect("an id"))
}

/// Waits until a message that was sealed is told again, opened.
fn opened(c: &mut Connector, id: &str, words: &str) {
    c.record(words, |r| {
        is_message(r, words)
            && matches!(r, Record::Message(m) if m.native_id.as_deref() == Some(id)
                && m.kind == MessageKind::Text)
    });
}

/// Two connectors in an encrypted room.
fn sealed(stage: &mut Stage) {
    let b = &mut stage.bridges;
    let (ada, ben) = (b.id("register", json!(["ada"])), b.id("register", json!(["ben"])));
    let mut a = stage.signed_in("ada");
    let mut c = stage.signed_in("ben");
    let encryption = json!({"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}});
    let room = stage
        .bridges
        .id("plain", json!([ada, null, {"initial_state": [encryption], "is_direct": true}, [ben]]));
    c.record("an invitation", |r| {
        matches!(r, Record::Thread(t) if *t.key == *room
            && t.live.as_ref().and_then(|l| l.shut.as_ref()).is_some_and(|s| s.why == ShutWhy::Invited))
    });
    c.done(&Order::Accept { key: "e0".to_owned(), thread: room.as_str().into() });
    a.record(
        "they joined",
        |r| matches!(r, Record::Participant(p) if *p.thread == *room && *p.key == *ben && !p.left),
    );
    a.record("told", |r| is_message(r, "ben joined"));
    a.done(&text("e1", &room, "for your eyes"));
    c.record("a sealed message, opened", |r| {
        matches!(r, Record::Message(m) if m.text == "for your eyes" && m.kind == MessageKind::Text)
    });
    let raw = stage.bridges.texts(&room, &ada);
    assert!(raw.iter().all(|t| !t.contains("eyes")), "the server sees nothing of it");
    // A new device has no key for what was said before it.
    let mut new = Connector::new(&stage.state("ben, new"));
    new.sign_in(&stage.server.address(), "ben");
    new.record(
        "a sealed message",
        |r| matches!(r, Record::Message(m) if *m.thread == *room && m.kind == MessageKind::Sealed),
    );
    new.stop();
    a.stop();
    c.stop();
}

/// Keys are made on the first device; the recovery key opens older messages on the next.
fn recovery(stage: &mut Stage) {
    let mut p = pair(stage, "kira", "finn");
    let key = set_up(&mut p.mine, None);
    p.hear("before the second device");
    backed_up(stage, &p.me, 1);
    assert_eq!(stage.bridges.ask("vouched_for", json!([p.me])), json!([true]));

    let (mut second, id) = new_device(stage, "kira, 2", "kira", &p.room);
    let (at, _) = answer(&mut second, 0, "new to your account", KEY);
    let (at, _) = answer(&mut second, at, "recovery key", "EsTx not the key");
    let (at, problem) = answer(&mut second, at, "recovery key", &key.replace(' ', "")[1..]);
    assert!(problem.is_some_and(|p| p.contains("neither")), "said and asked again");
    let (at, problem) = answer(&mut second, at, "recovery key", &format!(" {key} "));
    assert!(problem.is_some_and(|p| p.contains("neither")), "said and asked again");
    opened(&mut second, &id, "before the second device");
    stands(&mut second, at, BACKED_UP);
    assert_eq!(stage.bridges.ask("vouched_for", json!([p.me])), json!([true, true]));
    second.drain();
    let told = second.news.iter().any(|n| {
        let line = serde_json::to_string(n).expect("a line");
        line.contains(&key) || line.contains(&key.replace(' ', ""))
    });
    assert!(!told, "the key comes back in no news");

    // Nothing is asked again after a restart.
    second.stop();
    let mut second = Connector::new(&stage.state("kira, 2"));
    stands(&mut second, 0, BACKED_UP);
    p.theirs.done(&text("later", &p.room, "after the restart"));
    second.record("the next", |r| is_message(r, "after the restart"));
    assert!(!second.news.iter().any(|n| matches!(n, News::Ask(_))));
    second.stop();
    p.mine.stop();
    p.theirs.stop();
}

/// The pass-phrase does what the recovery key does, for what was sealed in an earlier run, too.
fn phrase(stage: &mut Stage) {
    let words = "four words of mine";
    let mut p = pair(stage, "pia", "paul");
    set_up(&mut p.mine, Some(words));
    p.hear("sealed at first");
    backed_up(stage, &p.me, 1);
    let (mut second, id) = new_device(stage, "pia, 2", "pia", &p.room);
    let (at, _) = answer(&mut second, 0, "new to your account", "Later");
    // Answers are taken in the order in which they come: this one was, once it has a pong.
    second.order(&Order::Ping { n: 1 });
    second.news("taken", at, |n| *n == News::Pong { n: 1 });
    second.stop();
    // More than what a room comes with: the sealed one is told no more.
    for n in 0..25 {
        let line = format!("line {n}");
        p.theirs.done(&text(&format!("pia {n}"), &p.room, &line));
    }
    let mut second = Connector::new(&stage.state("pia, 2"));
    second.record("the last", |r| is_message(r, "line 24"));
    let sealed = |n: &News| {
        matches!(n, News::Record { record, .. }
        if serde_json::to_string(record).is_ok_and(|line| line.contains(&id)))
    };
    assert!(!second.news.iter().any(sealed), "not told in this run");
    let unverified = "this device is not verified: others are warned of what it sends";
    stands(&mut second, 0, unverified);
    second.drain();
    assert!(!second.news.iter().any(|n| matches!(n, News::Ask(_))), "put off is put off");
    second.order(&Order::Verify);
    let (at, _) = answer(&mut second, 0, "new to your account", KEY);
    // (The stretching of a pass-phrase takes half a minute in a build that is not optimised: no
    // wrong one is tried.)
    let (at, _) = answer(&mut second, at, "recovery key", words);
    opened(&mut second, &id, "sealed at first");
    stands(&mut second, at, BACKED_UP);
    second.order(&Order::Verify);
    answer(&mut second, at, "Nothing is missing", "All right");
    second.stop();
    p.mine.stop();
    p.theirs.stop();
}

/// No question was put in this run, up to what the connector has done by now.
fn unasked(c: &mut Connector) {
    stands(c, 0, BACKED_UP);
    c.order(&Order::Ping { n: 2 });
    c.news("a pong", 0, |n| *n == News::Pong { n: 2 });
    assert!(!c.news.iter().any(|n| matches!(n, News::Ask(_))));
}

/// The account’s recovery key, by its id; or another app makes it this one.
fn default_key(stage: &mut Stage, user: &str, id: Option<&str>) -> Option<String> {
    let path = format!("/_matrix/client/v3/user/{user}/account_data/m.secret_storage.default_key");
    let (method, body) = match id {
        Some(id) => ("PUT", json!({ "key": id })),
        None => ("GET", Value::Null),
    };
    let said = stage.bridges.ask("call", json!([method, path, body, "as-doublepuppet", user]));
    said["key"].as_str().map(str::to_owned)
}

/// Of a recovery key that the person may not have, they are asked; another one is made where they
/// want it, and nothing where the account has another app’s by then.
fn unseen(stage: &mut Stage) {
    let mut p = pair(stage, "una", "uwe");
    let (at, _) = answer(&mut p.mine, 0, "vouches", SET_UP);
    let (at, _) = answer(&mut p.mine, at, "What shall open", "A recovery key, made for you");
    let (_, lost) = asked(&mut p.mine, at, "Your recovery key: ");
    assert!(!lost.text.contains("opens nothing"), "it is the first");
    p.mine.kill();
    let first = default_key(stage, &p.me, None).expect("a key");

    // Nothing is made unasked, and what is put off is put off, until the person wants it.
    p.mine = Connector::new(&stage.state("una"));
    let (at, ask) = asked(&mut p.mine, 0, UNSAID);
    assert_eq!(default_key(stage, &p.me, None).as_ref(), Some(&first));
    say(&mut p.mine, ask, "Later");
    // What is asked next is asked once it is put off.
    p.mine.order(&Order::Verify);
    asked(&mut p.mine, at, UNSAID);
    p.mine.stop();
    p.mine = Connector::new(&stage.state("una"));
    unasked(&mut p.mine);
    p.mine.order(&Order::Verify);
    let (at, _) = answer(&mut p.mine, 0, UNSAID, ANEW);
    let (at, ask) = asked(&mut p.mine, at, "Your recovery key: ");
    assert!(ask.text.contains("shown before opens nothing any more"), "{}", ask.text);
    let key = key_of(&ask);
    assert_ne!(key, key_of(&lost));
    // It is copied, and the question left: the next one is answered.
    p.mine.order(&Order::Answer { id: ask.id, value: None });
    let (at, ask) = asked(&mut p.mine, at, UNSAID);
    let second = default_key(stage, &p.me, None).expect("a key");
    assert_ne!(second, first);
    say(&mut p.mine, ask, HAVE);
    p.mine.order(&Order::Verify);
    answer(&mut p.mine, at, "Nothing is missing", "All right");
    assert_eq!(default_key(stage, &p.me, None), Some(second));
    p.hear("with another key");
    backed_up(stage, &p.me, 1);

    let (mut second, id) = new_device(stage, "una, 2", "una", &p.room);
    let (then, _) = answer(&mut second, 0, "new to your account", KEY);
    let (then, _) = answer(&mut second, then, "recovery key", &key_of(&lost));
    let (_, problem) = answer(&mut second, then, "recovery key", &key);
    assert!(problem.is_some_and(|p| p.contains("neither")), "the lost one opens nothing");
    opened(&mut second, &id, "with another key");
    second.stop();
    p.mine.stop();
    p.mine = Connector::new(&stage.state("una"));
    unasked(&mut p.mine);
    p.mine.stop();
    p.theirs.stop();

    // Another app makes one, once before a restart and once while the question stands.
    for (me, them, asks) in [("ulla", "udo", false), ("ute", "ulf", true)] {
        let mut p = pair(stage, me, them);
        let (at, _) = answer(&mut p.mine, 0, "vouches", SET_UP);
        let (at, _) = answer(&mut p.mine, at, "What shall open", "A recovery key, made for you");
        let (_, shown) = asked(&mut p.mine, at, "Your recovery key: ");
        if asks {
            p.mine.order(&Order::Answer { id: shown.id, value: None });
            let (at, ask) = asked(&mut p.mine, at, UNSAID);
            default_key(stage, &p.me, Some("theirs"));
            say(&mut p.mine, ask, ANEW);
            let (_, problem) = answer(&mut p.mine, at, "did not work", "All right");
            assert!(problem.is_some_and(|p| p.contains("meanwhile")));
            p.mine.stop();
        } else {
            p.mine.kill();
            default_key(stage, &p.me, Some("theirs"));
        }
        p.mine = Connector::new(&stage.state(me));
        unasked(&mut p.mine);
        assert_eq!(default_key(stage, &p.me, None).as_deref(), Some("theirs"));
        p.mine.order(&Order::Verify);
        answer(&mut p.mine, 0, "Nothing is missing", "All right");
        p.mine.stop();
        p.theirs.stop();
    }
}

/// The key comes after the message, for it waits behind much else: the message is told as sealed,
/// then again, opened, without a restart.
fn late(stage: &mut Stage) {
    // (The first message: a later one would go under a key that is here already.)
    let mut p = pair(stage, "lara", "levi");
    p.mine.stop();
    // The server hands out a hundred of these at a time.
    stage.bridges.ask("crowd", json!([p.me, 150]));
    let id = p.theirs.done(&text("late", &p.room, "late")).expect("an id");
    p.mine = Connector::new(&stage.state("lara"));
    opened(&mut p.mine, &id, "late");
    let kinds: Vec<MessageKind> = p.mine.tellings(&id).into_iter().map(|m| m.kind).collect();
    assert_eq!(kinds, [MessageKind::Sealed, MessageKind::Text], "sealed, then opened");
    p.mine.stop();
    p.theirs.stop();
}

/// The emoji that a device shows.
fn emoji(c: &mut Connector, from: usize) -> (usize, Ask, Vec<String>) {
    let (at, ask) = asked(c, from, "Verify this device");
    let Asking::Compare { symbols } = ask.asking.clone() else { panic!("emoji: {ask:?}") };
    (at, ask, symbols)
}

/// Two devices compare emoji: differing, refused, given up, and at last the same.
fn compare(stage: &mut Stage) {
    let mut p = pair(stage, "emma", "otto");
    set_up(&mut p.mine, None);
    p.hear("only the first has the key");
    backed_up(stage, &p.me, 1);
    let (mut new, id) = new_device(stage, "emma, 2", "emma", &p.room);
    let old = &mut p.mine;

    // The other device says that they differ.
    let (at, _) = answer(&mut new, 0, "new to your account", EMOJI);
    let (then, _) = answer(old, 0, "asks to be verified", YES);
    let (at, ask, here) = emoji(&mut new, at);
    let (then, other, there) = emoji(old, then);
    assert_eq!(here, there);
    assert_eq!(here.len(), 7);
    assert!(here.iter().all(|s| s.split_once(' ').is_some_and(|(_, name)| !name.is_empty())));
    say(old, other, "no");
    let taken_back = ask.id.clone();
    new.news("taken back", at, |n| matches!(n, News::AskOver { id } if *id == taken_back));
    let (then, problem) = answer(old, then, "did not work", "All right");
    assert!(problem.is_some_and(|p| p.contains("not the same")));
    let (at, problem) = answer(&mut new, at, "new to your account", EMOJI);
    assert!(problem.is_some_and(|p| p.contains("other device says")), "told clearly");

    // It is refused.
    let (then, _) = answer(old, then, "asks to be verified", NO);
    let (at, problem) = answer(&mut new, at, "new to your account", EMOJI);
    assert!(problem.as_deref().is_some_and(|p| p.contains("has stopped")), "{problem:?}");

    // It is given up here before anybody has answered there: the question there goes.
    let (then, ask) = asked(old, then, "asks to be verified");
    let (at, _) = answer(&mut new, at, "Look at your other device", "Stop");
    old.news("taken back", then, |n| matches!(n, News::AskOver { id } if *id == ask.id));

    // And now they are the same: keys come over, and what was sealed opens.
    let (at, problem) = answer(&mut new, at, "new to your account", EMOJI);
    assert!(problem.is_some_and(|p| p.contains("You have stopped")));
    let (then, _) = answer(old, then, "asks to be verified", YES);
    let (at, ask, here) = emoji(&mut new, at);
    let (_, other, there) = emoji(old, then);
    assert_eq!(here, there);
    say(&mut new, ask, "yes");
    asked(&mut new, at, "Now say on your other device");
    say(old, other, "yes");
    stands(&mut new, at, BACKED_UP);
    opened(&mut new, &id, "only the first has the key");
    assert_eq!(stage.bridges.ask("vouched_for", json!([p.me])), json!([true, true]));
    let first: Vec<Value> =
        stage.bridges.ask("messages", json!([p.room, p.me])).as_array().cloned().expect("messages");
    assert!(first.iter().all(|m| m["content"]["body"].is_null()), "nothing lies there in clear");
    new.stop();
    p.mine.stop();
    p.theirs.stop();
}

/// The other device's word for a new one gets here after the keys, when it has been asked again
/// whether to verify: that question goes.
fn late_word(stage: &mut Stage) {
    let mut p = pair(stage, "dora", "dirk");
    set_up(&mut p.mine, None);
    p.hear("only the first has this key");
    backed_up(stage, &p.me, 1);
    let proxy = Proxy::new(&stage.server.address());
    let (mut new, id) = device_at(stage, &proxy.address(), ("dora, 2", "dora"), &p.room);
    let old = &mut p.mine;
    let (at, _) = answer(&mut new, 0, "new to your account", EMOJI);
    let (then, _) = answer(old, 0, "asks to be verified", YES);
    let (at, ask, here) = emoji(&mut new, at);
    let (_, other, there) = emoji(old, then);
    assert_eq!(here, there);
    proxy.next("/keys/query", usize::MAX, Fault::Refused(500, None));
    say(&mut new, ask, "yes");
    let (at, _) = asked(&mut new, at, "Now say on your other device");
    say(old, other, "yes");
    opened(&mut new, &id, "only the first has this key");
    let (at, ask) = asked(&mut new, at, "new to your account");
    assert!(proxy.failed("/keys/query") > 0, "the word was held back");
    proxy.heal();
    new.news("taken back", at, |n| matches!(n, News::AskOver { id } if *id == ask.id));
    stands(&mut new, at, BACKED_UP);
    new.stop();
    p.mine.stop();
    p.theirs.stop();
}
