//! Lets the person's own editor at a text: in a private file, without a shell.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::EngineError;

/// Tried in this order where neither `VISUAL` nor `EDITOR` names one.
const EDITORS: &[&str] = if cfg!(windows) { &["notepad"] } else { &["nano", "vi", "vim", "emacs"] };
/// An edited text larger than this is left in its file.
const MOST: u64 = 1024 * 1024;
/// Folders tried before it is given up.
const TRIES: u32 = 100;

/// The text as the person's editor leaves it. Whatever goes wrong is told, and the caller still
/// has what it gave.
pub fn edit(text: &str) -> Result<String, EngineError> {
    let var = |name| std::env::var(name).ok();
    let words = chosen(var, |program| on_path(program).is_some())?;
    edit_with(&words, text)
}

/// The editor, as a program and its arguments.
fn chosen(
    var: impl Fn(&'static str) -> Option<String>,
    found: impl Fn(&str) -> bool,
) -> Result<Vec<String>, EngineError> {
    for name in ["VISUAL", "EDITOR"] {
        let Some(value) = var(name).filter(|v| !v.trim().is_empty()) else { continue };
        // A program whose path holds spaces is meant as a whole.
        if Path::new(&value).is_file() {
            return Ok(vec![value]);
        }
        return match split(&value) {
            Some(words) if !words.is_empty() => Ok(words),
            _ => Err(EngineError::Editor(format!("{name} is no command: {value:?}"))),
        };
    }
    match EDITORS.iter().find(|e| found(e)) {
        Some(editor) => Ok(vec![(*editor).to_owned()]),
        None => Err(EngineError::Editor("no editor was found: set VISUAL or EDITOR".into())),
    }
}

/// A command as words, as a shell would part them, without anything else that a shell does.
/// `None`: a quote is not closed.
fn split(command: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = command.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some('"') | None, '\\') if cfg!(unix) => {
                word.get_or_insert_default().push(chars.next()?);
            }
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

fn on_path(program: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    let ending = if cfg!(windows) { ".exe" } else { "" };
    std::env::split_paths(&paths)
        .map(|dir| dir.join(format!("{program}{ending}")))
        .find(|p| p.is_file())
}

/// A folder that is nobody else's, gone when this is.
struct PrivateFolder {
    folder: PathBuf,
    keep: bool,
}

impl Drop for PrivateFolder {
    fn drop(&mut self) {
        if !self.keep {
            // What editors leave beside a file goes with it.
            drop(fs::remove_dir_all(&self.folder));
        }
    }
}

impl PrivateFolder {
    fn new(below: &Path) -> Result<Self, EngineError> {
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        for n in 0..TRIES {
            let folder = below.join(format!("onebox-{}-{n}", std::process::id()));
            match builder.create(&folder) {
                Ok(()) => return Ok(Self { folder, keep: false }),
                Err(why) if why.kind() == ErrorKind::AlreadyExists => {}
                Err(why) => return Err(no_file(&folder, why)),
            }
        }
        Err(no_file(below, ErrorKind::AlreadyExists.into()))
    }

    /// The file that is edited.
    fn write(&self, text: &str) -> Result<PathBuf, EngineError> {
        let path = self.folder.join("message.txt");
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&path).and_then(|mut f| f.write_all(text.as_bytes()));
        written.map(|()| path.clone()).map_err(|why| no_file(&path, why))
    }
}

fn no_file(path: &Path, why: std::io::Error) -> EngineError {
    EngineError::Write { path: path.display().to_string(), why }
}

/// In memory and the person's own where the system has such a place.
fn place() -> PathBuf {
    let own = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    own.filter(|p| p.is_absolute() && p.is_dir()).unwrap_or_else(std::env::temp_dir)
}

fn edit_with(words: &[String], text: &str) -> Result<String, EngineError> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(EngineError::Editor("no editor was found: set VISUAL or EDITOR".into()));
    };
    let mut folder = PrivateFolder::new(&place())?;
    let path = folder.write(text)?;
    let ended = Command::new(program).args(arguments).arg(&path).status();
    let ended = ended.map_err(|why| EngineError::Editor(format!("{program} cannot run: {why}")))?;
    // One that says no is obeyed; one that fell over may have saved first.
    if let Some(code) = ended.code().filter(|c| *c != 0) {
        return Err(EngineError::Editor(format!("{program} ended with code {code}")));
    }
    let back = read(&path);
    if back.as_ref().is_err_and(|why| why.kind() == ErrorKind::FileTooLarge) {
        folder.keep = true;
        let path = path.display();
        return Err(EngineError::Editor(format!("the text is too long; it is left in {path}")));
    }
    let mut back = back.map_err(|why| EngineError::Editor(format!("nothing came back: {why}")))?;
    if ended.code().is_none() && (back.trim().is_empty() || back == text) {
        return Err(EngineError::Editor(format!("{program} broke off")));
    }
    // Editors end files with a line break that nobody typed.
    if !text.ends_with('\n') && back.ends_with('\n') {
        back.pop();
        back.truncate(back.strip_suffix('\r').unwrap_or(&back).len());
    }
    Ok(back)
}

fn read(path: &Path) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    // By its path: many editors put a new file in the old one's place.
    fs::File::open(path)?.take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        return Err(ErrorKind::FileTooLarge.into());
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(command: &str) -> Vec<String> {
        split(command).expect("quotes are closed")
    }

    #[test]
    fn commands_are_parted_without_a_shell() {
        assert_eq!(words("code --wait"), ["code", "--wait"]);
        assert_eq!(words("  'my editor'  -c \"set tw=72\" "), ["my editor", "-c", "set tw=72"]);
        assert_eq!(words("vi $(rm) ; `x` *"), ["vi", "$(rm)", ";", "`x`", "*"]);
        assert_eq!(words("''"), [""]);
        assert_eq!(split("vi 'open"), None);
        if cfg!(unix) {
            assert_eq!(words(r"/my\ apps/vi"), ["/my apps/vi"]);
        }
    }

    #[test]
    fn the_editor_is_the_persons_own() {
        let none = |_: &str| false;
        let env = |visual: &'static str, editor: &'static str| {
            move |name| Some(if name == "VISUAL" { visual } else { editor }.to_owned())
        };
        assert_eq!(chosen(env("a -x", "b"), none).expect("one"), ["a", "-x"]);
        assert_eq!(chosen(env(" ", "b"), none).expect("one"), ["b"]);
        assert!(chosen(env("'", "b"), none).is_err(), "told, not guessed");
        assert_eq!(chosen(|_| None, |p| p == "vi").expect("one"), ["vi"]);
        assert!(chosen(|_| None, none).is_err());
    }

    #[cfg(unix)]
    mod with_programs {
        use super::*;

        fn sh(script: &str, text: &str) -> Result<String, EngineError> {
            edit_with(&["sh".into(), "-c".into(), script.into(), "sh".into()], text)
        }

        #[test]
        fn what_the_editor_leaves_comes_back() {
            assert_eq!(
                sh("printf ' and more\n' >> \"$1\"", "some").expect("text"),
                "some and more"
            );
            assert_eq!(sh(":", "kept\n").expect("text"), "kept\n");
            assert_eq!(sh("mv \"$1\" \"$1~\"; echo new > \"$1\"", "old").expect("text"), "new");
            assert_eq!(sh(": > \"$1\"", "old").expect("text"), "");
        }

        #[test]
        fn a_failure_is_told() {
            for script in ["exit 3", "kill -9 $$", "rm \"$1\""] {
                assert!(sh(script, "draft").is_err(), "{script}");
            }
            assert!(edit_with(&["/no/such/editor".into()], "draft").is_err());
            // One that fell over after it had saved.
            let saved = sh("echo saved > \"$1\"; kill -9 $$", "draft").expect("text");
            assert_eq!(saved, "saved");
        }

        #[test]
        fn too_long_a_text_is_left_where_it_is() {
            let told = sh("yes | head -c 1100000 > \"$1\"", "draft").expect_err("too long");
            let told = told.to_string();
            let (_, path) = told.rsplit_once(" in ").expect("where it is");
            assert!(fs::metadata(path).expect("it is there").len() > MOST);
            fs::remove_dir_all(Path::new(path).parent().expect("a folder")).expect("ours");
        }

        #[test]
        fn the_file_is_private_and_gone_afterwards() {
            let script =
                "d=\"${1%/*}\"; t=$(ls -ld \"$1\" \"$d\"); printf '%s\n%s' \"$t\" \"$d\" > \"$1\"";
            let told = sh(script, "").expect("text");
            let told: Vec<&str> = told.lines().collect();
            assert!(told[1].starts_with("-rw-------"), "{told:?}");
            assert!(told[0].starts_with("drwx------"), "{told:?}");
            assert!(!Path::new(told[2]).exists(), "{} is left", told[2]);
        }
    }
}
