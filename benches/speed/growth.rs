//! Whether a message costs the same in a small export and in a huge one, and the memory stays flat:
//! from ten thousand messages up, tenfold each, to as many as are asked for.

use std::fs;

use anyhow::Result;

use crate::Plan;
use crate::generate::Form;
use crate::import::{Costs, fresh, ours, whole};
use crate::table::{Row, Target};

const LEAST: u64 = 10_000;
/// What larger ones are held against: a smaller one costs mostly its start.
const MEASURE: u64 = 100_000;
/// From here on one round takes minutes, and is enough.
const HUGE: u64 = 2_000_000;

const FORMS: [(Form, &str); 2] =
    [(Form::MessengerFolder, "Messenger JSON folder"), (Form::WhatsApp, "WhatsApp text")];

fn sizes(most: u64) -> Vec<u64> {
    let mut sizes: Vec<u64> =
        std::iter::successors(Some(LEAST), |n| Some(n * 10)).take_while(|n| *n < most).collect();
    sizes.push(most);
    sizes
}

/// Two rows for every size.
pub fn rows(plan: &Plan) -> Result<Vec<Row>> {
    let mut out = Vec::new();
    for (form, title) in FORMS {
        let all = measured(plan, form)?;
        let each = |(n, costs): &(u64, Costs)| costs.cpu().each(|s| s * 1e6 / *n as f64);
        let measure = all.iter().find(|(n, _)| *n == MEASURE).map(each);
        for one in &all {
            let (n, costs) = one;
            let row =
                Row::told(format!("{title}, {n} messages, CPU each"), each(one).shown(2, "µs"));
            out.push(match &measure {
                Some(measure) if *n > MEASURE => row.against(format!("with {MEASURE}")).ratio(
                    &each(one).over(measure),
                    "×",
                    Some(Target::AtMost(1.3)),
                ),
                _ => row,
            });
            out.push(Row::told("· peak memory", costs.memory().shown(0, "MB")).held(
                costs.memory().percentile(100),
                "MB",
                Some(Target::AtMost(200.0)),
            ));
        }
    }
    Ok(out)
}

/// All sizes in every round, one process at a time; no store outlives its measurement.
fn measured(plan: &Plan, form: Form) -> Result<Vec<(u64, Costs)>> {
    let mut all = Vec::new();
    for n in sizes(plan.messages) {
        all.push((n, plan.export(form, n)?, Costs::default()));
    }
    for round in 1..=plan.rounds {
        for (n, export, costs) in &mut all {
            if *n >= HUGE && round > 1 {
                continue;
            }
            plan.say(&format!("growth, {form:?}, {n} messages, round {round} of {}", plan.rounds));
            let store = fresh(plan, "store-growth")?;
            costs.push(whole(plan, &ours(export, &store), *n)?);
            fs::remove_dir_all(&store)?;
        }
    }
    Ok(all.into_iter().map(|(n, _, costs)| (n, costs)).collect())
}
