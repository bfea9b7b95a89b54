//! Hand-off links: how a conversation is opened in the app itself.
//!
//! A link is made of a template that was checked, an address of allowed characters only, and the
//! person's text, percent-encoded. Anything else gives no link.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::model::{AppLink, Facts, SourceId, ThreadKind};

use super::rule::Needs;
use super::rules::Rules;

/// Schemes that a link may have. Each opens a conversation; none runs anything.
const SCHEMES: &[&str] = &["https://", "mailto:", "sms:", "tel:", "xmpp:", "tg://", "matrix:"];
const ADDRESS: &str = "{address}";
/// Everything in a URL but letters and digits that a link may hold before its text.
const MARKS: &str = "-._~:/?#@!$&'()*+,;=%";
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Openers, browsers and apps disagree on how long a link may be; all of them take this much.
const MAX_URL: usize = 2000;
const MAX_ADDRESS: usize = 128;

/// A link that is ready to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOff {
    /// The whole URL; empty if the link given was none that onebox opens.
    pub url: String,
    /// The URL does not carry the text: it is to be pasted.
    pub paste: bool,
}

/// Puts the text into a link. Where the app takes none, or it is too long, it is to be pasted.
pub fn complete(link: &AppLink, text: &str) -> HandOff {
    let text = text.replace("\r\n", "\n");
    let text: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
    if !is_safe_link(&link.url) {
        return HandOff { url: String::new(), paste: true };
    }
    if text.is_empty() {
        return HandOff { url: link.url.clone(), paste: false };
    }
    let carried = link.prefill.as_ref().filter(|key| is_key(key)).and_then(|key| {
        // Text that cannot fit is not worth encoding.
        if text.len() > MAX_URL {
            return None;
        }
        let joint = match (link.url.contains('?'), link.url.starts_with("xmpp:")) {
            (false, _) => '?',
            (true, true) => ';',
            (true, false) => '&',
        };
        let url = format!("{}{joint}{key}={}", link.url, utf8_percent_encode(&text, PLAIN));
        (url.len() <= MAX_URL).then_some(url)
    });
    match carried {
        Some(url) => HandOff { url, paste: false },
        None => HandOff { url: link.url.clone(), paste: true },
    }
}

fn is_key(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// Whether a link may be given to the opener: an allowed scheme, a place to go, no character that
/// a URL must not hold. Asked once more just before anything is opened.
pub fn is_safe_link(url: &str) -> bool {
    let rest = SCHEMES.iter().find_map(|scheme| url.strip_prefix(scheme));
    url.len() <= MAX_URL
        && rest
            .is_some_and(|r| r.starts_with(|c: char| c.is_ascii_alphanumeric() || "+@".contains(c)))
        && url.bytes().all(|b| b.is_ascii_alphanumeric() || MARKS.as_bytes().contains(&b))
}

/// Checks a template of a rules file.
pub(super) fn check_template(url: &str) -> Result<(), String> {
    if url.matches(ADDRESS).count() != 1 {
        return Err("a link needs `{address}` exactly once".into());
    }
    // The address must not choose the host: `https://{address}` would go anywhere.
    let before = url.split(ADDRESS).next().unwrap_or("");
    if before.strip_prefix("https://").is_some_and(|host| !host.contains('/')) {
        return Err("`{address}` must come after the host".into());
    }
    if !is_safe_link(&url.replace(ADDRESS, "0")) {
        return Err(format!("a link begins with one of {}", SCHEMES.join(" ")));
    }
    Ok(())
}

/// The link that opens a new message to the other person, in the app that they write from.
pub(super) fn hand_off(facts: &Facts, rules: &Rules) -> Option<AppLink> {
    build(facts, rules, facts.peer_source.as_ref().unwrap_or(&facts.home))
}

/// The link to the other person in that app.
pub(super) fn build(facts: &Facts, rules: &Rules, app: &SourceId) -> Option<AppLink> {
    if facts.kind != ThreadKind::Direct {
        return None;
    }
    let raw = facts.address.as_deref()?;
    rules.links(app).find_map(|link| {
        let address = address(raw, link.needs)?;
        let url = link.url.replace(ADDRESS, &address);
        is_safe_link(&url).then(|| AppLink {
            app: rules.app(app).name,
            url,
            prefill: link.prefill.clone(),
        })
    })
}

/// The address in the form that a link needs; `None` if it is not one.
fn address(raw: &str, needs: Needs) -> Option<String> {
    let raw = raw.trim();
    if raw.len() > MAX_ADDRESS {
        return None;
    }
    match needs {
        Needs::Phone => phone(raw),
        Needs::Handle => handle(raw.strip_prefix('@').unwrap_or(raw)),
        Needs::Email => {
            let (name, host) = raw.split_once('@')?;
            (is_name(name, "._+-") && is_host(host)).then(|| raw.to_owned())
        }
        Needs::MatrixId => {
            let (name, server) = raw.strip_prefix('@')?.split_once(':')?;
            let (host, port) = server.split_once(':').unwrap_or((server, "0"));
            let is_port = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
            (is_name(name, "._=+-") && is_host(host) && is_port).then(|| raw.to_owned())
        }
    }
}

fn is_name(text: &str, marks: &str) -> bool {
    text.chars().any(|c| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || marks.contains(c))
}

fn is_host(text: &str) -> bool {
    is_name(text, ".-") && !text.starts_with(['.', '-']) && !text.ends_with(['.', '-'])
}

fn handle(text: &str) -> Option<String> {
    // Digits alone are a phone number or an internal id, not a handle.
    let named = text.chars().any(|c| c.is_ascii_alphabetic());
    (named && is_name(text, "._-")).then(|| text.to_owned())
}

/// "+44 7700 900123", as people and phones write it, to the digits that links want.
fn phone(raw: &str) -> Option<String> {
    // "+44 (0)7700 …": the bracketed zero is for callers from within the country.
    let raw = raw.replace("(0)", "");
    let mut digits = String::new();
    let mut plus = false;
    for c in raw.chars() {
        match c {
            '+' if digits.is_empty() && !plus => plus = true,
            '0'..='9' => digits.push(c),
            ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' | '\u{202f}' | '\u{2009}' => {}
            // Invisible direction marks and unbreakable hyphens stand in exported numbers.
            '\u{2010}' | '\u{2011}' | '\u{200e}' | '\u{200f}' => {}
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            _ => return None,
        }
    }
    if !plus && digits.starts_with("00") {
        digits.drain(..2);
    }
    // Without its country a number reaches a stranger.
    let whole = (7..=15).contains(&digits.len()) && !digits.starts_with('0');
    whole.then_some(digits)
}
