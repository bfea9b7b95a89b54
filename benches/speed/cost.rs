//! What a program costs: CPU, wall and memory of a child process, by the kernel's own count.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// The hidden command under which this program runs another and tells what it cost.
pub const WRAPPER: &str = "cost-of";

const NOWHERE: &str = "-";

/// What one run cost.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Seconds in the program and in the kernel for it, over all its threads.
    pub cpu: f64,
    /// Seconds from start to end.
    pub wall: f64,
    /// Peak resident memory in bytes.
    pub memory: u64,
}

/// Runs a program to its end. A process of its own waits for it, since the kernel only tells the
/// peak of all children together.
pub fn of(program: &Command) -> Result<Cost> {
    telling(program, Path::new(NOWHERE))
}

/// The same, and what the program prints goes into a file.
pub fn telling(program: &Command, file: &Path) -> Result<Cost> {
    let mut wrapper = Command::new(std::env::current_exe()?);
    wrapper.arg(WRAPPER).arg(file).arg(program.get_program()).args(program.get_args());
    let out = wrapper.stderr(Stdio::inherit()).output().context("measuring")?;
    let told = String::from_utf8_lossy(&out.stdout);
    let numbers: Vec<f64> = told.split_whitespace().filter_map(|n| n.parse().ok()).collect();
    match (out.status.success(), numbers.as_slice()) {
        (true, [cpu, wall, memory]) => {
            Ok(Cost { cpu: *cpu, wall: *wall, memory: *memory as u64 * 1024 })
        }
        _ => bail!("{program:?} failed"),
    }
}

/// The wrapper's side: gives a line of CPU seconds, wall seconds and peak kilobytes.
pub fn wrap(command: &[String]) -> Result<String> {
    let (file, command) = command.split_first().context("a file")?;
    let (program, args) = command.split_first().context("a program")?;
    let out = if file == NOWHERE { Stdio::null() } else { File::create(file)?.into() };
    let begun = Instant::now();
    let mut command = Command::new(program);
    let status = command.args(args).stdout(out).stderr(Stdio::null()).status()?;
    let wall = begun.elapsed();
    if !status.success() {
        bail!("{program}: {status}");
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let cpu = duration(usage.user_time()) + duration(usage.system_time());
    Ok(format!("{} {} {}", cpu.as_secs_f64(), wall.as_secs_f64(), usage.max_rss()))
}

/// CPU seconds that this process has used so far, over all its threads.
pub fn own() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    Ok((duration(usage.user_time()) + duration(usage.system_time())).as_secs_f64())
}

fn duration(time: TimeVal) -> Duration {
    let micros = time.tv_sec() * 1_000_000 + time.tv_usec();
    Duration::from_micros(micros.unsigned_abs())
}
