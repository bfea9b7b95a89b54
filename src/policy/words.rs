//! The one place with words for people: reasons, dates, wishes, warnings.

use crate::model::{
    AppLink, AttachmentKind, Bytes, Day, DayRange, Evidence, EvidenceKind, Facts, Reason,
    ReasonCode, Since, SourceId, ThreadId, ThreadKind, Wish,
};

use super::dates::{lasting, since};
pub use super::dates::{on, when};
use super::link;
use super::rule::{Rule, RuleKind};
use super::rules::Rules;

/// So many emoji are named in a sentence.
const EMOJI: usize = 16;

/// A reason, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReasonWords {
    /// One sentence: "Instagram ↔ Facebook chats ended in mid-December 2023."
    pub text: String,
    /// "since mid-December 2023"; empty where not known.
    pub since: String,
    /// How it is known. May hold text from an export: clean it where it is shown.
    pub evidence: String,
    /// What is still possible, and the next best step.
    pub next: String,
    /// For a list row: "chats between the apps ended".
    pub short: String,
}

/// Puts a reason into words.
pub fn reason(reason: &Reason, facts: &Facts, rules: &Rules, wish: Wish) -> ReasonWords {
    let said = Said { reason, facts, rules, wish };
    ReasonWords {
        text: said.text(),
        since: reason.since.as_ref().map(|s| format!("since {}", since(s))).unwrap_or_default(),
        evidence: said.evidence(),
        next: said.next(),
        short: said.short(),
    }
}

/// A wish: "send a message".
pub fn wish(wish: Wish) -> &'static str {
    match wish {
        Wish::Send => "send a message",
        Wish::Reply => "reply to a message",
        Wish::React => "react to a message",
        Wish::Edit => "edit a message",
        Wish::Delete => "delete a message",
        Wish::Attach => "send a file",
        Wish::Call => "call",
        Wish::StartThread => "start a new chat",
        Wish::MarkRead => "mark as read",
    }
}

/// What to do before a rule closes threads, the best first.
pub fn before_closing(rule: &Rule) -> Vec<String> {
    let mut todo = vec![
        "Ask them for another address while you can still write here.".to_owned(),
        "Keep what was said: onebox export THREAD --format html --to FOLDER.".to_owned(),
    ];
    if !rule.handoff.trim().is_empty() {
        todo.insert(0, rule.handoff.trim().replace("{other}", "the other app"));
    }
    todo
}

/// A rule's apps: "Instagram ↔ Messenger", "Hangouts → Google Chat", "Skype".
pub fn rule_apps(rule: &Rule, rules: &Rules) -> String {
    let arrow = match rule.kind {
        RuleKind::Migrates => " → ",
        RuleKind::Opens
        | RuleKind::Closes
        | RuleKind::Deletes
        | RuleKind::ClientCloses
        | RuleKind::Redirects
        | RuleKind::Withdrawn
        | RuleKind::HistoryCut
        | RuleKind::Barred
        | RuleKind::Offered
        | RuleKind::Lossy
        | RuleKind::Disconnects => " ↔ ",
    };
    rule.apps.iter().map(|a| rules.app(a).name).collect::<Vec<_>>().join(arrow)
}

/// How a thing is known. May hold text from an export.
pub fn evidence(evidence: &Evidence) -> String {
    let detail = evidence.detail.trim();
    match evidence.kind {
        EvidenceKind::Flag if is_flag_name(detail) => format!("flag {detail} in the data"),
        EvidenceKind::Flag
        | EvidenceKind::Participant
        | EvidenceKind::Account
        | EvidenceKind::Switch => detail.to_owned(),
        EvidenceKind::You => "you said so".to_owned(),
        EvidenceKind::Notice => format!("a notice in the thread: “{detail}”"),
        EvidenceKind::Rule => format!("interop rule {detail}"),
        EvidenceKind::Guess => format!("a guess: {detail}"),
    }
}

fn is_flag_name(detail: &str) -> bool {
    !detail.is_empty() && detail.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The link to the other person in that app, if it is the app that they write from.
pub(super) fn link_in(facts: &Facts, rules: &Rules, other: &SourceId) -> Option<AppLink> {
    let theirs = facts.peer_source.as_ref() == Some(other);
    link::build(facts, rules, other).filter(|_| theirs)
}

/// "This was probably an Instagram ↔ Facebook chat."
pub(super) fn suggestion(home: &SourceId, other: &SourceId, rules: &Rules) -> String {
    let pair = pair(home, other, rules);
    format!("This was probably {} {pair} chat.", article(&pair))
}

/// "a Facebook account", "an Instagram account".
pub(super) fn an_account(app: &SourceId, rules: &Rules) -> String {
    let account = rules.app(app).account;
    format!("{} {account}", article(&account))
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['A', 'E', 'I', 'O', 'a', 'e', 'i', 'o']) { "an" } else { "a" }
}

/// A closure that is coming or under way, in one or two sentences.
pub(super) fn warning(
    rule: &Rule,
    range: &DayRange,
    home: &SourceId,
    other: Option<&SourceId>,
    rules: &Rules,
    as_of: Day,
) -> String {
    let under_way = as_of >= range.from;
    let name = rules.app(home).name;
    let what = match (other, rule.kind) {
        (Some(other), _) if under_way => {
            format!("{} chats are ending now, {}.", pair(home, other, rules), on(range))
        }
        (Some(other), _) => format!("{} chats will end {}.", pair(home, other, rules), on(range)),
        (None, RuleKind::Deletes) => {
            format!("What is left in {name} will be deleted {}.", on(range))
        }
        (None, _) if under_way => format!("{name} is closing now, {}.", on(range)),
        (None, _) => format!("{name} will close {}.", on(range)),
    };
    // A rule about an app itself knows its successor, if any, as its second app.
    let onward = other.or_else(|| rule.apps.get(1));
    format!("{what} {}", handoff(rule, onward, rules)).trim_end().to_owned()
}

fn handoff(rule: &Rule, other: Option<&SourceId>, rules: &Rules) -> String {
    let name = other.map_or_else(|| "the other app".to_owned(), |o| rules.app(o).name);
    rule.handoff.replace("{other}", &name)
}

/// "Instagram ↔ Facebook": the thread's app, and what the other side's accounts go by.
fn pair(home: &SourceId, other: &SourceId, rules: &Rules) -> String {
    format!("{} ↔ {}", rules.app(home).name, rules.app(other).brand())
}

/// A plural of what accounts of an app are called: "Facebook accounts", "phone numbers".
fn accounts(app: &SourceId, rules: &Rules) -> String {
    let account = rules.app(app).account;
    if account.ends_with("address") { format!("{account}es") } else { format!("{account}s") }
}

struct Said<'a> {
    reason: &'a Reason,
    facts: &'a Facts,
    rules: &'a Rules,
    wish: Wish,
}

impl Said<'_> {
    fn app(&self) -> String {
        self.rules.app(&self.facts.home).name
    }

    /// "ended in mid-December 2023", or "have ended" where no date is known.
    fn ended(&self) -> String {
        match &self.reason.since {
            Some(Since::Range(range)) => format!("ended {}", on(range)),
            Some(at @ Since::At(_)) => format!("ended on {}", since(at)),
            None => "have ended".to_owned(),
        }
    }

    #[allow(clippy::too_many_lines, reason = "one arm for each reason: a table, not a story")]
    fn text(&self) -> String {
        match &self.reason.code {
            ReasonCode::CrossAppEnded { home, other, .. } => {
                let (name, them) = (self.rules.app(home).name, accounts(other, self.rules));
                let ended = self.ended();
                match self.wish {
                    Wish::StartThread => {
                        format!("{name} cannot start chats with {them}: they {ended}.")
                    }
                    Wish::Call => format!("{name} cannot call {them}: these calls {ended}."),
                    Wish::Send
                    | Wish::Reply
                    | Wish::React
                    | Wish::Edit
                    | Wish::Delete
                    | Wish::Attach
                    | Wish::MarkRead => format!("{} chats {ended}.", pair(home, other, self.rules)),
                }
            }
            ReasonCode::AppClosed { source, .. } => {
                let name = self.rules.app(source).name;
                match &self.reason.since {
                    Some(Since::Range(range)) => format!("{name} closed {}.", on(range)),
                    Some(at @ Since::At(_)) => format!("{name} closed on {}.", since(at)),
                    None => format!("{name} has closed."),
                }
            }
            ReasonCode::NotAMember => match self.facts.kind {
                ThreadKind::Direct => {
                    "This chat has ended: one of you left or is no longer there.".into()
                }
                ThreadKind::Group | ThreadKind::Channel => {
                    "You are no longer in it: you left or were removed.".into()
                }
            },
            ReasonCode::NotAccepted => "You were invited and have not accepted yet.".into(),
            ReasonCode::YouLeft => "You have left this chat.".into(),
            ReasonCode::Removed => "You were removed from this chat.".into(),
            ReasonCode::Banned => "You are banned from this chat.".into(),
            ReasonCode::ChatDeleted => "This chat was deleted where it lived.".into(),
            ReasonCode::BridgeGone => {
                format!("The bridge to {} has left: nobody would get it.", self.app())
            }
            ReasonCode::BridgeSignedOut => {
                format!("The bridge is signed out of {}.", self.app())
            }
            ReasonCode::AnnouncementsOnly => {
                let what = match self.wish {
                    Wish::React => "react",
                    Wish::Delete => "delete",
                    Wish::Send
                    | Wish::Reply
                    | Wish::Edit
                    | Wish::Attach
                    | Wish::Call
                    | Wish::StartThread
                    | Wish::MarkRead => "write",
                };
                format!("Only administrators can {what} here.")
            }
            ReasonCode::ReplacedBy { .. } => "Another thread took the place of this one.".into(),
            ReasonCode::ReplacedElsewhere => {
                "Another thread took the place of this one, and you are not in it yet.".into()
            }
            ReasonCode::MovedToEncrypted { .. } => {
                "This conversation goes on in an encrypted thread.".into()
            }
            ReasonCode::ReplyWindowClosed { .. } => "The time to answer is over.".into(),
            ReasonCode::PersonUnavailable => "This person's account is not there any more.".into(),
            ReasonCode::ServiceSaysNo => format!("{} made this thread read-only.", self.app()),
            ReasonCode::SignedOut => format!("You are not signed in to {}.", self.app()),
            ReasonCode::MarkedByYou => "You marked this thread read-only.".into(),
            ReasonCode::ReadOnlySwitch => "onebox was started with --read-only.".into(),
            ReasonCode::FileKindRefused { kind } => {
                format!("{} takes no {} here.", self.app(), files(*kind))
            }
            ReasonCode::FileTooLarge { size, largest } => format!(
                "The file has {}; {} takes {} at most here.",
                Bytes(*size),
                self.app(),
                Bytes(*largest)
            ),
            ReasonCode::TextTooLong { length, longest } => self.too_long(*length, *longest),
            ReasonCode::WordsLost { kind } => {
                format!("{} takes no words with {} here.", self.app(), files(*kind))
            }
            ReasonCode::NotCarried => self.not_carried(),
            ReasonCode::TooLate { within } => {
                let what = if self.wish == Wish::Delete { "taken back" } else { "edited" };
                format!("{} lets a message be {what} for {} only.", self.app(), lasting(*within))
            }
            ReasonCode::ReactionRefused { allowed } => {
                format!("{} takes only these reactions here: {}.", self.app(), some(allowed))
            }
            ReasonCode::NotOffered => self.not_offered(),
        }
    }

    fn not_carried(&self) -> String {
        let what = match self.wish {
            Wish::Reply => "Answers to one message",
            Wish::React => "Reactions",
            Wish::Edit => "Edits",
            Wish::Delete => "Deletions",
            Wish::Attach => "Files",
            Wish::Call => "Calls",
            Wish::MarkRead => "Receipts",
            Wish::Send | Wish::StartThread => "Messages",
        };
        format!("{what} are not passed on to {} here.", self.app())
    }

    fn too_long(&self, length: u64, longest: u64) -> String {
        let app = self.app();
        let (text, least) = match self.wish {
            Wish::Attach => ("text with the file", "with one"),
            Wish::Send
            | Wish::Reply
            | Wish::React
            | Wish::Edit
            | Wish::Delete
            | Wish::Call
            | Wish::StartThread
            | Wish::MarkRead => ("text", "here"),
        };
        format!("The {text} has {length} characters; {app} takes {longest} at most {least}.")
    }

    fn not_offered(&self) -> String {
        if let Some(rule) = self.rule() {
            let apps = rule_apps(rule, self.rules);
            let date = rule.when.as_ref().map(|w| format!(" before {}", when(w)));
            return format!("{apps} was not possible{}.", date.unwrap_or_default());
        }
        let what = wish(self.wish);
        if self.facts.live.is_some() {
            format!("Your {} cannot {what} here.", self.rules.app(&self.facts.home).account)
        } else {
            format!("onebox cannot {what} here: it knows this thread from an export only.")
        }
    }

    fn rule(&self) -> Option<&Rule> {
        match &self.reason.code {
            ReasonCode::CrossAppEnded { rule, .. } | ReasonCode::AppClosed { rule, .. } => {
                self.rules.rule(rule)
            }
            ReasonCode::NotOffered if self.reason.evidence.kind == EvidenceKind::Rule => {
                self.rules.rule(&self.reason.evidence.detail)
            }
            ReasonCode::NotOffered
            | ReasonCode::NotAMember
            | ReasonCode::NotAccepted
            | ReasonCode::YouLeft
            | ReasonCode::Removed
            | ReasonCode::Banned
            | ReasonCode::ChatDeleted
            | ReasonCode::BridgeGone
            | ReasonCode::BridgeSignedOut
            | ReasonCode::AnnouncementsOnly
            | ReasonCode::ReplacedBy { .. }
            | ReasonCode::ReplacedElsewhere
            | ReasonCode::MovedToEncrypted { .. }
            | ReasonCode::ReplyWindowClosed { .. }
            | ReasonCode::PersonUnavailable
            | ReasonCode::ServiceSaysNo
            | ReasonCode::SignedOut
            | ReasonCode::MarkedByYou
            | ReasonCode::FileKindRefused { .. }
            | ReasonCode::FileTooLarge { .. }
            | ReasonCode::TextTooLong { .. }
            | ReasonCode::WordsLost { .. }
            | ReasonCode::NotCarried
            | ReasonCode::TooLate { .. }
            | ReasonCode::ReactionRefused { .. }
            | ReasonCode::ReadOnlySwitch => None,
        }
    }

    fn evidence(&self) -> String {
        let known = evidence(&self.reason.evidence);
        match self.rule() {
            Some(rule) if self.reason.evidence.kind != EvidenceKind::Rule => {
                format!("{known}; interop rule {}", rule.id)
            }
            Some(_) | None => known,
        }
    }

    #[allow(clippy::too_many_lines, reason = "one arm for each reason: a table, not a story")]
    fn next(&self) -> String {
        let read = "You can read, not write.";
        match &self.reason.code {
            ReasonCode::CrossAppEnded { other, .. } => {
                let way = self.way_on(Some(other));
                match self.wish {
                    Wish::StartThread | Wish::Call => way,
                    Wish::Send
                    | Wish::Reply
                    | Wish::React
                    | Wish::Edit
                    | Wish::Delete
                    | Wish::Attach
                    | Wish::MarkRead => format!("You can read, not write or call. {way}"),
                }
            }
            ReasonCode::AppClosed { .. } => {
                let onward = self.rule().and_then(|r| r.apps.get(1)).cloned();
                format!("{read} {}", self.way_on(onward.as_ref()))
            }
            ReasonCode::NotAMember => match self.facts.kind {
                ThreadKind::Direct => format!("{read} Try a new chat with them."),
                ThreadKind::Group | ThreadKind::Channel => {
                    format!("{read} Ask someone in it to add you again.")
                }
            },
            ReasonCode::NotAccepted => "Accept it to write (Y).".into(),
            ReasonCode::YouLeft | ReasonCode::Removed => match self.facts.kind {
                ThreadKind::Direct => format!("{read} Try a new chat with them."),
                ThreadKind::Group | ThreadKind::Channel => {
                    format!("{read} Ask someone in it to add you again.")
                }
            },
            ReasonCode::Banned => format!("{read} Write to an administrator directly."),
            ReasonCode::ChatDeleted => {
                format!("{read} If it still exists in {}, begin it again from there.", self.app())
            }
            ReasonCode::BridgeGone => {
                format!("{read} Ask whoever runs the bridge, or write in {}.", self.app())
            }
            ReasonCode::BridgeSignedOut => {
                format!("{read} Sign the bridge in to {} again.", self.app())
            }
            ReasonCode::AnnouncementsOnly => {
                format!("{read} Write to an administrator directly.")
            }
            ReasonCode::ReplacedBy { thread } => go_on(*thread),
            ReasonCode::ReplacedElsewhere => "Follow it there (Y).".into(),
            ReasonCode::MovedToEncrypted { thread } => go_on(*thread),
            ReasonCode::ReplyWindowClosed { reopens: Some(at) } => {
                format!("You can write again from {}.", since(&Since::At(*at)))
            }
            ReasonCode::ReplyWindowClosed { reopens: None } => {
                "You can answer once they write again.".into()
            }
            ReasonCode::PersonUnavailable => {
                format!("{read} Perhaps you can reach them in another app.")
            }
            ReasonCode::ServiceSaysNo => format!("{read} Start a new chat with them."),
            ReasonCode::SignedOut => "Sign in again; what you write waits until then.".into(),
            ReasonCode::MarkedByYou => "Take your mark back to write again.".into(),
            ReasonCode::ReadOnlySwitch => "Start onebox without --read-only to write.".into(),
            ReasonCode::FileKindRefused { .. } => "Send it as a file of another kind.".into(),
            ReasonCode::FileTooLarge { .. } => "Make it smaller, or send a link to it.".into(),
            ReasonCode::TextTooLong { .. } => "Shorten it, or send it in parts.".into(),
            ReasonCode::WordsLost { .. } => "Send the words as a message of their own.".into(),
            ReasonCode::TooLate { .. } => match self.wish {
                Wish::Delete => "It stays where it was sent; write what is to be known.".into(),
                Wish::Send
                | Wish::Reply
                | Wish::React
                | Wish::Edit
                | Wish::Attach
                | Wish::Call
                | Wish::StartThread
                | Wish::MarkRead => "Write what is right as a message of its own.".into(),
            },
            ReasonCode::ReactionRefused { .. } => "React with one of them.".into(),
            ReasonCode::NotCarried if self.wish == Wish::Reply => {
                "Write it as a message of its own.".into()
            }
            ReasonCode::NotCarried | ReasonCode::NotOffered => self.instead(),
        }
    }

    /// The rule's own way on, with the link to the person where there is one.
    fn way_on(&self, other: Option<&SourceId>) -> String {
        let way = self.rule().map(|r| handoff(r, other, self.rules)).unwrap_or_default();
        if way.trim().is_empty() {
            return "Ask them for another way to write to them.".into();
        }
        match other.and_then(|o| link_in(self.facts, self.rules, o)) {
            Some(link) => format!("{}: {}", way.trim_end_matches('.'), link.url),
            None => way,
        }
    }

    fn instead(&self) -> String {
        let app = self.app();
        if self.reason.evidence.kind == EvidenceKind::Rule {
            return "It can be done from that day on.".into();
        }
        match self.wish {
            Wish::Call => format!("Open {app} to call them."),
            Wish::Attach => format!("Open {app} and send the file there."),
            Wish::React => format!("Open {app} to react, or write a message."),
            Wish::Edit | Wish::Delete => format!("Open {app} to change it there."),
            Wish::MarkRead => format!("Opening the thread in {app} marks it as read."),
            Wish::Send | Wish::Reply | Wish::StartThread => format!("Open {app} to write to them."),
        }
    }

    fn short(&self) -> String {
        match &self.reason.code {
            ReasonCode::CrossAppEnded { .. } => "chats between the apps ended".into(),
            ReasonCode::AppClosed { source, .. } => {
                format!("{} closed", self.rules.app(source).name)
            }
            ReasonCode::NotAMember => match self.facts.kind {
                ThreadKind::Direct => "no longer connected".into(),
                ThreadKind::Group | ThreadKind::Channel => "you are no longer in it".into(),
            },
            ReasonCode::NotAccepted => "an invitation".into(),
            ReasonCode::YouLeft => "you left".into(),
            ReasonCode::Removed => "you were removed".into(),
            ReasonCode::Banned => "you are banned".into(),
            ReasonCode::ChatDeleted => "deleted".into(),
            ReasonCode::BridgeGone => "the bridge has left".into(),
            ReasonCode::BridgeSignedOut => "the bridge is signed out".into(),
            ReasonCode::AnnouncementsOnly => "only administrators write".into(),
            ReasonCode::ReplacedBy { .. } => "goes on in another thread".into(),
            ReasonCode::ReplacedElsewhere => "goes on where you are not yet".into(),
            ReasonCode::MovedToEncrypted { .. } => "goes on encrypted".into(),
            ReasonCode::ReplyWindowClosed { .. } => "time to answer is over".into(),
            ReasonCode::PersonUnavailable => "account is gone".into(),
            ReasonCode::ServiceSaysNo => "closed by the app".into(),
            ReasonCode::SignedOut => "signed out".into(),
            ReasonCode::MarkedByYou => "marked by you".into(),
            ReasonCode::ReadOnlySwitch => "--read-only is on".into(),
            ReasonCode::FileKindRefused { .. } => "this kind is not taken".into(),
            ReasonCode::FileTooLarge { .. } => "the file is too large".into(),
            ReasonCode::TextTooLong { .. } => "the text is too long".into(),
            ReasonCode::WordsLost { .. } => "words with it are lost".into(),
            ReasonCode::NotCarried => "it is not passed on".into(),
            ReasonCode::TooLate { .. } => "it is too late".into(),
            ReasonCode::ReactionRefused { .. } => "this reaction is not taken".into(),
            ReasonCode::NotOffered => "not possible from here".into(),
        }
    }
}

/// The first of many emoji.
fn some(emoji: &[String]) -> String {
    let shown: Vec<&str> = emoji.iter().take(EMOJI).map(String::as_str).collect();
    let more = if emoji.len() > EMOJI { " …" } else { "" };
    format!("{}{more}", shown.join(" "))
}

/// Files of a kind, in the plural.
fn files(kind: AttachmentKind) -> &'static str {
    match kind {
        AttachmentKind::Photo => "pictures",
        AttachmentKind::Video => "videos",
        AttachmentKind::Audio => "sound",
        AttachmentKind::Voice => "voice notes",
        AttachmentKind::Gif => "moving pictures",
        AttachmentKind::Sticker => "stickers",
        AttachmentKind::File => "documents",
        AttachmentKind::Contact => "contact cards",
        AttachmentKind::Location => "places",
        AttachmentKind::Share => "shared posts",
    }
}

fn go_on(thread: Option<ThreadId>) -> String {
    match thread {
        Some(thread) => format!("Go on in thread {thread}."),
        None => "Go on there; onebox does not have that thread yet.".to_owned(),
    }
}
