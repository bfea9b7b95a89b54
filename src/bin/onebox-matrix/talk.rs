//! Questions to the person, and their answers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use onebox::sources::live::{Ask, Asking, News};
use tokio::sync::{Mutex, oneshot, watch};

use super::pipe::Out;

/// The person gave up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GaveUp;

/// The conversation with the person.
pub struct Talk {
    out: Out,
    next: AtomicU64,
    open: Mutex<HashMap<String, oneshot::Sender<Option<String>>>>,
    /// What was answered is still being done.
    at_work: watch::Sender<bool>,
}

/// A question that was put and waits.
pub struct Open {
    /// Names it.
    pub id: String,
    answer: oneshot::Receiver<Option<String>>,
}

impl Open {
    /// The answer.
    pub async fn answered(self) -> Result<String, GaveUp> {
        self.answer.await.ok().flatten().ok_or(GaveUp)
    }
}

impl Talk {
    /// Through this pipe.
    pub fn new(out: Out) -> Self {
        Self {
            out,
            next: AtomicU64::new(1),
            open: Mutex::default(),
            at_work: watch::Sender::new(false),
        }
    }

    /// Puts a question.
    pub async fn put(&self, text: &str, problem: Option<String>, asking: Asking) -> Open {
        let id = self.next.fetch_add(1, Ordering::Relaxed).to_string();
        let (reply, answer) = oneshot::channel();
        self.open.lock().await.insert(id.clone(), reply);
        self.rest();
        let ask = Ask { id: id.clone(), text: text.to_owned(), problem, asking };
        self.out.tell(News::Ask(ask)).await;
        Open { id, answer }
    }

    /// Puts a question and waits for its answer.
    pub async fn ask(
        &self,
        text: &str,
        problem: Option<String>,
        asking: Asking,
    ) -> Result<String, GaveUp> {
        self.put(text, problem, asking).await.answered().await
    }

    /// A question has answered itself.
    pub async fn over(&self, id: String) {
        self.open.lock().await.remove(&id);
        self.out.tell(News::AskOver { id }).await;
    }

    /// No question matters any more.
    pub async fn all_over(&self) {
        let open: Vec<String> = self.open.lock().await.drain().map(|(id, _)| id).collect();
        for id in open {
            self.out.tell(News::AskOver { id }).await;
        }
    }

    /// An answer came.
    pub async fn answer(&self, id: &str, value: Option<String>) {
        if let Some(reply) = self.open.lock().await.remove(id) {
            self.at_work.send_replace(true);
            reply.send(value).ok();
        }
    }

    /// What was answered is done.
    pub fn rest(&self) {
        self.at_work.send_replace(false);
    }

    /// Waits until what was answered is done: who answers and goes has answered.
    pub async fn rested(&self) {
        self.at_work.subscribe().wait_for(|busy| !busy).await.ok();
    }
}
