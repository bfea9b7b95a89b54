-- The phone of nobody, some years earlier: the tables of a 2018 msgstore.db, as far as they are read.
CREATE TABLE messages (_id INTEGER PRIMARY KEY AUTOINCREMENT, key_remote_jid TEXT NOT NULL, key_from_me INTEGER, key_id TEXT NOT NULL, status INTEGER, needs_push INTEGER, data TEXT, timestamp INTEGER, media_url TEXT, media_mime_type TEXT, media_wa_type TEXT, media_size INTEGER, media_name TEXT, media_caption TEXT, media_duration INTEGER, origin INTEGER, latitude REAL, longitude REAL, thumb_image TEXT, remote_resource TEXT, received_timestamp INTEGER, quoted_row_id INTEGER, edit_version INTEGER, forwarded INTEGER);
CREATE TABLE messages_quotes (_id INTEGER PRIMARY KEY AUTOINCREMENT, key_remote_jid TEXT NOT NULL, key_from_me INTEGER, key_id TEXT NOT NULL, data TEXT, timestamp INTEGER, media_wa_type TEXT, remote_resource TEXT);
CREATE TABLE messages_vcards (_id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER, sender_jid TEXT, vcard TEXT);
CREATE TABLE chat_list (_id INTEGER PRIMARY KEY AUTOINCREMENT, key_remote_jid TEXT UNIQUE, message_table_id INTEGER, subject TEXT, creation INTEGER, archived INTEGER, sort_timestamp INTEGER, unseen_message_count INTEGER);
CREATE TABLE group_participants (_id INTEGER PRIMARY KEY AUTOINCREMENT, gjid TEXT NOT NULL, jid TEXT NOT NULL, admin INTEGER, pending INTEGER);
CREATE TABLE call_logs (_id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER, transaction_id INTEGER, video_call INTEGER, duration INTEGER, call_result INTEGER);
CREATE TABLE props (_id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE, value TEXT);

INSERT INTO props(key, value) VALUES ('user_push_name', 'Sam Rivera');
INSERT INTO chat_list(key_remote_jid, subject, archived, unseen_message_count) VALUES
 ('351912345678@s.whatsapp.net', NULL, NULL, 1),
 ('447700900000-1500000000@g.us', 'Choir', 1, 0),
 ('120363000000000001@g.us', 'Lake house', 0, 0),
 ('status@broadcast', NULL, NULL, 0);
INSERT INTO group_participants(gjid, jid, admin) VALUES
 ('120363000000000001@g.us', '351912345678@s.whatsapp.net', 1),
 ('120363000000000001@g.us', '', 0),
 ('447700900000-1500000000@g.us', '447700900333@s.whatsapp.net', 1);
INSERT INTO messages_quotes VALUES (1, '351912345678@s.whatsapp.net', 0, 'A1', 'Are you at the station?', 1714554000000, '0', NULL);
INSERT INTO messages_vcards(message_row_id, sender_jid, vcard) VALUES
 (12, '351912345678@s.whatsapp.net', 'BEGIN:VCARD
VERSION:3.0
FN:Rui Costa
END:VCARD');
INSERT INTO messages(_id, key_remote_jid, key_from_me, key_id, status, data, timestamp, media_mime_type, media_wa_type, media_size, media_name, media_caption, origin, latitude, longitude, thumb_image, remote_resource, quoted_row_id, edit_version, forwarded) VALUES
 (1, '-1', 0, '-1', -1, NULL, 0, NULL, '0', -1, NULL, NULL, 0, 0, 0, NULL, NULL, 0, NULL, 0),
 (2, '351912345678@s.whatsapp.net', 0, 'A1', 0, 'Are you at the station?', 1714554000000, NULL, '0', 0, NULL, NULL, 0, 0, 0, NULL, NULL, 0, 0, 0),
 (3, '120363000000000001@g.us', 1, 'G1', 6, 'Lake house', 1714550000000, NULL, '0', 11, NULL, NULL, 0, 0, 0, NULL, NULL, 0, 0, 0),
 (4, '351912345678@s.whatsapp.net', 1, 'A2', 13, 'Yes, platform 4', 1714554040000, NULL, '0', 0, NULL, NULL, 0, 0, 0, NULL, NULL, 1, 0, 0),
 (5, '351912345678@s.whatsapp.net', 0, 'A3', 0, 'iVBORw0KGgo=', 1714554100000, 'image/jpeg', '1', 100, NULL, 'our train', 0, 0, 0, CAST(X'ACED00057372000C6A6176612E696F2E46696C6574004A' AS TEXT) || '/storage/emulated/0/WhatsApp/Media/WhatsApp Images/IMG-20240501-WA0001.jpgxp', '', 0, 0, 1),
 (6, '351912345678@s.whatsapp.net', 0, 'A4', 0, NULL, 1714554110000, 'audio/ogg; codecs=opus', '2', 100, NULL, NULL, 1, 0, 0, NULL, NULL, 0, 0, 0),
 (7, '351912345678@s.whatsapp.net', 0, 'A5', 0, NULL, 1714554120000, NULL, '15', 0, NULL, NULL, 0, 0, 0, NULL, NULL, 0, 7, 0),
 (8, '351912345678@s.whatsapp.net', 0, 'A6', 0, NULL, 1714554130000, NULL, '5', 0, 'Old pier', NULL, 0, 38.7, -9.1, NULL, NULL, 0, 0, 0),
 (9, '120363000000000001@g.us', 0, 'G2', 0, 'I bring the boat', 1714551000000, NULL, '0', 0, NULL, NULL, 0, 0, 0, NULL, '447700900333@s.whatsapp.net', 0, 0, 1),
 (10, '120363000000000001@g.us', 0, 'G9', 6, NULL, 1714551500000, NULL, '0', 12, NULL, NULL, 0, 0, 0, CAST(X'ACED0005737200136A6176612E7574696C2E41727261794C69737474001B' AS TEXT) || '447700900444@s.whatsapp.netx', '351912345678@s.whatsapp.net', 0, 0, 0),
 (11, '447700900000-1500000000@g.us', 0, 'C1', 0, 'score', 1714552000000, 'application/pdf', '9', 5000, 'score.pdf', 'alto and tenor', 0, 0, 0, NULL, '447700900333@s.whatsapp.net', 0, 0, 0),
 (12, '351912345678@s.whatsapp.net', 0, 'A9', 0, 'BEGIN:VCARD and so on', 1714554160000, NULL, '4', 0, 'Rui Costa', NULL, 0, 0, 0, NULL, NULL, 0, 0, 0),
 (13, '351912345678@s.whatsapp.net', 0, 'call:77', 0, NULL, 1714554170000, NULL, '8', 0, NULL, NULL, 0, 0, 0, NULL, NULL, 0, 0, 0),
 (14, '447700900555@s.whatsapp.net', 0, 'D1', 0, 'from a chat without a row', 1714554180000, NULL, '0', 0, NULL, NULL, 0, 0, 0, NULL, NULL, 0, 0, 0),
 (15, 'status@broadcast', 0, 'ST1', 0, 'a story', 1714641000000, NULL, '1', 0, NULL, NULL, 0, 0, 0, NULL, '447700900333@s.whatsapp.net', 0, 0, 0),
 (16, '351912345678@s.whatsapp.net', 0, 'A16', 0, 'without a time', 0, NULL, '0', 0, NULL, NULL, 0, 0, 0, NULL, NULL, 0, 0, 0);
INSERT INTO call_logs(message_row_id, transaction_id, video_call, duration, call_result) VALUES (13, 0, 1, 77, 5);
