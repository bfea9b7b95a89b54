//! People, groups and chats, by the numbers that a file gives them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use super::keys;
use crate::model::{
    AccountRecord, Evidence, EvidenceKind, Membership, Mute, PostingLimit, SourceId, ThreadKind,
    ThreadRecord, Timestamp,
};
use crate::sources::ReadOptions;
use crate::sources::json::{brief, flag, int, list, member, text};

/// Recipients and chats that are kept.
const MOST: usize = 500_000;
/// Members of groups that are kept, all together.
const MEMBERS: usize = 2_000_000;
/// I, in every file: an export does not tell my id.
pub const ME: &str = "self";

/// What a recipient is.
#[derive(Debug, PartialEq, Eq)]
pub enum Kind {
    /// I.
    Me,
    /// Somebody.
    Contact,
    /// A group.
    Group,
    /// Signal's own news.
    Signal,
    /// A list of stories, a call link, or what is not known here.
    Other,
}

/// Somebody or something that a chat is with.
#[derive(Debug)]
pub struct Recipient {
    /// What tells it from others, in every export.
    pub key: Arc<str>,
    /// Its name.
    pub name: String,
    kind: Kind,
    phone: Option<String>,
    /// Why nobody reads what is written there.
    closed: Option<&'static str>,
    /// Their account is still there, as far as is known.
    registered: bool,
    announcements: bool,
    /// I am no longer in it, where that is told.
    left: bool,
    members: Vec<Member>,
}

#[derive(Debug)]
struct Member {
    id: String,
    admin: bool,
}

/// A chat.
#[derive(Debug)]
pub struct Chat {
    /// Its thread's key.
    pub key: Arc<str>,
    /// With whom.
    pub recipient: i64,
    archived: bool,
    marked_unread: bool,
    pinned: bool,
    muted: Option<Mute>,
}

/// All of a file.
#[derive(Debug, Default)]
pub struct Book {
    recipients: HashMap<i64, Recipient>,
    chats: HashMap<i64, Chat>,
    by_service: HashMap<String, i64>,
    members: usize,
    my_service: Option<String>,
    name: String,
    username: Option<String>,
}

fn joined(value: &Value, names: [&str; 2]) -> Option<String> {
    let parts: Vec<String> = names.iter().filter_map(|n| brief(value, n)).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn contact(value: &Value) -> Recipient {
    let phone = int(value, "e164").filter(|n| *n > 0).map(|n| format!("+{n}"));
    let aci = keys::member_bytes(value, "aci").and_then(|b| keys::service_id(&b));
    let pni = keys::member_bytes(value, "pni").and_then(|b| keys::service_id(&b));
    let username = brief(value, "username");
    // As Signal names them: as I call them, as the address book does, as they call themselves.
    let name = member(value, "nickname")
        .and_then(|n| joined(n, ["given", "family"]))
        .or_else(|| brief(value, "systemNickname"))
        .or_else(|| joined(value, ["systemGivenName", "systemFamilyName"]))
        .or_else(|| joined(value, ["profileGivenName", "profileFamilyName"]))
        .or_else(|| phone.clone())
        .or_else(|| username.clone());
    let key =
        aci.or_else(|| phone.clone()).or_else(|| pni.map(|id| format!("PNI:{id}"))).or(username);
    Recipient {
        key: key.clone().unwrap_or_default().into(),
        name: name.or(key).unwrap_or_else(|| "Unknown".to_owned()),
        kind: Kind::Contact,
        phone,
        closed: flag(value, "blocked").then_some("blocked"),
        registered: member(value, "notRegistered").is_none(),
        announcements: false,
        left: false,
        members: Vec::new(),
    }
}

fn either<'v>(value: &'v Value, camel: &str, snake: &str) -> Option<&'v Value> {
    member(value, camel).or_else(|| member(value, snake))
}

fn group(value: &Value) -> Recipient {
    let nothing = Value::Null;
    let snapshot = member(value, "snapshot").unwrap_or(&nothing);
    let title = member(snapshot, "title").and_then(|t| brief(t, "title"));
    let key = keys::member_bytes(value, "masterKey").map(|k| keys::group(&k));
    let yes = |v: Option<&Value>| v == Some(&Value::Bool(true));
    let is_admin =
        |m: &Value| text(m, "role") == Some("ADMINISTRATOR") || int(m, "role") == Some(2);
    let members = list(snapshot, "members").iter().filter_map(|m| {
        let id = keys::member_bytes(m, "userId").and_then(|b| keys::service_id(&b))?;
        Some(Member { id, admin: is_admin(m) })
    });
    let closed = match (yes(member(snapshot, "terminated")), flag(value, "blocked")) {
        (true, _) => Some("terminated"),
        (false, true) => Some("blocked"),
        (false, false) => None,
    };
    Recipient {
        key: key.or_else(|| title.clone()).unwrap_or_default().into(),
        name: title.unwrap_or_default(),
        kind: Kind::Group,
        phone: None,
        closed,
        registered: true,
        announcements: yes(either(snapshot, "announcementsOnly", "announcements_only")),
        // An export does not say so, the app's own database does.
        left: flag(value, "left"),
        members: members.collect(),
    }
}

fn plain(kind: Kind, key: &str, name: &str) -> Recipient {
    Recipient {
        key: key.into(),
        name: name.to_owned(),
        kind,
        phone: None,
        closed: None,
        registered: true,
        announcements: false,
        left: false,
        members: Vec::new(),
    }
}

impl Book {
    /// Takes a frame that is not a message.
    pub fn take(&mut self, frame: &Value) {
        if let Some(account) = member(frame, "account") {
            self.username = brief(account, "username");
            self.name = joined(account, ["givenName", "familyName"])
                .or_else(|| self.username.clone())
                .unwrap_or_default();
        } else if let Some(recipient) = member(frame, "recipient").filter(|r| r.is_object()) {
            self.recipient(recipient);
        } else if let Some(chat) = member(frame, "chat").filter(|c| c.is_object())
            && self.chats.len() < MOST
        {
            let recipient = int(chat, "recipientId").unwrap_or(0);
            let chat_record = Chat {
                key: "".into(),
                recipient,
                archived: flag(chat, "archived"),
                marked_unread: flag(chat, "markedUnread"),
                // Pinned chats are numbered from 1.
                pinned: int(chat, "pinnedOrder").is_some_and(|n| n > 0),
                muted: int(chat, "muteUntilMs").filter(|ms| *ms > 0).map(|ms| match ms {
                    i64::MAX => Mute::Always,
                    end => Mute::Until(Timestamp(end)),
                }),
            };
            self.chats.insert(int(chat, "id").unwrap_or(0), chat_record);
        }
    }

    fn recipient(&mut self, value: &Value) {
        if self.recipients.len() >= MOST {
            return;
        }
        let id = int(value, "id").unwrap_or(0);
        if self.recipients.contains_key(&id) {
            return;
        }
        let mut recipient = if member(value, "self").is_some() {
            plain(Kind::Me, ME, "")
        } else if let Some(it) = member(value, "contact") {
            contact(it)
        } else if let Some(it) = member(value, "group") {
            group(it)
        } else if member(value, "releaseNotes").is_some() {
            plain(Kind::Signal, "signal", "Signal")
        } else {
            plain(Kind::Other, "", "")
        };
        if recipient.key.is_empty() {
            // It is known by its number in this file only.
            recipient.key = format!("recipient {id}").into();
        }
        self.members += recipient.members.len();
        if self.members > MEMBERS {
            recipient.members.clear();
        }
        if recipient.kind == Kind::Contact {
            self.by_service.insert(recipient.key.to_string(), id);
        }
        self.recipients.insert(id, recipient);
    }

    /// My own id, where it is known: an export does not tell it.
    pub fn is_me(&mut self, id: String) {
        self.my_service = Some(id);
    }

    /// All frames have been seen: works out which member of the groups I am, who is no contact of
    /// mine, and names the chats.
    pub fn finish(&mut self) {
        for recipient in self.recipients.values_mut().filter(|r| r.kind == Kind::Me) {
            recipient.name.clone_from(&self.name);
        }
        if self.my_service.is_none() {
            self.my_service = self.stranger();
        }
        for (id, chat) in &mut self.chats {
            chat.key = match self.recipients.get(&chat.recipient) {
                Some(recipient) => Arc::clone(&recipient.key),
                None => format!("chat {id}").into(),
            };
        }
    }

    /// Who is in most groups and no contact of mine.
    fn stranger(&self) -> Option<String> {
        let mut strangers: HashMap<&str, u64> = HashMap::new();
        for member in self.recipients.values().flat_map(|r| &r.members) {
            if !self.by_service.contains_key(&member.id) {
                *strangers.entry(&member.id).or_default() += 1;
            }
        }
        let most = strangers.into_iter().max_by_key(|(id, n)| (*n, std::cmp::Reverse(*id)));
        most.map(|(id, _)| id.to_owned())
    }

    /// A chat by its number.
    pub fn chat(&self, id: i64) -> Option<&Chat> {
        self.chats.get(&id)
    }

    /// A recipient by its number.
    pub fn by_number(&self, id: i64) -> Option<&Recipient> {
        self.recipients.get(&id)
    }

    /// Whoever a service id names.
    pub fn by_id(&self, id: &str) -> Option<(&Arc<str>, &str)> {
        if self.my_service.as_deref() == Some(id) {
            let me = self.recipients.values().find(|r| r.kind == Kind::Me)?;
            return Some((&me.key, &self.name));
        }
        let found = self.recipients.get(self.by_service.get(id)?)?;
        Some((&found.key, &found.name))
    }

    /// Whoever the bytes of a service id name, in words.
    pub fn called(&self, value: &Value, name: &str) -> Option<String> {
        let id = keys::member_bytes(value, name).and_then(|b| keys::service_id(&b))?;
        let found = self.by_id(&id).map(|(_, name)| name.to_owned());
        Some(found.filter(|n| !n.is_empty()).unwrap_or_else(|| "Somebody".to_owned()))
    }

    /// The account.
    pub fn account(&self, options: &ReadOptions) -> AccountRecord {
        let me = self.recipients.values().any(|r| r.kind == Kind::Me);
        let known_by =
            if me { "the account's own part of the export" } else { "the export does not say" };
        let name = Some(self.name.clone()).filter(|n| !n.is_empty()).or_else(|| options.me.clone());
        let name = name.unwrap_or_default();
        let key = self.username.clone().unwrap_or_else(|| name.to_lowercase());
        AccountRecord {
            source: SourceId::known(super::SOURCE.id),
            key: options.account.clone().unwrap_or(key),
            me_names: if me || name.is_empty() { Vec::new() } else { vec![name.clone()] },
            name,
            known_by: known_by.to_owned(),
        }
    }

    fn membership(&self, group: &Recipient) -> Membership {
        let mine = |m: &Member| self.my_service.as_deref() == Some(&m.id);
        if group.left {
            return Membership::Gone;
        }
        match (group.members.is_empty(), group.members.iter().any(mine)) {
            (true, _) => Membership::Unknown,
            (false, true) => Membership::Member,
            (false, false) => Membership::Gone,
        }
    }

    /// A chat as a thread.
    pub fn thread(&self, chat: &Chat) -> ThreadRecord {
        let mut record = ThreadRecord::new(Arc::clone(&chat.key), "Signal export");
        record.archived = chat.archived;
        record.pinned = chat.pinned;
        record.muted = chat.muted;
        if chat.marked_unread {
            record.unread = Some(1);
        }
        let Some(with) = self.recipients.get(&chat.recipient) else { return record };
        let named = Some(with.name.clone()).filter(|n| !n.is_empty());
        let (kind, title) = match with.kind {
            Kind::Me => (ThreadKind::Direct, Some("Note to Self".to_owned())),
            Kind::Group | Kind::Other => (ThreadKind::Group, named),
            Kind::Signal => (ThreadKind::Channel, named),
            Kind::Contact => (ThreadKind::Direct, named),
        };
        (record.kind, record.title) = (Some(kind), title);
        record.address.clone_from(&with.phone);
        let flag = |name: &str| Evidence::new(EvidenceKind::Flag, name);
        record.read_only = with.closed.map(flag);
        record.peer_gone = (!with.registered).then(|| flag("notRegistered"));
        if with.kind == Kind::Group {
            record.membership = self.membership(with);
            let admin = |m: &Member| m.admin && self.my_service.as_deref() == Some(&m.id);
            if with.announcements && !with.members.iter().any(admin) {
                record.posting = PostingLimit::AdminsOnly;
            }
        }
        if with.kind == Kind::Signal {
            record.posting = PostingLimit::AdminsOnly;
        }
        record
    }

    /// Who is in a chat, beside those who write: the keys and names.
    pub fn people(&self, chat: &Chat) -> Vec<(Arc<str>, String)> {
        let Some(with) = self.recipients.get(&chat.recipient) else { return Vec::new() };
        match with.kind {
            Kind::Me | Kind::Contact | Kind::Signal => {
                vec![(Arc::clone(&with.key), with.name.clone())]
            }
            Kind::Group | Kind::Other => {
                let mut seen = HashSet::new();
                let all = with.members.iter().filter_map(|m| self.by_id(&m.id));
                all.filter(|(key, _)| seen.insert(Arc::clone(key)))
                    .map(|(key, name)| (Arc::clone(key), name.to_owned()))
                    .collect()
            }
        }
    }

    /// Whether somebody writes into a group that they are no longer in.
    pub fn has_left(&self, chat: &Chat, key: &str) -> bool {
        let Some(with) = self.recipients.get(&chat.recipient) else { return false };
        with.kind == Kind::Group
            && key != ME
            && !with.members.is_empty()
            && !with.members.iter().any(|m| m.id == key)
    }
}
