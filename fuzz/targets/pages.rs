//! What strangers wrote, on its way into documents for a browser and for editors: it stays words.

#![no_main]

use html5gum::{Token, Tokenizer};
use libfuzzer_sys::fuzz_target;
use onebox::inbox::{AttachmentRow, MessageRow, ReactionRow, RowKind, TranscriptPos};
use onebox::model::{AttachmentKind, Call, Deletion, MessageId, ThreadId, Timestamp};
use onebox::pages::{
    Head, Listed, Media, Names, Person, Style, Told, href, index, media_name, page, shown,
};
use onebox_fuzz::edits::Cut;

/// Tags that onebox writes; no more come out, whatever goes in.
const TAGS: &[&str] = &[
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "header",
    "main",
    "footer",
    "section",
    "article",
    "aside",
    "h1",
    "h2",
    "p",
    "b",
    "br",
    "a",
    "span",
    "time",
    "bdi",
    "blockquote",
    "ul",
    "li",
    "strong",
    "figure",
    "figcaption",
    "img",
    "video",
    "audio",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
];
const ATTRIBUTES: &[&str] = &[
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
    "class",
    "id",
    "dir",
    "datetime",
    "title",
    "href",
    "rel",
    "src",
    "alt",
    "loading",
    "controls",
    "preload",
    "aria-label",
    "role",
];
const KINDS: [AttachmentKind; 5] = [
    AttachmentKind::Photo,
    AttachmentKind::Video,
    AttachmentKind::Voice,
    AttachmentKind::File,
    AttachmentKind::Location,
];

fuzz_target!(|bytes: &[u8]| {
    let mut cut = Cut(bytes);
    let (choice, at) = (cut.byte(), i64::from(cut.short()) << (cut.byte() % 40));
    let rest = String::from_utf8_lossy(cut.0);
    let mut words = rest.split('\x1f');
    let mut word = || words.next().unwrap_or_default().to_owned();
    let head = Head {
        title: word(),
        apps: vec![word()],
        people: vec![Person { name: word(), account: Some(word()), mine: choice & 1 != 0 }],
        drafts: vec![word()],
        messages: 1,
        ..Head::default()
    };
    let kind = match choice >> 1 & 7 {
        0 => RowKind::System,
        1 => RowKind::Call(Call { video: Some(true), seconds: None, missed: true }),
        2 => RowKind::Poll,
        _ => RowKind::Text,
    };
    let (path, name) = (word(), word());
    let attached = KINDS[usize::from(choice >> 4) % KINDS.len()];
    let stored = media_name(&path, u64::from(choice));
    assert!(!stored.is_empty() && stored.len() < 120 && !stored.contains(['/', '\\', '\0']));
    assert!(!stored.starts_with('.'), "{stored}");
    let media = match choice >> 5 & 3 {
        0 => Media::Web(word()),
        1 => Media::Gone(word()),
        _ => Media::Here(href(&stored), shown(attached, &stored)),
    };
    let row = MessageRow {
        id: MessageId(1),
        thread: ThreadId(1),
        badge: None,
        starred: false,
        pos: TranscriptPos { at: Timestamp(at), order: 0, message: MessageId(1) },
        sender: word(),
        sender_badge: None,
        mine: choice & 1 != 0,
        kind,
        text: word(),
        attachments: vec![AttachmentRow {
            kind: attached,
            name,
            path,
            present: true,
            remote: false,
            size: None,
        }],
        reactions: vec![ReactionRow { emoji: word(), by: word() }],
        reply_quote: Some(word()),
        edited: true,
        deletion: Deletion::None,
        forwarded: true,
        forwarded_from: Some(word()),
        send_state: None,
        send_why: Some(word()),
        seam: None,
        gap: None,
    };
    let told = Told { row, app: None, media: vec![media] };
    for style in [Style::Html, Style::Markdown, Style::Plain] {
        let mut out = Vec::new();
        let mut document = page(style, &mut out);
        let written = document.begin(&head).and_then(|()| document.message(&told));
        written.and_then(|()| document.end()).expect("memory");
        drop(document);
        harmless(style, &out, true);
    }
    let file = Names::default().unique(&head.title, &head.apps[0]);
    assert!(
        !file.is_empty() && file.len() < 220 && !file.contains(['/', '\\', '\0', ':']),
        "{file}"
    );
    let listed = Listed {
        file,
        title: head.title.clone(),
        apps: head.apps[0].clone(),
        read_only: true,
        messages: 1,
        first: Some(Timestamp(at)),
        last: None,
    };
    for style in [Style::Html, Style::Markdown, Style::Plain] {
        harmless(
            style,
            index(style, std::slice::from_ref(&listed), Timestamp(0)).as_bytes(),
            false,
        );
    }
});

fn harmless(style: Style, out: &[u8], one: bool) {
    let text = std::str::from_utf8(out).expect("text");
    let bad = |c: char| {
        c.is_control() && c != '\n'
            || matches!(u32::from(c), 0x202a..=0x202e | 0x2066..=0x2069 | 0xfeff)
    };
    // Markdown and text mark where another direction ends by themselves.
    assert!(style != Style::Html || !text.contains(bad), "{text:?}");
    if style != Style::Html {
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
        return;
    }
    let mut articles = 0;
    for token in Tokenizer::new(text).flatten() {
        match token {
            Token::StartTag(tag) => {
                let name = String::from_utf8_lossy(&tag.name).into_owned();
                assert!(TAGS.contains(&name.as_str()), "<{name}> in {text}");
                articles += usize::from(name == "article");
                for (key, value) in &tag.attributes {
                    let key = String::from_utf8_lossy(key);
                    assert!(ATTRIBUTES.contains(&key.as_ref()), "{key} in {text}");
                    let value = String::from_utf8_lossy(value).to_lowercase();
                    let script = ["javascript:", "data:", "vbscript:"];
                    let address = matches!(key.as_ref(), "href" | "src");
                    assert!(!address || !script.iter().any(|s| value.starts_with(s)), "{value}");
                }
            }
            Token::Comment(_) => panic!("a comment in {text}"),
            _ => {}
        }
    }
    // The message and the draft.
    assert_eq!(articles, if one { 2 } else { 0 }, "{text}");
}
