//! A conversation as a page for a browser: no scripts, nothing from elsewhere, fit for paper.

use std::io::{self, Write};

use chrono::NaiveDate;

use super::links::{self, Part};
use super::words::{self, Days};
use super::{Head, Media, Page, Shown, Told, escape};
use crate::inbox::RowKind;
use crate::model::{Deletion, Timestamp};

const STYLE: &str = include_str!("../../assets/page.css");
/// Messages of one person this close together stand under one name.
const TOGETHER: i64 = 10 * 60 * 1000;

/// What every page of onebox's begins with. Even if a stranger's text got out of its place, a
/// browser would run and fetch nothing.
pub(super) fn opening(title: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         img-src 'self' file: data:; media-src 'self' file:; style-src 'unsafe-inline'; \
         base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"onebox {}\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n",
        env!("CARGO_PKG_VERSION"),
        text(title)
    )
}

/// One line of strangers' text.
pub(super) fn text(text: &str) -> String {
    escape::html(&escape::line(text))
}

/// The writer.
pub struct Html<W> {
    out: W,
    days: Days,
    in_day: bool,
    last: Option<(String, Timestamp)>,
    drafts: Vec<String>,
    foot: String,
}

impl<W: Write> Html<W> {
    /// A document.
    pub fn new(out: W) -> Self {
        Self {
            out,
            days: Days::default(),
            in_day: false,
            last: None,
            drafts: Vec::new(),
            foot: String::new(),
        }
    }

    fn day(&mut self, day: Option<NaiveDate>) -> io::Result<()> {
        self.close_day()?;
        self.in_day = true;
        self.last = None;
        let heading = words::day_heading(day);
        let heading = match day {
            Some(d) => format!("<time datetime=\"{}\">{heading}</time>", d.format("%Y-%m-%d")),
            None => heading,
        };
        writeln!(self.out, "<section>\n<h2>{heading}</h2>")
    }

    fn close_day(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.in_day) {
            writeln!(self.out, "</section>")?;
        }
        Ok(())
    }

    /// It goes on under the name of the message before.
    fn goes_on(&mut self, told: &Told, who: &str) -> bool {
        let sign = format!("{who}\n{}\n{}", told.row.mine, words::badges(told).join("\n"));
        let at = told.row.pos.at;
        let on = self.last.as_ref().is_some_and(|(before, then)| {
            *before == sign && at.0.saturating_sub(then.0) < TOGETHER && told.row.seam.is_none()
        });
        self.last = Some((sign, at));
        on
    }

    fn said(&mut self, told: &Told) -> io::Result<()> {
        let who = words::who(told);
        let side = if told.row.mine { "mine" } else { "theirs" };
        let on = if self.goes_on(told, &who) { " on" } else { "" };
        let badges = badges(told);
        write!(
            self.out,
            "<article class=\"{side}{on}\" id=\"m{}\">\n<header><b dir=\"auto\">{}</b>{badges} {}</header>\n",
            told.row.id.0,
            escape::html(&who),
            time(told.row.pos.at)
        )?;
        if let Some(quote) = &told.row.reply_quote {
            writeln!(self.out, "<blockquote dir=\"auto\">{}</blockquote>", body(quote))?;
        }
        match words::instead(told) {
            Some(instead) => {
                let gone = if told.row.deletion == Deletion::None { "call" } else { "gone" };
                writeln!(self.out, "<p class=\"{gone}\">{}</p>", escape::html(&instead))?;
            }
            None if told.row.text.is_empty() => {}
            None => writeln!(self.out, "<p dir=\"auto\">{}</p>", body(&told.row.text))?,
        }
        self.tail(told)?;
        writeln!(self.out, "</article>")
    }

    fn tail(&mut self, told: &Told) -> io::Result<()> {
        for (_, name, media) in words::attachments(told) {
            writeln!(self.out, "{}", attachment(&name, media))?;
        }
        let reactions = words::reactions(told);
        if !reactions.is_empty() {
            let each: String = reactions
                .iter()
                .map(|(emoji, by)| {
                    let (emoji, by) = (escape::html(emoji), escape::html(by));
                    format!("<li><span>{emoji}</span> <bdi>{by}</bdi></li>")
                })
                .collect();
            writeln!(self.out, "<ul class=\"reactions\" aria-label=\"Reactions\">{each}</ul>")?;
        }
        let remarks = words::remarks(told);
        if !remarks.is_empty() {
            let remarks = escape::html(&remarks.join(" · "));
            writeln!(self.out, "<footer>{remarks}</footer>")?;
        }
        Ok(())
    }
}

fn badges(told: &Told) -> String {
    let badge = |b: &&str| format!(" <span class=\"app\">{}</span>", text(b));
    words::badges(told).iter().map(badge).collect()
}

fn time(at: Timestamp) -> String {
    let exact = at.to_rfc3339();
    match at.to_utc() {
        Some(_) => {
            format!("<time datetime=\"{exact}\" title=\"{exact}\">{}</time>", words::clock(at))
        }
        None => format!("<span class=\"time\">{}</span>", escape::html(&words::clock(at))),
    }
}

/// Strangers' text of several lines, with its addresses as links.
fn body(stranger: &str) -> String {
    let clean = escape::body(stranger);
    let mut out = String::with_capacity(clean.len() + 16);
    for part in links::parts(&clean) {
        match part {
            Part::Text(words) => out.push_str(&escape::html(words)),
            Part::Link(url) => out.push_str(&link(url, url)),
        }
    }
    out
}

fn link(url: &str, words: &str) -> String {
    let (url, words) = (escape::html(url), escape::html(words));
    format!("<a href=\"{url}\" rel=\"noreferrer noopener\">{words}</a>")
}

fn attachment(name: &str, media: &Media) -> String {
    let words = escape::html(name);
    match media {
        Media::Here(href, shown) => {
            let href = escape::html(href);
            let caption = format!("<figcaption><a href=\"{href}\">{words}</a></figcaption>");
            match shown {
                Shown::Picture => format!(
                    "<figure><a href=\"{href}\"><img src=\"{href}\" alt=\"{words}\" loading=\"lazy\"></a></figure>"
                ),
                Shown::Video => format!(
                    "<figure><video controls preload=\"metadata\" src=\"{href}\"></video>{caption}</figure>"
                ),
                Shown::Sound => format!(
                    "<figure><audio controls preload=\"none\" src=\"{href}\"></audio>{caption}</figure>"
                ),
                Shown::File => format!("<p class=\"file\"><a href=\"{href}\">{words}</a></p>"),
            }
        }
        Media::Web(url) => {
            let clean = escape::line(url);
            let place = match links::is_web(url) && clean == *url {
                true => link(url, url),
                false => escape::html(&clean),
            };
            format!("<p class=\"file\">{words}<br>{place}</p>")
        }
        Media::Gone(why) => format!("<p class=\"file gone\">{words} ({})</p>", text(why)),
    }
}

impl<W: Write> Page for Html<W> {
    fn begin(&mut self, head: &Head) -> io::Result<()> {
        self.out.write_all(opening(&head.title).as_bytes())?;
        let apps: String =
            head.apps.iter().map(|a| format!("<span class=\"app\">{}</span> ", text(a))).collect();
        writeln!(
            self.out,
            "<body>\n<header>\n<p>{}</p>\n<h1 dir=\"auto\">{}</h1>\n<p>With <bdi>{}</bdi><br>{}</p>",
            apps.trim_end(),
            text(&head.title),
            escape::html(&words::people(head)),
            words::extent(head)
        )?;
        for b in &head.banners {
            let (what, why) = words::banner(&b.reason);
            let about = b.about.as_ref().map(|a| format!("{}: ", text(a))).unwrap_or_default();
            let (what, why) = (escape::html(&what), escape::html(&why));
            writeln!(
                self.out,
                "<aside role=\"note\"><strong>{about}⊘ {what}</strong><br>{why}</aside>"
            )?;
        }
        writeln!(self.out, "</header>\n<main>")?;
        self.drafts = head.drafts.iter().map(|d| body(d)).collect();
        self.foot = words::written(head.written);
        Ok(())
    }

    fn message(&mut self, told: &Told) -> io::Result<()> {
        if let Some(day) = self.days.turn(told.row.pos.at) {
            self.day(day)?;
        }
        if let Some(seam) = &told.row.seam {
            let origin = text(&seam.origin);
            writeln!(self.out, "<p class=\"seam\">From here on: <bdi>{origin}</bdi></p>")?;
        }
        if told.row.kind != RowKind::System {
            return self.said(told);
        }
        self.last = None;
        let words = words::instead(told).map_or_else(|| body(&told.row.text), |i| escape::html(&i));
        let (id, at) = (told.row.id.0, time(told.row.pos.at));
        writeln!(
            self.out,
            "<article class=\"system\" id=\"m{id}\">\n<p><bdi>{words}</bdi>{} {at}</p>",
            badges(told)
        )?;
        self.tail(told)?;
        writeln!(self.out, "</article>")
    }

    fn end(&mut self) -> io::Result<()> {
        self.close_day()?;
        for draft in std::mem::take(&mut self.drafts) {
            writeln!(
                self.out,
                "<section>\n<h2>Draft, not sent</h2>\n<article class=\"mine\"><p dir=\"auto\">{draft}</p></article>\n</section>"
            )?;
        }
        let foot = escape::html(&self.foot);
        writeln!(self.out, "</main>\n<footer>{foot}</footer>\n</body>\n</html>")?;
        self.out.flush()
    }
}
