//! A line that is never shown, never kept, and wiped when it is let go.

use std::fmt;

use crate::text::Clean;

/// Room that is made at once, so that growing leaves no copy behind.
const ROOM: usize = 1024;

/// What is typed where nobody may look.
pub struct Secret(String);

impl Default for Secret {
    fn default() -> Self {
        Self(String::with_capacity(ROOM))
    }
}

impl Secret {
    /// Types or pastes at the end. What is too long is not taken.
    pub fn put(&mut self, text: &str) {
        for c in text.chars().filter(|c| !c.is_control()) {
            if self.0.len() + c.len_utf8() <= ROOM {
                self.0.push(c);
            }
        }
    }

    /// Takes the last character away.
    pub fn backspace(&mut self) {
        self.0.pop();
    }

    /// Takes everything away, and wipes it.
    pub fn clear(&mut self) {
        drop(std::mem::take(self));
    }

    /// What may be shown of it: nothing but the path of a file that holds it.
    pub fn shown(&self, room: usize) -> String {
        let path = ["/", "~", "./", "../"].iter().any(|b| self.0.starts_with(b))
            || self.0.as_bytes().get(1) == Some(&b':');
        match path {
            true => Clean::line(&self.0).fit_middle(room).as_str().to_owned(),
            false => "•".repeat(self.count().min(room)),
        }
    }

    /// How many characters there are.
    pub fn count(&self) -> usize {
        self.0.chars().count()
    }

    /// Hands it on; nothing stays here.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.0)
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.0).into_bytes();
        bytes.fill(0);
        std::hint::black_box(&bytes);
    }
}

/// A copy of a layer holds none of it.
impl Clone for Secret {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_path_of_a_key_file_is_shown() {
        let mut secret = Secret::default();
        secret.put("00ff");
        assert_eq!(secret.shown(9), "••••");
        assert_eq!(secret.shown(3), "•••");
        secret.clear();
        secret.put("~/key");
        assert_eq!(secret.shown(9), "~/key");
    }

    #[test]
    fn it_is_not_told_and_not_copied() {
        let mut secret = Secret::default();
        secret.put("hunter2\n");
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert_eq!(secret.clone().count(), 0);
        secret.backspace();
        assert_eq!(secret.count(), 6);
        assert_eq!(secret.take(), "hunter");
        assert_eq!(secret.count(), 0);
        secret.put("again");
        secret.clear();
        assert_eq!(secret.count(), 0);
    }
}
