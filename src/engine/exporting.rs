//! Writes threads to files that outlive every app.

use std::fs;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Engine, EngineError};
use crate::model::{
    AccountRecord, Attachment, MediaPlace, MessageRecord, ParticipantRecord, Reaction, Record,
    ThreadId,
};
use crate::sources::interchange::Writer;
use crate::store::{StoreError, StoredAttachment, StoredMessage, StrandInfo, ThreadQuery};

/// What an export is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// onebox's own interchange format.
    Jsonl,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportReport {
    /// The file.
    pub file: PathBuf,
    /// How many threads.
    pub threads: u64,
    /// How many messages, those included that several exports tell.
    pub messages: u64,
}

impl Engine {
    /// Writes threads (all, if none are named) to a new file in a folder.
    pub fn export(
        &self,
        threads: &[ThreadId],
        format: ExportFormat,
        to: &Path,
    ) -> Result<ExportReport, EngineError> {
        let ExportFormat::Jsonl = format;
        let ids = self.wanted(threads)?;
        let failed = |path: &Path| {
            let path = path.display().to_string();
            move |why| EngineError::Write { path, why }
        };
        fs::create_dir_all(to).map_err(failed(to))?;
        let file = to.join("onebox.jsonl");
        // Written beside and moved: a broken-off export never stands where a whole one did.
        let part = to.join("onebox.jsonl.part");
        let out = private_file(&part).map_err(failed(&part))?;
        let mut writer = Writer::new(BufWriter::new(out)).map_err(failed(&part))?;
        let mut report = ExportReport { file: file.clone(), threads: 0, messages: 0 };
        let accounts = self.reader.accounts()?;
        for id in ids {
            let stored = self.stored(id)?;
            if let Some(a) = accounts.iter().find(|a| a.id == stored.account) {
                let account = Record::Account(AccountRecord {
                    source: a.source.clone(),
                    key: a.key.clone(),
                    name: a.name.clone(),
                    me_names: a.names.clone(),
                    known_by: a.known_by.clone(),
                });
                writer.record(&account).map_err(failed(&part))?;
            }
            for strand in self.reader.strands(id)? {
                report.messages += self.write_strand(&mut writer, id, &strand, &part)?;
            }
            report.threads += 1;
        }
        writer.finish().map_err(failed(&part))?;
        fs::rename(&part, &file).map_err(failed(&file))?;
        Ok(report)
    }

    fn wanted(&self, threads: &[ThreadId]) -> Result<Vec<ThreadId>, EngineError> {
        if !threads.is_empty() {
            for id in threads {
                self.stored(*id)?;
            }
            return Ok(threads.to_vec());
        }
        let all = self.reader.threads(&ThreadQuery::default(), 0, usize::MAX)?;
        Ok(all.into_iter().map(|t| t.id).collect())
    }

    fn write_strand<W: std::io::Write>(
        &self,
        writer: &mut Writer<W>,
        thread: ThreadId,
        strand: &StrandInfo,
        part: &Path,
    ) -> Result<u64, EngineError> {
        let mut put = |record: &Record| {
            writer
                .record(record)
                .map_err(|why| EngineError::Write { path: part.display().to_string(), why })
        };
        let key = strand.told.key.clone();
        put(&Record::Thread(Box::new(strand.told.clone())))?;
        for p in self.reader.strand_participants(strand.id)? {
            put(&Record::Participant(ParticipantRecord {
                thread: key.clone(),
                key: p.key.as_str().into(),
                name: p.name,
                source: p.source,
                is_me: p.is_me,
                placeholder: p.placeholder,
                left: p.gone,
            }))?;
        }
        let mut count = 0;
        for id in self.reader.strand_order(strand.id)? {
            // Gone meanwhile: another onebox has regrouped or cleared something.
            let Some(m) = self.reader.message(id)? else { continue };
            debug_assert_eq!(m.thread, thread);
            put(&Record::Message(Box::new(record_of(m, &key))))?;
            count += 1;
        }
        Ok(count)
    }
}

fn private_file(path: &Path) -> std::io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn record_of(m: StoredMessage, thread: &Arc<str>) -> MessageRecord {
    MessageRecord {
        thread: thread.clone(),
        native_id: m.native_id,
        sender: m.sender_key.map(Arc::from),
        sent: m.sent,
        order: m.order,
        kind: m.kind,
        text: m.text,
        attachments: m.attachments.into_iter().map(attachment).collect(),
        reactions: m
            .reactions
            .into_iter()
            .map(|r| Reaction {
                emoji: r.emoji,
                by: r.by.into(),
                at: r.at.map(crate::model::Timestamp),
            })
            .collect(),
        reply_to: m.reply_to,
        edited: m.edited,
        deletion: m.deletion,
        forwarded: m.forwarded,
        send_state: m.send_state,
    }
}

fn attachment(a: StoredAttachment) -> Attachment {
    let place = match (a.url, a.path) {
        (Some(url), _) => MediaPlace::Web { url },
        (None, Some(path)) => MediaPlace::Export { path, container: a.container_path },
        (None, None) => MediaPlace::Omitted,
    };
    Attachment { kind: a.kind, name: a.name, place }
}

impl From<serde_json::Error> for EngineError {
    fn from(e: serde_json::Error) -> Self {
        Self::Store(StoreError::Damaged(e))
    }
}
