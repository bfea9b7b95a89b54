//! The list of documents in a folder, as a document of its own.

use super::{Style, escape, html, markdown, names, words};
use crate::model::Timestamp;

/// A document that was written.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its file's name.
    pub file: String,
    /// Its title.
    pub title: String,
    /// The apps, in words.
    pub apps: String,
    /// Nobody can write there any more.
    pub read_only: bool,
    /// How many messages.
    pub messages: u64,
    /// The first one's time.
    pub first: Option<Timestamp>,
    /// The last one's.
    pub last: Option<Timestamp>,
}

/// The list.
pub fn index(style: Style, documents: &[Listed], written: Timestamp) -> String {
    let total = documents.iter().map(|d| d.messages).sum();
    let sum = format!(
        "{} conversation{}, {}",
        words::thousands(documents.len() as u64),
        if documents.len() == 1 { "" } else { "s" },
        words::messages(total)
    );
    let foot = words::written(written);
    let rows = documents.iter().map(|d| row(style, d));
    match style {
        Style::Plain => {
            format!("Conversations\n=============\n{sum}\n\n{}\n{foot}\n", rows.collect::<String>())
        }
        Style::Markdown => format!(
            "# Conversations\n\n{sum}\n\n| Conversation | App | From | To | Messages |\n|---|---|---|---|---:|\n{}\n*{foot}*\n",
            rows.collect::<String>()
        ),
        Style::Html => format!(
            "{}<body class=\"index\">\n<header><h1>Conversations</h1><p>{sum}</p></header>\n<main><table>\n\
             <thead><tr><th>Conversation<th>App<th>From<th>To<th>Messages</tr></thead>\n<tbody>\n{}</tbody>\n\
             </table></main>\n<footer>{foot}</footer>\n</body>\n</html>\n",
            html::opening("Conversations"),
            rows.collect::<String>()
        ),
    }
}

fn row(style: Style, d: &Listed) -> String {
    let day = |t: Option<Timestamp>| {
        t.and_then(words::day).map(|d| d.format("%Y-%m-%d").to_string()).unwrap_or_default()
    };
    let (first, last) = (day(d.first), day(d.last));
    let (count, href) = (words::thousands(d.messages), names::href(&d.file));
    let title = match escape::line(&d.title) {
        none if none.is_empty() => d.file.clone(),
        title => title,
    };
    match style {
        Style::Plain => {
            let closed = if d.read_only { ", read-only" } else { "" };
            format!(
                "{title}\n    {}{closed}, {first} to {last}, {}\n    {}\n",
                escape::line(&d.apps),
                words::messages(d.messages),
                d.file
            )
        }
        Style::Markdown => {
            let closed = if d.read_only { " (⊘ read-only)" } else { "" };
            format!(
                "| [{}]({href}){closed} | {} | {first} | {last} | {count} |\n",
                escape::markdown(&title),
                markdown::line(&d.apps)
            )
        }
        Style::Html => {
            let closed = if d.read_only { " <span class=\"app\">⊘ read-only</span>" } else { "" };
            let day = |d: &str| format!("<time datetime=\"{d}\">{d}</time>");
            format!(
                "<tr><td><a href=\"{href}\" dir=\"auto\">{}</a>{closed}<td>{}<td>{}<td>{}<td>{count}</tr>\n",
                escape::html(&title),
                html::text(&d.apps),
                day(&first),
                day(&last)
            )
        }
    }
}
