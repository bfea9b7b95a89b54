//! What changed in a group, in the names that an export has for it.

use serde_json::{Value, json};

use super::frames::{Roll, account, bytes, either};
use super::items::Raw;
use crate::sources::json::{flag, int, list, member, text, words};

/// The role of an administrator.
const ADMIN: i64 = 2;

/// What changed in a group of the first kind: some of it is told as in those of the second. Where
/// it has become one of those, an export tells no more than that it changed.
pub fn old_group(raw: &Raw, roll: &Roll, chat: Option<i64>) -> Option<Value> {
    let told = member(&raw.json, "group_update")?;
    if !chat.is_some_and(|c| roll.is_old_group(c)) {
        let by = raw.service.as_deref().and_then(account);
        let told = json!({ "genericGroupUpdate": { "updaterAci": by } });
        return Some(json!({ "groupChange": { "updates": [told] } }));
    }
    let mut updates: Vec<Value> = Vec::new();
    if let Some(name) = words(told, "name") {
        updates.push(json!({ "groupNameUpdate": { "newGroupName": name } }));
    }
    let id = |known: &str| roll.service(known).and_then(bytes);
    for joined in list(told, "joined").iter().filter_map(Value::as_str) {
        updates.push(json!({ "groupMemberJoinedUpdate": { "newMemberAci": id(joined) } }));
    }
    if let Some(left) = text(told, "left") {
        updates.push(json!({ "groupMemberLeftUpdate": { "aci": id(left) } }));
    }
    if flag(told, "avatarUpdated") {
        updates.push(json!({ "groupAvatarUpdate": {} }));
    }
    if updates.is_empty() {
        updates.push(json!({ "genericGroupUpdate": {} }));
    }
    Some(json!({ "groupChange": { "updates": updates } }))
}

/// A group of the first kind became one of the second.
pub fn migration(json: &Value) -> Vec<Value> {
    let told = member(json, "groupMigration").unwrap_or(&Value::Null);
    let count = |number: &str, all: &str, old: &str| {
        let listed = |of: &Value, name| i64::try_from(list(of, name).len()).ok();
        let listed = || listed(told, all).filter(|n| *n > 0).or_else(|| listed(json, old));
        int(told, number).or_else(listed).unwrap_or(0)
    };
    let mut updates = Vec::new();
    if flag(told, "areWeInvited") {
        updates.push(json!({ "groupV2MigrationSelfInvitedUpdate": {} }));
    }
    if count("invitedMemberCount", "invitedMembers", "invitedGV2Members") > 0 {
        updates.push(json!({ "groupV2MigrationInvitedMembersUpdate": {} }));
    }
    if count("droppedMemberCount", "droppedMemberIds", "droppedGV2MemberIds") > 0 {
        updates.push(json!({ "groupV2MigrationDroppedMembersUpdate": {} }));
    }
    if updates.is_empty() {
        updates.push(json!({ "groupV2MigrationUpdate": {} }));
    }
    updates
}

/// What changed in a group.
pub fn group(change: &Value, roll: &Roll) -> Option<Value> {
    let from = words(change, "from");
    let all = list(change, "details").iter();
    let updates: Vec<Value> = all
        .filter_map(|told| Detail::of(told, from.as_deref(), roll))
        .map(|detail| {
            let (name, told) = detail.update();
            json!({ name: told })
        })
        .collect();
    (!updates.is_empty()).then(|| json!({ "groupChange": { "updates": updates } }))
}

/// One change.
struct Detail<'d> {
    told: &'d Value,
    kind: &'d str,
    /// Whoever changed it, and whom it is about.
    by: Option<String>,
    whom: Option<String>,
    /// It is about whoever did it: they join, leave, accept or decline.
    themselves: bool,
    is_me: bool,
    by_me: bool,
}

impl<'d> Detail<'d> {
    fn of(told: &'d Value, from: Option<&str>, roll: &Roll) -> Option<Self> {
        let whom = either(told, "aci", "uuid").or_else(|| words(told, "serviceId"));
        let is_from = |id: &String| from.is_some_and(|from| from.eq_ignore_ascii_case(id));
        Some(Self {
            told,
            kind: text(told, "type")?,
            by: from.and_then(account),
            themselves: whom.iter().chain(&words(told, "pni")).any(is_from),
            is_me: whom.as_ref().is_some_and(|id| roll.is_mine(id)),
            by_me: from.is_some_and(|id| roll.is_mine(id)),
            whom: whom.as_deref().and_then(account),
        })
    }

    fn update(&self) -> (&'static str, Value) {
        self.member().or_else(|| self.invited()).unwrap_or_else(|| self.group())
    }

    fn about(&self, whom: &str) -> Value {
        json!({ whom: self.whom })
    }

    /// Who came and went.
    fn member(&self) -> Option<(&'static str, Value)> {
        let (by, whom) = (&self.by, &self.whom);
        Some(match self.kind {
            "member-add" if self.themselves => {
                ("groupMemberJoinedUpdate", self.about("newMemberAci"))
            }
            "member-add-from-invite" if self.themselves => {
                ("groupInvitationAcceptedUpdate", self.about("newMemberAci"))
            }
            "member-add" | "member-add-from-invite" => {
                ("groupMemberAddedUpdate", json!({ "updaterAci": by, "newMemberAci": whom }))
            }
            "member-add-from-link" => ("groupMemberJoinedByLinkUpdate", self.about("newMemberAci")),
            "member-remove" if self.themselves => ("groupMemberLeftUpdate", self.about("aci")),
            "member-remove" => {
                ("groupMemberRemovedUpdate", json!({ "removerAci": by, "removedAci": whom }))
            }
            "member-privilege" => {
                let granted = int(self.told, "newPrivilege") == Some(ADMIN);
                let told = json!({
                    "updaterAci": by, "memberAci": whom, "wasAdminStatusGranted": granted
                });
                ("groupAdminStatusUpdate", told)
            }
            _ => return None,
        })
    }

    /// Who is to come.
    fn invited(&self) -> Option<(&'static str, Value)> {
        let by = &self.by;
        let count = |n: Option<i64>| json!({ "inviterAci": by, "inviteeCount": n });
        let answer = |approved: bool| {
            let told =
                json!({ "updaterAci": by, "requestorAci": self.whom, "wasApproved": approved });
            ("groupJoinRequestApprovalUpdate", told)
        };
        Some(match self.kind {
            "pending-add-one" if self.is_me => {
                ("selfInvitedToGroupUpdate", json!({ "inviterAci": by }))
            }
            "pending-add-one" if self.by_me => ("selfInvitedOtherUserToGroupUpdate", json!({})),
            "pending-add-one" => ("groupUnknownInviteeUpdate", count(Some(1))),
            "pending-add-many" => ("groupUnknownInviteeUpdate", count(int(self.told, "count"))),
            "pending-remove-one" if self.themselves || self.told.get("serviceId").is_none() => {
                ("groupInvitationDeclinedUpdate", self.about("inviteeAci"))
            }
            "pending-remove-one" if self.is_me => {
                ("groupSelfInvitationRevokedUpdate", json!({ "revokerAci": by }))
            }
            "pending-remove-one" | "pending-remove-many" => {
                ("groupInvitationRevokedUpdate", json!({ "updaterAci": by }))
            }
            "member-add-from-admin-approval" => answer(true),
            "admin-approval-remove-one" if self.themselves => {
                ("groupJoinRequestCanceledUpdate", self.about("requestorAci"))
            }
            "admin-approval-remove-one" => answer(false),
            "admin-approval-add-one" => ("groupJoinRequestUpdate", self.about("requestorAci")),
            "admin-approval-bounce" => {
                ("groupSequenceOfRequestsAndCancelsUpdate", self.about("requestorAci"))
            }
            _ => return None,
        })
    }

    /// The group itself.
    fn group(&self) -> (&'static str, Value) {
        let (told, by) = (self.told, &self.by);
        let name = match self.kind {
            "title" => {
                let name = text(told, "newTitle");
                let told = json!({ "updaterAci": by, "newGroupName": name });
                return ("groupNameUpdate", told);
            }
            "description" => {
                let words = text(told, "description").filter(|_| !flag(told, "removed"));
                let told = json!({ "updaterAci": by, "newDescription": words });
                return ("groupDescriptionUpdate", told);
            }
            "announcements-only" => {
                let on = flag(told, "announcementsOnly");
                let told = json!({ "updaterAci": by, "isAnnouncementOnly": on });
                return ("groupAnnouncementOnlyChangeUpdate", told);
            }
            "create" => "groupCreationUpdate",
            "avatar" => "groupAvatarUpdate",
            "access-attributes" => "groupAttributesAccessLevelChangeUpdate",
            "access-members" => "groupMembershipAccessLevelChangeUpdate",
            "access-invite-link" => "groupInviteLinkAdminApprovalUpdate",
            "access-member-label" => "groupMemberLabelAccessLevelChangeUpdate",
            "group-link-add" => "groupInviteLinkEnabledUpdate",
            "group-link-reset" => "groupInviteLinkResetUpdate",
            "group-link-remove" => "groupInviteLinkDisabledUpdate",
            "terminated" => "groupTerminateChangeUpdate",
            // A summary, or what is not known yet: it was changed.
            _ => "genericGroupUpdate",
        };
        (name, json!({ "updaterAci": by }))
    }
}
