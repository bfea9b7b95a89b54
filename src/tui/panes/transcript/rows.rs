//! A message as rows of pieces: wrapped, led by its day, seam and sender, followed by what hangs on it.

use chrono::NaiveDate;

use crate::inbox::{AttachmentRow, MediaState, MessageRow, ReactionRow, RowKind};
use crate::model::{AttachmentKind, Bytes, Call, Deletion, SendState};
use crate::search::Marker;
use crate::text::{Clean, wrap};
use crate::tui::clock::{self, Zone};
use crate::tui::ink::{Ink, Piece};
use crate::tui::media;
use crate::tui::panes::search::marked;

/// What stands before and after a message because of its neighbours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lead {
    /// The thread begins here.
    pub start: bool,
    /// More is on the server.
    pub older: Option<String>,
    /// Messages are missing right before it.
    pub gap: Option<String>,
    /// Files of it that are being fetched, by their place, or could not be.
    pub media: Vec<(usize, MediaState)>,
    /// Nothing is loaded before it.
    pub first: bool,
    /// A new day begins.
    pub day: Option<NaiveDate>,
    /// Another door.
    pub seam: Option<String>,
    /// The sender is named.
    pub name: bool,
    /// The line after the last message.
    pub tail: Option<String>,
    /// Said below the last message: closures that are coming, a guess that waits.
    pub asides: Vec<(String, Ink)>,
}

/// How a row stands in the pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// Empty.
    Blank,
    /// In the middle, between rules.
    Rule,
    /// In the middle.
    Middle,
    /// At the left, no gutter.
    Name,
    /// At the left, behind the gutter of its sender.
    Said,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// How it stands.
    pub stand: Stand,
    /// The gutter's ink.
    pub gutter: Ink,
    /// What it says.
    pub pieces: Vec<Piece>,
    /// At the right edge.
    pub right: Option<Piece>,
}

/// Columns left of what was said: cursor, gutter, space.
pub const GUTTER: usize = 3;
/// Columns right of it: space, time, space.
pub const MARGIN: usize = 8;
/// Longer lines are hard to read.
const MEASURE: usize = 92;

/// The width in which text is wrapped.
pub fn measure(width: usize) -> usize {
    width.saturating_sub(GUTTER + MARGIN).clamp(4, MEASURE)
}

/// Times stand no further right than this.
pub fn full_width() -> u16 {
    (MEASURE + GUTTER + MARGIN) as u16
}

/// All rows of a message.
pub fn rows(
    m: &MessageRow,
    lead: &Lead,
    width: usize,
    zone: Zone,
    marker: Option<&Marker>,
) -> Vec<Row> {
    let mut out = Maker { rows: Vec::new(), ink: ink_of(m), measure: measure(width), marker };
    out.lead(m, lead, width);
    match m.kind {
        RowKind::System => out.middle(&m.text, width),
        RowKind::Call(call) => out.call(call),
        RowKind::Poll => {
            out.said(vec![Piece::ours("▤ poll", Ink::Muted)]);
            out.body(m, &lead.media);
        }
        RowKind::Sealed => {
            out.said(vec![Piece::ours("▣ encrypted message: its key is not here", Ink::Muted)]);
        }
        RowKind::Text => out.body(m, &lead.media),
    }
    if m.kind != RowKind::System {
        let first = out.rows.iter_mut().find(|r| r.stand == Stand::Said);
        if let Some(row) = first {
            row.right = Some(Piece::line(&clock::time(zone, m.pos.at), Ink::Faint));
        }
    }
    if let Some(tail) = &lead.tail {
        out.blank();
        out.rule(tail, Ink::Greyed);
        out.blank();
    }
    for (text, ink) in &lead.asides {
        out.blank();
        out.aside(text, *ink, width);
    }
    if !lead.asides.is_empty() {
        out.blank();
    }
    out.rows
}

/// A sender's own colour, the same in every thread and on every day.
fn ink_of(m: &MessageRow) -> Ink {
    if m.mine {
        return Ink::You;
    }
    let hash = m
        .sender
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    Ink::Name((hash >> 32) as u8)
}

struct Maker<'m> {
    rows: Vec<Row>,
    ink: Ink,
    measure: usize,
    marker: Option<&'m Marker>,
}

impl Maker<'_> {
    fn push(&mut self, stand: Stand, pieces: Vec<Piece>) {
        self.rows.push(Row { stand, gutter: self.ink, pieces, right: None });
    }

    fn blank(&mut self) {
        self.push(Stand::Blank, Vec::new());
    }

    fn said(&mut self, pieces: Vec<Piece>) {
        self.push(Stand::Said, pieces);
    }

    fn rule(&mut self, text: &str, ink: Ink) {
        self.push(Stand::Rule, vec![Piece::line(text, ink)]);
    }

    fn lead(&mut self, m: &MessageRow, lead: &Lead, width: usize) {
        if lead.start {
            self.blank();
            self.middle("the conversation begins here", width);
        }
        if let Some(older) = &lead.older {
            self.blank();
            self.aside(older, Ink::Accent, width);
        }
        if let Some(gap) = &lead.gap {
            self.blank();
            self.aside(&format!("┄ {gap} ┄"), Ink::Accent, width);
        }
        if let Some(day) = lead.day {
            if !lead.first || lead.start {
                self.blank();
            }
            self.rule(&clock::day_in_words(day), Ink::Muted);
        }
        if let Some(seam) = &lead.seam {
            self.blank();
            self.rule(seam, Ink::Seam);
        }
        if lead.name {
            self.blank();
            self.name(m);
        } else if m.kind == RowKind::System && lead.day.is_none() {
            self.blank();
        }
    }

    fn name(&mut self, m: &MessageRow) {
        let name = match (m.mine, m.sender.is_empty()) {
            (true, _) => Clean::ours("You"),
            (false, true) => Clean::ours("unknown sender"),
            (false, false) => Clean::line(&m.sender).fit(self.measure),
        };
        let mut pieces = vec![Piece::of(&name, self.ink)];
        if let Some(app) = &m.badge {
            pieces.push(Piece::ours(" · ", Ink::Faint));
            pieces.push(Piece::of(&Clean::line(&app.short).fit(6), Ink::Muted));
        }
        if let Some(badge) = &m.sender_badge {
            let room = self.measure.saturating_sub(name.width() + 3);
            let from = Clean::line(&badge.name).fit(room);
            if room > 8 {
                pieces.push(Piece::ours(" · ", Ink::Faint));
                pieces.push(Piece::of(&from, Ink::Muted));
            }
        }
        self.push(Stand::Name, pieces);
    }

    fn middle(&mut self, text: &str, width: usize) {
        self.aside(text, Ink::System, width);
    }

    fn aside(&mut self, text: &str, ink: Ink, width: usize) {
        let text = Clean::body(text);
        let marks = self.marker.map(|m| m.marks(text.as_str())).unwrap_or_default();
        for range in wrap(text.as_str(), width.saturating_sub(8).clamp(4, 72)) {
            self.push(Stand::Middle, marked(&text, range, &marks, ink));
        }
    }

    fn call(&mut self, call: Call) {
        let what = match call.video {
            Some(true) => "video call",
            Some(false) => "voice call",
            None => "call",
        };
        let (text, ink) = match (call.missed, call.seconds) {
            (true, _) => (format!("✆ missed {what}"), Ink::Warn),
            (false, Some(s)) if s > 0 => {
                (format!("✆ {what} · {}", clock::duration(s.into())), Ink::Text)
            }
            _ => (format!("✆ {what}"), Ink::Text),
        };
        self.said(vec![Piece::line(&text, ink)]);
    }

    fn body(&mut self, m: &MessageRow, media: &[(usize, MediaState)]) {
        if m.forwarded {
            self.forwarded(m.forwarded_from.as_deref());
        }
        if let Some(quote) = &m.reply_quote {
            self.quote(quote);
        }
        match m.deletion {
            Deletion::None => self.text(&m.text),
            Deletion::Unsent => self.said(vec![Piece::ours("✕ message taken back", Ink::System)]),
            Deletion::TakenDown => {
                self.said(vec![Piece::ours("✕ removed by the app", Ink::System)]);
            }
        }
        // What is said of the text stands with the text.
        let written = self.rows.iter().any(|r| r.stand == Stand::Said);
        if written {
            self.marks(m);
        }
        for (i, a) in m.attachments.iter().enumerate() {
            let state = media.iter().find(|(at, _)| *at == i).map(|(_, state)| state);
            self.attachment(a, state);
        }
        if !self.rows.iter().any(|r| r.stand == Stand::Said) {
            self.said(vec![Piece::ours("(empty message)", Ink::System)]);
        }
        if !written {
            self.marks(m);
        }
        self.reactions(&m.reactions);
    }

    fn text(&mut self, text: &str) {
        let text = Clean::body(text);
        if text.as_str().trim().is_empty() {
            return;
        }
        let marks = self.marker.map(|m| m.marks(text.as_str())).unwrap_or_default();
        for range in wrap(text.as_str(), self.measure) {
            self.said(marked(&text, range, &marks, Ink::Text));
        }
    }

    fn forwarded(&mut self, from: Option<&str>) {
        let from = from.map_or(String::new(), |who| format!(" from {who}"));
        let text = Clean::line(&format!("↪ forwarded{from}"));
        let ranges = wrap(text.as_str(), self.measure);
        let more = ranges.len() > 2;
        for (i, range) in ranges.into_iter().take(2).enumerate() {
            let mut pieces = vec![Piece::cut(&text, range, Ink::Muted)];
            if more && i == 1 {
                pieces.push(Piece::ours("…", Ink::Muted));
            }
            self.said(pieces);
        }
    }

    fn quote(&mut self, quote: &str) {
        let text = Clean::line(quote);
        let ranges = wrap(text.as_str(), self.measure.saturating_sub(2).max(4));
        let more = ranges.len() > 2;
        for (i, range) in ranges.into_iter().take(2).enumerate() {
            let mut pieces =
                vec![Piece::ours("┆ ", Ink::Faint), Piece::cut(&text, range, Ink::Quote)];
            if more && i == 1 {
                pieces.push(Piece::ours("…", Ink::Quote));
            }
            self.said(pieces);
        }
    }

    fn attachment(&mut self, a: &AttachmentRow, state: Option<&MediaState>) {
        let (mark, word) = attachment_words(a.kind);
        let web = a.path.starts_with("http://") || a.path.starts_with("https://");
        let missing = !a.present && !web;
        let mut room = self.measure.saturating_sub(crate::text::width(word) + 4);
        let mut pieces = vec![
            Piece::ours(mark, if missing { Ink::Faint } else { Ink::Accent }),
            Piece::ours(" ", Ink::Text),
            Piece::ours(word, Ink::Muted),
        ];
        let file = a.path.rsplit('/').next().unwrap_or("");
        let name = if a.name.is_empty() && !web { file } else { &a.name };
        let size = a.size.map(|s| format!(" · {}", Bytes(s))).unwrap_or_default();
        let note = match (missing, a.remote, state) {
            (true, true, None) => format!("on the server{size}"),
            (true, false, _) => "not in the export".to_owned(),
            (true, true, Some(_)) | (false, ..) => String::new(),
        };
        let note = note.as_str();
        let shares_row = room > note.len() + 16;
        let noted = missing && !note.is_empty();
        if shares_row && noted {
            room -= note.len() + 2;
        }
        if !name.is_empty() {
            let name = Clean::line(name).fit_middle(room);
            pieces.push(Piece::ours("  ", Ink::Text));
            pieces.push(Piece::of(&name, if missing { Ink::Muted } else { Ink::Text }));
        }
        if noted && shares_row {
            pieces.push(Piece::ours("  ", Ink::Text));
            pieces.push(Piece::line(note, Ink::System));
            self.said(pieces);
        } else {
            self.said(pieces);
            if noted {
                self.said(vec![Piece::ours("  ", Ink::Text), Piece::line(note, Ink::System)]);
            }
        }
        if let Some(state) = state {
            let failed = matches!(state, MediaState::Failed(_));
            let ink = if failed { Ink::Error } else { Ink::Muted };
            self.under(&media::words(state), ink);
        }
        if web {
            let link = Clean::line(&a.path).fit(self.measure.saturating_sub(2));
            self.said(vec![Piece::ours("  ", Ink::Text), Piece::of(&link, Ink::Link)]);
        }
    }

    /// Edited, handed off: behind the last row of text if there is room, else below.
    fn marks(&mut self, m: &MessageRow) {
        let mut words = Vec::new();
        if m.starred {
            words.push(("★ starred", Ink::Accent));
        }
        if m.edited && m.deletion == Deletion::None {
            words.push(("edited", Ink::Faint));
        }
        if let Some(state) = m.send_state {
            words.push(sent(state));
        }
        for (word, ink) in words {
            let piece = Piece::ours(word, ink);
            let room = self.measure;
            match self.rows.last_mut() {
                Some(row)
                    if row.stand == Stand::Said
                        && row.pieces.iter().map(Piece::width).sum::<usize>()
                            + crate::text::width(word)
                            + 2
                            <= room =>
                {
                    row.pieces.push(Piece::ours("  ", Ink::Text));
                    row.pieces.push(piece);
                }
                _ => self.said(vec![piece]),
            }
        }
        self.why_not(m);
    }

    /// Why it did not go, in the service's words.
    fn why_not(&mut self, m: &MessageRow) {
        let bad = matches!(m.send_state, Some(SendState::Failed | SendState::Unconfirmed));
        let Some(why) = m.send_why.as_ref().filter(|w| bad && !w.trim().is_empty()) else {
            return;
        };
        self.under(why, Ink::Error);
    }

    /// What is said of something, hung below it.
    fn under(&mut self, text: &str, ink: Ink) {
        let text = Clean::line(text);
        for (i, range) in
            wrap(text.as_str(), self.measure.saturating_sub(2).max(4)).into_iter().enumerate()
        {
            let lead = if i == 0 { "└ " } else { "  " };
            self.said(vec![Piece::ours(lead, ink), Piece::cut(&text, range, ink)]);
        }
    }

    fn reactions(&mut self, reactions: &[ReactionRow]) {
        let mut kinds: Vec<(&str, Vec<&str>)> = Vec::new();
        for r in reactions {
            match kinds.iter_mut().find(|(e, _)| *e == r.emoji) {
                Some((_, by)) => by.push(&r.by),
                None => kinds.push((&r.emoji, vec![&r.by])),
            }
        }
        let mut pieces: Vec<Piece> = Vec::new();
        let mut used = 0;
        for (emoji, by) in kinds {
            let mut who = by.iter().take(3).copied().collect::<Vec<_>>().join(", ");
            if by.len() > 3 {
                who = format!("{who} +{}", by.len() - 3);
            }
            let emoji = Clean::line(emoji).fit(12);
            let who = Clean::line(&who).fit(self.measure.saturating_sub(emoji.width() + 3));
            let wide = emoji.width() + 1 + who.width();
            if used > 0 && used + 3 + wide > self.measure {
                self.said(std::mem::take(&mut pieces));
                used = 0;
            }
            if used > 0 {
                pieces.push(Piece::ours("   ", Ink::Text));
                used += 3;
            }
            pieces.push(Piece::of(&emoji, Ink::Text));
            pieces.push(Piece::ours(" ", Ink::Text));
            pieces.push(Piece::of(&who, Ink::Muted));
            used += wide;
        }
        if !pieces.is_empty() {
            self.said(pieces);
        }
    }
}

/// What became of a message that was sent from here: a mark and a word.
fn sent(state: SendState) -> (&'static str, Ink) {
    match state {
        SendState::HandedOff => (state.word(), Ink::Good),
        SendState::Queued => ("◷ queued", Ink::Muted),
        SendState::Sending => ("… sending", Ink::Muted),
        SendState::Sent => ("✓ on the server", Ink::Good),
        SendState::Delivered => ("✓✓ delivered", Ink::Good),
        SendState::Read => ("✓✓ seen", Ink::Good),
        SendState::Unconfirmed => ("? unconfirmed", Ink::Error),
        SendState::Failed => ("✗ not sent", Ink::Error),
    }
}

/// A mark and a word for a kind of attachment.
pub fn attachment_words(kind: AttachmentKind) -> (&'static str, &'static str) {
    match kind {
        AttachmentKind::Photo => ("▣", "photo"),
        AttachmentKind::Video => ("▷", "video"),
        AttachmentKind::Audio => ("♪", "audio"),
        AttachmentKind::Voice => ("♪", "voice note"),
        AttachmentKind::Gif => ("▷", "gif"),
        AttachmentKind::Sticker => ("◇", "sticker"),
        AttachmentKind::File => ("▤", "file"),
        AttachmentKind::Contact => ("☉", "contact"),
        AttachmentKind::Location => ("◎", "location"),
        AttachmentKind::Share => ("↗", "shared"),
    }
}
