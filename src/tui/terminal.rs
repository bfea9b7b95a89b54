//! The terminal itself: taking it over, giving it back whatever happens, writing whole frames.

use std::io::{self, Write};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crossterm::cursor::Show;
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange,
};
use crossterm::style::force_color_output;
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    SetTitle, disable_raw_mode, enable_raw_mode,
};
use crossterm::{clipboard::CopyToClipboard, execute, queue};
use ratatui::Terminal;
use ratatui::layout::{Position, Rect};

use super::glass::{self, Clusters, Glass};
use crate::text::Clean;

/// Never a contact's name: titles end up in logs, task bars and over shoulders.
const TITLE: &str = "onebox";
/// A frame of a large screen with colours; grows if it must.
const FRAME: usize = 256 * 1024;
/// Larger texts than this are not put on the clipboard through the terminal.
pub const CLIPBOARD_LIMIT: usize = 64 * 1024;

// Buttons and drags, not every motion: crossterm's own capture wakes us for each cell crossed.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1002l\x1b[?1000l";
const TITLE_KEEP: &[u8] = b"\x1b[22;2t";
const TITLE_BACK: &[u8] = b"\x1b[23;2t";

static TAKEN: AtomicBool = AtomicBool::new(false);
static FALLEN: Mutex<Option<String>> = Mutex::new(None);

/// The terminal as the screen draws to it.
pub type Screen = Terminal<Glass<FrameOut>>;

/// Gathers a frame and writes it in one go. Unlike a `BufWriter` it writes nothing when dropped,
/// so that a panic in the middle of a frame leaves no half of it on the person's shell.
#[derive(Debug, Default)]
pub struct FrameOut {
    bytes: Vec<u8>,
}

impl Write for FrameOut {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if TAKEN.load(Ordering::SeqCst) && !self.bytes.is_empty() {
            let mut out = io::stdout().lock();
            out.write_all(&self.bytes)?;
            out.flush()?;
        }
        self.bytes.clear();
        Ok(())
    }
}

/// Takes the terminal over.
pub fn take(mouse: bool) -> io::Result<Screen> {
    enter(mouse)?;
    let out = FrameOut { bytes: Vec::with_capacity(FRAME) };
    Terminal::new(Glass::new(out)).inspect_err(|_| restore())
}

/// Switches on all that the screen needs; again after a suspension.
pub fn enter(mouse: bool) -> io::Result<()> {
    // Colours are ours to leave out (see the theme): the library's way of heeding NO_COLOR also
    // wipes bold and reverse, and with them the selection.
    force_color_output(true);
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let mut out = io::stdout().lock();
    out.write_all(TITLE_KEEP)?;
    execute!(out, EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange, SetTitle(TITLE))
        .and_then(|()| set_mouse_on(&mut out, mouse))
        .inspect_err(|_| restore())
}

/// Takes the terminal over again, if it was given back.
pub fn enter_again(mouse: bool) -> io::Result<()> {
    if TAKEN.load(Ordering::SeqCst) { Ok(()) } else { enter(mouse) }
}

/// Gives the terminal back. Safe to call at any time, any number of times.
pub fn restore() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    // Nothing can be done about a terminal that takes no more bytes.
    let mut out = io::stdout().lock();
    drop(queue!(out, EndSynchronizedUpdate));
    drop(out.write_all(MOUSE_OFF));
    drop(queue!(out, DisableFocusChange, DisableBracketedPaste, LeaveAlternateScreen, Show));
    drop(out.write_all(TITLE_BACK));
    drop(out.flush());
    drop(disable_raw_mode());
}

/// Switches mouse reporting. Off, the terminal's own selection works again.
pub fn set_mouse(on: bool) -> io::Result<()> {
    set_mouse_on(&mut io::stdout().lock(), on)
}

fn set_mouse_on(out: &mut dyn Write, on: bool) -> io::Result<()> {
    out.write_all(if on { MOUSE_ON } else { MOUSE_OFF })?;
    out.flush()
}

/// Puts text on the clipboard through the terminal (OSC 52). Never asks for what is there.
pub fn copy(text: &str) -> io::Result<()> {
    execute!(io::stdout().lock(), CopyToClipboard::to_clipboard_from(text))
}

/// Calls a person who looks elsewhere: the bell, and a notice of the desktop where the terminal
/// makes one (OSC 9; others pass it over).
pub fn call(words: &Clean) -> io::Result<()> {
    let mut out = io::stdout().lock();
    write!(out, "\x1b]9;{words}\x1b\\\x07")?;
    out.flush()
}

/// A panic of this thread first gives the terminal back, then is told as usual. One of another
/// thread must not write over a living screen: where it was is kept for [`fallen`].
pub fn restore_on_panic() {
    let told = panic::take_hook();
    let screen = thread::current().id();
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() != screen && TAKEN.load(Ordering::SeqCst) {
            let at = info.location().map(ToString::to_string).unwrap_or_default();
            *FALLEN.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
            return;
        }
        restore();
        told(info);
    }));
}

/// Where another thread panicked while the screen was up. The place only: what it was working on
/// may be somebody's words.
pub fn fallen() -> Option<String> {
    FALLEN.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Empties the screen, so that the next frame draws every cell. Unlike the library's `clear` it
/// does not ask the terminal where its cursor is: the answer would come among the keys, which
/// another thread is reading.
pub fn wipe(screen: &mut Screen) -> io::Result<()> {
    let size = screen.size()?;
    screen.resize(Rect::from((Position::ORIGIN, size)))
}

/// Draws one whole frame: the terminal shows it when it is complete, or not at all. After a resize
/// every cell is drawn: the terminal may have cut what stood there and come back to the size that
/// the last frame had.
pub fn frame(
    screen: &mut Screen,
    clusters: Clusters,
    resized: bool,
    draw: impl FnOnce(&mut ratatui::Frame<'_>),
) -> io::Result<()> {
    queue!(screen.backend_mut(), BeginSynchronizedUpdate)?;
    if resized {
        wipe(screen)?;
    }
    screen.draw(|frame| {
        draw(frame);
        glass::settle(frame.buffer_mut(), clusters);
    })?;
    queue!(screen.backend_mut(), EndSynchronizedUpdate)?;
    Write::flush(screen.backend_mut())
}
