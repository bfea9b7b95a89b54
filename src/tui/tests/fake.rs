//! An engine of a few lines over an invented inbox: answers requests, keeps what it was told.
use std::collections::HashMap;

use super::fake_tidying::Before;
use crate::inbox::*;
use crate::model::*;
use crate::search::Marker;

pub(super) fn at(text: &str) -> Timestamp {
    Timestamp(text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_millis())
}

#[derive(Default)]
pub(crate) struct Fake {
    /// What is found wherever one looks; one export for each path if empty.
    pub exports: Vec<ExportFound>,
    pub threads: Vec<ThreadHeader>,
    pub messages: HashMap<ThreadId, Vec<MessageRow>>,
    pub drafts: HashMap<ThreadId, String>,
    /// What was handed off, newest first.
    pub handed: HashMap<ThreadId, Vec<HandedRow>>,
    /// Replies are refused even where one may write.
    pub no_replies: bool,
    pub empty: bool,
    /// What is about to close.
    pub closing: Vec<ClosingRow>,
    /// The threads and messages before each change.
    pub before: Vec<Before>,
    pub silent: bool,
    /// It tells who an opened thread is with.
    pub hints: bool,
    /// Identities that are somebody else's.
    pub taken_out: Vec<IdentityId>,
}

pub(super) fn badge(app: &str) -> Badge {
    let (slug, name, short) = match app {
        "MSG" => ("messenger", "Messenger", "MSG"),
        "IG" => ("instagram", "Instagram", "IG"),
        "FB" => ("messenger", "Facebook account", "FB"),
        _ => ("whatsapp", "WhatsApp", "WA"),
    };
    Badge { source: SourceId::known(slug), name: name.into(), short: short.into() }
}

pub(super) fn reason() -> ReasonRow {
    ReasonRow {
        code: "cross-app-ended",
        text: "Instagram ↔ Facebook chats ended in mid-December 2023.".into(),
        since: "since mid-December 2023".into(),
        sure: "known",
        evidence: "flag is_xac_readonly in the export".into(),
        next: "You can read, not write or call. Start again on Messenger.".into(),
    }
}

pub(super) fn thread(id: i64, title: &str, app: &str, last: &str, preview: &str) -> ThreadHeader {
    let row = ThreadRow {
        id: ThreadId(id),
        title: title.into(),
        badge: badge(app),
        cross: None,
        kind: ThreadKind::Direct,
        last: Some(at(last)),
        preview_sender: Some(title.into()),
        preview_mine: false,
        preview: preview.into(),
        unread: None,
        archived: false,
        verdict: VerdictKind::HandOff,
        reason: None,
        warned: false,
        suggested: false,
        draft: None,
        messages: 3,
        pinned: false,
        muted: false,
        snoozed: None,
        awaiting: false,
        mentioned: false,
        request: false,
        starred: 0,
        labels: Vec::new(),
    };
    let link = AppLink {
        app: row.badge.name.clone(),
        url: "https://wa.me/420700000000".into(),
        prefill: Some("text".into()),
    };
    ThreadHeader {
        participants: vec![(title.into(), None, false), ("Maya".into(), None, true)],
        composer: ComposerState::HandOff(Some(link)),
        warnings: Vec::new(),
        suggestion: None,
        account: "Maya".into(),
        first: Some(at("2021-03-12T10:00:00Z")),
        person: None,
        no_files: None,
        live: None,
        older: None,
        reactions: Vec::new(),
        row,
    }
}

pub(super) fn message(id: i64, sender: &str, when: &str, text: &str) -> MessageRow {
    MessageRow {
        id: MessageId(id),
        thread: ThreadId(0),
        badge: None,
        starred: false,
        pos: TranscriptPos { at: at(when), order: id, message: MessageId(id) },
        sender: sender.into(),
        sender_badge: None,
        mine: sender == "Maya",
        kind: RowKind::Text,
        text: text.into(),
        attachments: Vec::new(),
        reactions: Vec::new(),
        reply_quote: None,
        edited: false,
        deletion: Deletion::None,
        forwarded: false,
        forwarded_from: None,
        send_state: None,
        send_why: None,
        seam: None,
        gap: None,
    }
}

impl Fake {
    /// A small inbox with one of everything.
    pub(super) fn inbox() -> Self {
        let mut ana =
            thread(1, "Ana Dvořáková", "WA", "2023-12-28T09:41:00Z", "see you at six? 👋🏽");
        ana.row.unread = Some(2);
        let mut crew =
            thread(2, "Climbing crew 🧗", "MSG", "2023-12-27T08:15:00Z", "rope's in my car");
        crew.row.kind = ThreadKind::Group;
        crew.row.preview_sender = Some("Tomáš".into());
        let mut jonas = thread(3, "Jonas Weber", "IG", "2023-11-14T18:05:00Z", "yes! thank you");
        jonas.row.cross = Some(badge("FB"));
        jonas.row.verdict = VerdictKind::ReadOnly;
        jonas.row.reason = Some(reason());
        jonas.row.preview_mine = true;
        jonas.composer = ComposerState::Closed(reason());
        let mut sara =
            thread(4, "سارة אבי", "IG", "2023-12-20T12:00:00Z", "مرحبا! שלום 日本語のテキスト");
        sara.row.suggested = true;
        sara.suggestion = Some(SuggestionRow {
            text: "This was probably an Instagram ↔ Facebook chat.".into(),
            grounds: "It ends in mid-December 2023 and the other name has no handle.".into(),
            other: SourceId::known("messenger"),
        });
        let mut studio = thread(5, "Studio Lindqvist", "IG", "2023-12-08T12:00:00Z", "photo");
        studio.row.warned = true;
        studio.row.verdict = VerdictKind::Live;
        studio.composer = ComposerState::Live;
        studio.warnings = vec![WarningRow {
            rule: "ig-msgr-end".into(),
            text: "Chats between Instagram and Facebook accounts end in mid-December 2023.".into(),
        }];
        Self {
            threads: vec![ana, crew, sara, studio, jonas],
            messages: all_messages(),
            hints: true,
            ..Self::default()
        }
    }

    /// Many threads; the first holds many messages.
    pub(super) fn large(threads: i64, messages: i64) -> Self {
        let mut fake = Self::default();
        for id in 1..=threads {
            fake.threads.push(thread(
                id,
                &format!("Person {id}"),
                "MSG",
                "2023-12-01T10:00:00Z",
                "hi",
            ));
        }
        let all = (1..=messages).map(|i| {
            let mut m = message(
                i,
                if i % 3 == 0 { "Maya" } else { "Person 1" },
                "2020-01-01T00:00:00Z",
                "",
            );
            m.pos.at = Timestamp(m.pos.at.0 + i * 3_600_000);
            m.text = format!("message {i} {}", "word ".repeat((i % 40) as usize));
            m
        });
        fake.messages.insert(ThreadId(1), all.collect());
        fake
    }

    pub(super) fn status(&self) -> Update {
        Update::Status(Status { demo: true, empty: self.empty, ..Status::default() })
    }

    pub(super) fn counts(&self) -> Update {
        let count = |f: &dyn Fn(&ThreadRow) -> bool| {
            self.threads.iter().filter(|t| f(&t.row)).count() as u64
        };
        let mut labels = std::collections::BTreeMap::new();
        for label in self.threads.iter().flat_map(|t| &t.row.labels) {
            *labels.entry(label.clone()).or_insert(0) += 1;
        }
        let source = |app| {
            let badge = badge(app);
            SourceCount { threads: count(&|r| r.badge.source == badge.source), badge }
        };
        Update::Counts(Counts {
            all: count(&|r| !r.archived && r.snoozed.is_none()),
            sources: vec![source("IG"), source("MSG"), source("WA")],
            cross_app: count(&|r| r.cross.is_some()),
            read_only: count(&|r| r.verdict == VerdictKind::ReadOnly),
            archived: count(&|r| r.archived),
            unread: count(&|r| r.unread.unwrap_or(0) > 0),
            drafts: self.drafts.len() as u64,
            awaiting: count(&|r| r.awaiting),
            mentions: count(&|r| r.mentioned),
            requests: count(&|r| r.request),
            snoozed: count(&|r| r.snoozed.is_some()),
            starred: count(&|r| r.starred > 0),
            labels: labels.into_iter().collect(),
            closing: self.closing.iter().map(|c| c.total).sum(),
            ..Counts::default()
        })
    }

    fn listed(&self, filter: &ThreadFilter, order: ListOrder) -> Vec<ThreadRow> {
        let fits = |r: &&ThreadRow| {
            filter.source.as_ref().is_none_or(|s| *s == r.badge.source)
                && (!filter.cross_app || r.cross.is_some())
                && (!filter.read_only || r.verdict == VerdictKind::ReadOnly)
                && (!filter.unread || r.unread.unwrap_or(0) > 0)
                && (filter.archived == r.archived)
                && (!filter.awaiting || r.awaiting)
                && (!filter.mentions || r.mentioned)
                && (!filter.requests || r.request)
                && (!filter.starred || r.starred > 0)
                && (filter.snoozed == r.snoozed.is_some())
                && filter.label.as_ref().is_none_or(|l| r.labels.contains(l))
        };
        let mut rows: Vec<ThreadRow> =
            self.threads.iter().map(|t| &t.row).filter(fits).cloned().collect();
        let read = |r: &ThreadRow| r.unread.unwrap_or(0) == 0;
        rows.sort_by_key(|r| (!r.pinned, order == ListOrder::UnreadFirst && read(r)));
        rows
    }

    fn open(&self, ticket: Ticket, thread: ThreadId, at: OpenAt, limit: usize) -> Vec<Update> {
        let Some(header) = self.threads.iter().find(|t| t.row.id == thread) else {
            return Vec::new();
        };
        let none = Vec::new();
        let all = self.messages.get(&thread).unwrap_or(&none);
        let (from, focus) = match at {
            OpenAt::End => (all.len().saturating_sub(limit), None),
            OpenAt::Start => (0, Some(0)),
            OpenAt::Date(t) => {
                let i = all.partition_point(|m| m.pos.at < t);
                let from = i.saturating_sub(limit / 2);
                (from, Some(i - from).filter(|_| i < all.len()))
            }
            OpenAt::Message(id) => {
                let i = all.iter().position(|m| m.id == id).unwrap_or(0);
                let from = i.saturating_sub(limit / 2);
                (from, Some(i - from))
            }
        };
        let to = (from + limit).min(all.len());
        vec![Update::Transcript {
            ticket,
            header: Box::new(header.clone()),
            rows: all[from..to].to_vec(),
            more_before: from > 0,
            more_after: to < all.len(),
            focus,
            draft: self.drafts.get(&thread).cloned(),
            reply: None,
        }]
    }

    #[allow(clippy::too_many_lines, reason = "one arm for each kind: a table, not a story")]
    pub(super) fn answer(&mut self, request: Request) -> Vec<Update> {
        if self.silent {
            return Vec::new();
        }
        match request {
            Request::Threads { ticket, filter, order, offset, limit, around } => {
                assert!(limit <= 500);
                let all = self.listed(&filter, order);
                let found = around.and_then(|a| all.iter().position(|r| r.id == a));
                let offset = match found {
                    Some(i) if i < offset || i >= offset + limit => i.saturating_sub(limit / 2),
                    _ => offset.min(all.len()),
                };
                let to = (offset + limit).min(all.len());
                let rows = all[offset..to].to_vec();
                vec![Update::Threads { ticket, filter, offset, rows, total: all.len() }]
            }
            Request::Open { ticket, thread, at, limit } => {
                let mut updates = self.open(ticket, thread, at, limit);
                if self.hints {
                    updates.push(super::fake_people::hint(self, thread));
                }
                updates
            }
            Request::Page { ticket, thread, from, direction, limit } => {
                assert!(limit <= 200);
                let all = &self.messages[&thread];
                let i = all.iter().position(|m| m.id == from.message).unwrap();
                let (a, b) = match direction {
                    Direction::Older => (i.saturating_sub(limit), i),
                    Direction::Newer => (i + 1, (i + 1 + limit).min(all.len())),
                };
                let more = if direction == Direction::Older { a > 0 } else { b < all.len() };
                vec![Update::Page { ticket, thread, rows: all[a..b].to_vec(), more }]
            }
            Request::SaveDraft { thread, text } => {
                self.drafts.insert(thread, text);
                Vec::new()
            }
            Request::Send { ticket, thread, text: written, reply } => {
                let all = self.messages.get(&thread).into_iter().flatten();
                let answered = all.into_iter().find(|m| Some(m.id) == reply);
                let text = match answered {
                    Some(m) => format!("> {}: {}\n{written}", m.sender, m.text),
                    None => written.clone(),
                };
                let url = format!("https://wa.me/420700000000?text={text}");
                let row = HandOffRow {
                    thread,
                    text,
                    written,
                    reply,
                    app: "WhatsApp".into(),
                    url: Some(url),
                    paste: false,
                };
                vec![Update::HandOff { ticket, row }]
            }
            Request::Try { ticket, thread, wish } if self.may(thread, wish) => {
                let row = HandOffRow {
                    thread,
                    text: String::new(),
                    written: String::new(),
                    reply: None,
                    app: "WhatsApp".into(),
                    url: None,
                    paste: true,
                };
                vec![Update::HandOff { ticket, row }]
            }
            Request::Handed { ticket, thread, before, limit } => {
                let all = self.handed.get(&thread).cloned().unwrap_or_default();
                let older = |r: &&HandedRow| before.is_none_or(|b| r.pos < b);
                let rows: Vec<HandedRow> = all.iter().filter(older).cloned().collect();
                let more = rows.len() > limit;
                let rows = rows.into_iter().take(limit).collect();
                vec![Update::Handed { ticket, thread, rows, more }]
            }
            Request::Try { ticket, thread, wish } => {
                vec![Update::Refused { ticket, thread, wish, reason: reason() }]
            }
            Request::Why { ticket, thread } => {
                vec![Update::Why { ticket, thread, title: "Jonas Weber".into(), tables: ladder() }]
            }
            Request::Rules { ticket } => vec![Update::Rules { ticket, rows: vec![rule()] }],
            Request::LookFor { ticket, paths } => {
                let found = super::importing::found(&self.exports, &paths);
                vec![Update::Exports { ticket, found }]
            }
            Request::CompletePath { ticket, typed } => {
                let paths = ["/home/maya/Downloads/", "/home/maya/facebook-maya.zip"];
                let paths = paths.iter().filter(|p| p.starts_with(&typed));
                vec![Update::Paths { ticket, paths: paths.map(ToString::to_string).collect() }]
            }
            Request::Triage { threads, change } => self.triage(&threads, &change),
            Request::Star { message, on } => self.star(message, on),
            Request::ChangePeople(crate::inbox::PeopleChange::Unlink(identity)) => {
                self.taken_out.push(identity);
                self.done("Jonas Weber is a person of their own now".into())
            }
            Request::Undo if self.taken_out.pop().is_some() => self.done("Undone".into()),
            Request::Undo => self.undo(),
            Request::Closing { ticket } => {
                vec![Update::Closing { ticket, rows: self.closing.clone() }]
            }
            Request::Search(search) => vec![Update::Hits(self.search(&search))],
            other => super::fake_people::answer(self, &other),
        }
    }

    fn may(&self, thread: ThreadId, wish: Wish) -> bool {
        let Some(header) = self.threads.iter().find(|t| t.row.id == thread) else { return false };
        let closed = matches!(header.composer, ComposerState::Closed(_));
        let changes = matches!(wish, Wish::Edit | Wish::Delete | Wish::React);
        !self.no_replies && !closed && (wish == Wish::Reply || changes && header.live.is_some())
    }

    /// Looks through everything, newest first, by the marks alone.
    fn search(&self, search: &SearchRequest) -> Hits {
        let marker = Marker::new(&search.query);
        let mut rows: Vec<HitRow> = Vec::new();
        for row in self.threads.iter().map(|h| &h.row) {
            let here = match search.scope {
                Scope::Thread(thread) => thread == row.id,
                Scope::Everything | Scope::Person(_) => true,
            };
            for m in self.messages.get(&row.id).into_iter().flatten().filter(|_| here) {
                let marks = marker.marks(&m.text);
                if marks.is_empty() {
                    continue;
                }
                rows.push(HitRow {
                    thread: row.id,
                    message: m.id,
                    pos: m.pos,
                    title: row.title.clone(),
                    badge: row.badge.clone(),
                    read_only: row.reason.is_some(),
                    sender: m.sender.clone(),
                    mine: m.mine,
                    kind: m.kind,
                    at: m.pos.at,
                    text: m.text.clone(),
                    marks,
                    attachments: Vec::new(),
                });
            }
        }
        rows.sort_by_key(|r| std::cmp::Reverse(r.pos));
        let total = rows.len() as u64;
        let rows = rows.into_iter().skip(search.offset).take(search.limit).collect();
        let source = |r: &ThreadRow| CoverageRow {
            badge: r.badge.clone(),
            threads: 1,
            messages: 12,
            first: Some(at("2019-03-01T00:00:00Z")),
            last: Some(at("2023-12-27T20:00:00Z")),
        };
        let coverage = Coverage {
            threads: 14,
            messages: 12_345,
            searched: 12_345,
            sources: self.threads.iter().map(|h| &h.row).take(2).map(source).collect(),
            not_covered: vec!["what pictures, videos and sound show or say".into()],
            ..Coverage::default()
        };
        Hits { ticket: search.ticket, rows, total, at_least: false, coverage }
    }
}

fn all_messages() -> HashMap<ThreadId, Vec<MessageRow>> {
    let messages = [
        (
            1,
            vec![
                message(
                    11,
                    "Ana Dvořáková",
                    "2023-12-27T20:01:00Z",
                    "Are you coming to the lake tomorrow?",
                ),
                message(12, "Maya", "2023-12-27T20:03:00Z", "yes ❤️"),
                message(13, "Ana Dvořáková", "2023-12-28T09:41:00Z", "see you at six? 👋🏽"),
            ],
        ),
        (2, crew_messages()),
        (
            3,
            vec![
                message(31, "Jonas Weber", "2023-11-14T18:02:00Z", "did the parcel arrive?"),
                message(32, "Maya", "2023-11-14T18:05:00Z", "yes! thank you"),
            ],
        ),
        (4, vec![message(41, "سارة אבי", "2023-12-20T12:00:00Z", "مرحبا! שלום 日本語のテキスト")]),
        (5, vec![message(51, "Studio Lindqvist", "2023-12-08T12:00:00Z", "thanks for the photos")]),
    ];
    messages.into_iter().map(|(id, m)| (ThreadId(id), m)).collect()
}

fn crew_messages() -> Vec<MessageRow> {
    let tomas = "Tomáš";
    let photo = AttachmentRow {
        kind: AttachmentKind::Photo,
        name: String::new(),
        path: "photos/IMG_2031.jpg".into(),
        present: true,
        remote: false,
        size: None,
    };
    let lost = AttachmentRow {
        kind: AttachmentKind::Video,
        name: "descent.mp4".into(),
        path: String::new(),
        present: false,
        remote: false,
        size: None,
    };
    let share = AttachmentRow {
        kind: AttachmentKind::Share,
        name: "Route 41, Ostrov".into(),
        path: "https://example.org/ostrov".into(),
        present: false,
        remote: false,
        size: None,
    };
    vec![
        MessageRow {
            kind: RowKind::System,
            sender: String::new(),
            ..message(21, "", "2023-12-26T10:00:00Z", "Tomáš named the group Climbing crew 🧗")
        },
        MessageRow {
            attachments: vec![photo, lost],
            reactions: vec![
                ReactionRow { emoji: "😍".into(), by: "Ana".into() },
                ReactionRow { emoji: "😍".into(), by: "Maya".into() },
                ReactionRow { emoji: "👍🏽".into(), by: "Jonas".into() },
            ],
            ..message(22, tomas, "2023-12-26T10:02:00Z", "")
        },
        MessageRow {
            edited: true,
            attachments: vec![share],
            ..message(23, tomas, "2023-12-26T10:04:00Z", "this one next time")
        },
        MessageRow {
            reply_quote: Some("this one next time".into()),
            send_state: Some(SendState::HandedOff),
            ..message(24, "Maya", "2023-12-26T10:09:00Z", "only if it does not rain")
        },
        MessageRow {
            deletion: Deletion::Unsent,
            seam: Some(Seam { origin: "Messenger encrypted export".into(), badge: badge("MSG") }),
            ..message(25, "Ana", "2023-12-27T08:00:00Z", "")
        },
        MessageRow {
            kind: RowKind::Call(Call { video: Some(true), seconds: Some(754), missed: false }),
            ..message(26, "Ana", "2023-12-27T08:02:00Z", "")
        },
        MessageRow {
            kind: RowKind::Call(Call { video: Some(false), seconds: None, missed: true }),
            ..message(27, tomas, "2023-12-27T08:10:00Z", "")
        },
        message(28, tomas, "2023-12-27T08:15:00Z", "rope's in my car"),
    ]
}

pub(super) fn ladder() -> Vec<LadderTable> {
    let rung = |question: &str, answer: &str, decides| LadderRow {
        floor: "must not",
        question: question.into(),
        answer: answer.into(),
        decides,
    };
    vec![
        LadderTable {
            wish: Wish::Send,
            label: "send a message",
            verdict: VerdictKind::ReadOnly,
            reason: Some(reason()),
            rungs: vec![
                rung("Are you still in the thread?", "Yes.", false),
                rung(
                    "Has an interop rule ended these chats?",
                    "Instagram ↔ Messenger ended 2023-12-10…2023-12-20 (rule ig-msgr-end).",
                    true,
                ),
            ],
        },
        LadderTable {
            wish: Wish::Call,
            label: "call",
            verdict: VerdictKind::HandOff,
            reason: None,
            rungs: Vec::new(),
        },
    ]
}

fn rule() -> RuleRow {
    RuleRow {
        id: "ig-msgr-end".into(),
        apps: "Instagram ↔ Messenger".into(),
        kind: "closes".into(),
        when: "mid-December 2023".into(),
        in_force: true,
        text: "Existing cross-app chats became read-only.".into(),
        sure: "announced by the service".into(),
        sources: vec!["https://example.org/help".into()],
        touches: 1,
    }
}
