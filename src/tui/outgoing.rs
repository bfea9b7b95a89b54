//! Requests on their way to the engine: a busy engine never holds up a key.

use std::collections::VecDeque;
use std::mem::discriminant;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::inbox::Request;

/// How long quitting waits for the last draft to be handed over.
const LAST_WAIT: Duration = Duration::from_secs(2);

/// Adds a request. Of two that ask for the same thing only the later one is kept: its answer is
/// the only one that the screen would take.
pub fn merge(queue: &mut VecDeque<Request>, request: Request) {
    queue.retain(|waiting| !replaces(&request, waiting));
    queue.push_back(request);
}

fn replaces(new: &Request, old: &Request) -> bool {
    match (new, old) {
        (Request::SaveDraft { thread: a, .. }, Request::SaveDraft { thread: b, .. }) => a == b,
        (Request::SaveReply { thread: a, .. }, Request::SaveReply { thread: b, .. }) => a == b,
        (
            Request::Page { thread: a, direction: c, .. },
            Request::Page { thread: b, direction: d, .. },
        ) => a == b && c == d,
        (
            // A window of the list does not stand in for a part of a selection.
            Request::Threads { limit: a, .. },
            Request::Threads { limit: b, .. },
        ) => a == b,
        (
            Request::Open { .. }
            | Request::Handed { .. }
            | Request::People { .. }
            | Request::Person { .. }
            | Request::Links { .. }
            | Request::Reach { .. }
            | Request::ReachPerson { .. }
            | Request::OpenPerson { .. }
            | Request::Find { .. }
            | Request::Why { .. }
            | Request::Rules { .. }
            | Request::CompletePath { .. },
            _,
        ) => discriminant(new) == discriminant(old),
        _ => false,
    }
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Request>,
    /// One is being handed over.
    busy: bool,
    closed: bool,
}

/// Hands requests over on a thread of its own.
pub struct Outgoing {
    shared: Arc<(Mutex<Queue>, Condvar)>,
}

impl Outgoing {
    /// Starts handing over.
    pub fn start(requests: SyncSender<Request>) -> std::io::Result<Self> {
        let shared = Arc::new((Mutex::new(Queue::default()), Condvar::new()));
        let theirs = Arc::clone(&shared);
        thread::Builder::new()
            .name("requests".into())
            .spawn(move || hand_over(&theirs, &requests))?;
        Ok(Self { shared })
    }

    /// Queues a request. The lock is held for moving it only.
    pub fn push(&self, request: Request) {
        merge(&mut lock(&self.shared.0).waiting, request);
        self.shared.1.notify_all();
    }

    /// Waits until everything is handed over, or the engine proves stuck.
    pub fn finish(self) {
        let mut queue = lock(&self.shared.0);
        queue.closed = true;
        self.shared.1.notify_all();
        let stuck = |q: &mut Queue| q.busy || !q.waiting.is_empty();
        drop(self.shared.1.wait_timeout_while(queue, LAST_WAIT, stuck));
    }
}

fn lock(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

fn hand_over(shared: &(Mutex<Queue>, Condvar), requests: &SyncSender<Request>) {
    let mut queue = lock(&shared.0);
    loop {
        if let Some(request) = queue.waiting.pop_front() {
            queue.busy = true;
            drop(queue);
            let gone = requests.send(request).is_err();
            queue = lock(&shared.0);
            queue.busy = false;
            if gone {
                queue.waiting.clear();
            }
            shared.1.notify_all();
        } else if queue.closed {
            return;
        } else {
            queue = shared.1.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;
    use crate::inbox::Ticket;
    use crate::model::ThreadId;

    fn draft(thread: i64, text: &str) -> Request {
        Request::SaveDraft { thread: ThreadId(thread), text: text.into() }
    }

    #[test]
    fn the_latest_of_a_kind_stays_and_order_holds() {
        let mut q = VecDeque::new();
        let mark = || Request::CancelImport;
        merge(&mut q, Request::Rules { ticket: Ticket(1) });
        merge(&mut q, draft(1, "a"));
        merge(&mut q, draft(2, "b"));
        merge(&mut q, mark());
        merge(&mut q, mark());
        merge(&mut q, draft(1, "ab"));
        merge(&mut q, Request::Rules { ticket: Ticket(2) });
        let expected =
            [draft(2, "b"), mark(), mark(), draft(1, "ab"), Request::Rules { ticket: Ticket(2) }];
        assert_eq!(q, expected);
    }

    #[test]
    fn a_window_of_the_list_leaves_what_is_being_selected() {
        let threads = |limit| Request::Threads {
            ticket: Ticket(1),
            filter: Default::default(),
            order: Default::default(),
            offset: 0,
            limit,
            around: None,
        };
        let mut q = VecDeque::new();
        for limit in [500, 100, 100] {
            merge(&mut q, threads(limit));
        }
        assert_eq!(q, [threads(500), threads(100)]);
    }

    #[test]
    fn nothing_is_lost_when_the_engine_is_slow() {
        let (send, receive) = sync_channel(1);
        let out = Outgoing::start(send).expect("a thread");
        for i in 0..50 {
            out.push(draft(i, "x"));
        }
        let reader = thread::spawn(move || receive.iter().count());
        out.finish();
        assert_eq!(reader.join().expect("no panic"), 50);
    }
}
