//! An account that is told twice, by two exports of which neither knows the other's ids: what it costs
//! to lay the second beside the first, and whether a message costs the same in a small account and in
//! a large one.

use std::fs;

use anyhow::Result;

use crate::Plan;
use crate::cost;
use crate::generate::Form;
use crate::import::{Costs, fresh, ours};
use crate::table::{Row, Runs, Target};

/// What a large account is held against.
const MEASURE: u64 = 100_000;

const PAIRS: [(Form, Form, &str); 4] = [
    (Form::MessengerFolder, Form::MessengerRenumbered, "Messenger JSON, its folders renumbered"),
    (Form::MessengerFolder, Form::MessengerPages, "Messenger pages beside JSON"),
    (Form::WhatsApp, Form::Msgstore, "WhatsApp's database beside its texts"),
    (Form::Msgstore, Form::WhatsApp, "WhatsApp's texts beside the database"),
];

/// A row for each pair, and one for what it costs to tell the first again after that.
pub fn rows(plan: &Plan) -> Result<Vec<Row>> {
    let mut out = Vec::new();
    for (first, second, title) in PAIRS {
        let [small, _] = measured(plan, (first, second), MEASURE.min(plan.messages))?;
        let [beside, again] = measured(plan, (first, second), plan.messages)?;
        let messages = plan.messages;
        let each = |runs: &Runs, n: u64| runs.each(|s| s * 1e6 / n as f64);
        let (one, other) = (each(&beside, messages), each(&small, MEASURE.min(messages)));
        out.push(
            Row::told(format!("{title}, {messages} messages, CPU each"), one.shown(2, "µs"))
                .against(format!("{} with {MEASURE}", other.shown(2, "µs")))
                .ratio(&one.over(&other), "×", Some(Target::AtMost(1.3))),
        );
        let again = each(&again, messages).shown(2, "µs");
        out.push(Row::told("· and the first told once more", again));
    }
    Ok(out)
}

/// CPU seconds of the second export where the first has been told, and of the first told once more.
fn measured(plan: &Plan, (first, second): (Form, Form), messages: u64) -> Result<[Runs; 2]> {
    let (one, other) = (plan.export(first, messages)?, plan.export(second, messages)?);
    let (mut beside, mut again) = (Costs::default(), Costs::default());
    for round in 1..=plan.rounds {
        plan.say(&format!(
            "twice, {second:?} beside {first:?}, {messages} messages, round {round} of {}",
            plan.rounds
        ));
        let store = fresh(plan, "store-twice")?;
        cost::of(&ours(&one, &store))?;
        beside.push(cost::of(&ours(&other, &store))?);
        let mut once_more = ours(&one, &store);
        again.push(cost::of(once_more.arg("--again"))?);
        fs::remove_dir_all(&store)?;
    }
    Ok([beside.cpu(), again.cpu()])
}
