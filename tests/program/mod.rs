//! The built program, run as a person runs it: own home, own zone, nothing from outside.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// What a run left behind.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// It went well and complained of nothing.
    pub fn ok(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (Some(0), ""), "{}", self.out);
        self.out
    }

    /// It failed with this code and one line on stderr, which is returned.
    pub fn failed(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        let line = self.err.strip_suffix('\n').expect("a whole line on stderr");
        assert!(!line.contains('\n'), "more than one line: {line}");
        line.strip_prefix("onebox: ").expect("it says who speaks").to_owned()
    }
}

/// A person with a home folder that goes away with them.
pub struct Person {
    home: tempfile::TempDir,
}

impl Person {
    pub fn new() -> Self {
        Self { home: tempfile::tempdir().expect("a temporary folder") }
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    pub fn store(&self) -> PathBuf {
        self.home().join("store")
    }

    /// Writes a file into the home folder.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, text).expect("a writable home");
        path
    }

    /// Makes `program` see nothing of the machine but this home.
    pub fn alone(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", self.home()).env("TZ", "UTC").env("LANG", "C.UTF-8");
        command.current_dir(self.home()).stdin(Stdio::null());
        command
    }

    pub fn command<A: AsRef<std::ffi::OsStr>>(&self, args: &[A]) -> Command {
        let mut command = self.alone(env!("CARGO_BIN_EXE_onebox"));
        command.arg("--data-dir").arg(self.store()).args(args);
        command
    }

    pub fn run<A: AsRef<std::ffi::OsStr>>(&self, args: &[A]) -> Ran {
        ran(&mut self.command(args))
    }

    /// The JSON lines of a listing.
    pub fn lines<A: AsRef<std::ffi::OsStr>>(&self, args: &[A]) -> Vec<Value> {
        parse(&self.run(args).ok())
    }

    /// Imports and returns the report.
    pub fn import(&self, path: &Path) -> Value {
        let path = path.to_str().expect("a plain path");
        let mut lines = self.lines(&["import", path, "--json"]);
        assert_eq!(lines.len(), 1, "a report is one line");
        lines.remove(0)
    }
}

pub fn ran(command: &mut Command) -> Ran {
    let out = command.output().expect("the program starts");
    Ran {
        code: out.status.code(),
        out: String::from_utf8(out.stdout).expect("text on stdout"),
        err: String::from_utf8(out.stderr).expect("text on stderr"),
    }
}

pub fn parse(lines: &str) -> Vec<Value> {
    lines.lines().map(|l| serde_json::from_str(l).expect("a JSON line")).collect()
}
