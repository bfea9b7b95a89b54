//! The settings file: typed settings, with complaints that name the line.
//!
//! `assets/settings.toml` is the commented default. Beside it may stand `keymap.toml` (key
//! bindings) and `rules.toml` (interop rules of one's own).

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Whether the terminal calls when somebody writes while it is not in front.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Call {
    /// Never.
    Off,
    /// For what is written to me alone, or names me.
    #[default]
    Mentions,
    /// For every message that comes in a thread that is not muted.
    All,
}

/// What the person set; everything may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Colours.
    pub theme: Option<String>,
    /// Where the store is kept.
    pub data_dir: Option<PathBuf>,
    /// Take the mouse.
    pub mouse: bool,
    /// Nothing moves on screen.
    pub reduced_motion: bool,
    /// Texts that their sender took back in a live thread are kept, out of sight.
    pub keep_deleted: bool,
    /// When the terminal calls.
    pub call: Call,
    /// The key bindings file and its text.
    pub keymap: Option<(PathBuf, String)>,
    /// The file of one's own interop rules and its text.
    pub rules: Option<(PathBuf, String)>,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file that was asked for cannot be read.
    #[error("cannot read {path}: {why}", path = .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        why: std::io::Error,
    },
    /// A line makes no sense.
    #[error("{path}, line {line}: {why}", path = .path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    theme: Option<String>,
    data_dir: Option<PathBuf>,
    mouse: bool,
    reduced_motion: bool,
    keep_deleted: bool,
    call: Call,
}

impl Default for File {
    fn default() -> Self {
        Self {
            theme: None,
            data_dir: None,
            mouse: true,
            reduced_motion: false,
            keep_deleted: false,
            call: Call::default(),
        }
    }
}

impl Config {
    /// The commented default file.
    pub const DEFAULT: &str = include_str!("../../assets/settings.toml");

    /// Reads the settings: the file that was asked for (which must be there), or the one in the
    /// usual place (which need not).
    pub fn load(asked: Option<&Path>) -> Result<Self, ConfigError> {
        let usual = directories::ProjectDirs::from("", "", "onebox")
            .map(|d| d.config_dir().join("settings.toml"));
        let (path, must) = match (asked, usual) {
            (Some(path), _) => (path.to_owned(), true),
            (None, Some(path)) => (path, false),
            (None, None) => return Ok(Self { mouse: true, ..Self::default() }),
        };
        let text = read(&path, must)?.unwrap_or_default();
        let file = parse(&path, &text)?;
        let beside = |name: &str| -> Result<Option<(PathBuf, String)>, ConfigError> {
            let other = path.with_file_name(name);
            Ok(read(&other, false)?.map(|text| (other, text)))
        };
        Ok(Self {
            theme: file.theme,
            data_dir: file.data_dir,
            mouse: file.mouse,
            reduced_motion: file.reduced_motion,
            keep_deleted: file.keep_deleted,
            call: file.call,
            keymap: beside("keymap.toml")?,
            rules: beside("rules.toml")?,
        })
    }
}

fn read(path: &Path, must: bool) -> Result<Option<String>, ConfigError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && !must => Ok(None),
        Err(why) => Err(ConfigError::Io { path: path.to_owned(), why }),
    }
}

fn parse(path: &Path, text: &str) -> Result<File, ConfigError> {
    toml::from_str(text).map_err(|e| {
        let at = e.span().map_or(0, |s| s.start);
        let line = text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
        ConfigError::Syntax { path: path.to_owned(), line, why: e.message().to_owned() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_file_says_what_the_program_does_anyway() {
        let file = parse(Path::new("settings.toml"), Config::DEFAULT).unwrap();
        assert!(file.mouse && !file.reduced_motion && file.theme.is_none());
        assert_eq!(file.call, Call::default());
    }

    #[test]
    fn complaints_name_file_and_line() {
        for (text, line, word) in [
            ("theme = 3", 1, "string"),
            ("mouse = true\ncolour = \"red\"", 2, "colour"),
            ("\n\nmouse = maybe", 3, ""),
            ("call = \"often\"", 1, "mentions"),
            ("theme = \"dark\"\ntheme = \"light\"", 2, "duplicate"),
        ] {
            let e = parse(Path::new("/x/settings.toml"), text).err().unwrap().to_string();
            assert!(e.starts_with(&format!("/x/settings.toml, line {line}: ")), "{text:?}: {e}");
            assert!(e.contains(word), "{text:?}: {e}");
        }
    }

    #[test]
    fn a_file_that_was_asked_for_must_be_there() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("settings.toml");
        assert!(matches!(Config::load(Some(&file)), Err(ConfigError::Io { .. })));
        fs::write(&file, "theme = \"light\"").unwrap();
        fs::write(dir.path().join("rules.toml"), "# none").unwrap();
        let config = Config::load(Some(&file)).unwrap();
        assert_eq!(config.theme.as_deref(), Some("light"));
        assert!(config.rules.is_some() && config.keymap.is_none() && config.mouse);
    }
}
