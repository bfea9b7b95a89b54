//! The loop: sleeps until something happens, takes all that has happened, draws once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread;
use std::time::Duration;

use chrono::Utc;
use crossterm::event::{self, KeyEvent, MouseButton, MouseEvent, MouseEventKind};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::Signals;

use super::app::{App, Effect, Event, Mouse, MouseDid};
use super::clock::Zone;
use super::glass::Clusters;
use super::keymap::{Complaint, KeyChord, Keymap};
use super::outgoing::Outgoing;
use super::outside::{self, Editor, Gate};
use super::terminal::{self, CLIPBOARD_LIMIT, Screen};
use super::theme::{self, Depth, Theme, ThemeError};
use super::{presence, screen, update};
use crate::config::Call;
use crate::inbox::{Notice, Request, Severity, Update};
use crate::model::{ThreadId, Timestamp};

/// Events taken before a frame is drawn, however many more there are.
const MOST: usize = 512;

/// The two ends of the counter.
pub struct Channels {
    /// To the engine.
    pub requests: SyncSender<Request>,
    /// From the engine.
    pub updates: Receiver<Update>,
    /// Runs the person's editor, with the terminal given back. Only the engine may start programs.
    pub editor: Editor,
}

/// What the loop does things with, outside of the screen's state.
struct World {
    screen: Screen,
    outgoing: Outgoing,
    editor: Editor,
    gate: Gate,
    /// Ctrl-C ends the program, unless another one has the terminal.
    armed: Arc<AtomicBool>,
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
    /// When the terminal calls.
    pub call: Call,
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
    app.call = options.call;
    let outgoing = Outgoing::start(io.requests)?;
    let (wake, woken) = sync_channel(256);
    terminal::restore_on_panic();
    let screen = terminal::take(app.mouse)?;
    let (gate, armed) = (Gate::default(), Arc::new(AtomicBool::new(true)));
    let mut world = World { screen, outgoing, editor: io.editor, gate, armed };
    let done = listen(io.updates, wake, &world).and_then(|()| show(&mut app, &mut world, &woken));
    terminal::restore();
    world.outgoing.finish();
    match terminal::fallen() {
        Some(at) => Err(RunError::Fallen(at)),
        None => Ok(done?),
    }
}

/// Starts what feeds the loop: keys, updates, signals.
fn listen(updates: Receiver<Update>, wake: SyncSender<Wake>, world: &World) -> io::Result<()> {
    // While the editor has the terminal, its Ctrl-C is not ours to die of.
    for signal in [SIGINT, SIGQUIT] {
        signal_hook::flag::register_conditional_default(signal, Arc::clone(&world.armed))?;
    }
    let away = Arc::clone(&world.gate.away);
    let mut signals = Signals::new([SIGTERM, SIGHUP, SIGTSTP, SIGCONT])?;
    let to = wake.clone();
    thread::Builder::new().name("signals".into()).spawn(move || {
        for signal in signals.forever() {
            let what = match signal {
                // The editor was stopped; whoever waits for it stops as well, or the shell would
                // wait for us.
                SIGTSTP if away.load(Ordering::SeqCst) => {
                    drop(signal_hook::low_level::emulate_default_handler(SIGTSTP));
                    continue;
                }
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
    let gate = world.gate.clone();
    thread::Builder::new().name("keys".into()).spawn(move || {
        loop {
            gate.pass();
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
        event::Event::FocusGained => Event::Focus(true),
        event::Event::FocusLost => Event::Focus(false),
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

fn show(app: &mut App, world: &mut World, woken: &Receiver<Wake>) -> io::Result<()> {
    app.tick(Timestamp(Utc::now().timestamp_millis()));
    let size = world.screen.size()?;
    app.size = (size.width, size.height);
    for effect in app.begin() {
        carry_out(app, world, effect)?;
    }
    let clusters = Clusters::detect(|name| std::env::var(name).ok());
    let mut resized = false;
    loop {
        terminal::frame(&mut world.screen, clusters, resized, |frame| screen::draw(app, frame))?;
        let Some(first) = wait(app, woken) else { return Ok(()) };
        resized = first.resizes();
        app.tick(Timestamp(Utc::now().timestamp_millis()));
        if take(app, world, first)? {
            return Ok(());
        }
        for _ in 0..MOST {
            match woken.try_recv() {
                Ok(wake) => {
                    resized |= wake.resizes();
                    if take(app, world, wake)? {
                        return Ok(());
                    }
                }
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return Ok(()),
            }
        }
    }
}

/// Sleeps until something happens, or until the moment that something waits for.
fn wait(app: &App, woken: &Receiver<Wake>) -> Option<Wake> {
    let Some(at) = presence::deadline(app) else { return woken.recv().ok() };
    let left = app.until(at, Timestamp(Utc::now().timestamp_millis()));
    match woken.recv_timeout(Duration::from_millis(left)) {
        Ok(wake) => Some(wake),
        Err(RecvTimeoutError::Timeout) => Some(Wake::Event(Event::Moment)),
        Err(RecvTimeoutError::Disconnected) => None,
    }
}

/// Takes one thing that happened; `true`: it was the end.
fn take(app: &mut App, world: &mut World, wake: Wake) -> io::Result<bool> {
    let event = match wake {
        Wake::Event(event) => event,
        Wake::Stop => {
            suspend(app, &mut world.screen)?;
            return Ok(false);
        }
        Wake::Go => {
            terminal::enter_again(app.mouse)?;
            refit(app, &mut world.screen)?;
            return Ok(false);
        }
        Wake::End => {
            outside::last_words(app).into_iter().for_each(|r| world.outgoing.push(r));
            return Ok(true);
        }
    };
    let mut end = false;
    for effect in update::update(app, event) {
        end |= carry_out(app, world, effect)?;
    }
    Ok(end)
}

fn carry_out(app: &mut App, world: &mut World, effect: Effect) -> io::Result<bool> {
    match effect {
        Effect::Ask(request) => world.outgoing.push(request),
        Effect::Copy(text) if text.len() > CLIPBOARD_LIMIT => {
            let what = "Too long for the clipboard";
            let why = "terminals take 64 KiB at most";
            app.tell(Notice::new(Severity::Warning, what, why, ""));
        }
        Effect::Copy(text) => terminal::copy(&text)?,
        Effect::Call(words) => terminal::call(&words)?,
        Effect::Mouse(on) => terminal::set_mouse(on)?,
        Effect::Redraw => refit(app, &mut world.screen)?,
        Effect::Suspend => suspend(app, &mut world.screen)?,
        Effect::Edit { thread, text } => return edit(app, world, thread, &text),
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

/// Gives the terminal to the person's editor and takes it again, whatever came of it.
fn edit(app: &mut App, world: &mut World, thread: ThreadId, text: &str) -> io::Result<bool> {
    // A change of size is the one thing that gets the keys' thread out of its read.
    let aside = world.gate.shut(|| drop(signal_hook::low_level::raise(SIGWINCH)));
    let result = if aside {
        world.armed.store(false, Ordering::SeqCst);
        terminal::restore();
        let result = (world.editor)(text);
        world.armed.store(true, Ordering::SeqCst);
        result
    } else {
        let why = "the keyboard could not be let go of";
        Err(Notice::new(Severity::Warning, "The draft is as it was", why, "Try it again"))
    };
    let back = terminal::enter_again(app.mouse);
    world.gate.open();
    back?;
    refit(app, &mut world.screen)?;
    app.tick(Timestamp(Utc::now().timestamp_millis()));
    let mut end = false;
    for effect in update::update(app, Event::Edited(thread, result)) {
        end |= carry_out(app, world, effect)?;
    }
    Ok(end)
}

/// The terminal may have another size and another content than it had.
fn refit(app: &mut App, screen: &mut Screen) -> io::Result<()> {
    let size = screen.size()?;
    drop(update::update(app, Event::Resize(size.width, size.height)));
    terminal::wipe(screen)
}
