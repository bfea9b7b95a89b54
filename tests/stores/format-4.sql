-- A store as onebox wrote it in format 4, from format-4.jsonl: six threads as exports told them, two
-- of which are one, a draft and a mark. The steps of the schema as they were, then the rows.

PRAGMA application_id = 828534648;
PRAGMA user_version = 4;

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

CREATE TABLE reindex(seq INTEGER PRIMARY KEY AUTOINCREMENT, message_id INTEGER NOT NULL);
-- Which messages another strand tells too: hits among them are left out.
CREATE INDEX message_shadow ON message(shadow) WHERE shadow = 1;

INSERT INTO meta(key, value)
  VALUES('store_id', '00112233445566778899aabbccddeeff');
INSERT INTO account(id, source, key, name, known_by)
  VALUES(1, 'messenger', 'sam.r', 'Sam', 'profile file');
INSERT INTO account(id, source, key, name, known_by)
  VALUES(2, 'whatsapp', '+4915550100', 'Sam', 'profile file');
INSERT INTO account(id, source, key, name, known_by)
  VALUES(3, 'signal', 'sam', 'Sam', 'profile file');
INSERT INTO account_name(account_id, name)
  VALUES(1, 'Sam');
INSERT INTO account_name(account_id, name)
  VALUES(2, 'Sam');
INSERT INTO account_name(account_id, name)
  VALUES(3, 'Sam');
INSERT INTO origin(id, name)
  VALUES(1, 'onebox file');
INSERT INTO thread(id, account_id, source, title, kind, messages, first_at, last_at, preview, preview_sender, preview_mine, unread, archived, cross_app, facts)
  VALUES(1, 1, 'messenger', 'Climbing crew', 'group', 2, 1709276400000, 1709277300000, '@Sam I am, are you driving?', 'Ana', 0, NULL, 0, 0, '{"membership":"unknown","posting":"everyone","strands":1}');
INSERT INTO thread(id, account_id, source, title, kind, messages, first_at, last_at, preview, preview_sender, preview_mine, unread, archived, cross_app, facts)
  VALUES(2, 1, 'messenger', 'Studio Lindqvist', 'direct', 2, 1706778000000, 1706778060000, 'come by any day', 'Studio Lindqvist', 0, 2, 1, 0, '{"membership":"unknown","posting":"everyone","strands":1}');
INSERT INTO thread(id, account_id, source, title, kind, messages, first_at, last_at, preview, preview_sender, preview_mine, unread, archived, cross_app, facts)
  VALUES(3, 1, 'messenger', 'Jonas Weber', 'direct', 3, 1704477600000, 1704528000000, 'see you', NULL, 1, NULL, 0, 0, '{"membership":"unknown","posting":"everyone","strands":2}');
INSERT INTO thread(id, account_id, source, title, kind, messages, first_at, last_at, preview, preview_sender, preview_mine, unread, archived, cross_app, facts)
  VALUES(5, 2, 'whatsapp', 'Maya Okafor', 'direct', 2, 1714557600000, 1714557660000, 'the key is under the pot', 'Maya Okafor', 0, NULL, 0, 0, '{"membership":"unknown","posting":"everyone","address":"+420604111222","strands":1}');
INSERT INTO thread(id, account_id, source, title, kind, messages, first_at, last_at, preview, preview_sender, preview_mine, unread, archived, cross_app, facts)
  VALUES(6, 3, 'signal', 'Maya O.', 'direct', 1, 1711965660000, 1711965660000, 'hello from here', 'Maya O.', 0, NULL, 0, 0, '{"membership":"unknown","posting":"everyone","address":"+420 604 111 222","strands":1}');
INSERT INTO strand(id, thread_id, account_id, key, origin_id, told, messages, first_at, last_at)
  VALUES(1, 1, 1, 'crew', 1, '{"key":"crew","origin":"onebox file","title":"Climbing crew","kind":"group","membership":"unknown","posting":"everyone","folder":null,"archived":false,"unread":null,"cross_app":null,"read_only":null,"will_be_read_only":null,"stitch":"overlap","address":null}', 2, 1709276400000, 1709277300000);
INSERT INTO strand(id, thread_id, account_id, key, origin_id, told, messages, first_at, last_at)
  VALUES(2, 2, 1, 'old', 1, '{"key":"old","origin":"onebox file","title":"Studio Lindqvist","kind":"direct","membership":"unknown","posting":"everyone","folder":null,"archived":true,"unread":2,"cross_app":null,"read_only":null,"will_be_read_only":null,"stitch":"overlap","address":null}', 2, 1706778000000, 1706778060000);
INSERT INTO strand(id, thread_id, account_id, key, origin_id, told, messages, first_at, last_at)
  VALUES(3, 3, 1, 'jonas-box', 1, '{"key":"jonas-box","origin":"onebox file","title":"Jonas Weber","kind":"direct","membership":"unknown","posting":"everyone","folder":null,"archived":false,"unread":null,"cross_app":null,"read_only":null,"will_be_read_only":null,"stitch":"overlap","address":null}', 2, 1704477600000, 1704477720000);
INSERT INTO strand(id, thread_id, account_id, key, origin_id, told, messages, first_at, last_at)
  VALUES(4, 3, 1, 'jonas-copy', 1, '{"key":"jonas-copy","origin":"onebox file","title":"Jonas Weber","kind":"direct","membership":"unknown","posting":"everyone","folder":null,"archived":false,"unread":null,"cross_app":null,"read_only":null,"will_be_read_only":null,"stitch":"overlap","address":null}', 2, 1704477720000, 1704528000000);
INSERT INTO strand(id, thread_id, account_id, key, origin_id, told, messages, first_at, last_at)
  VALUES(5, 5, 2, 'maya', 1, '{"key":"maya","origin":"onebox file","title":"Maya Okafor","kind":"direct","membership":"unknown","posting":"everyone","folder":null,"archived":false,"unread":null,"cross_app":null,"read_only":null,"will_be_read_only":null,"stitch":"overlap","address":"+420604111222"}', 2, 1714557600000, 1714557660000);
INSERT INTO strand(id, thread_id, account_id, key, origin_id, told, messages, first_at, last_at)
  VALUES(6, 6, 3, 'm', 1, '{"key":"m","origin":"onebox file","title":"Maya O.","kind":"direct","membership":"unknown","posting":"everyone","folder":null,"archived":false,"unread":null,"cross_app":null,"read_only":null,"will_be_read_only":null,"stitch":"overlap","address":"+420 604 111 222"}', 1, 1711965660000, 1711965660000);
INSERT INTO participant(id, strand_id, key, name, source, told_me, is_me, placeholder, gone)
  VALUES(1, 1, 'Ana', 'Ana', NULL, 0, 0, 0, 0);
INSERT INTO participant(id, strand_id, key, name, source, told_me, is_me, placeholder, gone)
  VALUES(2, 1, 'Ben', 'Ben', NULL, 0, 0, 0, 0);
INSERT INTO participant(id, strand_id, key, name, source, told_me, is_me, placeholder, gone)
  VALUES(3, 1, 'Sam', 'Sam', NULL, 1, 1, 0, 0);
INSERT INTO participant(id, strand_id, key, name, source, told_me, is_me, placeholder, gone)
  VALUES(4, 2, 'Studio Lindqvist', 'Studio Lindqvist', NULL, 0, 0, 0, 0);
INSERT INTO participant(id, strand_id, key, name, source, told_me, is_me, placeholder, gone)
  VALUES(5, 2, 'Sam', 'Sam', NULL, 1, 1, 0, 0);
INSERT INTO participant(id, strand_id, key, name, source, told_me, is_me, placeholder, gone)
  VALUES(6, 3, 'Jonas Weber', 'Jonas Weber', NULL, 0, 0, 0, 0);
INSERT INTO participant(id, strand_id, key, name, source, told_me, is_me, placeholder, gone)
  VALUES(7, 3, 'Sam', 'Sam', NULL, 1, 1, 0, 0);
INSERT INTO participant(id, strand_id, key, name, source, told_me, is_me, placeholder, gone)
  VALUES(8, 4, 'Jonas Weber', 'Jonas Weber', NULL, 0, 0, 0, 0);
INSERT INTO participant(id, strand_id, key, name, source, told_me, is_me, placeholder, gone)
  VALUES(9, 4, 'Sam', 'Sam', NULL, 1, 1, 0, 0);
INSERT INTO participant(id, strand_id, key, name, source, told_me, is_me, placeholder, gone)
  VALUES(10, 5, 'Maya Okafor', 'Maya Okafor', NULL, 0, 0, 0, 0);
INSERT INTO participant(id, strand_id, key, name, source, told_me, is_me, placeholder, gone)
  VALUES(11, 5, 'Sam', 'Sam', NULL, 1, 1, 0, 0);
INSERT INTO participant(id, strand_id, key, name, source, told_me, is_me, placeholder, gone)
  VALUES(12, 6, 'Maya O.', 'Maya O.', NULL, 0, 0, 0, 0);
INSERT INTO participant(id, strand_id, key, name, source, told_me, is_me, placeholder, gone)
  VALUES(13, 6, 'Sam', 'Sam', NULL, 1, 1, 0, 0);
INSERT INTO message(id, thread_id, strand_id, sent_at, ord, fp, sender_id, kind, flags, shadow, text, more)
  VALUES(1, 1, 1, 1709276400000, 0, 2569381909394845165, 3, 0, 0, 0, 'who is in on Sunday?', NULL);
INSERT INTO message(id, thread_id, strand_id, sent_at, ord, fp, sender_id, kind, flags, shadow, text, more)
  VALUES(2, 1, 1, 1709277300000, 0, -8510286843844411672, 1, 0, 0, 0, '@Sam I am, are you driving?', NULL);
INSERT INTO message(id, thread_id, strand_id, sent_at, ord, fp, sender_id, kind, flags, shadow, text, more)
  VALUES(3, 2, 2, 1706778000000, 0, 2292391150936781567, 4, 0, 0, 0, 'your photos are ready', NULL);
INSERT INTO message(id, thread_id, strand_id, sent_at, ord, fp, sender_id, kind, flags, shadow, text, more)
  VALUES(4, 2, 2, 1706778060000, 0, 2769550780238973588, 4, 0, 0, 0, 'come by any day', NULL);
INSERT INTO message(id, thread_id, strand_id, sent_at, ord, fp, sender_id, kind, flags, shadow, text, more)
  VALUES(5, 3, 3, 1704477600000, 0, 3777578570188354043, 6, 0, 0, 0, 'did the parcel arrive?', NULL);
INSERT INTO message(id, thread_id, strand_id, sent_at, ord, fp, sender_id, kind, flags, shadow, text, more)
  VALUES(6, 3, 3, 1704477720000, 0, 7923695099002140379, 7, 0, 0, 0, 'yes, thank you', NULL);
INSERT INTO message(id, thread_id, strand_id, sent_at, ord, fp, sender_id, kind, flags, shadow, text, more)
  VALUES(7, 3, 4, 1704477720000, 0, 7923695099002140379, 9, 0, 0, 1, 'yes, thank you', NULL);
INSERT INTO message(id, thread_id, strand_id, sent_at, ord, fp, sender_id, kind, flags, shadow, text, more)
  VALUES(8, 3, 4, 1704528000000, 0, 1388026192063868941, 9, 0, 0, 0, 'see you', NULL);
INSERT INTO message(id, thread_id, strand_id, sent_at, ord, fp, sender_id, kind, flags, shadow, text, more)
  VALUES(9, 5, 5, 1714557600000, 0, -85858025638191714, 11, 0, 0, 0, 'lunch?', NULL);
INSERT INTO message(id, thread_id, strand_id, sent_at, ord, fp, sender_id, kind, flags, shadow, text, more)
  VALUES(10, 5, 5, 1714557660000, 0, -1648992804908924893, 10, 0, 0, 0, 'the key is under the pot', NULL);
INSERT INTO message(id, thread_id, strand_id, sent_at, ord, fp, sender_id, kind, flags, shadow, text, more)
  VALUES(11, 6, 6, 1711965660000, 0, 2105119769046322236, 12, 0, 0, 0, 'hello from here', NULL);
INSERT INTO draft(thread_id, text, saved_at)
  VALUES(5, 'thanks, I found', 1714600000000);
INSERT INTO mark(thread_id, mark)
  VALUES(6, '{"read_only":true,"cross_app":null,"not_cross_app":false}');
