//! A line that is typed into a prompt, edited like a message.

use unicode_segmentation::UnicodeSegmentation;

use super::{Composer, Motion};
use crate::text::{Clean, fit, grapheme_width, width};

/// A path or a date being typed.
#[derive(Clone, Debug, Default)]
pub struct OneLine {
    composer: Composer,
}

impl PartialEq for OneLine {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
            && self.composer.cursor_offset() == other.composer.cursor_offset()
    }
}

impl OneLine {
    /// The text.
    pub fn text(&self) -> &str {
        self.composer.text()
    }

    /// For the commands that edit.
    pub fn composer(&mut self) -> &mut Composer {
        &mut self.composer
    }

    /// Types or pastes at the cursor. No line breaks; what is too long is not taken.
    pub fn put(&mut self, text: &str) {
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        let single = text.chars().nth(1).is_none();
        let put = if single { self.composer.insert_str(&text) } else { self.composer.paste(&text) };
        put.unwrap_or_default();
    }

    /// Puts a text in place of all from an offset on, as a completion does.
    pub fn complete(&mut self, from: usize, text: &str) {
        self.composer.go(Motion::TextEnd, false);
        self.delete_back_to(from);
        self.composer.paste(text).unwrap_or_default();
    }

    /// Deletes the part of a path before the cursor.
    pub fn delete_part(&mut self) {
        let before = &self.text()[..self.composer.cursor_offset()];
        let kept = before.trim_end_matches('/').rfind(['/', ' ']).map_or(0, |i| i + 1);
        self.delete_back_to(kept);
    }

    fn delete_back_to(&mut self, offset: usize) {
        while self.composer.cursor_offset() > offset {
            self.composer.go(Motion::Left, true);
        }
        self.composer.delete_selection();
    }

    /// What is seen of it in so many columns, and the cursor's column: the end, or the part
    /// around the cursor.
    pub fn view(&self, room: usize) -> (String, u16) {
        let (mut shown, mut cursor) = (String::new(), 0);
        for (at, g) in self.text().grapheme_indices(true) {
            if at == self.composer.cursor_offset() {
                cursor = width(&shown);
            }
            shown.push_str(Clean::line(g).as_str());
        }
        let all = width(&shown);
        if self.composer.cursor_offset() == self.text().len() {
            cursor = all;
        }
        let column = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        let from = if cursor >= room { cursor + 2 - room.max(2) } else { 0 };
        if from == 0 {
            return (fit(&shown, room), column(cursor));
        }
        let mut skipped = 0;
        let rest = shown.grapheme_indices(true).find(|(_, g)| {
            let here = skipped >= from;
            skipped += if here { 0 } else { grapheme_width(g) };
            here
        });
        let rest = rest.map_or("", |(at, _)| &shown[at..]);
        let seen = fit(rest, room.saturating_sub(1));
        (format!("…{seen}"), column(cursor.saturating_sub(skipped) + 1))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with(text: &str) -> OneLine {
        let mut line = OneLine::default();
        line.put(text);
        line
    }

    #[test]
    fn the_cursor_is_always_seen() {
        let mut line = with("/home/maya/Downloads");
        assert_eq!(line.view(40), ("/home/maya/Downloads".into(), 20));
        assert_eq!(line.view(10), ("…ownloads".into(), 9));
        line.composer().go(Motion::TextStart, false);
        assert_eq!(line.view(10), ("/home/may…".into(), 0));
        line.put("x");
        assert_eq!(line.text(), "x/home/maya/Downloads");
    }

    #[test]
    fn a_part_goes_before_the_cursor_and_comes_back() {
        let mut line = with("/home/maya/Downloads/");
        line.delete_part();
        assert_eq!(line.text(), "/home/maya/");
        line.composer().go(Motion::Left, false);
        line.delete_part();
        assert_eq!(line.text(), "/home//");
        assert!(line.composer().undo() && line.composer().undo());
        assert_eq!(line.text(), "/home/maya/Downloads/");
    }

    #[test]
    fn line_breaks_and_escapes_are_not_taken() {
        assert_eq!(with("/a\n/b\x1b[31m").text(), "/a/b[31m");
    }

    proptest! {
        #[test]
        fn never_wider_than_its_room(
            text in "[ab/日é👩🏽\u{301}\u{202e}\u{2028}]{0,40}", room in 3usize..20, left in 0usize..45,
        ) {
            let mut line = with(&text);
            for _ in 0..left {
                line.composer().go(Motion::Left, false);
            }
            let (shown, cursor) = line.view(room);
            prop_assert!(width(&shown) <= room, "{shown:?}");
            prop_assert!(usize::from(cursor) < room, "{shown:?} {cursor}");
            prop_assert!(!shown.contains(char::is_control));
        }
    }
}
