//! The doors: has a thread crossed to another app, and is that door open on a day.

use crate::model::{Day, DayRange, Evidence, EvidenceKind, Facts, SourceId};

use super::rule::{NewThreads, Rule, RuleKind, Scope, is_past};
use super::rules::Rules;
use super::words;

/// Another app that a thread has crossed to, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Crossing {
    pub other: SourceId,
    pub evidence: Evidence,
}

/// How a door stands on a day.
#[derive(Clone, Copy, Debug)]
pub(super) enum DoorState<'a> {
    /// No rule with a date speaks of it.
    Undated,
    /// It opens later.
    NotYet(&'a Rule, DayRange),
    /// It is open.
    Open,
    /// It has closed.
    Closed(&'a Rule, DayRange),
}

/// A door on a day: its state, and the closure that comes next or is under way.
#[derive(Debug)]
pub(super) struct Door<'a> {
    pub state: DoorState<'a>,
    /// A rule knows, or knew, a day on which it closes.
    pub has_end: bool,
    /// A rule that closes it, but knows no day.
    pub undated: Option<&'a Rule>,
    pub coming: Option<(&'a Rule, DayRange)>,
}

/// Every app that the thread has ever crossed to, best known first. A guess is none of them.
pub(super) fn crossings(facts: &Facts, rules: &Rules) -> Vec<Crossing> {
    let mut found: Vec<Crossing> = Vec::new();
    let mut add = |other: SourceId, evidence: Evidence| {
        if other != facts.home {
            found.push(Crossing { other, evidence });
        }
    };
    if let Some((other, evidence)) = &facts.cross_app
        && let Some(other) = other.clone().or_else(|| only_other(facts, rules))
    {
        add(other, evidence.clone());
    }
    for other in facts.foreign_sources.iter().chain(&facts.peer_source) {
        let detail = format!("someone in it wrote from {}", words::an_account(other, rules));
        add(other.clone(), Evidence::new(EvidenceKind::Participant, detail));
    }
    if let Some(other) = &facts.mark.cross_app {
        add(other.clone(), Evidence::new(EvidenceKind::You, "you marked it"));
    }
    // "Not a cross-app thread" outweighs what is weaker than the person's word: a notice.
    let weakest = if facts.mark.not_cross_app { EvidenceKind::You } else { EvidenceKind::Switch };
    found.retain(|c| c.evidence.kind <= weakest);
    found.sort_by_key(|c| c.evidence.kind);
    let mut kept: Vec<Crossing> = Vec::new();
    for crossing in found {
        if kept.iter().all(|k| k.other != crossing.other) {
            kept.push(crossing);
        }
    }
    kept
}

/// The data says "cross-app" but not to which: the one app that a rule can mean, if it is one.
fn only_other(facts: &Facts, rules: &Rules) -> Option<SourceId> {
    let scope = Scope::of_thread(facts.kind);
    let mut others = rules
        .rules()
        .iter()
        .filter(|r| r.kind == RuleKind::Closes && r.scope.contains(&scope))
        .filter_map(|r| other_app(r, &facts.home));
    let first = others.next()?;
    others.all(|o| o == first).then(|| first.clone())
}

fn other_app<'a>(rule: &'a Rule, home: &SourceId) -> Option<&'a SourceId> {
    match rule.apps.as_slice() {
        [a, b] if a == home => Some(b),
        [a, b] if b == home => Some(a),
        _ => None,
    }
}

/// The door between two apps.
pub(super) fn between<'a>(
    rules: &'a Rules,
    home: &SourceId,
    other: &SourceId,
    scope: Scope,
    as_of: Day,
) -> Door<'a> {
    let fits = |r: &&Rule| {
        matches!(r.kind, RuleKind::Opens | RuleKind::Closes) && other_app(r, home) == Some(other)
    };
    stand(rules.rules().iter().filter(fits), rules, scope, as_of)
}

/// The door of an app itself.
pub(super) fn of_app<'a>(rules: &'a Rules, home: &SourceId, scope: Scope, as_of: Day) -> Door<'a> {
    stand(rules.rules().iter().filter(|r| is_about_app(r, home)), rules, scope, as_of)
}

fn is_about_app(rule: &Rule, home: &SourceId) -> bool {
    match rule.kind {
        RuleKind::Opens | RuleKind::Closes | RuleKind::Deletes => rule.apps == [home.clone()],
        RuleKind::Migrates => rule.apps.first() == Some(home),
        RuleKind::ClientCloses
        | RuleKind::Redirects
        | RuleKind::Withdrawn
        | RuleKind::HistoryCut
        | RuleKind::Barred
        | RuleKind::Offered
        | RuleKind::Lossy
        | RuleKind::Disconnects => false,
    }
}

/// Walks through what happened to a door up to a day.
fn stand<'a>(
    about: impl Iterator<Item = &'a Rule>,
    rules: &Rules,
    scope: Scope,
    as_of: Day,
) -> Door<'a> {
    let mut undated = None;
    let mut dated: Vec<(&Rule, DayRange)> = Vec::new();
    for rule in about.filter(|r| r.scope.contains(&scope) && !is_revised(r, rules)) {
        match rule.when {
            Some(when) => dated.push((rule, when)),
            None if rule.kind == RuleKind::Opens => {}
            None => undated = undated.or(Some(rule)),
        }
    }
    let has_end = dated.iter().any(|(rule, _)| rule.kind != RuleKind::Opens);
    dated.sort_by_key(|(_, when)| (when.from, when.to));
    let mut state = match dated.first() {
        None => DoorState::Undated,
        Some((rule, when)) if rule.kind == RuleKind::Opens => DoorState::NotYet(rule, *when),
        Some(_) => DoorState::Open,
    };
    let mut coming = None;
    for (rule, when) in dated {
        if rule.kind == RuleKind::Opens {
            if as_of >= when.from {
                state = DoorState::Open;
                coming = None;
            }
        } else if is_past(&when, as_of) {
            // What closed first closed it; a later deletion does not make it younger.
            if !matches!(state, DoorState::Closed(..)) {
                state = DoorState::Closed(rule, when);
            }
        } else {
            coming = coming.or(Some((rule, when)));
        }
    }
    Door { state, has_end, undated, coming }
}

/// A rule that a later one revised is not applied.
fn is_revised(rule: &Rule, rules: &Rules) -> bool {
    rule.superseded_by.as_ref().is_some_and(|id| rules.rule(id).is_some())
}

/// Whether a coming closure is to be told of on that day: it is under way, it was announced, or
/// the data itself says that this thread will close.
pub(super) fn is_foreseen(rule: &Rule, when: &DayRange, as_of: Day, flagged: bool) -> bool {
    flagged || as_of >= when.from || rule.announced.is_some_and(|a| as_of >= a.from)
}

/// Whether a new thread or call across the closed door is refused by this rule.
pub(super) fn refuses_new(rule: &Rule) -> bool {
    match rule.new {
        NewThreads::Refused => true,
        NewThreads::Unchanged | NewThreads::Allowed => false,
    }
}

/// Whether this rule, when in force, concerns this thread: whether what may be done in it, or
/// what is left of it, can depend on the rule. A rule about one way of using an app (`client`)
/// concerns no thread.
pub fn touches(rule: &Rule, facts: &Facts) -> bool {
    if !rule.scope.contains(&Scope::of_thread(facts.kind)) {
        return false;
    }
    let is_home = rule.apps.first() == Some(&facts.home);
    match rule.kind {
        RuleKind::Opens | RuleKind::Closes | RuleKind::Lossy if rule.apps.len() == 2 => {
            other_app(rule, &facts.home).is_some_and(|other| may_cross_to(facts, other))
        }
        RuleKind::Opens
        | RuleKind::Closes
        | RuleKind::Deletes
        | RuleKind::Migrates
        | RuleKind::HistoryCut => is_home,
        // Only these threads are encrypted ones, as far as the data knows.
        RuleKind::Withdrawn => is_home && facts.moved_to_encrypted.is_some(),
        RuleKind::Disconnects => is_home && facts.flagged_read_only.is_some(),
        RuleKind::ClientCloses
        | RuleKind::Redirects
        | RuleKind::Barred
        | RuleKind::Offered
        | RuleKind::Lossy => false,
    }
}

fn may_cross_to(facts: &Facts, other: &SourceId) -> bool {
    let outweighed = |kind| facts.mark.not_cross_app && kind > EvidenceKind::You;
    facts.foreign_sources.contains(other)
        || facts.peer_source.as_ref() == Some(other)
        || facts.mark.cross_app.as_ref() == Some(other)
        || facts.cross_app.as_ref().is_some_and(|(named, evidence)| {
            evidence.kind != EvidenceKind::Guess
                && !outweighed(evidence.kind)
                && named.as_ref().is_none_or(|n| n == other)
        })
}
