//! Imports: what a million messages cost beside the least that they could.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::Plan;
use crate::baseline;
use crate::cost::{self, Cost};
use crate::generate::{Form, ME};
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

/// What an import costs that brings every message.
pub fn whole(plan: &Plan, import: &Command, messages: u64) -> Result<Cost> {
    telling_twice(plan, import, messages, 0)
}

/// The same where so many may be told twice.
pub fn telling_twice(plan: &Plan, import: &Command, messages: u64, twice: u64) -> Result<Cost> {
    let report = fresh(plan, "report.json")?;
    let cost = cost::telling(import, &report).context("the import failed")?;
    held(&fs::read_to_string(&report)?, messages, twice)?;
    Ok(cost)
}

/// Whether an import brought every message, once but for a few, and found nothing odd.
fn held(report: &str, messages: u64, twice: u64) -> Result<()> {
    let value: Value = serde_json::from_str(report).context("the import's report")?;
    let reports = value.as_array().map_or(std::slice::from_ref(&value), Vec::as_slice);
    let sum = |name: &str| reports.iter().filter_map(|r| r[name].as_u64()).sum::<u64>();
    let (added, known, odd) = (sum("messages_added"), sum("messages_known"), sum("oddities"));
    let partial = reports.iter().any(|r| r["partial"] != false);
    let all = added + known == messages && known <= twice;
    if reports.len() == 1 && all && odd == 0 && !partial {
        return Ok(());
    }
    let sample = reports.iter().find_map(|r| r["oddity_samples"].get(0));
    let first = sample.map_or(String::new(), |odd| format!(", the first {odd}"));
    bail!(
        "the import is not right: {added} of {messages} messages, {known} of them twice, \
         {odd} oddities{first}"
    )
}

/// This program under one of its hidden commands.
pub fn this(name: &str, args: &[&OsStr]) -> Result<Command> {
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
        c.folder.push(whole(plan, &ours(&folder, &store), plan.messages)?);
        c.again.push(cost::of(&ours(&folder, &store))?);
        let store = fresh(plan, "store-zip")?;
        c.zip.push(whole(plan, &ours(&zip, &store), plan.messages)?);
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

fn whatsapp(plan: &Plan) -> Result<Vec<Row>> {
    let folder = plan.export(Form::WhatsApp, plan.messages)?;
    let mut c = Costs::default();
    for round in 1..=plan.rounds {
        plan.say(&format!("whatsapp, round {round} of {}", plan.rounds));
        let store = fresh(plan, "store-whatsapp")?;
        c.push(whole(plan, &ours(&folder, &store), plan.messages)?);
    }
    Ok(vec![
        Row::told("WhatsApp text, CPU", c.cpu().shown(2, "s")),
        Row::told("· wall", c.wall().shown(2, "s")),
        Row::told("· rate", per_second(plan, &c)),
        Row::told("· peak memory", c.memory().shown(0, "MB")).held(
            c.memory().percentile(100),
            "MB",
            Some(Target::AtMost(200.0)),
        ),
    ])
}
