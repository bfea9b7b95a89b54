//! Sending a file: the wish to attach is judged, then this file by what the thread takes.

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
    if stop.is_some() {
        decision.ladder.iter_mut().for_each(|rung| rung.decides = false);
    }
    decision.ladder.push(Rung {
        floor: Floor::Cannot,
        question: format!("Does it take a {} of {}?", kind.word(), Bytes(size)),
        answer: answer.to_owned(),
        decides: stop.is_some(),
    });
    if let Some(code) = stop {
        let detail = "your connected account says what files it takes here";
        let evidence = Evidence::new(EvidenceKind::Account, detail);
        decision.verdict = Verdict::Denied(Reason { code, since: None, evidence });
        decision.granted = false;
    }
    decision
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
