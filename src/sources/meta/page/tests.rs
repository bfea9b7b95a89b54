//! Pages of every markup, and of none.

use super::parse::{Boxed, Page, Seen};
use crate::model::AttachmentKind;

fn seen(html: &str) -> Vec<Seen> {
    Page::new(html.as_bytes())
        .map(|s| s.expect("memory"))
        .filter(|s| !matches!(s, Seen::Breath))
        .collect()
}

fn messages(html: &str) -> Vec<Boxed> {
    let of = |s| if let Seen::Message(m) = s { Some(*m) } else { None };
    seen(html).into_iter().filter_map(of).collect()
}

fn one(body: &str) -> Boxed {
    let mut all = messages(&format!(
        "<body><section class='_a6-g'><h2 class='_a6-h _a6-i'>Ana</h2><div class='_a6-p'>{body}\
         </div><footer class='_a6-o'><div class='_a72d'>Jul 06, 2023 8:10:32 pm</div></footer>"
    ));
    assert_eq!(all.len(), 1, "{all:?}");
    let one = all.remove(0);
    assert_eq!((one.sender.as_str(), one.date.as_str()), ("Ana", "Jul 06, 2023 8:10:32 pm"));
    one
}

#[test]
fn every_markup_tells_who_when_and_what() {
    for html in [
        // 2018–22
        "<div class='pam _3-95 _2pi0 _2lej uiBoxWhite noborder'><div class='_3-96 _2pio _2lek \
         _2lel'>Ana</div><div class='_3-96 _2let'><div><div></div><div>hello</div><div></div>\
         </div></div><div class='_3-94 _2lem'>Sep 22, 2017, 6:33 AM</div></div>",
        // 2022 on
        "<div class='pam _3-95 _2ph- _a6-g uiBoxWhite noborder'><div class='_3-95 _2pim _a6-h \
         _a6-i'>Ana</div><div class='_3-95 _a6-p'><div><div></div><div>hello</div></div></div>\
         <div class='_3-94 _a6-o'>Sep 22, 2017, 6:33 AM</div></div>",
        // 2025 on
        "<section class='_3-95 _a6-g'><h2 class='_2ph_ _a6-h _a6-i' id='a'>Ana</h2><div \
         class='_2ph_ _a6-p'><div><div></div><div>hello</div></div></div><footer class='_3-94 \
         _a6-o'><div class='_a72d'>Sep 22, 2017, 6:33 AM</div></footer></section>",
        // up to 2017
        "<div class='thread'>Ana, Bo<div class='message'><div class='message_header'><span \
         class='user'>Ana</span><span class='meta'>Sep 22, 2017, 6:33 AM</span></div></div>\
         <p>hello</p></div>",
        // no class that is known
        "<div class='msg'><div>Ana</div><div>hello</div><div>Sep 22, 2017, 6:33 AM</div></div>",
        // pretty-printed
        "<div class='_a6-g'>\n  <h2 class='_a6-h _a6-i'>\n    Ana\n  </h2>\n  <div \
         class='_a6-p'>\n    <div>\n      hello\n    </div>\n  </div>\n  <div class='_a6-o'>Sep \
         22, 2017, 6:33 AM</div>\n</div>",
    ] {
        let page = format!("<html><head><title>Ana</title></head><body>{html}{html}</body></html>");
        let told: Vec<_> =
            messages(&page).into_iter().map(|m| (m.sender, m.date, m.content.text)).collect();
        let message = ("Ana".to_owned(), "Sep 22, 2017, 6:33 AM".to_owned(), "hello".to_owned());
        assert_eq!(told, [message.clone(), message], "{html}");
    }
}

/// A message's row of blocks: its text, and the rest.
fn row(text: &str, rest: &str) -> Boxed {
    one(&format!("<div><div></div><div>{text}</div>{rest}</div>"))
}

#[test]
fn what_came_with_a_message() {
    let file = "your_instagram_activity/messages/inbox/ana_1/photos/1.jpg";
    let photo = row(
        "",
        &format!(
            "<div><div><a href='{file}'><img src='{file}' class='_a6_o _3-96'/></a></div></div>"
        ),
    );
    assert_eq!(photo.content.text, "");
    assert_eq!(photo.content.media, [(Some(AttachmentKind::Photo), file.to_owned())]);

    let voice = row(
        "",
        "<div><video src='x/audio/2.mp4'><a href='x/audio/2.mp4'><div>Click for audio:</div></a>\
         </video></div>",
    );
    assert_eq!(voice.content.media, [(Some(AttachmentKind::Audio), "x/audio/2.mp4".to_owned())]);
    assert_eq!((voice.content.text.as_str(), voice.content.share), ("", None));

    let shared = row(
        "Ana sent an attachment.",
        "<div><div><div>A caption</div><div>the.owner</div><div><a target='_blank' \
         href='https://example.com/reel/1'>https://example.com/reel/1</a></div></div></div>",
    );
    assert_eq!(shared.content.text, "Ana sent an attachment.");
    let share = shared.content.share.expect("a share");
    assert_eq!(share.link.as_deref(), Some("https://example.com/reel/1"));
    assert_eq!(share.text.as_deref(), Some("A caption"));
    assert_eq!(share.owner.as_deref(), Some("the.owner"));

    // Where the row begins with words and the text is empty, they are the text.
    let first = one("<div><div>hello</div><div></div></div>");
    assert_eq!(first.content.text, "hello");
    // A share with no words of its own leaves the text empty.
    let bare = row("", "<div><div>A caption</div><a href='https://example.com/'>x</a></div>");
    assert_eq!(bare.content.text, "");
    // A link that somebody typed is text.
    let typed = row("see <a href='https://example.com/'>https://example.com/</a> there", "");
    assert_eq!(typed.content.text, "see https://example.com/ there");
    assert_eq!(typed.content.share, None);
}

#[test]
fn lines_files_and_reactions() {
    let told = row(
        "1 &lt; 2<br />\nnew line",
        "<div>Download file: your_facebook_activity/messages/inbox/a_1/files/my list.pdf</div>\
         <div>IP Address: 10.0.0.1</div>\
         <div><ul class='_a6-q'><li><span>❤️Bo<span> (Jul 06, 2023 8:11 pm)</span></span></li>\
         <li>👍Cy</li></ul></div>",
    );
    assert_eq!(told.content.text, "1 < 2\nnew line");
    let list = "your_facebook_activity/messages/inbox/a_1/files/my list.pdf";
    assert_eq!(told.content.media, [(Some(AttachmentKind::File), list.to_owned())]);
    assert_eq!(told.content.reactions, ["❤️Bo (Jul 06, 2023 8:11 pm)", "👍Cy"]);
    assert_eq!(told.content.share, None);
    for scheme in ["javascript:x()", "data:image/png;base64,AA", "mailto:a@b", "#top"] {
        let nothing = row("x", &format!("<div><a href='{scheme}'></a><img src='{scheme}'/></div>"));
        assert_eq!(nothing.content.media, [], "{scheme}");
    }
}

#[test]
fn heads_of_pages() {
    let html = "<html><head><title>Crew</title><style>._a6-g{}</style></head><body><aside \
                role='contentinfo'>Generated by Ana Lima on <time datetime='2026-08-19T14:33Z'>\
                Wednesday, August 19, 2026 at 4:33 PM UTC+02:00</time></aside><div class='_a6-g'>\
                <div class='_a6-h'>Participants: Ana, Bo and Cy</div></div>";
    assert_eq!(
        seen(html),
        [
            Seen::Title("Crew".to_owned()),
            Seen::Made {
                utc: "2026-08-19T14:33Z".to_owned(),
                text: "Wednesday, August 19, 2026 at 4:33 PM UTC+02:00".to_owned(),
                by: "Generated by Ana Lima on".to_owned(),
            },
            Seen::Header("Participants: Ana, Bo and Cy".to_owned()),
        ]
    );
}

/// What an Instagram group's page begins with, before its first message.
#[test]
fn a_groups_picture_and_its_invitation_are_no_messages() {
    let head = "<body><section class='_a6-g'><h2 class='_2ph_ _a6-h'>Participants: Ana, Bo and Cy\
                </h2></section><section class='_a6-g'><h2 class='_2ph_ _a6-h _a6-i'>Group photo\
                </h2><div class='_2ph_ _a6-p'><div><div><a href='x/photos/1.jpg'><img \
                src='x/photos/1.jpg' class='_a6_o'/></a></div></div></div></section><section \
                class='_a6-g'><h2 class='_2ph_ _a6-h _a6-i'>Group Invite Link: On</h2><div \
                class='_2ph_ _a6-p'><div><a href='https://ig.me/j/Abc/'>https://ig.me/j/Abc/</a>\
                </div></div></section>";
    let message = "<section class='_a6-g'><h2 class='_2ph_ _a6-h _a6-i'>Ana</h2><div \
                   class='_2ph_ _a6-p'><div><div></div><div>hi</div></div></div><footer \
                   class='_a6-o'><div class='_a72d'>Sep 22, 2017 6:33 AM</div></footer></section>";
    let all = seen(&format!("{head}{message}</body>"));
    let header = |line: &str| Seen::Header(line.to_owned());
    assert_eq!(
        all[..3],
        [
            header("Participants: Ana, Bo and Cy"),
            header("Group photo"),
            header("Group Invite Link: On https://ig.me/j/Abc/"),
        ]
    );
    assert_eq!((all.len(), messages(&format!("{head}{message}")).len()), (4, 1));
    // One without a date behind others is a message that has lost it; so is one in a torn page.
    let undated = message.replace("Sep 22, 2017 6:33 AM", "");
    assert_eq!(messages(&format!("<body>{message}{undated}{message}</body>")).len(), 3);
    assert_eq!(messages(&message[..message.len() - 90]).len(), 1);
}

const ICON: &str = "data:image/png;base64,iVBORw0KGgo=";

/// Of about 2023: the head of a page says who asked for it and when in a line of its own, in the
/// account's language, and bears a picture.
fn head_of_2023(made: &str, period: &str) -> String {
    format!(
        "<html><head><title>Crew</title></head><body class='_5vb_ _2yq _a7o5'><div \
         class='clearfix _ikh'><div class='_4bl9'><div class='_li'><div class='_a705'><div \
         class='_3-8y _3-95 _a70a'><div class='_a709'><img src='{ICON}' /></div><div \
         class='_a70d'><div class='_a70e'>Crew</div><div class='_aoaa'><div>{made}<div>{period}\
         </div></div></div></div></div><div class='_a706' role='main'>"
    )
}

#[test]
fn the_head_of_2023_is_no_message() {
    let message = "<div class='pam _3-95 _2ph- _a6-g uiBoxWhite noborder'><div class='_3-95 _2pim \
                   _a6-h _a6-i'>Ana</div><div class='_3-95 _a6-p'><div><div></div><div>hi</div>\
                   </div></div><div class='_3-94 _a6-o'>Sep 22, 2017 6:33:10 AM</div></div>";
    let period = "Contains data from January 1, 2020 at 12:00 AM to November 12, 2023 at 11:59 PM";
    for (made, utc) in [
        (
            "Generated by Ana Lima on Monday, November 13, 2023 at 8:09 PM UTC+07:00",
            "2023-11-13T13:09:00Z",
        ),
        (
            "Được tạo bởi Ana Lima vào Thứ Hai, 13 tháng 11, 2023 lúc 20:09 UTC+07:00",
            "2023-11-13T13:09:00Z",
        ),
        (
            "Erstellt von Ana Lima am Montag, 13. November 2023 um 20:09 UTC+01:00",
            "2023-11-13T19:09:00Z",
        ),
        // The zone's name alone has been wrong.
        ("Generated by Ana Lima on Monday, November 13, 2023 at 8:09 PM UTC", ""),
        ("xyzzy Ana Lima 13 plugh", ""),
    ] {
        let page = head_of_2023(made, period) + message + message;
        let said = if utc.is_empty() { "" } else { made };
        let all = seen(&page);
        assert_eq!(
            all[1],
            Seen::Made { utc: utc.to_owned(), text: said.to_owned(), by: made.to_owned() }
        );
        assert_eq!(all.len(), 4, "{all:?}");
        assert_eq!(messages(&page).len(), 2);
    }
    // Neither is it under classes that nobody knows, and its picture goes to nobody.
    let made = "Generated by Ana Lima on Monday, November 13, 2023 at 8:09 PM UTC+07:00";
    let strange = head_of_2023(made, period).replace("class='_", "class='y");
    assert_eq!(messages(&(strange.clone() + message)).len(), 1);
    let loose = "<div><div>Ana</div><div>hello</div><div>Sep 22, 2017, 6:33 AM</div></div>";
    for n in [1, 3, 9] {
        let told = messages(&(head_of_2023(made, period) + &loose.repeat(n)));
        assert_eq!(told.len(), n, "{told:?}");
        assert!(told.iter().all(|m| m.sender == "Ana" && m.content.media.is_empty()));
    }
}

/// Nesting, unclosed and unopened tags, endless text: what is whole is read, and nothing overflows.
#[test]
fn what_a_stranger_may_write() {
    let message = "<div class='_a6-g'><div class='_a6-h _a6-i'>Ana</div><div class='_a6-p'><div>hi\
                   </div></div><div class='_a6-o'>Sep 22, 2017, 6:33 AM</div></div>";
    for junk in [
        "<div>".repeat(100_000),
        "</div>".repeat(100_000),
        "<div class='_a6-p'>".repeat(10_000),
        "<li>".repeat(10_000),
        "<video>".repeat(2000),
        format!("<div class='_a6-g'><div class='_a6-p'>{}", "x".repeat(3 << 20)),
        format!("<div class='_a6-g'><div class='_a6-h _a6-i'>{}", "x".repeat(3 << 20)),
        "<a href='x'>".repeat(100_000),
        "\0\u{fffd}<\u{0}div".to_owned(),
    ] {
        let html = format!("<body>{message}{junk}{message}");
        let told = messages(&html);
        let whole = told.iter().filter(|m| m.sender == "Ana" && m.content.text == "hi").count();
        assert_eq!(whole, 2, "{:.40}", junk);
        assert!(told.iter().all(|m| m.content.text.len() <= 1 << 20 && m.sender.len() <= 4096));
        assert!(told.iter().all(|m| m.content.media.len() <= 1000));
    }
}

/// A megabyte in which nothing is told is no silence: whoever reads can stop.
#[test]
fn a_long_page_breathes() {
    let html = "<b>x</b>".repeat(100_000);
    let breaths = Page::new(html.as_bytes()).filter(|s| matches!(s, Ok(Seen::Breath))).count();
    assert!(breaths > 10);
}
