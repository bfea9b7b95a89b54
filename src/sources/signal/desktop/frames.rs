//! Conversations, told as the recipients and chats of an export. Both are numbered as they come.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::super::keys;
use super::super::recipient::Book;
use crate::sources::database::{Database, Row};
use crate::sources::json::{brief, flag, int, list, parse, text, words};
use crate::sources::{Sink, Stop};

/// Conversations that are kept.
const MOST: usize = 500_000;
/// No id and no number is longer.
const LONGEST: usize = 200;
/// Signal's own news, in every install.
const NEWS: &str = "11111111-1111-4111-8111-111111111111";
/// The role of an administrator.
const ADMIN: i64 = 2;
/// The largest whole number that the program's language knows stands for always.
const ALWAYS: i64 = (1 << 53) - 1;
/// A number that nobody has.
pub const NOBODY: i64 = -1;

/// Who is who, by the numbers that they are told under.
#[derive(Default)]
pub struct Roll {
    by_id: HashMap<String, i64>,
    by_service: HashMap<String, i64>,
    by_phone: HashMap<String, i64>,
    services: HashMap<i64, String>,
    /// Groups, and whether they are of the first kind, which Signal gave up in 2020.
    groups: HashMap<i64, bool>,
    /// I; a number of its own where no conversation is with me.
    pub me: i64,
    my_service: Option<String>,
    my_number: Option<String>,
    my_pni: Option<String>,
    blocked: HashSet<String>,
}

/// Bytes of an id of either kind, as base64.
pub fn bytes(service: &str) -> Option<String> {
    let id = service.get(..4).filter(|p| p.eq_ignore_ascii_case("PNI:"));
    let id = id.and(service.get(4..)).unwrap_or(service);
    keys::uuid(id).map(|b| keys::base64(&b))
}

/// Bytes of an account's id; none of a number's.
pub fn account(service: &str) -> Option<String> {
    keys::uuid(service).map(|b| keys::base64(&b))
}

/// An id without the number of the device that it may end with.
fn undeviced(told: &str) -> String {
    told.split('.').next().unwrap_or(told).to_lowercase()
}

/// A name of either age: `aci` was `uuid` before 2023.
pub fn either(value: &Value, new: &str, old: &str) -> Option<String> {
    words(value, new).or_else(|| words(value, old)).map(|id| id.to_lowercase())
}

impl Roll {
    /// Takes every conversation, and tells the book of it.
    pub fn take(db: &Database, book: &mut Book, sink: &mut dyn Sink) -> Result<Self, Stop> {
        let mut roll = Self { me: NOBODY, ..Self::default() };
        if db.has("items") {
            let value = db.column("i", "items", &["json"]);
            let sql = format!(
                "SELECT i.id, {value} FROM items i WHERE i.id IN ('uuid_id', 'number_id', 'pni', \
                 'blocked', 'blocked-uuids', 'blocked-groups')"
            );
            db.each(&sql, sink, &mut |r, _| {
                if let (Some(id), Some(item)) = (r.text(0), r.bytes(1).and_then(parse)) {
                    roll.item(&id, &item);
                }
                Ok(())
            })?;
        }
        if let Some(id) = &roll.my_service {
            book.is_me(id.clone());
        }
        let column = |names: &[&str]| db.column("c", "conversations", names);
        let sql = format!(
            "SELECT {}, {}, {}, {}, {} FROM conversations c",
            column(&["id"]),
            column(&["json"]),
            column(&["serviceId", "uuid"]),
            column(&["e164"]),
            column(&["groupId"]),
        );
        db.each(&sql, sink, &mut |r, _| {
            roll.conversation(r, book);
            Ok(())
        })?;
        if roll.me == NOBODY {
            roll.me = 0;
            book.take(&json!({ "recipient": { "id": 0, "self": {} } }));
        }
        Ok(roll)
    }

    fn item(&mut self, id: &str, item: &Value) {
        match id {
            "uuid_id" => self.my_service = text(item, "value").map(undeviced),
            "number_id" => self.my_number = text(item, "value").map(undeviced),
            "pni" => self.my_pni = text(item, "value").map(str::to_lowercase),
            _ => {
                let all = list(item, "value").iter().filter_map(Value::as_str);
                let all = all.filter(|id| id.len() <= LONGEST);
                self.blocked.extend(all.take(MOST).map(str::to_lowercase));
            }
        }
    }

    fn conversation(&mut self, row: &Row<'_>, book: &mut Book) {
        let short = |told: Option<String>| told.filter(|t| t.len() <= LONGEST);
        let Some(id) = short(row.text(0)) else { return };
        let Ok(number) = i64::try_from(self.by_id.len() + 1) else { return };
        if self.by_id.len() >= MOST || self.by_id.contains_key(&id) {
            return;
        }
        self.by_id.insert(id, number);
        let told = row.bytes(1).and_then(parse).unwrap_or(Value::Null);
        let service = row.text(2).map(|s| s.to_lowercase());
        let service = short(service.or_else(|| either(&told, "serviceId", "uuid")));
        let phone = short(row.text(3).or_else(|| words(&told, "e164")));
        if let Some(service) = &service {
            self.by_service.insert(service.clone(), number);
            self.services.insert(number, service.clone());
        }
        if let Some(phone) = &phone {
            self.by_phone.insert(phone.clone(), number);
        }
        let group_id = row.text(4).or_else(|| words(&told, "groupId"));
        let group = text(&told, "type") == Some("group") || group_id.is_some();
        let me = !group
            && ((service.is_some() && service == self.my_service)
                || (phone.is_some() && phone == self.my_number));
        let what = if me {
            self.me = number;
            self.my_pni = self.my_pni.take().or_else(|| either(&told, "pni", "pni"));
            book.take(&json!({ "account": mine(&told) }));
            ("self", json!({}))
        } else if group {
            self.groups.insert(number, words(&told, "masterKey").is_none());
            ("group", self.group(&told, group_id.as_deref()))
        } else if service.as_deref() == Some(NEWS) {
            ("releaseNotes", json!({}))
        } else {
            ("contact", self.contact(&told, service.as_deref(), phone.as_deref()))
        };
        let mut recipient = Map::new();
        recipient.insert("id".to_owned(), number.into());
        recipient.insert(what.0.to_owned(), what.1);
        book.take(&json!({ "recipient": recipient }));
        let muted = int(&told, "muteExpiresAt").unwrap_or(0);
        book.take(&json!({ "chat": {
            "id": number,
            "recipientId": number,
            "archived": flag(&told, "isArchived"),
            "markedUnread": flag(&told, "markedUnread"),
            "pinnedOrder": i64::from(flag(&told, "isPinned")),
            "muteUntilMs": if muted >= ALWAYS { i64::MAX } else { muted },
        } }));
    }

    fn contact(&self, told: &Value, service: Option<&str>, phone: Option<&str>) -> Value {
        let pni = words(told, "pni").or_else(|| service.map(str::to_owned));
        let pni = pni.filter(|id| id.get(..4).is_some_and(|p| p.eq_ignore_ascii_case("PNI:")));
        let blocked = service.into_iter().chain(phone).any(|id| self.blocked.contains(id));
        let mut contact = json!({
            "aci": service.and_then(account),
            "pni": pni.as_deref().and_then(bytes),
            "e164": phone.map(|p| p.trim_start_matches('+')),
            "username": words(told, "username"),
            "nickname": {
                "given": words(told, "nicknameGivenName"),
                "family": words(told, "nicknameFamilyName"),
            },
            "systemNickname": words(told, "systemNickname"),
            // Before names had parts, the address book gave the whole.
            "systemGivenName": words(told, "systemGivenName").or_else(|| words(told, "name")),
            "systemFamilyName": words(told, "systemFamilyName"),
            "profileGivenName": words(told, "profileName"),
            "profileFamilyName": words(told, "profileFamilyName"),
            "blocked": blocked,
        });
        if let (Some(all), true) =
            (contact.as_object_mut(), int(told, "discoveredUnregisteredAt").is_some())
        {
            all.insert("notRegistered".to_owned(), json!({}));
        }
        contact
    }

    fn group(&self, told: &Value, id: Option<&str>) -> Value {
        // Groups of the first kind have no key: their ids are told apart in the same way.
        let key = words(told, "masterKey").or_else(|| id.map(|id| keys::base64(id.as_bytes())));
        let left = flag(told, "left");
        let of_now = list(told, "membersV2").iter().filter_map(|m| {
            let id = either(m, "aci", "uuid")?;
            Some((id, int(m, "role") == Some(ADMIN)))
        });
        let of_old = list(told, "members").iter().filter_map(|m| {
            let known = m.as_str()?.to_lowercase();
            Some((known, false))
        });
        let members: Vec<Value> = of_now
            .chain(of_old)
            .filter(|(id, _)| !left || self.my_service.as_ref() != Some(id))
            .filter_map(|(id, admin)| {
                let role = if admin { "ADMINISTRATOR" } else { "DEFAULT" };
                Some(json!({ "userId": bytes(&id)?, "role": role }))
            })
            .collect();
        json!({
            "masterKey": key,
            "left": left,
            "blocked": id.is_some_and(|id| self.blocked.contains(&id.to_lowercase())),
            "snapshot": {
                "title": { "title": brief(told, "name").map(|n| n.trim().to_owned()) },
                "members": members,
                "announcementsOnly": flag(told, "announcementsOnly"),
                "terminated": flag(told, "terminated"),
            },
        })
    }

    /// A conversation by its own id.
    pub fn of(&self, id: &str) -> Option<i64> {
        self.by_id.get(id).copied()
    }

    /// Whether it is a group.
    pub fn is_group(&self, number: i64) -> bool {
        self.groups.contains_key(&number)
    }

    /// Whether it is a group of the first kind.
    pub fn is_old_group(&self, number: i64) -> bool {
        self.groups.get(&number) == Some(&true)
    }

    /// Whether an id is mine: my account's or my number's.
    pub fn is_mine(&self, id: &str) -> bool {
        let id = id.to_lowercase();
        Some(&id) == self.my_service.as_ref() || Some(&id) == self.my_pni.as_ref()
    }

    /// The id of somebody who is told by it, by a number, or by the id of a conversation.
    pub fn service(&self, told: &str) -> Option<&str> {
        if told == "You" {
            return self.my_service.as_deref();
        }
        self.services.get(&self.who(told)?).map(String::as_str)
    }

    /// Somebody by whichever of an id, a number, or the id of a conversation was told.
    pub fn who(&self, told: &str) -> Option<i64> {
        let known = self.by_service.get(told).or_else(|| self.by_service.get(&told.to_lowercase()));
        known.or_else(|| self.by_phone.get(told)).or_else(|| self.by_id.get(told)).copied()
    }
}

/// What the account's own frame tells.
fn mine(told: &Value) -> Value {
    json!({
        "username": words(told, "username"),
        "givenName": words(told, "profileName"),
        "familyName": words(told, "profileFamilyName"),
    })
}
