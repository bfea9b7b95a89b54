//! The schema and its migrations. A migration is never edited once released; add the next one.

use rusqlite::Connection;

use super::StoreError;

/// "1box" in ASCII: tells our files from other programs' databases.
pub const APPLICATION_ID: i64 = 0x3162_6f78;

/// One step per format version, applied in order inside one transaction each.
pub const MIGRATIONS: &[&str] = &[
    V1,
    V2_INDEX,
    V3,
    V4,
    V5_PEOPLE,
    V6_TRIAGE,
    V7_REPLY,
    V8_LIVE,
    V9_SAME,
    V10_MINUTES,
    V11_ALIAS,
];

/// The format that this program writes.
pub const VERSION: i64 = MIGRATIONS.len() as i64;

const V1: &str = "
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE account(
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  known_by TEXT NOT NULL,
  UNIQUE(source, key)
);
-- Every name under which I write: participants of the account who bear one are me.
CREATE TABLE account_name(
  account_id INTEGER NOT NULL REFERENCES account(id),
  name TEXT NOT NULL,
  PRIMARY KEY(account_id, name)
) WITHOUT ROWID;

-- Zips and folders on disk that hold media, and doors that strands came through: short numbers
-- for long strings.
CREATE TABLE container(id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE TABLE origin(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

-- What the person sees. All but id, source and account_id is derived from the strands.
CREATE TABLE thread(
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account(id),
  source TEXT NOT NULL,
  title TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT 'direct',
  messages INTEGER NOT NULL DEFAULT 0,
  first_at INTEGER,
  last_at INTEGER,
  preview TEXT NOT NULL DEFAULT '',
  preview_sender TEXT,
  preview_mine INTEGER NOT NULL DEFAULT 0,
  unread INTEGER,
  archived INTEGER NOT NULL DEFAULT 0,
  cross_app INTEGER NOT NULL DEFAULT 0,
  facts TEXT NOT NULL DEFAULT '{}'
);
-- The order of the list, with all that a view asks of a thread, so that counting a view reads no
-- previews.
CREATE INDEX thread_by_time ON thread(last_at DESC, id DESC, archived, source, unread, cross_app);
CREATE INDEX thread_by_title ON thread(source, title);

CREATE TABLE strand(
  id INTEGER PRIMARY KEY,
  thread_id INTEGER NOT NULL REFERENCES thread(id),
  account_id INTEGER NOT NULL REFERENCES account(id),
  key TEXT NOT NULL,
  origin_id INTEGER NOT NULL REFERENCES origin(id),
  told TEXT NOT NULL,
  messages INTEGER NOT NULL DEFAULT 0,
  first_at INTEGER,
  last_at INTEGER,
  UNIQUE(account_id, key)
);
CREATE INDEX strand_by_thread ON strand(thread_id);

CREATE TABLE participant(
  id INTEGER PRIMARY KEY,
  strand_id INTEGER NOT NULL REFERENCES strand(id),
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  source TEXT,
  told_me INTEGER NOT NULL DEFAULT 0,
  is_me INTEGER NOT NULL DEFAULT 0,
  placeholder INTEGER NOT NULL DEFAULT 0,
  gone INTEGER NOT NULL DEFAULT 0,
  UNIQUE(strand_id, key)
);

CREATE TABLE message(
  id INTEGER PRIMARY KEY,
  thread_id INTEGER NOT NULL,
  strand_id INTEGER NOT NULL,
  sent_at INTEGER NOT NULL,
  ord INTEGER NOT NULL,
  fp INTEGER NOT NULL,
  sender_id INTEGER,
  kind INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  shadow INTEGER NOT NULL DEFAULT 0,
  text TEXT NOT NULL,
  more TEXT
);
-- A page of a thread is one seek and a walk. Messages that another strand of the thread tells too
-- are shadows and not in it.
CREATE INDEX message_page ON message(thread_id, sent_at, ord, id) WHERE shadow = 0;
CREATE UNIQUE INDEX message_key ON message(strand_id, fp);

CREATE TABLE draft(
  thread_id INTEGER PRIMARY KEY REFERENCES thread(id),
  text TEXT NOT NULL,
  saved_at INTEGER NOT NULL
);
CREATE TABLE mark(
  thread_id INTEGER PRIMARY KEY REFERENCES thread(id),
  mark TEXT NOT NULL
);

CREATE TABLE import(
  id INTEGER PRIMARY KEY,
  started_at INTEGER NOT NULL,
  finished_at INTEGER,
  what TEXT NOT NULL,
  report TEXT
);
CREATE TABLE oddity(
  import_id INTEGER NOT NULL REFERENCES import(id),
  file TEXT NOT NULL,
  at TEXT NOT NULL,
  why TEXT NOT NULL
);
CREATE INDEX oddity_by_import ON oddity(import_id);
";

/// What the search index must take in anew: messages that changed after it had taken them in. New
/// messages need no entry, since their numbers only grow.
const V2_INDEX: &str = "
CREATE TABLE reindex(seq INTEGER PRIMARY KEY AUTOINCREMENT, message_id INTEGER NOT NULL);
-- Which messages another strand tells too: hits among them are left out.
CREATE INDEX message_shadow ON message(shadow) WHERE shadow = 1;
INSERT INTO meta(key, value) VALUES('store_id', lower(hex(randomblob(16))));
";

/// Two numbers that were given out without a change.
const V3: &str = "";
const V4: &str = "";

/// Who is who. Identities are derived and keep their numbers; the other tables are the person's word.
/// Stores of before are settled once, so that everybody in them gets an identity.
const V5_PEOPLE: &str = "
CREATE TABLE identity(
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account(id),
  source TEXT NOT NULL,
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  address TEXT,
  phone TEXT,
  UNIQUE(account_id, source, key)
);
ALTER TABLE participant ADD COLUMN identity_id INTEGER REFERENCES identity(id);
CREATE INDEX participant_by_identity ON participant(identity_id, strand_id);
-- The smaller identity comes first.
CREATE TABLE people_word(
  word TEXT NOT NULL CHECK(word IN ('link', 'cut', 'later')),
  a INTEGER NOT NULL REFERENCES identity(id),
  b INTEGER NOT NULL REFERENCES identity(id),
  PRIMARY KEY(word, a, b), CHECK(a < b)
) WITHOUT ROWID;
CREATE TABLE contact(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL);
CREATE TABLE contact_address(
  contact_id INTEGER NOT NULL REFERENCES contact(id),
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY(contact_id, kind, value)
) WITHOUT ROWID;
INSERT OR REPLACE INTO meta(key, value) SELECT 'unsettled', '1' WHERE EXISTS(SELECT 1 FROM account);
";

/// What the person did with threads and messages.
const V6_TRIAGE: &str = "
CREATE TABLE triage(
  thread_id INTEGER PRIMARY KEY REFERENCES thread(id),
  archived INTEGER,
  pinned INTEGER NOT NULL,
  muted INTEGER NOT NULL,
  unread INTEGER,
  read_to INTEGER,
  snoozed_until INTEGER
);
CREATE TABLE label(
  thread_id INTEGER NOT NULL REFERENCES thread(id),
  name TEXT NOT NULL,
  PRIMARY KEY(thread_id, name)
) WITHOUT ROWID;
CREATE TABLE star(message_id INTEGER PRIMARY KEY, strand_id INTEGER NOT NULL);
CREATE INDEX star_by_strand ON star(strand_id);
-- What comes of these and of the exports, worked out whenever either changes.
ALTER TABLE thread ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE thread ADD COLUMN muted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE thread ADD COLUMN snoozed_until INTEGER;
ALTER TABLE thread ADD COLUMN awaiting INTEGER NOT NULL DEFAULT 0;
ALTER TABLE thread ADD COLUMN mentioned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE thread ADD COLUMN stars INTEGER NOT NULL DEFAULT 0;
ALTER TABLE thread ADD COLUMN labels TEXT NOT NULL DEFAULT '[]';
DROP INDEX thread_by_time;
CREATE INDEX thread_by_time ON thread(pinned DESC, last_at DESC, id DESC, archived, source, unread,
  cross_app, snoozed_until, stars);
CREATE INDEX thread_unread_first ON thread(pinned DESC, (coalesce(unread, 0) > 0) DESC,
  last_at DESC, id DESC, archived, source, unread, cross_app, snoozed_until, stars);
-- What is asked of me in threads of before is worked out once.
INSERT OR REPLACE INTO meta(key, value) SELECT 'unsettled', 'all' WHERE EXISTS(SELECT 1 FROM account);
";

/// The message that a draft answers.
const V7_REPLY: &str = "
ALTER TABLE draft ADD COLUMN reply_to INTEGER;
";

/// Live accounts, what waits to be sent by them, and what they told of messages that had not come.
const V8_LIVE: &str = "
CREATE TABLE live_account(
  id INTEGER PRIMARY KEY,
  connector TEXT NOT NULL,
  me TEXT NOT NULL DEFAULT '',
  quiet INTEGER NOT NULL DEFAULT 0,
  hosts TEXT NOT NULL DEFAULT '[]',
  can TEXT NOT NULL DEFAULT '[]',
  removed INTEGER NOT NULL DEFAULT 0
);
ALTER TABLE account ADD COLUMN live_id INTEGER REFERENCES live_account(id);
-- An account that two doors tell under two keys.
CREATE TABLE account_alias(
  source TEXT NOT NULL,
  key TEXT NOT NULL,
  account_id INTEGER NOT NULL REFERENCES account(id),
  PRIMARY KEY(source, key)
) WITHOUT ROWID;
ALTER TABLE participant ADD COLUMN read_to INTEGER;
-- In the order in which it was written. A message in it is also in the table of messages.
CREATE TABLE outbox(
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE,
  live_id INTEGER NOT NULL REFERENCES live_account(id),
  strand_id INTEGER NOT NULL REFERENCES strand(id),
  message_id INTEGER,
  work TEXT NOT NULL,
  state TEXT NOT NULL CHECK(state IN ('queued', 'sending', 'unconfirmed', 'failed')),
  attempt INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX outbox_by_account ON outbox(live_id, state, seq);
CREATE INDEX outbox_by_message ON outbox(message_id);
-- Changes of messages that have not been told yet.
CREATE TABLE ahead(
  seq INTEGER PRIMARY KEY,
  strand_id INTEGER NOT NULL,
  fp INTEGER NOT NULL,
  what TEXT NOT NULL
);
CREATE INDEX ahead_by_message ON ahead(strand_id, fp);
-- Where messages are missing: right before this one, or before the oldest (0).
CREATE TABLE gap(
  strand_id INTEGER NOT NULL,
  fp INTEGER NOT NULL,
  token TEXT NOT NULL,
  PRIMARY KEY(strand_id, fp)
) WITHOUT ROWID;
";

/// Accounts of which the person said that they are one: all name the oldest of them. What was said of
/// threads before they became one by it stands with a strand of each, and what was said of the one
/// right after.
const V9_SAME: &str = "
ALTER TABLE account ADD COLUMN same_as INTEGER REFERENCES account(id);
CREATE TABLE said_apart(
  strand_id INTEGER PRIMARY KEY REFERENCES strand(id),
  words TEXT NOT NULL,
  since TEXT
);
";

/// Fingerprints in the order of minutes, in stores that hold no other.
const V10_MINUTES: &str = "
INSERT INTO meta(key, value) SELECT 'fingerprints', 'by minute'
  WHERE NOT EXISTS(SELECT 1 FROM message);
";

/// Other names that a participant bears in exports that know people by name alone.
const V11_ALIAS: &str = "
CREATE TABLE alias(
  strand_id INTEGER NOT NULL REFERENCES strand(id),
  key TEXT NOT NULL,
  participant_id INTEGER NOT NULL REFERENCES participant(id),
  PRIMARY KEY(strand_id, key)
) WITHOUT ROWID;
";

/// Whether a database has this program's format.
pub fn is_current(db: &Connection) -> Result<bool, StoreError> {
    let version: i64 = db.query_row("PRAGMA user_version", [], |r| r.get(0))?;
    Ok(version == VERSION)
}

/// Brings a database to this program's format.
pub fn migrate(db: &mut Connection) -> Result<(), StoreError> {
    // Every start comes by here: without news it writes nothing, waits for nobody, and a store on
    // a full disk can be read.
    if is_current(db)? {
        return Ok(());
    }
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    // Read inside the transaction: of two programs that start at once only one migrates.
    let from: i64 = tx.query_row("PRAGMA user_version", [], |r| r.get(0))?;
    for step in MIGRATIONS.iter().skip(usize::try_from(from).unwrap_or(0)) {
        tx.execute_batch(step)?;
    }
    tx.pragma_update(None, "user_version", VERSION)?;
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.commit()?;
    Ok(())
}
