//! The speed contract as one command: makes its data from a seed and prints the table.
//!
//! `cargo bench --bench speed -- [--messages N] [--only import,formats,…] [--rounds N] [--keep DIR]`
//!
//! Ratios of one run on one machine are what counts; the absolute numbers only say how fast the
//! machine is. Nothing here passes or fails: the table says what is met.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program of its own, for a terminal"
)]

mod asked;
mod bare;
mod baseline;
mod column;
mod cost;
mod empty;
mod formats;
mod frame;
mod fts;
mod generate;
mod growth;
mod import;
mod live;
mod peers;
mod people;
mod search;
mod table;
mod terminal;
mod twice;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use generate::Form;

const USAGE: &str = "cargo bench --bench speed -- [options]
  --messages N      so many messages (1000000; of each format 100000)
  --only A,B        of: import, growth, twice, peers, formats, frame, keys, search, live, people
                    (growth, twice, peers: parts of import)
  --formats A,B     of the formats only these
  --rounds N        so many rounds of imports (3)
  --seed N          another seed for the data (7)
  --keep DIR        keep data and stores there, and use what is there";

/// What `--only` knows.
const PARTS: [&str; 10] =
    ["import", "growth", "twice", "peers", "formats", "frame", "keys", "search", "live", "people"];

/// What is measured.
pub struct Plan {
    /// Messages in the large export.
    pub messages: u64,
    /// Rounds of imports.
    pub rounds: usize,
    /// Where stores are made anew.
    pub scratch: PathBuf,
    /// What the data is drawn from.
    pub seed: u64,
    only: Vec<String>,
    formats: Vec<String>,
    /// The number of messages was asked for.
    said: bool,
    data: PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

impl Plan {
    fn from_args(args: &[String]) -> Result<Self> {
        let mut plan = Self {
            messages: 1_000_000,
            rounds: 3,
            seed: 7,
            only: Vec::new(),
            formats: Vec::new(),
            said: false,
            scratch: PathBuf::new(),
            data: PathBuf::new(),
            _temporary: None,
        };
        let mut keep = None;
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut value = || args.next().with_context(|| format!("{arg} wants a value"));
            match arg.as_str() {
                // Cargo says so to every bench.
                "--bench" => {}
                "--messages" => {
                    plan.messages = value()?.replace('_', "").parse()?;
                    plan.said = true;
                }
                "--rounds" => plan.rounds = value()?.parse()?,
                "--seed" => plan.seed = value()?.parse()?,
                "--only" => plan.only = value()?.split(',').map(str::to_owned).collect(),
                "--formats" => plan.formats = value()?.split(',').map(str::to_owned).collect(),
                "--keep" => keep = Some(PathBuf::from(value()?)),
                _ => bail!("{arg} is not known\n{USAGE}"),
            }
        }
        if plan.messages < 1_000 || plan.rounds == 0 {
            bail!("at least 1000 messages and one round");
        }
        if let Some(part) = plan.only.iter().find(|o| !PARTS.contains(&o.as_str())) {
            bail!("{part} is no part of the table\n{USAGE}");
        }
        if let Some(name) = plan.formats.iter().find(|f| !formats::is_known(f)) {
            bail!("{name} is no format; there are {}", formats::names());
        }
        let root = match keep {
            Some(dir) => dir,
            None => plan._temporary.insert(tempfile::tempdir()?).path().to_owned(),
        };
        (plan.data, plan.scratch) = (root.join("exports"), root.join("scratch"));
        std::fs::create_dir_all(&plan.scratch)?;
        Ok(plan)
    }

    fn wants(&self, what: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|o| o == what)
    }

    fn named(&self, what: &str) -> bool {
        self.only.iter().any(|o| o == what)
    }

    /// Whether a format is to be measured.
    pub fn wants_format(&self, name: &str) -> bool {
        self.formats.is_empty() || self.formats.iter().any(|f| f == name)
    }

    /// Messages in the export of each format.
    pub fn messages_of_formats(&self) -> u64 {
        if self.said { self.messages } else { self.messages.min(100_000) }
    }

    /// An export of this plan's seed; made if it is not there.
    pub fn export(&self, form: Form, messages: u64) -> Result<PathBuf> {
        self.say(&format!("export: {form:?}, {messages} messages"));
        generate::export(&self.data, form, messages, self.seed)
    }

    /// Tells how far it is.
    pub fn say(&self, what: &str) {
        eprintln!("… {what}");
    }
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(out) => {
            println!("{out}");
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("{e:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<String> {
    let path = |n: usize| args.get(n).map(Path::new).context("a path");
    match args.first().map(String::as_str) {
        Some("--help") => Ok(format!("{USAGE}\nFormats: {}", formats::names())),
        Some(cost::WRAPPER) => cost::wrap(&args[1..]),
        Some(baseline::PARSE) => Ok(baseline::parse(path(1)?)?.to_string()),
        Some(baseline::STORE) => Ok(baseline::store(path(1)?, path(2)?)?.to_string()),
        Some(baseline::UNZIP) => Ok(baseline::unzip(path(1)?)?.to_string()),
        Some(formats::LIMIT) => {
            Ok(formats::limit(&path(1)?.to_string_lossy(), path(2)?, path(3)?)?.to_string())
        }
        Some(empty::EMPTY) => empty::run().map(|()| String::new()),
        _ => measure(&Plan::from_args(args)?),
    }
}

fn measure(plan: &Plan) -> Result<String> {
    let mut rows = Vec::new();
    if plan.wants("import") {
        rows.extend(import::rows(plan)?);
    }
    if plan.wants("import") || plan.named("growth") {
        rows.extend(growth::rows(plan)?);
    }
    if plan.wants("import") || plan.named("twice") {
        rows.extend(twice::rows(plan)?);
    }
    if plan.wants("import") || plan.named("peers") {
        rows.extend(peers::rows(plan)?);
    }
    if plan.wants("formats") {
        rows.extend(formats::rows(plan)?);
    }
    if plan.wants("frame") {
        rows.extend(frame::first_frame(plan)?);
    }
    if plan.wants("keys") {
        rows.extend(frame::keys(plan)?);
    }
    if plan.wants("search") {
        rows.extend(search::rows(plan)?);
    }
    if plan.wants("live") {
        rows.extend(search::live(plan)?);
    }
    if plan.wants("people") {
        rows.extend(people::rows(plan)?);
    }
    let title = format!("{} messages, seed {}, {} rounds", plan.messages, plan.seed, plan.rounds);
    Ok(format!("{title}\n\n{}", table::render(&rows)))
}
