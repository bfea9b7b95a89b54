//! Slack's text: what stands in `<…>`, the three escaped letters, and emoji by their names.
//!
//! As Slack's page "Formatting text for app surfaces" tells: `<@U…>`, `<#C…|name>`, `<!here>`,
//! `<!subteam^S…|@name>`, `<!date^…|words>`, `<address|words>`; `&amp;`, `&lt;`, `&gt;`. Marks of
//! style (`*bold*`) are what people typed and stay.

use super::people::People;
use crate::model::{Attachment, AttachmentKind, MediaPlace};

/// Longer names of emoji there are not.
const LONGEST: usize = 64;

/// The text for people. Addresses that lie behind words are told beside it; `at` stands before the
/// name of somebody who is mentioned.
pub fn plain(text: &str, people: &People, at: &str, links: &mut Vec<Attachment>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        // Not farther than the next mark: a text of nothing but `<` is walked once.
        let (inner, behind) = after.split_at(after.find(['<', '>', '\n']).unwrap_or(after.len()));
        match behind.strip_prefix('>') {
            Some(behind) if !inner.is_empty() => {
                out.push_str(&token(inner, people, at, links));
                rest = behind;
            }
            _ => {
                out.push('<');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    emoji(&unescaped(&out))
}

/// The three letters that Slack escapes.
pub fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn token(inner: &str, people: &People, at: &str, links: &mut Vec<Attachment>) -> String {
    let (what, label) = match inner.split_once('|') {
        Some((what, label)) => (what, Some(label).filter(|l| !l.trim().is_empty())),
        None => (inner, None),
    };
    if let Some(id) = what.strip_prefix('@') {
        let name = people.name(id).or(label).unwrap_or(id);
        return format!("{at}{}", name.trim_start_matches('@'));
    }
    if let Some(id) = what.strip_prefix('#') {
        let name = label.or_else(|| people.channels.get(id).map(String::as_str)).unwrap_or(id);
        return format!("#{}", name.trim_start_matches('#'));
    }
    if let Some(command) = what.strip_prefix('!') {
        return match (label, command.split('^').next().unwrap_or(command)) {
            (_, all @ ("here" | "channel" | "everyone" | "group")) => format!("@{all}"),
            (Some(label), _) => label.to_owned(),
            (None, other) => format!("@{other}"),
        };
    }
    let Some(label) = label else { return what.to_owned() };
    let bare = what.split_once("://").map_or(what, |(_, bare)| bare);
    let bare = bare.strip_prefix("mailto:").or_else(|| bare.strip_prefix("tel:")).unwrap_or(bare);
    if label == what || label == bare || label == bare.trim_end_matches('/') {
        return label.to_owned();
    }
    links.push(Attachment {
        kind: AttachmentKind::Share,
        name: Some(unescaped(label)),
        place: MediaPlace::Web { url: unescaped(what) },
    });
    label.to_owned()
}

/// An emoji by its name in Slack, with a skin tone after `::`. What is a workspace's own stays.
pub fn by_name(name: &str) -> String {
    let (base, tone) = match name.split_once("::") {
        Some((base, tone)) => (base, Some(tone)),
        None => (name, None),
    };
    let Some(found) = emojis::get_by_shortcode(base) else { return format!(":{name}:") };
    let tone = match tone {
        Some("skin-tone-2") => Some(emojis::SkinTone::Light),
        Some("skin-tone-3") => Some(emojis::SkinTone::MediumLight),
        Some("skin-tone-4") => Some(emojis::SkinTone::Medium),
        Some("skin-tone-5") => Some(emojis::SkinTone::MediumDark),
        Some("skin-tone-6") => Some(emojis::SkinTone::Dark),
        _ => None,
    };
    tone.and_then(|t| found.with_skin_tone(t)).unwrap_or(found).as_str().to_owned()
}

/// `:tada:` becomes the picture, outside of code.
fn emoji(text: &str) -> String {
    if !text.contains(':') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    // Between back-ticks stands code, where colons are colons.
    for (i, piece) in text.split('`').enumerate() {
        if i > 0 {
            out.push('`');
        }
        if i % 2 == 0 { pictures(piece, &mut out) } else { out.push_str(piece) }
    }
    out
}

fn pictures(text: &str, out: &mut String) {
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_+-".contains(c);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(':') {
        out.push_str(before);
        rest = after;
        let free = !before.chars().next_back().is_some_and(char::is_alphanumeric);
        let named = after
            .split_once(':')
            .filter(|(name, _)| free && name.len() < LONGEST && name.chars().all(is_name));
        let Some((name, behind)) = named.filter(|(n, _)| emojis::get_by_shortcode(n).is_some())
        else {
            out.push(':');
            continue;
        };
        // `:wave::skin-tone-3:`
        let toned = behind
            .strip_prefix(':')
            .and_then(|b| b.split_once(':'))
            .filter(|(tone, _)| tone.starts_with("skin-tone-"));
        match toned {
            Some((tone, behind)) => {
                out.push_str(&by_name(&format!("{name}::{tone}")));
                rest = behind;
            }
            None => {
                out.push_str(&by_name(name));
                rest = behind;
            }
        }
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> (String, usize) {
        let mut links = Vec::new();
        let people = People::default();
        (plain(text, &people, "@", &mut links), links.len())
    }

    #[test]
    fn tokens_become_what_people_read() {
        for (text, told, links) in [
            ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c", 0),
            ("<@U1|ines> and <@U2>", "@ines and @U2", 0),
            ("see <#C1|choir>, <#C2>", "see #choir, #C2", 0),
            ("<!here> <!subteam^S1|@tenors> <!date^1^{date}|noon>", "@here @tenors noon", 0),
            ("<https://example.org>", "https://example.org", 0),
            ("<http://example.org|example.org>", "example.org", 0),
            ("<mailto:a@example.org|a@example.org>", "a@example.org", 0),
            ("<https://example.org/a?b&amp;c|the map>", "the map", 1),
            ("1 < 2, <\n> <>", "1 < 2, <\n> <>", 0),
            ("unclosed <http", "unclosed <http", 0),
        ] {
            assert_eq!(said(text), (told.to_owned(), links), "{text}");
        }
    }

    #[test]
    fn names_of_emoji_become_pictures_outside_of_code() {
        for (text, told) in [
            (":tada:", "🎉"),
            ("at 10:30:45 :no_such_emoji: x", "at 10:30:45 :no_such_emoji: x"),
            ("`:tada:` :+1::skin-tone-6:!", "`:tada:` 👍🏿!"),
            (":::tada: :", "::🎉 :"),
        ] {
            assert_eq!(said(text).0, told, "{text}");
        }
        assert_eq!(by_name("our_cat"), ":our_cat:");
    }
}
