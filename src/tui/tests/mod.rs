//! The screen tested whole: an invented inbox behind it, keys and updates in, effects and cells out.

mod accounts;
mod attaching;
mod composing;
mod fake;
mod fake_people;
mod fake_tidying;
mod going;
mod importing;
mod live;
mod myself;
mod people;
mod random;
mod screens;
mod scripts;
mod searching;
mod tidying;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use super::app::{App, Effect, Event, Mouse, MouseDid};
use super::clock::Zone;
use super::keymap::{KeyChord, Keymap};
use super::theme::{Depth, Theme};
use super::{screen, update};
use crate::inbox::{Request, Update};
use crate::model::Timestamp;
use fake::Fake;

/// The screen and the inbox behind it.
pub(crate) struct Scene {
    pub app: App,
    pub fake: Fake,
    /// Everything asked, in order.
    pub asked: Vec<Request>,
    /// Every other effect, in order.
    pub effects: Vec<Effect>,
}

impl Scene {
    pub(super) fn blank(width: u16, height: u16, fake: Fake) -> Self {
        let theme = Theme::load("dark", Depth::True).unwrap();
        let zone = Zone::Fixed(chrono::FixedOffset::east_opt(0).unwrap());
        let mut app = App::new(theme, Keymap::builtin(), zone);
        app.size = (width, height);
        app.now = fake::at("2023-12-28T12:00:00Z");
        Self { app, fake, asked: Vec::new(), effects: Vec::new() }
    }

    /// The inbox as it stands after the start.
    pub(super) fn new(width: u16, height: u16) -> Self {
        let mut scene = Self::blank(width, height, Fake::inbox());
        scene.begin();
        scene
    }

    pub(super) fn begin(&mut self) {
        for update in [self.fake.status(), self.fake.counts()] {
            self.event(Event::Update(update));
        }
        let effects = self.app.begin();
        self.run(effects);
    }

    /// Runs effects until the engine has nothing more to say.
    fn run(&mut self, effects: Vec<Effect>) {
        let mut todo: std::collections::VecDeque<_> = effects.into();
        while let Some(effect) = todo.pop_front() {
            match effect {
                Effect::Ask(request) => {
                    self.asked.push(request.clone());
                    for answer in self.fake.answer(request) {
                        todo.extend(update::update(&mut self.app, Event::Update(answer)));
                    }
                }
                other => self.effects.push(other),
            }
        }
    }

    pub(super) fn event(&mut self, event: Event) {
        let effects = update::update(&mut self.app, event);
        self.run(effects);
    }

    pub(super) fn update(&mut self, update: Update) {
        self.event(Event::Update(update));
    }

    /// Keys by name, parted by spaces; `"text"` is typed.
    pub(super) fn keys(&mut self, keys: &str) -> &mut Self {
        for (i, part) in keys.split('"').enumerate() {
            if i % 2 == 1 {
                for c in part.chars() {
                    let name = if c == ' ' { "space".into() } else { c.to_string() };
                    self.event(Event::Key(KeyChord::parse(&name).unwrap()));
                }
            } else {
                for name in part.split_whitespace() {
                    let chord = KeyChord::parse(name).unwrap_or_else(|| panic!("key {name}"));
                    self.event(Event::Key(chord));
                }
            }
        }
        self
    }

    pub(super) fn wait(&mut self, ms: i64) -> &mut Self {
        self.app.now = Timestamp(self.app.now.0 + ms);
        self
    }

    pub(super) fn mouse(&mut self, did: MouseDid, x: u16, y: u16) -> &mut Self {
        self.event(Event::Mouse(Mouse { did, x, y }));
        self
    }

    pub(super) fn frame(&self) -> Buffer {
        frame(&self.app).0
    }

    /// The frame as text, a line a row.
    pub(super) fn text(&self) -> String {
        let buffer = self.frame();
        let area = *buffer.area();
        let mut out = String::new();
        for y in 0..area.height {
            let mut row = String::new();
            let mut skip = 0;
            for x in 0..area.width {
                let symbol = buffer[(x, y)].symbol();
                if skip == 0 {
                    row.push_str(symbol);
                    skip = crate::text::width(symbol).max(1);
                }
                skip -= 1;
            }
            out.push_str(row.trim_end());
            out.push('\n');
        }
        out
    }

    #[track_caller]
    pub(super) fn shows(&self, text: &str) -> &Self {
        let shown = self.text();
        assert!(shown.contains(text), "no {text:?} on:\n{shown}");
        self
    }

    #[track_caller]
    pub(super) fn hides(&self, text: &str) -> &Self {
        let shown = self.text();
        assert!(!shown.contains(text), "{text:?} on:\n{shown}");
        self
    }

    /// The row of the frame on which a text stands.
    #[track_caller]
    pub(super) fn row_of(&self, text: &str) -> u16 {
        let shown = self.text();
        let found = shown.lines().position(|l| l.contains(text));
        u16::try_from(found.unwrap_or_else(|| panic!("no {text:?} on:\n{shown}"))).unwrap()
    }
}

/// A frame and where its cursor stands.
pub(super) fn frame(app: &App) -> (Buffer, ratatui::layout::Position) {
    let mut terminal = Terminal::new(TestBackend::new(app.size.0, app.size.1)).unwrap();
    terminal.draw(|f| screen::draw(app, f)).unwrap();
    let cursor = terminal.get_cursor_position().unwrap_or_default();
    (terminal.backend().buffer().clone(), cursor)
}
