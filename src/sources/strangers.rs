//! Forms of messages that are known and not read: what each is, and which way leads to one that is.

use super::{Entry, FileTree};

/// A form that is not read.
pub struct Stranger {
    /// What it is, and what to do instead.
    pub why: &'static str,
    /// Endings of its files, lower case; a name of its own with `/` before it.
    endings: &'static [&'static str],
    /// Whether a file is one: its whole path in lower case, and how it begins.
    is: fn(&str, &[u8]) -> bool,
}

/// So many files are looked into for each form.
const LOOKED_AT: usize = 500;
/// As much of each; pages begin with their style.
const HEAD: usize = 64 << 10;

const SMS_AS_XML: &str = "a backup of text messages by an app whose backups onebox does not read: \
                          back them up with SMS Backup & Restore instead (XML)";
const SIGNAL: &str = "a backup that only Signal can open: export a plain-text copy from its settings \
                      instead";

const STRANGERS: &[Stranger] = &[
    Stranger {
        why: "a page by DiscordChatExporter, of which onebox reads the JSON only: export the channel \
              again and choose JSON",
        endings: &[".html"],
        is: |_, head| holds(head, "chatlog__message") && holds(head, "preamble__"),
    },
    Stranger {
        why: "a page of Element's, of which onebox reads the JSON only: export the room again and \
              choose JSON",
        endings: &[".html"],
        is: |_, head| holds(head, "mx_Export"),
    },
    Stranger {
        why: "a page of Google Voice, which onebox does not read",
        endings: &[".html"],
        is: |_, head| holds(head, "class=\"hChatLog"),
    },
    Stranger {
        why: "slackdump's own archive, which onebox does not read: `slackdump convert` with its folder \
              makes an export that it reads",
        endings: &["/slackdump.sqlite"],
        is: |_, head| head.starts_with(b"SQLite format 3\0"),
    },
    Stranger {
        why: SIGNAL,
        endings: &[".backup"],
        is: |path, head| name(path).starts_with("signal-") && head.starts_with(&[0, 0]),
    },
    Stranger {
        why: SIGNAL,
        endings: &["/main"],
        is: |path, _| {
            let folder = path.rsplit('/').nth(1).and_then(|f| f.strip_prefix("signal-backup-"));
            folder.is_some_and(|f| f.starts_with(|c: char| c.is_ascii_digit()))
        },
    },
    Stranger {
        why: SMS_AS_XML,
        endings: &["/messages.ndjson"],
        is: |_, head| all(head, &["\"body\"", "\"thread_id\"", "\"address\""]),
    },
    Stranger {
        why: SMS_AS_XML,
        endings: &[".json"],
        is: |_, head| {
            all(head, &["\"backupType\"", "\"address\"", "\"date\""])
                || all(head, &["\"messageCount\"", "\"dateSent\"", "\"subId\""])
                || all(head, &["\"sms\"", "\"address\"", "\"subscription_id\""])
        },
    },
    Stranger {
        why: "a mail of Apple Mail's own store: choose the mailbox in Mail, then Mailbox, Export \
              Mailbox, and import the .mbox",
        endings: &[".emlx"],
        is: |_, head| head.first().is_some_and(u8::is_ascii_digit),
    },
    Stranger {
        why: "a store of Outlook's: `readpst` or Thunderbird's import makes an mbox of it, which \
              onebox reads",
        endings: &[".pst", ".ost"],
        is: |_, head| head.starts_with(b"!BDN"),
    },
    Stranger {
        why: "the page that belongs to a WhatsApp export: import the zip that it was in, or all of its \
              folder",
        endings: &[".md"],
        is: |_, head| {
            let mut lines = head.split(|b| *b == b'\n');
            let (line, next) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
            line.starts_with(b"# ") && all(line, &["WhatsApp", ": "]) && holds(next, ": ")
        },
    },
];

fn all(head: &[u8], names: &[&str]) -> bool {
    names.iter().all(|name| holds(head, name))
}

fn holds(head: &[u8], what: &str) -> bool {
    memchr::memmem::find(head, what.as_bytes()).is_some()
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A page that is read together with the text beside it.
fn is_beside_its_text(tree: &FileTree, page: &Entry) -> bool {
    let stem = page.path.strip_suffix(".md");
    stem.is_some_and(|stem| tree.find(&format!("{stem}.txt")).is_some())
}

/// The first file of each form that lies in a tree, of those that are asked about, and how many
/// there are.
pub fn strangers(
    tree: &FileTree,
    asked: impl Fn(&Entry) -> bool,
) -> Vec<(&Entry, usize, &'static Stranger)> {
    let mut out: Vec<(&Entry, usize, &'static Stranger)> = Vec::new();
    let mut left = vec![LOOKED_AT; STRANGERS.len()];
    for entry in tree.entries() {
        let low = entry.path.to_lowercase();
        // A file of its own name may lie at the root.
        let is = |end: &&str| low.ends_with(end) || end.strip_prefix('/') == Some(&low);
        let may: Vec<(&Stranger, &mut usize)> = STRANGERS
            .iter()
            .zip(&mut left)
            .filter(|(s, left)| **left > 0 && s.endings.iter().any(is))
            .collect();
        if may.is_empty() || entry.size == 0 || !asked(entry) || is_beside_its_text(tree, entry) {
            continue;
        }
        let Ok(head) = tree.head(entry, HEAD) else { continue };
        let whole = tree.whole(entry).to_lowercase();
        let mut found = None;
        for (stranger, left) in may {
            *left -= 1;
            found = found.or_else(|| (stranger.is)(&whole, &head).then_some(stranger));
        }
        let Some(stranger) = found else { continue };
        match out.iter_mut().find(|(.., known)| known.why == stranger.why) {
            Some((_, count, _)) => *count += 1,
            None => out.push((entry, 1, stranger)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_known_by_what_is_in_it() {
        for (path, content, word) in [
            (
                "a [1].html",
                "<div class=preamble__entry><div class=chatlog__message-group>",
                "Discord",
            ),
            ("messages.html", "<div class=\"mx_Export_EventWrapper\" id=\"$1\">", "Element"),
            ("Ann - Text - 2020.html", "<div class=\"hChatLog hfeed\">", "Google Voice"),
            ("x/slackdump.sqlite", "SQLite format 3\0", "slackdump convert"),
            ("signal-2024-05-01-10-00-00.backup", "\0\0\0\x32x", "Signal"),
            ("signal-backup-2026-01-05-10-00-00/main", "\u{1}\u{2}", "Signal"),
            (
                "messages.ndjson",
                "{\"address\":\"1\",\"body\":\"hi\",\"thread_id\":\"2\"}",
                "SMS Backup",
            ),
            ("m.json", r#"[{"address":"1","date":1,"backupType":"sms"}]"#, "SMS Backup"),
            ("m.json", r#"{"messageCount":1,"messages":[{"dateSent":0,"subId":1}]}"#, "SMS Backup"),
            ("1.emlx", "123\nFrom: a@b\n", "Export Mailbox"),
            ("Outlook.PST", "!BDNx", "readpst"),
            ("chat.md", "# WhatsApp Chat Export: Ann\nExport date: x\n", "the zip"),
        ] {
            let tree = FileTree::memory([(path.to_owned(), content.as_bytes().to_vec())]);
            let found = strangers(&tree, |_| true);
            let [(entry, 1, stranger)] = found.as_slice() else { panic!("{path}") };
            assert_eq!(entry.path, path);
            assert!(strangers(&tree, |_| false).is_empty());
            assert!(stranger.why.contains(word), "{path}: {}", stranger.why);
            let empty = FileTree::memory([(path.to_owned(), Vec::new())]);
            assert!(strangers(&empty, |_| true).is_empty(), "{path}");
            let beside = [(path, content), ("chat.txt", "x")];
            let tree = FileTree::memory(beside.map(|(p, c)| (p.to_owned(), c.as_bytes().to_vec())));
            assert_eq!(strangers(&tree, |_| true).is_empty(), path == "chat.md", "{path}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for (path, content) in [
            ("README.md", "# WhatsApp Web: notes\n\nnothing\n"),
            ("signal-backup-tools/main", "x"),
            ("messages.ndjson", "{\"body\":\"hi\"}"),
            ("index.html", "<html>chatlog</html>"),
        ] {
            let tree = FileTree::memory([(path.to_owned(), content.as_bytes().to_vec())]);
            assert!(strangers(&tree, |_| true).is_empty(), "{path}");
        }
    }

    #[test]
    fn one_of_each_form_is_told() {
        let page = b"preamble__ chatlog__message".to_vec();
        let tree = FileTree::memory([
            ("a.html".to_owned(), page.clone()),
            ("b.html".to_owned(), page),
            ("c.html".to_owned(), b"<html>".to_vec()),
        ]);
        let found = strangers(&tree, |_| true);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].0.path.as_str(), found[0].1), ("a.html", 2));
    }
}
