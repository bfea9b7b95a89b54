//! `onebox search`, and the words about making messages searchable.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::args::SearchArgs;
use super::{WrongUse, json, listing, out};
use crate::engine::{Engine, Followed, StoredMessage, StoredParticipant};
use crate::inbox::{Coverage, HitOrder, Scope, SearchRequest, Ticket};
use crate::model::{ThreadId, Timestamp};
use crate::search::{Marker, Reading, parse};

/// Hits asked for at once.
const CHUNK: usize = 200;

pub fn search(engine: &mut Engine, a: &SearchArgs) -> Result<ExitCode> {
    let reading = Reading { today: engine.settings().day(), typing: false };
    let text = a.query.join(" ");
    let parsed = parse(&text, reading);
    if let Some(c) = parsed.complaints.first() {
        return Err(WrongUse(c.text.clone()).into());
    }
    let scope = match a.thread {
        Some(id) => {
            engine.thread(ThreadId(id))?;
            Scope::Thread(ThreadId(id))
        }
        None => match a.person {
            Some(id) => Scope::Person(super::people::person_of(engine, id)?),
            None => Scope::Everything,
        },
    };
    catch_up(engine, !a.json)?;
    let marker = Marker::new(&parsed.query);
    let mut left = a.limit;
    let mut request = SearchRequest {
        ticket: Ticket(0),
        query: parsed.query,
        scope,
        order: if a.best { HitOrder::Best } else { HitOrder::Newest },
        offset: 0,
        limit: 0,
    };
    let never = AtomicBool::new(false);
    let mut printer = Printer::default();
    let (mut total, mut at_least, mut coverage);
    loop {
        request.limit = left.clamp(1, CHUNK);
        let found = engine.search_messages(&request, &never)?;
        let Some(found) = found else { return Ok(ExitCode::FAILURE) };
        (total, at_least, coverage) = (found.total, found.at_least, found.coverage);
        let got = found.messages.len();
        for m in found.messages.into_iter().take(left) {
            printer.print(engine, m, &marker, a.json)?;
        }
        left = left.saturating_sub(got);
        request.offset += got;
        if left == 0 || got < request.limit {
            break;
        }
    }
    if a.json {
        out::json(&json::coverage(total, at_least, &coverage))?;
    } else {
        out::line(&hits_line(total, at_least))?;
        for why in &coverage.unknown {
            out::line(&out::clean(&sentence(why)))?;
        }
        for line in coverage_lines(&coverage) {
            out::line(&line)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints hits, and knows the threads that were met.
#[derive(Default)]
struct Printer {
    titles: HashMap<ThreadId, String>,
    people: HashMap<ThreadId, Vec<StoredParticipant>>,
}

impl Printer {
    fn print(
        &mut self,
        engine: &Engine,
        m: StoredMessage,
        marker: &Marker,
        as_json: bool,
    ) -> Result<()> {
        let hidden = m.deletion != crate::model::Deletion::None;
        let marks = if hidden { Vec::new() } else { marker.marks(&m.text) };
        let people = match self.people.entry(m.thread) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(engine.participants(m.thread)?),
        };
        let name_of = |key: &str| {
            let known = people.iter().find(|p| p.key == key);
            known.map_or_else(|| key.to_owned(), |p| p.name.clone())
        };
        if as_json {
            out::json(&json::hit(m, &name_of, marks))?;
            return Ok(());
        }
        let title = match self.titles.entry(m.thread) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let row = engine.thread(m.thread)?;
                new.insert(format!("{} · {}", row.badge.short, out::clean(&row.title)))
            }
        };
        out::line(&format!("{:>6}  {title}", m.thread.0))?;
        let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let mut m = m;
        if colour && !marks.is_empty() {
            m.text = framed(&m.text, &marks);
        }
        let line = listing::plain(&m, &name_of);
        let line = if colour { unframed(&line) } else { line };
        out::line(&format!("        {}", line.replace('\n', "\n        ")))?;
        Ok(())
    }
}

/// Two characters that mean nothing and pass the cleaning; they become bold after it.
const BEGIN: char = '\u{e000}';
const END: char = '\u{e001}';

fn framed(text: &str, marks: &[(usize, usize)]) -> String {
    let mut out = String::with_capacity(text.len() + marks.len() * 6);
    let mut at = 0;
    for (from, to) in marks {
        let plain = text.get(at..*from).unwrap_or_default().replace([BEGIN, END], "");
        let inner = text.get(*from..*to).unwrap_or_default().replace([BEGIN, END], "");
        out.push_str(&plain);
        out.push(BEGIN);
        out.push_str(&inner);
        out.push(END);
        at = *to;
    }
    out.push_str(&text.get(at..).unwrap_or_default().replace([BEGIN, END], ""));
    out
}

fn unframed(line: &str) -> String {
    line.replace(BEGIN, "\x1b[1m").replace(END, "\x1b[22m")
}

fn hits_line(total: u64, at_least: bool) -> String {
    match (total, at_least) {
        (0, _) => "No message found.".to_owned(),
        (n, false) => format!("{} found.", out::counted(n, "message")),
        (n, true) => format!("More than {} found.", out::counted(n, "message")),
    }
}

fn sentence(why: &str) -> String {
    let mut letters = why.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let end = if why.ends_with('?') { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

/// What was looked through and what was not, in sentences.
fn coverage_lines(c: &Coverage) -> Vec<String> {
    let year = |t: Option<Timestamp>| t.map(|t| listing::local(t, "%Y-%m")).unwrap_or_default();
    let sources: Vec<String> = c
        .sources
        .iter()
        .map(|s| format!("{} {} to {}", s.badge.name, year(s.first), year(s.last)))
        .collect();
    let searched = if c.searched < c.messages {
        format!("{} of {}", c.searched, out::counted(c.messages, "message"))
    } else {
        out::counted(c.messages, "message")
    };
    let mut lines = vec![format!(
        "Searched {searched} in {}{}{}.",
        out::counted(c.threads, "thread"),
        if sources.is_empty() { "" } else { ": " },
        sources.join(", ")
    )];
    if !c.not_covered.is_empty() {
        lines.push(format!("Not searched: {}.", c.not_covered.join("; ")));
    }
    lines
}

/// Makes what is stored searchable, and tells how far that is where somebody watches.
pub fn catch_up(engine: &Engine, tell: bool) -> Result<()> {
    follow(engine, tell, &|| true)
}

/// The same, until it is told to stop.
pub fn follow(engine: &Engine, tell: bool, go_on: &dyn Fn() -> bool) -> Result<()> {
    let tell = tell && std::io::stderr().is_terminal();
    let begun = Instant::now();
    let mut shown = Duration::ZERO;
    let mut told = false;
    let followed = engine.follow_index(&mut |done, total| {
        let now = begun.elapsed();
        if tell && now - shown > Duration::from_millis(200) {
            (shown, told) = (now, true);
            let share = done as f64 / total.max(1) as f64 * 100.0;
            out::status(&format!("{share:3.0} %  making {total} messages searchable"));
        }
        go_on()
    })?;
    if told {
        out::status("");
    }
    match followed {
        Followed::All | Followed::Stopped => {}
        Followed::Busy => log::info!("another onebox is writing to the search index"),
    }
    Ok(())
}
