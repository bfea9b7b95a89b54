//! Files that go with a message: looked at before, judged each by what the thread takes, and put
//! into the outbox.

use std::path::{Path, PathBuf};

use super::accounts::new_key;
use super::replying::Answered;
use super::{Engine, EngineError, paths, rows};
use crate::inbox::{FileRow, ReasonRow};
use crate::model::{AttachmentKind, Facts, MessageId, ThreadId, Timestamp, Verdict, Wish};
use crate::policy::{self, Decision, Permit};
use crate::store::OutgoingFile;

impl Engine {
    /// Looks at files that may go to a thread. Nothing is sent.
    pub fn look_at_files(
        &self,
        thread: ThreadId,
        files: &[PathBuf],
    ) -> Result<Vec<FileRow>, EngineError> {
        let facts = self.facts(thread)?;
        Ok(files.iter().map(|path| self.look_at(&facts, path)).collect())
    }

    fn look_at(&self, facts: &Facts, typed: &Path) -> FileRow {
        let path = paths::expand(typed);
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let mut row =
            FileRow { kind: kind_of(&path), size: 0, problem: None, name, path: path.clone() };
        match whole(&path) {
            Ok((path, size)) => (row.path, row.size) = (path, size),
            Err(why) => {
                row.problem = Some((format!("{}: {why}", path.display()), String::new()));
                return row;
            }
        }
        let decision = self.decide_file(facts, (row.kind, row.size), "");
        row.problem = match &decision.verdict {
            Verdict::Live => None,
            Verdict::Denied(reason) => {
                let reason = rows::reason(&self.settings, facts, reason, Wish::Attach);
                Some((reason.text, reason.next))
            }
            Verdict::HandOff(_) => Some(("no account is connected here".into(), String::new())),
        };
        row
    }

    /// Why no file at all can be sent.
    pub(super) fn why_no_files(&self, facts: &Facts) -> Option<ReasonRow> {
        let decision = self.decide(facts, Wish::Attach);
        rows::denied(&self.settings, facts, &decision, Wish::Attach)
    }

    /// What the policy says of sending a file with these words.
    pub(super) fn decide_file(
        &self,
        facts: &Facts,
        file: (AttachmentKind, u64),
        words: &str,
    ) -> Decision {
        policy::decide_file(facts, &self.settings.rules, self.settings.day(), file, words)
    }

    /// Puts a file into the outbox of a live thread, with a caption. Refused: the reason.
    pub fn enqueue_file(
        &self,
        thread: ThreadId,
        caption: &str,
        path: &Path,
        now: Timestamp,
    ) -> Result<Result<MessageId, ReasonRow>, EngineError> {
        let sent = self.enqueue_files(thread, caption, &[path.to_owned()], None, now)?;
        Ok(match sent {
            Ok(messages) => Ok(*messages.first().ok_or(EngineError::Lost("sending"))?),
            Err(reason) => Err(reason),
        })
    }

    /// Puts files into the outbox of a live thread, one message each; the text goes with the
    /// first. All are judged before the first is put there, and all are put there or none.
    /// Refused: the reason.
    pub fn enqueue_files(
        &self,
        thread: ThreadId,
        text: &str,
        files: &[PathBuf],
        reply: Option<MessageId>,
        now: Timestamp,
    ) -> Result<Result<Vec<MessageId>, ReasonRow>, EngineError> {
        let facts = self.facts(thread)?;
        let mut granted: Vec<(Permit, PathBuf, AttachmentKind, u64)> = Vec::new();
        for file in files {
            let file = paths::expand(file);
            let failed = |why| EngineError::File { path: file.display().to_string(), why };
            let (path, size) = whole(&file).map_err(failed)?;
            let kind = kind_of(&path);
            let words = if granted.is_empty() { text } else { "" };
            let decision = self.decide_file(&facts, (kind, size), words);
            match (decision.permit(), &decision.verdict) {
                (Some(permit), Verdict::Live) => granted.push((permit, path, kind, size)),
                (_, Verdict::Denied(reason)) => {
                    return Ok(Err(rows::reason(&self.settings, &facts, reason, Wish::Attach)));
                }
                (_, Verdict::Live | Verdict::HandOff(_)) => {
                    return Err(EngineError::Source(
                        "no account is connected to this thread any more".to_owned(),
                    ));
                }
            }
        }
        let mut reply_to = self.answered(thread, reply)?.map(Answered::reply_to);
        let mut caption = text.to_owned();
        let more = |(permit, path, kind, size)| {
            let (text, reply_to) = (std::mem::take(&mut caption), reply_to.take());
            OutgoingFile { permit, key: new_key(), text, reply_to, path, kind, size }
        };
        let files = granted.into_iter().map(more).collect();
        Ok(Ok(self.store.writer()?.enqueue_files(files, now)?))
    }
}

/// A file's whole path and its size.
fn whole(path: &Path) -> std::io::Result<(PathBuf, u64)> {
    let path = path.canonicalize()?;
    let meta = path.metadata()?;
    if meta.is_file() {
        // Whether it can be read is better known now than when it is sent.
        std::fs::File::open(&path)?;
        Ok((path, meta.len()))
    } else {
        Err(std::io::Error::other("it is no file"))
    }
}

/// What a file is, by its name.
pub(super) fn kind_of(path: &Path) -> AttachmentKind {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "png" | "jpg" | "jpeg" | "webp" | "heic" | "avif" | "bmp" => AttachmentKind::Photo,
        "gif" => AttachmentKind::Gif,
        "mp4" | "mov" | "mkv" | "webm" | "avi" | "m4v" | "3gp" => AttachmentKind::Video,
        "mp3" | "ogg" | "oga" | "opus" | "m4a" | "flac" | "wav" | "aac" => AttachmentKind::Audio,
        _ => AttachmentKind::File,
    }
}
