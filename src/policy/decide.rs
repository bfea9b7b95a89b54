//! The decision: four floors, asked in order; the first that refuses decides.

use crate::model::{
    Day, Evidence, EvidenceKind, Facts, Membership, PostingLimit, Reason, ReasonCode, ShutWhy,
    Since, SourceId, ThreadId, Verdict, Warning, Wish,
};

use super::decision::{Decision, Floor, Rung, Suggestion};
use super::door::{self, Crossing, Door, DoorState};
use super::link;
use super::rule::{Rule, Scope};
use super::rules::Rules;
use super::words;

/// Judges one wish in one thread as of a day.
pub fn decide(facts: &Facts, rules: &Rules, as_of: Day, wish: Wish) -> Decision {
    let crossings = door::crossings(facts, rules);
    let mut asked = Asked {
        facts,
        rules,
        as_of,
        wish,
        scope: Scope::of_wish(wish, facts.kind),
        crossings: &crossings,
        ladder: Vec::new(),
        warnings: Vec::new(),
    };
    let denied = asked.cannot().or_else(|| asked.must_not()).or_else(|| asked.will_not());
    let verdict = denied.map_or_else(|| asked.allow(), Verdict::Denied);
    let Asked { ladder, warnings, .. } = asked;
    let way_on = match &verdict {
        Verdict::Denied(Reason { code: ReasonCode::CrossAppEnded { other, .. }, .. }) => {
            words::link_in(facts, rules, other)
        }
        Verdict::Denied(_) | Verdict::Live | Verdict::HandOff(_) => None,
    };
    Decision {
        thread: facts.thread,
        wish,
        granted: match verdict {
            Verdict::Live | Verdict::HandOff(_) => true,
            Verdict::Denied(_) => false,
        },
        verdict,
        warnings,
        suggestion: suggestion(facts, rules, &crossings),
        ladder,
        way_on,
    }
}

fn suggestion(facts: &Facts, rules: &Rules, crossings: &[Crossing]) -> Option<Suggestion> {
    // A cross-app mark of weaker evidence than a known one is a guess as well.
    let guessed = facts.cross_app.as_ref().and_then(|(other, evidence)| {
        let other = other.clone().filter(|_| evidence.kind == EvidenceKind::Guess)?;
        Some((other, evidence.clone()))
    });
    let (other, evidence) = facts.suggestion.clone().or(guessed)?;
    let answered = facts.mark.not_cross_app || !crossings.is_empty() || other == facts.home;
    (!answered).then(|| Suggestion {
        text: words::suggestion(&facts.home, &other, rules),
        other,
        evidence,
    })
}

/// One run down the ladder.
struct Asked<'a> {
    facts: &'a Facts,
    rules: &'a Rules,
    as_of: Day,
    wish: Wish,
    scope: Scope,
    crossings: &'a [Crossing],
    ladder: Vec<Rung>,
    warnings: Vec<Warning>,
}

impl Asked<'_> {
    fn note(&mut self, floor: Floor, question: &str, answer: impl Into<String>, decides: bool) {
        let (question, answer) = (question.to_owned(), answer.into());
        self.ladder.push(Rung { floor, question, answer, decides });
    }

    /// Notes a question whose answer stops the wish if there is a reason.
    fn ask(
        &mut self,
        floor: Floor,
        question: &str,
        fine: &str,
        stop: Option<(String, Reason)>,
    ) -> Option<Reason> {
        let decides = stop.is_some();
        let (answer, reason) =
            stop.map_or_else(|| (fine.to_owned(), None), |(answer, r)| (answer, Some(r)));
        self.note(floor, question, answer, decides);
        reason
    }

    fn cannot(&mut self) -> Option<Reason> {
        self.person_gone()
            .or_else(|| self.shut())
            .or_else(|| self.not_in())
            .or_else(|| self.admins_only())
            .or_else(|| self.replaced())
            .or_else(|| self.encrypted())
            .or_else(|| self.flagged())
    }

    fn person_gone(&mut self) -> Option<Reason> {
        let gone = self.facts.peer_gone.as_ref().filter(|e| e.kind != EvidenceKind::Guess);
        let stop = gone.map(|evidence| {
            let answer = format!("No: {}.", words::evidence(evidence));
            (answer, reason(ReasonCode::PersonUnavailable, evidence.clone()))
        });
        let question = "Is the other person's account still there?";
        self.ask(Floor::Cannot, question, "Nothing says otherwise.", stop)
    }

    fn not_in(&mut self) -> Option<Reason> {
        let question = "Are you still in this thread?";
        let (fine, gone) = match self.facts.membership {
            Membership::Unknown => ("The data does not say; taken as yes.", false),
            Membership::Member => ("Yes.", false),
            Membership::Gone => ("No, but a new thread can be begun.", true),
        };
        let stop = (gone && self.wish != Wish::StartThread).then(|| {
            let detail = "the data says that you are no longer in it";
            let evidence = Evidence::new(EvidenceKind::Flag, detail);
            let answer = "No: you left or were removed, or the other side is gone.".to_owned();
            (answer, reason(ReasonCode::NotAMember, evidence))
        });
        self.ask(Floor::Cannot, question, fine, stop)
    }

    /// What a live account says of its own door. A new thread with the same person is another.
    fn shut(&mut self) -> Option<Reason> {
        let question = "Does the service say that this door is closed?";
        let Some(shut) = &self.facts.shut else {
            // Nobody asks an export what a service says now.
            self.facts.live.as_ref()?;
            return self.ask(Floor::Cannot, question, "No.", None);
        };
        let code = match shut.why {
            ShutWhy::Invited => ReasonCode::NotAccepted,
            ShutWhy::Left => ReasonCode::YouLeft,
            ShutWhy::Removed => ReasonCode::Removed,
            ShutWhy::Banned => ReasonCode::Banned,
            ShutWhy::ChatDeleted => ReasonCode::ChatDeleted,
            ShutWhy::Replaced if self.facts.shut_for.is_none() && shut.replacement.is_some() => {
                ReasonCode::ReplacedElsewhere
            }
            ShutWhy::Replaced => ReasonCode::ReplacedBy { thread: self.facts.shut_for },
            ShutWhy::BridgeGone => ReasonCode::BridgeGone,
            ShutWhy::BridgeSignedOut => ReasonCode::BridgeSignedOut,
        };
        let detail = match shut.detail.trim() {
            "" => "your connected account says so",
            said => said,
        };
        let stop = (self.wish != Wish::StartThread).then(|| {
            let evidence = Evidence::new(EvidenceKind::Account, detail);
            (format!("Yes: {detail}."), reason(code, evidence))
        });
        self.ask(Floor::Cannot, question, "Yes, but a new thread can be begun.", stop)
    }

    fn admins_only(&mut self) -> Option<Reason> {
        let question = "May everyone write here?";
        let (fine, limited) = match self.facts.posting {
            PostingLimit::Everyone => ("Nothing says otherwise.", false),
            PostingLimit::AdminsOnly => ("Only administrators, but this is not writing.", true),
        };
        let writes = match self.wish {
            Wish::Send | Wish::Reply | Wish::Attach | Wish::Call => true,
            // Often they may be done all the same: an account that is connected knows.
            Wish::React | Wish::Edit | Wish::Delete => {
                let live = self.facts.live.as_ref();
                live.is_some_and(|can| !can.contains(&self.wish)) && !self.is_not_carried()
            }
            Wish::StartThread | Wish::MarkRead => false,
        };
        let stop = (limited && writes).then(|| {
            let detail = "the data says that only administrators write";
            let evidence = Evidence::new(EvidenceKind::Flag, detail);
            let answer = "No: only administrators, and you are none.".to_owned();
            (answer, reason(ReasonCode::AnnouncementsOnly, evidence))
        });
        self.ask(Floor::Cannot, question, fine, stop)
    }

    fn replaced(&mut self) -> Option<Reason> {
        self.goes_on_elsewhere(
            "Has another thread taken its place?",
            self.facts.replaced_by,
            |thread| ReasonCode::ReplacedBy { thread: Some(thread) },
        )
    }

    fn encrypted(&mut self) -> Option<Reason> {
        self.goes_on_elsewhere(
            "Does it go on in an encrypted thread?",
            self.facts.moved_to_encrypted,
            |thread| ReasonCode::MovedToEncrypted { thread: Some(thread) },
        )
    }

    fn goes_on_elsewhere(
        &mut self,
        question: &str,
        thread: Option<ThreadId>,
        code: impl Fn(ThreadId) -> ReasonCode,
    ) -> Option<Reason> {
        let new = self.wish == Wish::StartThread;
        let fine = if thread.is_some() { "Yes, but a new one can be begun." } else { "No." };
        let stop = thread.filter(|_| !new).map(|thread| {
            let evidence = Evidence::new(EvidenceKind::Flag, "the data names the thread");
            (format!("Yes: thread {thread}."), reason(code(thread), evidence))
        });
        self.ask(Floor::Cannot, question, fine, stop)
    }

    /// A read-only flag on a thread that never crossed closes it on every day. On a cross-app
    /// thread the flag is evidence, and the day comes from the rule.
    fn flagged(&mut self) -> Option<Reason> {
        let question = "Does the data call this thread read-only?";
        let flag = self
            .facts
            .flagged_read_only
            .as_ref()
            .filter(|evidence| evidence.kind != EvidenceKind::Guess);
        let crossed = !self.crossings.is_empty();
        let fine = match (flag, crossed) {
            (None, _) => "No.".to_owned(),
            (Some(e), true) => format!(
                "Yes ({}). It crosses apps, so the rules say since when.",
                words::evidence(e)
            ),
            (Some(_), false) => "Yes, but a new thread can be begun.".to_owned(),
        };
        let new = self.wish == Wish::StartThread;
        let stop = flag.filter(|_| !crossed && !new).map(|evidence| {
            let answer = format!("Yes: {}.", words::evidence(evidence));
            (answer, reason(ReasonCode::ServiceSaysNo, evidence.clone()))
        });
        self.ask(Floor::Cannot, question, &fine, stop)
    }

    fn must_not(&mut self) -> Option<Reason> {
        self.app_closed().or_else(|| self.crossed())
    }

    fn app_closed(&mut self) -> Option<Reason> {
        let (facts, rules) = (self.facts, self.rules);
        let name = rules.app(&facts.home).name;
        let door = door::of_app(rules, &facts.home, self.scope, self.as_of);
        self.foresee(&door, false, None);
        let stop = match door.state {
            DoorState::Closed(rule, when) => {
                let code =
                    ReasonCode::AppClosed { rule: rule.id.clone(), source: facts.home.clone() };
                let answer = format!("No: closed {} (rule {}).", words::on(&when), rule.id);
                let evidence = Evidence::new(EvidenceKind::Rule, rule.id.clone());
                Some((answer, Reason { code, since: Some(Since::Range(when)), evidence }))
            }
            DoorState::Undated | DoorState::NotYet(..) | DoorState::Open => None,
        };
        let question = format!("Is {name} still open?");
        self.ask(Floor::MustNot, &question, "No rule says otherwise.", stop)
    }

    fn crossed(&mut self) -> Option<Reason> {
        let answer = self.how_crossed();
        let question = "Has anyone ever taken part from another app?";
        self.note(Floor::MustNot, question, answer, false);
        let crossings = self.crossings;
        crossings.iter().find_map(|crossing| self.door_closed(crossing))
    }

    fn how_crossed(&self) -> String {
        let said_no = self.facts.mark.not_cross_app;
        if let Some(crossing) = self.crossings.first() {
            let known = words::evidence(&crossing.evidence);
            let yes = match crossing.evidence.kind {
                EvidenceKind::Participant => format!("Yes: {known}."),
                EvidenceKind::Flag
                | EvidenceKind::You
                | EvidenceKind::Notice
                | EvidenceKind::Rule
                | EvidenceKind::Account
                | EvidenceKind::Switch
                | EvidenceKind::Guess => {
                    let account = words::an_account(&crossing.other, self.rules);
                    format!("Yes, {account}: {known}.")
                }
            };
            return if said_no && crossing.evidence.kind < EvidenceKind::You {
                format!("{yes} You said that it has not; the data outweighs your word.")
            } else {
                yes
            };
        }
        let told = self.facts.cross_app.as_ref().map(|(_, e)| e);
        let told = told.filter(|e| e.kind != EvidenceKind::Guess);
        match told {
            Some(e) if said_no && e.kind > EvidenceKind::You => {
                "A notice says so, but you said that it has not.".into()
            }
            Some(e) => format!(
                "Yes ({}), but the data does not say from which. Mark the thread to tell.",
                words::evidence(e)
            ),
            None if said_no => "You said that it has not.".into(),
            None if self.facts.cross_app.is_some() || self.facts.suggestion.is_some() => {
                "Not as far as is known. There is a guess, which counts once you accept it.".into()
            }
            None => "Not as far as is known.".into(),
        }
    }

    fn door_closed(&mut self, crossing: &Crossing) -> Option<Reason> {
        let (facts, rules) = (self.facts, self.rules);
        let door = door::between(rules, &facts.home, &crossing.other, self.scope, self.as_of);
        let flag = facts.flagged_read_only.as_ref().filter(|e| e.kind != EvidenceKind::Guess);
        let will_close =
            facts.flagged_will_close.as_ref().filter(|e| e.kind != EvidenceKind::Guess);
        self.foresee(&door, flag.or(will_close).is_some(), Some(&crossing.other));
        let evidence = flag.unwrap_or(&crossing.evidence).clone();
        let begins = matches!(self.wish, Wish::StartThread | Wish::Call);
        let (answer, stop) = match door.state {
            // The rules know no end, the data does.
            DoorState::Undated | DoorState::Open | DoorState::NotYet(..)
                if flag.is_some() && !door.has_end =>
            {
                let answer = "The data says so; no rule knows since when.".to_owned();
                (answer, self.undated_end(door.undated, crossing).map(|c| reason(c, evidence)))
            }
            DoorState::Closed(rule, when) => {
                let answer = format!("Yes: they ended {} (rule {}).", words::on(&when), rule.id);
                let stays = self.wish == Wish::StartThread && !door::refuses_new(rule);
                let stop = (!stays).then(|| Reason {
                    code: self.ended(rule, crossing),
                    since: Some(Since::Range(when)),
                    evidence,
                });
                (answer, stop)
            }
            DoorState::NotYet(rule, when) => {
                let answer = format!("Not open before {} (rule {}).", words::when(&when), rule.id);
                let evidence = Evidence::new(EvidenceKind::Rule, rule.id.clone());
                (answer, begins.then(|| reason(ReasonCode::NotOffered, evidence)))
            }
            DoorState::Undated => ("No rule says so.".to_owned(), None),
            DoorState::Open => (open_answer(&door), None),
        };
        let question = format!(
            "Has a rule ended chats between {} and {}?",
            rules.app(&facts.home).name,
            rules.app(&crossing.other).name
        );
        self.note(Floor::MustNot, &question, answer, stop.is_some());
        stop
    }

    /// A flag closes the thread itself; a new one is refused only where a rule says so.
    fn undated_end(&self, rule: Option<&Rule>, crossing: &Crossing) -> Option<ReasonCode> {
        let new = self.wish == Wish::StartThread;
        match rule {
            Some(rule) => (!new || door::refuses_new(rule)).then(|| self.ended(rule, crossing)),
            None => (!new).then_some(ReasonCode::ServiceSaysNo),
        }
    }

    fn ended(&self, rule: &Rule, crossing: &Crossing) -> ReasonCode {
        ReasonCode::CrossAppEnded {
            rule: rule.id.clone(),
            home: self.facts.home.clone(),
            other: crossing.other.clone(),
        }
    }

    /// Warns of a closure that comes.
    fn foresee(&mut self, door: &Door<'_>, flagged: bool, other: Option<&SourceId>) {
        if let Some((rule, when)) = door.coming
            && door::is_foreseen(rule, &when, self.as_of, flagged)
        {
            let text = words::warning(rule, &when, &self.facts.home, other, self.rules, self.as_of);
            self.warnings.push(Warning { rule: rule.id.clone(), when, text });
        }
    }

    fn will_not(&mut self) -> Option<Reason> {
        let stop = self.facts.read_only_switch.then(|| {
            let evidence = Evidence::new(EvidenceKind::Switch, "--read-only");
            (
                "Yes: nothing is written anywhere.".to_owned(),
                reason(ReasonCode::ReadOnlySwitch, evidence),
            )
        });
        if let Some(found) = self.ask(Floor::WillNot, "Is --read-only on?", "No.", stop) {
            return Some(found);
        }
        let marked = self.facts.mark.read_only;
        let fine = if marked { "Yes, but a new thread can be begun." } else { "No." };
        let stop = (marked && self.wish != Wish::StartThread).then(|| {
            let evidence = Evidence::new(EvidenceKind::You, "you marked it");
            ("Yes.".to_owned(), reason(ReasonCode::MarkedByYou, evidence))
        });
        self.ask(Floor::WillNot, "Did you mark this thread read-only?", fine, stop)
    }

    /// Not passed on to the app behind, whoever one is.
    fn is_not_carried(&self) -> bool {
        self.facts.limits.not_carried.contains(&self.wish)
    }

    fn allow(&mut self) -> Verdict {
        let question = format!("Can onebox {} here?", words::wish(self.wish));
        let (answer, verdict) = match (&self.facts.live, offered(self.wish)) {
            (Some(can), _) if can.contains(&self.wish) => {
                ("Yes: your account is connected.".to_owned(), Verdict::Live)
            }
            (None, Offered::Text) | (_, Offered::NewThread) => self.by_hand(),
            (Some(_), Offered::Text | Offered::LiveOnly) if self.is_not_carried() => {
                let detail = "your connected account says what is passed on from here";
                let evidence = Evidence::new(EvidenceKind::Account, detail);
                let refused = Verdict::Denied(reason(ReasonCode::NotCarried, evidence));
                ("No: it is not passed on.".to_owned(), refused)
            }
            (Some(_), Offered::Text | Offered::LiveOnly) => {
                let detail = "the connected account cannot do this here";
                self.not_offered("No: your account is connected, but cannot.", detail)
            }
            (None, Offered::LiveOnly) => self
                .not_offered("No: it is known from an export only.", "known from an export only"),
        };
        self.note(Floor::Allow, &question, answer, true);
        verdict
    }

    fn by_hand(&self) -> (String, Verdict) {
        let link = link::hand_off(self.facts, self.rules);
        let answer = match &link {
            Some(link) => format!("Through {}: onebox opens it and brings your text.", link.app),
            None => "By hand: onebox copies your text, you paste it into the app.".to_owned(),
        };
        (answer, Verdict::HandOff(link))
    }

    fn not_offered(&self, answer: &str, detail: &str) -> (String, Verdict) {
        let evidence = Evidence::new(EvidenceKind::Account, detail);
        (answer.to_owned(), Verdict::Denied(reason(ReasonCode::NotOffered, evidence)))
    }
}

/// What can stand in for a connected account.
enum Offered {
    /// Text, which the app's own link can bring.
    Text,
    /// A new thread, which the app's own link can open.
    NewThread,
    /// Nothing.
    LiveOnly,
}

fn offered(wish: Wish) -> Offered {
    match wish {
        Wish::Send | Wish::Reply => Offered::Text,
        Wish::StartThread => Offered::NewThread,
        Wish::React | Wish::Edit | Wish::Delete | Wish::Attach | Wish::Call | Wish::MarkRead => {
            Offered::LiveOnly
        }
    }
}

fn open_answer(door: &Door<'_>) -> String {
    match &door.coming {
        Some((rule, when)) => format!("Not yet: they end {} (rule {}).", words::on(when), rule.id),
        None => "No.".to_owned(),
    }
}

fn reason(code: ReasonCode, evidence: Evidence) -> Reason {
    Reason { code, since: None, evidence }
}
