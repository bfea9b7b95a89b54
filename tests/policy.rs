//! The policy as others see it: every fact with every wish, the days that matter, the rules file
//! and its complaints, the words, the links.

use std::collections::BTreeSet;

use onebox::model::{
    AppLink, AttachmentKind, Day, Evidence, EvidenceKind, Facts, Membership, PostingLimit, Reason,
    ReasonCode, Shut, ShutWhy, Since, SourceId, Sureness, ThreadId, ThreadKind, Timestamp, Verdict,
    VerdictKind, Wish,
};
use onebox::policy::{
    Decision, Floor, RuleKind, RuleSureness, Rules, complete, decide, is_safe_link, touches, words,
};
use proptest::prelude::*;

const MSG: SourceId = SourceId::known("messenger");
const IG: SourceId = SourceId::known("instagram");
const WA: SourceId = SourceId::known("whatsapp");

fn rules() -> Rules {
    Rules::builtin().expect("the embedded rules")
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn today() -> Day {
    day("2026-11-22")
}

fn thread(home: SourceId, kind: ThreadKind) -> Facts {
    Facts::bare(ThreadId(7), home, kind)
}

/// An Instagram thread in which somebody wrote from a Facebook account.
fn crossed(kind: ThreadKind) -> Facts {
    let mut facts = thread(IG, kind);
    facts.foreign_sources.insert(MSG);
    facts
}

fn flag(name: &str) -> Evidence {
    Evidence::new(EvidenceKind::Flag, name)
}

fn reason(decision: &Decision) -> &Reason {
    match &decision.verdict {
        Verdict::Denied(reason) => reason,
        open @ (Verdict::Live | Verdict::HandOff(_)) => panic!("not denied: {open:?}"),
    }
}

fn code(facts: &Facts, as_of: Day, wish: Wish) -> &'static str {
    match decide(facts, &rules(), as_of, wish).verdict {
        Verdict::Denied(reason) => reason.code.slug(),
        open @ (Verdict::Live | Verdict::HandOff(_)) => open.kind().word(),
    }
}

// ---- the truth table ---------------------------------------------------------------------

/// How a thread may be known to cross: one of these at a time.
const CROSSINGS: [Option<EvidenceKind>; 6] = [
    None,
    Some(EvidenceKind::Flag),
    Some(EvidenceKind::Participant),
    Some(EvidenceKind::You),
    Some(EvidenceKind::Notice),
    Some(EvidenceKind::Guess),
];

const BITS: u32 = 10;

fn facts_of(bits: u32, crossing: Option<EvidenceKind>, live: u32) -> Facts {
    let on = |n: u32| bits & (1 << n) != 0;
    let mut f = thread(IG, ThreadKind::Direct);
    f.address = Some("jonas.weber".into());
    f.membership = if on(0) { Membership::Gone } else { Membership::Unknown };
    f.posting = if on(1) { PostingLimit::AdminsOnly } else { PostingLimit::Everyone };
    f.peer_gone = on(2).then(|| flag("placeholder name"));
    f.replaced_by = on(3).then_some(ThreadId(8));
    f.moved_to_encrypted = on(4).then_some(ThreadId(9));
    f.flagged_read_only = on(5).then(|| flag("is_xac_readonly"));
    f.mark.not_cross_app = on(6);
    f.mark.read_only = on(7);
    f.read_only_switch = on(8);
    f.suggestion = on(9).then(|| (MSG, Evidence::new(EvidenceKind::Guess, "no profile")));
    match crossing {
        Some(EvidenceKind::Participant) => {
            f.foreign_sources.insert(MSG);
        }
        Some(EvidenceKind::You) => f.mark.cross_app = Some(MSG),
        Some(kind) => f.cross_app = Some((Some(MSG), Evidence::new(kind, "is_xac_thread"))),
        None => {}
    }
    f.live = match live {
        0 => None,
        1 => Some(BTreeSet::new()),
        _ => Some(Wish::ALL.into_iter().collect()),
    };
    f
}

/// The tables of the room's documentation, written down a second time.
fn expected(f: &Facts, crossing: Option<EvidenceKind>, ended: bool, wish: Wish) -> &'static str {
    let new = wish == Wish::StartThread;
    let known = match crossing {
        None | Some(EvidenceKind::Guess) => false,
        Some(EvidenceKind::Notice) => !f.mark.not_cross_app,
        Some(_) => true,
    };
    let text = matches!(wish, Wish::Send | Wish::Reply);
    // An account that cannot do it where only administrators may: that is why.
    let lacks = matches!(wish, Wish::React | Wish::Edit | Wish::Delete)
        && f.live.as_ref().is_some_and(|can| !can.contains(&wish));
    if f.peer_gone.is_some() {
        "person-unavailable"
    } else if f.membership == Membership::Gone && !new {
        "not-a-member"
    } else if f.posting == PostingLimit::AdminsOnly
        && (text || matches!(wish, Wish::Attach | Wish::Call) || lacks)
    {
        "announcements-only"
    } else if f.replaced_by.is_some() && !new {
        "replaced"
    } else if f.moved_to_encrypted.is_some() && !new {
        "moved-to-encrypted"
    } else if f.flagged_read_only.is_some() && !known && !new {
        "service-says-no"
    } else if known && ended {
        "cross-app-ended"
    } else if f.read_only_switch {
        "read-only-switch"
    } else if f.mark.read_only && !new {
        "marked-by-you"
    } else {
        match &f.live {
            Some(can) if can.contains(&wish) => "live",
            _ if new => "hand-off",
            None if text => "hand-off",
            None | Some(_) => "not-offered",
        }
    }
}

fn check(f: &Facts, rules: &Rules, as_of: Day, wish: Wish, wanted: &str) {
    let decision = decide(f, rules, as_of, wish);
    let found = match &decision.verdict {
        Verdict::Denied(reason) => reason.code.slug(),
        Verdict::Live | Verdict::HandOff(_) => decision.verdict.kind().word(),
    };
    assert_eq!(found, wanted, "{wish:?} as of {as_of} with {f:?}");
    match decision.permit() {
        Some(permit) => {
            assert_ne!(decision.verdict.kind(), VerdictKind::ReadOnly);
            assert_eq!((permit.thread(), permit.wish()), (f.thread, wish));
        }
        None => assert_eq!(decision.verdict.kind(), VerdictKind::ReadOnly),
    }
    assert_eq!(decision.ladder.iter().filter(|r| r.decides).count(), 1, "{:?}", decision.ladder);
    assert!(decision.ladder.last().is_some_and(|r| r.decides), "{:?}", decision.ladder);
    if f.read_only_switch {
        assert!(decision.permit().is_none());
    }
    if f.mark.not_cross_app {
        assert_eq!(decision.suggestion, None);
    }
    // A guess never closes anything, nor is it ever the reason.
    if let Verdict::Denied(reason) = &decision.verdict {
        assert_ne!(reason.evidence.sureness(), Sureness::Inferred);
    }
}

#[test]
fn every_fact_with_every_wish() {
    let rules = rules();
    let (before, after) = (day("2023-11-01"), day("2023-12-21"));
    for bits in 0..1 << BITS {
        for crossing in CROSSINGS {
            for live in 0..3 {
                let f = facts_of(bits, crossing, live);
                for wish in Wish::ALL {
                    check(&f, &rules, after, wish, expected(&f, crossing, true, wish));
                    if bits % 8 == 0 {
                        check(&f, &rules, before, wish, expected(&f, crossing, false, wish));
                    }
                }
            }
        }
    }
}

#[test]
fn a_suggestion_alone_denies_nothing_and_waits_for_an_answer() {
    for home in [IG, MSG] {
        let plain = thread(home.clone(), ThreadKind::Direct);
        let mut guessed = plain.clone();
        let other = if home == IG { MSG } else { IG };
        guessed.suggestion =
            Some((other.clone(), Evidence::new(EvidenceKind::Guess, "the name has no profile")));
        for wish in Wish::ALL {
            let (a, b) = (
                decide(&plain, &rules(), today(), wish),
                decide(&guessed, &rules(), today(), wish),
            );
            assert_eq!(a.verdict, b.verdict);
            assert_eq!(a.suggestion, None);
            assert_eq!(b.suggestion.map(|s| s.other), Some(other.clone()));
        }
        guessed.mark.cross_app = Some(other);
        let accepted = decide(&guessed, &rules(), today(), Wish::Send);
        assert_eq!(accepted.suggestion, None, "answered");
        assert_eq!(reason(&accepted).evidence.sureness(), Sureness::Yours);
    }
    let mut ig = thread(IG, ThreadKind::Direct);
    ig.suggestion = Some((MSG, Evidence::new(EvidenceKind::Guess, "x")));
    let text = decide(&ig, &rules(), today(), Wish::Send).suggestion.expect("a guess").text;
    assert_eq!(text, "This was probably an Instagram ↔ Facebook chat.");
}

#[test]
fn a_decision_that_is_tampered_with_gives_no_permit() {
    let mut decision = decide(&crossed(ThreadKind::Direct), &rules(), today(), Wish::Send);
    decision.verdict = Verdict::Live;
    assert!(decision.permit().is_none());
}

// ---- the days that matter ----------------------------------------------------------------

#[test]
fn a_cross_app_thread_is_open_then_warned_then_closed() {
    for kind in [ThreadKind::Direct, ThreadKind::Group] {
        for (home, other) in [(IG, MSG), (MSG, IG)] {
            let mut f = thread(home, kind);
            f.foreign_sources.insert(other);
            let at = |d: &str| decide(&f, &rules(), day(d), Wish::Send);
            for open in ["2019-01-01", "2020-09-30", "2023-11-01", "2023-12-04"] {
                assert_eq!(at(open).verdict.kind(), VerdictKind::HandOff, "{open}");
                assert_eq!(at(open).warnings, [], "{open}");
            }
            // Announced on 5 December, under way from the 10th to the 20th.
            for warned in ["2023-12-05", "2023-12-10", "2023-12-15", "2023-12-20"] {
                assert_eq!(at(warned).verdict.kind(), VerdictKind::HandOff, "{warned}");
                assert_eq!(at(warned).warnings.len(), 1, "{warned}");
                assert_eq!(at(warned).warnings[0].rule, "ig-msgr-end");
            }
            for closed in ["2023-12-21", "2024-01-01", "2026-11-22"] {
                let decision = at(closed);
                assert_eq!(reason(&decision).code.slug(), "cross-app-ended", "{closed}");
                assert_eq!(decision.warnings, [], "{closed}");
            }
        }
    }
}

#[test]
fn since_is_as_exact_as_the_rule() {
    let f = crossed(ThreadKind::Direct);
    let decision = decide(&f, &rules(), today(), Wish::Send);
    let Some(Since::Range(range)) = reason(&decision).since else { panic!("no range") };
    assert_eq!((range.from, range.to), (day("2023-12-10"), day("2023-12-20")));
    assert_eq!(words::when(&range), "mid-December 2023");
}

#[test]
fn a_flag_tells_that_it_ends_and_the_rule_tells_when() {
    let mut f = thread(IG, ThreadKind::Direct);
    f.cross_app = Some((Some(MSG), flag("is_xac_thread")));
    f.flagged_read_only = Some(flag("is_xac_readonly"));
    let november = decide(&f, &rules(), day("2023-11-01"), Wish::Send);
    assert_eq!(november.verdict.kind(), VerdictKind::HandOff);
    assert_eq!(november.warnings.len(), 1, "the flag knows before the announcement");
    let after = decide(&f, &rules(), day("2023-12-21"), Wish::Send);
    assert_eq!(reason(&after).evidence, flag("is_xac_readonly"));
    assert_eq!(reason(&after).evidence.sureness(), Sureness::Known);

    f.flagged_read_only = None;
    f.flagged_will_close = Some(flag("will_xac_be_readonly"));
    assert_eq!(decide(&f, &rules(), day("2023-11-01"), Wish::Send).warnings.len(), 1);

    // The data does not name the other app: from Instagram it can be one only.
    f.cross_app = Some((None, flag("is_xac_thread")));
    let after = decide(&f, &rules(), today(), Wish::Send);
    assert!(matches!(&reason(&after).code,
        ReasonCode::CrossAppEnded { other, .. } if *other == MSG));
}

#[test]
fn a_flag_without_any_dated_rule_closes_on_every_day() {
    let mut f = thread(MSG, ThreadKind::Direct);
    f.flagged_read_only = Some(flag("read_only"));
    assert_eq!(code(&f, day("2019-01-01"), Wish::Send), "service-says-no");
    assert_eq!(code(&f, today(), Wish::StartThread), "hand-off");
    // It crosses, but no rule knows that door.
    f.cross_app = Some((Some(SourceId::new("carrier-pigeon")), flag("cross_app")));
    assert_eq!(code(&f, day("2019-01-01"), Wish::Send), "service-says-no");
    assert_eq!(code(&f, today(), Wish::StartThread), "hand-off");
    // It crosses, and the data does not say to which of several.
    f.cross_app = Some((None, flag("cross_app")));
    assert_eq!(code(&f, today(), Wish::Send), "service-says-no");
    // A door that only ever opened.
    let mut f = thread(WA, ThreadKind::Direct);
    f.foreign_sources.insert(SourceId::new("birdychat"));
    assert_eq!(code(&f, today(), Wish::Send), "hand-off");
    f.flagged_read_only = Some(flag("read_only"));
    assert_eq!(code(&f, today(), Wish::Send), "service-says-no");
}

#[test]
fn a_group_stays_closed_after_the_facebook_accounts_were_removed() {
    // Nobody from the other app is there any more; the thread once had someone.
    let f = crossed(ThreadKind::Group);
    assert_eq!(f.peer_source, None);
    let decision = decide(&f, &rules(), today(), Wish::Send);
    assert_eq!(reason(&decision).code.slug(), "cross-app-ended");
    assert_eq!(reason(&decision).evidence.sureness(), Sureness::Known);
    assert!(decision.permit().is_none());
}

#[test]
fn a_new_chat_or_call_across_is_refused_with_the_way_on() {
    let mut f = crossed(ThreadKind::Direct);
    f.peer_source = Some(MSG);
    f.address = Some("jonas.weber".into());
    f.live = Some(Wish::ALL.into_iter().collect());
    for wish in [Wish::StartThread, Wish::Call] {
        let decision = decide(&f, &rules(), today(), wish);
        let reason = reason(&decision);
        assert_eq!(reason.code.slug(), "cross-app-ended");
        assert_eq!(
            words::reason(reason, &f, &rules(), wish).next,
            "Start a new chat with them on Messenger: https://m.me/jonas.weber"
        );
        let link = decision.way_on.expect("a link");
        assert_eq!(
            (link.app.as_str(), link.url.as_str()),
            ("Messenger", "https://m.me/jonas.weber")
        );
        // Before the door opened there was nothing to start.
        assert_eq!(code(&f, day("2019-01-01"), wish), "not-offered");
        assert_eq!(code(&f, day("2022-01-01"), wish), "live");
    }
    // The other way round the way on is Instagram's own link.
    let mut f = thread(MSG, ThreadKind::Direct);
    f.foreign_sources.insert(IG);
    f.peer_source = Some(IG);
    f.address = Some("@jonas".into());
    let decision = decide(&f, &rules(), today(), Wish::Send);
    assert_eq!(decision.way_on.expect("a link").url, "https://ig.me/m/jonas");
    // Within one app nothing is refused.
    assert_eq!(code(&thread(IG, ThreadKind::Direct), today(), Wish::StartThread), "hand-off");
}

#[test]
fn an_app_that_closed_closes_its_threads() {
    let at = |app: &str, d: &str| {
        let f = thread(SourceId::new(app), ThreadKind::Group);
        code(&f, day(d), Wish::Send)
    };
    assert_eq!(at("skype", "2025-05-04"), "hand-off");
    assert_eq!(at("skype", "2025-05-05"), "app-closed");
    assert_eq!(at("workplace", "2025-08-31"), "hand-off");
    assert_eq!(at("workplace", "2025-09-01"), "app-closed");
    assert_eq!(at("hangouts", "2022-11-01"), "app-closed");
    assert_eq!(at("google-chat", "2026-01-01"), "hand-off");
    assert_eq!(at("aim", "2017-12-20"), "hand-off");
    assert_eq!(at("aim", "2018-01-01"), "app-closed");
    assert_eq!(at("windows-live", "2014-01-01"), "app-closed");
    // One way of using an app, a moved address, a cut history: the threads go on.
    for open in ["messenger", "instagram", "slack", "reddit", "google-talk", "matrix"] {
        assert_eq!(at(open, "2026-11-22"), "hand-off", "{open}");
    }
    let f = thread(SourceId::new("workplace"), ThreadKind::Direct);
    let between = decide(&f, &rules(), day("2026-01-01"), Wish::Send);
    assert!(matches!(&reason(&between).code,
        ReasonCode::AppClosed { rule, .. } if rule == "workplace-read-only"));
    assert_eq!(between.warnings.len(), 1, "the deletion is to come: {:?}", between.warnings);
    let later = decide(&f, &rules(), day("2026-07-01"), Wish::Send);
    assert_eq!(reason(&later).since, reason(&between).since, "closed since it closed first");
}

#[test]
fn your_word_is_weaker_than_a_flag_and_stronger_than_a_notice() {
    let mut f = thread(IG, ThreadKind::Direct);
    f.cross_app = Some((Some(MSG), Evidence::new(EvidenceKind::Notice, "you can no longer chat")));
    assert_eq!(code(&f, today(), Wish::Send), "cross-app-ended");
    f.mark.not_cross_app = true;
    assert_eq!(code(&f, today(), Wish::Send), "hand-off");
    f.cross_app = Some((Some(MSG), flag("is_xac_thread")));
    let decision = decide(&f, &rules(), today(), Wish::Send);
    assert_eq!(reason(&decision).code.slug(), "cross-app-ended");
    assert!(
        decision.ladder.iter().any(|r| r.answer.contains("the data outweighs your word")),
        "{:?}",
        decision.ladder
    );
}

#[test]
fn a_guess_closes_nothing_wherever_it_stands() {
    let guess = Evidence::new(EvidenceKind::Guess, "it looks like it");
    let mut f = thread(IG, ThreadKind::Direct);
    let plain = decide(&f, &rules(), today(), Wish::Send).verdict;
    f.cross_app = Some((Some(MSG), guess.clone()));
    f.flagged_read_only = Some(guess.clone());
    f.flagged_will_close = Some(guess.clone());
    f.peer_gone = Some(guess);
    let decision = decide(&f, &rules(), today(), Wish::Send);
    assert_eq!(decision.verdict, plain);
    assert_eq!(decision.suggestion.map(|s| s.other), Some(MSG), "but it is shown");
}

#[test]
fn a_flag_that_names_no_app_is_told_as_such() {
    let mut f = thread(MSG, ThreadKind::Direct);
    f.cross_app = Some((None, flag("cross_app")));
    let decision = decide(&f, &rules(), today(), Wish::Send);
    assert_eq!(decision.verdict.kind(), VerdictKind::HandOff);
    let told = |r: &onebox::policy::Rung| r.answer.contains("does not say from which");
    assert!(decision.ladder.iter().any(told), "{:?}", decision.ladder);
    // The person can tell.
    f.mark.cross_app = Some(IG);
    assert_eq!(code(&f, today(), Wish::Send), "cross-app-ended");
}

#[test]
fn the_ladder_tells_every_question_and_marks_the_deciding_one() {
    let decision = decide(&crossed(ThreadKind::Direct), &rules(), today(), Wish::Send);
    let told: Vec<String> = decision
        .ladder
        .iter()
        .map(|r| {
            let mark = if r.decides { ">" } else { " " };
            format!("{mark} {}: {} {}", r.floor.word(), r.question, r.answer)
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
    let open = decide(&thread(WA, ThreadKind::Direct), &rules(), today(), Wish::Send);
    let floors: Vec<Floor> = open.ladder.iter().map(|r| r.floor).collect();
    assert!(floors.is_sorted_by_key(|f| match f {
        Floor::Cannot => 0,
        Floor::MustNot => 1,
        Floor::WillNot => 2,
        Floor::Allow => 3,
    }));
    assert_eq!(floors.last(), Some(&Floor::Allow));
}

// ---- the rules file ----------------------------------------------------------------------

#[test]
fn every_researched_row_is_there_with_sources_and_sureness() {
    use RuleKind::{
        Barred, ClientCloses, Closes, Disconnects, HistoryCut, Lossy, Migrates, Offered, Opens,
        Redirects, Withdrawn,
    };
    use RuleSureness::{High, Low, Medium};
    let rows = [
        ("ig-msgr-opens", Opens, "30 September 2020", High),
        ("ig-msgr-groups-opens", Opens, "autumn 2021", Medium),
        ("ig-msgr-end", Closes, "mid-December 2023", High),
        ("ig-professional-barred", Barred, "23 March 2026", High),
        ("msgr-sms-ends", Closes, "28 September 2023", High),
        ("msgr-lite-ends", ClientCloses, "18 September 2023", High),
        ("msgr-desktop-ends", ClientCloses, "15 December 2025", High),
        ("messenger-com-redirects", Redirects, "April 2026", High),
        ("ig-encrypted-withdrawn", Withdrawn, "9 May 2026", High),
        ("workplace-read-only", Closes, "1 September 2025", High),
        ("signal-sms-ends", Closes, "2022–2023", High),
        ("hangouts-migrates", Migrates, "1 November 2022", High),
        ("skype-teams-opens", Opens, "28 February 2025", Low),
        ("skype-ends", Closes, "5 May 2025", High),
        ("wa-birdychat-opens", Opens, "14 November 2025", High),
        ("msgr-third-party-offered", Offered, "2024", Medium),
        ("imessage-rcs-opens", Opens, "September 2024", High),
        ("imessage-rcs-encrypted-opens", Opens, "May 2026", High),
        ("yahoo-wlm-opens", Opens, "12–13 July 2006", High),
        ("yahoo-wlm-ends", Closes, "14 December 2012", High),
        ("wlm-skype-migrates", Migrates, "2013", Medium),
        ("gtalk-xmpp-lossy", Lossy, "2013", Medium),
        ("gtalk-clients-end", ClientCloses, "16 June 2022", High),
        ("facebook-xmpp-clients-end", ClientCloses, "1 May 2015", High),
        ("matrix-libera-bridge-ends", Closes, "5 August 2023", High),
        ("imessage-beeper-mini-ends", Closes, "December 2023", High),
        ("icq-ends", Closes, "26 June 2024", High),
        ("slack-connect-disconnects", Disconnects, "", High),
        ("reddit-history-cut", HistoryCut, "30 June 2023", High),
    ];
    let rules = rules();
    assert_eq!(rows.len(), 29);
    for (id, kind, when, sure) in rows {
        let rule = rules.rule(id).unwrap_or_else(|| panic!("no rule {id}"));
        let found = rule.when.as_ref().map(words::when).unwrap_or_default();
        assert_eq!((rule.kind, found.as_str(), rule.sure), (kind, when, sure), "{id}");
    }
    for rule in rules.rules() {
        assert!(!rule.sources.is_empty() && !rule.text.is_empty(), "{}", rule.id);
        assert!(!rule.yours);
    }
    assert_eq!(
        words::rule_apps(rules.rule("ig-msgr-end").expect("it"), &rules),
        "Instagram ↔ Messenger"
    );
    assert_eq!(
        words::rule_apps(rules.rule("hangouts-migrates").expect("it"), &rules),
        "Hangouts → Google Chat"
    );
}

#[test]
fn apps_have_names_even_unknown_ones() {
    let rules = rules();
    let msg = rules.app(&MSG);
    assert_eq!((msg.name.as_str(), msg.short.as_str()), ("Messenger", "MSG"));
    assert_eq!((msg.account.as_str(), msg.account_short.as_str()), ("Facebook account", "FB"));
    let odd = rules.app(&SourceId::new("carrier-pigeon"));
    assert_eq!((odd.name.as_str(), odd.short.as_str()), ("Carrier Pigeon", "CAR"));
    assert_eq!(rules.app(&SourceId::new("")).name, "");
}

const USER: &str = r#"
[[rule]]
id = "ID"
apps = ["instagram", "messenger"]
kind = "KIND"
when = 2024-06-01
scope = ["direct", "group", "call"]
text = "I know better."
"#;

fn user(id: &str, kind: &str) -> String {
    USER.replace("ID", id).replace("KIND", kind)
}

#[test]
fn your_own_file_overrides_by_id_adds_and_reopens() {
    let f = crossed(ThreadKind::Direct);
    let closed = |rules: &Rules, d: &str| decide(&f, rules, day(d), Wish::Send).permit().is_none();
    let moved = rules().with_user(&user("ig-msgr-end", "closes")).expect("a good file");
    assert_eq!(moved.rules().len(), rules().rules().len());
    assert!(moved.rule("ig-msgr-end").is_some_and(|r| r.yours && !r.sources.is_empty()));
    assert!(!closed(&moved, "2024-05-31"));
    assert!(closed(&moved, "2024-06-01"));
    let reopened = rules().with_user(&user("mine-reopens", "opens")).expect("a good file");
    assert_eq!(reopened.rules().len(), rules().rules().len() + 1);
    assert!(closed(&reopened, "2024-05-31"));
    assert!(!closed(&reopened, "2024-06-01"));
    // A revised rule is not applied.
    let revised = format!(
        "{}superseded_by = \"mine\"\n{}",
        user("ig-msgr-end", "closes"),
        user("mine", "closes").replace("2024-06-01", "2025-01-01")
    );
    let revised = rules().with_user(&revised).expect("a good file");
    assert!(!closed(&revised, "2024-12-31"));
    assert!(closed(&revised, "2025-01-01"));
    // A client rule closes nothing, whatever its kind.
    let client = user("mine", "closes").replace(r#"["direct", "group", "call"]"#, r#"["client"]"#);
    let client = client.replace(r#", "messenger""#, "");
    let client = rules().with_user(&client).expect("a good file");
    assert_eq!(
        decide(&thread(IG, ThreadKind::Direct), &client, today(), Wish::Send).verdict.kind(),
        VerdictKind::HandOff
    );
    // Apps and links too.
    let named = "[[app]]\nid = \"messenger\"\nname = \"Bote\"\n[[link]]\napp = \"messenger\"\nurl = \"https://example.org/{address}\"\nneeds = \"handle\"\n";
    let named = rules().with_user(named).expect("a good file");
    assert_eq!(named.app(&MSG).name, "Bote");
    let mut f = thread(MSG, ThreadKind::Direct);
    f.address = Some("ada".into());
    let Verdict::HandOff(Some(link)) = decide(&f, &named, today(), Wish::Send).verdict else {
        panic!("no link")
    };
    assert_eq!(link.url, "https://example.org/ada");
}

#[test]
fn a_bad_file_is_complained_about_by_line() {
    let good = user("x", "closes");
    let link = |url: &str| format!("[[link]]\napp = \"x\"\nurl = \"{url}\"\nneeds = \"handle\"\n");
    let bad = [
        ("not toml at all".to_owned(), 1, "expected"),
        (user("x", "slams"), 5, "unknown variant `slams`"),
        (format!("{good}colour = \"red\"\n"), 9, "unknown field `colour`"),
        (good.replace("2024-06-01", "\"2024-13-01\""), 6, "is not a day"),
        (good.replace("2024-06-01", "7"), 6, "a date is written"),
        (
            good.replace(
                "2024-06-01",
                "{ from = \"2024-06-02\", to = \"2024-06-01\", precision = \"day\" }",
            ),
            6,
            "before it begins",
        ),
        (
            good.replace("2024-06-01", "{ from = \"2024-06-02\", to = \"2024-06-03\" }"),
            6,
            "needs `precision`",
        ),
        (good.replace("2024-06-01", "{ from = \"2024-06-02\" }"), 6, "needs `to`"),
        (
            good.replace(
                "2024-06-01",
                "{ from = \"2024-06-02\", to = \"2024-06-03\", precision = \"about\" }",
            ),
            6,
            "precision is one of",
        ),
        (good.replace("2024-06-01", "\"0001-01-01\""), 6, "not a year"),
        (user("Not A Name", "closes"), 3, "is not a name"),
        (good.replace("[\"instagram\", \"messenger\"]", "[]"), 4, "`apps` names one app"),
        (good.replace("[\"instagram\", \"messenger\"]", "[\"a\", \"a\"]"), 4, "the same"),
        (
            good.replace("[\"instagram\", \"messenger\"]", "[\"a\", \"b\", \"c\"]"),
            4,
            "`apps` names one app",
        ),
        (good.replace("[\"direct\", \"group\", \"call\"]", "[]"), 7, "names nothing"),
        (good.replace("I know better.", " "), 8, "must not be empty"),
        (format!("{good}{good}"), 11, "a second rule named `x`"),
        (format!("{good}superseded_by = \"nobody\"\n"), 3, "which is no rule"),
        (format!("{good}sources = []\n"), 9, "names nothing"),
        (good.replace("kind = \"closes\"\n", ""), 2, "missing field `kind`"),
        (link("javascript:alert({address})"), 3, "begins with"),
        (link("file:///{address}"), 3, "begins with"),
        (link("https://{address}/x"), 3, "after the host"),
        (link("https://x.org/"), 3, "exactly once"),
        (link("https://x.org/ {address}"), 3, "begins with"),
    ];
    for (text, line, what) in bad {
        let error = rules().with_user(&text).expect_err(&text);
        assert!(error.what.contains(what), "{text}\n{error}");
        assert_eq!(error.line, line, "{text}\n{error}");
        assert!(!error.to_string().contains('\n'), "{error}");
    }
    let huge = "#".repeat(2 << 20);
    assert!(rules().with_user(&huge).is_err());
    assert_eq!(rules().with_user("").expect("empty is fine"), rules());
}

proptest! {
    #[test]
    fn any_text_as_a_rules_file_gives_rules_or_one_complaint(text in "\\PC{0,200}|(\\[\\[rule\\]\\]\n)?([a-z_]{1,9} = (\"[a-z0-9-]{0,12}\"|[0-9-]{1,12}|\\[\\])\n){0,8}") {
        if let Err(error) = rules().with_user(&text) {
            prop_assert!(error.line >= 1 && !error.what.is_empty());
        }
    }
}

// ---- which threads a rule touches ----------------------------------------------------------

#[test]
fn a_rule_touches_the_threads_that_it_can_change() {
    let rules = rules();
    let touched = |facts: &Facts| -> Vec<String> {
        rules.rules().iter().filter(|r| touches(r, facts)).map(|r| r.id.clone()).collect()
    };
    assert_eq!(touched(&crossed(ThreadKind::Direct)), ["ig-msgr-opens", "ig-msgr-end"]);
    assert_eq!(touched(&crossed(ThreadKind::Group)), ["ig-msgr-groups-opens", "ig-msgr-end"]);
    assert_eq!(touched(&thread(IG, ThreadKind::Direct)), [""; 0]);
    assert_eq!(touched(&thread(MSG, ThreadKind::Direct)), [""; 0], "clients close no thread");
    assert_eq!(touched(&thread(SourceId::new("skype"), ThreadKind::Direct)), ["skype-ends"]);
    assert_eq!(touched(&thread(SourceId::new("google-chat"), ThreadKind::Direct)), [""; 0]);
    let mut guess = thread(IG, ThreadKind::Direct);
    guess.suggestion = Some((MSG, Evidence::new(EvidenceKind::Guess, "x")));
    assert_eq!(touched(&guess), [""; 0]);
}

/// What a rule decides, it also says that it touches.
#[test]
fn a_rule_that_closes_a_thread_touches_it() {
    let rules = rules();
    let mut homes: Vec<SourceId> = rules.rules().iter().flat_map(|r| r.apps.clone()).collect();
    homes.sort();
    homes.dedup();
    let mut closed = 0;
    for home in &homes {
        for other in &homes {
            for kind in [ThreadKind::Direct, ThreadKind::Group, ThreadKind::Channel] {
                let mut f = thread(home.clone(), kind);
                f.foreign_sources.insert(other.clone());
                let verdict = decide(&f, &rules, today(), Wish::Send).verdict;
                if let Verdict::Denied(Reason {
                    code:
                        ReasonCode::CrossAppEnded { rule, .. } | ReasonCode::AppClosed { rule, .. },
                    ..
                }) = verdict
                {
                    closed += 1;
                    let rule = rules.rule(&rule).expect("it exists");
                    assert!(touches(rule, &f) && rule.in_force(today()), "{} {f:?}", rule.id);
                }
            }
        }
    }
    assert!(closed > 100, "{closed}");
}

// ---- links ---------------------------------------------------------------------------------

fn link_to(source: &str, address: &str) -> Option<AppLink> {
    let mut f = thread(SourceId::new(source), ThreadKind::Direct);
    f.address = Some(address.into());
    match decide(&f, &rules(), today(), Wish::Send).verdict {
        Verdict::HandOff(link) => link,
        other @ (Verdict::Live | Verdict::Denied(_)) => panic!("{other:?}"),
    }
}

#[test]
fn links_are_made_of_checked_addresses() {
    let url = |source, address| link_to(source, address).map(|l| l.url).unwrap_or_default();
    for phone in [
        "+44 7700 900123",
        "\u{200e}+44\u{a0}7700\u{2011}900123",
        "0044 (0)7700 900-123",
        "447700900123",
        "\u{202a}+44 7700 900123\u{202c}",
    ] {
        assert_eq!(url("whatsapp", phone), "https://wa.me/447700900123", "{phone}");
    }
    for no in [
        "07700 900123",
        "Maya",
        "+44",
        "+44 7700 900123 ext 5",
        "12345678901234567890",
        "",
        "++447700900123",
        "+٤٤٧٧٠٠٩٠٠١٢٣",
    ] {
        assert_eq!(url("whatsapp", no), "", "{no}");
    }
    assert_eq!(url("instagram", "@maya.okafor_1"), "https://ig.me/m/maya.okafor_1");
    for no in [
        "maya okafor",
        "../x",
        "..",
        "a/b",
        "a?b",
        "a#b",
        "a%2fb",
        "mаya\u{430}",
        "\u{1b}[31mx",
        "12345",
    ] {
        assert_eq!(url("instagram", no), "", "{no}");
    }
    assert_eq!(url("telegram", "@maya"), "https://t.me/maya");
    assert_eq!(url("telegram", "+44 7700 900123"), "https://t.me/+447700900123");
    assert_eq!(url("signal", "+44 7700 900123"), "https://signal.me/#p/+447700900123");
    assert_eq!(url("matrix", "@ada:example.org:8448"), "https://matrix.to/#/@ada:example.org:8448");
    assert_eq!(url("matrix", "@ada"), "");
    assert_eq!(url("mail", "ada@example.org"), "mailto:ada@example.org");
    assert_eq!(url("mail", "ada@example.org?bcc=x@y.z"), "");
    assert_eq!(url("carrier-pigeon", "ada"), "");
    // The peer's app decides, and a group has no link.
    let mut f = thread(WA, ThreadKind::Direct);
    f.peer_source = Some(SourceId::new("telegram"));
    f.address = Some("ada".into());
    let Verdict::HandOff(Some(link)) = decide(&f, &rules(), today(), Wish::Send).verdict else {
        panic!("no link")
    };
    assert_eq!((link.app.as_str(), link.url.as_str()), ("Telegram", "https://t.me/ada"));
    f.kind = ThreadKind::Group;
    assert_eq!(decide(&f, &rules(), today(), Wish::Send).verdict, Verdict::HandOff(None));
}

#[test]
fn the_text_travels_in_the_link_where_it_fits() {
    let wa = link_to("whatsapp", "+447700900123").expect("a link");
    let done = complete(&wa, "see you at six?\r\n👋 & more\u{7}\u{1b}[31m");
    assert_eq!(
        done.url,
        "https://wa.me/447700900123?text=see%20you%20at%20six%3F%0A%F0%9F%91%8B%20%26%20more%5B31m"
    );
    assert!(!done.paste);
    let long = complete(&wa, &"ä".repeat(400));
    assert_eq!((long.url.as_str(), long.paste), ("https://wa.me/447700900123", true));
    assert!(complete(&wa, &"x".repeat(50 << 20)).paste);
    let ig = link_to("instagram", "maya").expect("a link");
    assert_eq!(
        (complete(&ig, "hi").url.as_str(), complete(&ig, "hi").paste),
        ("https://ig.me/m/maya", true)
    );
    assert!(!complete(&ig, "").paste);
    let xmpp = link_to("xmpp", "ada@example.org").expect("a link");
    assert_eq!(complete(&xmpp, "a b").url, "xmpp:ada@example.org?message;body=a%20b");
    let evil = AppLink { app: "x".into(), url: "javascript:alert(1)".into(), prefill: None };
    assert_eq!(complete(&evil, "hi").url, "");
    let key = AppLink { prefill: Some("a=b&c".into()), ..wa };
    assert!(complete(&key, "hi").paste);
}

proptest! {
    #[test]
    fn links_hold_nothing_that_a_url_must_not(
        source in prop::sample::select(vec!["messenger", "instagram", "whatsapp", "telegram", "signal", "sms", "matrix", "xmpp", "mail"]),
        address in ".{0,40}|@?[a-z0-9._-]{1,20}|\\+?[0-9 ()-]{5,18}|[a-z.]{1,8}@[a-z.-]{1,12}|@[a-z]{1,5}:[a-z.]{1,9}",
        text in any::<String>(),
    ) {
        if let Some(link) = link_to(source, &address) {
            let done = complete(&link, &text);
            for url in [&link.url, &done.url] {
                prop_assert!(is_safe_link(url), "{url}");
                prop_assert!(!url.chars().any(|c| c.is_control() || c.is_whitespace() || !c.is_ascii()));
                let scheme = url.split(':').next().unwrap_or("");
                prop_assert!(["https", "sms", "xmpp", "mailto"].contains(&scheme), "{url}");
                prop_assert!(url.len() <= 2000);
            }
            prop_assert!(done.url.starts_with(&link.url));
        }
    }

    #[test]
    fn no_link_of_strange_making_is_completed_into_a_dangerous_one(
        url in any::<String>(), prefill in any::<Option<String>>(), text in any::<String>(),
    ) {
        let done = complete(&AppLink { app: String::new(), url, prefill }, &text);
        prop_assert!(done.url.is_empty() || is_safe_link(&done.url));
    }
}

// ---- words ---------------------------------------------------------------------------------

#[test]
fn dates_are_told_as_exactly_as_they_are_known() {
    use onebox::model::{DayRange, Precision};
    let cases = [
        (Precision::Day, "2020-09-30", "2020-09-30", "30 September 2020"),
        (Precision::Day, "2006-07-12", "2006-07-13", "12–13 July 2006"),
        (Precision::Day, "2006-07-31", "2006-08-01", "31 July 2006 – 1 August 2006"),
        (Precision::PartOfMonth, "2023-12-01", "2023-12-10", "early December 2023"),
        (Precision::PartOfMonth, "2023-12-10", "2023-12-20", "mid-December 2023"),
        (Precision::PartOfMonth, "2023-12-21", "2023-12-31", "late December 2023"),
        (Precision::Month, "2017-06-01", "2017-06-30", "June 2017"),
        (Precision::Month, "2017-06-01", "2017-08-31", "June–August 2017"),
        (Precision::Month, "2017-12-01", "2018-01-31", "December 2017–January 2018"),
        (Precision::Season, "2021-09-01", "2021-11-30", "autumn 2021"),
        (Precision::Season, "2021-03-01", "2021-05-31", "spring 2021"),
        (Precision::Season, "2021-06-01", "2021-08-31", "summer 2021"),
        (Precision::Season, "2021-12-01", "2022-02-28", "winter 2021/22"),
        (Precision::Season, "2021-12-01", "2021-12-31", "winter 2021/22"),
        (Precision::Year, "2017-01-01", "2017-12-31", "2017"),
        (Precision::Year, "2022-10-01", "2023-12-31", "2022–2023"),
    ];
    for (precision, from, to, told) in cases {
        assert_eq!(words::when(&DayRange { from: day(from), to: day(to), precision }), told);
    }
}

#[test]
fn a_door_that_is_not_open_yet_is_told_with_its_day() {
    let f = crossed(ThreadKind::Direct);
    let decision = decide(&f, &rules(), day("2019-01-01"), Wish::StartThread);
    let told = words::reason(reason(&decision), &f, &rules(), Wish::StartThread);
    assert_eq!(told.text, "Instagram ↔ Messenger was not possible before 30 September 2020.");
    assert_eq!(told.evidence, "interop rule ig-msgr-opens");
}

#[test]
fn warnings_name_the_day_and_the_way_on() {
    let told = |d: &str| {
        let decision = decide(&crossed(ThreadKind::Direct), &rules(), day(d), Wish::Send);
        decision.warnings.first().map(|w| w.text.clone()).unwrap_or_default()
    };
    assert_eq!(
        told("2023-12-06"),
        "Instagram ↔ Facebook chats will end in mid-December 2023. Start a new chat with them on Messenger."
    );
    assert_eq!(
        told("2023-12-15"),
        "Instagram ↔ Facebook chats are ending now, in mid-December 2023. Start a new chat with them on Messenger."
    );
}

#[test]
fn every_reason_has_words() {
    let rules = rules();
    let ended = decide(&crossed(ThreadKind::Direct), &rules, today(), Wish::Send);
    let skype = thread(SourceId::new("skype"), ThreadKind::Direct);
    let closed = decide(&skype, &rules, today(), Wish::Send);
    let hangouts = thread(SourceId::new("hangouts"), ThreadKind::Direct);
    let migrated = decide(&hangouts, &rules, today(), Wish::Send);
    let bare = |code| Reason { code, since: None, evidence: flag("a_flag") };
    let at = Timestamp::from_secs(1_700_000_000);
    let direct = thread(IG, ThreadKind::Direct);
    let group = thread(IG, ThreadKind::Group);
    let export = Evidence::new(EvidenceKind::Account, "known from an export only");
    let not_offered =
        || Reason { code: ReasonCode::NotOffered, since: None, evidence: export.clone() };
    let cases = [
        (reason(&ended).clone(), &crossed(ThreadKind::Direct), Wish::Send),
        (reason(&ended).clone(), &crossed(ThreadKind::Direct), Wish::Call),
        (reason(&ended).clone(), &crossed(ThreadKind::Direct), Wish::StartThread),
        (reason(&closed).clone(), &skype, Wish::Send),
        (reason(&migrated).clone(), &hangouts, Wish::Send),
        (bare(ReasonCode::NotAMember), &group, Wish::Send),
        (bare(ReasonCode::NotAMember), &direct, Wish::Send),
        (bare(ReasonCode::NotAccepted), &group, Wish::Send),
        (bare(ReasonCode::YouLeft), &group, Wish::Send),
        (bare(ReasonCode::Removed), &group, Wish::Send),
        (bare(ReasonCode::Removed), &direct, Wish::Send),
        (bare(ReasonCode::Banned), &group, Wish::Send),
        (bare(ReasonCode::ChatDeleted), &direct, Wish::Send),
        (bare(ReasonCode::BridgeGone), &direct, Wish::Send),
        (bare(ReasonCode::BridgeSignedOut), &direct, Wish::Send),
        (bare(ReasonCode::AnnouncementsOnly), &group, Wish::Send),
        (bare(ReasonCode::ReplacedBy { thread: Some(ThreadId(3)) }), &group, Wish::Send),
        (bare(ReasonCode::ReplacedElsewhere), &group, Wish::Send),
        (bare(ReasonCode::MovedToEncrypted { thread: None }), &direct, Wish::Send),
        (bare(ReasonCode::ReplyWindowClosed { reopens: Some(at) }), &direct, Wish::Send),
        (bare(ReasonCode::ReplyWindowClosed { reopens: None }), &direct, Wish::Send),
        (bare(ReasonCode::PersonUnavailable), &direct, Wish::Send),
        (bare(ReasonCode::ServiceSaysNo), &direct, Wish::Send),
        (bare(ReasonCode::SignedOut), &direct, Wish::Send),
        (bare(ReasonCode::MarkedByYou), &direct, Wish::Send),
        (bare(ReasonCode::ReadOnlySwitch), &direct, Wish::Send),
        (not_offered(), &direct, Wish::React),
        (not_offered(), &direct, Wish::Attach),
        (not_offered(), &direct, Wish::Call),
    ];
    insta::assert_snapshot!(told(&cases));
}

/// What is said of each, one below the other.
fn told(cases: &[(Reason, &Facts, Wish)]) -> String {
    let rules = rules();
    let told: Vec<String> = cases
        .iter()
        .map(|(reason, facts, wish)| {
            let w = words::reason(reason, facts, &rules, *wish);
            for sentence in [&w.text, &w.next] {
                assert!(!sentence.is_empty() && !sentence.contains("{other}"), "{sentence}");
            }
            assert!(!w.short.is_empty() && !w.evidence.is_empty());
            format!(
                "{} ({})\n  {}\n  {}\n  {}\n  [{}] {}",
                reason.code.slug(),
                words::wish(*wish),
                w.text,
                w.next,
                w.since,
                w.short,
                w.evidence
            )
        })
        .collect();
    told.join("\n")
}

/// What a live account says of its limits.
#[test]
fn every_limit_has_words() {
    let bare = |code| Reason { code, since: None, evidence: flag("a_flag") };
    let direct = thread(IG, ThreadKind::Direct);
    let group = thread(IG, ThreadKind::Group);
    let cases = [
        (bare(ReasonCode::AnnouncementsOnly), &group, Wish::React),
        (bare(ReasonCode::AnnouncementsOnly), &group, Wish::Delete),
        (bare(ReasonCode::TextTooLong { length: 5000, longest: 4096 }), &direct, Wish::Send),
        (bare(ReasonCode::TextTooLong { length: 5000, longest: 4096 }), &direct, Wish::Attach),
        (bare(ReasonCode::WordsLost { kind: AttachmentKind::Voice }), &direct, Wish::Attach),
        (bare(ReasonCode::NotCarried), &direct, Wish::Reply),
        (bare(ReasonCode::NotCarried), &direct, Wish::React),
        (bare(ReasonCode::NotCarried), &direct, Wish::Edit),
        (bare(ReasonCode::NotCarried), &direct, Wish::Delete),
        (bare(ReasonCode::NotCarried), &direct, Wish::Attach),
        (bare(ReasonCode::TooLate { within: 900 }), &direct, Wish::Edit),
        (bare(ReasonCode::TooLate { within: 172_800 }), &direct, Wish::Delete),
        (
            bare(ReasonCode::ReactionRefused { allowed: vec!["👍".to_owned()] }),
            &direct,
            Wish::React,
        ),
    ];
    insta::assert_snapshot!(told(&cases));
}

#[test]
fn what_a_live_account_says_closes_writing_and_not_beginning_anew() {
    let rules = Rules::builtin().expect("rules");
    for (why, code) in [
        (ShutWhy::Invited, "not-accepted"),
        (ShutWhy::Left, "you-left"),
        (ShutWhy::Removed, "removed"),
        (ShutWhy::Banned, "banned"),
        (ShutWhy::ChatDeleted, "chat-deleted"),
        (ShutWhy::Replaced, "replaced"),
        (ShutWhy::BridgeGone, "bridge-gone"),
        (ShutWhy::BridgeSignedOut, "bridge-signed-out"),
    ] {
        let mut facts = thread(SourceId::new("whatsapp"), ThreadKind::Group);
        facts.live = Some(Wish::ALL.into_iter().collect());
        for wish in Wish::ALL {
            let before = decide(&facts, &rules, today(), wish);
            assert_eq!(before.verdict, Verdict::Live, "{wish:?}");
        }
        facts.shut = Some(Shut { why, detail: "said so".to_owned(), replacement: None });
        for wish in Wish::ALL {
            let d = decide(&facts, &rules, today(), wish);
            match (&d.verdict, wish) {
                (_, Wish::StartThread) => assert!(d.permit().is_some()),
                (Verdict::Denied(r), _) => assert_eq!(r.code.slug(), code),
                (verdict, _) => panic!("{why:?} {wish:?}: {verdict:?}"),
            }
        }
    }
}
