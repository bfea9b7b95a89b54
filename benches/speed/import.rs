//! Imports: what a million messages cost beside the least that they could.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::Plan;
use crate::baseline;
use crate::cost::{self, Cost};
use crate::generate::{Form, ME};
use crate::peer;
use crate::table::{Row, Runs, Target};

/// Costs of several rounds.
#[derive(Default)]
pub struct Costs(Vec<Cost>);

impl Costs {
    /// One more.
    pub fn push(&mut self, cost: Cost) {
        self.0.push(cost);
    }

    /// CPU seconds.
    pub fn cpu(&self) -> Runs {
        self.0.iter().map(|c| c.cpu).collect()
    }

    /// Seconds on the wall.
    pub fn wall(&self) -> Runs {
        self.0.iter().map(|c| c.wall).collect()
    }

    /// Peak megabytes.
    pub fn memory(&self) -> Runs {
        self.0.iter().map(|c| c.memory as f64 / 1e6).collect()
    }
}

/// Our import of an export into a store, not searchable yet.
pub fn ours(export: &Path, store: &Path) -> Command {
    let mut command = searchable(export, store);
    command.arg("--no-index");
    command
}

/// Our import of an export into a store, searchable too.
pub fn searchable(export: &Path, store: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onebox"));
    command.arg("--data-dir").arg(store).arg("import").arg(export);
    command.args(["--me", ME, "--date-order", "dmy", "--time-zone", "UTC", "--json"]);
    command
}

fn this(name: &str, args: &[&OsStr]) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(name).args(args);
    Ok(command)
}

/// A folder or file that is not there, below the scratch folder.
pub fn fresh(plan: &Plan, name: &str) -> Result<PathBuf> {
    let path = plan.scratch.join(name);
    if path.is_dir() {
        fs::remove_dir_all(&path)?;
    } else if path.exists() {
        fs::remove_file(&path)?;
    }
    Ok(path)
}

fn per_second(plan: &Plan, costs: &Costs) -> String {
    format!("{:.0} k msg/s", plan.messages as f64 / costs.wall().median() / 1000.0)
}

/// Everything about imports.
pub fn rows(plan: &Plan) -> Result<Vec<Row>> {
    let mut out = messenger(plan)?;
    out.extend(growth(plan)?);
    out.extend(whatsapp(plan)?);
    Ok(out)
}

#[derive(Default)]
struct Messenger {
    parse: Costs,
    bare: Costs,
    inflate: Costs,
    folder: Costs,
    zip: Costs,
    again: Costs,
}

fn messenger(plan: &Plan) -> Result<Vec<Row>> {
    let folder = plan.export(Form::MessengerFolder, plan.messages)?;
    let zip = plan.export(Form::MessengerZip, plan.messages)?;
    let mut c = Messenger::default();
    for round in 1..=plan.rounds {
        plan.say(&format!("messenger, round {round} of {}", plan.rounds));
        // One after the other in every round, so that what else the machine does hits all alike.
        c.parse.push(cost::of(&this(baseline::PARSE, &[folder.as_os_str()])?)?);
        let database = fresh(plan, "bare.db")?;
        let args = [folder.as_os_str(), database.as_os_str()];
        c.bare.push(cost::of(&this(baseline::STORE, &args)?)?);
        c.inflate.push(cost::of(&this(baseline::UNZIP, &[zip.as_os_str()])?)?);
        let store = fresh(plan, "store-folder")?;
        c.folder.push(cost::of(&ours(&folder, &store))?);
        c.again.push(cost::of(&ours(&folder, &store))?);
        let store = fresh(plan, "store-zip")?;
        c.zip.push(cost::of(&ours(&zip, &store))?);
    }
    let again = c.again.cpu().over(&c.folder.cpu()).each(|r| r * 100.0);
    Ok(vec![
        Row::told("Messenger JSON folder, CPU", c.folder.cpu().shown(2, "s"))
            .against(format!("{} parse + bare insert", c.bare.cpu().shown(2, "s")))
            .ratio(&c.folder.cpu().over(&c.bare.cpu()), "×", Some(Target::AtMost(1.5))),
        Row::told("· of the baseline, parse alone", "").against(c.parse.cpu().shown(2, "s")),
        Row::told("· wall", c.folder.wall().shown(2, "s"))
            .against(c.bare.wall().shown(2, "s"))
            .ratio(&c.folder.wall().over(&c.bare.wall()), "×", None),
        Row::told("· rate", per_second(plan, &c.folder)).against(per_second(plan, &c.bare)),
        Row::told("· peak memory", c.folder.memory().shown(0, "MB"))
            .against(c.bare.memory().shown(0, "MB"))
            .held(c.folder.memory().percentile(100), "MB", Some(Target::AtMost(200.0))),
        Row::told("the same as deflated zip, CPU", c.zip.cpu().shown(2, "s"))
            .against("ours from the folder")
            .ratio(&c.zip.cpu().over(&c.folder.cpu()), "×", Some(Target::AtMost(1.3))),
        Row::told("· inflating alone", "").against(c.inflate.cpu().shown(2, "s")),
        Row::told("· peak memory", c.zip.memory().shown(0, "MB")).held(
            c.zip.memory().percentile(100),
            "MB",
            Some(Target::AtMost(200.0)),
        ),
        Row::told("second import of the folder, CPU", c.again.cpu().shown(2, "s"))
            .against("the first")
            .ratio(&again, "%", Some(Target::AtMost(5.0))),
    ])
}

/// What a message costs in a small export and in a large one.
fn growth(plan: &Plan) -> Result<Vec<Row>> {
    let few = (plan.messages / 100).max(10_000);
    if few >= plan.messages {
        return Ok(Vec::new());
    }
    let small = plan.export(Form::MessengerFolder, few)?;
    let large = plan.export(Form::MessengerFolder, plan.messages)?;
    let (mut a, mut b) = (Costs::default(), Costs::default());
    for round in 1..=plan.rounds {
        plan.say(&format!("growth, round {round} of {}", plan.rounds));
        a.push(cost::of(&ours(&small, &fresh(plan, "store-small")?))?);
        b.push(cost::of(&ours(&large, &fresh(plan, "store-large")?))?);
    }
    let each = |c: &Costs, n: u64| c.cpu().each(|s| s * 1e6 / n as f64);
    let (a_each, b_each) = (each(&a, few), each(&b, plan.messages));
    Ok(vec![
        Row::told("CPU per message, large export", b_each.shown(2, "µs"))
            .against(format!("{} with a hundredth", a_each.shown(2, "µs")))
            .ratio(&b_each.over(&a_each), "×", Some(Target::AtMost(1.3))),
        Row::told("peak memory, large export", b.memory().shown(0, "MB"))
            .against(format!("{} with a hundredth", a.memory().shown(0, "MB")))
            .held(b.memory().percentile(100), "MB", Some(Target::AtMost(200.0))),
    ])
}

fn whatsapp(plan: &Plan) -> Result<Vec<Row>> {
    let folder = plan.export(Form::WhatsApp, plan.messages)?;
    let peer = peer::find();
    let one = match &peer {
        Some(_) => Some(peer::one_file(&folder, &plan.scratch)?),
        None => None,
    };
    let (mut c, mut single, mut theirs) = (Costs::default(), Costs::default(), Costs::default());
    let mut indexed = Costs::default();
    for round in 1..=plan.rounds {
        plan.say(&format!("whatsapp, round {round} of {}", plan.rounds));
        c.push(cost::of(&ours(&folder, &fresh(plan, "store-whatsapp")?))?);
        if let (Some(peer), Some(one)) = (&peer, &one) {
            single.push(cost::of(&ours(one, &fresh(plan, "store-one")?))?);
            indexed.push(cost::of(&searchable(one, &fresh(plan, "store-one")?))?);
            // Minutes a run: one is enough to tell eighteenfold from fifteenfold.
            if round == 1 {
                match cost::of(&peer::command(peer, one, &fresh(plan, "peer")?)) {
                    Ok(cost) => theirs.push(cost),
                    Err(e) => plan.say(&format!("{e:#}")),
                }
            }
        }
    }
    let mut out = vec![
        Row::told("WhatsApp text, CPU", c.cpu().shown(2, "s")),
        Row::told("· wall", c.wall().shown(2, "s")),
        Row::told("· rate", per_second(plan, &c)),
        Row::told("· peak memory", c.memory().shown(0, "MB")).held(
            c.memory().percentile(100),
            "MB",
            Some(Target::AtMost(200.0)),
        ),
    ];
    let name = "WhatsApp-Chat-Exporter --no-html / ours, one file";
    out.push(match &peer {
        Some(_) if theirs.cpu().count() == 0 => {
            Row::told(name, single.cpu().shown(2, "s")).against("it failed")
        }
        Some(_) => Row::told(name, single.cpu().shown(2, "s"))
            .against(theirs.cpu().shown(2, "s"))
            .ratio(&theirs.cpu().over(&single.cpu()), "×", Some(Target::AtLeast(15.0))),
        None => Row::told(name, "not installed").against(peer::HOW),
    });
    if theirs.cpu().count() > 0 {
        out.push(
            Row::told("· ours searchable too", indexed.cpu().shown(2, "s"))
                .against(theirs.cpu().shown(2, "s"))
                .ratio(&theirs.cpu().over(&indexed.cpu()), "×", Some(Target::AtLeast(2.0))),
        );
    }
    Ok(out)
}
