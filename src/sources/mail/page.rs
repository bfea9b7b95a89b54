//! The text of a mail that is a page.

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

/// The text of a page, with what stands apart there apart.
pub fn plain(html: &str) -> String {
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
        let text = plain(page);
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
            plain(page).lines().filter(|l| !l.is_empty()).collect::<Vec<_>>(),
            ["See this:", "fn a() {", "    one(1  2)", "    if x < y", "}", "and so on"]
        );
    }
}
