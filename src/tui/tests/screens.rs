//! What stands on the glass, at three sizes and in every state.

use ratatui::style::Modifier;

use super::*;
use crate::inbox::{ComposerState, Status};
use crate::model::{ThreadId, VerdictKind};
use crate::tui::theme::Role;

pub(super) const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (40, 12)];

pub(super) fn snap(name: &str, s: &Scene) {
    let (width, height) = s.app.size;
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(format!("{name}_{width}x{height}"), s.text()));
}

pub(super) fn at_every_size(name: &str, keys: &str) {
    for (width, height) in SIZES {
        let mut s = Scene::new(width, height);
        s.keys(keys);
        snap(name, &s);
    }
}

#[test]
fn the_inbox() {
    at_every_size("inbox", "");
}

#[test]
fn a_group_with_everything_in_it() {
    at_every_size("group", "j enter");
}

#[test]
fn a_read_only_thread() {
    at_every_size("read_only", "G enter");
}

#[test]
fn a_refused_call() {
    at_every_size("refused_call", "G enter c");
}

#[test]
fn right_to_left_and_wide_text() {
    at_every_size("scripts", "j j enter");
}

#[test]
fn a_hand_off() {
    at_every_size("hand_off", "i \"hello there\" enter");
}

#[test]
fn popups() {
    at_every_size("why", "G enter w");
    at_every_size("rules", "R");
    at_every_size("help", "?");
    at_every_size("import", "I \"/home\" down");
    at_every_size("date", "t \"14 nov 2023\"");
    at_every_size("suggestion", "j j y");
}

#[test]
fn an_import_report() {
    for (width, height) in SIZES {
        let mut s = Scene::new(width, height);
        s.update(Update::ImportDone(vec![importing::summary()]));
        snap("report", &s);
    }
}

#[test]
fn exports_to_choose_from() {
    for (width, height) in SIZES {
        let mut s = Scene::new(width, height);
        s.fake.exports = importing::downloads();
        s.keys("I / d enter");
        importing::looked_into(&mut s);
        s.keys("down space");
        snap("choice", &s);
    }
}

#[test]
fn nothing_there_yet() {
    for (width, height) in SIZES {
        let mut s = Scene::blank(width, height, Fake { empty: true, ..Fake::default() });
        s.begin();
        snap("first_run", &s);
        let mut s = Scene::blank(width, height, Fake { silent: true, ..Fake::default() });
        s.begin();
        snap("loading", &s);
        let mut s = Scene::new(width, height);
        s.keys("z");
        snap("empty_view", &s);
    }
}

#[test]
fn every_switch_is_in_the_status_line() {
    let mut s = Scene::new(100, 24);
    let status = Status {
        demo: true,
        read_only: true,
        offline: true,
        as_of: Some("2023-11-01".into()),
        empty: false,
        clock: None,
    };
    s.update(Update::Status(status));
    s.shows("demo").shows("read-only").shows("offline").shows("as of 2023-11-01");
}

/// Grey, a mark and a word: each of them alone says it.
#[test]
fn a_read_only_row_is_greyed_marked_and_said() {
    let s = Scene::new(100, 30);
    let y = s.row_of("⊘ Jonas Weber");
    let buffer = s.frame();
    let greyed = s.app.theme.style(Role::Greyed);
    let title = &buffer[(4, y)];
    assert_eq!(title.symbol(), "J");
    assert_eq!(Some(title.fg), greyed.fg);
    assert!(title.modifier.contains(Modifier::ITALIC));
    assert_eq!(buffer[(2, y)].symbol(), "⊘");
    assert!(s.text().lines().nth(usize::from(y) + 1).unwrap().contains("read-only"));
    let other = &buffer[(4, s.row_of("○ Climbing crew"))];
    assert_ne!(Some(other.fg), greyed.fg);
    // The word and the mark stay when the row is selected.
    let mut s = Scene::new(100, 30);
    s.keys("G");
    let y = s.row_of("⊘ Jonas Weber");
    let cell = &s.frame()[(4, y)];
    assert!(cell.modifier.contains(Modifier::ITALIC));
    assert_eq!(Some(cell.bg), s.app.theme.style(Role::SelectedGreyed).bg);
    s.shows("⊘ Jonas Weber").shows("read-only · ");
}

/// As drawn, in every theme: the greyed row, selected or not, its composer, and all around.
#[test]
fn everything_on_the_glass_can_be_read() {
    use ratatui::style::Color;

    for name in Theme::names() {
        for keys in [
            "",
            "G",
            "G enter",
            "j enter",
            "G enter tab",
            "G enter c",
            "? ",
            "G enter w",
            "space V",
            "v",
            "L",
            "S",
            "K",
            "P enter *",
        ] {
            let mut s = Scene::new(100, 30);
            s.app.theme = Theme::load(name, Depth::True).unwrap();
            s.keys(keys);
            let buffer = s.frame();
            let ground = s.app.theme.background();
            // What lies below a popup steps back.
            let dim = |c: &ratatui::buffer::Cell| c.modifier.contains(Modifier::DIM);
            let seen = buffer.content.iter().filter(|c| c.symbol().trim() != "" && !dim(c));
            for cell in seen {
                let back = if cell.bg == Color::Reset { ground } else { cell.bg };
                if cell.fg == Color::Reset {
                    // The terminal's own two colours, turned round.
                    assert!(cell.modifier.contains(Modifier::REVERSED), "{name} {keys:?} {cell:?}");
                    continue;
                }
                let ratio = crate::tui::theme::tests::contrast(cell.fg, back);
                assert!(ratio >= 4.5, "{name} {keys:?} {:?} {ratio:.2}", cell.symbol());
            }
        }
    }
}

#[test]
fn without_colours_the_selection_is_still_seen() {
    let mut s = Scene::new(80, 24);
    s.app.theme = Theme::load("dark", Depth::None).unwrap();
    let buffer = s.frame();
    assert!(buffer.content.iter().all(|c| c.fg == ratatui::style::Color::Reset));
    assert!(buffer[(4, 2)].modifier.contains(Modifier::REVERSED));
    assert_eq!(buffer[(1, 2)].symbol(), "▌");
}

#[test]
fn tiny_terminals_are_told_so() {
    for (width, height) in [(0, 0), (1, 1), (20, 6), (39, 10), (40, 9), (2, 40), (200, 3)] {
        let mut s = Scene::new(80, 24);
        s.keys("I");
        s.event(Event::Resize(width, height));
        let _ = s.frame();
        if width > 24 {
            s.shows("onebox needs more room");
        } else if width == 20 {
            s.shows("needs more room").shows("this is 20×6");
        }
        s.event(Event::Resize(80, 24));
        s.shows("Where is the export?");
    }
}

#[test]
fn a_long_draft_grows_the_composer_to_eight_rows() {
    let mut s = Scene::new(100, 40);
    s.keys("i");
    for i in 0..12 {
        s.keys(&format!("\"line {i}\" alt-enter"));
    }
    let area = s.app.areas().composer.unwrap();
    assert_eq!(area.height, 10);
    s.keys("backspace").shows("line 11").hides("line 3");
    s.keys("ctrl-home").shows("line 0");
}

#[test]
fn a_thread_that_closes_while_one_writes_keeps_the_draft() {
    let mut s = Scene::new(100, 30);
    s.keys("i \"half a sent\"");
    let header = s.fake.threads.iter_mut().find(|t| t.row.id == ThreadId(1)).unwrap();
    header.composer = ComposerState::Closed(fake::reason());
    header.row.verdict = VerdictKind::ReadOnly;
    s.update(Update::Changed { threads: vec![ThreadId(1)] });
    s.shows("Your draft is kept.").shows("⊘ Instagram ↔ Facebook chats ended");
    assert_eq!(s.app.composer.text.text(), "half a sent");
}
