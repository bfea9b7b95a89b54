//! What an invitation says (iCalendar), where it is all that a mail brings.

/// Events told of one file.
const EVENTS: usize = 20;
/// A longer file is cut, in bytes.
const LONGEST: usize = 256 << 10;

/// An event: its name, when, where, and what is said of it.
#[derive(Default)]
struct Event {
    summary: String,
    start: String,
    place: String,
    more: String,
}

impl Event {
    fn told(self) -> String {
        let lines = [self.summary, self.start, self.place, self.more];
        lines.into_iter().filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n")
    }
}

/// The events of a file in words.
pub fn plain(file: &str) -> String {
    let file = file.get(..file.floor_char_boundary(LONGEST)).unwrap_or_default();
    // A line that begins with a blank goes on with the one before it.
    let file = file.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
    let mut told: Vec<String> = Vec::new();
    let mut open: Option<Event> = None;
    // What lies in an event has words of its own (an alarm).
    let mut inside = 0u32;
    for line in file.lines() {
        let Some((name, more, value)) = property(line) else { continue };
        let is_event = matches!(value.to_ascii_uppercase().as_str(), "VEVENT" | "VTODO");
        match (name.to_ascii_uppercase().as_str(), &mut open) {
            ("BEGIN", None) if is_event => (open, inside) = (Some(Event::default()), 0),
            ("BEGIN", Some(_)) => inside = inside.saturating_add(1),
            ("END", Some(_)) if inside > 0 => inside -= 1,
            ("END", Some(_)) => told.extend(open.take().map(Event::told)),
            ("SUMMARY", Some(event)) if inside == 0 => event.summary = unescaped(value),
            ("DTSTART", Some(event)) if inside == 0 => event.start = time(value, more),
            ("LOCATION", Some(event)) if inside == 0 => event.place = unescaped(value),
            ("DESCRIPTION", Some(event)) if inside == 0 => event.more = unescaped(value),
            _ => {}
        }
        if told.len() >= EVENTS {
            break;
        }
    }
    // A file that breaks off in an event.
    told.extend(open.map(Event::told));
    told.retain(|event| !event.is_empty());
    told.join("\n\n")
}

/// A line's name, what is said of its value, and the value.
fn property(line: &str) -> Option<(&str, &str, &str)> {
    let mut quoted = false;
    let colon = line.bytes().position(|b| {
        quoted ^= b == b'"';
        b == b':' && !quoted
    })?;
    let (head, value) = (line.get(..colon)?, line.get(colon + 1..)?);
    let (name, more) = head.split_once(';').unwrap_or((head, ""));
    Some((name.trim(), more, value.trim()))
}

fn unescaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut all = value.chars();
    while let Some(c) = all.next() {
        match c {
            '\\' => match all.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
            c => out.push(c),
        }
    }
    out.trim().to_owned()
}

/// `20240601T100000Z` as `2024-06-01 10:00 UTC`; what is no such time as it stands.
fn time(value: &str, more: &str) -> String {
    let bare = value.trim_end_matches('Z');
    let zone = more.split(';').find_map(|m| m.strip_prefix("TZID="));
    let zone = zone.map(|z| z.trim_matches('"')).or((bare != value).then_some("UTC"));
    let reading = chrono::NaiveDateTime::parse_from_str(bare, "%Y%m%dT%H%M%S");
    let day = chrono::NaiveDate::parse_from_str(bare, "%Y%m%d");
    match (reading, day, zone) {
        (Ok(at), _, Some(zone)) => format!("{} {zone}", at.format("%Y-%m-%d %H:%M")),
        (Ok(at), _, None) => at.format("%Y-%m-%d %H:%M").to_string(),
        (_, Ok(day), _) => day.format("%Y-%m-%d").to_string(),
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_told_in_words() {
        let file = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY;LANGUAGE=en:Tea\\, at\r\n  five\r\n\
                    DTSTART;TZID=\"Europe/Lisbon\":20240601T170000\r\nLOCATION:Café\r\nDESCRIPTION:Bring\\n\
                    cups\r\nBEGIN:VALARM\r\nDESCRIPTION:Ring\r\nEND:VALARM\r\nEND:VEVENT\r\n\
                    BEGIN:VEVENT\r\nSUMMARY:Day\r\nDTSTART;VALUE=DATE:20240602\r\n";
        let told =
            "Tea, at five\n2024-06-01 17:00 Europe/Lisbon\nCafé\nBring\ncups\n\nDay\n2024-06-02";
        assert_eq!(plain(file), told);
        assert_eq!(time("20240601T100000Z", ""), "2024-06-01 10:00 UTC");
        assert_eq!(time("soon", ""), "soon");
        assert_eq!(plain("no calendar"), "");
    }
}
