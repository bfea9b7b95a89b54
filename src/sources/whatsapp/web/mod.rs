//! The export of WhatsApp's own web page and desktop app: a zip called after the chat, with
//! `chat.txt`, the same chat as a page of Markdown (`chat.md`), and `media/`.
//!
//! Read from the source of the app's export as it stood in 2026. The text has the seconds; the page
//! alone has the chat's whole title and what each answer quotes. Where the phones set a mark before
//! the app's own words, nothing is set here. Left out by the app: reactions, poll votes, pins,
//! edits, whatever vanishes or is shown once, and what is older than the last 100,000 messages.

pub mod answers;
pub mod body;
pub mod media;

use super::marks::bare;
use crate::sources::{Entry, FileTree};

/// Enough of a page to see its title.
const HEAD: usize = 4 << 10;
/// No chat has a longer title, with room for odd ones.
const LONGEST_TITLE: usize = 400;

/// The chat once more, as a page.
#[derive(Clone, Copy)]
pub struct Page<'t> {
    entry: &'t Entry,
}

/// The page beside a chat's text (`chat (1).md` beside `chat (1).txt`), and the title on it. Others
/// keep notes of a chat beside it: the app's bears its name.
pub fn page<'t>(tree: &'t FileTree, text: &Entry) -> Option<(Page<'t>, String)> {
    let (stem, _) = text.path.rsplit_once('.')?;
    let entry = tree.find(&format!("{stem}.md"))?;
    let head = tree.head(entry, HEAD).ok()?;
    let title = title(&String::from_utf8_lossy(&head))?;
    Some((Page { entry }, title))
}

/// `# WhatsApp Chat Export: Title`, in any language about that app, and a line with the day of the
/// export.
fn title(head: &str) -> Option<String> {
    let mut lines = head.trim_start_matches('\u{feff}').lines();
    let (what, title) = lines.next()?.strip_prefix("# ")?.split_once(": ")?;
    let (_, day) = lines.next()?.split_once(": ")?;
    let title = bare(title);
    let fits = what.to_lowercase().contains("whatsapp")
        && !title.is_empty()
        && title.len() <= LONGEST_TITLE
        && !bare(day).is_empty();
    fits.then(|| title.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_bears_the_title_in_any_language() {
        let of = |head: &str| title(head);
        let english = "# WhatsApp Chat Export: Cake: the plan\nExport date: January 7, 2026\n";
        assert_eq!(of(english).as_deref(), Some("Cake: the plan"));
        let other = "# WhatsApp-Chat-Export: Jörg\r\nExportdatum: 7. Januar 2026\r\n";
        assert_eq!(of(other).as_deref(), Some("Jörg"));
        for none in ["", "# Notes\n", "# Summary: trip\nDate: today\n", "Title: x\nDate: y\n"] {
            assert_eq!(of(none), None, "{none:?}");
        }
    }
}
