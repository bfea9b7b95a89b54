//! The played bridges: a program of its own, asked over pipes.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// The bridges.
pub struct Bridges {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    /// Who may be registered, where not everybody may.
    people: Option<&'static [&'static str]>,
}

impl Bridges {
    /// Starts them.
    pub fn new(python: &Path, script: &Path, port: u16) -> Self {
        let mut process = Command::new(python)
            .arg(script)
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the bridges start");
        let to = process.stdin.take().expect("a pipe");
        let from = BufReader::new(process.stdout.take().expect("a pipe"));
        Self { process, to, from, people: None }
    }

    /// From now on only these may be registered: whoever runs has told who they are.
    pub fn only(&mut self, people: &'static [&'static str]) {
        self.people = Some(people);
    }

    /// Lets them do something.
    pub fn ask(&mut self, what: &str, arguments: Value) -> Value {
        if let Some(people) = self.people.filter(|_| what == "register") {
            let name = arguments[0].as_str().expect("a name");
            assert!(people.contains(&name), "{name} is not of the case's people: {people:?}");
        }
        let mut line = vec![json!(what)];
        line.extend(arguments.as_array().cloned().unwrap_or_default());
        writeln!(self.to, "{}", Value::Array(line)).expect("the bridges listen");
        let mut answer = String::new();
        self.from.read_line(&mut answer).expect("the bridges answer");
        let mut answer: Value = serde_json::from_str(&answer).expect("JSON");
        assert!(answer.get("error").is_none(), "{answer}");
        answer["ok"].take()
    }

    /// The same, where the answer is an id.
    pub fn id(&mut self, what: &str, arguments: Value) -> String {
        self.ask(what, arguments).as_str().expect("an id").to_owned()
    }

    /// Texts of a room on the server, oldest first.
    pub fn texts(&mut self, room: &str, user: &str) -> Vec<String> {
        let messages = self.ask("messages", json!([room, user]));
        let messages = messages.as_array().expect("messages");
        messages.iter().filter_map(|m| m["content"]["body"].as_str().map(str::to_owned)).collect()
    }
}

impl Drop for Bridges {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
