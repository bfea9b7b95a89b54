//! Groups that may be one: a live one and one of an export, of the same name. A name only ever
//! suggests; joined they are by the person's word, which can be taken back like any other.

use std::collections::{BTreeMap, BTreeSet};

use super::grounds::folded;
use super::{Engine, EngineError, rows};
use crate::inbox::{GroundRow, GroupLinkRow, GroupRow, Notice, Severity};
use crate::model::{StrandId, ThreadId, Timestamp};
use crate::store::{GroupWord, PeopleRows, StoredGroup, WordKind};

/// More groups of one name than this are not compared: it is no name but a crowd.
const CROWD: usize = 8;
/// Suggestions of one answer, at most.
const MOST: usize = 100;
/// Both have messages of a time as long as this, and none in common: it speaks against them.
const SIDE_BY_SIDE_MS: i64 = 7 * 86_400_000;

/// A pair that may be one: the live one, the export's.
struct Pair<'g> {
    live: &'g StoredGroup,
    other: &'g StoredGroup,
    /// Groups of this name in all.
    bearers: usize,
}

/// Pairs of one name and one account of mine, in different threads.
fn pairs(groups: &[StoredGroup]) -> Vec<Pair<'_>> {
    let mut named: BTreeMap<(i64, String), Vec<&StoredGroup>> = BTreeMap::new();
    for g in groups {
        let name = folded(&g.title);
        if !name.is_empty() {
            named.entry((g.mine.0, name)).or_default().push(g);
        }
    }
    let mut pairs = Vec::new();
    for all in named.values() {
        let threads: BTreeSet<ThreadId> = all.iter().map(|g| g.thread).collect();
        if !(2..=CROWD).contains(&threads.len()) {
            continue;
        }
        // A thread that a live account goes on in has its export, or goes on without one.
        let told_live: BTreeSet<ThreadId> =
            all.iter().filter(|g| g.live).map(|g| g.thread).collect();
        for live in all.iter().filter(|g| g.live) {
            let mut seen = BTreeSet::new();
            for other in all.iter().filter(|g| !g.live && !told_live.contains(&g.thread)) {
                if seen.insert(other.thread) {
                    pairs.push(Pair { live, other, bearers: threads.len() });
                }
            }
        }
    }
    pairs
}

/// What speaks for a pair, and against it.
fn weigh(pair: &Pair<'_>, live: &BTreeSet<String>, other: &BTreeSet<String>) -> Vec<GroundRow> {
    let ground = |kind, text, weight| GroundRow { kind, text, weight };
    let name = &pair.other.title;
    let mut grounds = vec![ground(
        "same-group-name",
        format!("the same name, {name}, in an export and in a live thread of one account"),
        50,
    )];
    let fold = |names: &BTreeSet<String>| names.iter().map(|n| folded(n)).collect::<BTreeSet<_>>();
    let (ours, theirs) = (fold(live), fold(other));
    let common = ours.intersection(&theirs).count();
    let smaller = ours.len().min(theirs.len());
    if common > 0 {
        let share = common.saturating_mul(40) / smaller.max(1);
        let text = match common {
            1 => "somebody of the same name is in both".to_owned(),
            _ => format!("{common} people of the same names are in both"),
        };
        grounds.push(ground("same-members", text, u8::try_from(share).unwrap_or(40)));
    }
    grounds
}

/// How likely, and the reason against it, if there is one.
fn score(pair: &Pair<'_>, grounds: &mut Vec<GroundRow>) -> u8 {
    let sum: u32 = grounds.iter().map(|g| u32::from(g.weight)).sum();
    let crowd = u32::try_from(pair.bearers.saturating_sub(2)).unwrap_or(0) * 15;
    let from = pair.live.first.max(pair.other.first);
    let to = pair.live.last.min(pair.other.last);
    let apart = to.saturating_sub(from) > SIDE_BY_SIDE_MS;
    if apart {
        let text = "but both tell of the same weeks, and of no message in common".to_owned();
        grounds.push(GroundRow { kind: "nothing-shared", text, weight: 0 });
    }
    let against = crowd + if apart { 40 } else { 0 };
    u8::try_from(sum.saturating_sub(against).clamp(5, 95)).unwrap_or(5)
}

impl Engine {
    /// Groups that may be one, likeliest first, those that were put off last.
    pub fn group_links(&mut self) -> Result<Vec<GroupLinkRow>, EngineError> {
        let groups = self.reader.named_groups()?;
        let words = self.reader.group_words()?;
        let said = |kind, p: &Pair<'_>| {
            words.contains(&GroupWord::new(kind, p.live.strand, p.other.strand))
        };
        let mut out = Vec::new();
        for pair in pairs(&groups).into_iter().filter(|p| !said(WordKind::Cut, p)).take(MOST) {
            let live = self.reader.names_in(pair.live.strand)?;
            let other = self.reader.names_in(pair.other.strand)?;
            let mut grounds = weigh(&pair, &live, &other);
            let score = score(&pair, &mut grounds);
            let later = said(WordKind::Later, &pair);
            let row = |g: &StoredGroup, people: usize| GroupRow {
                thread: g.thread,
                title: g.title.clone(),
                badge: rows::badge(&self.settings, &g.source),
                live: g.live,
                people: people as u64,
                messages: g.messages,
                first: Timestamp(g.first),
                last: Timestamp(g.last),
            };
            let (live, other) = (row(pair.live, live.len()), row(pair.other, other.len()));
            out.push(GroupLinkRow { live, other, score, grounds, later });
        }
        out.sort_by_key(|g| (g.later, std::cmp::Reverse(g.score), g.live.thread, g.other.thread));
        Ok(out)
    }

    /// Does what the person says of two groups: what is told of it, and exactly what takes it back.
    pub(super) fn change_groups(
        &mut self,
        kind: WordKind,
        a: ThreadId,
        b: ThreadId,
    ) -> Result<(Notice, PeopleRows), EngineError> {
        let groups = self.reader.named_groups()?;
        let pairs = pairs(&groups);
        let is = |p: &&Pair<'_>| {
            (p.live.thread, p.other.thread) == (a, b) || (p.live.thread, p.other.thread) == (b, a)
        };
        let Some(pair) = pairs.iter().find(is) else {
            let what = "These two groups cannot be joined";
            let why = "they are not a live one and an export's of one name and account";
            let notice = Notice::new(Severity::Warning, what, why, "nothing was changed");
            return Ok((notice, PeopleRows::default()));
        };
        let word = |kind| GroupWord::new(kind, pair.live.strand, pair.other.strand);
        let title = &pair.live.title;
        let (told, remove) = match kind {
            WordKind::Link => (
                format!(
                    "{title} is one group now: what was said before and what is said now is one \
                     thread"
                ),
                vec![word(WordKind::Cut), word(WordKind::Later)],
            ),
            WordKind::Cut => {
                (format!("Noted: these are two groups called {title}"), vec![word(WordKind::Later)])
            }
            WordKind::Later => {
                ("Put off: it stands at the end of the suggestions".to_owned(), Vec::new())
            }
        };
        let rows = PeopleRows {
            add_groups: vec![word(kind)],
            remove_groups: remove,
            ..PeopleRows::default()
        };
        let inverse = self.store().writer()?.change_people(&rows, self.present())?;
        Ok((Notice::new(Severity::Info, told, "", ""), inverse))
    }

    /// Takes back what joined the groups in a thread, whenever that was said.
    pub(super) fn part_group(
        &mut self,
        thread: ThreadId,
    ) -> Result<(Notice, PeopleRows), EngineError> {
        let groups = self.reader.named_groups()?;
        let here: BTreeSet<StrandId> =
            groups.iter().filter(|g| g.thread == thread).map(|g| g.strand).collect();
        let words = self.reader.group_words()?;
        let joined: Vec<GroupWord> = words
            .into_iter()
            .filter(|w| w.kind == WordKind::Link && here.contains(&w.a) && here.contains(&w.b))
            .collect();
        if joined.is_empty() {
            let what = "Nothing was joined in this thread by your word";
            let notice = Notice::new(Severity::Info, what, "", "nothing was changed");
            return Ok((notice, PeopleRows::default()));
        }
        let cut = |w: &GroupWord| GroupWord::new(WordKind::Cut, w.a, w.b);
        let rows = PeopleRows {
            add_groups: joined.iter().map(cut).collect(),
            remove_groups: joined,
            ..PeopleRows::default()
        };
        let inverse = self.store().writer()?.change_people(&rows, self.present())?;
        let told = "What was said before and what is said now are two threads again";
        Ok((Notice::new(Severity::Info, told, "", ""), inverse))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AccountId, SourceId};

    fn group(n: i64, title: &str, live: bool, (first, last): (i64, i64)) -> StoredGroup {
        StoredGroup {
            strand: StrandId(n),
            thread: ThreadId(n),
            mine: AccountId(1),
            source: SourceId::new("whatsapp"),
            title: title.to_owned(),
            live,
            messages: 3,
            first,
            last,
        }
    }

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    #[test]
    fn a_live_group_and_an_exports_of_one_name_are_compared() {
        let groups = [
            group(1, "Climbing Crew", false, (0, 10)),
            group(2, "climbing crew", true, (20, 30)),
            group(3, "Climbing", true, (20, 30)),
            StoredGroup { mine: AccountId(2), ..group(4, "Climbing crew", false, (0, 10)) },
            group(5, "Choir", false, (0, 10)),
            group(6, "Choir", false, (0, 10)),
        ];
        let found = pairs(&groups);
        let found: Vec<_> = found.iter().map(|p| (p.live.thread.0, p.other.thread.0)).collect();
        assert_eq!(found, [(2, 1)]);
        // One that is joined already goes on in the live one, and is offered to no other.
        let joined = [
            StoredGroup { thread: ThreadId(2), ..groups[0].clone() },
            groups[1].clone(),
            group(7, "Climbing crew", true, (20, 30)),
        ];
        assert!(pairs(&joined).is_empty());
        let crowd: Vec<_> = (0..20).map(|n| group(n, "Family", n % 2 == 0, (0, 10))).collect();
        assert!(pairs(&crowd).is_empty());
    }

    #[test]
    fn who_is_in_both_speaks_for_them_and_weeks_side_by_side_against() {
        let week = SIDE_BY_SIDE_MS;
        let before = group(1, "Crew", false, (0, 3 * week));
        let after = group(2, "Crew", true, (3 * week, 5 * week));
        let beside = group(3, "Crew", true, (0, 3 * week));
        let of = |live| {
            let pair = Pair { live, other: &before, bearers: 2 };
            let mut grounds = weigh(&pair, &names(&["Ana", "Ben"]), &names(&["ana", "Ben", "Cy"]));
            (score(&pair, &mut grounds), grounds.len())
        };
        assert_eq!(of(&after), (90, 2));
        assert_eq!(of(&beside), (50, 3));
        let pair = Pair { live: &after, other: &before, bearers: 4 };
        let mut grounds = weigh(&pair, &names(&["Ana"]), &names(&["Cy"]));
        assert_eq!(score(&pair, &mut grounds), 20);
    }
}
