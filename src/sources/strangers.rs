//! Forms of messages that are known and not read: what each is, and which way leads to one that is.

use super::{Entry, FileTree};

/// A form that is not read.
pub struct Stranger {
    /// What it is, and what to do instead.
    pub why: &'static str,
    /// Endings of its files, lower case.
    endings: &'static [&'static str],
    /// Whether a file is one: its path in lower case, and how it begins.
    is: fn(&str, &[u8]) -> bool,
}

/// So many files are looked into.
const LOOKED_AT: usize = 500;
/// As much of each; pages begin with their style.
const HEAD: usize = 64 << 10;

const SMS_AS_XML: &str = "a backup of text messages by an app whose backups onebox does not read: \
                          back them up with SMS Backup & Restore instead (XML)";
const SIGNAL: &str = "a backup that only Signal can open: export a plain-text copy from its settings \
                      instead";

const STRANGERS: &[Stranger] = &[
    Stranger {
        why: "a page by DiscordChatExporter, which onebox reads as JSON: export the channel again and \
              choose JSON",
        endings: &[".html"],
        is: |_, head| holds(head, "chatlog__message") && holds(head, "preamble__"),
    },
    Stranger {
        why: "a page of Element's, which onebox reads as JSON: export the room again and choose JSON",
        endings: &[".html"],
        is: |_, head| holds(head, "mx_Export"),
    },
    Stranger {
        why: "messages of Google Voice, which onebox does not read",
        endings: &[".html"],
        is: |_, head| holds(head, "class=\"hChatLog"),
    },
    Stranger {
        why: "slackdump's own archive, which onebox reads as an export: `slackdump convert` with its \
              folder makes one",
        endings: &["slackdump.sqlite"],
        is: |_, head| head.starts_with(b"SQLite format 3\0"),
    },
    Stranger {
        why: SIGNAL,
        endings: &[".backup"],
        is: |path, head| name(path).starts_with("signal-") && head.starts_with(&[0, 0]),
    },
    Stranger { why: SIGNAL, endings: &["/main"], is: |path, _| path.contains("signal-backup-") },
    Stranger {
        why: SMS_AS_XML,
        endings: &["messages.ndjson"],
        is: |_, head| holds(head, "\"body\""),
    },
    Stranger {
        why: SMS_AS_XML,
        endings: &[".json"],
        is: |_, head| {
            let all = |names: &[&str]| names.iter().all(|name| holds(head, name));
            all(&["\"backupType\"", "\"address\"", "\"date\""])
                || all(&["\"messageCount\"", "\"dateSent\"", "\"subId\""])
                || all(&["\"sms\"", "\"address\"", "\"subscription_id\""])
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
        why: "the page that belongs to a WhatsApp export: import the zip, or the chat.txt that was \
              beside it",
        endings: &[".md"],
        is: |_, head| {
            let line = head.split(|b| *b == b'\n').next().unwrap_or_default();
            line.starts_with(b"# ") && holds(line, "WhatsApp") && holds(line, ": ")
        },
    },
];

fn holds(head: &[u8], what: &str) -> bool {
    memchr::memmem::find(head, what.as_bytes()).is_some()
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The first file of each form that lies in a tree, of those that are asked about, and how many
/// there are.
pub fn strangers(
    tree: &FileTree,
    asked: impl Fn(&Entry) -> bool,
) -> Vec<(&Entry, usize, &'static Stranger)> {
    let mut out: Vec<(&Entry, usize, &'static Stranger)> = Vec::new();
    let ends = |s: &Stranger, low: &str| s.endings.iter().any(|end| low.ends_with(end));
    let may_be = |entry: &&Entry| {
        let low = entry.path.to_lowercase();
        STRANGERS.iter().any(|s| ends(s, &low))
    };
    for entry in tree.entries().iter().filter(may_be).filter(|e| asked(e)).take(LOOKED_AT) {
        let Ok(head) = tree.head(entry, HEAD) else { continue };
        let low = entry.path.to_lowercase();
        // A file by itself is called as it is on the disk.
        let Some(stranger) = STRANGERS.iter().find(|s| ends(s, &low) && (s.is)(&low, &head)) else {
            continue;
        };
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
            ("messages.ndjson", "{\"address\":\"1\",\"body\":\"hi\"}", "SMS Backup"),
            ("m.json", r#"[{"address":"1","date":1,"backupType":"sms"}]"#, "SMS Backup"),
            ("m.json", r#"{"messageCount":1,"messages":[{"dateSent":0,"subId":1}]}"#, "SMS Backup"),
            ("1.emlx", "123\nFrom: a@b\n", "Export Mailbox"),
            ("Outlook.PST", "!BDNx", "readpst"),
            ("chat.md", "# WhatsApp Chat Export: Ann\nExport date: x\n", "chat.txt"),
        ] {
            let tree = FileTree::memory([(path.to_owned(), content.as_bytes().to_vec())]);
            let found = strangers(&tree, |_| true);
            let [(entry, 1, stranger)] = found.as_slice() else { panic!("{path}") };
            assert_eq!(entry.path, path);
            assert!(stranger.why.contains(word), "{path}: {}", stranger.why);
            let empty = FileTree::memory([(path.to_owned(), Vec::new())]);
            let by_name = path.ends_with("/main");
            assert_eq!(strangers(&empty, |_| true).is_empty(), !by_name, "{path}");
            assert!(strangers(&tree, |_| false).is_empty());
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
