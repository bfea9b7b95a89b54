//! The text of a mail that is a page.

use std::collections::HashSet;

/// What begins a line of its own.
const BLOCKS: [&str; 22] = [
    "blockquote",
    "table",
    "tr",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "pre",
    "section",
    "article",
    "header",
    "footer",
    "center",
];

/// Stands for a blank that is to stay while the parser takes the others away. No letter of any
/// script.
const KEPT: char = '\u{f8f0}';

/// A longer address is cut, in bytes.
const ADDRESS: usize = 500;

/// The text of a page, with what stands apart there apart. `whole`: where its links lead and what
/// its pictures are called is told too, and what it hides is not.
pub fn plain(html: &str, whole: bool) -> String {
    let text = shown(html, whole, whole);
    // A page that shows nothing at all may be shown by what is not read here.
    if whole && text.is_empty() { shown(html, whole, false) } else { text }
}

fn shown(html: &str, whole: bool, mut hides: bool) -> String {
    let mut links = Links::default();
    let mut marked = String::with_capacity(html.len() + 64);
    let mut rest = html;
    let mut pre = 0u32;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        words(before, pre > 0, &mut marked);
        let name = tag.trim_start_matches(['<', '/']);
        let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        let name = name.get(..end).unwrap_or_default().to_ascii_lowercase();
        let closes = tag.starts_with("</");
        if BLOCKS.contains(&name.as_str()) {
            marked.push_str("<br>");
        } else if matches!(name.as_str(), "td" | "th") && closes {
            marked.push_str(" &nbsp;");
        }
        if name == "pre" {
            pre = if closes { pre.saturating_sub(1) } else { pre.saturating_add(1) };
        }
        // What begins no tag is a sign like others.
        let len = if name.is_empty() { Some(1) } else { tag.find('>').map(|at| at + 1) };
        let (tag, after) = tag.split_at_checked(len.unwrap_or(tag.len())).unwrap_or((tag, ""));
        if hides && !closes && is_hidden(tag) {
            match behind(after, &name) {
                Some(end) => {
                    rest = end;
                    continue;
                }
                // It is never closed, and others need not be looked for.
                None => hides = false,
            }
        }
        match name.as_str() {
            "a" if whole => {
                links.end(&mut marked);
                links.begin(tag, marked.len());
            }
            "img" if whole => marked.push_str(&called(tag)),
            _ => {}
        }
        marked.push_str(tag);
        rest = after;
    }
    words(rest, pre > 0, &mut marked);
    let text = mail_parser::decoders::html::html_to_text(&marked);
    let mut out = String::with_capacity(text.len());
    let mut blank = 0;
    for line in text.lines().map(|l| l.trim_matches([' ', '\t', '\r', '\u{a0}'])) {
        let line = line.trim_end_matches([KEPT, ' ', '\u{a0}']);
        blank = if line.is_empty() { blank + 1 } else { 0 };
        if blank < 2 {
            out.push_str(line);
            out.push('\n');
        }
    }
    out.trim().replace(['\u{a0}', KEPT], " ")
}

/// Whether a tag says that nobody is to see it: the line that mail programs show in a list.
fn is_hidden(tag: &str) -> bool {
    if !tag.contains("none") {
        return false;
    }
    let style = attribute(tag, "style").unwrap_or_default();
    let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
    style.to_ascii_lowercase().split(';').any(|one| one.starts_with("display:none"))
}

/// What stands behind the tag that closes one of a name.
fn behind<'h>(html: &'h str, name: &str) -> Option<&'h str> {
    if matches!(name, "img" | "br" | "hr" | "input" | "meta" | "link") || name.is_empty() {
        return Some(html);
    }
    let (mut rest, mut open) = (html, 1u32);
    while let Some(at) = rest.find('<') {
        let tag = rest.get(at + 1..)?;
        let (closes, own) = match tag.strip_prefix('/') {
            Some(own) => (true, own),
            None => (false, tag),
        };
        let end = own.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(own.len());
        rest = own.get(end..).unwrap_or_default();
        if !own.get(..end).is_some_and(|own| own.eq_ignore_ascii_case(name)) {
            continue;
        }
        open = if closes { open - 1 } else { open.saturating_add(1) };
        if open == 0 {
            return rest.find('>').and_then(|at| rest.get(at + 1..));
        }
    }
    None
}

/// Where links lead.
#[derive(Default)]
struct Links {
    /// The one that is open: its address, and where its words begin.
    open: Option<(String, usize)>,
    /// Each is told once.
    told: HashSet<String>,
}

impl Links {
    fn begin(&mut self, tag: &str, at: usize) {
        let address = attribute(tag, "href").unwrap_or_default().trim();
        let web = ["http://", "https://"].iter().any(|scheme| {
            address.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme))
        });
        self.open = web.then(|| (address.to_owned(), at));
    }

    /// Its address stands behind its words, where they are another.
    fn end(&mut self, out: &mut String) {
        let Some((address, at)) = self.open.take() else { return };
        let words = out.get(at..).unwrap_or_default();
        let words = mail_parser::decoders::html::html_to_text(words);
        let bare = |text: &str| -> String {
            let text = text.trim().to_lowercase().replace("&amp;", "&");
            let text = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
            text.trim_start_matches("www.").trim_end_matches('/').to_owned()
        };
        let same = bare(&words) == bare(&address);
        if words.trim().is_empty() || same || !self.told.insert(address.clone()) {
            return;
        }
        let cut = address.get(..address.floor_char_boundary(ADDRESS)).unwrap_or_default();
        let more = if cut.len() < address.len() { "…" } else { "" };
        out.push_str(&format!(" ({cut}{more})"));
    }
}

/// What a picture is called on its page. A file's name says nothing, nor does what nobody sees.
fn called(tag: &str) -> String {
    let size = |name| attribute(tag, name).map(|n| n.trim().trim_end_matches("px"));
    let unseen = ["width", "height"].into_iter().any(|n| matches!(size(n), Some("0" | "1")));
    let words = attribute(tag, "alt").unwrap_or_default().trim();
    let ending = words.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let file = matches!(ending.as_deref(), Some("png" | "jpg" | "jpeg" | "gif" | "webp" | "svg"));
    if unseen || file || words.is_empty() { String::new() } else { format!(" {words} ") }
}

/// The value of an attribute of a tag.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let mut rest = tag.trim_end_matches(['>', '/']).split_once(char::is_whitespace)?.1;
    loop {
        rest = rest.trim_start();
        let end = rest.find(|c: char| c == '=' || c.is_whitespace())?;
        let (own, after) = rest.split_at_checked(end)?;
        let after = after.trim_start();
        let Some(value) = after.strip_prefix('=') else {
            rest = after;
            continue;
        };
        let value = value.trim_start();
        let (value, after) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let value = value.get(1..)?;
                value.split_once(quote).unwrap_or((value, ""))
            }
            _ => value.split_once(char::is_whitespace).unwrap_or((value, "")),
        };
        if own.eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = after;
    }
}

/// Words between tags. In a `<pre>` lines and blanks stay as they are.
fn words(text: &str, pre: bool, out: &mut String) {
    if !pre {
        out.push_str(text);
        return;
    }
    for c in text.chars() {
        match c {
            '\n' => out.push_str("<br>"),
            '\r' => {}
            ' ' => out.push(KEPT),
            '\t' => out.extend([KEPT; 4]),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_apart_on_a_page_is_apart() {
        let page = "<div>Yes! <b>ok</b><blockquote>Shall we?</blockquote></div><table><tr><td>A</td>\
                    <td>B</td></tr><tr><td>C</td></tr></table><ul><li>one</li><LI>two</li></ul>\
                    <h1>Head</h1>tail &lt;tr&gt; 1 < 2";
        let text = plain(page, false);
        let lines: Vec<String> = text
            .lines()
            .filter(|l| !l.is_empty())
            .map(|l| l.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        let apart = ["Yes! ok", "Shall we?", "A B", "C", "one", "two", "Head"];
        assert_eq!(lines.get(..7), Some(&apart.map(str::to_owned)[..]), "{text}");
        assert!(lines[7].starts_with("tail <tr>"), "{text}");
        assert!(!text.contains("\n\n\n"), "{text}");
    }

    #[test]
    fn what_is_set_in_stays_so() {
        let page = "<p>See   this:</p><pre class=\"code\">fn a() {\r\n    <b>one</b>(1  2)\n\tif x &lt; y\n}\n</pre><p>  and   so on</p>";
        assert_eq!(
            plain(page, false).lines().filter(|l| !l.is_empty()).collect::<Vec<_>>(),
            ["See this:", "fn a() {", "    one(1  2)", "    if x < y", "}", "and so on"]
        );
    }

    #[test]
    fn what_a_page_hides_is_not_told() {
        let told = |page: &str| plain(page, true);
        let page = "<div style=\"Display: none; max-height:0\">Before <div>hand</div></div><p>Hi \
                    <span style='display:none'>x</span>there</p><img alt=No style=display:none>";
        assert_eq!(told(page), "Hi there");
        assert!(plain(page, false).contains("Before"), "known by its text");
        assert_eq!(told("<div style=\"display:none\">all</div>"), "all");
        assert_eq!(told("<p style=\"display:none\">open <p>none</p>"), "open none");
        assert_eq!(told("<p class=none>one</p>"), "one");
        let many = "<b style=\"display:none\">".repeat(100_000);
        assert_eq!(told(&many), "");
    }

    #[test]
    fn links_and_pictures_are_told() {
        let page = "<p>Please <a class=b href=\"https://x.example/a?b=1&amp;c=2\">pay <b>here</b></a> or <a \
                    href='https://x.example/a?b=1&amp;c=2'>here</a>, see <a href=https://www.x.example/>\
                    x.example</a>, <a href=\"mailto:a@x\">write</a>.<img alt=\"A map\" src=x><img \
                    alt=spacer width=1 height=1><img src=x alt=\"image001.png\"><a href=\"https://y.example\">\
                    <img src=y></a></p>";
        let told = plain(page, true);
        let want =
            "Please pay here (https://x.example/a?b=1&c=2) or here, see x.example, write. A map";
        assert_eq!(told.split_whitespace().collect::<Vec<_>>().join(" "), want);
        let bare = plain(page, false);
        assert!(!bare.contains("https") && !bare.contains("map"), "{bare}");
        for torn in [
            "<a",
            "<a href",
            "<a href=",
            "<a href=\"",
            "<a href=\"https://x",
            "<a b c>d",
            "<img alt='",
        ] {
            let _: String = plain(torn, true);
        }
    }
}
