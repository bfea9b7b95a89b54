//! A program in a terminal that is watched: when a frame is whole, how many bytes it took.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Every frame ends so (the end of a synchronised update).
const FENCE: &[u8] = b"\x1b[?2026l";
const ROWS: u16 = 50;
const COLUMNS: u16 = 160;
/// Nothing that is measured takes so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// The memory of a process, in megabytes: now, and at most so far.
pub struct Memory {
    /// Now.
    pub now: f64,
    /// At most.
    pub peak: f64,
}

/// What a process has used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Used {
    /// Clock ticks of CPU (a hundredth of a second).
    pub ticks: u64,
    /// How often one of its threads was woken.
    pub wakes: u64,
}

/// A running program and its screen.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    // Closes the terminal when dropped.
    _master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    output: Receiver<(Instant, Vec<u8>)>,
    screen: vt100::Parser,
    tail: Vec<u8>,
    begun: Instant,
}

/// A frame, or several that came together.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// When its last byte was there.
    pub at: Instant,
    /// Bytes since the frame before.
    pub bytes: usize,
}

impl Terminal {
    /// Starts a program.
    pub fn start(program: &std::ffi::OsStr, args: &[&std::ffi::OsStr]) -> Result<Self> {
        let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size)?;
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        let mut reader = pair.master.try_clone_reader()?;
        let keys = pair.master.take_writer()?;
        let (send, output) = sync_channel(1024);
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                if send.send((Instant::now(), buffer[..n].to_vec())).is_err() {
                    break;
                }
            }
        });
        let begun = Instant::now();
        let child = pair.slave.spawn_command(command)?;
        let (rows, columns) = (NonZeroU16::new(ROWS), NonZeroU16::new(COLUMNS));
        let (rows, columns) = rows.zip(columns).context("a size")?;
        let screen = vt100::Parser::new(rows, columns, 0);
        let tail = Vec::new();
        Ok(Self { child, _master: pair.master, keys, output, screen, tail, begun })
    }

    /// Waits for the next whole frame.
    pub fn frame(&mut self) -> Result<Frame> {
        let mut bytes = 0;
        loop {
            let (at, piece) = match self.output.recv_timeout(PATIENCE) {
                Ok(piece) => piece,
                Err(RecvTimeoutError::Timeout) => bail!("no frame came"),
                Err(RecvTimeoutError::Disconnected) => bail!("the program ended"),
            };
            bytes += piece.len();
            if self.take(&piece) {
                return Ok(Frame { at, bytes });
            }
        }
    }

    /// Waits for a frame that shows this; gives the time since the start.
    pub fn shows(&mut self, text: &str) -> Result<Duration> {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            let frame = self.frame().with_context(|| format!("waiting for {text:?}"))?;
            if self.screen.screen().contents().contains(text) {
                return Ok(frame.at - self.begun);
            }
        }
        bail!("{text:?} never came")
    }

    /// What is on the screen.
    pub fn contents(&self) -> String {
        self.screen.screen().contents()
    }

    /// Waits for a frame that differs from what was there; `None` if nothing changes.
    pub fn change(&mut self, from: &str, quiet: Duration) -> Option<Frame> {
        let mut bytes = 0;
        while let Ok((at, piece)) = self.output.recv_timeout(quiet) {
            bytes += piece.len();
            if self.take(&piece) && self.screen.screen().contents() != from {
                return Some(Frame { at, bytes });
            }
        }
        None
    }

    /// Types.
    pub fn press(&mut self, keys: &[u8]) -> Result<Instant> {
        let at = Instant::now();
        self.keys.write_all(keys)?;
        self.keys.flush()?;
        Ok(at)
    }

    /// Takes what comes until nothing has come for so long; gives the number of bytes.
    pub fn settle(&mut self, quiet: Duration) -> usize {
        let mut bytes = 0;
        while let Ok((_, piece)) = self.output.recv_timeout(quiet) {
            bytes += piece.len();
            self.take(&piece);
        }
        bytes
    }

    /// Bytes that come within a time.
    pub fn listen(&mut self, time: Duration) -> usize {
        let until = Instant::now() + time;
        let mut bytes = 0;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            match self.output.recv_timeout(left) {
                Ok((_, piece)) => {
                    bytes += piece.len();
                    self.take(&piece);
                    self.answer(&piece);
                }
                Err(RecvTimeoutError::Timeout) => {}
                // The program has ended.
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        bytes
    }

    /// What a program wants to know of its terminal: where the cursor is, and what it can.
    fn answer(&mut self, piece: &[u8]) {
        let asks = |what: &[u8]| piece.windows(what.len()).any(|w| w == what);
        let mut said = String::new();
        if asks(b"\x1b[6n") {
            let (row, column) = self.screen.screen().cursor_position();
            said += &format!("\x1b[{};{}R", row + 1, column + 1);
        }
        if asks(b"\x1b[c") {
            said += "\x1b[?62c";
        }
        // The last of several questions: who asks reads until it is answered, or takes the keys.
        if asks(b"\x1b[5n") {
            said += "\x1b[0n";
        }
        if !said.is_empty() {
            // One that has ended wants no answer.
            drop(self.press(said.as_bytes()));
        }
    }

    /// The program has ended.
    #[allow(dead_code, reason = "the other bench asks for it")]
    pub fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)) | Err(_))
    }

    /// Puts a piece on the screen; true if a frame ended in it.
    fn take(&mut self, piece: &[u8]) -> bool {
        self.screen.process(piece);
        // The fence may lie across two pieces.
        self.tail.extend_from_slice(piece);
        let ended = self.tail.windows(FENCE.len()).any(|w| w == FENCE);
        let keep = if self.tail.ends_with(FENCE) { 0 } else { FENCE.len() - 1 };
        self.tail.drain(..self.tail.len().saturating_sub(keep));
        ended
    }

    /// Its memory.
    pub fn memory(&self) -> Result<Memory> {
        let status = self.proc("status")?;
        let field = |name: &str| -> f64 {
            let line = status.lines().find_map(|l| l.strip_prefix(name));
            let kilobytes = line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok());
            kilobytes.unwrap_or(f64::NAN) * 1024.0 / 1e6
        };
        Ok(Memory { now: field("VmRSS:"), peak: field("VmHWM:") })
    }

    /// What it has used so far.
    pub fn used(&self) -> Result<Used> {
        let stat = self.proc("stat")?;
        // The name in brackets may hold anything; the numbers follow its end.
        let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
        let field = |n: usize| after.split_whitespace().nth(n).and_then(|f| f.parse::<u64>().ok());
        let ticks = field(11).unwrap_or(0) + field(12).unwrap_or(0);
        let mut wakes = 0;
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.id()?))? {
            let status = std::fs::read_to_string(thread?.path().join("status"))?;
            let line = status.lines().find_map(|l| l.strip_prefix("voluntary_ctxt_switches:"));
            wakes += line.and_then(|l| l.trim().parse::<u64>().ok()).unwrap_or(0);
        }
        Ok(Used { ticks, wakes })
    }

    /// Its process.
    pub fn id(&self) -> Result<u32> {
        self.child.process_id().context("a process")
    }

    fn proc(&self, file: &str) -> Result<String> {
        Ok(std::fs::read_to_string(format!("/proc/{}/{file}", self.id()?))?)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
