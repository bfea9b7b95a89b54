//! Opens an app's own link in whatever the system opens links with.

use std::process::{Command, Stdio};

use super::EngineError;
use crate::policy::is_safe_link;

/// Opens a link without a shell: the URL is one argument, never a command.
pub fn open_link(url: &str) -> Result<(), EngineError> {
    if !is_safe_link(url) {
        return Err(EngineError::Source(format!("the link {url:?} is not one that may be opened")));
    }
    open(url)
}

/// Opens a page that a connector needs for signing in: over TLS, or on this machine.
pub fn open_page(url: &str) -> Result<(), EngineError> {
    let local = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"];
    let fine = url.starts_with("https://") || local.iter().any(|l| url.starts_with(l));
    let clean = url.bytes().all(|b| b.is_ascii_graphic() && !b"\"'`\\<>^{}|".contains(&b));
    if !fine || !clean || url.len() > 8_192 {
        return Err(EngineError::Source("the page is not one that may be opened".to_owned()));
    }
    open(url)
}

/// Opens a file. The caller has looked at what kind it is.
pub fn open_file(path: &std::path::Path) -> Result<(), EngineError> {
    let path = path.canonicalize().map_err(|e| EngineError::Source(e.to_string()))?;
    open(&path.to_string_lossy())
}

fn open(url: &str) -> Result<(), EngineError> {
    let (program, before): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("rundll32", &["url.dll,FileProtocolHandler"])
    } else {
        ("xdg-open", &[])
    };
    let child = Command::new(program)
        .args(before)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    match child {
        Ok(mut child) => {
            // Whoever starts a process waits for it, or it stays as a zombie; the opener itself
            // returns at once, but nothing here shall hang on it.
            std::thread::spawn(move || child.wait().ok());
            Ok(())
        }
        Err(why) => Err(EngineError::Source(format!(
            "cannot open the link ({program}: {why}); it is shown: open it by hand"
        ))),
    }
}
