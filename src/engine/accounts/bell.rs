//! The bell: a onebox that has put something into the outbox of an account that another onebox has
//! tells that one so. Nothing is asked for again and again; whoever waits sleeps.
//!
//! It is a signal that a process which does not listen for it never notices, so that a number that
//! has meanwhile become another process's does no harm.

use std::fs::OpenOptions;
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::sync::mpsc::SyncSender;

use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::SIGURG;
use signal_hook::iterator::{Handle, Signals};

use super::hub::Call;

/// Listens until it is dropped.
pub struct Bell(Handle);

impl Bell {
    /// Every ring is a call.
    pub fn listen(calls: SyncSender<Call>) -> std::io::Result<Self> {
        let mut signals = Signals::new([SIGURG])?;
        let handle = signals.handle();
        std::thread::Builder::new().name("bell".into()).spawn(move || {
            for _ in signals.forever() {
                if calls.send(Call::Rung).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self(handle))
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Notes in an account's lock whose it is now.
pub fn sign(mut lock: &std::fs::File) -> std::io::Result<()> {
    lock.set_len(0)?;
    lock.rewind()?;
    writeln!(lock, "{}", std::process::id())
}

/// Rings at the onebox that holds a lock.
pub fn ring(lock: &Path) {
    let mut text = String::new();
    let read = OpenOptions::new().read(true).open(lock);
    let holder = read.and_then(|file| file.take(32).read_to_string(&mut text)).ok();
    let pid = holder.and_then(|_| text.trim().parse().ok()).and_then(Pid::from_raw);
    if let Some(pid) = pid
        && let Err(e) = kill_process(pid, Signal::URG)
    {
        log::info!("the other onebox cannot be told: {e}");
    }
}
