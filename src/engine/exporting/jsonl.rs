//! Threads as lines of the interchange format, which import reads back to the same inbox.

use std::path::Path;
use std::sync::Arc;

use super::files::{Part, failed};
use super::{Export, ExportReport};
use crate::engine::{Engine, EngineError};
use crate::model::{
    AccountRecord, Attachment, MediaPlace, MessageRecord, ParticipantRecord, Reaction, Record,
    ThreadId, ThreadRecord,
};
use crate::sources::interchange::Writer;
use crate::store::{StoreError, StoredAttachment, StoredMessage, StrandInfo};

impl Engine {
    /// Writes threads to one file in a folder.
    pub(super) fn export_jsonl(
        &self,
        ids: &[ThreadId],
        to: &Path,
        export: &mut Export<'_>,
    ) -> Result<ExportReport, EngineError> {
        let file = to.join("onebox.jsonl");
        let (mut part, out) = Part::file(&file)?;
        let mut writer = Writer::new(out).map_err(failed(part.path()))?;
        let mut report = ExportReport { file: file.clone(), ..ExportReport::default() };
        let accounts = self.reader.accounts()?;
        for id in ids {
            let stored = self.stored(*id)?;
            if let Some(a) = accounts.iter().find(|a| a.id == stored.account) {
                let account = Record::Account(AccountRecord {
                    source: a.source.clone(),
                    key: a.key.clone(),
                    name: a.name.clone(),
                    me_names: a.names.clone(),
                    known_by: a.known_by.clone(),
                });
                writer.record(&account).map_err(failed(part.path()))?;
            }
            for strand in self.reader.strands(*id)? {
                let written = self.write_strand(&mut writer, *id, &strand, part.path(), export)?;
                let Some(written) = written else {
                    return Ok(ExportReport { stopped: true, ..ExportReport::default() });
                };
                report.messages += written;
            }
            report.threads += 1;
        }
        writer.finish().map_err(failed(part.path()))?;
        part.keep()?;
        report.files = 1;
        Ok(report)
    }

    /// `None`: it was stopped.
    fn write_strand<W: std::io::Write>(
        &self,
        writer: &mut Writer<W>,
        thread: ThreadId,
        strand: &StrandInfo,
        part: &Path,
        export: &mut Export<'_>,
    ) -> Result<Option<u64>, EngineError> {
        let mut put = |record: &Record| writer.record(record).map_err(failed(part));
        let key = strand.told.key.clone();
        // A file is an archive.
        put(&Record::Thread(Box::new(ThreadRecord { live: None, ..strand.told.clone() })))?;
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
            if !export.goes_on(1) {
                return Ok(None);
            }
        }
        Ok(Some(count))
    }
}

fn record_of(m: StoredMessage, thread: &Arc<str>) -> MessageRecord {
    MessageRecord {
        thread: thread.clone(),
        native_id: m.native_id,
        id_is_shared: false,
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
        forwarded_from: m.forwarded_from,
        send_state: m.send_state,
        client_key: None,
        notify: None,
        formerly: None,
    }
}

fn attachment(a: StoredAttachment) -> Attachment {
    let place = match (a.container_path, a.url, a.path) {
        (None, Some(url), _) | (Some(_), Some(url), None) => MediaPlace::Web { url },
        (container, _, Some(path)) => {
            // What takes this in opens the file as this onebox does.
            let path = a.wrapped.map_or_else(|| path.clone(), |w| w.onto(&path));
            MediaPlace::Export { path, container }
        }
        (_, None, None) => MediaPlace::Omitted,
    };
    Attachment { kind: a.kind, name: a.name, place }
}

impl From<serde_json::Error> for EngineError {
    fn from(e: serde_json::Error) -> Self {
        Self::Store(StoreError::Damaged(e))
    }
}
