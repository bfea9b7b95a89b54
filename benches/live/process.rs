//! What a running process holds and uses.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::Took;

/// So long a program has to settle.
pub const SETTLE: Duration = Duration::from_secs(15);
/// So long it is watched while nothing happens.
pub const REST: Duration = Duration::from_secs(30);

fn field(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|l| l.strip_prefix(name));
    line.and_then(|l| l.split_whitespace().next()?.parse().ok()).unwrap_or(f64::NAN)
}

fn status(id: u32) -> String {
    std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default()
}

/// Hundredths of a second of CPU so far, and the wake-ups of every thread.
fn used(id: u32) -> (f64, HashMap<String, f64>) {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // The name in brackets may hold anything; the numbers follow its end.
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let ticks = |n: usize| after.split_whitespace().nth(n).and_then(|f| f.parse::<f64>().ok());
    let threads = std::fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten();
    let wakes = threads
        .filter_map(|t| {
            let status = std::fs::read_to_string(t.path().join("status")).ok()?;
            let name = t.file_name().to_string_lossy().into_owned();
            Some((name, field(&status, "voluntary_ctxt_switches:")))
        })
        .collect();
    (ticks(11).unwrap_or_default() + ticks(12).unwrap_or_default(), wakes)
}

/// Fills in what a process holds, and what it uses while nothing happens. `wait` lets time pass.
pub fn rest(id: u32, took: &mut Took, mut wait: impl FnMut(Duration)) {
    let megabytes = |name| field(&status(id), name) * 1024.0 / 1e6;
    wait(SETTLE);
    took.peak = megabytes("VmHWM:");
    took.settled = megabytes("VmRSS:");
    let (before, begun) = (used(id), Instant::now());
    wait(REST);
    let (after, seconds) = (used(id), begun.elapsed().as_secs_f64());
    took.idle = (after.0 - before.0) / seconds;
    // A thread that has ended since is not counted, one that began is from its first.
    let wakes = |(t, n): (&String, &f64)| n - before.1.get(t).unwrap_or(&0.0);
    took.wakes = after.1.iter().map(wakes).sum::<f64>() / seconds;
}
