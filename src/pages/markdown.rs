//! A conversation as Markdown: what strangers wrote stays words in it.

use std::io::{self, Write};

use super::links::{self, Part};
use super::words::{self, Days};
use super::{Head, Media, Page, Shown, Told, escape};
use crate::inbox::RowKind;

/// The writer.
pub struct Markdown<W> {
    out: W,
    days: Days,
    drafts: Vec<String>,
    foot: String,
}

impl<W: Write> Markdown<W> {
    /// A document.
    pub fn new(out: W) -> Self {
        Self { out, days: Days::default(), drafts: Vec::new(), foot: String::new() }
    }
}

/// One line of strangers' text.
pub(super) fn line(text: &str) -> String {
    escape::markdown(&escape::line(text))
}

/// Strangers' text of several lines: the lines stay lines, addresses are links that show where
/// they lead.
fn body(text: &str) -> String {
    let clean = escape::body(text);
    let mut out = String::with_capacity(clean.len() + 16);
    for (n, row) in clean.split('\n').enumerate() {
        if n > 0 {
            // A hard break, unless a paragraph ends or begins here.
            let broken = !row.trim().is_empty() && !out.is_empty() && !out.ends_with('\n');
            out.push_str(if broken { "\\\n" } else { "\n" });
        }
        if row.trim().is_empty() {
            continue;
        }
        for (at, part) in links::parts(row).into_iter().enumerate() {
            match part {
                Part::Link(url) => out.push_str(&format!("<{url}>")),
                // Only at the beginning of a line does its beginning matter.
                Part::Text(words) if at == 0 => out.push_str(&escape::markdown(words)),
                Part::Text(words) => {
                    let lead = words.len() - words.trim_start().len();
                    out.push_str(&words[..lead]);
                    out.push_str(&escape::markdown(&words[lead..]));
                }
            }
        }
    }
    out
}

fn attachment(name: &str, media: &Media) -> String {
    match media {
        Media::Here(href, Shown::Picture) => format!("![{}]({href})", line(name)),
        Media::Here(href, _) => format!("[{}]({href})", line(name)),
        Media::Web(url) if links::is_web(url) && *url == escape::line(url) => {
            format!("{}: <{url}>", line(name))
        }
        Media::Web(url) => format!("{}: {}", line(name), line(url)),
        Media::Gone(why) => format!("*{} ({})*", line(name), line(why)),
    }
}

fn quoted(text: &str) -> String {
    text.lines().map(|l| format!("> {l}").trim_end().to_owned() + "\n").collect()
}

impl<W: Write> Page for Markdown<W> {
    fn begin(&mut self, head: &Head) -> io::Result<()> {
        let apps: Vec<String> = head.apps.iter().map(|a| line(a)).collect();
        writeln!(self.out, "# {}\n\n{}\\", line(&head.title), apps.join("; "))?;
        let people = escape::markdown(&words::people(head));
        writeln!(self.out, "With {people}\\\n{}", words::extent(head))?;
        for b in &head.banners {
            let (what, why) = words::banner(&b.reason);
            let about = b.about.as_ref().map(|a| format!("{}: ", line(a))).unwrap_or_default();
            let (what, why) = (escape::markdown(&what), escape::markdown(&why));
            writeln!(self.out, "\n> {about}**⊘ {what}.** {why}")?;
        }
        self.drafts = head.drafts.iter().map(|d| body(d)).collect();
        self.foot = words::written(head.written);
        Ok(())
    }

    fn message(&mut self, told: &Told) -> io::Result<()> {
        if let Some(day) = self.days.turn(told.row.pos.at) {
            writeln!(self.out, "\n## {}", words::day_heading(day))?;
        }
        if let Some(seam) = &told.row.seam {
            writeln!(self.out, "\n---\n\n*From here on: {}*", line(&seam.origin))?;
        }
        let time = words::clock(told.row.pos.at);
        let instead = words::instead(told).map(|i| format!("*{i}*"));
        let via: String = words::badges(told).iter().map(|b| format!(" · {}", line(b))).collect();
        if told.row.kind == RowKind::System {
            let text = instead.unwrap_or_else(|| line(&told.row.text));
            writeln!(self.out, "\n{time}{via} · — {text}")?;
        } else {
            let who = escape::markdown(&words::who(told));
            writeln!(self.out, "\n**{who}** · {time}{via}")?;
            if let Some(quote) = &told.row.reply_quote {
                write!(self.out, "\n{}", quoted(&body(quote)))?;
            }
            let text = instead.unwrap_or_else(|| body(&told.row.text));
            if !text.trim().is_empty() {
                writeln!(self.out, "\n{}", text.trim_matches('\n'))?;
            }
        }
        for (_, name, media) in words::attachments(told) {
            writeln!(self.out, "\n{}", attachment(&name, media))?;
        }
        let mut notes: Vec<String> =
            words::remarks(told).iter().map(|r| format!("*{}*", line(r))).collect();
        let reactions = words::reactions(told);
        notes.extend(reactions.iter().map(|(e, by)| format!("{} {}", line(e), line(by))));
        if !notes.is_empty() {
            writeln!(self.out, "\n({})", notes.join(", "))?;
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        for draft in std::mem::take(&mut self.drafts) {
            write!(self.out, "\n---\n\n**Draft, not sent**\n\n{}", quoted(&draft))?;
        }
        writeln!(self.out, "\n---\n\n*{}*", self.foot)?;
        self.out.flush()
    }
}
