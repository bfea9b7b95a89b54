//! What a room's state tells of the bridges behind it, and what is learnt over all rooms.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::apps::App;
use super::bounds;
use super::facts::Facts;

/// A bridge as one room names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bridge {
    /// The app.
    pub app: App,
    /// The bridge's type, as it calls itself.
    pub protocol: String,
    /// The bridge's bot; empty if it names none.
    pub bot: String,
    /// The chat's id over there.
    pub channel: String,
    /// The chat's name over there.
    pub title: Option<String>,
    /// My login over there.
    pub receiver: String,
    /// `dm`, `group_dm`, `space` or empty; `None`: not said.
    pub room_type: Option<String>,
    /// A message request over there.
    pub request: bool,
    /// The state key of the event.
    pub key: String,
}

/// A bridge event's text field, where it has one.
fn text(v: &Value) -> String {
    v.as_str().unwrap_or_default().to_owned()
}

impl Bridge {
    /// From a bridge state event.
    pub fn of(event: &Value) -> Option<Self> {
        let content = &event["content"];
        let app = App::of_protocol(&content["protocol"])?;
        let channel = &content["channel"];
        let kind = content["com.beeper.room_type.v2"].as_str();
        Some(Self {
            app,
            protocol: text(&content["protocol"]["id"]),
            bot: text(&content["bridgebot"]),
            channel: text(&channel["id"]),
            title: Some(bounds::cut(&text(&channel["displayname"]), bounds::NAME))
                .filter(|t| !t.is_empty()),
            receiver: text(&channel["fi.mau.receiver"]),
            room_type: kind.or_else(|| content["com.beeper.room_type"].as_str()).map(str::to_owned),
            request: channel["com.beeper.message_request"].as_bool().unwrap_or_default(),
            key: text(&event["state_key"]),
        })
    }

    /// Of a room's events of both names (`m.bridge`, and `uk.half-shot.bridge` of before) those that
    /// count: the newer, where any of them says anything.
    pub fn events(new: Vec<Value>, old: Vec<Value>) -> Vec<Value> {
        let says = |events: &[Value]| events.iter().any(|e| Self::of(e).is_some());
        if !says(&new) && says(&old) { old } else { new }
    }

    /// Every bridge that a room names.
    pub fn all(facts: &Facts) -> Vec<Self> {
        facts.bridges.iter().filter_map(Self::of).collect()
    }

    /// Its bot is in the room, as far as is known.
    pub fn lives(&self, facts: &Facts) -> bool {
        self.bot.is_empty() || !facts.is_gone(&self.bot)
    }

    /// How its ghosts' names may begin if nothing was learnt.
    fn default_prefixes(&self) -> Vec<String> {
        let local = localpart(&self.bot);
        let network = local.strip_suffix("bot").unwrap_or(local).trim_end_matches('_');
        let service = self.key.rsplit('/').next().unwrap_or_default();
        [network, service].into_iter().filter(|n| !n.is_empty()).map(|n| format!("{n}_")).collect()
    }
}

/// The part of a Matrix id before the server's name.
pub fn localpart(id: &str) -> &str {
    id.strip_prefix('@').unwrap_or(id).split(':').next().unwrap_or_default()
}

fn server(id: &str) -> &str {
    id.split_once(':').map_or("", |(_, server)| server)
}

/// What the rooms taught so far. Everything of it is kept by the id of a bridge's bot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    bots: BTreeMap<String, App>,
    prefixes: BTreeMap<String, BTreeSet<String>>,
    #[serde(with = "pairs")]
    logins: BTreeMap<(String, String), String>,
    /// Whom profiles were asked about, and whose ghost (by the bot) each calls itself.
    profiles: BTreeMap<String, Option<String>>,
    /// How names of those begin that call themselves a bridge's ghosts.
    told: BTreeMap<String, BTreeSet<String>>,
}

impl Known {
    /// Learns from a room; whether anything was new.
    pub fn learn(&mut self, facts: &Facts) -> bool {
        let before = (self.bots.len(), self.prefixes.values().map(BTreeSet::len).sum::<usize>());
        for bridge in Bridge::all(facts).iter().filter(|b| !b.bot.is_empty()) {
            self.bots.entry(bridge.bot.clone()).or_insert_with(|| bridge.app.clone());
            if bridge.room_type.as_deref() == Some("dm")
                && let Some(prefix) = self.ghost_prefix(bridge, facts)
            {
                self.prefixes.entry(bridge.bot.clone()).or_default().insert(prefix);
            }
        }
        before != (self.bots.len(), self.prefixes.values().map(BTreeSet::len).sum::<usize>())
    }

    /// The prefix of the one other person in a direct chat.
    fn ghost_prefix(&self, bridge: &Bridge, facts: &Facts) -> Option<String> {
        let mut others = facts.members.iter().filter(|m| {
            m.id != facts.me
                && !self.bots.contains_key(&m.id)
                && !facts.service.contains(&m.id)
                && server(&m.id) == server(&bridge.bot)
        });
        let ghost = localpart(&others.next()?.id);
        if others.next().is_some() {
            return None;
        }
        let bare = bridge.channel.split('@').next().unwrap_or_default();
        let tail = bare.rsplit(':').next().unwrap_or_default();
        [bridge.channel.as_str(), bare, tail]
            .into_iter()
            .filter(|id| !id.is_empty())
            .find_map(|id| ghost.strip_suffix(id))
            .or_else(|| ghost.find('_').map(|at| &ghost[..=at]))
            .filter(|prefix| !prefix.is_empty())
            .map(str::to_owned)
    }

    /// The app of a bridge's bot.
    pub fn bot(&self, id: &str) -> Option<&App> {
        self.bots.get(id)
    }

    /// Whether somebody is a ghost of this bridge.
    pub fn is_ghost(&self, id: &str, bridge: &Bridge) -> bool {
        if server(id) != server(&bridge.bot) {
            return false;
        }
        let local = localpart(id);
        self.prefixes.get(&bridge.bot).is_some_and(|set| set.iter().any(|p| local.starts_with(p)))
            || bridge.default_prefixes().iter().any(|p| local.starts_with(p))
    }

    /// Whether somebody calls themselves a ghost of this bridge in their profile, or is called like
    /// those who do. Anybody can write such a profile: it says of which app somebody is, among those
    /// that the room has anyway, and gives no leave to speak for others.
    pub fn says_ghost(&self, id: &str, bridge: &Bridge) -> bool {
        let local = localpart(id);
        let alike = |set: &BTreeSet<String>| set.iter().any(|p| local.starts_with(p));
        server(id) == server(&bridge.bot)
            && (self.profiles.get(id).and_then(Option::as_ref) == Some(&bridge.bot)
                || self.told.get(&bridge.bot).is_some_and(alike))
    }

    /// Whether a profile could tell of which app somebody in a portal is: they are of a bridge's own
    /// server, are not called like its ghosts, and were not asked about.
    pub fn is_in_doubt(&self, id: &str, bridges: &[Bridge]) -> bool {
        let near = |b: &Bridge| !b.bot.is_empty() && server(id) == server(&b.bot);
        bridges.iter().any(near)
            && !self.profiles.contains_key(id)
            && !bridges.iter().any(|b| self.is_ghost(id, b) || self.says_ghost(id, b))
    }

    /// Learns what somebody's profile says; whether they are a ghost after all.
    pub fn learn_profile(&mut self, id: &str, profile: &Value, bridges: &[Bridge]) -> bool {
        let (app, service) = (App::of_profile(profile), &profile["com.beeper.bridge.service"]);
        let is = |b: &&Bridge| {
            let named = !b.protocol.is_empty() && *service == *b.protocol;
            server(id) == server(&b.bot) && (named || app.as_ref() == Some(&b.app))
        };
        let bridge = bridges.iter().find(is);
        self.profiles.insert(id.to_owned(), bridge.map(|b| b.bot.clone()));
        let Some(bridge) = bridge else { return false };
        let remote = profile["com.beeper.bridge.remote_id"].as_str().unwrap_or_default();
        let prefix = localpart(id).strip_suffix(remote).filter(|_| !remote.is_empty());
        // Others of this bridge need not be asked then.
        let prefix = prefix.filter(|p| p.ends_with(['_', '-', '.', '=', '/']));
        if let Some(prefix) = prefix {
            self.told.entry(bridge.bot.clone()).or_default().insert(prefix.to_owned());
        }
        true
    }

    /// A bridge tells how a login of mine stands; whether that is new.
    pub fn login(&mut self, bot: &str, state: &Value) -> bool {
        let name = |key: &str| {
            let said = state[key].as_str().filter(|s| !s.is_empty());
            said.map(|s| bounds::cut(s, bounds::SENTENCE))
        };
        let login = name("remote_id").unwrap_or_default();
        let key = (bot.to_owned(), login);
        match state["state_event"].as_str() {
            Some("BAD_CREDENTIALS" | "LOGGED_OUT") => {
                let why = name("message").or_else(|| name("error")).unwrap_or_default();
                self.logins.insert(key, why.clone()).as_ref() != Some(&why)
            }
            Some("CONNECTED" | "BACKFILLING" | "RUNNING") => self.logins.remove(&key).is_some(),
            _ => false,
        }
    }

    /// Why a bridge is signed out of its app, if it is.
    pub fn signed_out(&self, bridge: &Bridge) -> Option<&str> {
        let of = |login: &str| self.logins.get(&(bridge.bot.clone(), login.to_owned()));
        of(&bridge.receiver).or_else(|| of("")).map(String::as_str)
    }
}

/// A map whose keys are pairs, as JSON: its keys are texts only.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    type Map = BTreeMap<(String, String), String>;

    pub fn serialize<S: Serializer>(map: &Map, to: S) -> Result<S::Ok, S::Error> {
        map.iter().collect::<Vec<_>>().serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Map, D::Error> {
        Ok(Vec::deserialize(from)?.into_iter().collect())
    }
}
