//! Other programs that read the same WhatsApp texts, each if it is installed.
//!
//! They are Python's: `ONEBOX_PEERS` names a virtual environment that holds them, else they are
//! looked for on the path. Each reads what it can be given within five minutes: the whole file, or
//! a smaller one where it is slow, and ours reads that same file.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Result;

use crate::Plan;
use crate::cost::{self, Cost};
use crate::generate::Form;
use crate::import::{Costs, fresh, ours, searchable, telling_twice};
use crate::table::{Row, Runs, Target};

/// Seconds on the wall that a peer may take for its one run.
const PATIENCE: f64 = 300.0;
/// Messages by which it is told how slow a peer is.
const TRIAL: u64 = 10_000;

/// All that they need: the file, then the number of messages is printed.
const WHATSTK: &str = "import sys
from whatstk import df_from_whatsapp
df = df_from_whatsapp(sys.argv[1], auto_header=False, hformat='%d/%m/%Y, %H:%M - %name:', max_size=None)
print(len(df))";
const CHAT_MINER: &str = "import sys
from chatminer.chatparsers import WhatsAppParser
parser = WhatsAppParser(sys.argv[1])
parser.parse_file()
print(len(parser.parsed_messages.get_df()))";

/// Another program.
struct Peer {
    name: &'static str,
    /// The package that brings it.
    package: &'static str,
    kind: Kind,
    /// How often ours should fit into its time, only stored and searchable too.
    targets: [Option<f64>; 2],
}

enum Kind {
    /// A program of this name.
    Program(&'static str),
    /// A module, and what is done with it.
    Module(&'static str, &'static str),
}

const PEERS: &[Peer] = &[
    Peer {
        name: "WhatsApp-Chat-Exporter --no-html",
        package: "whatsapp-chat-exporter",
        kind: Kind::Program("wtsexporter"),
        targets: [Some(15.0), Some(2.0)],
    },
    Peer {
        name: "whatstk",
        package: "whatstk",
        kind: Kind::Module("whatstk", WHATSTK),
        targets: [None, Some(2.0)],
    },
    Peer {
        name: "chat-miner",
        package: "chat-miner",
        kind: Kind::Module("chatminer", CHAT_MINER),
        targets: [None, None],
    },
];

/// Where a program of the peers' lies.
fn program(name: &str) -> PathBuf {
    match std::env::var_os("ONEBOX_PEERS") {
        Some(environment) => Path::new(&environment).join("bin").join(name),
        None => name.into(),
    }
}

impl Peer {
    fn program(&self) -> PathBuf {
        match self.kind {
            Kind::Program(name) => {
                std::env::var_os("WTSEXPORTER").map_or_else(|| program(name), PathBuf::from)
            }
            Kind::Module(..) => program("python3"),
        }
    }

    fn is_there(&self) -> bool {
        let mut asked = Command::new(self.program());
        match self.kind {
            Kind::Program(_) => asked.arg("--help"),
            Kind::Module(module, _) => asked.arg("-c").arg(format!("import {module}")),
        };
        asked.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        asked.status().is_ok_and(|s| s.success())
    }

    fn how(&self) -> String {
        let package = self.package;
        format!("python3 -m venv peers && peers/bin/pip install {package}; ONEBOX_PEERS=peers")
    }

    /// Its cheapest way: it parses, and writes no pages.
    fn command(&self, text: &Path, out: &Path) -> Command {
        let mut command = Command::new(self.program());
        match self.kind {
            Kind::Program(_) => {
                command.arg("-e").arg(text);
                command.args(["--assume-first-as-me", "--no-html", "--no-banner"]);
                command.arg("-j").arg(out.with_extension("json")).arg("-o").arg(out);
            }
            Kind::Module(_, script) => {
                command.arg("-c").arg(script).arg(text);
            }
        }
        command
    }

    /// One run, and the number of messages where it tells it.
    fn run(&self, plan: &Plan, text: &Path) -> Result<(Cost, Option<u64>)> {
        let told = fresh(plan, "peer.txt")?;
        let cost = cost::telling(&self.command(text, &fresh(plan, "peer")?), &told)?;
        let count = match self.kind {
            Kind::Program(_) => None,
            Kind::Module(..) => fs::read_to_string(&told)?.lines().last().map(str::parse),
        };
        Ok((cost, count.transpose()?))
    }

    /// The largest file that it reads within our patience: of all messages, of a tenth, and so on.
    fn fitting(&self, plan: &Plan) -> Result<u64> {
        let mut messages = plan.messages;
        if messages <= TRIAL {
            return Ok(messages);
        }
        let (trial, _) = self.run(plan, &one_file(plan, TRIAL)?)?;
        while messages > TRIAL && trial.wall * messages as f64 / TRIAL as f64 > PATIENCE {
            messages /= 10;
        }
        Ok(messages.max(TRIAL))
    }

    fn rows(&self, plan: &Plan) -> Result<Vec<Row>> {
        plan.say(self.name);
        let messages = self.fitting(plan)?;
        let text = one_file(plan, messages)?;
        // Minutes a run: one is enough to tell eighteenfold from fifteenfold.
        let (theirs, count) = self.run(plan, &text)?;
        // Chats that follow each other in one file may say the same in one minute; two of a real
        // chat stand close together.
        let twice = messages / 10_000;
        let (mut stored, mut indexed) = (Costs::default(), Costs::default());
        for round in 1..=plan.rounds {
            plan.say(&format!("{}, ours, round {round} of {}", self.name, plan.rounds));
            let store = fresh(plan, "store-one")?;
            stored.push(telling_twice(plan, &ours(&text, &store), messages, twice)?);
            let store = fresh(plan, "store-one")?;
            indexed.push(telling_twice(plan, &searchable(&text, &store), messages, twice)?);
        }
        let fewer = if messages < plan.messages { ", a smaller file: it is slow" } else { "" };
        let found = count.map_or(String::new(), |n| format!(", finds {n} messages"));
        let target = |n: usize| self.targets[n].map(Target::AtLeast);
        let cpu = Runs::from(theirs.cpu);
        let over = |ours: &Costs| ours.cpu().each(|s| theirs.cpu / s);
        let title = format!("{} / ours, one file of {messages}{fewer}, CPU", self.name);
        Ok(vec![
            Row::told(title, stored.cpu().shown(2, "s"))
                .against(format!("{}{found}", cpu.shown(2, "s")))
                .ratio(&over(&stored), "×", target(0)),
            Row::told("· ours searchable too", indexed.cpu().shown(2, "s"))
                .against(cpu.shown(2, "s"))
                .ratio(&over(&indexed), "×", target(1)),
            Row::told("· peak memory", stored.memory().shown(0, "MB"))
                .against(Runs::from(theirs.memory as f64 / 1e6).shown(0, "MB")),
        ])
    }
}

/// All chats of an export in one file, since they read one; the same lines for all.
fn one_file(plan: &Plan, messages: u64) -> Result<PathBuf> {
    let folder = plan.export(Form::WhatsApp, messages)?;
    let below = plan.scratch.join(format!("one-{messages}"));
    fs::create_dir_all(&below)?;
    let path = below.join("WhatsApp Chat with everybody.txt");
    let mut out = File::create(&path)?;
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|e| Ok(e?.path())).collect::<io::Result<_>>()?;
    files.sort();
    for file in files {
        io::copy(&mut File::open(file)?, &mut out)?;
    }
    Ok(path)
}

/// Every peer in one run.
pub fn rows(plan: &Plan) -> Result<Vec<Row>> {
    let mut out = Vec::new();
    for peer in PEERS {
        let name = format!("{} / ours", peer.name);
        if !peer.is_there() {
            out.push(Row::told(name, "not installed").against(peer.how()));
            continue;
        }
        out.extend(peer.rows(plan).unwrap_or_else(|why| {
            plan.say(&format!("{why:#}"));
            vec![Row::told(name, "not measured").against(why.to_string())]
        }));
    }
    Ok(out)
}
