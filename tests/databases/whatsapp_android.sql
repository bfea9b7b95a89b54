-- A phone of nobody: the tables of a 2025 msgstore.db, as far as they are read.
CREATE TABLE jid (_id INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT NOT NULL, server TEXT NOT NULL, agent INTEGER, device INTEGER, type INTEGER, raw_string TEXT);
CREATE TABLE jid_map (lid_row_id INTEGER PRIMARY KEY, jid_row_id INTEGER NOT NULL, sort_id INTEGER);
CREATE TABLE lid_display_name (lid_row_id INTEGER PRIMARY KEY, display_name TEXT, username TEXT);
CREATE TABLE props (_id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE, value TEXT);
CREATE TABLE chat (_id INTEGER PRIMARY KEY AUTOINCREMENT, jid_row_id INTEGER UNIQUE, hidden INTEGER, subject TEXT, archived INTEGER, sort_timestamp INTEGER, unseen_message_count INTEGER, group_type INTEGER NOT NULL DEFAULT 0, participation_status INTEGER);
CREATE TABLE message (_id INTEGER PRIMARY KEY AUTOINCREMENT, chat_row_id INTEGER NOT NULL, from_me INTEGER NOT NULL, key_id TEXT NOT NULL, sender_jid_row_id INTEGER, status INTEGER, origination_flags INTEGER, origin INTEGER, timestamp INTEGER, message_type INTEGER, text_data TEXT, starred INTEGER, sort_id INTEGER NOT NULL DEFAULT 0);
CREATE TABLE message_media (message_row_id INTEGER PRIMARY KEY, chat_row_id INTEGER, file_path TEXT, file_size INTEGER, mime_type TEXT, media_name TEXT, media_caption TEXT, media_duration INTEGER);
CREATE TABLE message_quoted (message_row_id INTEGER PRIMARY KEY AUTOINCREMENT, chat_row_id INTEGER NOT NULL, from_me INTEGER NOT NULL, sender_jid_row_id INTEGER, key_id TEXT NOT NULL, timestamp INTEGER, message_type INTEGER, text_data TEXT);
CREATE TABLE message_edit_info (message_row_id INTEGER PRIMARY KEY, original_key_id TEXT NOT NULL, edited_timestamp INTEGER NOT NULL, sender_timestamp INTEGER NOT NULL);
CREATE TABLE message_revoked (message_row_id INTEGER PRIMARY KEY, revoked_key_id TEXT NOT NULL, admin_jid_row_id INTEGER, revoke_timestamp INTEGER);
CREATE TABLE message_forwarded (message_row_id INTEGER PRIMARY KEY, forward_score INTEGER);
CREATE TABLE message_location (message_row_id INTEGER PRIMARY KEY, chat_row_id INTEGER, latitude REAL, longitude REAL, place_name TEXT, place_address TEXT, url TEXT);
CREATE TABLE message_vcard (_id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER, vcard TEXT);
CREATE TABLE message_system (message_row_id INTEGER PRIMARY KEY, action_type INTEGER NOT NULL);
CREATE TABLE message_system_chat_participant (message_row_id INTEGER, user_jid_row_id INTEGER);
CREATE TABLE message_system_group (message_row_id INTEGER PRIMARY KEY, is_me_joined INTEGER);
CREATE TABLE message_add_on (_id INTEGER PRIMARY KEY AUTOINCREMENT, chat_row_id INTEGER, from_me INTEGER, key_id TEXT, sender_jid_row_id INTEGER, parent_message_row_id INTEGER, timestamp INTEGER, status INTEGER, message_add_on_type INTEGER);
CREATE TABLE message_add_on_reaction (message_add_on_row_id INTEGER PRIMARY KEY, reaction TEXT, sender_timestamp INTEGER);
CREATE TABLE message_poll (message_row_id INTEGER PRIMARY KEY, enc_key BLOB, selectable_options_count INTEGER);
CREATE TABLE message_poll_option (_id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER, option_sha256 TEXT, option_name TEXT, vote_total INTEGER);
CREATE TABLE message_ui_elements (_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, message_row_id INTEGER NOT NULL, element_type INTEGER, element_content TEXT);
CREATE TABLE call_log (_id INTEGER PRIMARY KEY AUTOINCREMENT, jid_row_id INTEGER, from_me INTEGER, call_id TEXT, timestamp INTEGER, video_call INTEGER, duration INTEGER, call_result INTEGER, group_jid_row_id INTEGER NOT NULL DEFAULT 0);
CREATE TABLE message_call_log (message_row_id INTEGER PRIMARY KEY, call_log_row_id INTEGER);
CREATE TABLE group_participant_user (_id INTEGER PRIMARY KEY AUTOINCREMENT, group_jid_row_id INTEGER NOT NULL, user_jid_row_id INTEGER NOT NULL, rank INTEGER);

INSERT INTO props(key, value) VALUES ('user_push_name', 'Sam Rivera');
INSERT INTO jid VALUES
 (1, '447700900111', 's.whatsapp.net', 0, 0, 0, '447700900111@s.whatsapp.net'),
 (2, '351912345678', 's.whatsapp.net', 0, 0, 0, '351912345678@s.whatsapp.net'),
 (3, '88112233445566', 'lid', 0, 0, 18, '88112233445566@lid'),
 (4, '447700900333', 's.whatsapp.net', 0, 0, 0, '447700900333@s.whatsapp.net'),
 (5, '120363000000000001', 'g.us', 0, 0, 1, '120363000000000001@g.us'),
 (6, '120363000000000002', 'g.us', 0, 0, 1, '120363000000000002@g.us'),
 (7, 'status', 'broadcast', 0, 0, 5, 'status@broadcast'),
 (8, '77001122334455', 'lid', 0, 0, 18, '77001122334455@lid'),
 (9, '120363000000000003', 'newsletter', 0, 0, 9, '120363000000000003@newsletter'),
 (10, '120363000000000004', 'g.us', 0, 0, 1, '120363000000000004@g.us');
-- The chat with Ines is keyed by a hidden address; her number is known.
INSERT INTO jid_map VALUES (3, 2, 1);
INSERT INTO lid_display_name VALUES (8, 'Quiet Q', NULL);
INSERT INTO chat VALUES
 (1, 3, 0, NULL, 0, 1714554300000, 2, 0, 0),
 (2, 5, 0, 'Lake house', 1, 1714640000000, 0, 0, 1),
 (3, 6, 0, 'School news', 0, 1714641000000, 0, 0, 2),
 (4, 7, 0, NULL, 0, 0, 0, 0, NULL),
 (5, 9, 0, 'Ferry times', 0, 1714642000000, 5, 4, NULL),
 (6, 10, 0, 'Band', 0, 1714643000000, -1, 0, 4);
INSERT INTO group_participant_user(group_jid_row_id, user_jid_row_id, rank) VALUES (5, 2, 0), (5, 4, 1), (5, 1, 0), (10, 8, 0);
INSERT INTO message_system_group VALUES (3, 1);
INSERT INTO message VALUES
 (1, -1, 0, '-1', 0, 0, 0, 0, 0, -1, NULL, 0, 0),
 (2, 1, 0, 'A1', 0, 0, 0, 0, 1714554000000, 0, 'Are you at the station?', 0, 2),
 (3, 2, 1, 'G1', 0, 6, 0, 0, 1714550000000, 7, 'Lake house', 0, 3),
 (4, 1, 1, 'A2EDIT', 0, 13, 0, 0, 1714554040000, 0, 'Yes, platform 4', 0, 4),
 (5, 1, 0, 'A3', 0, 0, 1, 0, 1714554100000, 1, 'our train', 0, 5),
 (6, 1, 0, 'A4', 0, 0, 0, 1, 1714554110000, 2, NULL, 0, 6),
 (7, 1, 0, 'A5', 0, 0, 0, 0, 1714554120000, 15, NULL, 0, 7),
 (8, 1, 0, 'A6', 0, 0, 0, 0, 1714554130000, 5, NULL, 0, 8),
 (9, 1, 1, 'A7', 0, 5, 0, 0, 1714554140000, 66, 'Which day?', 0, 9),
 (10, 1, 0, 'A8', 0, 0, 0, 0, 1714554150000, 90, NULL, 0, 10),
 (11, 2, 0, 'G2', 4, 0, 0, 0, 1714551000000, 0, 'I bring the boat', 0, 11),
 (12, 2, 0, 'G3', 8, 0, 0, 0, 1714552000000, 9, NULL, 0, 12),
 (13, 2, 1, 'G4', 4, 6, 0, 0, 1714553000000, 7, NULL, 0, 13),
 (14, 3, 0, 'S1', 4, 0, 0, 0, 1714641000000, 0, 'Closed on Friday', 0, 14),
 (15, 4, 0, 'ST1', 2, 0, 0, 0, 1714641000000, 1, 'a story', 0, 15),
 (16, 5, 0, 'N1', 0, 0, 0, 0, 1714642000000, 0, 'The 9:40 is late', 0, 16),
 (17, 1, 0, 'A9', 0, 0, 0, 0, 1714554160000, 4, NULL, 0, 17),
 (18, 1, 0, 'A10', 0, 0, 0, 0, 1714554170000, 85, NULL, 0, 18),
 (19, 1, 0, 'A11', 0, 0, 0, 0, 1714554180000, 201, NULL, 0, 19),
 (20, 1, 0, 'A12', 0, 0, 0, 0, 1714554190000, 99, NULL, 0, 20),
 (21, 6, 0, 'B1', 8, 0, 0, 0, 1714643000000, 64, NULL, 0, 21),
 (22, 99, 0, 'X1', 2, 0, 0, 0, 1714643000000, 0, 'of a chat that was deleted', 0, 22),
 (23, 1, 0, 'A13', 0, 0, 0, 0, 1714554200000, 11, NULL, 0, 23),
 (24, 1, 0, 'A14', 0, 0, 0, 0, 0, 0, 'without a time', 0, 24);
INSERT INTO message_media VALUES
 (5, 1, 'Media/WhatsApp Images/IMG-20240501-WA0001.jpg', 100, 'image/jpeg', NULL, 'a caption that is not shown', NULL),
 (6, 1, 'Media/WhatsApp Voice Notes/PTT-20240501-WA0002.opus', 100, 'audio/ogg; codecs=opus', NULL, NULL, 4),
 (12, 2, NULL, 5000, 'application/pdf', 'plan.pdf', 'the plan', NULL);
INSERT INTO message_quoted VALUES (4, 1, 0, 0, 'A1', 1714554000000, 0, 'Are you at the station?');
INSERT INTO message_edit_info VALUES (4, 'A2', 1714554060000, 1714554060000);
INSERT INTO message_forwarded VALUES (11, 1);
INSERT INTO message_location VALUES (8, 1, 38.7139, -9.1394, 'Rossio', 'Lisboa', NULL);
INSERT INTO message_vcard(message_row_id, vcard) VALUES (17, 'BEGIN:VCARD
VERSION:3.0
FN:Rui Costa
TEL:+351911111222
END:VCARD');
INSERT INTO message_system VALUES (3, 11), (13, 7);
INSERT INTO message_system_chat_participant VALUES (3, 1), (13, 1);
INSERT INTO message_add_on VALUES (1, 1, 0, 'R1', 0, 4, 1714554070000, 0, 56), (2, 2, 1, 'R2', 0, 11, 1714551100000, 0, 56), (3, 2, 0, 'R3', 2, 11, 1714551200000, 0, 56), (4, 2, 0, 'R4', 4, 11, 1714551300000, 0, 56);
INSERT INTO message_add_on_reaction VALUES (1, '👍', 1714554070000), (2, '🔥', 1714551100000), (3, '❤️', 1714551200000), (4, NULL, 1714551300000);
INSERT INTO message_poll VALUES (9, NULL, 1);
INSERT INTO message_poll_option(message_row_id, option_name, vote_total) VALUES (9, 'Friday', 2), (9, 'Saturday', 1);
INSERT INTO message_ui_elements(message_row_id, element_type, element_content) VALUES (18, 6, '{"title":"Your parcel","description":"It comes on Monday","footer":""}');
INSERT INTO call_log VALUES (1, 3, 0, 'C1', 1714554150000, 1, 77, 5, 0), (2, 4, 0, 'C2', 1714600000000, 0, 0, 2, 0);
INSERT INTO message_call_log VALUES (10, 1);
