//! The program, watched for the memory that it takes.

use std::fs;
use std::io::{Read as _, Seek as _};
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use super::program::Ran;

/// Runs to the end, watching how much memory is used at most. Panics where it hangs.
pub fn watched(command: &mut Command, seconds: u64) -> (Ran, u64) {
    // Into files: nobody empties a pipe while this waits.
    let (mut out, mut err) =
        (tempfile::tempfile().expect("a file"), tempfile::tempfile().expect("a file"));
    let into = |file: &fs::File| Stdio::from(file.try_clone().expect("the same file"));
    let mut child =
        command.stdout(into(&out)).stderr(into(&err)).spawn().expect("the program starts");
    let status = format!("/proc/{}/status", child.id());
    let (_never, beat) = sync_channel::<()>(0);
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut most = 0;
    while child.try_wait().expect("a child").is_none() {
        let told = fs::read_to_string(&status).unwrap_or_default();
        let line = told.lines().find_map(|l| l.strip_prefix("VmHWM:"));
        let kb = line.and_then(|l| l.trim().split(' ').next()?.parse().ok()).unwrap_or(0);
        most = most.max(kb);
        if Instant::now() > end {
            child.kill().expect("it ends");
            panic!("still running after {seconds} s");
        }
        assert_eq!(beat.recv_timeout(Duration::from_millis(5)), Err(RecvTimeoutError::Timeout));
    }
    let text = |file: &mut fs::File| {
        let mut text = String::new();
        file.rewind().and_then(|()| file.read_to_string(&mut text)).expect("text");
        text
    };
    let code = child.wait().expect("it has ended").code();
    (Ran { code, out: text(&mut out), err: text(&mut err) }, most)
}
