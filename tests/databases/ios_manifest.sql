-- What an iPhone's backup calls its files: as far as it is read.
CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, flags INTEGER, file BLOB);
CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB);
INSERT INTO Files VALUES
 ('7c7fba66680ef796b916b067077cc246adacf01d', 'AppDomainGroup-group.net.whatsapp.WhatsApp.shared', 'ChatStorage.sqlite', 1, NULL),
 ('e794f6ffcc3c222535f47684a63d5178da3c4500', 'AppDomainGroup-group.net.whatsapp.WhatsApp.shared', 'LID.sqlite', 1, NULL),
 ('519d7291bd6efd989fb4638a7e03bdb2940af6b8', 'AppDomainGroup-group.net.whatsapp.WhatsApp.shared', 'Message', 2, NULL),
 ('7c5a168fa631203562741242b0110ae5117e4aee', 'AppDomainGroup-group.net.whatsapp.WhatsApp.shared', 'Message/Media/351912345678@s.whatsapp.net/a/b/photo.jpg', 1, NULL),
 ('3d0d7e5fb2ce288813306e4d4636395e047a3d28', 'HomeDomain', 'Library/SMS/sms.db', 1, NULL),
 ('7e02e9af074fb2d09f0fc2d72dc8862f8f3b3a01', 'MediaDomain', 'Library/SMS/Attachments/ab/11/A1/IMG_0001.jpg', 1, NULL),
 ('5f5e43af7970eafdc1329b189f273793e709c809', 'HomeDomain', 'Library/Preferences', 2, NULL);
