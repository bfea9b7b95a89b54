//! Files and missing messages of a live thread: fetched when they are asked for, and what is shown
//! meanwhile.

mod played;

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender};

use onebox::engine::opening::Lies;
use onebox::inbox::{MediaState, MessageRow, OpenAt, Request, Update};
use onebox::model::{MessageId, ThreadId};
use serde_json::{Value, json};

use played::{House, PATIENCE, Part, Played, idle, plays};

fn rows(house: &House, thread: ThreadId) -> Vec<MessageRow> {
    house.engine.open(thread, OpenAt::End, 200).expect("a thread").rows
}

fn photo(p: &mut Played, id: &str, size: u64) {
    p.record(json!({"record":"message","thread":"t","id":id,"sender":"ana","text":"look",
        "sent_at":"2026-01-01T10:00:00Z",
        "attachments":[{"kind":"file","name":"cat.xyz","handle":format!("h-{id}"),"size":size}]}));
}

/// The next word on a file.
fn media(house: &House) -> MediaState {
    let until = std::time::Instant::now() + PATIENCE;
    loop {
        match house.updates.recv_timeout(until - std::time::Instant::now()) {
            Ok(Update::Media { state, .. }) => return state,
            Ok(_) => {}
            Err(e) => panic!("no word on the file: {e}"),
        }
    }
}

fn here(house: &House, message: MessageId) -> PathBuf {
    match house.engine.file_of(message, 0).expect("a store") {
        Lies::Here(path) => path,
        lies => panic!("not here: {lies:?}"),
    }
}

/// The next word is that it cannot be had; why.
fn failed(house: &House) -> String {
    match media(house) {
        MediaState::Failed(why) => why,
        other => panic!("not failed: {other:?}"),
    }
}

/// A connector that is asked four times for a file: it fails, brings it, puts it elsewhere, ends.
fn serves(tell_dir: SyncSender<String>, wait: Receiver<()>) -> Part {
    Box::new(move |mut p| {
        let hello = p.expect("hello");
        let media_dir = hello["media_dir"].as_str().expect("a folder").to_owned();
        p.tell(json!({"news":"hello","version":1,"name":"Played","can":["fetch-media"]}));
        p.online();
        photo(&mut p, "a", 1000);
        photo(&mut p, "b", 200 << 20);
        let order = p.expect("fetch-media");
        assert_eq!(order["handle"], "h-a");
        let more = |fields: Value| {
            let mut news = json!({"news":"media","key":order["key"]});
            news.as_object_mut()
                .expect("an object")
                .extend(fields.as_object().expect("one").clone());
            news
        };
        p.tell(more(json!({"done":400,"total":1000})));
        wait.recv().expect("a test");
        p.tell(more(json!({"failed":"The server says no."})));
        let order = p.expect("fetch-media");
        let place = format!("{media_dir}/cat.xyz");
        std::fs::write(&place, "miaow").expect("a file");
        p.tell(json!({"news":"media","key":order["key"],"done":5,"total":5,"path":place}));
        tell_dir.send(place).expect("a test");
        let order = p.expect("fetch-media");
        p.tell(json!({"news":"media","key":order["key"],"path":"/etc/hostname"}));
        p.expect("fetch-media");
        wait.recv().expect("a test");
    })
}

#[test]
fn a_file_is_fetched_with_progress_and_a_failure_is_told_at_its_message() {
    let (tell_dir, dir) = std::sync::mpsc::sync_channel::<String>(1);
    let (go, wait) = std::sync::mpsc::sync_channel::<()>(0);
    let part = serves(tell_dir, wait);
    let mut house = House::new(plays(vec![part]));
    house.add("played");
    let thread = house.thread("Ana");
    let [a, b] = house.until("the messages", |h| rows(h, thread).try_into().ok());
    let (a, b): (MessageRow, MessageRow) = (a, b);
    let shown = &a.attachments[0];
    assert_eq!((shown.present, shown.remote, shown.size), (false, true, Some(1000)));
    assert_eq!(house.engine.file_of(a.id, 0).expect("a store"), Lies::Remote);

    let fetch = |house: &House, m: &MessageRow| {
        house.wish(Request::OpenFile { message: m.id, index: 0 });
    };
    // Too large is told before anything is asked of the connector.
    fetch(&house, &b);
    let why = failed(&house);
    assert!(why.contains("209 MB") && why.contains("104 MB"), "{why}");

    fetch(&house, &a);
    assert_eq!(media(&house), MediaState::Fetching { done: 0, total: Some(1000) });
    assert_eq!(media(&house), MediaState::Fetching { done: 400, total: Some(1000) });
    // What is on its way is not asked for again; wishes are granted in order.
    fetch(&house, &a);
    fetch(&house, &b);
    assert!(failed(&house).contains("209 MB"));
    go.send(()).expect("a connector");
    assert_eq!(media(&house), MediaState::Failed("The server says no.".to_owned()));
    fetch(&house, &a);
    assert_eq!(media(&house), MediaState::Fetching { done: 0, total: Some(1000) });
    assert_eq!(media(&house), MediaState::Here);
    let place = dir.recv().expect("a place");
    let path = here(&house, a.id);
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), "miaow");
    // What may do something is not opened: the person is told where it lies.
    house.until("told where", |h| {
        h.notices.iter().any(|n| n.contains("The file is at") && n.contains(&place)).then_some(())
    });
    std::fs::remove_file(&path).expect("a file");
    assert_eq!(house.engine.file_of(a.id, 0).expect("a store"), Lies::Remote, "it can come again");

    // A connector puts files nowhere but in its own folder, and its end ends what it was fetching.
    fetch(&house, &a);
    assert!(matches!(media(&house), MediaState::Fetching { .. }));
    assert_eq!(media(&house), MediaState::Failed("its connector put it elsewhere".to_owned()));
    fetch(&house, &a);
    assert!(matches!(media(&house), MediaState::Fetching { .. }));
    go.send(()).expect("a connector");
    assert!(failed(&house).contains("has ended"));
}

#[test]
fn a_gap_in_the_middle_stands_at_its_message_until_it_is_filled() {
    let part: Part = Box::new(move |mut p| {
        p.hello(true);
        p.online();
        p.message("m1", "one", 1);
        p.message("m9", "nine", 9);
        let gap = |token: Value| json!({"news":"gap","app":"whatsapp","thread":"t","before":"m9","token":token});
        p.tell(gap(json!("t1")));
        let order = p.expect("fetch-older");
        assert_eq!(order["token"], "t1");
        p.message("m5", "five", 5);
        p.tell(gap(json!("t2")));
        let order = p.expect("fetch-older");
        assert_eq!(order["token"], "t2");
        p.message("m3", "three", 3);
        p.tell(gap(Value::Null));
        idle(p);
    });
    let mut house = House::new(plays(vec![part]));
    house.add("played");
    let thread = house.thread("Ana");
    let gaps = |h: &House| -> Vec<(String, Option<String>)> {
        rows(h, thread).into_iter().map(|m| (m.text, m.gap)).collect()
    };
    let row = |text: &str, gap: Option<&str>| (text.to_owned(), gap.map(str::to_owned));
    house.until("the gap", |h| {
        (gaps(h) == [row("one", None), row("nine", Some("t1"))]).then_some(())
    });
    // No hits would be no proof: a search says what it could not look through.
    let left = |h: &mut House, scope| {
        let coverage = h.engine.coverage(scope, 0).expect("a coverage");
        coverage.not_covered.iter().filter(|t| t.contains("not fetched")).count()
    };
    let elsewhere = onebox::inbox::Scope::Thread(ThreadId(thread.0 + 1));
    for (scope, n) in [
        (onebox::inbox::Scope::Everything, 1),
        (onebox::inbox::Scope::Thread(thread), 1),
        (elsewhere, 0),
    ] {
        assert_eq!(left(&mut house, scope), n);
    }
    house.wish(Request::FetchOlder { thread, token: Some("t1".into()) });
    house.until("half of it", |h| {
        (gaps(h) == [row("one", None), row("five", None), row("nine", Some("t2"))]).then_some(())
    });
    house.wish(Request::FetchOlder { thread, token: Some("t2".into()) });
    let whole = ["one", "three", "five", "nine"].map(|t| row(t, None));
    house.until("all of it", |h| (gaps(h) == whole).then_some(()));
    assert_eq!(left(&mut house, onebox::inbox::Scope::Everything), 0);
}
