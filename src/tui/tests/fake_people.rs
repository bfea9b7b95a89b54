//! People of the invented inbox.

use super::fake::{at, badge, reason};
use super::*;
use crate::inbox::{
    GroundRow, GroupLinkRow, GroupRow, IdentityRow, LinkRow, PersonHint, PersonRow, ReachCard,
    ReachRow, SharedGroupRow, TimelineHeader,
};
use crate::model::{IdentityId, PersonId, ThreadId, ThreadKind, VerdictKind};

fn ground(kind: &'static str, text: &str, weight: u8) -> GroundRow {
    GroundRow { kind, text: text.into(), weight }
}

fn identity(id: i64, app: &str, name: &str) -> IdentityRow {
    IdentityRow {
        id: IdentityId(id),
        badge: badge(app),
        name: name.into(),
        address: String::new(),
        account: "Maya".into(),
        threads: 1,
        messages: 12,
        last: Some(at("2023-11-14T18:05:00Z")),
        grounds: Vec::new(),
    }
}

pub(super) fn person(id: i64, apps: &[&str], name: &str) -> PersonRow {
    PersonRow {
        id: PersonId(id),
        name: name.into(),
        identities: apps.iter().zip(id..).map(|(app, n)| identity(n, app, name)).collect(),
        threads: apps.len() as u64,
        messages: 12,
        last: Some(at("2023-11-14T18:05:00Z")),
        suggestions: 1,
    }
}

fn way(thread: Option<i64>, app: &str, verdict: VerdictKind, text: &str) -> ReachRow {
    ReachRow {
        thread: thread.map(ThreadId),
        identity: IdentityId(9),
        badge: badge(app),
        cross: None,
        address: String::new(),
        account: "Maya".into(),
        verdict,
        reason: (verdict == VerdictKind::ReadOnly).then(reason),
        text: text.into(),
        link: None,
        last: thread.map(|_| at("2023-12-20T09:00:00Z")),
        here: false,
        maybe: None,
    }
}

/// The reach card of a thread; open elsewhere, perhaps on WhatsApp, and at an address.
pub(super) fn card(from: ThreadId) -> ReachCard {
    let here =
        ReachRow { here: true, ..way(Some(from.0), "IG", VerdictKind::ReadOnly, &reason().text) };
    let perhaps = ReachRow {
        maybe: Some(60),
        ..way(Some(1), "WA", VerdictKind::HandOff, "opens WhatsApp with your text")
    };
    let address = ReachRow {
        address: "+420700000000".into(),
        ..way(None, "WA", VerdictKind::HandOff, "begins a new chat on WhatsApp with your text")
    };
    ReachCard {
        from,
        person: Some(PersonId(7)),
        name: "Jonas \u{202e}Weber".into(),
        rows: vec![
            way(Some(2), "MSG", VerdictKind::HandOff, "opens Messenger with your text"),
            address,
            perhaps,
            here,
        ],
        groups: vec![SharedGroupRow {
            thread: ThreadId(2),
            title: "Climbing crew".into(),
            badge: badge("MSG"),
            kind: ThreadKind::Group,
            verdict: VerdictKind::HandOff,
            last: Some(at("2023-12-26T10:09:00Z")),
        }],
        left: Vec::new(),
    }
}

pub(super) fn links() -> Vec<LinkRow> {
    let link = |a: i64, score, name: &str| LinkRow {
        a: person(a, &["MSG"], name),
        b: person(a + 1, &["IG", "WA"], name),
        score,
        grounds: vec![ground("same-name", "the same full name, in two apps", score)],
        later: false,
    };
    vec![link(7, 70, "Jonas Weber"), link(17, 35, "Ana")]
}

pub(super) fn group_link() -> GroupLinkRow {
    let group = |thread: i64, live, first, last| GroupRow {
        thread: ThreadId(thread),
        title: "Climbing crew".into(),
        badge: badge("WA"),
        live,
        people: 4,
        messages: 1_200,
        first: at(first),
        last: at(last),
    };
    GroupLinkRow {
        live: group(2, true, "2023-12-01T10:00:00Z", "2023-12-26T10:09:00Z"),
        other: group(9, false, "2019-03-01T10:00:00Z", "2023-11-30T10:00:00Z"),
        score: 90,
        grounds: vec![ground("same-group-name", "the same name, Climbing crew", 50)],
        later: false,
    }
}

pub(super) fn answer(fake: &Fake, request: &Request) -> Vec<Update> {
    match request {
        Request::Reach { ticket, thread } => {
            vec![Update::Reach { ticket: *ticket, card: Box::new(card(*thread)) }]
        }
        Request::ReachPerson { ticket, .. } => {
            vec![Update::Reach { ticket: *ticket, card: Box::new(card(ThreadId(0))) }]
        }
        Request::Find { ticket, typed, first, .. } => {
            vec![super::going::find(fake, *ticket, typed, first)]
        }
        Request::Links { ticket } => {
            vec![Update::Links { ticket: *ticket, rows: links(), groups: Vec::new() }]
        }
        Request::People { ticket, name, .. } => {
            let all = [person(7, &["MSG", "IG"], "Jonas Weber"), person(17, &["WA"], "Ana")];
            let low = name.to_lowercase();
            let rows: Vec<_> =
                all.into_iter().filter(|p| p.name.to_lowercase().contains(&low)).collect();
            let total = rows.len();
            vec![Update::People { ticket: *ticket, offset: 0, rows, total }]
        }
        Request::Person { ticket, .. } => {
            let mut row = person(7, &["MSG", "IG", "WA"], "Jonas Weber");
            row.identities[1].grounds = vec![ground("link", "you said so", 100)];
            row.identities[2].address = "+420700000000".into();
            row.identities.retain(|i| !fake.taken_out.contains(&i.id));
            vec![Update::People { ticket: *ticket, offset: 0, rows: vec![row], total: 1 }]
        }
        Request::Carry { ticket, to, text, .. } => {
            vec![Update::Carried { ticket: *ticket, to: *to, draft: text.clone() }]
        }
        Request::OpenPerson { ticket, person: id, .. } => {
            let mut rows = Vec::new();
            for (thread, app) in [(2, "MSG"), (5, "IG")] {
                for m in fake.messages.get(&ThreadId(thread)).into_iter().flatten() {
                    let (thread, badge) = (ThreadId(thread), Some(badge(app)));
                    rows.push(crate::inbox::MessageRow { thread, badge, ..m.clone() });
                }
            }
            rows.sort_by_key(|m| m.pos);
            let person = person(id.0, &["MSG", "IG"], "Jonas Weber");
            let header = Box::new(TimelineHeader { person, first: None });
            let (more_before, more_after, ticket) = (false, false, *ticket);
            vec![Update::Timeline { ticket, header, rows, more_before, more_after, focus: None }]
        }
        _ => Vec::new(),
    }
}

/// Who a thread is with; groups are with nobody.
pub(super) fn hint(fake: &Fake, thread: ThreadId) -> Update {
    let direct =
        fake.threads.iter().any(|h| h.row.id == thread && h.row.kind == ThreadKind::Direct);
    let hint = direct.then(|| PersonHint {
        id: PersonId(7),
        name: "Jonas Weber".into(),
        elsewhere: vec![(badge("MSG"), VerdictKind::HandOff)],
    });
    Update::Person { thread, hint, everyone: None }
}
