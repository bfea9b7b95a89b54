//! The live connector's speed as one command, beside iamb on the same account in the same run.
//!
//! `ONEBOX_SYNAPSE=VENV/bin/python cargo bench --features matrix --bench live -- [--rooms N] [--only connector,iamb,storm]`
//!
//! Starts a Synapse on the loopback, writes the rooms into it, and looks at each program after the
//! other. iamb (`cargo install iamb --version 0.0.12 --locked`, `IAMB=path`) is left out where there
//! is none. Ratios of one run on one machine are what counts. Nothing here passes or fails.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program of its own, for a terminal"
)]

#[path = "../../tests/matrix/bridges.rs"]
#[allow(dead_code, reason = "tests ask for more")]
mod bridges;
#[path = "../../tests/matrix/connector.rs"]
#[allow(dead_code, reason = "tests ask for more")]
mod connector;
mod iamb;
mod ours;
mod process;
#[path = "../../tests/matrix/server.rs"]
#[allow(dead_code, reason = "tests ask for more")]
mod server;
mod storm;
#[path = "../speed/table.rs"]
#[allow(dead_code, reason = "the other bench asks for more")]
mod table;
#[path = "../speed/terminal.rs"]
#[allow(dead_code, reason = "the other bench asks for more")]
mod terminal;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use bridges::Bridges;
use serde_json::json;
use server::Server;
use table::{Row, Target};

const USAGE: &str = "cargo bench --features matrix --bench live -- [options]
  --rooms N         so many rooms on the account (1000)
  --only A,B        of: connector, iamb, storm";
/// What every room is called, with a number behind it.
const NAME: &str = "Chat";

/// What one program took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Took {
    /// Seconds to the first rooms.
    pub first: f64,
    /// Seconds until all are known.
    pub all: f64,
    /// Megabytes at most, until it had settled.
    pub peak: f64,
    /// Megabytes when it had settled.
    pub settled: f64,
    /// Per cent of a core while nothing happens.
    pub idle: f64,
    /// Wake-ups a second while nothing happens.
    pub wakes: f64,
}

fn main() -> ExitCode {
    match run() {
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

fn run() -> Result<String> {
    let (mut rooms, mut only) = (1000_usize, None);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            // Cargo says so to every bench.
            "--bench" => {}
            "--rooms" => rooms = args.next().context("a number")?.parse()?,
            "--only" => only = args.next(),
            _ => bail!("{USAGE}"),
        }
    }
    let wants = |what: &str| only.as_deref().is_none_or(|o| o.split(',').any(|o| o == what));
    let mut rows = Vec::new();
    if wants("connector") || wants("iamb") {
        rows.extend(account(rooms, wants("connector"), wants("iamb"))?);
    }
    if wants("storm") {
        rows.extend(storm::rows()?);
    }
    rows.extend(sizes());
    Ok(format!("{rooms} rooms\n\n{}", table::render(&rows)))
}

/// Both programs on one account, each cold and warm.
fn account(rooms: usize, ours: bool, iamb: bool) -> Result<Vec<Row>> {
    let python = std::env::var_os("ONEBOX_SYNAPSE").context("ONEBOX_SYNAPSE names no Python")?;
    let mut server = Server::new(Path::new(&python), "24h");
    let mut bridges: Bridges = server.bridges();
    let me = bridges.id("register", json!(["big"]));
    let ghosts = json!([["1", "Nora"]]);
    let room = bridges.id("portal", json!(["facebook", me, "1", NAME, "dm", ghosts]));
    for n in 0..3 {
        bridges.ask("say", json!(["facebook", room, "1", format!("message {n}")]));
    }
    eprintln!("… {rooms} rooms");
    server.seed(&["rooms", &room, &rooms.saturating_sub(1).to_string()]);
    let folder = tempfile::tempdir()?;
    let mut rows = Vec::new();
    let peer = match iamb::find().filter(|_| iamb) {
        Some(program) => {
            eprintln!("… iamb, cold");
            let cold = iamb::look(&program, folder.path(), (&server.address(), rooms), true)?;
            eprintln!("… iamb, warm");
            let warm = iamb::look(&program, folder.path(), (&server.address(), rooms), false)?;
            Some((cold, warm))
        }
        None => None,
    };
    if ours {
        eprintln!("… the connector, cold");
        let (cold, place) = ours::cold(folder.path(), &server.address());
        eprintln!("… the connector, warm");
        let warm = ours::warm(folder.path(), place);
        rows.extend(told("cold", &cold, peer.as_ref().map(|p| &p.0), Some(50.0)));
        rows.extend(told("warm", &warm, peer.as_ref().map(|p| &p.1), None));
    } else if let Some((cold, warm)) = peer {
        rows.extend(told("iamb cold", &cold, None, None));
        rows.extend(told("iamb warm", &warm, None, None));
    }
    Ok(rows)
}

/// Lines of the table; the first rooms should come so many times as fast.
fn told(what: &str, ours: &Took, peer: Option<&Took>, times: Option<f64>) -> Vec<Row> {
    let row = |name: &str, unit: &str, number: fn(&Took) -> f64| {
        let row = Row::told(format!("{what}: {name}"), format!("{:.2} {unit}", number(ours)));
        match peer {
            Some(peer) => row.against(format!("iamb {:.2} {unit}", number(peer))),
            None => row,
        }
    };
    let mut first = row("first rooms", "s", |t| t.first);
    if let (Some(peer), Some(times)) = (peer, times) {
        let ratio = (peer.first / ours.first).into();
        first = first.ratio(&ratio, "×", Some(Target::AtLeast(times)));
    }
    let all = row("all rooms known", "s", |t| t.all);
    let all =
        if times.is_none() { all.held(ours.all, "s", Some(Target::AtMost(0.5))) } else { all };
    vec![
        first,
        all,
        row("memory at most", "MB", |t| t.peak).held(ours.peak, "MB", Some(Target::AtMost(90.0))),
        row("memory settled", "MB", |t| t.settled),
        row("a core when idle", "%", |t| t.idle).held(ours.idle, "%", Some(Target::AtMost(2.0))),
        row("wake-ups a second when idle", "", |t| t.wakes),
    ]
}

/// How large the programs are.
fn sizes() -> Vec<Row> {
    let size = |path: &str| std::fs::metadata(path).map_or(f64::NAN, |m| m.len() as f64 / 1e6);
    vec![
        Row::told("onebox, the program", format!("{:.1} MB", size(env!("CARGO_BIN_EXE_onebox")))),
        Row::told(
            "onebox-matrix, the program",
            format!("{:.1} MB", size(env!("CARGO_BIN_EXE_onebox-matrix"))),
        ),
    ]
}
