//! What the app's own rows tell, in words: `message_system.action_type`.

use crate::model::VAGUE_EVENT;
use crate::sources::json;

/// How I am called where I have no name, and where I am spoken to.
pub const YOU: &str = "You";

/// An event as it stands in the database, with names for people; each may be unknown.
#[derive(Default)]
pub struct Event<'a> {
    /// `message_system.action_type`.
    pub action: i64,
    /// Who acted.
    pub who: Option<String>,
    /// It is marked as mine.
    pub mine: bool,
    /// To whom it was done.
    pub whom: Vec<String>,
    /// The other one, of a chat between two.
    pub peer: Option<String>,
    /// I came by it.
    pub me_joined: bool,
    /// A contact was blocked, or let in again.
    pub blocked: Option<bool>,
    /// What came with it.
    pub text: Option<&'a str>,
}

impl Event<'_> {
    /// Who acted. A row that names nobody is mine, or the other one's of two.
    fn actor(&self) -> Option<&str> {
        self.who.as_deref().or(if self.mine { Some(YOU) } else { self.peer.as_deref() })
    }

    /// Whom it is about, where that may be who acted.
    fn about(&self) -> String {
        match self.whom.as_slice() {
            [] => self.actor().unwrap_or("Somebody").to_owned(),
            whom => whom.join(", "),
        }
    }

    /// Whom it is about, of what is told to me alone where nobody is named.
    fn about_me(&self) -> String {
        if self.whom.is_empty() { YOU.to_owned() } else { self.whom.join(", ") }
    }

    fn came(&self) -> String {
        match self.whom.as_slice() {
            [] if self.me_joined => added(self.actor(), YOU),
            // Readers disagree whether that one came or let somebody in.
            [] if self.action == 4 => added(None, &self.about()),
            [] => match self.actor() {
                Some(who) => added(Some(who), "somebody"),
                None => added(None, "Somebody"),
            },
            whom => added(self.actor(), &whom.join(", ")),
        }
    }

    fn went(&self) -> String {
        match (self.whom.as_slice(), self.actor()) {
            ([], Some(who)) if self.action == 14 => removed(Some(who), "somebody"),
            ([], _) => removed(None, &self.about()),
            (whom, who) => removed(who, &whom.join(", ")),
        }
    }

    /// Its words.
    pub fn words(&self) -> String {
        let title = self.text.and_then(subject);
        match self.action {
            1 | 11 => {
                let title = title.map_or_else(String::new, |t| format!(" “{t}”"));
                match self.action {
                    1 => format!("The subject is now{title}"),
                    _ => format!("The group{title} was created"),
                }
            }
            4 | 12 => self.came(),
            5 | 13 => format!("{} left", self.about()),
            7 | 14 => self.went(),
            6 => "The picture was changed".to_owned(),
            10 | 28 => match self.whom.as_slice() {
                [old, new] => format!("{old} has a new number: {new}"),
                _ => format!("{} has a new number", self.about()),
            },
            15 => is(&self.about_me(), "an administrator now"),
            16 => is(&self.about_me(), "no administrator any more"),
            18 => {
                let whose = match (self.who.as_ref(), self.peer.as_ref()) {
                    (Some(who), _) | (None, Some(who)) => who.clone(),
                    _ => self.about(),
                };
                format!("The security code of {whose} has changed")
            }
            20 => format!("{} joined by a link", self.about()),
            27 => match self.text {
                Some(text) => format!("The description was changed: {text}"),
                None => "The description was changed".to_owned(),
            },
            57 => "A device was added or removed".to_owned(),
            58 => match self.blocked {
                Some(true) => "You blocked this contact".to_owned(),
                Some(false) => "You let this contact in again".to_owned(),
                None => "The contact was blocked or let in again".to_owned(),
            },
            79 => format!("{} joined from the community", self.about()),
            165 => {
                let whose = self.who.as_ref().or(self.peer.as_ref());
                format!("{} has a new username", whose.map_or("Somebody", |w| w))
            }
            other => plain(other).map_or_else(|| self.vague(), str::to_owned),
        }
    }

    fn vague(&self) -> String {
        let action = self.action;
        match (self.text.and_then(words_only), self.whom.is_empty()) {
            (Some(text), _) => text.to_owned(),
            (None, false) => format!("{VAGUE_EVENT} ({action}): {}", self.whom.join(", ")),
            (None, true) => format!("{VAGUE_EVENT} ({action})"),
        }
    }
}

/// Events that say the same whoever acted. Of the newer ones those that public readers of several
/// phones name alike (sepinf-inc/IPED, jferrl/amberkeep, WAInsight).
fn plain(action: i64) -> Option<&'static str> {
    Some(match action {
        19 | 67 => "Messages and calls are end-to-end encrypted",
        21 => "The link to join the group was replaced",
        30 => "Everybody may change the group's details now",
        32 => "Everybody may write now",
        46 => "This is the account of a business",
        56 | 59 => "The time after which messages disappear was changed",
        68 => "New messages of this chat disappear after a time of somebody's choice",
        69 => "A notice about how this business handles its chats",
        70 => "A call was started",
        85 => "Nobody has to agree any more when somebody joins",
        91 => "Everybody may add others now",
        92 => "Only administrators may add others now",
        108 => "A group was added to the community",
        110 => "The community was changed",
        118 => "A message was pinned",
        _ => return None,
    })
}

/// What somebody is.
fn is(name: &str, what: &str) -> String {
    format!("{name} {} {what}", if name == YOU { "are" } else { "is" })
}

/// What came with an event, as far as it is words for people. Much of it is data of the app: a
/// number, an address, JSON, a name of the app's own or a hash.
pub fn words_only(text: &str) -> Option<&str> {
    const HASH: usize = 8;
    let text = text.trim();
    let one = !text.contains(char::is_whitespace);
    let all = |of: fn(char) -> bool| text.chars().all(of);
    let digits = text.contains(|c: char| c.is_ascii_digit());
    let data = text.starts_with(['{', '[']) && json::parse(text.as_bytes()).is_some()
        || all(|c| c.is_ascii_digit() || ".,:;+-".contains(c))
        || one
            && text.contains('_')
            && all(|c| c.is_ascii_lowercase() || "_0123456789".contains(c))
        || text.len() >= HASH && digits && all(|c| c.is_ascii_hexdigit())
        || one && text.split([',', ';']).all(is_address);
    (!data && !text.is_empty()).then_some(text)
}

/// Whether it is the address of somebody, or of a group.
pub fn is_address(text: &str) -> bool {
    const SERVERS: [&str; 4] = ["s.whatsapp.net", "lid", "g.us", "newsletter"];
    text.split_once('@').is_some_and(|(user, server)| !user.is_empty() && SERVERS.contains(&server))
}

/// What a group is called, of what came with an event; newer ones say it in JSON.
pub fn subject(text: &str) -> Option<String> {
    let value = Some(text).filter(|t| t.starts_with('{')).and_then(|t| json::parse(t.as_bytes()));
    match value {
        Some(value) => ["new_subject", "subject"].iter().find_map(|n| json::words(&value, n)),
        None => Some(text.to_owned()).filter(|t| !t.trim().is_empty()),
    }
}

/// That somebody came, by whom where that is known and somebody else.
pub fn added(who: Option<&str>, whom: &str) -> String {
    match who.filter(|who| *who != whom) {
        Some(who) => format!("{who} added {}", object(whom)),
        None => format!("{whom} joined"),
    }
}

/// That somebody was sent away, by whom where that is known.
pub fn removed(who: Option<&str>, whom: &str) -> String {
    match who.filter(|who| *who != whom) {
        Some(who) => format!("{who} removed {}", object(whom)),
        None => format!("{whom} {} removed", if whom == YOU { "were" } else { "was" }),
    }
}

/// A name in the middle of a sentence.
fn object(name: &str) -> &str {
    if name == YOU { "you" } else { name }
}
