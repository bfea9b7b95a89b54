//! Commands of the composer: editing, sending, and what a confirmed hand-off does.

use super::app::{App, Effect, Focus, Layer};
use super::command::Command;
use super::composer::{Composer, Motion};
use super::panes::composer;
use super::perform::focus;
use super::sent::{self, Sent};
use super::update::{is_closed, keep_draft, tell_closed};
use super::{attach, complete, history, live, outside, reply};
use crate::inbox::{HandOffRow, Notice, Request, Severity};

/// Does it.
pub fn command(app: &mut App, command: Command) -> Vec<Effect> {
    if complete::command(app, command) {
        return Vec::new();
    }
    match command {
        Command::HandedOff => return history::open(app),
        Command::Back | Command::DropReply if app.composer.editing.is_some() => {
            live::end_edit(app);
            return focus(app, Focus::Transcript);
        }
        Command::Send if app.composer.editing.is_some() => return live::send_edit(app),
        Command::Back => return focus(app, Focus::Transcript),
        Command::FocusNext => return focus(app, Focus::Threads),
        Command::FocusPrevious => return focus(app, Focus::Transcript),
        _ if is_closed(app) => {
            tell_closed(app);
            return Vec::new();
        }
        Command::Send => return send(app),
        Command::EditOutside => return outside::begin(app),
        Command::Attach => return attach::open(app),
        Command::DropFile => return attach::remove(app),
        Command::DeleteBack if attach::is_before_cursor(app) => return attach::remove(app),
        Command::DropReply => return reply::let_go(app),
        Command::DeleteBack if reply::is_before_cursor(app) => return reply::let_go(app),
        Command::Cut => {
            let cut = app.composer.text.cut();
            app.composer.touched(app.now);
            return cut.map(Effect::Copy).into_iter().collect();
        }
        Command::Copy => {
            let text = app.composer.text.copy().map(str::to_owned);
            return text.map(Effect::Copy).into_iter().collect();
        }
        Command::DiscardDraft => {
            if !app.composer.text.is_empty() {
                app.composer.text.clear();
                let key = app.keymap.keys_for(Command::Undo, super::command::Context::Composer);
                let hint = key.first().map(|k| format!("{k} brings it back")).unwrap_or_default();
                app.tell(Notice::new(Severity::Info, "Draft discarded", "", hint));
                return keep_draft(app).into_iter().collect();
            }
        }
        _ => edit(app, command),
    }
    app.composer.touched(app.now);
    Vec::new()
}

fn send(app: &mut App) -> Vec<Effect> {
    let text = app.composer.text.text().to_owned();
    let files: Vec<_> = attach::current(app).iter().map(|f| f.path.clone()).collect();
    let something = !text.trim().is_empty() || !files.is_empty();
    let Some(thread) = app.composer.thread.filter(|_| something) else {
        return Vec::new();
    };
    if sent::is_on_its_way(app, thread, &text, &files) {
        return Vec::new();
    }
    // The draft first: whatever becomes of the sending, it is kept.
    let mut effects: Vec<Effect> = keep_draft(app).into_iter().collect();
    let ticket = app.ticket();
    app.waiting.send = Some(ticket);
    app.waiting.sent.push(Sent::new(ticket, thread, &text, &files));
    let reply = reply::current(app).map(|r| r.message);
    effects.push(Effect::Ask(match files.is_empty() {
        true => Request::Send { ticket, thread, text, reply },
        false => Request::SendFiles { ticket, thread, text, files, reply },
    }));
    effects
}

/// The person confirmed the hand-off on top: the text goes to the clipboard, the link opens if
/// wanted, and only now the composer is emptied.
pub fn confirm_hand_off(app: &mut App, open: bool) -> Vec<Effect> {
    let Some(Layer::HandOff { row, .. }) = app.layers.pop() else { return Vec::new() };
    let start = app.waiting.start.take();
    let open = open && row.url.is_some();
    let mut effects = Vec::new();
    let has_text = !row.text.trim().is_empty();
    if has_text {
        effects.push(Effect::Copy(row.text.clone()));
        let hint = match (open, row.paste) {
            (true, false) => format!("Send it in {}", row.app),
            _ => format!("Paste it in {}", row.app),
        };
        app.tell(Notice::new(Severity::Info, "Copied to the clipboard", "", hint));
    }
    // No thread holds yet what was begun at an address: the text stays a draft where it was.
    if let Some(start) = start {
        if open {
            let identity = start.identity;
            effects.push(Effect::Ask(Request::OpenStart { identity, text: row.text }));
        }
        return effects;
    }
    let same = app.composer.thread == Some(row.thread) && app.composer.text.text() == row.written;
    if has_text && same {
        app.composer.text.clear();
        reply::done(app, row.thread);
    }
    let HandOffRow { thread, written: text, reply, .. } = row;
    effects.push(Effect::Ask(Request::OpenHandOff { thread, text, reply, open }));
    effects.extend(keep_draft(app));
    effects
}

fn edit(app: &mut App, command: Command) {
    let areas = app.areas();
    let width = usize::from(areas.composer.map_or(0, composer::text_width));
    let text = &mut app.composer.text;
    match command {
        Command::Newline => drop(text.newline()),
        Command::MoveUp => text.up(width, false),
        Command::MoveDown => text.down(width, false),
        Command::SelectUp => text.up(width, true),
        Command::SelectDown => text.down(width, true),
        _ => edit_text(text, command),
    }
}

/// Edits that mean the same in a line of a prompt.
pub fn edit_text(text: &mut Composer, command: Command) {
    match command {
        Command::SelectAll => text.select_all(),
        Command::DeleteBack => text.backspace(),
        Command::DeleteForward => text.delete(),
        Command::DeleteWordBack => text.delete_motion(Motion::WordLeft),
        Command::DeleteWordForward => text.delete_motion(Motion::WordRight),
        Command::DeleteToLineStart => text.delete_motion(Motion::LineStart),
        Command::DeleteToLineEnd => text.delete_motion(Motion::LineEnd),
        Command::Undo => drop(text.undo()),
        Command::Redo => drop(text.redo()),
        _ => {
            if let Some((motion, extend)) = motion(command) {
                text.go(motion, extend);
            }
        }
    }
}

fn motion(command: Command) -> Option<(Motion, bool)> {
    Some(match command {
        Command::Left => (Motion::Left, false),
        Command::Right => (Motion::Right, false),
        Command::WordLeft => (Motion::WordLeft, false),
        Command::WordRight => (Motion::WordRight, false),
        Command::LineStart => (Motion::LineStart, false),
        Command::LineEnd => (Motion::LineEnd, false),
        Command::TextStart => (Motion::TextStart, false),
        Command::TextEnd => (Motion::TextEnd, false),
        Command::SelectLeft => (Motion::Left, true),
        Command::SelectRight => (Motion::Right, true),
        Command::SelectWordLeft => (Motion::WordLeft, true),
        Command::SelectWordRight => (Motion::WordRight, true),
        Command::SelectLineStart => (Motion::LineStart, true),
        Command::SelectLineEnd => (Motion::LineEnd, true),
        _ => return None,
    })
}
