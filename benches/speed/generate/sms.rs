//! SMS Backup & Restore: one file of the phone, SMS between two, MMS in groups and with pictures.

use std::io::{self, Write};

use super::json::when;
use super::place::Place;
use super::thread::{ME, Message, Thread};
use super::words::Words;

/// As long as a small picture's base64.
const PICTURE: usize = 4_000;

/// Writes a backup.
pub fn write(place: &mut Place, threads: &[Thread], seed: u64, words: &Words) -> io::Result<()> {
    let count: u64 = threads.iter().map(|t| t.messages).sum();
    place.file("sms-20260528120000.xml", |out| {
        out.write_all(b"<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n")?;
        out.write_all(b"<!--File Created By SMS Backup & Restore v10.20.002-->\n")?;
        writeln!(out, "<smses count=\"{count}\" backup_date=\"1780000000000\" type=\"full\">")?;
        for thread in threads {
            for m in thread.newest_first(seed, words) {
                if thread.is_group() || m.media().is_some() {
                    mms(out, thread, &m)?;
                } else {
                    sms(out, thread, &m)?;
                }
            }
        }
        out.write_all(b"</smses>\n")
    })
}

fn number(id: u64) -> String {
    format!("+49301{id}")
}

fn sms(out: &mut dyn Write, thread: &Thread, m: &Message) -> io::Result<()> {
    let (kind, sent) = if m.who == 0 { (2, 0) } else { (1, m.at - 1000) };
    write!(
        out,
        "  <sms protocol=\"0\" address=\"{}\" date=\"{}\" type=\"{kind}\" subject=\"null\" body=\"",
        number(thread.id(1)),
        m.at
    )?;
    escaped(out, &m.words())?;
    write!(
        out,
        "\" toa=\"null\" sc_toa=\"null\" service_center=\"null\" read=\"1\" status=\"-1\" \
         locked=\"0\" date_sent=\"{sent}\" sub_id=\"1\" readable_date=\"{}\" contact_name=\"",
        when(m.at, "%d.%m.%Y %H:%M:%S")
    )?;
    escaped(out, &thread.people[1])?;
    out.write_all(b"\" />\n")
}

fn mms(out: &mut dyn Write, thread: &Thread, m: &Message) -> io::Result<()> {
    let others: Vec<String> = thread.everybody().skip(1).map(|(id, _)| number(id)).collect();
    let (msg_box, kind) = if m.who == 0 { (2, 128) } else { (1, 132) };
    write!(
        out,
        "  <mms date=\"{}\" rr=\"129\" sub=\"null\" ct_t=\"application/vnd.wap.multipart.related\" \
         seen=\"1\" msg_box=\"{msg_box}\" address=\"{}\" text_only=\"0\" locked=\"0\" \
         m_id=\"{}-{}\" date_sent=\"{}\" read=\"1\" m_type=\"{kind}\" readable_date=\"{}\" \
         contact_name=\"",
        m.at,
        others.join("~"),
        thread.number,
        m.number,
        m.seconds().0,
        when(m.at, "%d.%m.%Y %H:%M:%S")
    )?;
    escaped(out, &thread.people[1..].join(", "))?;
    out.write_all(b"\">\n    <parts>\n")?;
    if let Some((mime, ending)) = m.media() {
        writeln!(
            out,
            "      <part seq=\"0\" ct=\"{mime}\" name=\"{0}.{ending}\" chset=\"null\" \
             cl=\"{0}.{ending}\" text=\"null\" data=\"{1:A<2$}\" />",
            m.number, "/9j/4AAQ", PICTURE
        )?;
    }
    if !m.words().is_empty() {
        out.write_all(
            b"      <part seq=\"0\" ct=\"text/plain\" name=\"null\" chset=\"106\" text=\"",
        )?;
        escaped(out, &m.words())?;
        out.write_all(b"\" />\n")?;
    }
    out.write_all(b"    </parts>\n    <addrs>\n")?;
    for (who, (id, name)) in thread.everybody().enumerate() {
        let kind = if who == m.who { 137 } else { 151 };
        let address = if name == ME { "+493012345670".to_owned() } else { number(id) };
        writeln!(out, "      <addr address=\"{address}\" type=\"{kind}\" charset=\"106\" />")?;
    }
    out.write_all(b"    </addrs>\n  </mms>\n")
}

/// As the app escapes: line ends and what takes two units of UTF-16 are numbers.
fn escaped(out: &mut dyn Write, text: &str) -> io::Result<()> {
    let mut units = [0; 2];
    for letter in text.chars() {
        match letter {
            '&' => out.write_all(b"&amp;")?,
            '<' => out.write_all(b"&lt;")?,
            '>' => out.write_all(b"&gt;")?,
            '"' => out.write_all(b"&quot;")?,
            '\n' => out.write_all(b"&#10;")?,
            '\u{10000}'.. => {
                for unit in letter.encode_utf16(&mut units) {
                    write!(out, "&#{unit};")?;
                }
            }
            _ => write!(out, "{letter}")?,
        }
    }
    Ok(())
}
