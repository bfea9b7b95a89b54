//! Rooms as bridges make them, and what is to be said of each.

use onebox::model::{Membership, PostingLimit, ShutWhy, ThreadKind, Wish};
use serde_json::{Value, json};

use super::bridge::{Bridge, Known};
use super::classify::Room;
use super::facts::{Facts, Levels, Member, Standing};

const ME: &str = "@me:hs";

fn member(id: &str, joined: bool) -> Member {
    Member { id: id.to_owned(), name: format!("Name of {id}"), joined, active: joined }
}

/// A bridge event of this app in the shape of today's bridges.
fn bridge(network: &str, protocol: &str, channel: &str, room_type: &str) -> Value {
    json!({
        "type": "m.bridge", "state_key": format!("hs/{network}"),
        "content": {
            "bridgebot": format!("@{network}bot:hs"), "creator": format!("@{network}bot:hs"),
            "protocol": {"id": protocol, "displayname": "As the bridge calls it"},
            "channel": {"id": channel, "fi.mau.receiver": "login-1", "displayname": "There"},
            "com.beeper.room_type.v2": room_type,
        },
    })
}

/// A portal with its bot, me and these ghosts.
fn portal(bridges: Vec<Value>, ghosts: &[&str]) -> Facts {
    let mut members = vec![member(ME, true)];
    for event in &bridges {
        if let Some(bot) = event["content"]["bridgebot"].as_str() {
            members.push(member(bot, true));
        }
    }
    members.extend(ghosts.iter().map(|id| member(id, true)));
    let count = members.len() as u64;
    Facts {
        room: "!r".to_owned(),
        me: ME.to_owned(),
        bridges,
        members,
        all_members: true,
        joined: count,
        active: count,
        name: Some("Room".to_owned()),
        ..Facts::default()
    }
}

fn whatsapp_group() -> Facts {
    let event = bridge("whatsapp", "whatsapp", "123@g.us", "");
    portal(vec![event], &["@whatsapp_46701111111:hs", "@whatsapp_46702222222:hs"])
}

fn learnt(facts: &[&Facts]) -> Known {
    let mut known = Known::default();
    for facts in facts {
        known.learn(facts);
    }
    known
}

fn shut(facts: &Facts) -> Option<ShutWhy> {
    let known = learnt(&[facts]);
    let live = Room::new(facts, &known).thread().live.expect("a live thread");
    if live.shut.is_some() {
        assert!(!live.can.contains(&Wish::Send) && !live.can.contains(&Wish::React));
    }
    live.shut.map(|s| s.why)
}

fn slug(facts: &Facts, known: &Known) -> String {
    Room::new(facts, known).app().slug.clone()
}

#[test]
fn a_portal_that_lives_is_writable() {
    let facts = whatsapp_group();
    assert_eq!(shut(&facts), None);
    let known = learnt(&[&facts]);
    let thread = Room::new(&facts, &known).thread();
    let live = thread.live.expect("live");
    for wish in [Wish::Send, Wish::Reply, Wish::React, Wish::Edit, Wish::Delete, Wish::Attach] {
        assert!(live.can.contains(&wish), "{wish:?}");
    }
    assert_eq!(thread.origin, "WhatsApp via Matrix");
    assert_eq!(thread.kind, Some(ThreadKind::Group));
    assert_eq!((thread.membership, thread.posting), (Membership::Member, PostingLimit::Everyone));
}

#[test]
fn every_way_of_being_out_has_its_own_reason() {
    let out = |standing, sender: &str, reason: &str| {
        let mut facts = whatsapp_group();
        facts.standing = standing;
        facts.my_member = json!({"sender": sender, "content": {"reason": reason}});
        shut(&facts)
    };
    let bot = "@whatsappbot:hs";
    assert_eq!(out(Standing::Invited, bot, ""), Some(ShutWhy::Invited));
    assert_eq!(out(Standing::Left, bot, "Deleting portal"), Some(ShutWhy::ChatDeleted));
    assert_eq!(out(Standing::Left, bot, ""), Some(ShutWhy::Removed));
    assert_eq!(out(Standing::Left, ME, ""), Some(ShutWhy::Left));
    assert_eq!(out(Standing::Left, ME, "Deleting portal"), Some(ShutWhy::Left));
    assert_eq!(out(Standing::Banned, bot, ""), Some(ShutWhy::Banned));
}

#[test]
fn a_tombstone_names_the_thread_that_took_its_place() {
    let mut facts = whatsapp_group();
    facts.tombstone = Some(json!({"body": "moved", "replacement_room": "!new"}));
    let known = learnt(&[&facts]);
    let shut = Room::new(&facts, &known).thread().live.and_then(|l| l.shut).expect("shut");
    assert_eq!((shut.why, shut.replacement.as_deref()), (ShutWhy::Replaced, Some("!new")));
    facts.tombstone = Some(json!({"body": 5, "replacement_room": ["!x"]}));
    assert_eq!(self::shut(&facts), Some(ShutWhy::Replaced));
}

#[test]
fn only_admins_post_yet_reactions_may_go() {
    let mut facts = whatsapp_group();
    facts.levels = Levels { send: false, react: true, redact: true };
    let known = learnt(&[&facts]);
    let thread = Room::new(&facts, &known).thread();
    assert_eq!(thread.posting, PostingLimit::AdminsOnly);
    let live = thread.live.expect("live");
    assert!(live.can.contains(&Wish::React) && !live.can.contains(&Wish::Send));
    assert!(!live.can.contains(&Wish::Attach) && live.shut.is_none());
}

#[test]
fn without_the_bot_or_any_ghost_the_bridge_is_gone() {
    let mut facts = whatsapp_group();
    facts.members.retain(|m| m.id != "@whatsappbot:hs");
    assert_eq!(shut(&facts), Some(ShutWhy::BridgeGone));
    let mut facts = whatsapp_group();
    for m in facts.members.iter_mut().filter(|m| m.id.starts_with("@whatsapp_")) {
        (m.joined, m.active) = (false, false);
    }
    assert_eq!(shut(&facts), Some(ShutWhy::BridgeGone));
    let mut facts = whatsapp_group();
    (facts.members, facts.all_members, facts.joined) = (vec![member(ME, true)], false, 1);
    assert_eq!(shut(&facts), Some(ShutWhy::BridgeGone), "alone by the server's count");
    facts.joined = 4;
    assert_eq!(shut(&facts), None, "not every member is known yet");
}

#[test]
fn a_message_request_is_told_and_can_be_answered() {
    let mut event = bridge("facebook", "facebookgo", "100009", "dm");
    event["content"]["channel"]["com.beeper.message_request"] = true.into();
    let facts = portal(vec![event], &["@facebook_100009:hs"]);
    let known = learnt(&[&facts]);
    let thread = Room::new(&facts, &known).thread();
    assert_eq!(thread.folder.as_deref(), Some("requests"));
    let live = thread.live.expect("live");
    assert!(live.request && live.can.contains(&Wish::Send));
}

#[test]
fn what_the_bridge_cannot_carry_is_not_offered() {
    let mut facts = whatsapp_group();
    facts.features = vec![json!({"state_key": "hs/whatsapp", "content": {
        "reply": 2, "edit": -2, "reaction": 1, "file": {"m.image": {"mime_types": {"*/*": -2}}},
    }})];
    let known = learnt(&[&facts]);
    let can = Room::new(&facts, &known).thread().live.expect("live").can;
    assert!(can.contains(&Wish::Reply) && can.contains(&Wish::React) && can.contains(&Wish::Send));
    assert!(!can.contains(&Wish::Edit) && !can.contains(&Wish::Delete));
    assert!(!can.contains(&Wish::Attach));
}

#[test]
fn what_the_bridge_says_of_files_is_told_by_kind() {
    let mut facts = whatsapp_group();
    facts.features = vec![json!({"state_key": "hs/whatsapp", "content": {"file": {
        "m.image": {"mime_types": {"image/png": 2, "image/gif": -2}, "max_size": 5_000_000},
        "m.video": {"mime_types": {"*/*": -2}},
        "m.file": {"max_size": "huge"},
    }}})];
    let known = learnt(&[&facts]);
    let files = Room::new(&facts, &known).thread().live.expect("live").files;
    let said = |kind: &str| files.get(kind).map(|r| (r.refused, r.largest));
    assert_eq!(said("photo"), Some((false, Some(5_000_000))));
    assert_eq!(said("gif"), said("photo"), "it goes as a picture");
    assert_eq!(said("video"), Some((true, None)));
    assert_eq!(said("file"), Some((false, None)));
    assert_eq!((said("voice"), said("other")), (None, Some((true, None))));
    facts.features = vec![json!({"state_key": "hs/whatsapp", "content": {"file": {}}})];
    let live = Room::new(&facts, &known).thread().live.expect("live");
    assert!(live.files.is_empty(), "nothing is said of any");
}

#[test]
fn the_longest_text_is_told_where_the_bridge_says_it() {
    let longest = |said: Value| {
        let mut facts = whatsapp_group();
        let content = json!({"max_text_length": said, "reply": 2});
        facts.features = vec![json!({"state_key": "hs/whatsapp", "content": content})];
        Room::new(&facts, &learnt(&[&facts])).thread().live.expect("live").longest
    };
    assert_eq!(longest(json!(65_536)), Some(65_536));
    for nothing in [json!(0), json!(-5), json!("long"), json!({}), json!(null)] {
        assert_eq!(longest(nothing.clone()), None, "{nothing}");
    }
}

#[test]
fn a_bridge_that_is_signed_out_shuts_the_rooms_of_that_login() {
    let facts = whatsapp_group();
    let mut known = learnt(&[&facts]);
    let said = |state: &str, login: &str| json!({"state_event": state, "remote_id": login, "message": "Log in again"});
    let why = |known: &Known| {
        Room::new(&facts, known).thread().live.and_then(|l| l.shut).map(|s| (s.why, s.detail))
    };
    assert!(known.login("@whatsappbot:hs", &said("BAD_CREDENTIALS", "login-2")));
    assert_eq!(why(&known), None, "another login of mine");
    assert!(known.login("@whatsappbot:hs", &said("LOGGED_OUT", "login-1")));
    assert_eq!(why(&known), Some((ShutWhy::BridgeSignedOut, "Log in again".to_owned())));
    assert!(known.login("@whatsappbot:hs", &said("CONNECTED", "login-1")));
    assert_eq!(why(&known), None);
    assert!(known.login("@whatsappbot:hs", &json!({"state_event": "BAD_CREDENTIALS"})));
    assert_eq!(
        why(&known).map(|w| w.0),
        Some(ShutWhy::BridgeSignedOut),
        "an older bridge names no login"
    );
}

#[test]
fn the_app_is_that_of_the_bridge() {
    let known = Known::default();
    let app = |network: &str, protocol: &str| {
        slug(&portal(vec![bridge(network, protocol, "1", "dm")], &[]), &known)
    };
    assert_eq!(app("facebook", "facebookgo"), "messenger");
    assert_eq!(app("instagram", "instagramgo"), "instagram");
    assert_eq!(app("facebook", "meta"), "meta", "the older bridge for both does not say which");
    assert_eq!(app("pigeon", "pigeon"), "as-the-bridge-calls-it");
    assert_eq!(slug(&portal(Vec::new(), &["@a:hs"]), &known), "matrix");
}

#[test]
fn a_bridge_of_the_older_shape_is_known_too() {
    let event = json!({
        "type": "uk.half-shot.bridge", "state_key": "fi.mau.discord://discord/1/2",
        "content": {
            "bridgebot": "@discordbot:hs",
            "protocol": {"id": "discordgo", "displayname": "Discord"},
            "channel": {"id": "2"}, "com.beeper.room_type": "dm",
        },
    });
    let facts = portal(vec![event], &["@discord_2:hs"]);
    let known = learnt(&[&facts]);
    let room = Room::new(&facts, &known);
    assert_eq!(room.app().slug, "discord");
    let thread = room.thread();
    assert_eq!(thread.kind, Some(ThreadKind::Direct));
    assert!(thread.live.expect("live").can.contains(&Wish::Edit), "nothing is said of features");
}

/// Bridges of the older frameworks, and those that only know MSC2346, say nothing of the kind.
#[test]
fn where_a_bridge_does_not_say_what_a_room_is_it_is_told_by_who_is_in_it() {
    let irc = |channel: &str| {
        json!({
            "type": "uk.half-shot.bridge",
            "state_key": "org.matrix.appservice-irc://irc/irc.example.org/x",
            "content": {
                "bridgebot": "@appservice-irc:hs", "creator": "@kim:hs",
                "protocol": {"id": "irc", "displayname": "IRC"},
                "network": {"id": "irc.example.org", "displayname": "Example"},
                "channel": {"id": channel, "displayname": channel},
            },
        })
    };
    let kind = |facts: &Facts| Room::new(facts, &learnt(&[facts])).thread().kind;
    let mut with_one = portal(vec![irc("maya")], &["@irc_maya:hs"]);
    assert_eq!(Room::new(&with_one, &learnt(&[&with_one])).app().slug, "irc");
    assert_eq!(kind(&with_one), Some(ThreadKind::Group), "a room with a name is a room");
    with_one.direct = true;
    assert_eq!(kind(&with_one), Some(ThreadKind::Direct));
    (with_one.direct, with_one.name) = (false, None);
    assert_eq!(kind(&with_one), Some(ThreadKind::Direct));
    let mut many = portal(vec![irc("#crew")], &["@irc_maya:hs", "@irc_bo:hs"]);
    (many.direct, many.name) = (true, None);
    assert_eq!(kind(&many), Some(ThreadKind::Group));
    // Whoever says so is believed.
    let mut said = portal(vec![bridge("signal", "signal", "group-1", "")], &["@signal_1:hs"]);
    (said.direct, said.name) = (true, None);
    assert_eq!(kind(&said), Some(ThreadKind::Group));
}

/// Both names of the event stand in a room for years; a bridge that was replaced empties one.
#[test]
fn the_event_that_says_something_is_the_one_that_counts() {
    let new = bridge("whatsapp", "whatsapp", "1@g.us", "");
    let old = bridge("signal", "signal", "group-1", "");
    let emptied = json!({"type": "m.bridge", "state_key": "hs/whatsapp", "content": {}});
    let chosen = |new: &[&Value], old: &[&Value]| {
        let own = |all: &[&Value]| all.iter().map(|v| (*v).clone()).collect();
        let chosen = Bridge::events(own(new), own(old));
        let facts = portal(chosen, &[]);
        Bridge::all(&facts).into_iter().map(|b| b.app.slug).collect::<Vec<_>>()
    };
    assert_eq!(chosen(&[&new], &[&old]), ["whatsapp"]);
    assert_eq!(chosen(&[], &[&old]), ["signal"]);
    assert_eq!(chosen(&[&emptied], &[&old]), ["signal"]);
    assert_eq!(chosen(&[&emptied, &new], &[&old]), ["whatsapp"]);
    assert_eq!(chosen(&[&emptied], &[]), [""; 0]);
}

#[test]
fn a_room_that_several_apps_meet_in_is_of_matrix() {
    let bridges = vec![
        bridge("whatsapp", "whatsapp", "1@g.us", ""),
        bridge("telegram", "telegram", "chat:1", ""),
    ];
    let facts = portal(bridges, &["@whatsapp_46701111111:hs", "@telegram_5:hs", "@kim:hs"]);
    let known = learnt(&[&facts]);
    let room = Room::new(&facts, &known);
    assert_eq!(room.app().slug, "matrix");
    let people = room.people();
    let source = |id: &str| {
        let found = people.iter().find(|p| *p.key == *id).expect("told");
        found.source.as_ref().map(|s| s.as_str().to_owned())
    };
    assert_eq!(source("@whatsapp_46701111111:hs").as_deref(), Some("whatsapp"));
    assert_eq!(source("@telegram_5:hs").as_deref(), Some("telegram"));
    assert_eq!(source("@kim:hs"), None);
    let mut left = facts.clone();
    left.members.retain(|m| m.id != "@telegrambot:hs");
    assert_eq!(slug(&left, &known), "whatsapp", "the one that lives");
}

#[test]
fn bots_and_functional_members_are_no_people() {
    let mut facts = whatsapp_group();
    facts.members.push(member("@helper:hs", true));
    facts.service = vec!["@helper:hs".to_owned()];
    let known = learnt(&[&facts]);
    let keys: Vec<_> =
        Room::new(&facts, &known).people().iter().map(|p| p.key.to_string()).collect();
    assert_eq!(keys, [ME, "@whatsapp_46701111111:hs", "@whatsapp_46702222222:hs"]);
}

#[test]
fn a_ghost_is_known_by_what_its_bridge_calls_ghosts() {
    // This bridge was told to call its ghosts otherwise.
    let event = bridge("facebook", "facebookgo", "100001", "dm");
    let direct = portal(vec![event], &["@fbghost-100001:hs"]);
    let event = bridge("facebook", "facebookgo", "777", "");
    let group = portal(vec![event], &["@fbghost-5:hs", "@kim:hs"]);
    let source = |known: &Known| {
        let people = Room::new(&group, known).people();
        people.iter().map(|p| p.source.as_ref().map(|s| s.as_str().to_owned())).collect::<Vec<_>>()
    };
    let matrix = Some("matrix".to_owned());
    assert_eq!(source(&learnt(&[&group])), [None, matrix.clone(), matrix.clone()]);
    assert_eq!(source(&learnt(&[&group, &direct])), [None, None, matrix]);
}

/// As a bridge of mautrix writes it (`BeeperProfileExtra`), where the server keeps such fields.
fn profile(service: &str, network: &str, remote: &str) -> Value {
    json!({
        "displayname": "Ana", "avatar_url": "mxc://hs/x",
        "com.beeper.bridge.remote_id": remote, "com.beeper.bridge.identifiers": ["tel:+46701111111"],
        "com.beeper.bridge.service": service, "com.beeper.bridge.network": network,
    })
}

#[test]
fn a_profile_tells_a_ghost_that_is_called_like_nobody() {
    let event = bridge("facebook", "facebookgo", "777", "");
    let group = portal(vec![event], &["@fb-5:hs", "@fb-6:hs", "@kim:hs", "@fb-7:far"]);
    let mut known = learnt(&[&group]);
    let sources = |known: &Known| {
        let people = Room::new(&group, known).people();
        let foreign = people.into_iter().skip(1).map(|p| p.source.is_some());
        foreign.collect::<Vec<_>>()
    };
    let room = Room::new(&group, &known);
    assert_eq!(
        room.in_doubt(),
        ["@fb-5:hs", "@fb-6:hs", "@kim:hs"],
        "those of the bridge's server"
    );
    let bridges = room.bridges().to_vec();
    assert_eq!(sources(&known), [true, true, true, true]);
    assert!(known.learn_profile("@fb-5:hs", &profile("facebookgo", "facebook", "5"), &bridges));
    // What it is called tells the others; one who is called otherwise says nothing.
    assert_eq!(sources(&known), [false, false, true, true]);
    assert_eq!(Room::new(&group, &known).in_doubt(), ["@kim:hs"]);
    assert!(!known.learn_profile("@kim:hs", &json!({"displayname": "Kim"}), &bridges));
    assert!(Room::new(&group, &known).in_doubt().is_empty(), "nobody is asked about twice");
    assert_eq!(sources(&known), [false, false, true, true]);
}

#[test]
fn a_profile_makes_nobody_more_than_a_ghost_of_this_room() {
    let group = whatsapp_group();
    let mut known = learnt(&[&group]);
    let mut group = group;
    group.members.push(member("@mallory:hs", true));
    let bridges = Room::new(&group, &known).bridges().to_vec();
    // Of an app that does not come here: who says so is taken for a person of Matrix.
    assert!(!known.learn_profile("@mallory:hs", &profile("facebookgo", "facebook", "1"), &bridges));
    let of = |known: &Known| {
        let people = Room::new(&group, known).people();
        people.iter().find(|p| &*p.key == "@mallory:hs").and_then(|p| p.source.clone())
    };
    assert_eq!(of(&known), Some(onebox::model::SourceId::new("matrix")));
    let mut liar = profile("whatsapp", "whatsapp", "mallory");
    liar["com.beeper.bridge.is_bridge_bot"] = true.into();
    assert!(known.learn_profile("@mallory:hs", &liar, &bridges));
    let room = Room::new(&group, &known);
    assert_eq!(of(&known), None, "of WhatsApp, as they say");
    assert!(!room.is_service("@mallory:hs") && !room.is_bot("@mallory:hs"));
    assert!(!room.speaks("@mallory:hs"), "and speaks for nobody else");
    for strange in [json!(null), json!([]), json!({"com.beeper.bridge.service": {}}), json!("x")] {
        assert!(!known.learn_profile("@lee:hs", &strange, &bridges), "{strange}");
    }
}

#[test]
fn a_ghost_of_another_server_is_none() {
    let event = bridge("whatsapp", "whatsapp", "1@g.us", "");
    let facts = portal(vec![event], &["@whatsapp_46701111111:elsewhere"]);
    let known = learnt(&[&facts]);
    let people = Room::new(&facts, &known).people();
    assert!(people.iter().any(|p| p.source.as_ref().is_some_and(|s| s.as_str() == "matrix")));
}

#[test]
fn an_invitation_is_of_the_app_whose_bot_invites() {
    let known = learnt(&[&whatsapp_group()]);
    let mut invited = portal(Vec::new(), &[]);
    invited.standing = Standing::Invited;
    invited.my_member = json!({"sender": "@whatsappbot:hs", "content": {"is_direct": true}});
    assert_eq!(slug(&invited, &known), "whatsapp");
    assert_eq!(Room::new(&invited, &known).thread().kind, Some(ThreadKind::Direct));
    let mut talk = portal(Vec::new(), &["@whatsappbot:hs"]);
    assert_eq!(slug(&talk, &known), "whatsapp", "where the bridge is told what to do");
    assert_eq!(Room::new(&talk, &known).thread().kind, Some(ThreadKind::Direct));
    talk.active = 9;
    assert_eq!(slug(&talk, &known), "matrix", "a room of people with the bot in it");
}

#[test]
fn a_direct_chat_has_an_address_where_the_bridge_tells_one() {
    let address = |network: &str, protocol: &str, channel: &str| {
        let event = bridge(network, protocol, channel, "dm");
        let facts = portal(vec![event], &["@x_1:hs"]);
        Room::new(&facts, &learnt(&[&facts])).thread().address
    };
    assert_eq!(
        address("whatsapp", "whatsapp", "46701234567@s.whatsapp.net").as_deref(),
        Some("46701234567")
    );
    assert_eq!(address("whatsapp", "whatsapp", "46701234567").as_deref(), Some("46701234567"));
    assert_eq!(address("whatsapp", "whatsapp", "8912345678901@lid"), None);
    assert_eq!(address("signal", "signal", "0b3c-uuid"), None);
    assert_eq!(address("gmessages", "gmessages", "+46701234567").as_deref(), Some("46701234567"));
    let mut plain = portal(Vec::new(), &["@kim:elsewhere"]);
    (plain.name, plain.direct) = (None, true);
    assert_eq!(
        Room::new(&plain, &Known::default()).thread().address.as_deref(),
        Some("@kim:elsewhere")
    );
}

#[test]
fn a_channel_is_told_by_its_id() {
    let event = bridge("telegram", "telegram", "channel:1", "");
    let facts = portal(vec![event], &["@telegram_channel-1:hs"]);
    assert_eq!(Room::new(&facts, &learnt(&[&facts])).thread().kind, Some(ThreadKind::Channel));
}

#[test]
fn hostile_state_makes_no_panic() {
    for content in [
        json!(null),
        json!([]),
        json!("x"),
        json!({"protocol": [], "channel": 5}),
        json!({"protocol": {"id": {}, "displayname": 3}, "bridgebot": 7}),
        json!({"protocol": {"id": "whatsapp"}, "bridgebot": [], "channel": {"id": {}}, "com.beeper.room_type.v2": 9}),
    ] {
        let mut facts = whatsapp_group();
        facts.bridges = vec![json!({"content": content, "state_key": 5})];
        facts.features = vec![json!({"content": [1]}), json!(3)];
        facts.my_member = json!({"sender": 5, "content": "x"});
        for standing in [Standing::Joined, Standing::Left, Standing::Invited] {
            facts.standing = standing;
            let known = learnt(&[&facts]);
            let room = Room::new(&facts, &known);
            assert!(room.thread().live.is_some());
            assert!(room.people().iter().any(|p| p.is_me));
        }
    }
}
