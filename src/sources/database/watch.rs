//! Stops a question that has not given a row yet: sorting a huge database takes minutes, in which
//! nobody can be asked. A thread looks at the flags that say stop, and interrupts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;

/// How often it is looked.
const LOOK: Duration = Duration::from_millis(25);

/// Watches until it is dropped.
pub struct Watch {
    end: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Over the questions of a database; `None` where nobody can raise a flag.
    pub fn over(db: &Connection, flags: Vec<Arc<AtomicBool>>) -> Option<Self> {
        if flags.is_empty() {
            return None;
        }
        let handle = db.get_interrupt_handle();
        let (end, ended) = sync_channel::<()>(0);
        let look = move || {
            while ended.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                // Again and again: what is asked after it has come is to end as well.
                if flags.iter().any(|f| f.load(Ordering::Relaxed)) {
                    handle.interrupt();
                }
            }
        };
        let thread = std::thread::Builder::new().name("watching a database".into()).spawn(look);
        Some(Self { end: Some(end), thread: thread.ok() })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            log::warn!("the watch over a database ended unexpectedly");
        }
    }
}
