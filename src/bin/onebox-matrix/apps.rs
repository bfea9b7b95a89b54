//! Which app a bridge speaks for.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bounds;

/// An app as onebox names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct App {
    /// The slug.
    pub slug: String,
    /// The name, for people.
    pub name: String,
}

/// `protocol.id` of a bridge, the slug, the name. The ids are bridge types, not networks.
const TABLE: &[(&str, &str, &str)] = &[
    ("facebookgo", "messenger", "Messenger"),
    ("facebook", "messenger", "Messenger"),
    ("instagramgo", "instagram", "Instagram"),
    ("instagram", "instagram", "Instagram"),
    ("meta", "meta", "Meta"),
    ("whatsapp", "whatsapp", "WhatsApp"),
    ("signal", "signal", "Signal"),
    ("telegram", "telegram", "Telegram"),
    ("slackgo", "slack", "Slack"),
    ("slack", "slack", "Slack"),
    ("discordgo", "discord", "Discord"),
    ("discord", "discord", "Discord"),
    ("gmessages", "google-messages", "Google Messages"),
    ("gmessages-sms", "google-messages", "Google Messages"),
    ("gmessages-rcs", "google-messages", "Google Messages"),
    ("twitter", "twitter", "X"),
    ("linkedin", "linkedin", "LinkedIn"),
    ("googlechat", "google-chat", "Google Chat"),
    ("imessage", "imessage", "iMessage"),
    ("imessagego", "imessage", "iMessage"),
];

impl App {
    fn new(slug: &str, name: &str) -> Self {
        Self { slug: slug.to_owned(), name: name.to_owned() }
    }

    /// Matrix itself.
    pub fn matrix() -> Self {
        Self::new("matrix", "Matrix")
    }

    /// The app of a bridge's `protocol`. One that is not in the table goes by its own name; one
    /// without any is none.
    pub fn of_protocol(protocol: &Value) -> Option<Self> {
        let id = protocol["id"].as_str().unwrap_or_default();
        if let Some((_, slug, name)) = TABLE.iter().find(|(known, ..)| *known == id) {
            return Some(Self::new(slug, name));
        }
        let said = |v: &Value| {
            v.as_str().map(str::trim).filter(|s| !s.is_empty()).map(|s| bounds::cut(s, bounds::APP))
        };
        let name = said(&protocol["displayname"]).or_else(|| said(&protocol["id"]))?;
        Some(Self { slug: slug(&name), name })
    }

    /// The app that a ghost's own profile names, as bridges of mautrix write it where the server
    /// keeps such fields: the bridge's type, else the network.
    pub fn of_profile(profile: &Value) -> Option<Self> {
        let known = |field: &str| {
            let id = profile[field].as_str()?;
            TABLE.iter().find(|(known, ..)| *known == id)
        };
        let (_, slug, name) =
            known("com.beeper.bridge.service").or_else(|| known("com.beeper.bridge.network"))?;
        Some(Self::new(slug, name))
    }

    /// What the door is called, for the seam.
    pub fn origin(&self) -> String {
        if *self == Self::matrix() {
            self.name.clone()
        } else {
            format!("{} via Matrix", self.name)
        }
    }
}

/// A name as a slug: what [`onebox::model::SourceId`] would make of it.
fn slug(name: &str) -> String {
    onebox::model::SourceId::new(name).as_str().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn slug_of(protocol: Value) -> Option<String> {
        App::of_protocol(&protocol).map(|a| a.slug)
    }

    #[test]
    fn a_bridge_type_names_the_app() {
        let of = |id: &str| slug_of(json!({"id": id, "displayname": "Whatever"}));
        assert_eq!(of("facebookgo").as_deref(), Some("messenger"));
        assert_eq!(of("instagramgo").as_deref(), Some("instagram"));
        assert_eq!(of("gmessages-rcs").as_deref(), Some("google-messages"));
        assert_eq!(of("meta").as_deref(), Some("meta"));
    }

    #[test]
    fn a_profile_names_the_bridge_or_the_network() {
        let of = |service: Value, network: Value| {
            let profile = json!({
                "displayname": "Ana", "com.beeper.bridge.remote_id": "46701111111",
                "com.beeper.bridge.service": service, "com.beeper.bridge.network": network,
            });
            App::of_profile(&profile).map(|a| a.slug)
        };
        assert_eq!(of(json!("slackgo"), json!("slack")).as_deref(), Some("slack"));
        assert_eq!(of(json!("facebookgo"), json!("x")).as_deref(), Some("messenger"));
        assert_eq!(of(json!("local-new"), json!("whatsapp")).as_deref(), Some("whatsapp"));
        for (service, network) in
            [(json!(null), json!(null)), (json!(5), json!([])), (json!("x"), json!(""))]
        {
            assert_eq!(of(service, network), None);
        }
        assert_eq!(App::of_profile(&json!(["x"])), None);
    }

    #[test]
    fn an_unknown_bridge_goes_by_its_own_name() {
        assert_eq!(
            slug_of(json!({"id": "xx", "displayname": "Carrier Pigeon"})).as_deref(),
            Some("carrier-pigeon")
        );
        assert_eq!(slug_of(json!({"id": "xx"})).as_deref(), Some("xx"));
        assert_eq!(slug_of(json!({"id": 5, "displayname": "  "})), None);
        assert_eq!(slug_of(json!("text")), None);
        let long = App::of_protocol(&json!({"displayname": "x".repeat(60_000)}));
        assert!(long.is_some_and(|a| a.slug.len() < 100 && a.name.len() < 100));
    }
}
