//! From stored rows and decisions to the plain rows of the counter.

use std::collections::HashMap;

use super::Settings;
use super::replying::Answered;
use crate::inbox::{
    AttachmentRow, Badge, ComposerState, HandOffRow, HitRow, LadderRow, LadderTable, MessageRow,
    ReactionRow, ReasonRow, RowKind, RuleRow, Seam, SuggestionRow, ThreadRow, TranscriptPos,
    WarningRow, Who,
};
use crate::model::{
    Deletion, Facts, MessageKind, Reason, Shut, ShutWhy, SourceId, ThreadId, Timestamp, Verdict,
    VerdictKind, Wish,
};
use crate::policy::{self, Decision, Rule, words};
use crate::search::Marker;
use crate::store::{StoredMessage, StoredParticipant, StoredThread};

/// How a source is shown.
pub fn badge(settings: &Settings, source: &SourceId) -> Badge {
    let app = settings.rules.app(source);
    Badge { source: source.clone(), name: app.name, short: app.short }
}

/// How an account of a source is shown in another app's thread: "Facebook account".
pub fn account_badge(settings: &Settings, source: &SourceId) -> Badge {
    let app = settings.rules.app(source);
    Badge { source: source.clone(), name: app.account, short: app.account_short }
}

/// Who is in a thread: name, the app they write from where it is another, and whether it is me.
pub fn participants(
    settings: &Settings,
    thread: &StoredThread,
    people: &[StoredParticipant],
) -> Vec<Who> {
    let mut all: Vec<Who> = Vec::new();
    for p in people {
        let foreign = p.source.as_ref().filter(|s| **s != thread.source);
        let badge = foreign.map(|s| account_badge(settings, s));
        // Two exports of one thread may call me by two names.
        let same = |(name, at, me): &Who| *at == badge && (*name == p.name || (*me && p.is_me));
        if !all.iter().any(same) {
            all.push((p.name.clone(), badge, p.is_me));
        }
    }
    all
}

/// A reason in words.
pub fn reason(settings: &Settings, facts: &Facts, reason: &Reason, wish: Wish) -> ReasonRow {
    let w = words::reason(reason, facts, &settings.rules, wish);
    ReasonRow {
        code: reason.code.slug(),
        text: w.text,
        since: w.since,
        sure: reason.evidence.sureness().word(),
        evidence: w.evidence,
        next: w.next,
    }
}

/// The app at the other end of a cross-app thread, however it is known.
pub fn other_source(facts: &Facts, settings: &Settings) -> Option<SourceId> {
    let named = facts.cross_app.as_ref().and_then(|(other, _)| other.clone());
    named
        .or_else(|| facts.foreign_sources.first().cloned())
        .or_else(|| facts.mark.cross_app.clone())
        .or_else(|| {
            // The flag names no app: the one that the rules pair with home, if it is only one.
            facts.cross_app.as_ref()?;
            let mut spans = settings.rules.cross_app_spans(&facts.home);
            let first = spans.pop()?;
            spans.iter().all(|s| s.other == first.other).then_some(first.other)
        })
}

/// A list row.
pub fn thread_row(
    settings: &Settings,
    thread: &StoredThread,
    facts: &Facts,
    decision: &Decision,
) -> ThreadRow {
    let present = settings.clock().unwrap_or_else(super::now);
    ThreadRow {
        id: thread.id,
        title: thread.title.clone(),
        badge: badge(settings, &thread.source),
        cross: other_source(facts, settings).map(|s| account_badge(settings, &s)),
        kind: thread.kind,
        last: thread.last,
        preview_sender: thread.preview_sender.clone(),
        preview_mine: thread.preview_mine,
        preview: thread.preview.clone(),
        unread: thread.unread,
        archived: thread.archived,
        verdict: decision.verdict.kind(),
        reason: denied(settings, facts, decision, Wish::Send),
        warned: !decision.warnings.is_empty(),
        suggested: decision.suggestion.is_some(),
        draft: thread.draft.clone(),
        messages: thread.messages,
        pinned: thread.pinned,
        muted: thread.is_muted(present),
        snoozed: thread.snoozed_until.filter(|t| *t > present),
        awaiting: is_awaiting(thread, decision, present),
        mentioned: thread.mentioned,
        request: is_request(thread),
        starred: thread.stars,
        labels: thread.labels.clone(),
    }
}

/// Somebody whom I have not let in yet wants to reach me.
pub fn is_request(thread: &StoredThread) -> bool {
    let invited = |s: &Shut| s.why == ShutWhy::Invited;
    thread.facts.request || thread.facts.shut.as_ref().is_some_and(invited)
}

/// An answer of mine is due where one can be given and was not put aside.
pub fn is_awaiting(thread: &StoredThread, decision: &Decision, now: Timestamp) -> bool {
    let snoozed = thread.snoozed_until.is_some_and(|t| t > now);
    let aside = thread.archived || thread.is_muted(now) || snoozed;
    thread.awaiting && !aside && decision.verdict.kind() != VerdictKind::ReadOnly
}

/// Why a wish is refused, if it is.
pub fn denied(
    settings: &Settings,
    facts: &Facts,
    decision: &Decision,
    wish: Wish,
) -> Option<ReasonRow> {
    match &decision.verdict {
        Verdict::Denied(r) => Some(reason(settings, facts, r, wish)),
        Verdict::Live | Verdict::HandOff(_) => None,
    }
}

/// The composer that a decision about sending gives.
pub fn composer(settings: &Settings, facts: &Facts, decision: &Decision) -> ComposerState {
    match &decision.verdict {
        Verdict::Live => ComposerState::Live,
        Verdict::HandOff(link) => ComposerState::HandOff(link.clone()),
        Verdict::Denied(r) => ComposerState::Closed(reason(settings, facts, r, Wish::Send)),
    }
}

/// Coming closures.
pub fn warnings(decision: &Decision) -> Vec<WarningRow> {
    let row = |w: &crate::model::Warning| WarningRow { rule: w.rule.clone(), text: w.text.clone() };
    decision.warnings.iter().map(row).collect()
}

/// A guess.
pub fn suggestion(decision: &Decision) -> Option<SuggestionRow> {
    decision.suggestion.as_ref().map(|s| SuggestionRow {
        text: s.text.clone(),
        grounds: s.evidence.detail.clone(),
        other: s.other.clone(),
    })
}

/// A ladder.
pub fn ladder(settings: &Settings, facts: &Facts, wish: Wish, decision: &Decision) -> LadderTable {
    LadderTable {
        wish,
        label: words::wish(wish),
        verdict: decision.verdict.kind(),
        reason: denied(settings, facts, decision, wish),
        rungs: decision
            .ladder
            .iter()
            .map(|r| LadderRow {
                floor: r.floor.word(),
                question: r.question.clone(),
                answer: r.answer.clone(),
                decides: r.decides,
            })
            .collect(),
    }
}

/// A rule, and how many threads it touches.
pub fn rule(settings: &Settings, rule: &Rule, touches: u64) -> RuleRow {
    RuleRow {
        id: rule.id.clone(),
        apps: words::rule_apps(rule, &settings.rules),
        kind: rule.kind.word().to_owned(),
        when: rule.when.as_ref().map(words::when).unwrap_or_default(),
        in_force: rule.in_force(settings.day()),
        text: rule.text.clone(),
        sure: rule.sure.word().to_owned(),
        sources: rule.sources.clone(),
        touches,
    }
}

/// A hand-off that is ready to be shown.
pub fn hand_off(
    settings: &Settings,
    thread: ThreadId,
    facts: &Facts,
    verdict: &Verdict,
    (written, answered): (&str, Option<&Answered>),
) -> HandOffRow {
    let whole = answered.map(|a| a.quoting(written));
    let text = whole.as_deref().unwrap_or(written);
    let link = match verdict {
        Verdict::HandOff(link) => link.as_ref(),
        Verdict::Live | Verdict::Denied(_) => None,
    };
    let done = link.map(|l| policy::complete(l, text));
    let home = settings.rules.app(facts.peer_source.as_ref().unwrap_or(&facts.home)).name;
    HandOffRow {
        thread,
        text: text.to_owned(),
        written: written.to_owned(),
        reply: answered.map(|a| a.row.message),
        app: link.map_or(home, |l| l.app.clone()),
        paste: done.as_ref().is_none_or(|d| d.paste),
        url: done.map(|d| d.url),
    }
}

/// Names by participant key.
pub fn names(people: &[StoredParticipant]) -> HashMap<&str, &str> {
    people.iter().map(|p| (p.key.as_str(), p.name.as_str())).collect()
}

/// Messages as transcript rows. `before` is the door of the message before the first, if there is
/// one.
pub fn messages(
    settings: &Settings,
    thread: &StoredThread,
    names: &HashMap<&str, &str>,
    before: Option<&str>,
    page: Vec<StoredMessage>,
) -> Vec<MessageRow> {
    let mut door: Option<String> = before.map(str::to_owned);
    let seams = thread.facts.strands > 1;
    page.into_iter()
        .map(|m| {
            let changed = seams && door.as_deref().is_some_and(|d| d != &*m.origin);
            door = Some(m.origin.to_string());
            let seam = changed.then(|| Seam {
                origin: m.origin.to_string(),
                badge: badge(settings, &thread.source),
            });
            message(settings, thread, names, m, seam)
        })
        .collect()
}

fn message(
    settings: &Settings,
    thread: &StoredThread,
    names: &HashMap<&str, &str>,
    m: StoredMessage,
    seam: Option<Seam>,
) -> MessageRow {
    let hidden = m.deletion != Deletion::None;
    let foreign = m.sender_source.as_ref().filter(|s| **s != thread.source);
    MessageRow {
        id: m.id,
        thread: m.thread,
        badge: None,
        starred: m.starred,
        pos: TranscriptPos { at: m.sent.at, order: m.order, message: m.id },
        sender: m.sender.unwrap_or_default(),
        sender_badge: foreign.map(|s| account_badge(settings, s)),
        mine: m.mine,
        kind: match m.kind {
            MessageKind::Text => RowKind::Text,
            MessageKind::System => RowKind::System,
            MessageKind::Call(call) => RowKind::Call(call),
            MessageKind::Poll => RowKind::Poll,
            MessageKind::Sealed => RowKind::Sealed,
        },
        text: if hidden { String::new() } else { m.text },
        attachments: if hidden { Vec::new() } else { attachments(m.attachments) },
        reactions: m
            .reactions
            .into_iter()
            .map(|r| ReactionRow {
                by: names.get(r.by.as_str()).map_or(r.by.clone(), |n| (*n).to_owned()),
                emoji: r.emoji,
            })
            .collect(),
        reply_quote: m.reply_to.and_then(|r| r.quote),
        edited: m.edited.is_some(),
        deletion: m.deletion,
        forwarded: m.forwarded,
        forwarded_from: m.forwarded_from.filter(|_| !hidden),
        send_state: m.send_state,
        send_why: m.send_why,
        seam,
        gap: None,
    }
}

/// A hit of a search.
pub fn hit(
    settings: &Settings,
    thread: &StoredThread,
    read_only: bool,
    marker: &Marker,
    m: StoredMessage,
) -> HitRow {
    let row = message(settings, thread, &HashMap::new(), m, None);
    let attachments = row.attachments.iter().map(|a| match a.name.as_str() {
        "" => a.kind.word().to_owned(),
        name => format!("{} {name}", a.kind.word()),
    });
    HitRow {
        thread: thread.id,
        message: row.id,
        pos: row.pos,
        title: thread.title.clone(),
        badge: badge(settings, &thread.source),
        read_only,
        mine: row.mine,
        kind: row.kind,
        at: row.pos.at,
        marks: marker.marks(&row.text),
        attachments: attachments.collect(),
        sender: row.sender,
        text: row.text,
    }
}

fn attachments(stored: Vec<crate::store::StoredAttachment>) -> Vec<AttachmentRow> {
    stored
        .into_iter()
        .map(|a| AttachmentRow {
            kind: a.kind,
            present: a.container_path.is_some(),
            remote: a.handle.is_some(),
            size: a.size,
            name: a.name.unwrap_or_default(),
            path: match a.container_path {
                Some(_) => a.path.or(a.url),
                None => a.url.or(a.path),
            }
            .unwrap_or_default(),
        })
        .collect()
}
