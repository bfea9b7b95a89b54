//! Who speaks: one account of Matrix may speak for several people (a bot of Slack, a webhook of
//! Discord), and says in each message for whom (`com.beeper.per_message_profile`, MSC4144).

use std::sync::Arc;

use serde_json::Value;

/// Longer ids name nobody.
const LONGEST: usize = 200;

/// Somebody whom an account speaks for.
#[derive(Debug, PartialEq, Eq)]
pub struct Speaker {
    /// What names them as a participant.
    pub key: Arc<str>,
    /// Their name, if they have one.
    pub name: Option<String>,
}

fn profile(content: &Value) -> Option<(&Value, &str)> {
    let profile = ["com.beeper.per_message_profile", "m.per_message_profile"]
        .into_iter()
        .map(|key| &content[key])
        .find(|p| p.is_object())?;
    let id = profile["id"].as_str().filter(|id| !id.is_empty() && id.len() <= LONGEST)?;
    Some((profile, id))
}

fn name(profile: &Value) -> Option<&str> {
    profile["displayname"].as_str().filter(|n| !n.trim().is_empty())
}

/// Whom a message of this account is from, if it is not from the account itself.
pub fn of(content: &Value, account: &str) -> Option<Speaker> {
    let (profile, id) = profile(content)?;
    let name = name(profile).map(str::to_owned);
    Some(Speaker { key: format!("{account}#{id}").into(), name })
}

/// The text without the name that stands before it for programs that know no such profiles.
pub fn without_name<'a>(text: &'a str, content: &Value) -> &'a str {
    let told = profile(content).filter(|(p, _)| p["has_fallback"] == true);
    told.and_then(|(p, _)| text.strip_prefix(name(p)?)?.strip_prefix(": ")).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_account_speaks_for_somebody() {
        let said = |profile: Value| json!({"body": "x", "com.beeper.per_message_profile": profile});
        let of = |profile: Value| super::of(&said(profile), "@slackbot:hs");
        let bot = of(json!({"id": "B1", "displayname": "Build", "avatar_url": "mxc://x/y"}));
        let expected = Speaker { key: "@slackbot:hs#B1".into(), name: Some("Build".to_owned()) };
        assert_eq!(bot, Some(expected));
        assert_eq!(of(json!({"id": "B1", "displayname": " "})).and_then(|s| s.name), None);
        for nobody in
            [json!({"displayname": "Build"}), json!({"id": ""}), json!({"id": 7}), json!("B1")]
        {
            assert_eq!(of(nobody.clone()), None, "{nobody}");
        }
        assert_eq!(of(json!({"id": "x".repeat(LONGEST + 1)})), None);
    }

    #[test]
    fn the_name_before_the_text_goes() {
        let said = |fallback: bool| {
            json!({"com.beeper.per_message_profile":
                {"id": "B1", "displayname": "Build", "has_fallback": fallback}})
        };
        assert_eq!(without_name("Build: green", &said(true)), "green");
        assert_eq!(without_name("Build: green", &said(false)), "Build: green");
        assert_eq!(without_name("Building: no", &said(true)), "Building: no");
        assert_eq!(without_name("green", &json!({})), "green");
    }
}
