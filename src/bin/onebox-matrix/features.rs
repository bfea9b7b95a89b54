//! What a bridge says of what it passes on: `com.beeper.room_features`.
//!
//! As `event/capabilities.go` of mautrix-go writes it. A level is −2 (refused), −1 (lost on the
//! way), 0 (not supported), 1 (in part) or 2; what is not named is 0. `reaction_count` is no limit for
//! the person: a bridge takes the reactions of before back by itself. `edit_max_count` is left to the
//! bridge's answer: how often a message was edited elsewhere is not told.

use std::collections::BTreeSet;

use onebox::model::{FileRule, FileRules, Limits, Wish};
use serde_json::Value;

use super::bounds;

/// More emoji than this are not told: so many are as good as all.
const EMOJI: usize = 200;

/// How well something is passed on.
fn level(said: &Value) -> i64 {
    said.as_i64().unwrap_or_default()
}

/// A length or a time that says something.
pub fn longest(said: &Value) -> Option<u64> {
    said.as_u64().filter(|n| *n > 0)
}

/// What is not passed on to the app.
pub fn not_carried(features: &Value) -> BTreeSet<Wish> {
    let named = [
        (Wish::Reply, "reply"),
        (Wish::Edit, "edit"),
        (Wish::Delete, "delete"),
        (Wish::React, "reaction"),
    ];
    let mut lost: BTreeSet<Wish> =
        named.into_iter().filter(|(_, what)| level(&features[*what]) < 1).map(|n| n.0).collect();
    if !takes_files(features) {
        lost.insert(Wish::Attach);
    }
    lost
}

/// What it says of answering, changing and reacting.
pub fn limits(features: &Value) -> Limits {
    let emoji = features["allowed_reactions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let own = features["custom_emoji_reactions"] == true;
    let emoji = emoji.iter().filter_map(Value::as_str);
    let emoji = emoji.filter(|e| !e.is_empty() && e.len() <= bounds::REACTION);
    let emoji: Vec<String> = emoji.map(str::to_owned).collect();
    Limits {
        not_carried: not_carried(features),
        edit_within: longest(&features["edit_max_age"]),
        delete_within: longest(&features["delete_max_age"]),
        // Emoji of the app itself have names here that nobody lists.
        reactions: if own || emoji.len() > EMOJI { Vec::new() } else { emoji },
    }
}

/// Whether a bridge carries any kind of file.
fn takes_files(features: &Value) -> bool {
    let Some(kinds) = features["file"].as_object() else { return true };
    kinds.values().any(|kind| match kind["mime_types"].as_object() {
        Some(types) => types.values().any(|level| level.as_i64().is_none_or(|l| l >= 1)),
        None => true,
    })
}

/// What a bridge says of each kind of file. A kind that it does not name it does not take, unless
/// it names none at all.
pub fn files(features: &Value) -> FileRules {
    let Some(kinds) = features["file"].as_object().filter(|kinds| !kinds.is_empty()) else {
        return FileRules::new();
    };
    let rule = |said: &Value| FileRule {
        refused: said["mime_types"]
            .as_object()
            .is_some_and(|t| t.values().all(|level| level.as_i64().is_some_and(|l| l < 1))),
        largest: longest(&said["max_size"]),
        // Not supported (0) may still come as a message of its own.
        wordless: level(&said["caption"]) < 0,
        longest: longest(&said["max_caption_length"]),
    };
    let mut rules: FileRules = KINDS
        .iter()
        .filter_map(|(name, word)| Some(((*word).to_owned(), rule(kinds.get(*name)?))))
        .collect();
    // What moves by itself goes as a picture where it has no kind of its own.
    if let Some(photo) = rules.get("photo").cloned() {
        rules.entry("gif".to_owned()).or_insert(photo);
    }
    rules.insert("other".to_owned(), FileRule { refused: true, ..FileRule::default() });
    rules
}

/// How bridges call the kinds of files, and how onebox does.
const KINDS: [(&str, &str); 7] = [
    ("m.image", "photo"),
    ("m.video", "video"),
    ("m.audio", "audio"),
    ("m.file", "file"),
    ("m.sticker", "sticker"),
    ("org.matrix.msc3245.voice", "voice"),
    ("fi.mau.gif", "gif"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// As the bridge of Instagram says it (times in seconds).
    #[test]
    fn times_and_emoji_are_told_where_the_bridge_says_them() {
        let said = json!({
            "max_text_length": 20_000, "reply": 2, "edit": 2, "edit_max_count": 5,
            "edit_max_age": 900, "delete": 2, "delete_max_age": 600, "reaction": 2,
            "reaction_count": 1, "allowed_reactions": ["👍", "", 5, "❤️"],
        });
        let told = limits(&said);
        assert_eq!((told.edit_within, told.delete_within), (Some(900), Some(600)));
        assert_eq!(told.reactions, ["👍", "❤️"]);
        assert!(told.not_carried.is_empty());
        let silent = limits(&json!({"reply": 2, "edit": 2, "delete": 1, "reaction": 1}));
        assert!(silent.is_none(), "{silent:?}");
    }

    #[test]
    fn what_is_below_the_first_level_is_not_carried() {
        let of = |said: Value| not_carried(&said).into_iter().collect::<Vec<_>>();
        let all = [Wish::Reply, Wish::React, Wish::Edit, Wish::Delete];
        assert_eq!(of(json!({})), all);
        assert_eq!(of(json!({"reply": -2, "edit": -1, "delete": 0, "reaction": "2"})), all);
        assert_eq!(of(json!({"reply": 1, "edit": 2, "delete": 1})), [Wish::React]);
        let files = json!({"reply": 1, "edit": 1, "delete": 1, "reaction": 1,
            "file": {"m.image": {"mime_types": {"*/*": -2}}}});
        assert_eq!(of(files), [Wish::Attach]);
    }

    #[test]
    fn strange_limits_are_none() {
        for strange in [json!(0), json!(-1), json!("15m"), json!([]), json!({}), json!(1.5)] {
            let said = json!({"reply": 2, "edit": 2, "delete": 2, "reaction": 2,
                "edit_max_age": strange, "delete_max_age": strange, "allowed_reactions": strange});
            assert!(limits(&said).is_none(), "{strange}");
        }
        let long = json!({"allowed_reactions": ["x".repeat(bounds::REACTION + 1)]});
        assert!(limits(&long).reactions.is_empty());
        let many: Vec<String> = (0..=EMOJI).map(|n| n.to_string()).collect();
        assert!(limits(&json!({"allowed_reactions": many})).reactions.is_empty());
        let own = json!({"allowed_reactions": ["👍"], "custom_emoji_reactions": true});
        assert!(limits(&own).reactions.is_empty());
    }

    #[test]
    fn words_that_are_lost_with_a_file_are_told_by_kind() {
        let told = files(&json!({"file": {
            "m.image": {"mime_types": {"*/*": 2}, "caption": 2, "max_caption_length": 1_024},
            "m.audio": {"mime_types": {"*/*": 2}, "caption": -1},
            "m.file": {"mime_types": {"*/*": 2}},
        }}));
        let of = |kind: &str| told.get(kind).map(|r| (r.wordless, r.longest));
        assert_eq!(of("photo"), Some((false, Some(1_024))));
        assert_eq!(of("gif"), of("photo"));
        assert_eq!((of("audio"), of("file")), (Some((true, None)), Some((false, None))));
    }
}
