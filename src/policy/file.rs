//! What is sent or changed: the wish is judged, then the thing itself by what the thread takes.

use crate::model::{
    AttachmentKind, Bytes, Day, Evidence, EvidenceKind, Facts, FileRule, Reason, ReasonCode,
    Verdict, Wish,
};

use super::decide::decide;
use super::decision::{Decision, Floor, Rung};
use super::rules::Rules;

/// Judges sending a file of a kind and a size in bytes, with these words or none.
pub fn decide_file(
    facts: &Facts,
    rules: &Rules,
    as_of: Day,
    (kind, size): (AttachmentKind, u64),
    words: &str,
) -> Decision {
    let mut decision = decide(facts, rules, as_of, Wish::Attach);
    if decision.verdict != Verdict::Live {
        return decision;
    }
    let rule = FileRule::of(&facts.files, kind).cloned().unwrap_or_default();
    let length = words.chars().count() as u64;
    let stop = match rule {
        FileRule { refused: true, .. } => Some(ReasonCode::FileKindRefused { kind }),
        FileRule { largest: Some(largest), .. } if size > largest => {
            Some(ReasonCode::FileTooLarge { size, largest })
        }
        FileRule { wordless: true, .. } if length > 0 => Some(ReasonCode::WordsLost { kind }),
        FileRule { longest: Some(longest), .. } if length > longest => {
            Some(ReasonCode::TextTooLong { length, longest })
        }
        FileRule { .. } => None,
    };
    let answer = match &stop {
        None => "Yes.",
        Some(ReasonCode::FileTooLarge { .. }) => "No: it is too large.",
        Some(ReasonCode::WordsLost { .. }) => "Yes, but not the words with it.",
        Some(ReasonCode::TextTooLong { .. }) => "Yes, but not so many words with it.",
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

/// Judges changing a message of mine that was sent so many milliseconds ago: to another text, or
/// taking it back where there is none.
pub fn decide_change(
    facts: &Facts,
    rules: &Rules,
    as_of: Day,
    age: i64,
    text: Option<&str>,
) -> Decision {
    let (mut decision, within) = match text {
        Some(text) => {
            (decide_text(facts, rules, as_of, Wish::Edit, text), facts.limits.edit_within)
        }
        None => (decide(facts, rules, as_of, Wish::Delete), facts.limits.delete_within),
    };
    let Some(within) = within.filter(|_| decision.verdict == Verdict::Live) else {
        return decision;
    };
    let late = u64::try_from(age).is_ok_and(|age| age / 1_000 > within);
    let detail = "your connected account says how long a message can be changed here";
    let stop = late.then_some((ReasonCode::TooLate { within }, detail));
    let answer = if late { "No: it is too late." } else { "Yes." };
    ask(&mut decision, "Is it still time for that?".to_owned(), answer, stop);
    decision
}

/// Judges reacting with an emoji. Taking one back asks for the wish alone.
pub fn decide_reaction(facts: &Facts, rules: &Rules, as_of: Day, emoji: &str) -> Decision {
    let mut decision = decide(facts, rules, as_of, Wish::React);
    let allowed = &facts.limits.reactions;
    if allowed.is_empty() || decision.verdict != Verdict::Live {
        return decision;
    }
    // Some write the sign that asks for a picture, some do not.
    let bare = |emoji: &str| emoji.replace('\u{fe0f}', "");
    let taken = allowed.iter().any(|one| bare(one) == bare(emoji));
    let detail = "your connected account says which reactions it takes here";
    let stop = (!taken).then(|| (ReasonCode::ReactionRefused { allowed: allowed.clone() }, detail));
    let answer = if taken { "Yes." } else { "No: it is none of them." };
    ask(&mut decision, "Does it take this emoji?".to_owned(), answer, stop);
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
    use crate::model::{FileRules, Limits, SourceId, ThreadId, ThreadKind};

    fn facts(rules: &[(&str, bool, Option<u64>)]) -> Facts {
        let said = |(kind, refused, largest): &(&str, bool, Option<u64>)| {
            let rule = FileRule { refused: *refused, largest: *largest, ..FileRule::default() };
            ((*kind).to_owned(), rule)
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
        let decision = decide_file(facts, &rules, day, (kind, size), "");
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

    /// The code of a refusal; `live` where there is none.
    fn slug(decision: &Decision) -> &'static str {
        match &decision.verdict {
            Verdict::Denied(reason) => {
                assert!(decision.permit().is_none());
                assert_eq!(decision.ladder.iter().filter(|r| r.decides).count(), 1);
                reason.code.slug()
            }
            granted @ (Verdict::Live | Verdict::HandOff(_)) => {
                assert!(decision.permit().is_some());
                granted.kind().word()
            }
        }
    }

    #[test]
    fn the_words_with_a_file_are_judged_by_its_kind() {
        use AttachmentKind::{File, Photo, Voice};
        let rules = Rules::builtin().expect("rules");
        let day = Day(chrono::NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day"));
        let mut facts = facts(&[]);
        let said = |wordless, longest| FileRule { wordless, longest, ..FileRule::default() };
        facts.files = [("voice", said(true, None)), ("photo", said(false, Some(4)))]
            .map(|(kind, rule)| (kind.to_owned(), rule))
            .into();
        // What is too long for a text is not too long for the words with a file.
        facts.longest = Some(2);
        let of = |kind, words: &str| slug(&decide_file(&facts, &rules, day, (kind, 1), words));
        assert_eq!((of(Voice, ""), of(Voice, "x")), ("live", "words-lost"));
        assert_eq!((of(Photo, "åäö漢"), of(Photo, "åäö漢!")), ("live", "text-too-long"));
        assert_eq!(of(File, "of which nothing is said"), "live");
    }

    #[test]
    fn a_message_can_be_changed_only_while_there_is_time() {
        let rules = Rules::builtin().expect("rules");
        let day = Day(chrono::NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day"));
        let mut facts = facts(&[]);
        facts.live = Some([Wish::Edit, Wish::Delete].into());
        let of = |facts: &Facts, age, text| slug(&decide_change(facts, &rules, day, age, text));
        assert_eq!(of(&facts, i64::MAX, Some("x")), "live", "nothing is said of it");
        facts.limits =
            Limits { edit_within: Some(900), delete_within: Some(60), ..Limits::default() };
        for (age, edit, delete) in [
            (0, "live", "live"),
            (60_999, "live", "live"),
            (61_000, "live", "too-late"),
            (900_999, "live", "too-late"),
            (901_000, "too-late", "too-late"),
            // The service's clock is ahead of mine.
            (-5_000_000, "live", "live"),
        ] {
            assert_eq!(
                (of(&facts, age, Some("x")), of(&facts, age, None)),
                (edit, delete),
                "{age}"
            );
        }
        facts.longest = Some(1);
        assert_eq!(of(&facts, 0, Some("xx")), "text-too-long");
        facts.live = Some([Wish::Send].into());
        assert_eq!(of(&facts, i64::MAX, None), "not-offered", "the better reason");
    }

    #[test]
    fn an_emoji_is_one_of_those_that_are_taken() {
        let rules = Rules::builtin().expect("rules");
        let day = Day(chrono::NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day"));
        let mut facts = facts(&[]);
        facts.live = Some([Wish::React].into());
        let of = |facts: &Facts, emoji| slug(&decide_reaction(facts, &rules, day, emoji));
        assert_eq!(of(&facts, "🦀"), "live", "nothing is said of any");
        facts.limits.reactions = vec!["👍".to_owned(), "❤️".to_owned()];
        assert_eq!((of(&facts, "👍"), of(&facts, "\u{2764}")), ("live", "live"));
        assert_eq!((of(&facts, "👍🏽"), of(&facts, "🦀")), ("reaction-refused", "reaction-refused"));
        facts.limits.not_carried = [Wish::React].into();
        facts.live = Some([Wish::Send].into());
        assert_eq!(of(&facts, "👍"), "not-carried");
    }
}
