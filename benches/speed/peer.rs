//! The best-known program that reads the same WhatsApp texts, if it is installed.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Result;

/// How to get it.
pub const HOW: &str = "pip install whatsapp-chat-exporter, or WTSEXPORTER=path";

/// The program.
pub fn find() -> Option<PathBuf> {
    let path = std::env::var_os("WTSEXPORTER").map_or_else(|| "wtsexporter".into(), PathBuf::from);
    let asked = Command::new(&path)
        .arg("--help")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    asked.is_ok_and(|s| s.success()).then_some(path)
}

/// All chats in one file, since it reads one; the same lines for both.
pub fn one_file(folder: &Path, scratch: &Path) -> Result<PathBuf> {
    let path = scratch.join("WhatsApp Chat with everybody.txt");
    let mut out = File::create(&path)?;
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|e| Ok(e?.path())).collect::<io::Result<_>>()?;
    files.sort();
    for file in files {
        io::copy(&mut File::open(file)?, &mut out)?;
    }
    Ok(path)
}

/// Its cheapest way: it parses, and writes no pages.
pub fn command(program: &Path, text: &Path, out: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg("-e").arg(text).args(["--assume-first-as-me", "--no-html", "--no-banner"]);
    command.arg("-j").arg(out.with_extension("json")).arg("-o").arg(out);
    command
}
