//! Which key does what, where: the keymap file, read, checked and looked up.

use std::collections::BTreeMap;
use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use toml::Spanned;

use super::command::{Command, Context};

/// A key with its modifiers, in one spelling only: Shift is part of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyChord {
    ctrl: bool,
    alt: bool,
    shift: bool,
    key: Key,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Key {
    Char(char),
    F(u8),
    Named(Named),
}

macro_rules! named_keys {
    ($($key:ident $name:literal $pretty:literal)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        enum Named { $($key),+ }
        /// (key, name in the file, as shown)
        const NAMED: &[(Named, &str, &str)] = &[$((Named::$key, $name, $pretty)),+];
    };
}

named_keys! {
    Up "up" "↑"
    Down "down" "↓"
    Left "left" "←"
    Right "right" "→"
    Home "home" "Home"
    End "end" "End"
    PageUp "page-up" "PgUp"
    PageDown "page-down" "PgDn"
    Enter "enter" "Enter"
    Esc "esc" "Esc"
    Tab "tab" "Tab"
    Backspace "backspace" "Backspace"
    Delete "delete" "Del"
    Insert "insert" "Ins"
    Space "space" "Space"
}

impl KeyChord {
    /// What the terminal told; `None` for keys that cannot be bound.
    pub fn from_event(event: &KeyEvent) -> Option<Self> {
        let key = match event.code {
            KeyCode::Char(' ') => Key::Named(Named::Space),
            KeyCode::Char(c) => Key::Char(c),
            KeyCode::F(n) => Key::F(n),
            KeyCode::Up => Key::Named(Named::Up),
            KeyCode::Down => Key::Named(Named::Down),
            KeyCode::Left => Key::Named(Named::Left),
            KeyCode::Right => Key::Named(Named::Right),
            KeyCode::Home => Key::Named(Named::Home),
            KeyCode::End => Key::Named(Named::End),
            KeyCode::PageUp => Key::Named(Named::PageUp),
            KeyCode::PageDown => Key::Named(Named::PageDown),
            KeyCode::Enter => Key::Named(Named::Enter),
            KeyCode::Esc => Key::Named(Named::Esc),
            KeyCode::Tab | KeyCode::BackTab => Key::Named(Named::Tab),
            KeyCode::Backspace => Key::Named(Named::Backspace),
            KeyCode::Delete => Key::Named(Named::Delete),
            KeyCode::Insert => Key::Named(Named::Insert),
            _ => return None,
        };
        let has = |m| event.modifiers.contains(m);
        Some(
            Self {
                ctrl: has(KeyModifiers::CONTROL),
                alt: has(KeyModifiers::ALT),
                shift: has(KeyModifiers::SHIFT) || event.code == KeyCode::BackTab,
                key,
            }
            .settled(),
        )
    }

    /// Reads `ctrl-x`, `alt-enter`, `shift-tab`, `f1`, `G`, `-`.
    pub fn parse(name: &str) -> Option<Self> {
        let mut chord = Self { ctrl: false, alt: false, shift: false, key: Key::F(0) };
        let mut rest = name;
        loop {
            let (flag, more) = if let Some(more) = rest.strip_prefix("ctrl-") {
                (&mut chord.ctrl, more)
            } else if let Some(more) = rest.strip_prefix("alt-") {
                (&mut chord.alt, more)
            } else if let Some(more) = rest.strip_prefix("shift-") {
                (&mut chord.shift, more)
            } else {
                break;
            };
            *flag = true;
            rest = more;
        }
        let mut chars = rest.chars();
        chord.key = match (chars.next(), chars.as_str()) {
            (Some(c), "") if !c.is_control() && c != ' ' => Key::Char(c),
            (Some('f'), n) if n.parse().is_ok_and(|n: u8| (1..=24).contains(&n)) => {
                Key::F(n.parse().ok()?)
            }
            _ => Key::Named(NAMED.iter().find(|(_, n, _)| *n == rest)?.0),
        };
        Some(chord.settled())
    }

    /// One spelling: terminals say Shift+g as `G` with or without Shift, Ctrl+G as either case,
    /// and Ctrl+_ as Ctrl+7.
    fn settled(mut self) -> Self {
        if let Key::Char(c) = self.key {
            let mut one = |mut cased: Box<dyn Iterator<Item = char>>| {
                if let (Some(c), None) = (cased.next(), cased.next()) {
                    self.key = Key::Char(c);
                }
            };
            // One byte stands for both: which of the two was meant, terminals do not say.
            if self.ctrl && c == '7' {
                self.key = Key::Char('_');
            } else if self.ctrl {
                one(Box::new(c.to_lowercase()));
            } else if self.shift {
                one(Box::new(c.to_uppercase()));
            }
            if !self.ctrl || !c.is_alphabetic() {
                self.shift = false;
            }
        }
        self
    }

    /// The character that it types, if it types one.
    pub fn text(self) -> Option<char> {
        match self.key {
            _ if self.ctrl || self.alt => None,
            Key::Char(c) => Some(c),
            Key::Named(Named::Space) => Some(' '),
            _ => None,
        }
    }
}

/// As shown to people: `Ctrl+Q`, `↑`, `k`.
impl fmt::Display for KeyChord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (on, name) in [(self.ctrl, "Ctrl+"), (self.alt, "Alt+"), (self.shift, "Shift+")] {
            f.write_str(if on { name } else { "" })?;
        }
        match self.key {
            Key::Char(c) if self.ctrl || self.alt => write!(f, "{}", c.to_uppercase()),
            Key::Char(c) => write!(f, "{c}"),
            Key::F(n) => write!(f, "F{n}"),
            Key::Named(key) => {
                f.write_str(NAMED.iter().find(|(k, ..)| *k == key).map_or("", |(_, _, p)| *p))
            }
        }
    }
}

/// What is wrong with a keymap file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct Complaint {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

type File = BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, Spanned<String>>>;

/// The keys in force.
#[derive(Clone, Debug, Default)]
pub struct Keymap {
    /// In the order of the file, which is the order in which help names the keys.
    keys: Vec<(Context, KeyChord, Command)>,
}

const BUILTIN: &str = include_str!("../../assets/keymap.toml");

impl Keymap {
    /// The keys that onebox comes with.
    pub fn builtin() -> Self {
        // A test holds the embedded file to be flawless.
        Self::default().with_user(BUILTIN).unwrap_or_default()
    }

    /// These keys, changed by a file of the same form. All that is wrong is told at once.
    pub fn with_user(mut self, text: &str) -> Result<Self, Vec<Complaint>> {
        let line = |at: usize| text.get(..at).map_or(1, |head| head.matches('\n').count() + 1);
        let file: File = toml::from_str(text).map_err(|e| {
            let line = line(e.span().map_or(0, |s| s.start));
            vec![Complaint { line, what: e.message().to_owned() }]
        })?;
        let mut entries = Vec::new();
        let mut wrong = Vec::new();
        for (context, keys) in &file {
            let known = Context::ALL.into_iter().find(|c| c.name() == context.get_ref());
            let Some(known) = known else {
                let what = format!("there is no context “{}”", context.get_ref());
                wrong.push(Complaint { line: line(context.span().start), what });
                continue;
            };
            entries.extend(keys.iter().map(|(k, v)| (k.span().start, known, k, v)));
        }
        entries.sort_by_key(|(at, ..)| *at);
        let mut seen = BTreeMap::new();
        for (at, context, key, name) in entries {
            match Self::entry(context, key.get_ref(), name.get_ref()) {
                Err(what) => wrong.push(Complaint { line: line(at), what }),
                Ok((chord, command)) => {
                    if let Some(first) = seen.insert((context, chord), line(at)) {
                        let what = format!("“{chord}” is already bound in line {first}");
                        wrong.push(Complaint { line: line(at), what });
                    }
                    self.keys.retain(|(c, k, _)| (*c, *k) != (context, chord));
                    self.keys.extend(command.map(|command| (context, chord, command)));
                }
            }
        }
        wrong.sort_by_key(|c| c.line);
        if wrong.is_empty() { Ok(self) } else { Err(wrong) }
    }

    fn entry(
        context: Context,
        key: &str,
        name: &str,
    ) -> Result<(KeyChord, Option<Command>), String> {
        let chord = KeyChord::parse(key).ok_or_else(|| format!("there is no key “{key}”"))?;
        if context.takes_text() && chord.text().is_some() {
            return Err(format!("“{key}” is text in [{}]; add ctrl- or alt-", context.name()));
        }
        if name.is_empty() {
            return Ok((chord, None));
        }
        let command =
            Command::named(name).ok_or_else(|| format!("there is no command “{name}”"))?;
        let contexts = command.info().contexts;
        if contexts.contains(&context) || contexts.contains(&Context::Global) {
            Ok((chord, Some(command)))
        } else {
            Err(format!("“{name}” means nothing in [{}]", context.name()))
        }
    }

    /// What a key does: the context's own meaning first, then the global one.
    pub fn find(&self, context: Context, chord: KeyChord) -> Option<Command> {
        if context.takes_text() && chord.text().is_some() {
            return None;
        }
        let own = |wanted| {
            let hit = self.keys.iter().find(|(c, k, _)| *c == wanted && *k == chord);
            hit.map(|(_, _, command)| *command)
        };
        own(context).or_else(|| own(Context::Global))
    }

    /// The keys of a command in a context, as shown to people. Only those that work there.
    pub fn keys_for(&self, command: Command, context: Context) -> Vec<String> {
        let in_context = |wanted| self.keys.iter().filter(move |(c, ..)| *c == wanted);
        let own = in_context(context);
        let global = in_context(Context::Global).filter(|_| context != Context::Global);
        own.chain(global)
            .filter(|(_, chord, c)| *c == command && self.find(context, *chord) == Some(command))
            .map(|(_, chord, _)| chord.to_string())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::command::COMMANDS;
    use super::*;

    fn chord(name: &str) -> KeyChord {
        KeyChord::parse(name).unwrap_or_else(|| panic!("{name}"))
    }

    fn event(code: KeyCode, modifiers: KeyModifiers) -> KeyChord {
        KeyChord::from_event(&KeyEvent::new(code, modifiers)).unwrap()
    }

    #[test]
    fn the_builtin_file_is_flawless() {
        let map = Keymap::default().with_user(BUILTIN).unwrap_or_else(|e| panic!("{e:?}"));
        assert_eq!(map.keys.len(), Keymap::builtin().keys.len());
        assert!(map.keys.len() > 100);
    }

    /// Commands without a key, and why.
    const WITHOUT_KEY: &[(Command, &str)] = &[];

    #[test]
    fn every_command_has_a_key_in_each_of_its_contexts() {
        let map = Keymap::builtin();
        for info in COMMANDS {
            for context in info.contexts {
                let bound = !map.keys_for(info.command, *context).is_empty();
                let excused = WITHOUT_KEY.iter().any(|(c, _)| *c == info.command);
                assert!(bound != excused, "{} in {context:?}", info.name);
            }
        }
    }

    #[test]
    fn the_keys_that_people_expect() {
        use Context::*;
        let map = Keymap::builtin();
        for (context, key, command) in [
            (List, "up", Some(Command::MoveUp)),
            (List, "k", Some(Command::MoveUp)),
            (Transcript, "G", Some(Command::Bottom)),
            (List, "enter", Some(Command::OpenThread)),
            (List, "q", Some(Command::Quit)),
            (Composer, "ctrl-q", Some(Command::Quit)),
            (Composer, "ctrl-c", Some(Command::Quit)),
            (Composer, "q", None),
            (Composer, "?", None),
            (Composer, "enter", Some(Command::Send)),
            (Composer, "alt-enter", Some(Command::Newline)),
            (Composer, "ctrl-j", Some(Command::Newline)),
            (Composer, "esc", Some(Command::Back)),
            (Transcript, "?", Some(Command::Help)),
            (Transcript, "w", Some(Command::Why)),
            (List, "/", Some(Command::Search)),
            (Popup, "esc", Some(Command::Cancel)),
            (Import, "tab", Some(Command::CompletePath)),
        ] {
            assert_eq!(map.find(context, chord(key)), command, "{context:?} {key}");
        }
        assert_eq!(map.keys_for(Command::MoveUp, List), ["↑", "k"]);
        assert_eq!(map.keys_for(Command::Quit, Composer), ["Ctrl+Q", "Ctrl+C"]);
        assert_eq!(map.keys_for(Command::Help, Composer), ["F1"]);
    }

    #[test]
    fn what_terminals_say_is_what_files_say() {
        let none = KeyModifiers::NONE;
        let shift = KeyModifiers::SHIFT;
        assert_eq!(event(KeyCode::Char('G'), none), chord("G"));
        assert_eq!(event(KeyCode::Char('G'), shift), chord("G"));
        assert_eq!(event(KeyCode::Char('g'), shift), chord("G"));
        assert_eq!(event(KeyCode::Char('?'), shift), chord("?"));
        assert_eq!(event(KeyCode::BackTab, none), chord("shift-tab"));
        assert_eq!(event(KeyCode::BackTab, shift), chord("shift-tab"));
        assert_eq!(event(KeyCode::Char('J'), KeyModifiers::CONTROL), chord("ctrl-j"));
        assert_eq!(event(KeyCode::Char(' '), none).text(), Some(' '));
        assert_eq!(chord("-").text(), Some('-'));
        assert_eq!(chord("ctrl--").to_string(), "Ctrl+-");
        assert_eq!(chord("f").text(), Some('f'));
        assert_eq!(chord("f12").to_string(), "F12");
        for bad in ["", "ctrl-", "f0", "f99", "hyper-x", "xy", " "] {
            assert_eq!(KeyChord::parse(bad), None, "{bad:?}");
        }
        assert!(KeyChord::from_event(&KeyEvent::new(KeyCode::Null, none)).is_none());
    }

    #[test]
    fn a_user_changes_single_keys() {
        let map = Keymap::builtin().with_user("[list]\nq = \"\"\n\"v\" = \"why\"\n").unwrap();
        assert_eq!(map.find(Context::List, chord("q")), None);
        assert_eq!(map.find(Context::List, chord("v")), Some(Command::Why));
        assert_eq!(map.find(Context::List, chord("w")), Some(Command::Why));
    }

    #[test]
    fn complaints_name_the_line() {
        let text = "[list]\nx = \"fly\"\n\"ctrl-\" = \"why\"\n\n[attic]\n[composer]\nx = \"send\"\n\
                    \"ctrl-o\" = \"open-thread\"\n\"ctrl-p\" = \"undo\"\n\"ctrl-P\" = \"redo\"\n";
        let wrong = Keymap::builtin().with_user(text).unwrap_err();
        let lines: Vec<_> = wrong.iter().map(|c| c.line).collect();
        assert_eq!(lines, [2, 3, 5, 7, 8, 10]);
        assert_eq!(wrong[0].to_string(), "line 2: there is no command “fly”");
        let broken = Keymap::builtin().with_user("[list]\n\nx = = 1\n").unwrap_err();
        assert_eq!(broken[0].line, 3);
        assert_eq!(
            Keymap::builtin().with_user("[list]\nx=\"why\"\nx=\"why\"").unwrap_err()[0].line,
            3
        );
    }
}
