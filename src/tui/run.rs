//! The loop: sleeps until something happens, takes all that has happened, draws once.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;

use chrono::Utc;
use crossterm::event::{self, KeyEvent, MouseButton, MouseEvent, MouseEventKind};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;

use super::app::{App, Effect, Event, Mouse, MouseDid};
use super::clock::Zone;
use super::glass::Clusters;
use super::keymap::{Complaint, KeyChord, Keymap};
use super::outgoing::Outgoing;
use super::terminal::{self, CLIPBOARD_LIMIT, Screen};
use super::theme::{self, Depth, Theme, ThemeError};
use super::{screen, update};
use crate::inbox::{Notice, Request, Severity, Update};
use crate::model::Timestamp;

/// Events taken before a frame is drawn, however many more there are.
const MOST: usize = 512;

/// The two ends of the counter.
pub struct Channels {
    /// To the engine.
    pub requests: SyncSender<Request>,
    /// From the engine.
    pub updates: Receiver<Update>,
}

/// How the person wants the screen.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The theme's name; `None`: the one that fits the terminal.
    pub theme: Option<String>,
    /// The person's own keymap file.
    pub keymap: Option<String>,
    /// Leave the mouse to the terminal.
    pub no_mouse: bool,
    /// Nothing moves by itself.
    pub reduced_motion: bool,
    /// The clock that times are shown by.
    pub zone: Zone,
}

/// Why the screen could not be had.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The terminal said no.
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] io::Error),
    /// The theme.
    #[error(transparent)]
    Theme(#[from] ThemeError),
    /// The keymap.
    #[error("the keymap has {} faults; the first: {}", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
    Keymap(Vec<Complaint>),
    /// A part of the program panicked while the screen was up.
    #[error("a part of onebox failed at {0}; what was stored is kept, please report it")]
    Fallen(String),
}

/// What wakes the loop.
enum Wake {
    Event(Event),
    /// The process was asked to stop for a while, or goes on.
    Stop,
    Go,
    /// The terminal is gone, or the process is to end.
    End,
}

impl Wake {
    fn resizes(&self) -> bool {
        matches!(self, Self::Event(Event::Resize(..)))
    }
}

/// Shows the screen until the person quits.
pub fn run(io: Channels, options: Options) -> Result<(), RunError> {
    let depth = Depth::detect(|name| std::env::var(name).ok());
    let fitting = theme::fitting(|name| std::env::var(name).ok());
    let theme = Theme::load(options.theme.as_deref().unwrap_or(fitting), depth)?;
    let keymap = Keymap::builtin();
    let keymap = match &options.keymap {
        Some(text) => keymap.with_user(text).map_err(RunError::Keymap)?,
        None => keymap,
    };
    let mut app = App::new(theme, keymap, options.zone);
    app.mouse = !options.no_mouse;
    app.reduced_motion = options.reduced_motion;
    let outgoing = Outgoing::start(io.requests)?;
    let (wake, woken) = sync_channel(256);
    terminal::restore_on_panic();
    let mut screen = terminal::take(app.mouse)?;
    let done =
        listen(io.updates, wake).and_then(|()| show(&mut app, &mut screen, &woken, &outgoing));
    terminal::restore();
    outgoing.finish();
    match terminal::fallen() {
        Some(at) => Err(RunError::Fallen(at)),
        None => Ok(done?),
    }
}

/// Starts what feeds the loop: keys, updates, signals.
fn listen(updates: Receiver<Update>, wake: SyncSender<Wake>) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGHUP, SIGTSTP, SIGCONT])?;
    let to = wake.clone();
    thread::Builder::new().name("signals".into()).spawn(move || {
        for signal in signals.forever() {
            let what = match signal {
                SIGTSTP => Wake::Stop,
                SIGCONT => Wake::Go,
                _ => Wake::End,
            };
            if to.send(what).is_err() {
                return;
            }
        }
    })?;
    let to = wake.clone();
    thread::Builder::new().name("updates".into()).spawn(move || {
        for update in updates {
            if to.send(Wake::Event(Event::Update(update))).is_err() {
                return;
            }
        }
        drop(to.send(Wake::Event(Event::EngineGone)));
    })?;
    thread::Builder::new().name("keys".into()).spawn(move || {
        loop {
            // A terminal that is gone fails at every read: that is the end, not a reason to spin.
            let what = match event::read() {
                Ok(event) => translate(event),
                Err(why) if why.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => Some(Wake::End),
            };
            let end = matches!(what, Some(Wake::End));
            if what.is_some_and(|w| wake.send(w).is_err()) || end {
                return;
            }
        }
    })?;
    Ok(())
}

fn translate(event: event::Event) -> Option<Wake> {
    let event = match event {
        event::Event::Key(key) if key.is_press() || key.is_repeat() => key_event(&key)?,
        event::Event::Paste(text) => Event::Paste(text),
        event::Event::Resize(width, height) => Event::Resize(width, height),
        event::Event::Mouse(mouse) => mouse_event(&mouse)?,
        _ => return None,
    };
    Some(Wake::Event(event))
}

fn key_event(key: &KeyEvent) -> Option<Event> {
    KeyChord::from_event(key).map(Event::Key)
}

fn mouse_event(mouse: &MouseEvent) -> Option<Event> {
    let did = match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => MouseDid::Press,
        MouseEventKind::ScrollUp => MouseDid::WheelUp,
        MouseEventKind::ScrollDown => MouseDid::WheelDown,
        _ => return None,
    };
    Some(Event::Mouse(Mouse { did, x: mouse.column, y: mouse.row }))
}

fn show(
    app: &mut App,
    screen: &mut Screen,
    woken: &Receiver<Wake>,
    outgoing: &Outgoing,
) -> io::Result<()> {
    app.tick(Timestamp(Utc::now().timestamp_millis()));
    let size = screen.size()?;
    app.size = (size.width, size.height);
    for effect in app.begin() {
        carry_out(app, screen, outgoing, effect)?;
    }
    let clusters = Clusters::detect(|name| std::env::var(name).ok());
    let mut resized = false;
    loop {
        terminal::frame(screen, clusters, resized, |frame| screen::draw(app, frame))?;
        let Ok(first) = woken.recv() else { return Ok(()) };
        resized = first.resizes();
        app.tick(Timestamp(Utc::now().timestamp_millis()));
        if take(app, screen, outgoing, first)? {
            return Ok(());
        }
        for _ in 0..MOST {
            match woken.try_recv() {
                Ok(wake) => {
                    resized |= wake.resizes();
                    if take(app, screen, outgoing, wake)? {
                        return Ok(());
                    }
                }
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return Ok(()),
            }
        }
    }
}

/// Takes one thing that happened; `true`: it was the end.
fn take(app: &mut App, screen: &mut Screen, outgoing: &Outgoing, wake: Wake) -> io::Result<bool> {
    let event = match wake {
        Wake::Event(event) => event,
        Wake::Stop => {
            suspend(app, screen)?;
            return Ok(false);
        }
        Wake::Go => {
            terminal::enter_again(app.mouse)?;
            refit(app, screen)?;
            return Ok(false);
        }
        Wake::End => {
            if let Some(Effect::Ask(request)) = update::keep_draft(app) {
                outgoing.push(request);
            }
            return Ok(true);
        }
    };
    let mut end = false;
    for effect in update::update(app, event) {
        end |= carry_out(app, screen, outgoing, effect)?;
    }
    Ok(end)
}

fn carry_out(
    app: &mut App,
    screen: &mut Screen,
    outgoing: &Outgoing,
    effect: Effect,
) -> io::Result<bool> {
    match effect {
        Effect::Ask(request) => outgoing.push(request),
        Effect::Copy(text) if text.len() > CLIPBOARD_LIMIT => {
            let what = "Too long for the clipboard";
            let why = "terminals take 64 KiB at most";
            app.tell(Notice::new(Severity::Warning, what, why, ""));
        }
        Effect::Copy(text) => terminal::copy(&text)?,
        Effect::Mouse(on) => terminal::set_mouse(on)?,
        Effect::Redraw => refit(app, screen)?,
        Effect::Suspend => suspend(app, screen)?,
        Effect::Quit => return Ok(true),
    }
    Ok(false)
}

/// Gives the terminal back, stops, and takes it again when the process goes on.
fn suspend(app: &mut App, screen: &mut Screen) -> io::Result<()> {
    terminal::restore();
    signal_hook::low_level::emulate_default_handler(SIGTSTP)?;
    terminal::enter_again(app.mouse)?;
    refit(app, screen)
}

/// The terminal may have another size and another content than it had.
fn refit(app: &mut App, screen: &mut Screen) -> io::Result<()> {
    let size = screen.size()?;
    drop(update::update(app, Event::Resize(size.width, size.height)));
    terminal::wipe(screen)
}
