//! Answering one message, and what was handed off from here: the rows of both.

use super::TranscriptPos;
use crate::model::{MessageId, SendState};

/// The message that a draft answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyRow {
    /// The message.
    pub message: MessageId,
    /// Who wrote it.
    pub sender: String,
    /// It is mine.
    pub mine: bool,
    /// The start of its text, or what stands for it ("photo").
    pub quote: String,
}

/// A text that was handed off, or sent, from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedRow {
    /// Its place in the transcript.
    pub pos: TranscriptPos,
    /// The text.
    pub text: String,
    /// What it answers.
    pub reply_quote: Option<String>,
    /// What became of it.
    pub state: SendState,
}
