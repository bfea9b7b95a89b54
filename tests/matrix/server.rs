//! A throw-away Synapse, from the venv that `ONEBOX_SYNAPSE` names.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Bridges;

/// A loaded machine takes its time.
const START: Duration = Duration::from_secs(90);

/// A server, its folder, and how to start it again.
pub struct Server {
    python: PathBuf,
    folder: tempfile::TempDir,
    port: u16,
    process: Option<Child>,
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/matrix").join(name)
}

impl Server {
    /// Starts a new one whose access tokens live so long (`15s`, `1h`).
    pub fn new(python: &Path, lifetime: &str) -> Self {
        Self::with(python, lifetime, &json!({}))
    }

    /// The same, with more in its configuration.
    pub fn with(python: &Path, lifetime: &str, more: &Value) -> Self {
        // SQLite's commits dominate: on a tmpfs everything is five times as fast.
        let shared = Path::new("/dev/shm");
        let folder = tempfile::Builder::new()
            .prefix("onebox-synapse-")
            .tempdir_in(if shared.is_dir() { shared.to_owned() } else { std::env::temp_dir() })
            .expect("a folder");
        let port = TcpListener::bind(("127.0.0.1", 0))
            .and_then(|l| l.local_addr())
            .expect("a free port")
            .port();
        let configured = Command::new(python)
            .arg(script("config.py"))
            .args([folder.path().as_os_str(), port.to_string().as_ref(), lifetime.as_ref()])
            .arg(more.to_string())
            .status();
        assert!(configured.is_ok_and(|s| s.success()), "{} does not run", python.display());
        let mut server = Self { python: python.to_owned(), folder, port, process: None };
        let keys = server.synapse().arg("--generate-keys").output();
        assert!(keys.is_ok_and(|o| o.status.success()), "Synapse does not run in this venv");
        server.start();
        server
    }

    fn synapse(&self) -> Command {
        let mut command = Command::new(&self.python);
        command
            .current_dir(self.folder.path())
            .args(["-m", "synapse.app.homeserver", "-c", "homeserver.yaml"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Starts it, and waits until it answers.
    pub fn start(&mut self) {
        let mut process = self.synapse().spawn().expect("Synapse starts");
        let begun = Instant::now();
        while !self.is_healthy() {
            let ended = process.try_wait().expect("a process");
            assert!(ended.is_none(), "Synapse ended: {ended:?}\n{}", self.log());
            assert!(begun.elapsed() < START, "Synapse does not come up\n{}", self.log());
            std::thread::park_timeout(Duration::from_millis(100));
        }
        self.process = Some(process);
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("hs.log")).unwrap_or_default()
    }

    fn is_healthy(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else { return false };
        let mut answer = String::new();
        stream.set_read_timeout(Some(Duration::from_secs(5))).is_ok()
            && stream.write_all(b"GET /health HTTP/1.0\r\n\r\n").is_ok()
            && stream.read_to_string(&mut answer).is_ok()
            && answer.starts_with("HTTP/1.")
            && answer.contains(" 200 ")
    }

    /// Kills it as a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("killed");
            process.wait().expect("ended");
        }
    }

    /// Stops it in order, as a machine that is shut down does.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let id = process.id().to_string();
            let told = Command::new("kill").arg(id).status();
            assert!(told.is_ok_and(|s| s.success()));
            process.wait().expect("ended");
        }
    }

    /// Writes straight into its database, while it is stopped: see `seed.py`. What that prints.
    pub fn seed(&mut self, arguments: &[&str]) -> String {
        self.stop();
        let mut command = Command::new(&self.python);
        command.arg(script("seed.py")).arg(self.folder.path()).args(arguments);
        let seeded = command.output().expect("Python runs");
        assert!(seeded.status.success(), "{}", String::from_utf8_lossy(&seeded.stderr));
        self.start();
        String::from_utf8(seeded.stdout).expect("text")
    }

    /// Its address.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whoever knows people: a program of its own, which outlives no server.
    pub fn door(python: &Path) -> Bridges {
        Bridges::new(python, &script("door.py"), 0)
    }

    /// Bridges that live on it.
    pub fn bridges(&self) -> Bridges {
        Bridges::new(&self.python, &script("bridges.py"), self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().ok();
            process.wait().ok();
        }
    }
}
