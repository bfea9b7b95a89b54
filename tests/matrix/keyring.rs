//! A keyring of its own: GNOME's, on a session bus of its own, in a folder of its own.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const BUS: &str = r#"<busconfig><type>session</type><listen>unix:dir={folder}</listen>
<auth>EXTERNAL</auth><policy context="default"><allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"#;

/// A bus, and the keyring on it.
pub struct Keyring {
    folder: tempfile::TempDir,
    /// Where the bus is.
    pub bus: String,
    processes: Vec<Child>,
}

impl Keyring {
    /// A bus without a keyring. Nothing is started by itself on it.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("bus.conf");
        let here = folder.path().to_str().expect("a path");
        std::fs::write(&file, BUS.replace("{folder}", here)).expect("written");
        let mut bus = Command::new("dbus-daemon")
            .arg("--config-file")
            .arg(&file)
            .args(["--nofork", "--print-address"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon is installed");
        let mut address = String::new();
        let pipe = bus.stdout.take().expect("a pipe");
        BufReader::new(pipe).read_line(&mut address).expect("the bus says where it is");
        Self { folder, bus: address.trim().to_owned(), processes: vec![bus] }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let home = self.folder.path();
        command
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .envs([("HOME", home), ("XDG_RUNTIME_DIR", home)])
            .env("XDG_DATA_HOME", self.data())
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY");
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Asks something of the bus; `None`: it does not answer so.
    fn ask(&self, destination: &str, path: &str, what: &[&str]) -> Option<String> {
        let done = self
            .command("dbus-send")
            .args(["--session", "--print-reply", "--reply-timeout=5000"])
            .arg(format!("--dest={destination}"))
            .arg(path)
            .args(what)
            .output()
            .expect("dbus-send is installed");
        done.status.success().then(|| String::from_utf8_lossy(&done.stdout).into_owned())
    }

    fn is_up(&self) -> bool {
        let what = ["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"];
        let path = "/org/freedesktop/DBus";
        self.ask("org.freedesktop.DBus", path, &what).is_some_and(|said| said.contains("true"))
    }

    /// Starts the keyring, unlocked.
    pub fn start(&mut self) {
        let mut keyring = self
            .command("gnome-keyring-daemon")
            .args(["--foreground", "--components=secrets", "--unlock"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("gnome-keyring-daemon is installed");
        let mut to = keyring.stdin.take().expect("a pipe");
        to.write_all(b"of the tests").expect("written");
        drop(to);
        self.processes.push(keyring);
        self.wait(true);
    }

    /// Stops it.
    pub fn stop(&mut self) {
        let mut keyring = self.processes.pop().expect("it runs");
        keyring.kill().expect("killed");
        keyring.wait().expect("ended");
        self.wait(false);
    }

    fn wait(&self, up: bool) {
        let begun = Instant::now();
        while self.is_up() != up {
            assert!(begun.elapsed() < Duration::from_secs(20), "the keyring: {up}");
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }

    /// Locks it. Nobody is there to unlock it again.
    pub fn lock(&self) {
        let what = [
            "org.freedesktop.Secret.Service.Lock",
            "array:objpath:/org/freedesktop/secrets/collection/login",
        ];
        self.ask("org.freedesktop.secrets", "/org/freedesktop/secrets", &what).expect("locked");
    }

    /// How many keys of onebox's it has.
    pub fn keys(&self) -> usize {
        let what =
            ["org.freedesktop.Secret.Service.SearchItems", "dict:string:string:service,onebox"];
        let found = self.ask("org.freedesktop.secrets", "/org/freedesktop/secrets", &what);
        found.expect("an answer").matches("/collection/").count()
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        for process in self.processes.iter_mut().rev() {
            process.kill().ok();
            process.wait().ok();
        }
    }
}
