//! Who "me" is: by the profile file, else by who is in every thread.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::kind::Kind;
use super::layout::{Home, running_number};
use super::mojibake::repair;
use super::page;
use super::peek::Peek;
use super::wording::is_placeholder;
use crate::model::{AccountRecord, SourceId};
use crate::sources::json::mend::mend;
use crate::sources::{FileTree, ReadOptions};

const LARGEST: u64 = 4 << 20;

/// Labels of the display name in Instagram's profile file, in the languages known.
const NAME: &[&str] = &[
    "Name",
    "Nome",
    "Nombre",
    "Nom",
    "Imię i nazwisko",
    "Naam",
    "Namn",
    "Navn",
    "Ad",
    "İsim",
    "Имя",
    "名前",
    "이름",
    "Jméno",
    "Nume",
    "Nimi",
    "Név",
    "Όνομα",
    "Ім\u{2019}я",
];
/// Labels of the handle.
const HANDLE: &[&str] = &[
    "Username",
    "Nome de usuário",
    "Nome de utilizador",
    "Nombre de usuario",
    "Nom d\u{2019}utilisateur",
    "Nom d'utilisateur",
    "Benutzername",
    "Nome utente",
    "Nazwa użytkownika",
    "Gebruikersnaam",
    "Användarnamn",
    "Brukernavn",
    "Brugernavn",
    "Kullanıcı Adı",
    "Kullanıcı adı",
    "Имя пользователя",
    "ユーザーネーム",
    "사용자 이름",
    "Uživatelské jméno",
    "Nume de utilizator",
];

/// My names as a profile file tells them, the full name first.
pub fn from_profile(tree: &FileTree, kind: Kind, homes: &[Home]) -> Vec<String> {
    let ends = match kind {
        Kind::Messenger => "profile_information/profile_information.json",
        Kind::Instagram => "personal_information.json",
    };
    let mut names = Vec::new();
    let early =
        |path: &str| kind == Kind::Instagram && path.rsplit('/').next() == Some("profile.json");
    for entry in tree.entries().iter().filter(|e| e.path.ends_with(ends) || early(&e.path)) {
        let Ok(bytes) = tree.read(entry, LARGEST) else { continue };
        let (text, _) = mend(&bytes);
        let Ok(value) = serde_json::from_str::<Value>(&text) else { continue };
        match kind {
            Kind::Messenger => facebook(&value, &mut names),
            Kind::Instagram => instagram(&value, &mut names),
        }
    }
    if names.is_empty() {
        from_pages(tree, kind, homes, &mut names);
    }
    names
}

/// The same of a download in HTML: a label, then what it labels. Pages of up to 2017 bear my name
/// in their title.
fn from_pages(tree: &FileTree, kind: Kind, homes: &[Home], names: &mut Vec<String>) {
    let ends = match kind {
        Kind::Messenger => "profile_information/profile_information.html",
        Kind::Instagram => "personal_information.html",
    };
    for entry in tree.entries().iter().filter(|e| e.path.ends_with(ends)) {
        let texts = page::profile(tree, entry);
        let labels: &[&[&str]] = match kind {
            Kind::Messenger => &[NAME],
            Kind::Instagram => &[NAME, HANDLE],
        };
        for labels in labels {
            let found = texts.windows(2).find(|w| {
                w.first().is_some_and(|label| labels.contains(&label.trim_end_matches(':')))
            });
            if let Some(name) = found.and_then(|w| w.get(1)).filter(|n| !names.contains(n)) {
                names.push(name.clone());
            }
        }
    }
    // Later there was a page for each conversation, in `messages/`, with its title.
    let whole = homes.iter().filter(|h| kind == Kind::Messenger && !h.root.ends_with("messages/"));
    let whole = whole.filter(|h| h.flat_pages.len() == 1).flat_map(|h| &h.flat_pages);
    for entry in whole.filter_map(|i| tree.entries().get(*i)) {
        let title = page::peek(tree, entry).title.unwrap_or_default();
        if let Some((name, _)) = title.rsplit_once(" - ")
            && !names.iter().any(|n| n == name)
        {
            names.push(name.to_owned());
        }
    }
}

fn push(names: &mut Vec<String>, value: Option<&Value>) {
    let name = value.and_then(Value::as_str).map(|s| repair(s.trim()).into_owned());
    if let Some(name) = name.filter(|n| !n.is_empty() && !names.contains(n)) {
        names.push(name);
    }
}

fn facebook(value: &Value, names: &mut Vec<String>) {
    for profile in ["profile_v2", "profile"].iter().filter_map(|k| value.get(k)) {
        push(names, profile.pointer("/name/full_name"));
        for list in ["previous_names", "other_names"] {
            for old in profile.get(list).and_then(Value::as_array).into_iter().flatten() {
                push(names, old.get("name").or(Some(old)));
            }
        }
    }
}

fn instagram(value: &Value, names: &mut Vec<String>) {
    let Some(user) = value.get("profile_user") else {
        // The profile.json of before 2021.
        if value.get("username").is_some() {
            push(names, value.get("name"));
            push(names, value.get("username"));
        }
        return;
    };
    let user = user.get(0).unwrap_or(user);
    let Some(map) = user.get("string_map_data").and_then(Value::as_object) else { return };
    for labels in [NAME, HANDLE] {
        for (label, told) in map {
            if labels.contains(&repair(label).as_ref()) {
                push(names, told.get("value"));
            }
        }
    }
}

/// Counts who is in how many threads.
#[derive(Default)]
pub struct Tally {
    threads: u32,
    // (threads that they are in, direct threads that bear the other's name)
    people: BTreeMap<String, (u32, u32)>,
}

impl Tally {
    /// Counts a thread.
    pub fn add(&mut self, peek: &Peek) {
        let everyone = peek.everyone();
        if everyone.is_empty() {
            return;
        }
        self.threads += 1;
        if peek.plain && peek.is_plain() {
            return self.add_unlisted(peek);
        }
        // The name of an encrypted thread ends in the download's running number.
        let encrypted = || peek.thread_name.as_deref().map(|name| running_number(name).0);
        let title = peek.title.as_deref().or_else(encrypted).unwrap_or("");
        let titled = everyone.len() == 2 && everyone.contains(title);
        for name in everyone.into_iter().filter(|n| !is_placeholder(n)) {
            let count = self.people.entry(name.to_owned()).or_default();
            count.0 += 1;
            count.1 += u32::from(titled && name != title);
        }
    }

    /// Whoever is in every thread; of those, whom a thread's title shows not to be the other one.
    pub fn in_all(&self) -> BTreeSet<String> {
        let all = || self.people.iter().filter(|(_, count)| count.0 == self.threads);
        let untitled: BTreeSet<String> =
            all().filter(|(_, count)| count.1 > 0).map(|(name, _)| name.clone()).collect();
        if untitled.is_empty() { all().map(|(name, _)| name.clone()).collect() } else { untitled }
    }

    /// Counts a conversation of which only the people are known.
    pub fn add_people(&mut self, people: &BTreeSet<String>) {
        self.threads += 1;
        for name in people.iter().filter(|n| !is_placeholder(n)) {
            self.people.entry(name.clone()).or_default().0 += 1;
        }
    }

    /// The lists of spring 2018 leave me out: I am who wrote without being listed.
    fn add_unlisted(&mut self, peek: &Peek) {
        let listed: Vec<String> = peek.participants.iter().map(|n| n.to_lowercase()).collect();
        let unlisted: Vec<&String> = peek
            .senders
            .iter()
            .filter(|n| !is_placeholder(n) && !listed.contains(&n.to_lowercase()))
            .collect();
        for name in &unlisted {
            let count = self.people.entry((*name).clone()).or_default();
            count.0 += 1;
            count.1 += u32::from(unlisted.len() == 1);
        }
    }

    /// The longest name of somebody seen that stands in a text.
    pub fn named_in(&self, text: &str) -> Option<String> {
        let in_it = self.people.keys().filter(|name| text.contains(name.as_str()));
        in_it.max_by_key(|name| name.len()).cloned()
    }

    /// Whether somebody is in every thread that was looked at.
    fn has_everywhere(&self, name: &str) -> bool {
        self.threads > 0
            && self.people.get(name).is_some_and(|(threads, _)| *threads == self.threads)
    }

    /// The one name that is in more threads than any other, and in more than half of them.
    fn owner(&self) -> Option<(&str, u32)> {
        let best = self.people.values().max()?;
        let mut ties = self.people.iter().filter(|(_, count)| *count == best);
        let (name, (threads, others)) = ties.next()?;
        let clear = ties.next().is_none() && threads * 2 > self.threads;
        (clear && (*threads > 1 || *others > 0)).then_some((name, *threads))
    }
}

/// Me in this export, and what the person should know of how that was found.
pub fn account(
    source: &'static str,
    options: &ReadOptions,
    profile: Vec<String>,
    tally: &Tally,
) -> (AccountRecord, Option<String>) {
    let mut remark = None;
    let (names, known_by) = if let Some(me) = &options.me {
        let mut names = vec![me.clone()];
        names.extend(profile.into_iter().filter(|n| n != me));
        (names, "--me")
    } else if !profile.is_empty() {
        let unseen = !profile.iter().any(|n| tally.people.contains_key(n));
        let mut names = profile;
        if let Some((name, threads)) = tally.owner().filter(|_| unseen) {
            remark = Some(inferred(
                name,
                threads,
                tally.threads,
                "the profile file has no name that stands in the messages",
            ));
            names.push(name.to_owned());
        }
        (names, "profile file")
    } else if let Some(name) = options.known_me.iter().find(|n| tally.has_everywhere(n)) {
        (vec![name.clone()], "an earlier import")
    } else if let Some((name, threads)) = tally.owner() {
        remark = Some(inferred(name, threads, tally.threads, "the export has no profile file"));
        (vec![name.to_owned()], "in every thread")
    } else {
        remark = Some(
            "The export does not say who you are: your own messages look like everybody's. \
             Import again with --me and your name as it stands in the messages."
                .to_owned(),
        );
        (Vec::new(), "not in the export")
    };
    let name = names.first().cloned().unwrap_or_default();
    let key = options.account.as_deref().unwrap_or(&name).trim().to_lowercase();
    let source = SourceId::known(source);
    (AccountRecord { source, key, name, me_names: names, known_by: known_by.to_owned() }, remark)
}

fn inferred(name: &str, threads: u32, of: u32, because: &str) -> String {
    format!(
        "Your name was taken to be {name:?}, who is in {threads} of {of} conversations looked at; \
         {because}. If that is wrong, import again with --me."
    )
}
