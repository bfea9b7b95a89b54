//! A loopback proxy between the connector and the server, which goes wrong when it is told to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Between two bytes of a slow answer.
const DRIP: Duration = Duration::from_millis(2);

/// What goes wrong with one request.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The server never sees it: this status, and so many milliseconds to wait, if it says so.
    Refused(u16, Option<u64>),
    /// The same, with a page that is no JSON.
    Page(u16),
    /// The server never sees it: this status and JSON.
    Answer(u16, String),
    /// The server carries it out, and half of the answer's body comes.
    Cut,
    /// The server carries it out, and the answer comes a byte at a time.
    Slow,
    /// The server carries it out, and half of the answer's body comes, and then nothing ever.
    Stalled,
    /// The server never sees it, and nothing comes, ever.
    Silent,
}

/// Which requests, and how many more of them.
struct Rule {
    path: String,
    fault: Fault,
    left: usize,
}

#[derive(Default)]
struct Plan {
    rules: Vec<Rule>,
    seen: Vec<(Instant, String, Option<Fault>)>,
}

impl Plan {
    fn take(&mut self, target: &str) -> Option<Fault> {
        let rule = self.rules.iter_mut().find(|r| r.left > 0 && target.contains(&r.path));
        let fault = rule.map(|r| {
            r.left -= 1;
            r.fault.clone()
        });
        self.seen.push((Instant::now(), target.to_owned(), fault.clone()));
        fault
    }
}

/// The proxy.
pub struct Proxy {
    port: u16,
    plan: Arc<Mutex<Plan>>,
    over: Arc<AtomicBool>,
}

impl Proxy {
    /// Starts one before a server's address.
    pub fn new(server: &str) -> Self {
        let server = server.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let plan = Arc::new(Mutex::new(Plan::default()));
        let over = Arc::new(AtomicBool::new(false));
        let (planned, ended) = (Arc::clone(&plan), Arc::clone(&over));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                let (server, plan) = (server.clone(), Arc::clone(&planned));
                let ended = Arc::clone(&ended);
                // A connection that breaks is what this is for.
                thread::spawn(move || one(stream, &server, &plan, &ended).ok());
            }
        });
        Self { port, plan, over }
    }

    /// Its address.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The next so many requests whose path and query hold this go wrong. Rules are tried in the
    /// order in which they were made.
    pub fn next(&self, path: &str, times: usize, fault: Fault) {
        let rule = Rule { path: path.to_owned(), fault, left: times };
        self.plan.lock().expect("no panic").rules.push(rule);
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        self.plan.lock().expect("no panic").rules.clear();
    }

    /// When requests came whose path and query hold this, and what went wrong with each.
    pub fn seen(&self, path: &str) -> Vec<(Instant, Option<Fault>)> {
        let plan = self.plan.lock().expect("no panic");
        let seen = plan.seen.iter().filter(|(_, target, _)| target.contains(path));
        seen.map(|(at, _, fault)| (*at, fault.clone())).collect()
    }

    /// How many of those have gone wrong.
    pub fn failed(&self, path: &str) -> usize {
        self.seen(path).iter().filter(|(_, fault)| fault.is_some()).count()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        TcpStream::connect(("127.0.0.1", self.port)).ok();
    }
}

/// One request and its answer; then the connection ends, on both sides.
fn one(
    client: TcpStream,
    server: &str,
    plan: &Mutex<Plan>,
    over: &AtomicBool,
) -> std::io::Result<()> {
    let mut to = client.try_clone()?;
    let mut from = BufReader::new(client);
    let mut head = Vec::new();
    let (mut length, mut target) = (0_u64, None);
    loop {
        let mut line = String::new();
        if from.read_line(&mut line)? == 0 {
            return Ok(());
        }
        if target.is_none() {
            target = line.split(' ').nth(1).map(str::to_owned);
        }
        let lower = line.to_ascii_lowercase();
        if let Some(n) = lower.strip_prefix("content-length:") {
            length = n.trim().parse().unwrap_or_default();
        }
        let is_end = line.trim().is_empty();
        if is_end {
            head.extend_from_slice(b"Connection: close\r\n");
        }
        if !lower.starts_with("connection:") {
            head.extend_from_slice(line.as_bytes());
        }
        if is_end {
            break;
        }
    }
    let mut body = Vec::new();
    (&mut from).take(length).read_to_end(&mut body)?;
    let target = target.unwrap_or_default();
    if target.starts_with("/.well-known/") {
        // It would name the server's own address, and the proxy would be left aside.
        return whole(&mut to, 404, "application/json", "{}", "");
    }
    let fault = plan.lock().expect("no panic").take(&target);
    match &fault {
        Some(Fault::Refused(status, wait)) => return refuse(&mut to, *status, *wait),
        Some(Fault::Page(status)) => {
            let page = "<html><body>Bad gateway</body></html>";
            return whole(&mut to, *status, "text/html", page, "");
        }
        Some(Fault::Answer(status, json)) => {
            return whole(&mut to, *status, "application/json", json, "");
        }
        Some(Fault::Silent) => return hold(over),
        _ => {}
    }
    let mut upstream = TcpStream::connect(server)?;
    upstream.write_all(&head)?;
    upstream.write_all(&body)?;
    match fault {
        None => std::io::copy(&mut upstream, &mut to).map(drop),
        Some(fault) => badly(&mut upstream, &mut to, &fault, over),
    }?;
    to.shutdown(Shutdown::Both)
}

/// Hands an answer on in one of the bad ways.
fn badly(
    upstream: &mut TcpStream,
    to: &mut TcpStream,
    fault: &Fault,
    over: &AtomicBool,
) -> std::io::Result<()> {
    let mut answer = Vec::new();
    upstream.read_to_end(&mut answer)?;
    let body = answer.windows(4).position(|w| w == b"\r\n\r\n").map_or(answer.len(), |at| at + 4);
    let half = body + (answer.len() - body) / 2;
    match fault {
        Fault::Slow => {
            for byte in &answer {
                to.write_all(std::slice::from_ref(byte))?;
                to.flush()?;
                thread::park_timeout(DRIP);
            }
            Ok(())
        }
        Fault::Stalled => {
            to.write_all(&answer[..half])?;
            hold(over)
        }
        _ => to.write_all(&answer[..half]),
    }
}

/// Keeps the connection open until the proxy ends.
fn hold(over: &AtomicBool) -> std::io::Result<()> {
    while !over.load(Ordering::Relaxed) {
        thread::park_timeout(Duration::from_millis(200));
    }
    Ok(())
}

fn refuse(to: &mut TcpStream, status: u16, wait: Option<u64>) -> std::io::Result<()> {
    let (code, said) = match status {
        429 => ("M_LIMIT_EXCEEDED", "Too many requests"),
        _ => ("M_UNKNOWN", "Internal server error"),
    };
    let header = wait.map(|ms| format!("Retry-After: {}\r\n", ms.div_ceil(1000)));
    let body = format!(r#"{{"errcode":"{code}","error":"{said}"}}"#);
    whole(to, status, "application/json", &body, &header.unwrap_or_default())
}

fn whole(
    to: &mut TcpStream,
    status: u16,
    kind: &str,
    body: &str,
    more: &str,
) -> std::io::Result<()> {
    write!(
        to,
        "HTTP/1.1 {status} Bad\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n{more}Connection: close\r\n\r\n{body}",
        body.len()
    )
}
