//! A conversation as plain text. Only whoever wrote a message begins a line at its edge.

use std::io::{self, Write};

use super::words::{self, Days};
use super::{Head, Media, Page, Told, escape, names};
use crate::inbox::RowKind;
use crate::text;

/// Under a message's time.
const INDENT: &str = "       ";

/// The writer.
pub struct Plain<W> {
    out: W,
    days: Days,
    drafts: Vec<String>,
    foot: String,
}

impl<W: Write> Plain<W> {
    /// A document.
    pub fn new(out: W) -> Self {
        Self { out, days: Days::default(), drafts: Vec::new(), foot: String::new() }
    }

    fn text(&mut self, first: &str, text: &str) -> io::Result<()> {
        let mut lines = text.split('\n');
        let line = format!("{first}{}", lines.next().unwrap_or(""));
        if !line.trim().is_empty() {
            writeln!(self.out, "{}", line.trim_end())?;
        }
        for line in lines {
            writeln!(self.out, "{}", format!("{INDENT}{line}").trim_end())?;
        }
        Ok(())
    }
}

impl<W: Write> Page for Plain<W> {
    fn begin(&mut self, head: &Head) -> io::Result<()> {
        let title = escape::line(&head.title);
        writeln!(self.out, "{title}\n{}", "=".repeat(text::width(&title).clamp(3, 78)))?;
        let apps: Vec<String> = head.apps.iter().map(|a| escape::line(a)).collect();
        writeln!(self.out, "{}\nWith {}", apps.join("; "), words::people(head))?;
        writeln!(self.out, "{}", words::extent(head))?;
        for b in &head.banners {
            let (what, why) = words::banner(&b.reason);
            let about = b.about.as_ref().map(|a| format!("{}: ", escape::line(a)));
            writeln!(self.out, "\n{}{what}. {why}", about.unwrap_or_default())?;
        }
        self.drafts = head.drafts.iter().map(|d| escape::body(d)).collect();
        self.foot = words::written(head.written);
        Ok(())
    }

    fn message(&mut self, told: &Told) -> io::Result<()> {
        if let Some(day) = self.days.turn(told.row.pos.at) {
            writeln!(self.out, "\n--- {} ---\n", words::day_heading(day))?;
        }
        if let Some(seam) = &told.row.seam {
            writeln!(self.out, "--- from here on: {} ---", escape::line(&seam.origin))?;
        }
        let time = words::clock(told.row.pos.at);
        let text = words::instead(told).map_or_else(
            || escape::body(&told.row.text),
            |instead| format!("({})", instead.trim_end_matches('.')),
        );
        let badges: Vec<String> = words::badges(told).iter().map(|b| escape::line(b)).collect();
        let via =
            if badges.is_empty() { String::new() } else { format!(" [{}]", badges.join(", ")) };
        if told.row.kind == RowKind::System {
            self.text(&format!("{time}  *{via} "), &text)?;
        } else {
            let who = format!("{time}  {}{via}: ", words::who(told));
            match &told.row.reply_quote {
                Some(quote) => {
                    writeln!(self.out, "{}", who.trim_end())?;
                    let quote = escape::body(quote).replace('\n', &format!("\n{INDENT}> "));
                    writeln!(self.out, "{INDENT}> {quote}")?;
                    self.text(INDENT, &text)?;
                }
                None => self.text(&who, &text)?,
            }
        }
        for (_, name, media) in words::attachments(told) {
            let place = match media {
                Media::Here(href, _) => escape::line(&names::readable(href)),
                Media::Web(url) => escape::line(url),
                Media::Gone(why) => escape::line(why),
            };
            writeln!(self.out, "{INDENT}[{name}: {place}]")?;
        }
        let mut notes = words::remarks(told);
        notes.extend(words::reactions(told).iter().map(|(emoji, by)| format!("{emoji} {by}")));
        if !notes.is_empty() {
            writeln!(self.out, "{INDENT}({})", notes.join(", "))?;
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        for draft in std::mem::take(&mut self.drafts) {
            writeln!(self.out)?;
            self.text("Draft, not sent: ", &draft)?;
        }
        writeln!(self.out, "\n--- end ---\n{}", self.foot)?;
        self.out.flush()
    }
}
