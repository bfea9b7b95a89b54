//! What strangers write stays words, and names of files are safe everywhere.

use super::*;

#[test]
fn names_are_safe_on_every_file_system() {
    let mut names = Names::default();
    names.reserve("index");
    for (title, wanted) in [
        ("Jonas Weber", "Jonas Weber"),
        ("../../etc/passwd", "etc passwd"),
        ("a/b\\c:d*e?f\"g<h>i|j", "a b c d e f g h i j"),
        ("CON", "_CON"),
        ("aux.txt", "_aux.txt"),
        ("com1", "_com1"),
        ("Conrad", "Conrad"),
        ("index", "index (2)"),
        ("Index", "Index (3)"),
        ("...", "Conversation"),
        ("-rf", "rf"),
        ("\u{202e}gpj.exe", "gpj.exe"),
        ("\u{1b}[31mred\n", "31mred"),
        ("🏠📚", "Conversation (2)"),
        ("田中ゆき", "田中ゆき"),
        ("trailing. ", "trailing"),
        ("jonas weber", "jonas weber (2)"),
        ("JONAS WEBER", "JONAS WEBER (3)"),
    ] {
        assert_eq!(names.unique(title, ""), wanted, "{title:?}");
    }
    for long in ["x".repeat(5_000), "田".repeat(5_000), "e\u{301}".repeat(5_000)] {
        let (a, b) = (names.unique(&long, &long), names.unique(&long, &long));
        assert!(a != b && a.len().max(b.len()) < 200, "{}", a.len());
    }
    // Composed or not, it is one name.
    assert_eq!(names.unique("Zoe\u{301}", ""), "Zo\u{e9}");
    assert_eq!(names.unique("ZO\u{c9}", ""), "ZO\u{c9} (2)");
}

#[test]
fn media_names_stay_in_their_folder_and_run_nothing() {
    for (path, wanted) in [
        ("a/b/cat.PNG", "cat-000000000007.png"),
        ("..\\..\\evil.js", "evil-000000000007.js.txt"),
        ("x/page.html", "page-000000000007.html.txt"),
        ("picture.svg", "picture-000000000007.svg.txt"),
        ("..", "file-000000000007"),
        ("a.b c.p/../.bashrc", "file-000000000007.bashrc"),
        ("x.tar.gz", "x-tar-000000000007.gz"),
        ("nul.png", "_nul-000000000007.png"),
    ] {
        assert_eq!(media_name(path, 7), wanted);
    }
    assert!(media_name(&"é".repeat(900), 7).len() < 80);
    assert_eq!(href("a b/ü&\"'<#?%.png"), "a%20b/%C3%BC%26%22%27%3C%23%3F%25.png");
    assert_eq!(names::readable(&href("a b/ü.png")), "a b/ü.png");
    assert_eq!(shown(AttachmentKind::Photo, "x.svg"), Shown::File);
    assert_eq!(shown(AttachmentKind::Voice, "x.mp4"), Shown::Sound);
}

#[test]
fn markdown_stays_words() {
    for (text, wanted) in [
        ("# no heading", "\\# no heading"),
        ("- no list", "\\- no list"),
        ("+ no list", "\\+ no list"),
        ("12. no list", "12\\. no list"),
        ("3) no list", "3\\) no list"),
        ("at 12.30, 3) fine", "at 12.30, 3) fine"),
        ("===", "\\=\\=\\="),
        ("---", "\\---"),
        ("*a* _b_ `c` ~~d~~", "\\*a\\* \\_b\\_ \\`c\\` \\~\\~d\\~\\~"),
        ("[x](javascript:alert(1))", "\\[x\\](javascript\\:alert(1))"),
        ("<b onclick=x>&amp;", "\\<b onclick=x\\>\\&amp;"),
        ("a | b", "a \\| b"),
        ("www.evil.example", "www\\.evil.example"),
        ("    code", "\u{a0}\u{a0}\u{a0}\u{a0}code"),
        ("at 18:05 :smile:", "at 18:05 \\:smile:"),
        ("a@b.example", "a@b.example"),
    ] {
        assert_eq!(escape::markdown(text), wanted);
    }
}

#[test]
fn only_honest_web_addresses_become_links() {
    let found = |text: &str| -> Vec<String> {
        let parts = links::parts(text);
        let whole: String = parts
            .iter()
            .map(|p| match p {
                links::Part::Text(t) | links::Part::Link(t) => *t,
            })
            .collect();
        assert_eq!(whole, text);
        let link = |p: &links::Part<'_>| match p {
            links::Part::Link(l) => Some((*l).to_owned()),
            links::Part::Text(_) => None,
        };
        parts.iter().filter_map(link).collect()
    };
    assert_eq!(
        found("see https://a.example/x_(y), or HTTP://b.example."),
        ["https://a.example/x_(y)", "HTTP://b.example"]
    );
    assert_eq!(found("(https://a.example/q?a=b&c=d#e)"), ["https://a.example/q?a=b&c=d#e"]);
    assert_eq!(found("é https://ü.example/é é"), ["https://ü.example/é"]);
    for none in [
        "javascript:alert(1)",
        "https://",
        "https://bank.example@evil.example/",
        "xhttps://a.example",
        "https:// a.example",
        "data:text/html,x",
        "http",
        "https://\"onmouseover=x",
        "",
    ] {
        assert!(found(none).is_empty(), "{none}");
    }
}

/// Quadratic work would take hours here.
#[test]
fn a_flood_of_brackets_ends() {
    let flood = ")].".repeat(700_000);
    let text = format!("https://a.example/([x{flood}");
    let parts = links::parts(&text);
    assert_eq!(parts[0], links::Part::Link("https://a.example/([x)]"));
    assert_eq!(parts.len(), 2);
}

#[test]
fn long_texts_are_written_whole() {
    let long = "wörter und mehr ".repeat(20_000);
    assert_eq!(escape::body(&long), long);
    let solid = "é".repeat(100_000);
    assert_eq!(escape::body(&solid), solid);
    assert!(!escape::body(&format!("{solid}\u{1b}[2J\u{202e}")).contains(['\u{1b}', '\u{202e}']));
}

/// An app's name may come from a person's own rules, and they from anybody.
#[test]
fn apps_have_harmless_names_in_every_style() {
    let head = Head {
        title: "Ana".into(),
        apps: vec!["App\u{1b}[2J\u{202e}\nnext".into()],
        people: vec![Person {
            name: "Ben".into(),
            account: Some("Other\u{1b}\u{202e}\nnext".into()),
            mine: false,
        }],
        ..Head::default()
    };
    for style in [Style::Html, Style::Markdown, Style::Plain] {
        let mut out = Vec::new();
        page(style, &mut out).begin(&head).expect("memory");
        let text = String::from_utf8(out).expect("text");
        assert!(text.contains("App") && text.contains("Other"), "{text}");
        assert!(!text.contains(['\u{1b}', '\u{202e}']) && !text.contains("\nnext"), "{text}");
    }
}

#[test]
fn html_has_no_way_out() {
    assert_eq!(
        escape::html("</script><img src=x onerror='a' \"&amp;"),
        "&lt;/script&gt;&lt;img src=x onerror=&#39;a&#39; &quot;&amp;amp;"
    );
}
