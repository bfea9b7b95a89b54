//! Telegram Desktop's pages of a whole account, without files: a thousand posts a page.

use std::io::{self, Write};

use super::json::when;
use super::place::Place;
use super::thread::{ME, Message, Thread, With};
use super::words::Words;

const PART: usize = 1_000;
const LEFT_OUT: &str = "Not included, change data exporting settings to download.";

/// Writes an export.
pub fn write(place: &mut Place, threads: &[Thread], seed: u64, words: &Words) -> io::Result<()> {
    let (name, family) = ME.split_once(' ').unwrap_or((ME, ""));
    place.file("export_results.html", |out| {
        head(out, "", "Exported Data", "")?;
        out.write_all(b"\n    <div class=\"personal_info clearfix\">\n\n     <div class=\"rows names\">\n")?;
        for (label, value) in [("First name", name), ("Last name", family)] {
            write!(
                out,
                "\n      <div class=\"row\">\n\n       <div class=\"label details\">\n{label}\n       \
                 </div>\n\n       <div class=\"value bold\">\n{value}\n       </div>\n\n      </div>\n"
            )?;
        }
        out.write_all(b"\n     </div>\n\n    </div>\n")?;
        tail(out)
    })?;
    let mut id = 0;
    for thread in threads {
        let all = thread.oldest_first(seed, words);
        let mut before = None;
        for (part, posts) in all.chunks(PART).enumerate() {
            let number = if part == 0 { String::new() } else { (part + 1).to_string() };
            let path = format!("chats/chat_{:04}/messages{number}.html", thread.number + 1);
            place.file(&path, |out| {
                head(out, "../../", &escaped(&thread.title), " chat_page")?;
                out.write_all(b"\n    <div class=\"history\">\n")?;
                for m in posts {
                    id += 1;
                    // Who writes again at once is not named again.
                    let joined = before == Some(m.who);
                    before = Some(m.who);
                    post(out, thread, m, (id, joined))?;
                }
                out.write_all(b"\n    </div>\n")?;
                tail(out)
            })?;
            // Nor does a page know who wrote last on the one before.
            before = None;
        }
    }
    Ok(())
}

fn head(out: &mut dyn Write, up: &str, title: &str, kind: &str) -> io::Result<()> {
    write!(
        out,
        "<!DOCTYPE html>\n<html>\n\n <head>\n\n  <meta charset=\"utf-8\"/>\n<title>Exported Data</title>\n  \
         <link href=\"{up}css/style.css\" rel=\"stylesheet\"/>\n\n </head>\n\n <body>\n\n  \
         <div class=\"page_wrap\">\n\n   <div class=\"page_header\">\n\n    <div class=\"content\">\n\n     \
         <div class=\"text bold\">\n{title}\n     </div>\n\n    </div>\n\n   </div>\n\n   \
         <div class=\"page_body{kind}\">\n"
    )
}

fn tail(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"\n   </div>\n\n  </div>\n\n </body>\n\n</html>\n")
}

fn post(
    out: &mut dyn Write,
    thread: &Thread,
    m: &Message,
    (id, joined): (u64, bool),
) -> io::Result<()> {
    let class = if joined { " joined" } else { "" };
    write!(out, "\n     <div class=\"message default clearfix{class}\" id=\"message{id}\">\n")?;
    let name = escaped(&thread.people[m.who]);
    if !joined {
        let letter = name.chars().next().unwrap_or('?');
        write!(
            out,
            "\n      <div class=\"pull_left userpic_wrap\">\n\n       <div class=\"userpic userpic1\" \
             style=\"width: 42px; height: 42px\">\n\n        <div class=\"initials\" \
             style=\"line-height: 42px\">\n{letter}\n        </div>\n\n       </div>\n\n      </div>\n"
        )?;
    }
    write!(
        out,
        "\n      <div class=\"body\">\n\n       <div class=\"pull_right date details\" title=\"{} UTC+00:00\">\n\
         {}\n       </div>\n",
        when(m.at, "%d.%m.%Y %H:%M:%S"),
        when(m.at, "%H:%M")
    )?;
    if !joined {
        write!(out, "\n       <div class=\"from_name\">\n{name}\n       </div>\n")?;
    }
    if m.answers() && id > 1 {
        let to = id - 1;
        write!(
            out,
            "\n       <div class=\"reply_to details\">\nIn reply to <a href=\"#go_to_message{to}\" \
             onclick=\"return GoToMessage({to})\">this message</a>\n       </div>\n"
        )?;
    }
    media(out, m)?;
    let text = m.words();
    if !text.is_empty() {
        let text = escaped(&text).replace('\n', "<br>");
        write!(out, "\n       <div class=\"text\">\n{text}\n       </div>\n")?;
    }
    reactions(out, thread, m)?;
    out.write_all(b"\n      </div>\n\n     </div>\n")
}

fn media(out: &mut dyn Write, m: &Message) -> io::Result<()> {
    let (class, title) = match m.with {
        With::Photo => ("media_photo", "Photo"),
        With::Video => ("media_video", "Video file"),
        With::Audio => ("media_voice_message", "Voice message"),
        With::Nothing | With::Share | With::Call => return Ok(()),
    };
    write!(
        out,
        "\n       <div class=\"media_wrap clearfix\">\n\n        <div class=\"media clearfix pull_left \
         {class}\">\n\n         <div class=\"fill pull_left\">\n\n         </div>\n\n         \
         <div class=\"body\">\n\n          <div class=\"title bold\">\n{title}\n          </div>\n\n          \
         <div class=\"description\">\n{LEFT_OUT}\n          </div>\n\n         </div>\n\n        </div>\n\n       \
         </div>\n"
    )
}

fn reactions(out: &mut dyn Write, thread: &Thread, m: &Message) -> io::Result<()> {
    if m.reactions.is_empty() {
        return Ok(());
    }
    out.write_all(b"\n       <span class=\"reactions\">\n")?;
    for (emoji, by) in &m.reactions {
        write!(
            out,
            "\n        <span class=\"reaction\">\n\n         <span class=\"emoji\">\n{emoji}\n         \
             </span>\n\n         <span class=\"userpics\">\n\n          <div class=\"userpic userpic1\">\n\n           \
             <div class=\"initials\" title=\"{}\">\nX\n           </div>\n\n          </div>\n\n         </span>\n\n        \
             </span>\n",
            escaped(&thread.people[*by])
        )?;
    }
    out.write_all(b"\n       </span>\n")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
