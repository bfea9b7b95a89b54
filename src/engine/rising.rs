//! Passes on from old to new what an export tells from new to old.
//!
//! Both indexes of the store grow at their ends then, which costs less and leaves their pages full.

use std::sync::Arc;

use crate::model::MessageRecord;

/// Messages kept back at most. Meta's files hold 10,000.
const MOST: usize = 16_384;
/// Or so many bytes of them, counted roughly.
const MOST_BYTES: usize = 8 << 20;

/// Messages as records hold them.
#[allow(clippy::vec_box, reason = "records come and go with their boxes")]
type Run = Vec<Box<MessageRecord>>;

/// A run of messages of one thread, none of them newer than the one before it.
#[derive(Default)]
pub struct Rising {
    run: Run,
    bytes: usize,
}

impl Rising {
    /// Whether a message is one more of the run.
    pub fn goes_on_with(&self, m: &MessageRecord) -> bool {
        let Some(last) = self.run.last() else { return true };
        m.sent.at <= last.sent.at
            && self.run.len() < MOST
            && self.bytes < MOST_BYTES
            && (Arc::ptr_eq(&m.thread, &last.thread) || m.thread == last.thread)
    }

    /// Keeps a message back.
    pub fn keep(&mut self, m: Box<MessageRecord>) {
        self.bytes += m.text.len() + 200 * (1 + m.attachments.len() + m.reactions.len());
        self.run.push(m);
    }

    /// The run, the oldest first, and its bytes.
    pub fn take(&mut self) -> (Run, usize) {
        let mut run = std::mem::take(&mut self.run);
        // Of one instant, what was told first stays first.
        for same in run.chunk_by_mut(|a, b| a.sent.at == b.sent.at) {
            same.reverse();
        }
        run.reverse();
        (run, std::mem::take(&mut self.bytes))
    }

    /// Gives back the memory of a run that was passed on.
    pub fn keep_room(&mut self, run: Run) {
        if self.run.is_empty() {
            self.run = run;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Moment, Timestamp};

    /// What comes out if messages of these threads and times are told.
    fn passed_on(told: &[(u8, i64)]) -> Vec<(u8, i64, usize)> {
        let mut rising = Rising::default();
        let mut out = Vec::new();
        let mut release =
            |rising: &mut Rising| {
                let (mut run, _) = rising.take();
                out.extend(run.drain(..).map(|m| {
                    (m.thread.as_bytes()[0], m.sent.at.0, m.text.parse::<usize>().unwrap())
                }));
                rising.keep_room(run);
            };
        for (n, &(thread, at)) in told.iter().enumerate() {
            let thread: Arc<str> = char::from(thread).to_string().into();
            let sent = Moment::exact(Timestamp(at));
            let m = MessageRecord::text(thread, None, sent, n.to_string());
            if !rising.goes_on_with(&m) {
                release(&mut rising);
            }
            rising.keep(Box::new(m));
        }
        release(&mut rising);
        out
    }

    #[test]
    fn a_falling_thread_rises_and_one_instant_keeps_its_order() {
        let told = [(b'a', 9), (b'a', 7), (b'a', 7), (b'a', 3), (b'b', 3), (b'b', 4), (b'a', 4)];
        let out = passed_on(&told);
        let order: Vec<usize> = out.iter().map(|m| m.2).collect();
        assert_eq!(order, [3, 1, 2, 0, 4, 5, 6]);
    }

    #[test]
    fn what_is_kept_back_is_bounded() {
        let told: Vec<(u8, i64)> = (0..40_000).map(|n| (b'a', -n)).collect();
        let out = passed_on(&told);
        let falls = out.windows(2).filter(|m| m[0].1 > m[1].1).count();
        assert_eq!((out.len(), falls), (40_000, 2), "one run after the other");
    }

    proptest::proptest! {
        /// Nothing is lost, no thread waits for another, and equal ones are not told apart anew.
        #[test]
        fn all_of_it_and_each_instant_in_its_order(
            told in proptest::collection::vec((b'a'..b'd', 0..6_i64), 0..60),
        ) {
            let out = passed_on(&told);
            let mut sorted: Vec<usize> = out.iter().map(|m| m.2).collect();
            sorted.sort_unstable();
            proptest::prop_assert_eq!(sorted, (0..told.len()).collect::<Vec<_>>());
            proptest::prop_assert!(out.iter().map(|m| m.0).eq(told.iter().map(|m| m.0)));
            for (n, m) in out.iter().enumerate() {
                let same = out[n..].iter().filter(|o| (o.0, o.1) == (m.0, m.1));
                proptest::prop_assert!(same.map(|o| o.2).is_sorted());
            }
        }
    }
}
