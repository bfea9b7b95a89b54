//! Puts a search on a sheet: the line, the hits with their words marked, and the coverage.

use std::ops::Range;

use super::state::SearchState;
use crate::inbox::{Coverage, HitOrder, HitRow, Scope};
use crate::model::Timestamp;
use crate::search::Marker;
use crate::text::{Clean, width, wrap};
use crate::tui::app::App;
use crate::tui::clock;
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::sheet::{Line, Sheet};

/// Rows of a hit.
const ROWS: usize = 2;
/// From this height on there is room for air.
const AIRY: u16 = 16;

/// From this height on the coverage may take two rows a sentence.
const ROOMY: u16 = 24;

/// How many hits fit on a screen.
pub fn fits(height: u16) -> usize {
    room(height).saturating_sub(rows_around(height)) / ROWS
}

/// Rows above the first hit.
pub fn rows_before(height: u16) -> usize {
    if height < AIRY { 2 } else { 3 }
}

fn room(height: u16) -> usize {
    usize::from(height).saturating_sub(if height < AIRY { 5 } else { 7 })
}

/// Rows that are no hits: the line, what is said of it, air, the coverage.
fn rows_around(height: u16) -> usize {
    rows_before(height) + rows_after(height)
}

/// Air and the coverage.
fn rows_after(height: u16) -> usize {
    usize::from(height >= AIRY) + covered_rows(height)
}

fn covered_rows(height: u16) -> usize {
    match height {
        ..AIRY => 1,
        AIRY..ROOMY => 2,
        ROOMY.. => 4,
    }
}

/// The search.
pub fn sheet(state: &SearchState, app: &App) -> Sheet {
    let (screen, height) = app.size;
    let mut sheet = Sheet::new("Search", Sheet::columns(104, screen));
    let cols = usize::from(sheet.width);
    let (typed, column) = state.typed.view(cols.saturating_sub(3));
    sheet.cursor = Some((0, column.saturating_add(2)));
    sheet.line(vec![Piece::ours("› ", Ink::Accent), Piece::line(&typed, Ink::Text)]);
    sheet.line(said(state, app, cols));
    if height >= AIRY {
        sheet.gap();
    }
    let all = room(height);
    let last = all.saturating_sub(rows_after(height));
    if state.is_idle() {
        help(state, app, &mut sheet);
    } else if state.hits.is_empty() {
        nothing(state, &mut sheet, cols);
    } else {
        for (at, hit) in state.hits.iter().enumerate().skip(state.top).take(fits(height).max(1)) {
            let chosen = at == state.chosen;
            sheet.line(head(hit, chosen, app, cols));
            sheet.line(body(hit, chosen, &state.marker, cols));
        }
    }
    sheet.lines.truncate(last);
    let covered = covered(state, app, height, cols);
    while sheet.lines.len() + covered.len() < all {
        sheet.gap();
    }
    sheet.lines.extend(covered);
    let sheet = sheet.key("↑↓", "choose").key("Enter", "open").key("Tab", "where");
    sheet.key("^O", "order").key("Esc", "back")
}

/// What stands under the line: a complaint, or where is searched and how much was found.
fn said(state: &SearchState, app: &App, cols: usize) -> Line {
    let complaints = &state.parsed.complaints;
    if let Some(c) = complaints.iter().min_by_key(|c| c.unfinished) {
        // What may become right says what it can become.
        let (sign, ink) = if c.unfinished { ("…", Ink::Muted) } else { ("!", Ink::Warn) };
        let text = Clean::line(&format!("{sign} {}", c.text)).fit(cols);
        return vec![Piece::of(&text, ink)];
    }
    let place = match state.scope() {
        Scope::Everything => "everywhere".to_owned(),
        Scope::Thread(_) => format!("in {}", app.open_title()),
        Scope::Person(_) => "with this person".to_owned(),
    };
    let order = match state.order {
        HitOrder::Newest if cols < 46 => "newest",
        HitOrder::Newest => "newest first",
        HitOrder::Best if cols < 46 => "best",
        HitOrder::Best => "best first",
    };
    let count = match (state.is_idle(), state.is_waiting() && state.coverage.is_none()) {
        (true, _) => String::new(),
        (false, true) => " · searching…".to_owned(),
        (false, false) => {
            let more = if state.at_least { "more than " } else { "" };
            let s = if state.total == 1 { "" } else { "s" };
            format!(" · {more}{} message{s}", clock::number(state.total))
        }
    };
    let place = Clean::line(&place).fit(cols.saturating_sub(width(&count) + order.len() + 3));
    vec![
        Piece::of(&place, Ink::Accent),
        Piece::ours(" · ", Ink::Faint),
        Piece::ours(order, Ink::Muted),
        Piece::line(&count, Ink::Muted),
    ]
}

fn help(state: &SearchState, app: &App, sheet: &mut Sheet) {
    let examples: &[(&str, &str)] = &[
        ("lamp", "a word, whatever its case and accents"),
        ("\"red lamp\"  lam*", "a phrase; everything that begins so"),
        ("red or blue  -green", "either; not this"),
        ("from:ana  from:me", "who sent it"),
        ("in:\"Flat 4B\"  app:whatsapp", "the thread; the app"),
        ("before:2023  after:\"last month\"", "dates, and on:yesterday"),
        ("has:photo", "video, audio, file, link, reaction"),
        ("is:read-only  kind:group", "unread, mine, cross-app, archived"),
    ];
    let column = if sheet.width < 60 { 0 } else { 34 };
    for (typed, means) in examples {
        let typed = Piece::line(typed, Ink::Key);
        if column == 0 {
            sheet.line(vec![typed]);
        } else {
            let gap = Piece::spaces(column - typed.width().min(column));
            sheet.line(vec![typed, gap, Piece::ours(means, Ink::Muted)]);
        }
    }
    if !app.searches.is_empty() {
        sheet.gap();
        let known = app.searches.iter().rev().take(3).cloned().collect::<Vec<_>>().join("  ·  ");
        let lead = vec![Piece::ours("↑ ", Ink::Key)];
        let cols = usize::from(sheet.width).saturating_sub(4);
        let known = Clean::line(&known).fit(cols);
        sheet.text_led(known.as_str(), Ink::Muted, lead, 2);
    }
    if state.typed.text().trim().is_empty() || sheet.width < 40 {
        return;
    }
    sheet.gap();
    sheet.text("There is no word in this yet.", Ink::Muted, 0);
}

fn nothing(state: &SearchState, sheet: &mut Sheet, cols: usize) {
    if state.coverage.is_none() {
        return;
    }
    sheet.text("No message found.", Ink::Strong, 0);
    let unknown = state.coverage.as_ref().map_or(&[][..], |c| &c.unknown);
    for why in unknown {
        let line = Clean::line(&format!("! {why}"));
        sheet.line(vec![Piece::of(&line.fit(cols), Ink::Warn)]);
    }
    if !unknown.is_empty() {
        return;
    }
    if state.scope() != Scope::Everything {
        sheet.text("Tab looks elsewhere.", Ink::Muted, 0);
    } else {
        sheet.text("Fewer words or a beginning (lam*) may find more.", Ink::Muted, 0);
    }
}

/// `▌ WA  Maya Okafor · Maya            Sat 09:41`
fn head(hit: &HitRow, chosen: bool, app: &App, cols: usize) -> Line {
    let mark = if chosen { Piece::ours("▌ ", Ink::Accent) } else { Piece::ours("  ", Ink::Text) };
    let when = clock::when(app.zone, hit.at, app.now);
    let badge = Clean::line(&hit.badge.short).fit(4);
    let closed = if hit.read_only { "⊘ " } else { "" };
    let used = 2 + badge.width() + 2 + width(closed) + width(&when) + 2;
    let sender = match (hit.mine, hit.sender.is_empty()) {
        (true, _) => "You".to_owned(),
        (false, true) => String::new(),
        (false, false) => hit.sender.clone(),
    };
    let left = cols.saturating_sub(used);
    let title = Clean::line(&hit.title).fit(left.saturating_sub(2).max(4));
    let strong = if hit.read_only { Ink::Greyed } else { Ink::Strong };
    let mut line = vec![mark, Piece::of(&badge, Ink::Muted), Piece::spaces(2)];
    line.push(Piece::line(closed, Ink::Greyed));
    line.push(Piece::of(&title, strong));
    let left = left.saturating_sub(title.width());
    if !sender.is_empty() && sender != hit.title && left > 7 {
        let sender = Clean::line(&sender).fit(left - 3);
        line.push(Piece::ours(" · ", Ink::Faint));
        line.push(Piece::of(&sender, if hit.mine { Ink::You } else { Ink::Muted }));
    }
    let have: usize = line.iter().map(Piece::width).sum();
    line.push(Piece::spaces(cols.saturating_sub(have + width(&when))));
    line.push(Piece::line(&when, Ink::Faint));
    line
}

/// The text around what matched.
fn body(hit: &HitRow, chosen: bool, marker: &Marker, cols: usize) -> Line {
    let mark = if chosen { Piece::ours("▌   ", Ink::Accent) } else { Piece::spaces(4) };
    let mut line = vec![mark];
    let cols = cols.saturating_sub(4);
    let text = Clean::line(&hit.text);
    if text.as_str().trim().is_empty() {
        let what = hit.attachments.join(", ");
        let what = if what.is_empty() { "(no text)".to_owned() } else { format!("[{what}]") };
        line.push(Piece::of(&Clean::line(&what).fit(cols), Ink::System));
        return line;
    }
    let marks = marker.marks(text.as_str());
    let (range, before, after) = around(text.as_str(), marks.first().copied(), cols);
    if before {
        line.push(Piece::ours("…", Ink::Faint));
    }
    line.extend(marked(&text, range, &marks, Ink::Text));
    if after {
        line.push(Piece::ours("…", Ink::Faint));
    }
    line
}

/// The part of a text that fits into so many columns and holds what matched first. Also whether
/// something is cut off before and after it.
fn around(text: &str, first: Option<(usize, usize)>, cols: usize) -> (Range<usize>, bool, bool) {
    use unicode_segmentation::UnicodeSegmentation;
    if width(text) <= cols {
        return (0..text.len(), false, false);
    }
    let words: Vec<usize> = text.split_word_bound_indices().map(|(i, _)| i).collect();
    let lead = cols / 3;
    let from = match first {
        Some((at, end)) if width(&text[..end]) + 1 > cols => {
            let near = |i: &usize| *i <= at && width(&text[*i..at]) <= lead;
            words.iter().copied().find(near).unwrap_or(at)
        }
        _ => 0,
    };
    let room = cols.saturating_sub(usize::from(from > 0) + 1);
    let mut to = from;
    let mut used = 0;
    for (i, g) in text[from..].grapheme_indices(true) {
        used += width(g);
        if used > room {
            break;
        }
        to = from + i + g.len();
    }
    (from..to, from > 0, to < text.len())
}

/// A part of a text as pieces, what matched set off.
pub fn marked(text: &Clean, range: Range<usize>, marks: &[(usize, usize)], ink: Ink) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut at = range.start;
    for (from, to) in marks {
        let (from, to) = ((*from).max(at), (*to).min(range.end));
        if from >= to {
            continue;
        }
        if from > at {
            out.push(Piece::cut(text, at..from, ink));
        }
        out.push(Piece::cut(text, from..to, Ink::Mark));
        at = to;
    }
    if at < range.end || out.is_empty() {
        out.push(Piece::cut(text, at..range.end, ink));
    }
    out
}

/// What was looked through: no hits are no proof.
fn covered(state: &SearchState, app: &App, height: u16, cols: usize) -> Vec<Line> {
    let lines = match (&state.coverage, app.indexing) {
        (Some(c), _) => words(c, app.indexing),
        (None, Some(share)) => [indexing(share), String::new()],
        (None, None) => [String::new(), String::new()],
    };
    let rows = covered_rows(height);
    let each = (rows / lines.len()).max(1);
    lines.iter().take(rows / each).flat_map(|line| sentence(line, each, cols)).collect()
}

/// A sentence in at most so many rows, the last one cut if it must be.
fn sentence(text: &str, rows: usize, cols: usize) -> Vec<Line> {
    let text = Clean::line(text);
    let row = |(at, range): (usize, Range<usize>)| {
        let rest = if at + 1 == rows { range.start..text.as_str().len() } else { range };
        vec![Piece::of(&Clean::line(&text.as_str()[rest]).fit(cols), Ink::Muted)]
    };
    wrap(text.as_str(), cols).into_iter().take(rows).enumerate().map(row).collect()
}

fn indexing((done, total): (u64, u64)) -> String {
    let share = done as f64 / total.max(1) as f64 * 100.0;
    format!("messages are being made searchable: {share:.0} %")
}

fn words(c: &Coverage, building: Option<(u64, u64)>) -> [String; 2] {
    let n = clock::number;
    let year = |t: Option<Timestamp>| t.and_then(|t| t.day()).map(|d| d.0.format("%Y").to_string());
    let sources: Vec<String> = c
        .sources
        .iter()
        .map(|s| match (year(s.first), year(s.last)) {
            (Some(a), Some(b)) if a != b => format!("{} {a}–{b}", s.badge.name),
            (Some(a), _) => format!("{} {a}", s.badge.name),
            _ => s.badge.name.clone(),
        })
        .collect();
    let searched = if c.searched < c.messages {
        let share = building.map(|b| format!(" ({})", indexing(b))).unwrap_or_default();
        format!("{} of {} messages{share}", n(c.searched), n(c.messages))
    } else {
        clock::counted(c.messages, "message", "messages")
    };
    let s = if c.threads == 1 { "" } else { "s" };
    let first =
        format!("Searched {searched} in {} thread{s}: {}", n(c.threads), sources.join(", "));
    let second = match c.not_covered.as_slice() {
        [] => String::new(),
        some => format!("Not searched: {}", some.join("; ")),
    };
    [first, second]
}
