//! What documents say in words, the same in every format.

use chrono::{DateTime, Datelike, Local, NaiveDate, NaiveDateTime, Utc};

use super::{Head, Media, Told, escape};
use crate::inbox::{ReasonRow, RowKind};
use crate::model::{AttachmentKind, Deletion, Timestamp};

/// The wall clock here; `None` where no calendar reaches.
fn wall(at: Timestamp) -> Option<NaiveDateTime> {
    let utc: DateTime<Utc> = at.to_utc()?;
    let near = (-9999..=9999).contains(&utc.year());
    near.then(|| utc.with_timezone(&Local).naive_local())
}

/// The day of an instant.
pub fn day(at: Timestamp) -> Option<NaiveDate> {
    wall(at).map(|w| w.date())
}

/// A day as a heading.
pub fn day_heading(day: Option<NaiveDate>) -> String {
    day.map_or_else(|| "No date".to_owned(), |d| d.format("%A, %-d %B %Y").to_string())
}

/// The time of day.
pub fn clock(at: Timestamp) -> String {
    wall(at).map_or_else(|| at.to_rfc3339(), |w| w.format("%H:%M").to_string())
}

/// When a document was written.
pub fn written(at: Timestamp) -> String {
    let day = wall(at).map_or_else(|| at.to_rfc3339(), |w| w.format("%-d %B %Y").to_string());
    format!("Written by onebox on {day}. Times are by the clock of the machine that wrote it.")
}

/// Tells where a new day begins.
#[derive(Debug, Default)]
pub struct Days(Option<Option<NaiveDate>>);

impl Days {
    /// The day, if it is another than that of the message before.
    pub fn turn(&mut self, at: Timestamp) -> Option<Option<NaiveDate>> {
        let now = day(at);
        (self.0 != Some(now)).then(|| {
            self.0 = Some(now);
            now
        })
    }
}

/// Who sent a message. Nobody else is called "You".
pub fn who(told: &Told) -> String {
    if told.row.mine { "You".to_owned() } else { called(&told.row.sender) }
}

fn called(name: &str) -> String {
    match escape::line(name) {
        none if none.is_empty() => "—".to_owned(),
        you if you.eq_ignore_ascii_case("you") => format!("“{you}”"),
        name => name,
    }
}

/// Where it was sent from or through, where that needs saying.
pub fn badges(told: &Told) -> Vec<&str> {
    let app = told.app.as_ref().map(|b| b.name.as_str());
    let account = told.row.sender_badge.as_ref().map(|b| b.name.as_str());
    app.into_iter().chain(account).collect()
}

/// What stands in a message's place if it has no text of its own.
pub fn instead(told: &Told) -> Option<String> {
    match (told.row.deletion, told.row.kind) {
        (Deletion::Unsent, _) => Some("This message was deleted.".to_owned()),
        (Deletion::TakenDown, _) => Some("This message was removed by the service.".to_owned()),
        (Deletion::None, RowKind::Call(call)) => {
            let video = call.video == Some(true);
            let whole = if video { "Video call" } else { "Call" };
            Some(match (call.missed, call.seconds) {
                (true, _) if video => "Missed video call".to_owned(),
                (true, _) => "Missed call".to_owned(),
                (false, Some(s)) => format!("{whole}, {}:{:02}", s / 60, s % 60),
                (false, None) => whole.to_owned(),
            })
        }
        (Deletion::None, RowKind::Sealed) => {
            Some("Encrypted message: its key is not here.".to_owned())
        }
        (Deletion::None, RowKind::Text | RowKind::System | RowKind::Poll) => None,
    }
}

/// What else is to be said of a message.
pub fn remarks(told: &Told) -> Vec<String> {
    let row = &told.row;
    let mut out: Vec<String> = Vec::new();
    if row.kind == RowKind::Poll {
        out.push("poll".to_owned());
    }
    if row.forwarded {
        let from = row.forwarded_from.as_deref().map(escape::line);
        out.push(from.map_or("forwarded".to_owned(), |who| format!("forwarded from {who}")));
    }
    if row.edited {
        out.push("edited".to_owned());
    }
    out.extend(row.send_state.map(|state| state.word().to_owned()));
    out
}

/// "👍 Sam, ❤ Ana".
pub fn reactions(told: &Told) -> Vec<(String, String)> {
    let each = |r: &crate::inbox::ReactionRow| (escape::line(&r.emoji), escape::line(&r.by));
    told.row.reactions.iter().map(each).collect()
}

/// What an attachment is, and its name if it has one.
pub fn attachment(kind: AttachmentKind, name: &str) -> String {
    let name = escape::line(name);
    match name.as_str() {
        "" => kind.word().to_owned(),
        name => format!("{}: {name}", kind.word()),
    }
}

/// The attachments, each with where it went.
pub fn attachments(told: &Told) -> impl Iterator<Item = (AttachmentKind, String, &Media)> {
    let pairs = told.row.attachments.iter().zip(&told.media);
    pairs.map(|(a, m)| (a.kind, attachment(a.kind, &a.name), m))
}

/// The head of the read-only banner, and the rest of it.
pub fn banner(reason: &ReasonRow) -> (String, String) {
    let since = escape::line(&reason.since);
    let head = match since.as_str() {
        "" => "Read-only".to_owned(),
        since => format!("Read-only {since}"),
    };
    let text = escape::line(&reason.text);
    let evidence = escape::line(&reason.evidence);
    let sure = match evidence.as_str() {
        "" => format!("({})", reason.sure),
        evidence => format!("({}: {evidence})", reason.sure),
    };
    (head, format!("{text} {sure}"))
}

/// Who is in it, in a sentence.
pub fn people(head: &Head) -> String {
    const SHOWN: usize = 40;
    let mut names: Vec<String> = Vec::new();
    for p in head.people.iter().filter(|p| !p.mine).take(SHOWN) {
        let name = called(&p.name);
        names.push(match &p.account {
            Some(account) => format!("{name} ({})", escape::line(account)),
            None => name,
        });
    }
    let more = head.people.iter().filter(|p| !p.mine).count().saturating_sub(SHOWN);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    let me = head.people.iter().find(|p| p.mine).map(|p| escape::line(&p.name));
    names.push(match me {
        Some(name) if !name.is_empty() => format!("you ({name})"),
        _ => "you".to_owned(),
    });
    names.join(", ")
}

/// How many messages.
pub fn messages(n: u64) -> String {
    match n {
        1 => "1 message".to_owned(),
        n => format!("{} messages", thousands(n)),
    }
}

/// From when to when, and how many messages.
pub fn extent(head: &Head) -> String {
    let count = messages(head.messages);
    let date = |t: Option<Timestamp>| t.and_then(day).map(|d| d.format("%-d %B %Y").to_string());
    match (date(head.first), date(head.last)) {
        (Some(a), Some(b)) if a == b => format!("{a} · {count}"),
        (Some(a), Some(b)) => format!("{a} to {b} · {count}"),
        _ => count,
    }
}

/// The years it spans, for a file's name.
pub fn years(first: Option<Timestamp>, last: Option<Timestamp>) -> String {
    let year = |t: Option<Timestamp>| t.and_then(day).map(|d| d.year());
    match (year(first), year(last)) {
        (Some(a), Some(b)) if a == b => a.to_string(),
        (Some(a), Some(b)) => format!("{a}-{b}"),
        _ => String::new(),
    }
}

/// 12345 as 12,345.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}
