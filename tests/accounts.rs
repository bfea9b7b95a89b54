//! Live accounts: a connector in another language end to end, and connectors that misbehave.

mod played;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use onebox::engine::accounts::{Accounts, Call};
use onebox::engine::{Rules, Settings, now};
use onebox::inbox::{AccountState, AskKind, Request, TriageChange};
use onebox::model::{LiveId, SendState, VerdictKind};
use onebox::sources::live::LONGEST_PLACE;
use serde_json::json;

use played::{House, Part, Played, idle, plays};

#[test]
fn a_connector_in_another_language_signs_in_sends_and_survives_a_restart() {
    let program = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/connector/folder.py");
    let program = program.to_str().expect("a path");
    let mut house = House::new(Accounts::real());
    let shared = house.dir.path().join("shared");
    std::fs::create_dir_all(shared.join("Climbing")).expect("a folder");
    std::fs::write(shared.join("Climbing/1700000000000-Ana-a1.txt"), "rope's in my car")
        .expect("a message");
    house.add(program);
    house.asks("Which folder");
    assert_eq!(house.rows[0].ask.as_ref().expect("asked").kind, AskKind::Text(String::new()));
    house.answer(Some("/nowhere at all"));
    house.until("the problem", |h| h.rows[0].ask.as_ref()?.problem.clone());
    house.answer(shared.to_str());
    house.asks("your name");
    house.answer(Some("Sam"));
    house.state(AccountState::Online);
    assert_eq!((house.rows[0].name.as_str(), house.rows[0].me.as_str()), ("Shared folder", "Sam"));
    let thread = house.thread("Climbing");
    house.until("the message", |h| (h.texts(thread).len() == 1).then_some(()));
    assert_eq!(house.threads()[0].verdict, VerdictKind::Live);
    house.send(thread, "see you there");
    house.until("sent", |h| {
        let texts = h.texts(thread);
        (texts.last()? == &("see you there".to_owned(), Some(SendState::Sent))).then_some(())
    });
    let files = std::fs::read_dir(shared.join("Climbing")).expect("a folder").count();
    assert_eq!(files, 2, "one file a message");
    // Nobody asks again, and nothing is told twice.
    let mut house = House::at(house.close(), Accounts::real());
    house.state(AccountState::Online);
    std::fs::write(shared.join("Climbing/1800000000000-Ana-a2.txt"), "yes").expect("a message");
    house.until("the answer", |h| (h.texts(thread).len() == 3).then_some(()));
    let said: Vec<String> = house.texts(thread).into_iter().map(|(t, _)| t).collect();
    assert_eq!(said, ["rope's in my car", "see you there", "yes"]);
}

#[test]
fn changes_may_come_before_what_they_change() {
    let mut house = House::new(plays(vec![Box::new(|mut p: Played| {
        p.hello(true);
        p.online();
        p.record(json!({"record":"revision","thread":"t","message":"$2","text":"second, edited",
            "at":"2026-01-01T11:00:00Z"}));
        p.record(json!({"record":"reaction","thread":"t","message":"$1","emoji":"👍","by":"sam"}));
        p.message("$1", "first", 1);
        p.message("$2", "second", 2);
        p.message("$3", "gone soon", 3);
        p.record(json!({"record":"revision","thread":"t","message":"$3","deleted":"unsent"}));
        p.record(json!({"record":"revision","thread":"t","message":"$2","text":"an older edit",
            "at":"2026-01-01T10:30:00Z"}));
        p.record(json!({"record":"message","thread":"t","id":"$4","kind":"sealed","sender":"ana",
            "sent_at":"2026-01-01T10:00:04Z"}));
        p.record(json!({"record":"message","thread":"t","id":"$4","sender":"ana",
            "sent_at":"2026-01-01T10:00:04Z","text":"the key has come"}));
        p.tell(json!({"news":"all-threads"}));
        idle(p);
    })]));
    house.add("played");
    let thread = house.thread("Ana");
    house.until("all", |h| h.rows.first().filter(|r| r.complete).map(|_| ()));
    house.until("four", |h| (h.texts(thread).len() == 4).then_some(()));
    let page = house.engine.open(thread, onebox::inbox::OpenAt::End, 50).expect("a page");
    let said: Vec<&str> = page.rows.iter().map(|r| r.text.as_str()).collect();
    assert_eq!(said, ["first", "second, edited", "", "the key has come"]);
    assert_eq!(page.rows[0].reactions.len(), 1);
    assert!(page.rows[1].edited);
    assert_eq!(page.rows[2].deletion, onebox::model::Deletion::Unsent);
    assert_eq!(page.rows[3].kind, onebox::inbox::RowKind::Text);
    assert_eq!(house.rows[0].oddities, 0);
}

/// Who tells it may not know any more whose a message was; the store does.
#[test]
fn who_took_a_message_away_says_how_it_went() {
    let mut house = House::new(plays(vec![Box::new(|mut p: Played| {
        p.hello(true);
        p.online();
        let gone = |message: &str, how: &str, by: &str| json!({"record":"revision","thread":"t","message":message,"deleted":how,"by":by});
        p.record(gone("$3", "unsent", "kim"));
        for n in 1..5 {
            p.message(&format!("${n}"), "gone soon", n);
        }
        p.record(gone("$1", "unsent", "kim"));
        p.record(gone("$2", "taken_down", "ana"));
        p.message("$5", "stays", 5);
        p.tell(json!({"news":"all-threads"}));
        idle(p);
    })]));
    house.add("played");
    let thread = house.thread("Ana");
    house.until("five", |h| (h.texts(thread).len() == 5).then_some(()));
    let page = house.engine.open(thread, onebox::inbox::OpenAt::End, 50).expect("a page");
    let how: Vec<_> = page.rows.iter().map(|r| r.deletion).collect();
    use onebox::model::Deletion::{None, TakenDown, Unsent};
    assert_eq!(how, [TakenDown, Unsent, TakenDown, None, None]);
}

#[test]
fn a_place_comes_back_with_all_that_was_told_before_it() {
    let (tell, told) = sync_channel(10);
    let (more, again) = (tell.clone(), tell.clone());
    let parts: Vec<Part> = vec![
        Box::new(move |mut p: Played| {
            tell.send(p.hello(true)).expect("a test");
            p.online();
            p.message("$1", "before", 1);
            p.place("one");
            p.message("$2", "behind", 2);
            p.place("two");
            p.message("$3", "behind everything", 3);
            p.place(&"x".repeat(LONGEST_PLACE + 1));
            // It dies.
        }),
        Box::new(move |mut p: Played| {
            more.send(p.hello(true)).expect("a test");
            p.tell(json!({"news":"link","state":"online","me":"@sam:x"}));
            idle(p);
        }),
        Box::new(move |mut p: Played| {
            again.send(p.hello(true)).expect("a test");
            idle(p);
        }),
    ];
    let mut house = House::new(plays(parts));
    house.add("played");
    let thread = house.thread("Ana");
    assert_eq!(told.recv().expect("known")["place"], json!(null));
    assert_eq!(told.recv().expect("known")["place"], "two", "a longer one is not kept");
    assert_eq!(house.texts(thread).len(), 3, "all is stored, and what is behind it as well");
    // Another account has a place of its own, whatever was here before.
    house.state(AccountState::Online);
    house.wish(Request::RemoveAccount { account: LiveId(1) });
    house.until("it is gone", |h| h.rows.is_empty().then_some(()));
    house.add("played");
    assert_eq!(told.recv().expect("known")["place"], json!(null));
}

#[test]
fn a_connector_that_dies_is_started_again_and_nothing_is_sent_twice() {
    let (seen, keys) = sync_channel(100);
    let dies = seen.clone();
    let parts: Vec<Part> = vec![
        Box::new(move |mut p: Played| {
            p.hello(true);
            p.online();
            // The first gets through unheard, and with it everything ends.
            let order = p.expect("send");
            dies.send(order["key"].to_string()).expect("a test");
        }),
        Box::new(move |mut p: Played| {
            p.hello(true);
            p.online();
            for n in 0..3 {
                let order = p.expect("send");
                seen.send(order["key"].to_string()).expect("a test");
                // The echo comes before the outcome, or after it.
                let echo = json!({"record":"message","thread":"t","id":format!("$m{n}"),
                    "sender":"sam","text":order["text"],"client_key":order["key"],
                    "sent_at":format!("2026-01-01T12:00:0{n}Z")});
                let outcome = json!({"news":"outcome","key":order["key"],"state":"done",
                    "id":format!("$m{n}")});
                if n % 2 == 0 {
                    p.record(echo);
                    p.tell(outcome);
                } else {
                    p.tell(outcome);
                    p.record(echo);
                }
            }
            idle(p);
        }),
    ];
    let mut house = House::new(plays(parts));
    house.add("played");
    let thread = house.thread("Ana");
    for text in ["one", "two", "three"] {
        house.send(thread, text);
    }
    house.until("all sent", |h| {
        let texts = h.texts(thread);
        (texts.len() == 3 && texts.iter().all(|(_, s)| *s == Some(SendState::Sent))).then_some(())
    });
    let said: Vec<String> = house.texts(thread).into_iter().map(|(t, _)| t).collect();
    assert_eq!(said, ["one", "two", "three"]);
    let keys: Vec<String> = keys.try_iter().collect();
    assert_eq!(keys.len(), 4);
    assert_eq!(keys[0], keys[1], "the same key again");
}

#[test]
fn what_waits_behind_another_try_goes_out_by_itself() {
    let (go, waits) = sync_channel::<()>(0);
    let parts: Vec<Part> = vec![Box::new(move |mut p: Played| {
        p.hello(true);
        p.online();
        let first = p.expect("send");
        waits.recv().expect("a test");
        p.tell(json!({"news":"outcome","key":first["key"],"state":"retry","after_ms":300}));
        for n in 0..3 {
            let order = p.expect("send");
            p.tell(json!({"news":"outcome","key":order["key"],"state":"done",
                "id":format!("$m{n}")}));
        }
        idle(p);
    })];
    let mut house = House::new(plays(parts));
    house.add("played");
    let thread = house.thread("Ana");
    house.state(AccountState::Online);
    for text in ["one", "two", "three"] {
        house.send(thread, text);
    }
    go.send(()).expect("a connector");
    house.until("all sent", |h| {
        let texts = h.texts(thread);
        (texts.iter().all(|(_, s)| *s == Some(SendState::Sent))).then_some(())
    });
}

#[test]
fn what_may_have_gone_is_left_to_the_person() {
    let parts: Vec<Part> = vec![
        Box::new(|mut p: Played| {
            p.hello(false);
            p.online();
            p.expect("send");
        }),
        Box::new(|mut p: Played| {
            p.hello(false);
            p.online();
            let order = p.expect("send");
            p.tell(json!({"news":"outcome","key":order["key"],"state":"failed",
                "why":"Ana has blocked you"}));
            idle(p);
        }),
    ];
    let mut house = House::new(plays(parts));
    house.add("played");
    let thread = house.thread("Ana");
    house.send(thread, "hello?");
    let id = house.until("unconfirmed", |h| {
        let page = h.engine.open(thread, onebox::inbox::OpenAt::End, 5).ok()?;
        let last = page.rows.last()?;
        (last.send_state == Some(SendState::Unconfirmed)).then_some(last.id)
    });
    assert!(house.engine.store().writer().expect("a writer").retry(id, now()).expect("a store"));
    drop(house.accounts.as_ref().expect("running").calls().send(Call::Wake));
    house.until("failed", |h| (h.texts(thread).last()?.1 == Some(SendState::Failed)).then_some(()));
    let reader = house.engine.store().reader().expect("a reader");
    let (_, why) = reader.send_state(id).expect("a store").expect("a state");
    assert_eq!(why.as_deref(), Some("Ana has blocked you"));
    // It comes back as text.
    let mut writer = house.engine.store().writer().expect("a writer");
    assert_eq!(
        writer.discard(id, now()).expect("a store"),
        Some((thread, "hello?".to_owned(), None))
    );
    drop(writer);
    assert!(house.texts(thread).is_empty());
}

#[test]
fn a_door_that_closes_while_a_text_waits_keeps_the_text() {
    let (go, waits) = sync_channel::<()>(0);
    let parts: Vec<Part> = vec![Box::new(move |mut p: Played| {
        p.hello(true);
        p.online();
        p.message("$1", "hi", 1);
        p.tell(json!({"news":"link","state":"offline"}));
        // Once the text is in the outbox the door closes; then the service comes back.
        waits.recv().expect("a test");
        p.thread(json!({"shut":{"why":"removed","detail":"removed by Ana"}}));
        waits.recv().expect("a test");
        p.tell(json!({"news":"link","state":"online"}));
        idle(p);
    })];
    let mut house = House::new(plays(parts));
    house.add("played");
    let thread = house.thread("Ana");
    house.state(AccountState::Offline);
    house.send(thread, "wait for me");
    go.send(()).expect("a connector");
    house.until("closed", |h| (h.threads()[0].verdict == VerdictKind::ReadOnly).then_some(()));
    go.send(()).expect("a connector");
    house.until("failed", |h| {
        let texts = h.texts(thread);
        let (_, state) = texts.iter().find(|(t, _)| t == "wait for me")?;
        (*state == Some(SendState::Failed)).then_some(())
    });
    let refused = house.engine.enqueue(thread, "again", None, now()).expect("a store");
    assert_eq!(refused.expect_err("a closed door").code, "removed");
}

/// A start with `--read-only` sends nothing, and takes nothing of what waits for the next one.
#[test]
fn what_waits_outlives_a_read_only_start() {
    let offline: Part = Box::new(|mut p: Played| {
        p.hello(true);
        p.online();
        p.message("$1", "hi", 1);
        p.tell(json!({"news":"link","state":"offline"}));
        idle(p);
    });
    let mut house = House::new(plays(vec![offline]));
    house.add("played");
    let thread = house.thread("Ana");
    house.state(AccountState::Offline);
    house.send(thread, "wait for me");
    let state = |h: &House| h.texts(thread).into_iter().find(|(t, _)| t == "wait for me")?.1;
    let online: Part = Box::new(|mut p: Played| {
        p.hello(true);
        p.online();
        p.message("$2", "still there?", 2);
        idle(p);
    });
    let looking =
        Arc::new(Settings { read_only: true, ..Settings::plain(Rules::builtin().expect("rules")) });
    let mut house = House::with(house.close(), plays(vec![online]), looking);
    house.state(AccountState::Online);
    house.until("what came", |h| (h.texts(thread).len() == 3).then_some(()));
    assert_eq!(state(&house), Some(SendState::Queued));
    let sends: Part = Box::new(|mut p: Played| {
        p.hello(true);
        p.online();
        let order = p.expect("send");
        p.tell(json!({"news":"outcome","key":order["key"],"state":"done","id":"$3"}));
        idle(p);
    });
    let mut house = House::at(house.close(), plays(vec![sends]));
    house.until("sent", |h| (state(h) == Some(SendState::Sent)).then_some(()));
}

#[test]
fn garbage_floods_other_versions_and_silence_harm_nobody() {
    let parts: Vec<Part> = vec![
        // Speaks what nobody understands.
        Box::new(|mut p: Played| {
            p.hello(true);
            p.online();
            let mut to = p.news.take().expect("alive");
            for _ in 0..200 {
                drop(to.write_all(b"\x00\xffnonsense {{{\n"));
            }
            while p.order().is_some() {}
        }),
        // Floods.
        Box::new(|mut p: Played| {
            p.hello(true);
            p.online();
            for n in 0..5_000 {
                p.message(&format!("${n}"), &format!("message {n}"), n % 60);
            }
            // A record of a thread that nobody told, and one of nonsense.
            p.record(json!({"record":"message","thread":"nowhere","id":"$x","text":"?",
                "sent_at":"2026-01-01T10:00:00Z"}));
            p.record(json!({"record":"message","thread":"t","id":"$y","text":"?",
                "sent_at":"yesterday"}));
            p.tell(json!({"news":"all-threads"}));
            idle(p);
        }),
    ];
    let mut house = House::new(plays(parts));
    house.add("played");
    house.until("all", |h| h.rows.first().filter(|r| r.complete).map(|_| ()));
    let thread = house.thread("Ana");
    house.until("every message", |h| (h.threads()[0].messages == 5_000).then_some(()));
    house.until("both oddities", |h| {
        h.wish(Request::Accounts);
        (h.rows[0].oddities >= 102).then_some(())
    });
    assert_eq!(house.texts(thread).len(), 200);
}

#[test]
fn a_connector_of_another_version_is_stopped_and_says_so() {
    let mut house = House::new(plays(vec![Box::new(|mut p: Played| {
        p.expect("hello");
        p.tell(json!({"news":"hello","version":9,"name":"Later"}));
        idle(p);
    })]));
    house.add("played");
    house.state(AccountState::Stopped);
    assert!(house.rows[0].why.contains("version 9"), "{}", house.rows[0].why);
    // The person may try again, and is told if there is nothing to start.
    house.wish(Request::RestartAccount { account: house.rows[0].id });
    house.until("why", |h| h.rows[0].why.contains("no more parts").then_some(()));
}

/// What a connector says of its account is shown; keys are seen to when the person wants it.
#[test]
fn facts_are_shown_and_keys_are_seen_to() {
    let mut house = House::new(plays(vec![Box::new(|mut p: Played| {
        p.hello(true);
        p.online();
        let fact = |n: usize| json!({"name": format!("fact {n}"), "text": "so it stands"});
        p.tell(json!({"news":"about","facts":(0..20).map(fact).collect::<Vec<_>>()}));
        p.expect("verify");
        p.tell(json!({"news":"ask","id":"1","text":"Compare:","kind":"compare",
            "symbols":["🐶 Dog","🐱 Cat"]}));
        let answer = p.expect("answer");
        assert_eq!(answer["value"], "yes");
        p.tell(json!({"news":"about","facts":[{"name":"encryption","text":"verified"}]}));
        idle(p);
    })]));
    house.add("played");
    house.until("some facts", |h| (h.rows.first()?.facts.len() == 8).then_some(()));
    house.wish(Request::VerifyAccount { account: house.rows[0].id });
    house.asks("Compare");
    house.answer(Some("yes"));
    let facts = [("encryption".to_owned(), "verified".to_owned())];
    house.until("the new facts", |h| (h.rows[0].facts == facts).then_some(()));
}

#[test]
fn an_account_that_is_removed_leaves_its_threads_as_archives() {
    let mut house = House::new(plays(vec![Box::new(|mut p: Played| {
        p.hello(true);
        p.online();
        p.message("$1", "hi", 1);
        p.expect("sign-out");
    })]));
    house.add("played");
    let thread = house.thread("Ana");
    house.until("hi", |h| (h.texts(thread).len() == 1).then_some(()));
    let id: LiveId = house.rows[0].id;
    house.wish(Request::RemoveAccount { account: id });
    house.until("hand-off", |h| (h.threads()[0].verdict == VerdictKind::HandOff).then_some(()));
    assert_eq!(house.texts(thread).len(), 1);
}

#[test]
fn a_thread_that_was_replaced_leads_to_the_one_that_took_its_place() {
    let mut house = House::new(plays(vec![Box::new(|mut p: Played| {
        p.hello(true);
        p.online();
        p.message("$1", "hi", 1);
        p.record(json!({"record":"thread","thread":"t2","title":"Ana again","kind":"direct",
            "origin":"Played","live":{"can":["send"]}}));
        p.thread(json!({"shut":{"why":"replaced","replacement":"t2"}}));
        p.tell(json!({"news":"all-threads"}));
        idle(p);
    })]));
    house.add("played");
    let old = house.thread("Ana");
    let new = house.thread("Ana again");
    house.until("closed", |h| {
        let row = h.threads().into_iter().find(|t| t.id == old)?;
        (row.verdict == VerdictKind::ReadOnly).then_some(())
    });
    let refused = house.engine.enqueue(old, "x", None, now()).expect("a store");
    let reason = refused.expect_err("a closed door");
    assert_eq!(reason.code, "replaced");
    assert!(reason.next.contains(&new.to_string()), "{}", reason.next);
}

#[test]
fn a_thread_that_goes_on_where_i_am_not_is_followed() {
    let mut house = House::new(plays(vec![Box::new(|mut p: Played| {
        p.hello(true);
        p.online();
        p.message("$1", "hi", 1);
        p.thread(json!({"shut":{"why":"replaced","replacement":"t2"}}));
        for (state, why) in [("failed", "by invitation only"), ("done", "")] {
            let order = p.expect("accept");
            assert_eq!(order["thread"], "t", "by the thread that it took the place of");
            p.tell(json!({"news":"outcome","key":order["key"],"state":state,"why":why}));
        }
        p.record(json!({"record":"thread","thread":"t2","title":"Ana again","kind":"direct",
            "origin":"Played","live":{"can":["send"]}}));
        idle(p);
    })]));
    house.add("played");
    let old = house.thread("Ana");
    house.until("closed", |h| {
        let row = h.threads().into_iter().find(|t| t.id == old)?;
        (row.reason?.code == "replaced-elsewhere").then_some(())
    });
    for told in ["was not joined", "Joined what took the place of Ana"] {
        let key = onebox::engine::accounts::new_key();
        house.engine.store().writer().expect("a writer").enqueue_accept(old, &key).expect("a wish");
        drop(house.accounts.as_ref().expect("running").calls().send(Call::Wake));
        house.until(told, |h| h.notices.iter().any(|n| n.contains(told)).then_some(()));
    }
    let new = house.thread("Ana again");
    house.until("the way is known", |h| {
        let row = h.threads().into_iter().find(|t| t.id == old)?;
        row.reason.filter(|r| r.code == "replaced" && r.next.contains(&new.to_string())).map(drop)
    });
}

#[test]
fn a_file_goes_with_its_caption_where_the_service_takes_files() {
    let mut house = House::new(plays(vec![Box::new(|mut p: Played| {
        p.hello(true);
        p.online();
        p.thread(json!({"can":["send","attach"]}));
        p.tell(json!({"news":"all-threads"}));
        let order = p.expect("send");
        let file = &order["file"];
        let there = std::fs::read(file["path"].as_str().expect("a path")).expect("a file");
        let whole = there == b"picture" && file["kind"] == "photo" && file["name"] == "rope.png";
        let state = if whole { "done" } else { "failed" };
        p.tell(json!({"news":"outcome","key":order["key"],"state":state,"id":"$f"}));
        p.thread(json!({"can":["send"]}));
        p.tell(json!({"news":"link","state":"online"}));
        idle(p);
    })]));
    house.add("played");
    let thread = house.thread("Ana");
    house.until("all", |h| h.rows.first().filter(|r| r.complete).map(|_| ()));
    let file = house.dir.path().join("rope.png");
    std::fs::write(&file, b"picture").expect("a file");
    let sent = house.engine.enqueue_file(thread, "look", &file, now()).expect("a store");
    assert!(sent.is_ok());
    drop(house.accounts.as_ref().expect("running").calls().send(Call::Wake));
    house.until("sent", |h| {
        (h.texts(thread).last()? == &("look".to_owned(), Some(SendState::Sent))).then_some(())
    });
    let page = house.engine.open(thread, onebox::inbox::OpenAt::End, 5).expect("a page");
    let row = &page.rows.last().expect("a message").attachments[0];
    assert_eq!((row.name.as_str(), row.present), ("rope.png", true));
    house.until("refused", |h| {
        let asked = h.engine.enqueue_file(thread, "", &file, now()).expect("a store");
        asked.err().filter(|r| r.code == "not-offered").map(|_| ())
    });
    let none = house.engine.enqueue_file(thread, "", &file.with_extension("no"), now());
    assert!(none.is_err());
}

/// A thread with a message of somebody's, sent just now.
fn says_now(p: &mut Played, thread: &str, kind: &str, id: &str, who: &str) {
    says_by_rules(p, (thread, kind, "all"), (id, who, None));
}

/// The same, where the person has rules at the service.
fn says_by_rules(
    p: &mut Played,
    (thread, kind, rule): (&str, &str, &str),
    (id, who, notify): (&str, &str, Option<&str>),
) {
    p.record(json!({"record":"thread","thread":thread,"title":thread,"kind":kind,
        "origin":"Played","live":{"can":["send"],"notify":rule}}));
    for (key, me) in [("Ana", false), ("Sam", true)] {
        p.record(json!({"record":"participant","thread":thread,"key":key,"name":key,"is_me":me}));
    }
    let at = chrono::DateTime::from_timestamp_millis(now().0).expect("a time").to_rfc3339();
    let mut message = json!({"record":"message","thread":thread,"id":id,"sender":who,"text":"psst",
        "sent_at":at});
    if let Some(notify) = notify {
        message["notify"] = notify.into();
    }
    p.record(message);
}

#[test]
fn who_is_silenced_at_the_service_is_not_heard() {
    let mut house = House::new(plays(vec![Box::new(|mut p: Played| {
        p.hello(true);
        p.online();
        p.thread(json!({"can":["send"]}));
        says_by_rules(&mut p, ("Muted", "group", "nothing"), ("$1", "Ana", Some("mention")));
        says_by_rules(&mut p, ("Muted", "group", "nothing"), ("$2", "Ana", None));
        says_by_rules(&mut p, ("Named", "group", "mentions"), ("$3", "Bo", None));
        says_by_rules(&mut p, ("Quiet", "direct", "all"), ("$4", "Cy", Some("quiet")));
        // A mention is heard though others have written behind it, in one go.
        says_by_rules(&mut p, ("Keyword", "group", "mentions"), ("$5", "Di", Some("mention")));
        says_by_rules(&mut p, ("Keyword", "group", "mentions"), ("$6", "Di", Some("quiet")));
        // A word of a later contract says nothing.
        says_by_rules(&mut p, ("Later", "group", "softly"), ("$7", "Ed", Some("softly")));
        idle(p);
    })]));
    house.add("played");
    house.until("the last", |h| h.heard.iter().any(|(who, _)| who == "Ed").then_some(()));
    let heard = [("Di".to_owned(), true), ("Ed".to_owned(), false)];
    assert_eq!(house.heard, heard);
    // What mentions me stands among the mentions, until I have answered.
    let threads = house.threads();
    let asked = |title: &str| threads.iter().any(|t| t.title == title && t.mentioned);
    assert!(asked("Keyword") && asked("Muted") && !asked("Named") && !asked("Later"));
}

#[test]
fn somebody_who_writes_is_heard_once_unless_the_thread_is_quiet() {
    let mut house = House::new(plays(vec![Box::new(|mut p: Played| {
        p.hello(true);
        p.online();
        // Of long ago: nobody is called for what was said while nobody listened.
        p.thread(json!({"can":["send"]}));
        p.message("$old", "long ago", 1);
        says_now(&mut p, "Direct", "direct", "$1", "Ana");
        // Told twice, and told of something else in the same thread.
        p.expect("send");
        says_now(&mut p, "Direct", "direct", "$1", "Ana");
        says_now(&mut p, "Group", "group", "$2", "Ana");
        // What I wrote on my phone.
        says_now(&mut p, "Mine", "direct", "$3", "Sam");
        p.expect("send");
        says_now(&mut p, "Direct", "direct", "$4", "Ana");
        says_now(&mut p, "Group", "group", "$5", "Ana");
        idle(p);
    })]));
    house.add("played");
    let direct = house.thread("Direct");
    house.until("heard", |h| (h.heard == [("Ana".to_owned(), true)]).then_some(()));
    house.send(direct, "go on");
    let mine = house.thread("Mine");
    house.until("the group", |h| h.heard.contains(&("Ana".to_owned(), false)).then_some(()));
    assert_eq!(house.heard.len(), 2, "{:?}", house.heard);
    // Muted: the next one there is not heard; the group's is.
    house.engine.triage(&[direct], &TriageChange::Mute(true)).expect("muted");
    house.send(mine, "and on");
    house.until("the group again", |h| (h.heard.len() == 3).then_some(()));
    assert_eq!(house.heard[2], ("Ana".to_owned(), false));
    house.until("all of it", |h| (h.texts(direct).len() == 3).then_some(()));
}

#[test]
fn who_asks_to_write_to_me_learns_nothing_of_me_before_i_agree() {
    let mut house = House::new(plays(vec![Box::new(|mut p: Played| {
        p.expect("hello");
        p.tell(json!({"news":"hello","version":1,"name":"Played","idempotent":true,
            "can":["send","mark-read","typing"]}));
        p.expect("known");
        p.online();
        let live = json!({"can":["send","mark-read"],"request":true});
        p.record(json!({"record":"thread","thread":"r","title":"Stranger","kind":"direct",
            "origin":"Played","live":live,"unread":1}));
        p.record(json!({"record":"participant","thread":"r","key":"zed","name":"Zed"}));
        p.record(json!({"record":"message","thread":"r","id":"$z","sender":"zed","text":"hi",
            "sent_at":"2026-01-01T10:00:00Z"}));
        p.record(json!({"record":"thread","thread":"t","title":"Ana","kind":"direct",
            "origin":"Played","live":{"can":["send","mark-read"]},"unread":1}));
        p.message("$1", "hello", 1);
        // In the order in which they were wished: typing to the stranger was left out.
        let read = p.expect("mark-read");
        assert_eq!((&read["thread"], &read["quietly"]), (&json!("r"), &json!(true)));
        let typing = p.expect("typing");
        assert_eq!(typing["thread"], "t");
        let read = p.expect("mark-read");
        assert_eq!((&read["thread"], &read["quietly"]), (&json!("t"), &json!(false)));
        p.message("$seen", "all as it should be", 2);
        idle(p);
    })]));
    house.add("played");
    let (stranger, ana) = (house.thread("Stranger"), house.thread("Ana"));
    for thread in [stranger, ana] {
        house.until("a message", |h| (h.texts(thread).len() == 1).then_some(()));
        house.wish(Request::Typing { thread, on: true });
        house.wish(Request::Look { thread: Some(thread), read: true });
    }
    house.until("the end", |h| (h.texts(ana).len() == 2).then_some(()));
}
