//! Which files tell which thread: one thread may lie in several boxes, parts and downloads.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hasher;

use twox_hash::XxHash3_64;

use super::HEAD;
use super::layout::{Home, Telling, Tray, key, running_number, stem};
use super::peek::Peek;
use crate::model::{BY_SECOND, Oddity, RETOLD};
use crate::sources::{Entry, FileTree};

/// A thread to be read.
pub struct Planned<'h> {
    /// Its key.
    pub key: String,
    /// What tells it, the most trusted first.
    pub tellings: Vec<(&'h Home, Telling)>,
    /// The first look, where one was taken.
    pub peek: Option<Peek>,
    /// Of an encrypted download, and its name there.
    pub encrypted: Option<String>,
    /// It is told by its pages.
    pub pages: bool,
}

impl Planned<'_> {
    /// The file that is read first.
    pub fn first_part<'t>(&self, tree: &'t FileTree) -> Option<&'t Entry> {
        let files = |t: &Telling| {
            let files = if self.pages { &t.pages } else { &t.parts };
            files.first().copied()
        };
        self.tellings.iter().find_map(|(_, t)| tree.entries().get(files(t)?))
    }
}

/// Everything to be read.
#[derive(Default)]
pub struct Plan<'h> {
    /// The threads, sorted by key.
    pub threads: Vec<Planned<'h>>,
    /// Files that look like threads and cannot be read.
    pub oddities: Vec<Oddity>,
    /// Files that hold many threads each.
    pub early: Vec<usize>,
    /// Encrypted threads without a message.
    pub empty: usize,
}

struct Encrypted<'h> {
    home: &'h Home,
    file: usize,
    number: u64,
    name: String,
    peek: Peek,
}

/// Makes the plan.
pub fn plan<'h>(tree: &FileTree, homes: &'h [Home]) -> Plan<'h> {
    let mut plan = Plan::default();
    let mut threads: BTreeMap<String, Planned<'h>> = BTreeMap::new();
    // A copy of a group bears only the id; the folder of the same id may bear a short one.
    let mut by_id: BTreeMap<&str, &str> = BTreeMap::new();
    let tellings = || homes.iter().flat_map(|h| h.tellings.iter().map(move |t| (h, t)));
    for (_, telling) in tellings().filter(|(_, t)| t.tray != Tray::Groups) {
        if let Some((_, id)) = telling.name.rsplit_once('_') {
            by_id.insert(id, &telling.name);
        }
    }
    for (home, telling) in tellings().filter(|(_, t)| !t.parts.is_empty()) {
        let name = match telling.tray {
            Tray::Groups => by_id.get(telling.name.as_str()).copied().unwrap_or(&telling.name),
            _ => &telling.name,
        };
        let first = telling.parts.first().and_then(|i| tree.entries().get(*i));
        let key = match first.is_some_and(|e| is_by_second(tree, e)) {
            true => format!("{BY_SECOND}{}", key(name)),
            false => key(name).to_owned(),
        };
        add(&mut threads, key, home, telling.clone());
    }
    for (home, telling) in tellings().filter(|(_, t)| !t.pages.is_empty()) {
        let key = format!("{RETOLD}{}", key(&telling.name));
        add(&mut threads, key.clone(), home, telling.clone());
        if let Some(thread) = threads.get_mut(&key) {
            thread.pages = true;
        }
    }
    let mut encrypted = Vec::new();
    for home in homes {
        flat(tree, home, &mut threads, &mut encrypted, &mut plan);
    }
    name_encrypted(encrypted, &mut threads);
    plan.threads = threads.into_values().collect();
    for thread in &mut plan.threads {
        thread.tellings.sort_by_key(|(_, t)| t.tray);
    }
    plan
}

/// Whether its times are whole seconds. Then the file is `message.json`, without a number.
fn is_by_second(tree: &FileTree, entry: &Entry) -> bool {
    if stem(&entry.path) != "message" {
        return false;
    }
    let head = tree.head(entry, HEAD).unwrap_or_default();
    let has = |name: &[u8]| memchr::memmem::find(&head, name).is_some();
    has(b"\"timestamp\"") && !has(b"\"timestamp_ms\"")
}

fn add<'h>(
    threads: &mut BTreeMap<String, Planned<'h>>,
    key: String,
    home: &'h Home,
    telling: Telling,
) {
    threads
        .entry(key.clone())
        .or_insert_with(|| Planned {
            key,
            tellings: vec![],
            peek: None,
            encrypted: None,
            pages: false,
        })
        .tellings
        .push((home, telling));
}

/// Files that lie flat are told apart by their content.
fn flat<'h>(
    tree: &FileTree,
    home: &'h Home,
    threads: &mut BTreeMap<String, Planned<'h>>,
    encrypted: &mut Vec<Encrypted<'h>>,
    plan: &mut Plan<'h>,
) {
    let mut loose: BTreeMap<String, Vec<(usize, Peek)>> = BTreeMap::new();
    for file in &home.flat {
        let Some(entry) = tree.entries().get(*file) else { continue };
        let peek = Peek::read(tree, entry, HEAD);
        let (before, number) = running_number(stem(&entry.path));
        if peek.early {
            plan.early.push(*file);
        } else if peek.is_encrypted() {
            if peek.empty {
                plan.empty += 1;
                continue;
            }
            let name = thread_name(&peek, number);
            encrypted.push(Encrypted {
                home,
                file: *file,
                number: number.unwrap_or(0),
                name,
                peek,
            });
        } else if peek.is_plain() || (peek.empty && !peek.participants.is_empty()) {
            // The parts of one thread, taken out of their folder.
            let together = if before == "message" { "message" } else { stem(&entry.path) };
            loose.entry(together.to_owned()).or_default().push((*file, peek));
        } else if peek.broken {
            plan.oddities.push(Oddity::file(&entry.path, "this is no valid JSON"));
        }
    }
    for (stem, mut parts) in loose {
        parts.sort_by_key(|(file, _)| {
            tree.entries().get(*file).and_then(|e| running_number(super::layout::stem(&e.path)).1)
        });
        let files = parts.iter().map(|(file, _)| *file).collect();
        let Some((_, peek)) = parts.into_iter().next() else { continue };
        let name = peek.thread_path.as_deref().and_then(|p| p.rsplit('/').next());
        let key = match (name, &peek.title) {
            (Some(name), _) if !name.is_empty() => key(name).to_owned(),
            (_, Some(title)) => format!("loose/{title}"),
            _ => format!("loose/{stem}"),
        };
        let telling = Telling {
            folder: home.root.clone(),
            tray: Tray::Other,
            name: name.unwrap_or_default().to_owned(),
            parts: files,
            pages: vec![],
        };
        add(threads, key.clone(), home, telling);
        if let Some(thread) = threads.get_mut(&key) {
            thread.peek.get_or_insert(peek);
        }
    }
}

/// The name without the running number of the download, which the file's name bears too.
fn thread_name(peek: &Peek, number: Option<u64>) -> String {
    let full = peek.thread_name.as_deref().unwrap_or("");
    let name = match running_number(full) {
        (before, n @ Some(_)) if number.is_none() || n == number => before,
        _ => full,
    };
    if name.is_empty() {
        let people: Vec<&str> = peek.participants.iter().map(String::as_str).collect();
        return people.join(", ");
    }
    name.to_owned()
}

/// Keys for encrypted threads: the name, as long as one set of people bears it.
fn name_encrypted<'h>(
    mut encrypted: Vec<Encrypted<'h>>,
    threads: &mut BTreeMap<String, Planned<'h>>,
) {
    encrypted.sort_by(|a, b| (&a.name, a.number, a.file).cmp(&(&b.name, b.number, b.file)));
    let mut sets: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
    for one in &encrypted {
        sets.entry(one.name.clone()).or_default().insert(people(&one.peek));
    }
    // (key, root): how many files so far. One download has one file for each thread.
    let mut seen: BTreeMap<(String, &str), u32> = BTreeMap::new();
    for one in encrypted {
        let mut key = format!("e2ee/{}", one.name);
        if sets.get(&one.name).is_some_and(|s| s.len() > 1) {
            key = format!("{key}/{:016x}", people(&one.peek));
        }
        let nth = seen.entry((key.clone(), &one.home.root)).or_default();
        *nth += 1;
        if *nth > 1 {
            key = format!("{key}#{nth}");
        }
        let telling = Telling {
            folder: one.home.root.clone(),
            tray: Tray::Other,
            name: String::new(),
            parts: vec![one.file],
            pages: vec![],
        };
        add(threads, key.clone(), one.home, telling);
        if let Some(thread) = threads.get_mut(&key) {
            thread.encrypted = Some(one.name);
            thread.peek.get_or_insert(one.peek);
        }
    }
}

fn people(peek: &Peek) -> u64 {
    let mut hash = XxHash3_64::with_seed(0);
    for name in &peek.participants {
        hash.write(name.as_bytes());
        hash.write_u8(0);
    }
    hash.finish()
}
