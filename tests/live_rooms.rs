//! Every state of a live room, told as the server tells it, and what a person reads there: whether
//! they may write, why not, and what is offered instead. One row for each state, in one table; who
//! takes part in which app in a second one.
//!
//! The rooms go the whole way: from their state through the connector's own judgement, as records
//! into a store, and through the policy to the words.

use std::sync::Arc;

use onebox::engine::{Engine, Rules, Settings};
use onebox::model::{
    AccountRecord, Day, LiveId, Record, SourceId, ThreadId, Timestamp, VerdictKind, Wish,
};
use onebox::store::Store;
use serde_json::{Value, json};

/// The connector's own judgement of a room, as it is built into its program.
#[allow(dead_code, reason = "the program uses more of it than a table does")]
#[path = "."]
mod connector {
    #[path = "../src/bin/onebox-matrix/apps.rs"]
    mod apps;
    #[path = "../src/bin/onebox-matrix/bounds.rs"]
    mod bounds;
    #[path = "../src/bin/onebox-matrix/bridge.rs"]
    pub mod bridge;
    #[path = "../src/bin/onebox-matrix/classify.rs"]
    pub mod classify;
    #[path = "../src/bin/onebox-matrix/facts.rs"]
    pub mod facts;
    #[path = "../src/bin/onebox-matrix/features.rs"]
    mod features;
}

use connector::bridge::{Bridge, Known};
use connector::classify::Room;
use connector::facts::{Facts, Levels, Member, Standing};

const ME: &str = "@me:hs";
const NOW: Timestamp = Timestamp(1_790_000_000_000);

// ---- rooms, as events ------------------------------------------------------------------------

fn state(kind: &str, key: &str, content: Value) -> Value {
    json!({"type": kind, "state_key": key, "sender": "@x:hs", "content": content})
}

fn is(who: &str, membership: &str) -> Value {
    let name = who.trim_start_matches('@').split(':').next().unwrap_or_default().to_owned();
    state("m.room.member", who, json!({"membership": membership, "displayname": name}))
}

/// My own membership, as somebody else set it.
fn made_by(sender: &str, membership: &str, reason: &str) -> Value {
    json!({"type": "m.room.member", "state_key": ME, "sender": sender,
           "content": {"membership": membership, "reason": reason}})
}

/// A bridge event as today's bridges write it.
fn bridge(network: &str, protocol: &str, channel: &str, room_type: &str) -> Value {
    state(
        "m.bridge",
        &format!("hs/{network}"),
        json!({
            "bridgebot": format!("@{network}bot:hs"), "creator": format!("@{network}bot:hs"),
            "protocol": {"id": protocol, "displayname": protocol},
            "channel": {"id": channel, "fi.mau.receiver": "login-1", "displayname": "There"},
            "com.beeper.room_type.v2": room_type,
        }),
    )
}

/// A WhatsApp group with me, the bot and two ghosts, and what else is said of it. A later event
/// takes the place of an earlier one, as on the server.
fn group(more: &[Value]) -> Vec<Value> {
    let mut events = vec![
        bridge("whatsapp", "whatsapp", "123@g.us", ""),
        state("m.room.name", "", json!({"name": "Boat"})),
        is(ME, "join"),
        is("@whatsappbot:hs", "join"),
        is("@whatsapp_4670111:hs", "join"),
        is("@whatsapp_4670222:hs", "join"),
    ];
    events.extend_from_slice(more);
    events
}

/// A direct chat over a bridge.
fn direct(network: &str, protocol: &str, more: &[Value]) -> Vec<Value> {
    let mut events = vec![
        bridge(network, protocol, "7", "dm"),
        is(ME, "join"),
        is(&format!("@{network}bot:hs"), "join"),
        is(&format!("@{network}_7:hs"), "join"),
    ];
    events.extend_from_slice(more);
    events
}

fn features(content: Value) -> Value {
    state("com.beeper.room_features", "hs/whatsapp", content)
}

/// A room without a bridge.
fn plain(more: &[Value]) -> Vec<Value> {
    let mut events = vec![
        state("m.room.name", "", json!({"name": "Club"})),
        is(ME, "join"),
        is("@kim:hs", "join"),
        is("@lee:hs", "join"),
    ];
    events.extend_from_slice(more);
    events
}

/// One room over the bridges of two apps.
fn relayed(more: &[Value]) -> Vec<Value> {
    let mut events = vec![
        bridge("whatsapp", "whatsapp", "1@g.us", ""),
        bridge("telegram", "telegram", "chat:1", ""),
        state("m.room.name", "", json!({"name": "Both"})),
        is(ME, "join"),
        is("@whatsappbot:hs", "join"),
        is("@telegrambot:hs", "join"),
        is("@whatsapp_4670111:hs", "join"),
        is("@telegram_5:hs", "join"),
        is("@kim:hs", "join"),
    ];
    events.extend_from_slice(more);
    events
}

/// What the SDK works out of a room's state: who is there, and what the levels allow me.
fn facts(key: &str, events: &[Value]) -> Facts {
    let mut now: Vec<Value> = Vec::new();
    for event in events {
        let same = |e: &Value| e["type"] == event["type"] && e["state_key"] == event["state_key"];
        now.retain(|e| !same(e));
        now.push(event.clone());
    }
    let all = |kind: &str| now.iter().filter(|e| e["type"] == kind).cloned().collect::<Vec<_>>();
    let one = |kind: &str| all(kind).pop().map(|e| e["content"].clone());
    let members: Vec<Member> = all("m.room.member")
        .iter()
        .map(|e| Member {
            id: e["state_key"].as_str().unwrap_or_default().to_owned(),
            name: e["content"]["displayname"].as_str().unwrap_or_default().to_owned(),
            joined: e["content"]["membership"] == "join",
            active: matches!(e["content"]["membership"].as_str(), Some("join" | "invite")),
        })
        .collect();
    let mine = all("m.room.member").into_iter().find(|e| e["state_key"] == ME);
    let my_member = mine.unwrap_or_default();
    let standing = match my_member["content"]["membership"].as_str() {
        Some("invite") => Standing::Invited,
        Some("leave") => Standing::Left,
        Some("ban") => Standing::Banned,
        _ => Standing::Joined,
    };
    let levels = one("m.room.power_levels").unwrap_or_default();
    let level = |v: &Value, or: i64| v.as_i64().unwrap_or(or);
    let own = level(&levels["users"][ME], level(&levels["users_default"], 0));
    let may =
        |kind: &str| own >= level(&levels["events"][kind], level(&levels["events_default"], 0));
    let service = one("io.element.functional_members").unwrap_or_default();
    let service = service["service_members"].as_array().into_iter().flatten();
    Facts {
        room: key.to_owned(),
        me: ME.to_owned(),
        standing,
        my_member,
        bridges: Bridge::events(all("m.bridge"), all("uk.half-shot.bridge")),
        features: all("com.beeper.room_features"),
        service: service.filter_map(|s| s.as_str().map(str::to_owned)).collect(),
        tombstone: one("m.room.tombstone"),
        levels: Levels {
            send: may("m.room.message"),
            react: may("m.reaction"),
            redact: may("m.room.redaction"),
        },
        joined: members.iter().filter(|m| m.joined).count() as u64,
        active: members.iter().filter(|m| m.active).count() as u64,
        all_members: true,
        members,
        name: one("m.room.name").and_then(|n| n["name"].as_str().map(str::to_owned)),
        ..Facts::default()
    }
}

// ---- the inbox behind it ---------------------------------------------------------------------

struct Inbox {
    store: Arc<Store>,
    engine: Engine,
    live: LiveId,
}

impl Inbox {
    fn new() -> Self {
        let store = Arc::new(Store::in_memory().expect("a store"));
        let live = store.writer().and_then(|mut w| w.add_live_account("matrix")).expect("one");
        let mut settings = Settings::plain(Rules::builtin().expect("rules"));
        settings.as_of = Some(Day::parse("2026-11-28").expect("a day"));
        let engine = Engine::new(store.clone(), Arc::new(settings)).expect("an engine");
        Self { store, engine, live }
    }

    /// The room as it comes to the store, as a thread of its app.
    fn take(&self, facts: &Facts, known: &Known) -> ThreadId {
        let room = Room::new(facts, known);
        let account = AccountRecord {
            source: SourceId::new(&room.app().slug),
            key: ME.to_owned(),
            name: "Me".to_owned(),
            me_names: Vec::new(),
            known_by: "the Matrix account".to_owned(),
        };
        let mut thread = room.thread();
        thread.origin = room.app().origin();
        // As it goes over the pipe.
        let line = serde_json::to_string(&thread).expect("JSON");
        let thread = serde_json::from_str(&line).expect("a thread");
        let mut records = vec![Record::Thread(Box::new(thread))];
        records.extend(room.people().into_iter().map(Record::Participant));
        let mut writer = self.store.writer().expect("a writer");
        let mut batch = writer.live_batch(self.live, false, NOW).expect("a batch");
        batch.take(Record::Account(account)).expect("an account");
        for record in records {
            batch.take(record).expect("a record");
        }
        batch.finish_live().expect("an end");
        drop(writer);
        let found = self.store.reader().expect("a reader").live_thread(self.live, &facts.room);
        found.expect("a store").expect("the thread")
    }

    /// What the person reads of each wish of the table: `live`, or the code, why, what to do.
    fn says(&self, thread: ThreadId) -> Vec<(Wish, String)> {
        let (_, tables) = self.engine.why(thread).expect("a thread");
        let said = tables.into_iter().filter(|t| ASKED.contains(&t.wish)).map(|t| {
            let said = match (t.verdict, t.reason) {
                (_, Some(r)) => format!("{} | {} | {}", r.code, r.text, r.next),
                (VerdictKind::Live, None) => "live".to_owned(),
                (other, None) => other.word().to_owned(),
            };
            (t.wish, said)
        });
        said.collect()
    }
}

/// What is asked of every room.
const ASKED: [Wish; 6] =
    [Wish::Send, Wish::Reply, Wish::React, Wish::Edit, Wish::Delete, Wish::Attach];

// ---- the table -------------------------------------------------------------------------------

/// One row: a state, its events, what a bridge's management room told, the app, and what is said.
struct Row {
    state: &'static str,
    events: Vec<Value>,
    /// `fi.mau.bridge_state` of the WhatsApp bridge's bot.
    login: Option<Value>,
    app: &'static str,
    /// What is said of writing, and of all of [`ASKED`] that `but` does not name.
    says: &'static str,
    /// What is said otherwise of single wishes.
    but: &'static [(Wish, &'static str)],
}

fn row(
    state: &'static str,
    app: &'static str,
    events: Vec<Value>,
    says: &'static str,
    but: &'static [(Wish, &'static str)],
) -> Row {
    Row { state, events, login: None, app, says, but }
}

fn levels(events: Value) -> Value {
    state("m.room.power_levels", "", json!({"events": events, "users_default": 0}))
}

const ADMINS: &str = "announcements-only | Only administrators can write here. | \
                      You can read, not write. Write to an administrator directly.";
const GONE: &str = "bridge-gone | The bridge to WhatsApp has left: nobody would get it. | \
                    You can read, not write. Ask whoever runs the bridge, or write in WhatsApp.";
const SIGNED_OUT: &str = "bridge-signed-out | The bridge is signed out of WhatsApp. | \
                          You can read, not write. Sign the bridge in to WhatsApp again.";

#[allow(clippy::too_many_lines, reason = "a table, not a story")]
fn table() -> Vec<Row> {
    let bot = "@whatsappbot:hs";
    let mut rows = vec![
        row("none of these", "whatsapp", group(&[]), "live", &[]),
        row(
            "membership invite",
            "whatsapp",
            group(&[made_by(bot, "invite", "")]),
            "not-accepted | You were invited and have not accepted yet. | Accept it to write (Y).",
            &[],
        ),
        row(
            "leave, by the bot, reason \"Deleting portal\"",
            "whatsapp",
            group(&[made_by(bot, "leave", "Deleting portal")]),
            "chat-deleted | This chat was deleted where it lived. | You can read, not write. \
             If it still exists in WhatsApp, begin it again from there.",
            &[],
        ),
        row(
            "leave, by somebody else",
            "whatsapp",
            group(&[made_by("@whatsapp_4670111:hs", "leave", "")]),
            "removed | You were removed from this chat. | You can read, not write. \
             Ask someone in it to add you again.",
            &[],
        ),
        row(
            "leave, by myself",
            "whatsapp",
            group(&[made_by(ME, "leave", "")]),
            "you-left | You have left this chat. | You can read, not write. \
             Ask someone in it to add you again.",
            &[],
        ),
        row(
            "ban",
            "whatsapp",
            group(&[made_by(bot, "ban", "spam")]),
            "banned | You are banned from this chat. | You can read, not write. \
             Write to an administrator directly.",
            &[],
        ),
        row(
            "tombstone, to a room that is not here",
            "whatsapp",
            group(&[state("m.room.tombstone", "", json!({"replacement_room": "!unseen"}))]),
            "replaced-elsewhere | Another thread took the place of this one, and you are not in it \
             yet. | Follow it there (Y).",
            &[],
        ),
        row(
            "tombstone, to a room that is here (the first of this table)",
            "whatsapp",
            group(&[state("m.room.tombstone", "", json!({"replacement_room": "!0"}))]),
            "replaced | Another thread took the place of this one. | Go on in thread 1.",
            &[],
        ),
        row(
            "the level for m.room.message is above mine (announcements), that for m.reaction not",
            "whatsapp",
            group(&[levels(json!({"m.room.message": 50}))]),
            ADMINS,
            &[(Wish::React, "live"), (Wish::Delete, "live")],
        ),
        row(
            "the levels for messages and reactions are above mine (a channel)",
            "telegram",
            vec![
                bridge("telegram", "telegram", "channel:1", ""),
                is(ME, "join"),
                is("@telegrambot:hs", "join"),
                is("@telegram_channel-1:hs", "join"),
                levels(json!({"m.room.message": 80, "m.reaction": 80, "m.room.redaction": 80})),
            ],
            ADMINS,
            &[
                (
                    Wish::React,
                    "announcements-only | Only administrators can react here. | \
                     You can read, not write. Write to an administrator directly.",
                ),
                (
                    Wish::Delete,
                    "announcements-only | Only administrators can delete here. | \
                     You can read, not write. Write to an administrator directly.",
                ),
            ],
        ),
        row("the bridge's bot has left", "whatsapp", group(&[is(bot, "leave")]), GONE, &[]),
        row(
            "all ghosts have left",
            "whatsapp",
            group(&[is("@whatsapp_4670111:hs", "leave"), is("@whatsapp_4670222:hs", "leave")]),
            GONE,
            &[],
        ),
        row(
            "com.beeper.message_request: writing accepts it",
            "messenger",
            {
                let mut event = bridge("facebook", "facebookgo", "7", "dm");
                event["content"]["channel"]["com.beeper.message_request"] = true.into();
                direct("facebook", "facebookgo", &[event])
            },
            "live",
            &[],
        ),
        row(
            "room_features: everything is passed on",
            "whatsapp",
            group(&[features(json!({"reply": 2, "edit": 2, "delete": 2, "reaction": 2}))]),
            "live",
            &[],
        ),
        row(
            "room_features: reactions −2, edits 0, deletes −1, replies not named",
            "whatsapp",
            group(&[features(json!({"reaction": -2, "edit": 0, "delete": -1}))]),
            "live",
            &[
                (
                    Wish::Reply,
                    "not-carried | Answers to one message are not passed on to WhatsApp here. | \
                     Write it as a message of its own.",
                ),
                (
                    Wish::React,
                    "not-carried | Reactions are not passed on to WhatsApp here. | \
                     Open WhatsApp to react, or write a message.",
                ),
                (
                    Wish::Edit,
                    "not-carried | Edits are not passed on to WhatsApp here. | \
                     Open WhatsApp to change it there.",
                ),
                (
                    Wish::Delete,
                    "not-carried | Deletions are not passed on to WhatsApp here. | \
                     Open WhatsApp to change it there.",
                ),
            ],
        ),
        row(
            "room_features: −2 for every kind of file",
            "whatsapp",
            group(&[features(json!({
                "reply": 2, "edit": 2, "delete": 2, "reaction": 2,
                "file": {"m.image": {"mime_types": {"*/*": -2}}},
            }))]),
            "live",
            &[(
                Wish::Attach,
                "not-carried | Files are not passed on to WhatsApp here. | \
                 Open WhatsApp and send the file there.",
            )],
        ),
        row("plain Matrix", "matrix", plain(&[]), "live", &[]),
        row(
            "plain Matrix, only administrators write",
            "matrix",
            plain(&[levels(json!({"m.room.message": 50}))]),
            ADMINS,
            &[(Wish::React, "live"), (Wish::Delete, "live")],
        ),
        row(
            "plain Matrix, alone: nobody has left a bridge",
            "matrix",
            plain(&[is("@kim:hs", "leave"), is("@lee:hs", "leave")]),
            "live",
            &[],
        ),
        row(
            "plain Matrix, tombstone without a room",
            "matrix",
            plain(&[state("m.room.tombstone", "", json!({"body": "closed"}))]),
            "replaced | Another thread took the place of this one. | \
             Go on there; onebox does not have that thread yet.",
            &[],
        ),
        row("relayed: two bridges live", "matrix", relayed(&[]), "live", &[]),
        row(
            "relayed: one bridge has left, the other carries it",
            "whatsapp",
            relayed(&[is("@telegrambot:hs", "leave")]),
            "live",
            &[],
        ),
        row(
            "relayed: both bridges have left",
            "whatsapp",
            relayed(&[is("@telegrambot:hs", "leave"), is(bot, "leave")]),
            GONE,
            &[],
        ),
        row(
            "an older bridge (uk.half-shot.bridge, no room_features)",
            "discord",
            vec![
                state(
                    "uk.half-shot.bridge",
                    "fi.mau.discord://discord/1/2",
                    json!({
                        "bridgebot": "@discordbot:hs",
                        "protocol": {"id": "discordgo", "displayname": "Discord"},
                        "channel": {"id": "2"}, "com.beeper.room_type": "dm",
                    }),
                ),
                is(ME, "join"),
                is("@discordbot:hs", "join"),
                is("@discord_2:hs", "join"),
            ],
            "live",
            &[],
        ),
    ];
    let told = |state: &'static str, login: Value, says| Row {
        login: Some(login),
        ..row(state, "whatsapp", group(&[]), says, &[])
    };
    rows.extend([
        told(
            "bridge_state BAD_CREDENTIALS of this login",
            json!({"state_event": "BAD_CREDENTIALS", "remote_id": "login-1"}),
            SIGNED_OUT,
        ),
        told(
            "bridge_state LOGGED_OUT, naming no login",
            json!({"state_event": "LOGGED_OUT", "message": "Log in again"}),
            SIGNED_OUT,
        ),
        told(
            "bridge_state LOGGED_OUT of another login of mine",
            json!({"state_event": "LOGGED_OUT", "remote_id": "login-2"}),
            "live",
        ),
        told(
            "bridge_state TRANSIENT_DISCONNECT",
            json!({"state_event": "TRANSIENT_DISCONNECT", "remote_id": "login-1"}),
            "live",
        ),
    ]);
    rows
}

#[test]
fn every_state_of_a_room_says_whether_one_can_write_why_not_and_what_to_do() {
    let inbox = Inbox::new();
    let mut wrong = Vec::new();
    for (n, row) in table().into_iter().enumerate() {
        let facts = facts(&format!("!{n}"), &row.events);
        let mut known = Known::default();
        known.learn(&facts);
        if let Some(login) = &row.login {
            known.login("@whatsappbot:hs", login);
        }
        assert_eq!(Room::new(&facts, &known).app().slug, row.app, "{}", row.state);
        let thread = inbox.take(&facts, &known);
        for (wish, said) in inbox.says(thread) {
            let own = row.but.iter().find(|(w, _)| *w == wish).map(|(_, said)| *said);
            let expected = own.unwrap_or(row.says);
            if said != expected {
                wrong.push(format!(
                    "{}, {wish:?}\n  expected {expected}\n  said     {said}",
                    row.state
                ));
            }
        }
        let shown = inbox.engine.thread(thread).expect("a row");
        let asked = row.state.contains("message_request") || row.state.contains("invite");
        assert_eq!(shown.request, asked, "{}", row.state);
        assert_eq!(shown.verdict == VerdictKind::Live, row.says == "live", "{}", row.state);
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// One kind is not taken, another only so large and with so many words: asked for each by itself.
#[test]
fn each_kind_of_file_and_each_length_is_judged_by_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let inbox = Inbox::new();
    let said = features(json!({
        "reply": 2, "edit": 2, "delete": 2, "reaction": 2, "max_text_length": 5,
        "file": {
            "m.image": {"mime_types": {"*/*": 2}, "max_size": 10, "caption": 2,
                        "max_caption_length": 4},
            "m.video": {"mime_types": {"*/*": -2}},
            "m.file": {"mime_types": {"*/*": 2}, "caption": -1},
        },
    }));
    let facts = facts("!kinds", &group(&[said]));
    let thread = inbox.take(&facts, &Known::default());
    let file = |name: &str, size: usize, words: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, vec![b'x'; size]).expect("a file");
        let sent = inbox.engine.enqueue_file(thread, words, &path, NOW).expect("a store");
        sent.map_or_else(|r| format!("{} | {} | {}", r.code, r.text, r.next), |_| "live".to_owned())
    };
    let text = |words: &str| {
        let sent = inbox.engine.enqueue(thread, words, None, NOW).expect("a store");
        sent.map_or_else(|r| format!("{} | {} | {}", r.code, r.text, r.next), |_| "live".to_owned())
    };
    for (what, said, expected) in [
        ("a picture", file("a.png", 10, "four"), "live"),
        (
            "a larger one",
            file("b.png", 11, ""),
            "file-too-large | The file has 11 bytes; WhatsApp takes 10 bytes at most here. | \
             Make it smaller, or send a link to it.",
        ),
        (
            "with more words",
            file("c.png", 1, "fiver"),
            "text-too-long | The text with the file has 5 characters; WhatsApp takes 4 at most \
             with one. | Shorten it, or send it in parts.",
        ),
        (
            "a film",
            file("d.mp4", 1, ""),
            "file-kind-refused | WhatsApp takes no videos here. | Send it as a file of another kind.",
        ),
        (
            "a kind that is not named",
            file("e.ogg", 1, ""),
            "file-kind-refused | WhatsApp takes no sound here. | Send it as a file of another kind.",
        ),
        ("a document", file("f.pdf", 1, ""), "live"),
        (
            "with words, which are lost",
            file("g.pdf", 1, "x"),
            "words-lost | WhatsApp takes no words with documents here. | \
             Send the words as a message of their own.",
        ),
        ("a text", text("fiver"), "live"),
        (
            "a longer one",
            text("sixsix"),
            "text-too-long | The text has 6 characters; WhatsApp takes 5 at most here. | \
             Shorten it, or send it in parts.",
        ),
    ] {
        assert_eq!(said, expected, "{what}");
    }
}

#[test]
fn a_room_that_was_replaced_is_followed_with_the_draft() {
    let mut inbox = Inbox::new();
    let known = Known::default();
    let new = inbox.take(&facts("!new", &group(&[])), &known);
    let stone = state("m.room.tombstone", "", json!({"replacement_room": "!new"}));
    let old = inbox.take(&facts("!old", &group(&[stone])), &known);
    let card = inbox.engine.reach(old).expect("a card");
    let first = card.rows.first().expect("a way");
    assert_eq!((first.thread, first.here, first.verdict), (Some(new), false, VerdictKind::Live));
    assert_eq!(first.text, "took its place: sends on WhatsApp");
    assert!(card.rows.iter().any(|r| r.here && r.thread == Some(old)));
    let draft = inbox.engine.carry(old, new, "see you there", NOW).expect("a store");
    assert_eq!(draft, "see you there");
    // The one that goes on leads nowhere else.
    let card = inbox.engine.reach(new).expect("a card");
    assert_eq!(card.rows.first().map(|r| (r.thread, r.here)), Some((Some(new), true)));
}

// ---- who takes part in which app -------------------------------------------------------------

/// Everybody who is told of a room but me, with the app they write from where it is another.
fn people(inbox: &Inbox, key: &str, events: &[Value], known: &Known) -> Vec<String> {
    let thread = inbox.take(&facts(key, events), known);
    let people = inbox.engine.participants(thread).expect("a thread");
    let named = people.into_iter().filter(|p| !p.is_me).map(|p| match p.source {
        Some(source) => format!("{} ({})", p.key, source.as_str()),
        None => p.key,
    });
    named.collect()
}

#[test]
fn everybody_in_a_room_is_of_their_own_app_and_bots_are_nobody() {
    let inbox = Inbox::new();
    // A bridge that was told to call its ghosts otherwise, learnt from a direct chat with one.
    let odd = |room_type| bridge("facebook", "facebookgo", "100001", room_type);
    let learnt_from = facts(
        "!dm",
        &[odd("dm"), is(ME, "join"), is("@facebookbot:hs", "join"), is("@fb-100001:hs", "join")],
    );
    let bots = json!({"service_members": ["@helper:hs"]});
    let rows: Vec<(&str, Vec<Value>, &[&str])> = vec![
        (
            "functional members and the bridge's bot are nobody",
            group(&[is("@helper:hs", "join"), state("io.element.functional_members", "", bots)]),
            &["@whatsapp_4670111:hs", "@whatsapp_4670222:hs"],
        ),
        (
            "a member that matches no prefix is a real Matrix user, even in a portal",
            group(&[is("@kim:hs", "join"), is("@whatsapp_4670111:elsewhere", "join")]),
            &[
                "@whatsapp_4670111:hs",
                "@whatsapp_4670222:hs",
                "@kim:hs (matrix)",
                "@whatsapp_4670111:elsewhere (matrix)",
            ],
        ),
        (
            "a prefix that was learnt from a direct chat",
            vec![
                odd(""),
                is(ME, "join"),
                is("@facebookbot:hs", "join"),
                is("@fb-5:hs", "join"),
                is("@kim:hs", "join"),
            ],
            &["@fb-5:hs", "@kim:hs (matrix)"],
        ),
        (
            "a profile that says so, and who is called like them",
            group(&[is("@odd-7:hs", "join"), is("@odd-8:hs", "join"), is("@kim:hs", "join")]),
            &[
                "@whatsapp_4670111:hs",
                "@whatsapp_4670222:hs",
                "@odd-7:hs",
                "@odd-8:hs",
                "@kim:hs (matrix)",
            ],
        ),
        (
            "relayed: everybody by their own bridge",
            relayed(&[]),
            &["@whatsapp_4670111:hs (whatsapp)", "@telegram_5:hs (telegram)", "@kim:hs"],
        ),
        ("plain Matrix", plain(&[]), &["@kim:hs", "@lee:hs"]),
    ];
    for (n, (what, events, expected)) in rows.into_iter().enumerate() {
        let key = format!("!p{n}");
        let mut known = Known::default();
        known.learn(&learnt_from);
        let here = facts(&key, &events);
        known.learn(&here);
        if what.contains("profile") {
            let said = json!({"com.beeper.bridge.service": "whatsapp",
                "com.beeper.bridge.network": "whatsapp", "com.beeper.bridge.remote_id": "7"});
            let bridges = Bridge::all(&here);
            assert!(known.learn_profile("@odd-7:hs", &said, &bridges));
        }
        // As it was told before anything was learnt: the later telling holds.
        people(&inbox, &key, &events, &Known::default());
        assert_eq!(people(&inbox, &key, &events, &known), expected, "{what}");
    }
}
