//! Files from the composer to a connector: looked at, judged by kind, size and words, sent one after
//! the other, and taken back with what they were. Changes and reactions, judged by what the thread
//! takes when they are asked for, and again when they go.

mod played;

use std::path::PathBuf;

use onebox::engine::accounts::Call;
use onebox::engine::now;
use onebox::inbox::{Alteration, Request};
use onebox::model::{MessageId, SendState, VerdictKind, Wish};
use serde_json::json;

use played::{House, Part, idle, plays};

fn file(house: &House, name: &str, bytes: usize) -> PathBuf {
    let path = house.dir.path().join(name);
    std::fs::write(&path, vec![b'x'; bytes]).expect("a file");
    path.canonicalize().expect("a whole path")
}

#[test]
fn files_are_judged_before_and_go_one_after_the_other() {
    let (tell, orders) = std::sync::mpsc::sync_channel(8);
    let part: Part = Box::new(move |mut p| {
        p.hello(true);
        p.online();
        p.thread(json!({"can":["send","reply","attach"],
            "longest":10,
            "files":{"photo":{"largest":1000},"video":{"refused":true},"teleport":{}}}));
        for _ in 0..2 {
            let order = p.expect("send");
            p.tell(json!({"news":"outcome","key":order["key"],"state":"done",
                "id":order["file"]["name"]}));
            tell.send(order).expect("a test");
        }
        let order = p.expect("send");
        p.tell(json!({"news":"outcome","key":order["key"],"state":"failed","why":"Too blurred."}));
        idle(p);
    });
    let mut house = House::new(plays(vec![part]));
    house.add("played");
    let thread = house.thread("Ana");
    house.until("the rules", |h| {
        let facts = h.engine.look_at_files(thread, &[PathBuf::from("/nowhere.mp4")]).ok()?;
        facts.first().filter(|f| f.problem.is_some()).map(|_| ())
    });
    let (cat, plan) = (file(&house, "cat.png", 900), file(&house, "plan.pdf", 5000));
    let (big, film) = (file(&house, "big.jpg", 1001), file(&house, "film.mp4", 3));
    let folder = house.dir.path().to_owned();
    let paths = [cat.clone(), plan.clone(), big.clone(), film, folder];
    let looked = house.until("judged", |h| {
        let looked = h.engine.look_at_files(thread, &paths).expect("a store");
        looked[2].problem.is_some().then_some(looked)
    });
    let said: Vec<_> = looked.iter().map(|f| f.problem.as_ref().map(|p| p.0.as_str())).collect();
    assert_eq!(said[..2], [None, None]);
    assert_eq!(said[2], Some("The file has 1.0 kB; WhatsApp takes 1.0 kB at most here."));
    assert_eq!(said[3], Some("WhatsApp takes no videos here."));
    assert!(said[4].is_some_and(|s| s.ends_with("it is no file")), "{said:?}");
    assert_eq!((looked[0].name.as_str(), looked[0].size), ("cat.png", 900));

    // One that is refused holds all back.
    let both = [cat.clone(), big];
    let refused = house.engine.enqueue_files(thread, "look", &both, None, now()).expect("a store");
    assert_eq!(refused.expect_err("refused").code, "file-too-large");
    // So is a text that is longer than what is taken.
    let long = house.engine.enqueue(thread, "eleven char", None, now()).expect("a store");
    let text = "The text has 11 characters; WhatsApp takes 10 at most here.";
    assert_eq!(long.expect_err("refused").text, text);
    assert!(house.texts(thread).is_empty());

    let both = [cat.clone(), plan];
    let sent = house.engine.enqueue_files(thread, "look", &both, None, now()).expect("a store");
    assert_eq!(sent.expect("granted").len(), 2);
    drop(house.accounts.as_ref().expect("running").calls().send(Call::Wake));
    let first = orders.recv().expect("an order");
    assert_eq!((&first["text"], &first["file"]["kind"]), (&json!("look"), &json!("photo")));
    assert_eq!(first["file"]["path"], json!(cat));
    let second = orders.recv().expect("an order");
    assert_eq!((&second["text"], &second["file"]["name"]), (&json!(""), &json!("plan.pdf")));
    house.until("both there", |h| {
        let states: Vec<_> = h.texts(thread).into_iter().map(|(_, s)| s).collect();
        (states == [Some(SendState::Sent), Some(SendState::Sent)]).then_some(())
    });

    // What fails is shown on the message, and taken back with its file.
    let one = house.engine.enqueue_file(thread, "again", &cat, now()).expect("a store");
    let message = one.expect("granted");
    drop(house.accounts.as_ref().expect("running").calls().send(Call::Wake));
    house.until("failed", |h| {
        let (state, why) = h.engine.send_state(message).ok()??;
        (state == SendState::Failed && why.as_deref() == Some("Too blurred.")).then_some(())
    });
    let mut writer = house.engine.store().writer().expect("a store");
    let back = writer.discard(message, now()).expect("a store");
    assert_eq!(back, Some((thread, "again".to_owned(), Some(cat))));
    drop(writer);
    house.wish(Request::Accounts);
}

#[test]
fn a_file_that_has_gone_or_grown_before_it_is_sent_fails_with_the_reason() {
    let (go, wait) = std::sync::mpsc::sync_channel::<()>(0);
    let part: Part = Box::new(move |mut p| {
        p.hello(true);
        p.online();
        p.thread(json!({"can":["send","attach"],"files":{"other":{"largest":100}}}));
        p.tell(json!({"news":"link","state":"offline"}));
        wait.recv().expect("a test");
        p.tell(json!({"news":"link","state":"online"}));
        idle(p);
    });
    let mut house = House::new(plays(vec![part]));
    house.add("played");
    let thread = house.thread("Ana");
    let (gone, grown) = (file(&house, "gone.txt", 10), file(&house, "grown.txt", 10));
    let queued = house.until("allowed", |h| {
        let both = [gone.clone(), grown.clone()];
        h.engine.enqueue_files(thread, "", &both, None, now()).ok()?.ok()
    });
    std::fs::remove_file(&gone).expect("a file");
    file(&house, "grown.txt", 101);
    go.send(()).expect("a connector");
    for (message, words) in queued.into_iter().zip(["not there any more", "100 bytes at most"]) {
        house.until(words, |h| {
            let (state, why) = h.engine.send_state(message).ok()??;
            (state == SendState::Failed && why?.contains(words)).then_some(())
        });
    }
}

#[test]
fn files_are_put_into_the_outbox_all_or_none() {
    let part: Part = Box::new(move |mut p| {
        p.hello(true);
        p.online();
        p.thread(json!({"can":["send","attach"],"files":{"photo":{"largest":1000}}}));
        p.tell(json!({"news":"link","state":"offline"}));
        idle(p);
    });
    let mut house = House::new(plays(vec![part]));
    house.add("played");
    let thread = house.thread("Ana");
    let both = [file(&house, "one.png", 10), file(&house, "two.png", 10)];
    house.until("allowed", |h| {
        let looked = h.engine.look_at_files(thread, &both).ok()?;
        looked.iter().all(|f| f.problem.is_none()).then_some(())
    });
    let db = house.dir.path().join("store").join("onebox.db");
    let db = rusqlite::Connection::open(db).expect("the store");
    db.busy_timeout(played::PATIENCE).expect("a store that waits");
    // The disk is full when it comes to the second.
    let full = "CREATE TRIGGER full BEFORE INSERT ON outbox WHEN new.work LIKE '%two.png%'
                BEGIN SELECT RAISE(ABORT, 'full'); END";
    db.execute_batch(full).expect("a trigger");
    let sent = house.engine.enqueue_files(thread, "look", &both, None, now());
    assert!(sent.is_err(), "{sent:?}");
    let waiting = |db: &rusqlite::Connection| -> i64 {
        db.query_row("SELECT count(*) FROM outbox", [], |r| r.get(0)).expect("a number")
    };
    assert_eq!((waiting(&db), house.texts(thread).len()), (0, 0));
    db.execute_batch("DROP TRIGGER full").expect("a trigger");
    let sent = house.engine.enqueue_files(thread, "look", &both, None, now()).expect("a store");
    assert_eq!(sent.expect("granted").len(), 2);
    assert_eq!(waiting(&db), 2);
    let texts: Vec<_> = house.texts(thread).into_iter().map(|(text, _)| text).collect();
    assert_eq!(texts, ["look", ""]);
}

/// What a refusal of an alteration says: its code, why, and what to do. `None`: it is under way.
fn altered(
    house: &House,
    message: MessageId,
    change: &Alteration,
) -> Option<(&'static str, String, String)> {
    let asked = house.engine.alter(message, change).expect("a store");
    asked.err().map(|(_, _, r)| (r.code, r.text, r.next))
}

/// My messages of a while ago, with a thread that takes what `live` says.
fn with_mine(p: &mut played::Played, live: serde_json::Value) {
    p.hello(true);
    p.online();
    p.thread(live);
    for (id, minutes) in [("old", 60), ("new", 2)] {
        let at = onebox::model::Timestamp(now().0 - minutes * 60_000).to_rfc3339();
        p.record(json!({"record":"message","thread":"t","id":id,"sender":"sam","text":id,
            "sent_at":at}));
    }
}

fn mine(house: &mut House, thread: onebox::model::ThreadId, text: &str) -> MessageId {
    house.until(text, |h| {
        let page = h.engine.open(thread, onebox::inbox::OpenAt::End, 10).ok()?;
        page.rows.iter().find(|r| r.text == text).map(|r| r.id)
    })
}

#[test]
fn what_is_changed_or_given_is_judged_by_what_the_thread_takes() {
    let part: Part = Box::new(move |mut p| {
        with_mine(
            &mut p,
            json!({"can":["send","react","edit","delete","attach"],
                "files":{"photo":{"longest":4},"file":{"wordless":true}},
                "limits":{"not_carried":["reply"],"edit_within":900,"delete_within":86400,
                    "reactions":["👍","❤️"],"later":{"unknown":true}}}),
        );
        idle(p);
    });
    let mut house = House::new(plays(vec![part]));
    house.add("played");
    let thread = house.thread("Ana");
    let (old, new) = (mine(&mut house, thread, "old"), mine(&mut house, thread, "new"));

    let edit = Alteration::Edit("better".to_owned());
    let said = altered(&house, old, &edit).expect("refused");
    assert_eq!(
        (said.0, said.1.as_str(), said.2.as_str()),
        (
            "too-late",
            "WhatsApp lets a message be edited for 15 minutes only.",
            "Write what is right as a message of its own."
        )
    );
    assert_eq!(altered(&house, new, &edit), None);
    assert_eq!(altered(&house, old, &Alteration::Delete), None, "a day is long");

    let crab = Alteration::React("🦀".to_owned());
    let said = altered(&house, old, &crab).expect("refused");
    assert_eq!(
        (said.0, said.1.as_str(), said.2.as_str()),
        (
            "reaction-refused",
            "WhatsApp takes only these reactions here: 👍 ❤️.",
            "React with one of them."
        )
    );
    assert_eq!(altered(&house, old, &Alteration::React("👍".to_owned())), None);

    let answer = house.engine.enqueue(thread, "yes", Some(old), now()).expect("a store");
    let said = answer.expect_err("refused");
    assert_eq!(
        (said.code, said.text.as_str(), said.next.as_str()),
        (
            "not-carried",
            "Answers to one message are not passed on to WhatsApp here.",
            "Write it as a message of its own."
        )
    );

    let (cat, plan) = (file(&house, "cat.png", 9), file(&house, "plan.pdf", 9));
    let words = |text: &str, path: &PathBuf| {
        let sent = house.engine.enqueue_file(thread, text, path, now()).expect("a store");
        sent.err().map(|r| (r.code, r.text))
    };
    let long = "The text with the file has 5 characters; WhatsApp takes 4 at most with one.";
    assert_eq!(words("a cat", &cat), Some(("text-too-long", long.to_owned())));
    let lost = "WhatsApp takes no words with documents here.";
    assert_eq!(words("a plan", &plan), Some(("words-lost", lost.to_owned())));
    assert_eq!((words("cat!", &cat), words("", &plan)), (None, None));
}

#[test]
fn a_change_that_waited_too_long_is_refused_when_it_goes() {
    let (go, wait) = std::sync::mpsc::sync_channel::<()>(0);
    let part: Part = Box::new(move |mut p| {
        with_mine(&mut p, json!({"can":["send","react","edit","delete"]}));
        p.tell(json!({"news":"link","state":"offline"}));
        wait.recv().expect("a test");
        // What the service takes has changed meanwhile.
        p.thread(json!({"can":["send","react","edit"],
            "limits":{"edit_within":600,"reactions":["👍"]}}));
        wait.recv().expect("a test");
        p.tell(json!({"news":"link","state":"online"}));
        while let Some(order) = p.order() {
            assert!(order["order"] != "edit" && order["order"] != "react", "{order}");
        }
    });
    let mut house = House::new(plays(vec![part]));
    house.add("played");
    let thread = house.thread("Ana");
    let old = mine(&mut house, thread, "old");
    house.state(onebox::inbox::AccountState::Offline);
    assert_eq!(altered(&house, old, &Alteration::Edit("better".to_owned())), None);
    assert_eq!(altered(&house, old, &Alteration::React("🦀".to_owned())), None);
    go.send(()).expect("a connector");
    house.until("told", |h| {
        let (_, tables) = h.engine.why(thread).ok()?;
        let delete = tables.into_iter().find(|t| t.wish == Wish::Delete)?;
        (delete.verdict == VerdictKind::ReadOnly).then_some(())
    });
    go.send(()).expect("a connector");
    for why in ["be edited for 10 minutes only", "takes only these reactions here: 👍"] {
        house.until(why, |h| h.notices.iter().any(|n| n.contains(why)).then_some(()));
    }
}
