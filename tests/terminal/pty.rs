//! The real program in a real terminal: a pty whose other end is a terminal model. Tests wait on
//! what stands on the glass, never on time, and judge whole frames only.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// The end of a synchronized update: the fence behind which a frame is whole.
const FRAME_END: &[u8] = b"\x1b[?2026l";
/// Far longer than anything takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the terminal was made to *do*, other than to show cells.
#[derive(Clone, Default)]
pub struct Deeds(Arc<Mutex<Vec<String>>>);

impl Deeds {
    fn push(&self, deed: String) {
        self.0.lock().expect("no panic in the model").push(deed);
    }

    /// All but the program's own, constant title.
    pub fn of_strangers(&self) -> Vec<String> {
        let mut all = self.0.lock().expect("no panic in the model").clone();
        all.retain(|d| d != "title onebox");
        all
    }
}

impl vt100::Callbacks for Deeds {
    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.push("bell".into());
    }
    fn visual_bell(&mut self, _: &mut vt100::Screen) {
        self.push("visual bell".into());
    }
    fn set_window_icon_name(&mut self, _: &mut vt100::Screen, name: &[u8]) {
        self.push(format!("title {}", String::from_utf8_lossy(name)));
    }
    fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
        self.push(format!("title {}", String::from_utf8_lossy(title)));
    }
    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], data: &[u8]) {
        self.push(format!("clipboard {}", String::from_utf8_lossy(data)));
    }
    fn paste_from_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8]) {
        self.push("asks for the clipboard".into());
    }
    fn unhandled_osc(&mut self, _: &mut vt100::Screen, params: &[&[u8]]) {
        self.push(format!("osc {params:?}"));
    }
}

struct Glass {
    model: vt100::Parser<Deeds>,
    bytes: Vec<u8>,
    closed: bool,
}

/// A running program and the terminal that it draws on.
pub struct Terminal {
    glass: Arc<(Mutex<Glass>, Condvar)>,
    pub deeds: Deeds,
    keys: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
}

fn cells(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).expect("at least one cell")
}

impl Terminal {
    /// Starts the program with nothing of this machine but a home folder.
    pub fn start(cols: u16, rows: u16, home: &Path, args: &[&str], env: &[(&str, &str)]) -> Self {
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pty");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_onebox"));
        command.args(args);
        command.cwd(home);
        command.env_clear();
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("TZ", "UTC")] {
            command.env(name, value);
        }
        command.env("HOME", home);
        env.iter().for_each(|(name, value)| command.env(name, value));
        let child = pair.slave.spawn_command(command).expect("the program starts");
        // While we hold it, the other end is never closed.
        drop(pair.slave);
        let deeds = Deeds::default();
        let model = vt100::Parser::new_with_callbacks(cells(rows), cells(cols), 0, deeds.clone());
        let glass = Glass { model, bytes: Vec::new(), closed: false };
        let glass = Arc::new((Mutex::new(glass), Condvar::new()));
        let (mut out, shared) = (pair.master.try_clone_reader().expect("a reader"), glass.clone());
        std::thread::spawn(move || {
            let mut buffer = [0; 65536];
            loop {
                // Linux says EIO where others say end of file.
                let n = out.read(&mut buffer).unwrap_or(0);
                let mut glass = shared.0.lock().expect("no panic in a test's model");
                glass.closed = n == 0;
                glass.model.process(&buffer[..n]);
                glass.bytes.extend_from_slice(&buffer[..n]);
                shared.1.notify_all();
                if n == 0 {
                    return;
                }
            }
        });
        let keys = pair.master.take_writer().expect("a writer");
        Self { glass, deeds, keys, master: pair.master, child }
    }

    /// Types.
    pub fn keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("an open pty");
        self.keys.flush().expect("an open pty");
    }

    fn wait(&self, what: &str, yes: impl Fn(&Glass) -> bool) -> MutexGuard<'_, Glass> {
        let end = Instant::now() + PATIENCE;
        let mut glass = self.glass.0.lock().expect("no panic in a test's model");
        while !yes(&glass) {
            let left = end.saturating_duration_since(Instant::now());
            let shown = glass.model.screen().contents();
            assert!(!left.is_zero() && !glass.closed, "no {what} on the screen:\n{shown}");
            glass = self.glass.1.wait_timeout(glass, left).expect("no panic in a model").0;
        }
        glass
    }

    /// Waits for a whole frame of which this holds.
    pub fn frame(&self, what: &str, yes: impl Fn(&vt100::Screen) -> bool) -> vt100::Screen {
        let whole = |g: &Glass| g.bytes.ends_with(FRAME_END) && yes(g.model.screen());
        self.wait(what, whole).model.screen().clone()
    }

    /// Waits for what another program shows, which knows of no frames.
    pub fn shown(&self, what: &str, yes: impl Fn(&vt100::Screen) -> bool) -> vt100::Screen {
        self.wait(what, |g| yes(g.model.screen())).model.screen().clone()
    }

    /// Waits for a whole frame with this text in one row.
    pub fn text(&self, text: &str) -> vt100::Screen {
        self.frame(text, |s| find(s, text).is_some())
    }

    /// Waits until so many bytes were written in all, and the frame is whole.
    pub fn written(&self, what: &str, bytes: usize) {
        drop(self.wait(what, |g| g.bytes.len() >= bytes && g.bytes.ends_with(FRAME_END)));
    }

    /// Everything that was written so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.glass.0.lock().expect("no panic in a test's model").bytes.clone()
    }

    pub fn resize(&self, cols: u16, rows: u16) {
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        let mut glass = self.glass.0.lock().expect("no panic in a test's model");
        glass.model.screen_mut().set_size(cells(rows), cells(cols));
        self.master.resize(size).expect("a size");
    }

    /// Sends a signal, as `kill` does.
    pub fn signal(&self, name: &str) {
        let id = self.child.process_id().expect("a process").to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &id]).status();
        assert!(sent.is_ok_and(|s| s.success()), "kill -{name}");
    }

    /// Waits for the end; gives whether it went well and the terminal as it was left.
    pub fn end(mut self) -> (bool, vt100::Screen) {
        let ended = self.child.wait().expect("it ends").success();
        let end = Instant::now() + PATIENCE;
        let mut glass = self.glass.0.lock().expect("no panic in a test's model");
        while !glass.closed && Instant::now() < end {
            let beat = Duration::from_millis(100);
            glass = self.glass.1.wait_timeout(glass, beat).expect("no panic in a model").0;
        }
        (ended, glass.model.screen().clone())
    }

    /// Quits by the keys, which must go well.
    pub fn quit(mut self) {
        self.keys("\x11");
        let (well, screen) = self.end();
        assert!(well, "{}", screen.contents());
        given_back(&screen);
    }
}

/// The terminal is as the shell had it.
pub fn given_back(s: &vt100::Screen) {
    assert!(!s.alternate_screen(), "still on the alternate screen");
    assert!(!s.bracketed_paste(), "still in bracketed paste");
    assert!(!s.hide_cursor(), "the cursor is hidden");
    assert_eq!(s.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
}

/// A row as text, one blank for each empty cell.
pub fn row(s: &vt100::Screen, row: u16) -> Vec<(u16, String)> {
    (0..s.size().1.get())
        .filter_map(|col| s.cell(row, col).map(|cell| (col, cell)))
        .filter(|(_, cell)| !cell.is_wide_continuation())
        .map(|(col, cell)| {
            (col, if cell.has_contents() { cell.contents().into() } else { " ".into() })
        })
        .collect()
}

/// The first cell of the first place where the text stands.
pub fn find(s: &vt100::Screen, text: &str) -> Option<(u16, u16)> {
    find_from(s, 0, text)
}

/// The same, from a row on.
pub fn find_from(s: &vt100::Screen, from: u16, text: &str) -> Option<(u16, u16)> {
    (from..s.size().0.get()).find_map(|r| {
        let cells = row(s, r);
        let line: String = cells.iter().map(|(_, text)| text.as_str()).collect();
        let at = line.find(text)?;
        let mut passed = 0;
        let cell = cells.iter().find(|(_, text)| {
            passed += text.len();
            passed > at
        })?;
        Some((r, cell.0))
    })
}
