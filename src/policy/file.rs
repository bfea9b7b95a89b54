//! What is sent: the wish is judged, then this file or this text by what the thread takes.

use crate::model::{
    AttachmentKind, Bytes, Day, Evidence, EvidenceKind, Facts, FileRule, Reason, ReasonCode,
    Verdict, Wish,
};

use super::decide::decide;
use super::decision::{Decision, Floor, Rung};
use super::rules::Rules;

/// Judges sending a file of a kind and a size in bytes.
pub fn decide_file(
    facts: &Facts,
    rules: &Rules,
    as_of: Day,
    (kind, size): (AttachmentKind, u64),
) -> Decision {
    let mut decision = decide(facts, rules, as_of, Wish::Attach);
    if decision.verdict != Verdict::Live {
        return decision;
    }
    let rule = FileRule::of(&facts.files, kind).cloned().unwrap_or_default();
    let stop = match rule {
        FileRule { refused: true, .. } => Some(ReasonCode::FileKindRefused { kind }),
        FileRule { largest: Some(largest), .. } if size > largest => {
            Some(ReasonCode::FileTooLarge { size, largest })
        }
        FileRule { .. } => None,
    };
    let answer = match &stop {
        None => "Yes.",
        Some(ReasonCode::FileTooLarge { .. }) => "No: it is too large.",
        Some(_) => "No: this kind is not taken.",
    };
    let question = format!("Does it take a {} of {}?", kind.word(), Bytes(size));
    let detail = "your connected account says what files it takes here";
    ask(&mut decision, question, answer, stop.map(|code| (code, detail)));
    decision
}

/// Judges writing a text: a message, an answer, or what a message is changed to.
pub fn decide_text(facts: &Facts, rules: &Rules, as_of: Day, wish: Wish, text: &str) -> Decision {
    let mut decision = decide(facts, rules, as_of, wish);
    let Some(longest) = facts.longest.filter(|_| decision.verdict == Verdict::Live) else {
        return decision;
    };
    let length = text.chars().count() as u64;
    let stop = (length > longest).then(|| {
        let detail = "your connected account says how long a message may be here";
        (ReasonCode::TextTooLong { length, longest }, detail)
    });
    let answer = if stop.is_some() { "No: it is too long." } else { "Yes." };
    ask(&mut decision, format!("Does it take a text of {length} characters?"), answer, stop);
    decision
}

/// One question more about what would be granted, and the reason if its answer refuses.
fn ask(
    decision: &mut Decision,
    question: String,
    answer: &str,
    stop: Option<(ReasonCode, &'static str)>,
) {
    if stop.is_some() {
        decision.ladder.iter_mut().for_each(|rung| rung.decides = false);
    }
    decision.ladder.push(Rung {
        floor: Floor::Cannot,
        question,
        answer: answer.to_owned(),
        decides: stop.is_some(),
    });
    if let Some((code, detail)) = stop {
        let evidence = Evidence::new(EvidenceKind::Account, detail);
        decision.verdict = Verdict::Denied(Reason { code, since: None, evidence });
        decision.granted = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FileRules, SourceId, ThreadId, ThreadKind};

    fn facts(rules: &[(&str, bool, Option<u64>)]) -> Facts {
        let said = |(kind, refused, largest): &(&str, bool, Option<u64>)| {
            ((*kind).to_owned(), FileRule { refused: *refused, largest: *largest })
        };
        Facts {
            live: Some([Wish::Send, Wish::Attach].into()),
            files: rules.iter().map(said).collect::<FileRules>(),
            ..Facts::bare(ThreadId(1), SourceId::new("whatsapp"), ThreadKind::Direct)
        }
    }

    fn code(facts: &Facts, kind: AttachmentKind, size: u64) -> Option<&'static str> {
        let rules = Rules::builtin().expect("rules");
        let day = Day(chrono::NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day"));
        let decision = decide_file(facts, &rules, day, (kind, size));
        let permit = decision.permit().is_some();
        match &decision.verdict {
            Verdict::Denied(reason) => {
                assert!(!permit, "a refused file gets no permit");
                assert_eq!(decision.ladder.iter().filter(|r| r.decides).count(), 1);
                Some(reason.code.slug())
            }
            Verdict::Live | Verdict::HandOff(_) => {
                assert!(permit);
                None
            }
        }
    }

    #[test]
    fn a_text_is_judged_by_its_length_for_each_wish_that_writes() {
        let rules = Rules::builtin().expect("rules");
        let day = Day(chrono::NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day"));
        let mut facts = facts(&[]);
        facts.live = Some([Wish::Send, Wish::Reply, Wish::Edit].into());
        for wish in [Wish::Send, Wish::Reply, Wish::Edit] {
            let judged = |facts: &Facts, text: &str| decide_text(facts, &rules, day, wish, text);
            facts.longest = None;
            let silent = judged(&facts, &"x".repeat(100_000));
            assert_eq!(silent.verdict, Verdict::Live, "of which nothing is said may be tried");
            facts.longest = Some(4);
            assert!(judged(&facts, "åäö漢").permit().is_some(), "characters count, not bytes");
            let long = judged(&facts, "åäö漢!");
            assert!(long.permit().is_none());
            assert_eq!(long.ladder.iter().filter(|r| r.decides).count(), 1);
            let Verdict::Denied(reason) = &long.verdict else { panic!("{:?}", long.verdict) };
            assert_eq!(reason.code, ReasonCode::TextTooLong { length: 5, longest: 4 });
        }
        // What is closed for another reason says that one.
        let react = decide_text(&facts, &rules, day, Wish::React, "too long");
        assert!(matches!(&react.verdict, Verdict::Denied(r) if r.code == ReasonCode::NotOffered));
    }

    #[test]
    fn a_file_is_judged_by_its_kind_and_size() {
        use AttachmentKind::{File, Photo, Video, Voice};
        let silent = facts(&[]);
        assert_eq!(code(&silent, Photo, u64::MAX), None, "of which nothing is said may be tried");
        let some =
            facts(&[("photo", false, Some(10)), ("video", true, None), ("other", true, None)]);
        assert_eq!(code(&some, Photo, 10), None);
        assert_eq!(code(&some, Photo, 11), Some("file-too-large"));
        assert_eq!(code(&some, Video, 1), Some("file-kind-refused"));
        assert_eq!(code(&some, Voice, 1), Some("file-kind-refused"), "as every other");
        let mut shut = facts(&[]);
        shut.live = Some([Wish::Send].into());
        assert_eq!(code(&shut, File, 1), Some("not-offered"));
    }
}
