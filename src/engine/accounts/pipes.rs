//! Starting a connector: a program of its own with a pipe on either side.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use super::bell;
use crate::model::LiveId;
use crate::store::LiveAccount;

/// A running connector.
pub struct Pipes {
    /// Where orders go.
    pub orders: Box<dyn Write + Send>,
    /// Where news come from.
    pub news: Box<dyn Read + Send>,
    /// The process, if it is one.
    pub child: Option<Child>,
}

/// Starts connectors. Tests start their own.
pub type Launch = Arc<dyn Fn(&LiveAccount) -> Result<Pipes, String> + Send + Sync>;

/// Starts the program that a live account names.
pub fn launch(account: &LiveAccount) -> Result<Pipes, String> {
    let program = find(&account.connector)
        .ok_or_else(|| format!("there is no program {} on this machine", account.connector))?;
    let child = Command::new(&program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // What it has to say comes over the pipe; the screen is ours.
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| format!("{} cannot be started: {e}", program.display()))?;
    let mut child = child;
    match (child.stdin.take(), child.stdout.take()) {
        (Some(orders), Some(news)) => {
            Ok(Pipes { orders: Box::new(orders), news: Box::new(news), child: Some(child) })
        }
        _ => Err(format!("{} has no pipes", program.display())),
    }
}

/// The connector's program: a path as it is; a name beside this program, then on the path.
/// `matrix` is short for `onebox-matrix`.
pub fn find(connector: &str) -> Option<PathBuf> {
    if connector.contains('/') || connector.contains('\\') {
        return Some(PathBuf::from(connector)).filter(|p| p.is_file());
    }
    let beside = std::env::current_exe().ok().and_then(|p| p.parent().map(Path::to_owned));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = beside.into_iter().chain(std::env::split_paths(&path)).collect();
    let names = [format!("onebox-{connector}"), connector.to_owned()];
    names.iter().flat_map(|n| folders.iter().map(move |f| f.join(n))).find(|p| p.is_file())
}

/// The private folder of an account, made where it is not there.
pub fn folder(root: &Path, id: LiveId) -> std::io::Result<PathBuf> {
    let dir = root.join("connectors").join(id.to_string());
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&dir)?;
    Ok(dir)
}

/// Holds an account for this process alone. `None`: another onebox has it.
pub fn hold(dir: &Path) -> std::io::Result<Option<File>> {
    let file = lock(dir)?;
    match file.try_lock() {
        Ok(()) => {
            bell::sign(&file)?;
            Ok(Some(file))
        }
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(e)) => Err(e),
    }
}

/// Waits until the other onebox has let go of an account, however long that is.
pub fn wait_for(dir: &Path) -> std::io::Result<File> {
    let file = lock(dir)?;
    file.lock()?;
    bell::sign(&file)?;
    Ok(file)
}

/// Tells the other onebox that has an account that there is something to send.
pub fn ring(dir: &Path) {
    bell::ring(&dir.join("lock"));
}

fn lock(dir: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).truncate(false).write(true).open(dir.join("lock"))
}
