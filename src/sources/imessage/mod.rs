//! iPhone Messages: `chat.db` of a Mac, `sms.db` of an iPhone's unencrypted backup, whose
//! manifest then finds its attachments.
//!
//! Tables and codes as ReagentX/imessage-exporter documents them. Times count from 2001, in
//! nanoseconds, in seconds before 2017. iMessage and SMS with one person are one conversation, as
//! the app shows them. Which conversations are pinned is not in the database: the app keeps it
//! among its settings (`com.apple.messages.pinning.plist`), which are not read.

mod body;
mod chats;
mod messages;

pub use self::body::text;
use super::database::{Database, MAGIC};
use super::ios_backup::{self, Domain, IosBackup};
use super::{Confidence, Entry, FileTree, Found, ReadError, ReadOptions, Sink, Source, Stop};
use crate::model::{AccountRecord, Record, SourceId};
use chats::Chats;

/// iPhone Messages.
pub const SOURCE: Source = Source { id: "imessage", parts_share_a_tree: false, recognise, read };

/// What `Library/SMS/sms.db` is called in a backup: the SHA-1 of its domain and path.
const IN_BACKUP: &str = "3d0d7e5fb2ce288813306e4d4636395e047a3d28";
/// Where a backup's attachments lie on the phone.
const ATTACHMENTS: &str = "Library/SMS/";
const HEAD: usize = 64 << 10;

/// Where a database stands, and its files.
struct Place<'a> {
    tree: &'a FileTree,
    entry: &'a Entry,
    /// The backup around it.
    backup: Option<IosBackup>,
}

fn files(tree: &FileTree) -> impl Iterator<Item = (&Entry, Confidence)> {
    tree.entries().iter().filter_map(|e| {
        let name = e.path.rsplit('/').next().unwrap_or(&e.path);
        let named = matches!(name, "chat.db" | "sms.db" | IN_BACKUP);
        if !named && !name.ends_with(".db") {
            return None;
        }
        let head = tree.head(e, HEAD).ok().filter(|head| head.starts_with(MAGIC))?;
        let says = ["chat_message_join", "attributedBody", "chat_handle_join"]
            .iter()
            .any(|word| memchr::memmem::find(&head, word.as_bytes()).is_some());
        match (named, says) {
            (_, true) => Some((e, Confidence::Sure)),
            // The schema of a large one may lie further in.
            (true, false) if name != "chat.db" => Some((e, Confidence::Sure)),
            (true, false) => Some((e, Confidence::Likely)),
            (false, false) => None,
        }
    })
}

fn recognise(tree: &FileTree) -> Vec<Found> {
    let mut best = files(tree).map(|(_, confidence)| confidence).max();
    let mut what = "iPhone Messages database".to_owned();
    if best.is_none() && ios_backup::locked(tree, &[IN_BACKUP]).is_some() {
        best = Some(Confidence::Likely);
        what = "iPhone Messages in an encrypted backup".to_owned();
    }
    best.map(|confidence| Found { root: String::new(), confidence, what }).into_iter().collect()
}

fn read(tree: &FileTree, options: &ReadOptions, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let mut files = files(tree).peekable();
    if let (None, Some(why)) = (files.peek(), ios_backup::locked(tree, &[IN_BACKUP])) {
        return Err(why);
    }
    for (entry, _) in files {
        let tables = ["message", "chat", "handle", "chat_message_join"];
        let Some(db) = Database::with(&tables, tree, entry, sink)? else { continue };
        let me = options.me.clone().or(own_address(&db, sink)?).unwrap_or_else(|| "Me".to_owned());
        sink.take(Record::Account(AccountRecord {
            source: SourceId::known(SOURCE.id),
            key: options.account.clone().unwrap_or_default(),
            name: me.clone(),
            me_names: options.me.iter().cloned().collect(),
            known_by: "the database marks what is yours".to_owned(),
        }))?;
        let mut chats = Chats::tell(&db, me, sink)?;
        let domain = Domain::Named("MediaDomain");
        let backup = IosBackup::of(tree, entry, domain, ATTACHMENTS, sink)?;
        let place = Place { tree, entry, backup };
        messages::tell(&place, &db, &mut chats, sink)?;
    }
    Ok(())
}

/// The address under which I last wrote: `E:me@example.org`, `P:+447700900111`.
fn own_address(db: &Database, sink: &mut dyn Sink) -> Result<Option<String>, Stop> {
    let account = db.column("m", "message", &["account"]);
    let mut found = None;
    if account != "NULL" {
        let sql = format!(
            "SELECT {account} FROM message m WHERE m.is_from_me = 1 AND {account} LIKE '%_:_%'
             ORDER BY m.ROWID DESC LIMIT 1"
        );
        db.each(&sql, sink, &mut |r, _| {
            found = r.text(0).and_then(|a| a.split_once(':').map(|(_, own)| own.to_owned()));
            Ok(())
        })?;
    }
    Ok(found)
}
