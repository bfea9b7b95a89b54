//! From a post to a message: pure functions.

use std::sync::Arc;

use chrono::NaiveDateTime;

use super::parse::{Link, Media, Post};
use crate::model::{
    Attachment, AttachmentKind, Call, MediaPlace, MessageKind, MessageRecord, Moment, Reaction,
    ReplyTo, Timestamp, VAGUE_MESSAGE,
};
use crate::sources::Zone;
use crate::sources::poll;

/// How Telegram calls an account that is gone.
pub const DELETED: &str = "Deleted Account";

/// Finds media, by their address as seen from the page.
pub type Place<'a> = dyn Fn(&str) -> MediaPlace + 'a;

/// A time as it stands in a `title`: exact with a zone behind it, a wall clock without.
pub fn when(title: &str, zone: Zone) -> Option<Moment> {
    let mut parts = title.split_ascii_whitespace();
    let clock = format!("{} {}", parts.next()?, parts.next()?);
    let reading = NaiveDateTime::parse_from_str(&clock, "%d.%m.%Y %H:%M:%S").ok()?;
    let ahead = parts.next().and_then(|z| offset(z.strip_prefix("UTC")?));
    Some(match ahead {
        Some(seconds) => {
            Moment::exact(Timestamp((reading.and_utc().timestamp() - seconds).saturating_mul(1000)))
        }
        None => Moment::wall(zone.instant(reading), reading),
    })
}

/// `+01:00` in seconds; nothing at all is none.
fn offset(zone: &str) -> Option<i64> {
    if zone.is_empty() {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = zone.trim_start_matches(['+', '-']).split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours <= 18 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// A name without the bot that it wrote by.
pub fn name(told: &str) -> &str {
    let name = told.rfind(" via @").map_or(told, |at| &told[..at]);
    if name.trim().is_empty() { DELETED } else { name.trim() }
}

/// The message of a post. `from` wrote it, `passed_on_from` is whom a forward is from.
pub fn compose(
    post: Post,
    thread: &Arc<str>,
    (from, passed_on_from): (Option<Arc<str>>, Option<String>),
    sent: Moment,
    place: &Place<'_>,
) -> MessageRecord {
    let mut message = MessageRecord::text(Arc::clone(thread), from, sent, "");
    message.native_id = Some(post.id.to_string());
    message.order = post.id;
    message.reply_to =
        post.reply.map(|to| ReplyTo { native_id: to.map(|id| id.to_string()), quote: None });
    message.forwarded = post.forwarded;
    message.forwarded_from = passed_on_from.filter(|_| post.forwarded);
    message.reactions = reactions(&post);
    let told = post.text.trim_end().to_owned();
    if post.service {
        message.kind = MessageKind::System;
        message.sender = None;
        message.text = service(told);
        return message;
    }
    let mut more = String::new();
    for media in &post.media {
        match media.class.as_str() {
            "media_call" => message.kind = MessageKind::Call(call(&media.status)),
            "media_game" | "media_invoice" => {
                let lines = [&media.title, &media.description, &media.status];
                let lines = lines.map(|l| l.trim()).into_iter().filter(|l| !l.is_empty());
                more = lines.collect::<Vec<_>>().join("\n");
            }
            _ => message.attachments.push(attachment(media, place)),
        }
    }
    message.attachments.extend(post.links.iter().chain(&post.buttons).filter_map(shared));
    if let Some((question, answers)) = &post.poll {
        message.kind = MessageKind::Poll;
        let mut lines = vec![question.trim().to_owned()];
        lines.extend(answers.iter().map(|(answer, votes)| option(answer, votes)));
        more = lines.join("\n");
    }
    message.text = match (told.is_empty(), more.is_empty()) {
        (true, _) => more,
        (false, false) if message.kind == MessageKind::Poll => format!("{told}\n{more}"),
        (false, _) => told,
    };
    let silent = message.text.is_empty() && message.attachments.is_empty();
    if silent && message.kind == MessageKind::Text {
        let buttons: Vec<String> = post
            .buttons
            .iter()
            .map(|b| format!("[{}]", b.words.trim()))
            .filter(|b| b.len() > 2)
            .collect();
        message.text = buttons.join(" ");
        if message.text.is_empty() {
            message.kind = MessageKind::System;
            message.text = VAGUE_MESSAGE.to_owned();
        }
    }
    message
}

/// Whoever adds or removes themselves comes or goes.
fn service(told: String) -> String {
    for (did, what) in [(" invited ", "joined"), (" removed ", "left")] {
        if let Some((who, whom)) = told.split_once(did)
            && who == whom
        {
            return format!("{who} {what}");
        }
    }
    told
}

fn reactions(post: &Post) -> Vec<Reaction> {
    let mut out = Vec::new();
    for reaction in &post.reactions {
        let emoji = reaction.emoji.trim();
        // A custom one is told by its file.
        let plain = !emoji.is_empty() && !emoji.contains(['/', '.']);
        let emoji = if plain { emoji } else { "custom emoji" };
        for by in &reaction.by {
            out.push(Reaction { emoji: emoji.to_owned(), by: name(by).into(), at: None });
        }
    }
    out
}

/// How many reactions have no name.
pub fn unnamed(post: &Post) -> u64 {
    let of = |r: &super::parse::Reaction| {
        let count: u64 = r.count.trim().parse().unwrap_or(0);
        count.saturating_sub(r.by.len() as u64)
    };
    post.reactions.iter().map(of).sum()
}

/// `- Tea`, `3 votes, chosen vote`.
fn option(answer: &str, votes: &str) -> String {
    let answer = answer.trim();
    let answer = answer.strip_prefix("- ").unwrap_or(answer);
    let votes = votes.split_ascii_whitespace().next().and_then(|n| n.parse().ok());
    poll::option(answer, Some(votes.unwrap_or(0)))
}

/// `Outgoing (12 seconds)`, `Missed`, `Cancelled`.
fn call(status: &str) -> Call {
    let (how, rest) = status.trim().split_once(" (").unwrap_or((status.trim(), ""));
    let seconds = rest.split_ascii_whitespace().next().and_then(|n| n.parse().ok());
    let missed = seconds.is_none() && matches!(how, "Missed" | "Cancelled" | "Declined");
    Call { video: None, seconds, missed }
}

fn shared(link: &Link) -> Option<Attachment> {
    let href = link.href.trim();
    let is_web = href.starts_with("http://") || href.starts_with("https://");
    let name = Some(link.words.trim().to_owned()).filter(|w| !w.is_empty());
    let place = MediaPlace::Web { url: href.to_owned() };
    is_web.then_some(Attachment { kind: AttachmentKind::Share, name, place })
}

fn attachment(media: &Media, place: &Place<'_>) -> Attachment {
    let title = Some(media.title.trim().to_owned()).filter(|t| !t.is_empty());
    let is = |what: &str| title.as_deref() == Some(what);
    let named = |generic: &str| title.clone().filter(|t| t != generic);
    let (kind, name) = match media.class.as_str() {
        "sticker_wrap" => (AttachmentKind::Sticker, None),
        "media_photo" if is("Sticker") => (AttachmentKind::Sticker, sticker(&media.status)),
        "photo_wrap" | "media_photo" => (AttachmentKind::Photo, None),
        "animated_wrap" => (AttachmentKind::Gif, None),
        "media_video" if is("Animation") => (AttachmentKind::Gif, None),
        "video_file_wrap" | "media_video" => (AttachmentKind::Video, None),
        "media_voice_message" => (AttachmentKind::Voice, None),
        "media_audio_file" => (AttachmentKind::Audio, named("Audio file")),
        "media_contact" => (AttachmentKind::Contact, card(media)),
        "media_location" | "media_live_location" | "media_venue" => return location(media),
        _ => (AttachmentKind::File, named("File")),
    };
    let place = match media.href.as_deref() {
        Some(href) if href.starts_with("http") => MediaPlace::Web { url: href.to_owned() },
        Some(href) => place(href),
        None => MediaPlace::Omitted,
    };
    Attachment { kind, name, place }
}

/// `🙂, 24.5 KB`: the emoji.
fn sticker(status: &str) -> Option<String> {
    let emoji = status.split(',').next()?.trim();
    (!emoji.is_empty() && !emoji.starts_with(|c: char| c.is_ascii_digit()))
        .then(|| emoji.to_owned())
}

/// A contact's name and number.
fn card(media: &Media) -> Option<String> {
    let number = media.status.trim().trim_end_matches(" - vCard");
    let parts = [media.title.trim(), number].into_iter().filter(|p| !p.is_empty());
    Some(parts.collect::<Vec<_>>().join(" ")).filter(|n| !n.is_empty())
}

fn location(media: &Media) -> Attachment {
    let href = media.href.as_deref().unwrap_or_default();
    let told = href.split(['?', '&']).find_map(|part| part.strip_prefix("q="));
    let coordinates = told.and_then(|at| {
        let (lat, lon) = at.split_once(',')?;
        let (lat, lon): (f64, f64) = (lat.trim().parse().ok()?, lon.trim().parse().ok()?);
        (lat.abs() <= 90.0 && lon.abs() <= 180.0).then_some((lat, lon))
    });
    let place = match coordinates {
        Some((lat, lon)) => {
            MediaPlace::Web { url: format!("https://www.openstreetmap.org/?mlat={lat}&mlon={lon}") }
        }
        None => MediaPlace::Omitted,
    };
    let name = (media.class == "media_venue").then(|| {
        let parts = [media.title.trim(), media.description.trim()];
        parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(", ")
    });
    Attachment { kind: AttachmentKind::Location, name: name.filter(|n| !n.is_empty()), place }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    #[test]
    fn times_have_a_zone_since_2022() {
        let zone = Zone::Named(Tz::Europe__Berlin);
        let at = |title: &str| when(title, zone).map(|m| m.at.to_rfc3339());
        let noon = Some("2024-02-01T12:00:05Z".to_owned());
        assert_eq!(at("01.02.2024 15:00:05 UTC+03:00"), noon);
        assert_eq!(at("01.02.2024 08:30:05 UTC-03:30"), noon);
        assert_eq!(at("01.02.2024 12:00:05 UTC"), noon);
        assert_eq!(at("01.02.2024 13:00:05"), noon, "the person's own clock");
        for no in ["", "yesterday", "31.02.2024 10:00:00", "01.02.2024"] {
            assert_eq!(at(no), None, "{no}");
        }
    }

    #[test]
    fn calls_votes_and_names() {
        assert_eq!(call("Outgoing (12 seconds)").seconds, Some(12));
        assert!(call("Missed").missed && call("Cancelled").missed && !call("Incoming").missed);
        assert_eq!(option("- Tea ", "3 votes, chosen vote"), "Tea (3 votes)");
        assert_eq!(option("- Tea", ""), "Tea (0 votes)");
        assert_eq!((name("Ana Lima via @gif"), name(" ")), ("Ana Lima", DELETED));
        assert_eq!(sticker("🙂, 24.5 KB").as_deref(), Some("🙂"));
        assert_eq!(sticker("24.5 KB"), None);
    }
}
