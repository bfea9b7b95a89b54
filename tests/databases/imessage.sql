-- A Mac of nobody: the tables of chat.db, as far as they are read.
CREATE TABLE handle (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, country TEXT, service TEXT NOT NULL, person_centric_id TEXT);
CREATE TABLE chat (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, style INTEGER, state INTEGER, chat_identifier TEXT, service_name TEXT, room_name TEXT, is_archived INTEGER DEFAULT 0, display_name TEXT);
CREATE TABLE message (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, text TEXT, handle_id INTEGER DEFAULT 0, attributedBody BLOB, service TEXT, date INTEGER, date_read INTEGER, is_from_me INTEGER DEFAULT 0, is_read INTEGER DEFAULT 0, item_type INTEGER DEFAULT 0, other_handle INTEGER DEFAULT 0, group_title TEXT, group_action_type INTEGER DEFAULT 0, is_audio_message INTEGER DEFAULT 0, associated_message_guid TEXT, associated_message_type INTEGER DEFAULT 0, balloon_bundle_id TEXT, associated_message_emoji TEXT, thread_originator_guid TEXT, date_retracted INTEGER DEFAULT 0, date_edited INTEGER DEFAULT 0, account TEXT);
CREATE TABLE attachment (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, filename TEXT, mime_type TEXT, transfer_name TEXT, total_bytes INTEGER DEFAULT 0);
CREATE TABLE chat_handle_join (chat_id INTEGER, handle_id INTEGER, UNIQUE(chat_id, handle_id));
CREATE TABLE chat_message_join (chat_id INTEGER, message_id INTEGER, message_date INTEGER DEFAULT 0, PRIMARY KEY (chat_id, message_id));
CREATE TABLE message_attachment_join (message_id INTEGER, attachment_id INTEGER, UNIQUE(message_id, attachment_id));
INSERT INTO handle(ROWID, id, service) VALUES (1, '+351912345678', 'iMessage'), (2, '+351912345678', 'SMS'), (3, 'tom@example.org', 'iMessage'), (4, '+447700900999', 'SMS');
INSERT INTO chat(ROWID, guid, style, chat_identifier, service_name, is_archived, display_name) VALUES
 (1, 'iMessage;-;+351912345678', 45, '+351912345678', 'iMessage', 0, NULL),
 (2, 'SMS;-;+351912345678', 45, '+351912345678', 'SMS', 0, NULL),
 (3, 'iMessage;+;chat8001', 43, 'chat8001', 'iMessage', 1, 'Lake house');
INSERT INTO chat_handle_join VALUES (1, 1), (2, 2), (3, 1), (3, 3);
INSERT INTO message(ROWID, guid, text, handle_id, attributedBody, date, is_from_me, is_read, item_type, other_handle, group_title, group_action_type, is_audio_message, associated_message_guid, associated_message_type, balloon_bundle_id, associated_message_emoji, thread_originator_guid, date_retracted, date_edited) VALUES
 (1, 'M1', 'Are you at the station?', 1, NULL, 736246800000000000, 0, 1, 0, 0, NULL, 0, 0, NULL, 0, NULL, NULL, NULL, 0, 0),
 (2, 'M2', NULL, 0, X'040B73747265616D747970656481E803840140848484084E53537472696E67019484012B0F5965732C20706C6174666F726D203486840269490110', 736246840000000000, 1, 1, 0, 0, NULL, 0, 0, NULL, 0, NULL, NULL, 'M1', 0, 736246900000000000),
 (3, 'M3', NULL, 1, NULL, 736246860000000000, 0, 1, 0, 0, NULL, 0, 0, 'p:0/M2', 2001, NULL, NULL, NULL, 0, 0),
 (4, 'M4', NULL, 1, NULL, 736246870000000000, 0, 1, 0, 0, NULL, 0, 0, 'bp:M2', 3001, NULL, NULL, NULL, 0, 0),
 (5, 'M5', NULL, 1, NULL, 736246880000000000, 0, 1, 0, 0, NULL, 0, 0, 'p:0/M2', 2006, NULL, '🎉', NULL, 0, 0),
 (6, 'M6', 'by SMS, in the early days', 2, NULL, 400000000, 0, 0, 0, 0, NULL, 0, 0, NULL, 0, NULL, NULL, NULL, 0, 0),
 (7, 'M7', 'our train' || char(65532), 1, NULL, 736246890000000000, 0, 0, 0, 0, NULL, 0, 0, NULL, 0, NULL, NULL, NULL, 0, 0),
 (8, 'M8', NULL, 3, NULL, 736247000000000000, 0, 1, 2, 0, 'Lake house', 0, 0, NULL, 0, NULL, NULL, NULL, 0, 0),
 (9, 'M9', NULL, 3, NULL, 736247010000000000, 0, 1, 1, 1, NULL, 0, 0, NULL, 0, NULL, NULL, NULL, 0, 0),
 (10, 'M10', NULL, 3, NULL, 736247020000000000, 0, 1, 0, 0, NULL, 0, 0, NULL, 0, NULL, NULL, NULL, 0, 736247030000000000),
 (11, 'M11', NULL, 3, NULL, 736247040000000000, 0, 1, 0, 0, NULL, 0, 0, NULL, 0, 'com.apple.messages.MSMessageExtensionBalloonPlugin:0000:com.example.Polls', NULL, NULL, 0, 0),
 (12, 'M12', 'of no conversation', 4, NULL, 736247050000000000, 0, 1, 0, 0, NULL, 0, 0, NULL, 0, NULL, NULL, NULL, 0, 0),
 (13, 'M13', 'of nobody', 0, NULL, 736247060000000000, 0, 1, 0, 0, NULL, 0, 0, NULL, 0, NULL, NULL, NULL, 0, 0);
INSERT INTO attachment(ROWID, guid, filename, mime_type, transfer_name) VALUES (1, 'A1', '~/Library/Messages/Attachments/ab/11/A1/IMG_0001.jpg', 'image/jpeg', 'IMG_0001.jpg'), (2, 'A2', NULL, 'application/pdf', 'plan.pdf');
INSERT INTO message_attachment_join VALUES (7, 1), (7, 2);
INSERT INTO chat_message_join(chat_id, message_id) VALUES (1, 1), (1, 2), (1, 3), (1, 4), (1, 5), (2, 6), (1, 7), (3, 8), (3, 9), (3, 10), (3, 11);
UPDATE message SET account = 'E:sam@example.org' WHERE is_from_me = 1;
