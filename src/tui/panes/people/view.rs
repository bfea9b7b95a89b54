//! Puts people on a sheet.

use super::state::{EverybodyState, LinksState, Pair, PeopleSheet, PersonState, ReachState};
use crate::inbox::{GroundRow, GroupRow, IdentityRow, PersonRow, ReachRow, SharedGroupRow};
use crate::model::VerdictKind;
use crate::text::{Clean, width};
use crate::tui::app::App;
use crate::tui::clock;
use crate::tui::command::{Command, Context};
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::sheet::{Line, Sheet};

/// Columns wanted.
const WIDTH: u16 = 84;

/// The sheet.
pub fn sheet(state: &PeopleSheet, app: &App) -> Sheet {
    match state {
        PeopleSheet::Reach(state) => reach(state, app),
        PeopleSheet::Links(state) => links(state, app),
        PeopleSheet::Everybody(state) => everybody(state, app),
        PeopleSheet::Person(state) => who(state, app),
        PeopleSheet::Me(state) => super::me::sheet(state, app),
    }
}

fn mark(chosen: bool) -> Piece {
    Piece::ours(if chosen { "▌ " } else { "  " }, Ink::Accent)
}

fn verdict(kind: VerdictKind) -> (&'static str, &'static str, Ink) {
    match kind {
        VerdictKind::Live => ("●", "open", Ink::Accent),
        VerdictKind::HandOff => ("○", "open by hand-off", Ink::Accent),
        VerdictKind::ReadOnly => ("⊘", "read-only", Ink::Greyed),
    }
}

/// A line with something at its right end.
fn ended(sheet: &mut Sheet, mut line: Line, end: &str) {
    let cols = usize::from(sheet.width);
    let used: usize = line.iter().map(Piece::width).sum();
    line.push(Piece::spaces(cols.saturating_sub(used + width(end)).max(1)));
    if used + 1 + width(end) <= cols {
        line.push(Piece::line(end, Ink::Faint));
    }
    sheet.line(line);
}

fn reach(state: &ReachState, app: &App) -> Sheet {
    let name = state.card.as_ref().map_or(String::new(), |c| c.name.clone());
    let title = if name.is_empty() { "Reach".to_owned() } else { format!("Reach {name}") };
    let mut sheet = Sheet::new(title, Sheet::columns(WIDTH, app.size.0));
    let Some(card) = &state.card else {
        sheet.text("looking…", Ink::Muted, 0);
        refused(state, &mut sheet);
        return sheet.key("Esc", "back");
    };
    for (at, row) in card.rows.iter().enumerate() {
        way(&mut sheet, row, at == state.chosen, app);
    }
    if !card.groups.is_empty() {
        if !card.rows.is_empty() {
            sheet.gap();
        }
        sheet.text("Groups with them", Ink::Muted, 0);
        for (at, group) in card.groups.iter().enumerate() {
            shared(&mut sheet, group, card.rows.len() + at == state.chosen, app);
        }
    }
    for (at, left) in card.left.iter().enumerate() {
        if at == 0 {
            sheet.gap();
        }
        sheet.text_led(left, Ink::Text, vec![Piece::ours("› ", Ink::Muted)], 2);
    }
    refused(state, &mut sheet);
    let takes = match draft(state, app).is_empty() {
        true => "go there",
        false => "take your text there",
    };
    sheet.key("↑↓", "choose").key("Enter", takes).key("Esc", "back")
}

fn refused(state: &ReachState, sheet: &mut Sheet) {
    if !state.refused.is_empty() {
        sheet.gap();
        sheet.show = Some(sheet.lines.len());
        sheet.text_led(&state.refused, Ink::Warn, vec![Piece::ours("! ", Ink::Warn)], 2);
    }
}

/// What is written in the thread that the card was opened from.
pub fn draft(state: &ReachState, app: &App) -> String {
    if app.composer.thread == Some(state.from) {
        return app.composer.text.text().trim_end().to_owned();
    }
    app.drafts.get(&state.from).cloned().unwrap_or_default()
}

fn way(sheet: &mut Sheet, row: &ReachRow, chosen: bool, app: &App) {
    if chosen {
        sheet.show = Some(sheet.lines.len());
    }
    let (sign, word, ink) = verdict(row.verdict);
    let name = match &row.cross {
        Some(cross) => format!("{} ↔ {}", row.badge.name, cross.short),
        None => row.badge.name.clone(),
    };
    let strong = if row.verdict == VerdictKind::ReadOnly { Ink::Greyed } else { Ink::Strong };
    let mut line = vec![mark(chosen), Piece::ours(sign, ink), Piece::spaces(1)];
    line.push(Piece::of(&Clean::line(&name).fit(26), strong));
    line.push(Piece::ours(" · ", Ink::Faint));
    line.push(Piece::ours(word, ink));
    if let Some(score) = row.maybe {
        line.push(Piece::line(&format!(" · perhaps them ({score} %)"), Ink::Warn));
    }
    if row.here {
        line.push(Piece::ours(" · here", Ink::Muted));
    }
    let when = row.last.map(|t| clock::when(app.zone, t, app.now)).unwrap_or_default();
    ended(sheet, line, &when);
    let mut more: Vec<&str> = vec![&row.text];
    more.extend([row.address.as_str(), row.account.as_str()].iter().filter(|s| !s.is_empty()));
    let lead = vec![mark(chosen), Piece::spaces(2)];
    sheet.text_led(&more.join(" · "), Ink::Muted, lead, 4);
}

fn shared(sheet: &mut Sheet, group: &SharedGroupRow, chosen: bool, app: &App) {
    if chosen {
        sheet.show = Some(sheet.lines.len());
    }
    let (sign, word, ink) = verdict(group.verdict);
    let mut line = vec![mark(chosen), Piece::ours(sign, ink), Piece::spaces(1)];
    line.push(Piece::of(&Clean::line(&group.badge.short).fit(4), Ink::Muted));
    line.push(Piece::spaces(1));
    let room = usize::from(sheet.width).saturating_sub(34).max(8);
    line.push(Piece::of(&Clean::line(&group.title).fit(room), Ink::Text));
    line.push(Piece::ours(" · ", Ink::Faint));
    line.push(Piece::ours(word, ink));
    let when = group.last.map(|t| clock::when(app.zone, t, app.now)).unwrap_or_default();
    ended(sheet, line, &when);
}

fn links(state: &LinksState, app: &App) -> Sheet {
    let mut sheet = Sheet::new("Who is who", Sheet::columns(WIDTH, app.size.0));
    if state.rows.is_none() {
        sheet.text("comparing…", Ink::Muted, 0);
        return sheet.key("Esc", "back");
    }
    let Some(pair) = state.pair() else {
        let (first, then) = match state.answered {
            0 => (
                "Nobody here looks like somebody else.",
                "Names only ever suggest. The same number or handle joins by itself; contact cards (onebox people import FILE.vcf) tell of more.",
            ),
            _ => (
                "Nothing is left to review.",
                "What was answered stays over every later import, and can be undone.",
            ),
        };
        sheet.text(first, Ink::Strong, 0);
        sheet.gap();
        sheet.text(then, Ink::Muted, 0);
        return sheet.key("Tab", "everybody").key("Z", "undo").key("Esc", "back");
    };
    let place = format!("{} of {}", state.at + 1, state.count());
    let (question, apart) = match pair {
        Pair::People(_) => ("Are these the same person?", "two people"),
        Pair::Groups(_) => ("Are these the same group?", "two groups"),
    };
    ended(&mut sheet, vec![Piece::ours(question, Ink::Strong)], &place);
    sheet.gap();
    match pair {
        Pair::People(link) => {
            person(&mut sheet, &link.a, app);
            person(&mut sheet, &link.b, app);
            sheet.gap();
            grounds(&mut sheet, (link.score, link.later), &link.grounds);
        }
        Pair::Groups(link) => {
            group(&mut sheet, &link.live, app);
            group(&mut sheet, &link.other, app);
            sheet.text("Joined they are one thread, with a seam; it can be undone.", Ink::Muted, 0);
            sheet.gap();
            grounds(&mut sheet, (link.score, link.later), &link.grounds);
        }
    }
    let sheet = sheet.key("y", "the same").key("n", apart).key("l", "later");
    sheet.key("Z", "undo").key("Tab", "everybody").key("Esc", "back")
}

/// A group as one door tells it.
fn group(sheet: &mut Sheet, g: &GroupRow, app: &App) {
    let when = clock::when(app.zone, g.last, app.now);
    let room = usize::from(sheet.width).saturating_sub(width(&when) + 3).max(8);
    ended(sheet, vec![Piece::of(&Clean::line(&g.title).fit(room), Ink::Strong)], &when);
    let s = |n: u64| if n == 1 { "" } else { "s" };
    let messages = format!("{} message{}", clock::number(g.messages), s(g.messages));
    let others = format!("{} other{}", clock::number(g.people), s(g.people));
    let since = format!("since {}", clock::when(app.zone, g.first, app.now));
    let door = if g.live { "live" } else { "an export" };
    let parts = [g.badge.name.as_str(), door, &others, &messages, &since];
    sheet.text(&joined(&parts), Ink::Muted, 2);
}

fn grounds(sheet: &mut Sheet, (score, later): (u8, bool), grounds: &[GroundRow]) {
    let word = match score {
        70.. => "likely",
        40.. => "possible",
        _ => "a mere hint",
    };
    let later = if later { ", put off before" } else { "" };
    sheet.text(&format!("{score} %, {word}{later}, because of"), Ink::Text, 0);
    for g in grounds {
        sheet.text_led(&g.text, Ink::Muted, vec![Piece::ours("› ", Ink::Muted)], 2);
    }
}

fn person(sheet: &mut Sheet, p: &PersonRow, app: &App) {
    let when = p.last.map(|t| clock::when(app.zone, t, app.now)).unwrap_or_default();
    let room = usize::from(sheet.width).saturating_sub(width(&when) + 3).max(8);
    ended(sheet, vec![Piece::of(&Clean::line(&p.name).fit(room), Ink::Strong)], &when);
    for i in &p.identities {
        let have = have(i);
        let parts = [i.badge.name.as_str(), i.name.as_str(), i.address.as_str(), have.as_str()];
        sheet.text(&joined(&parts), Ink::Muted, 2);
    }
}

fn joined(parts: &[&str]) -> String {
    parts.iter().copied().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn have(i: &IdentityRow) -> String {
    let s = if i.messages == 1 { "" } else { "s" };
    match i.threads {
        0 => "in groups only".to_owned(),
        _ => format!("{} message{s}", clock::number(i.messages)),
    }
}

fn who(state: &PersonState, app: &App) -> Sheet {
    let title = state.person().map_or("Who they are", |p| p.name.as_str());
    let mut sheet = Sheet::new(title, Sheet::columns(WIDTH, app.size.0));
    let Some(person) = state.person() else {
        let text = match state.row {
            None => "looking…",
            Some(_) => {
                "This thread is with nobody in particular: it is a group, or nobody in it has a name."
            }
        };
        sheet.text(text, Ink::Muted, 0);
        return sheet.key("Esc", "back");
    };
    let several = person.identities.len() > 1;
    let first = match several {
        true => "One person, known by several accounts. Is one of them somebody else?",
        false => "Known by one account only.",
    };
    sheet.text(first, Ink::Text, 0);
    sheet.gap();
    for (at, i) in person.identities.iter().enumerate() {
        account(&mut sheet, i, at == state.chosen, app);
    }
    if !state.refused.is_empty() {
        sheet.gap();
        sheet.show = Some(sheet.lines.len());
        sheet.text_led(state.refused, Ink::Warn, vec![Piece::ours("! ", Ink::Warn)], 2);
    }
    let out = app.keymap.keys_for(Command::TakeOut, Context::Popup);
    if let Some(out) = out.into_iter().next().filter(|_| several) {
        sheet = sheet.key("↑↓", "choose").key(out, "take out");
    }
    sheet.key("m", "this is me").key("Z", "undo").key("Enter", "their timeline").key("Esc", "back")
}

/// One identity, and why it is theirs.
fn account(sheet: &mut Sheet, i: &IdentityRow, chosen: bool, app: &App) {
    if chosen {
        sheet.show = Some(sheet.lines.len());
    }
    let when = i.last.map(|t| clock::when(app.zone, t, app.now)).unwrap_or_default();
    let room = usize::from(sheet.width).saturating_sub(width(&when) + 4).max(8);
    let named = Clean::line(&joined(&[&i.badge.name, &i.name])).fit(room);
    let ink = if chosen { Ink::Strong } else { Ink::Text };
    ended(sheet, vec![mark(chosen), Piece::of(&named, ink)], &when);
    let known = match i.account.is_empty() {
        true => String::new(),
        false => format!("known to {}", i.account),
    };
    let lead = || vec![mark(chosen), Piece::spaces(2)];
    sheet.text_led(&joined(&[&i.address, &have(i), &known]), Ink::Muted, lead(), 4);
    for g in &i.grounds {
        let mut led = lead();
        led.push(Piece::ours("› ", Ink::Muted));
        sheet.text_led(&g.text, Ink::Muted, led, 6);
    }
}

fn everybody(state: &EverybodyState, app: &App) -> Sheet {
    let mut sheet = Sheet::new("People", Sheet::columns(WIDTH, app.size.0));
    let cols = usize::from(sheet.width);
    let (typed, column) = state.typed.view(cols.saturating_sub(3));
    sheet.cursor = Some((0, column.saturating_add(2)));
    sheet.line(vec![Piece::ours("› ", Ink::Accent), Piece::line(&typed, Ink::Text)]);
    sheet.gap();
    match state.rows.as_deref() {
        None => sheet.text("looking…", Ink::Muted, 0),
        Some([]) if state.typed.text().trim().is_empty() => {
            sheet.text("Nobody is here yet.", Ink::Muted, 0);
        }
        Some([]) => sheet.text("Nobody is called so.", Ink::Muted, 0),
        Some(rows) => {
            for (at, p) in rows.iter().enumerate() {
                if at == state.chosen {
                    sheet.show = Some(sheet.lines.len());
                }
                one(&mut sheet, p, at == state.chosen, app);
            }
            if state.total > rows.len() {
                let more = clock::number((state.total - rows.len()) as u64);
                sheet.text(&format!("{more} more: type part of a name"), Ink::Muted, 2);
            }
        }
    }
    let sheet = sheet.key("type", "find").key("Enter", "their timeline");
    let who = app.keymap.keys_for(Command::WhoTheyAre, Context::Import).into_iter().next();
    let sheet = match who {
        Some(key) => sheet.key(key, "accounts"),
        None => sheet,
    };
    sheet.key("Tab", "review").key("Esc", "back")
}

fn one(sheet: &mut Sheet, p: &PersonRow, chosen: bool, app: &App) {
    let mut apps: Vec<&str> = p.identities.iter().map(|i| i.badge.short.as_str()).collect();
    apps.dedup();
    let when = p.last.map(|t| clock::when(app.zone, t, app.now)).unwrap_or_default();
    let apps = Clean::line(&apps.join(" ")).fit(16);
    let room = usize::from(sheet.width).saturating_sub(2 + 2 + 16 + width(&when) + 2).max(8);
    let mut line = vec![mark(chosen)];
    line.push(Piece::of(
        &Clean::line(&p.name).fit(room),
        if chosen { Ink::Strong } else { Ink::Text },
    ));
    line.push(Piece::spaces(2));
    line.push(Piece::of(&apps, Ink::Muted));
    ended(sheet, line, &when);
}
