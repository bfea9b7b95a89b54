-- The address book beside it.
CREATE TABLE wa_contacts (_id INTEGER PRIMARY KEY AUTOINCREMENT, jid TEXT NOT NULL, is_whatsapp_user BOOLEAN NOT NULL, number TEXT, display_name TEXT, wa_name TEXT);
CREATE TABLE wa_vnames (_id INTEGER PRIMARY KEY AUTOINCREMENT, jid TEXT NOT NULL, verified_name TEXT);
CREATE TABLE wa_group_admin_settings (jid TEXT PRIMARY KEY, announcement_group INTEGER, restrict_mode INTEGER);
INSERT INTO wa_contacts(jid, is_whatsapp_user, number, display_name, wa_name) VALUES
 ('351912345678@s.whatsapp.net', 1, '+351912345678', 'Ines Duarte', 'inês'),
 ('447700900333@s.whatsapp.net', 1, '+447700900333', NULL, 'Tom');
INSERT INTO wa_group_admin_settings VALUES ('120363000000000002@g.us', 1, 0);
