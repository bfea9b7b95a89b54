//! What the people of a thread are called in the lines that the app writes there: by their name, by
//! its first words, by a handle, or by a nickname that was given in the thread.

use memchr::memmem;

use super::mojibake::repair;

/// Nicknames of one thread.
const MANY: usize = 200;
/// Letters of one, and of what it was set with.
const LONG: usize = 40;
/// Places in a file where one may be set, and bytes that are looked through for the line's end.
const PLACES: usize = 1000;
const NEAR: usize = 1000;

/// Nicknames, and whose they are where the line said it.
#[derive(Debug, Default)]
pub struct Nicknames(Vec<(String, Option<String>)>);

impl Nicknames {
    /// Learns them from a file before its messages, which run from new to old.
    pub fn scan(&mut self, json: &str) {
        let bytes = json.as_bytes();
        for at in memmem::find_iter(bytes, b" nickname ").take(PLACES) {
            let from = at.saturating_sub(NEAR);
            let before = bytes.get(from..at).unwrap_or_default();
            let after = bytes.get(at..bytes.len().min(at + NEAR)).unwrap_or_default();
            let Some(begin) = memchr::memrchr(b'"', before) else { continue };
            let Some(end) = memchr::memchr(b'"', after) else { continue };
            // A quotation mark in it is escaped: then it is no line that sets one.
            let line = json.get(from + begin..at + end + 1);
            if let Some(line) = line.and_then(|l| serde_json::from_str::<String>(l).ok()) {
                self.learn(&repair(&line));
            }
        }
    }

    /// Learns from a line of the app.
    pub fn learn(&mut self, line: &str) {
        if self.0.len() >= MANY || line.contains('\n') || !line.contains(" nickname ") {
            return;
        }
        let line = line.trim_end();
        let line = line.strip_suffix('.').unwrap_or(line);
        let set = |words: &str| line.split_once(words).filter(|(by, _)| is_short(by));
        let own = || {
            let of = ["his", "her", "their"];
            of.iter().find_map(|of| set(&format!(" set {of} own nickname to ")))
        };
        let (nickname, whose) = if let Some((_, rest)) = set(" set the nickname for ") {
            let Some((whose, nickname)) = rest.split_once(" to ") else { return };
            (nickname, Some(whose.to_owned()))
        } else if let Some((_, nickname)) = set(" set your nickname to ") {
            (nickname, None)
        } else if let Some((whose, nickname)) = own() {
            (nickname, Some(whose.to_owned()))
        } else {
            return;
        };
        let known = |known: &(String, Option<String>)| known.0 == nickname && known.1 == whose;
        if is_short(nickname) && !self.0.iter().any(known) {
            self.0.push((nickname.to_owned(), whose));
        }
    }

    /// What a line says of its sender, behind what they are called in it: by the first words of
    /// their name, or by a nickname.
    pub fn behind<'t>(&self, sender: &str, text: &'t str) -> Option<&'t str> {
        // Asked of every message: nearly all begin with something else.
        let may_be = sender.as_bytes().first() == text.as_bytes().first();
        let names = may_be.then(|| sender.match_indices(' ')).into_iter().flatten();
        let first = names
            .map_while(|(at, _)| text.strip_prefix(sender.get(..at)?))
            .filter(|rest| rest.starts_with(' '))
            .last();
        first.or_else(|| {
            let of = |whose: &str| {
                sender
                    .strip_prefix(whose)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
            };
            let theirs = self.0.iter().filter(|(_, whose)| whose.as_deref().is_none_or(of));
            theirs
                .filter_map(|(nickname, _)| text.strip_prefix(nickname.as_str()))
                .find(|rest| rest.starts_with(' '))
        })
    }

    /// Whether somebody is called so: by their name, in part or in whole, by a nickname, or by a
    /// handle as no word of a sentence looks.
    pub fn is_called(&self, sender: &str, name: &str) -> bool {
        if name.is_empty() || !is_short(name) {
            return false;
        }
        name == sender || self.behind(sender, &format!("{name} ")).is_some_and(|r| r == " ") || {
            let handle =
                name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_'));
            handle && (has_signs(name) || is_like(sender, name))
        }
    }
}

fn has_signs(handle: &str) -> bool {
    handle.contains(['_', '.']) || handle.bytes().any(|b| b.is_ascii_digit())
}

/// `analima` is like `Ana Lima`.
fn is_like(sender: &str, handle: &str) -> bool {
    let small = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let first = small(sender.split(' ').next().unwrap_or(""));
    first.len() > 2 && small(handle).starts_with(&first)
}

/// A name, and no sentence.
pub fn is_short(name: &str) -> bool {
    !name.trim().is_empty()
        && name.chars().count() <= LONG
        && !name.starts_with(' ')
        && !name.contains(['!', '?', '\n'])
        && !name.contains(". ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nicknames_are_learnt_from_lines_and_files() {
        let mut named = Nicknames::default();
        assert_eq!(named.behind("Bo Berg", "Bobby left."), None);
        named.learn("Ana set the nickname for Bo Berg to Bobby.");
        named.learn("Ana set your nickname to Sunny");
        named.learn("Cy Ek set his own nickname to Captain.");
        named.learn("I never set a nickname to anything.");
        named.learn("Why? Because you set your nickname to Foo.");
        assert_eq!(named.0.len(), 3);
        assert_eq!(named.behind("Bo Berg", "Bobby left."), Some(" left."));
        assert_eq!(named.behind("Ana Lima", "Bobby left."), None);
        assert_eq!(named.behind("Ana Lima", "Sunny left."), Some(" left."));
        assert_eq!(named.behind("Cy Ek", "Captain left."), Some(" left."));
        assert_eq!(named.behind("Cy Ek", "Captains left."), None);
        let mut scanned = Nicknames::default();
        scanned.scan(
            r#"{"content": "Ana set the nickname for Bo to Zo\u00c3\u00ab."}, {"content": "a \" nickname "#,
        );
        assert_eq!(scanned.0, [("Zoë".to_owned(), Some("Bo".to_owned()))]);
    }

    #[test]
    fn who_is_called_so() {
        let named = Nicknames::default();
        for (name, so) in [
            ("Ana Maria Lima", true),
            ("Ana Maria", true),
            ("Ana", true),
            ("ana_lima22", true),
            ("analima", true),
            ("x.y", true),
            ("mom", false),
            ("An", false),
            ("Somebody else", false),
            ("Who? Ana", false),
            ("", false),
        ] {
            assert_eq!(named.is_called("Ana Maria Lima", name), so, "{name}");
        }
    }
}
