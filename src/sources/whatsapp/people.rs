//! Names: who sent a line, what a chat is called, and how names are compared.

use calcard::vcard::{VCard, VCardProperty};

use super::marks::{bare, fold_name, is_mark, letters_only};
use super::phrases::YOU;

/// No name in the app is longer, with room for odd ones.
const LONGEST_NAME: usize = 160;

/// A chat's name, and whether its form shows that the app wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChatName {
    /// The name; empty if there is none.
    pub name: String,
    /// It stood in a name of the form that exports have.
    pub certain: bool,
}

/// Splits at the first `: `.
pub fn split(text: &str) -> Option<(&str, &str)> {
    let line = &text[..memchr::memchr(b'\n', text.as_bytes()).unwrap_or(text.len())];
    let at = find_colon(line)?;
    (at > 0 && at <= LONGEST_NAME && !bare(&text[..at]).is_empty()).then(|| {
        let body = &text[at + 1..];
        (&text[..at], body.strip_prefix([' ', '\u{a0}']).unwrap_or(body))
    })
}

/// The first colon with a space after it, or the one that ends the line.
fn find_colon(line: &str) -> Option<usize> {
    memchr::memchr_iter(b':', line.as_bytes()).find(|i| {
        let after = &line[i + 1..];
        after.trim_start_matches(is_mark).is_empty() || after.starts_with([' ', '\u{a0}'])
    })
}

/// Splits after a sender that is known already, whatever follows the colon.
pub fn split_after<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.strip_prefix(name)?.strip_prefix(':').map(|b| b.strip_prefix(' ').unwrap_or(b))
}

/// A name as people see it: as written, without the marks around it.
pub fn shown(name: &str) -> String {
    bare(name).to_owned()
}

/// A name as participants are told apart.
pub fn key(name: &str) -> String {
    fold_name(name)
}

/// The key of a chat: the same for its exports from every phone.
pub fn chat_key(name: &str) -> String {
    fold_name(name).to_lowercase()
}

/// Whether two names are the same but for what file names lose.
pub fn alike(a: &str, b: &str) -> bool {
    let (x, y) = (letters_only(a), letters_only(b));
    if x.is_empty() || y.is_empty() { fold_name(a) == fold_name(b) } else { x == y }
}

/// Whether a chat is called as the app calls the one with oneself: `NAME (You)`.
pub fn is_oneself(chat: &str) -> bool {
    let word = chat.strip_suffix(')').and_then(|s| s.rsplit_once(" ("));
    word.is_some_and(|(name, word)| !bare(name).is_empty() && YOU.contains(&bare(word)))
}

/// Digits of a name that is a phone number.
pub fn phone(name: &str) -> Option<String> {
    let name = fold_name(name);
    let digits: String = name.chars().filter(char::is_ascii_digit).collect();
    let number = name.starts_with('+')
        && name.chars().all(|c| c.is_ascii_digit() || "+ -().".contains(c))
        && (7..=15).contains(&digits.len());
    number.then(|| format!("+{digits}"))
}

/// A chat's name from the name of its file or zip, without ending.
pub fn chat_name(stem: &str) -> ChatName {
    let stem = without_copy_number(bare(stem));
    let mut folded = fold_name(stem);
    if !folded.contains(' ') {
        folded = folded.replace('_', " ");
    }
    let low = folded.to_lowercase();
    let Some(at) = low.find("whatsapp") else {
        let generic = matches!(low.trim_matches([' ', '_']), "chat" | "");
        let name = if generic { String::new() } else { fold_name(stem) };
        return ChatName { name, certain: false };
    };
    // Lower case can be longer than what it came from; then the places do not match.
    if low.len() != folded.len() {
        return ChatName { name: folded, certain: false };
    }
    match after_app(&folded, &low, at).or_else(|| before_app(&folded, &low)) {
        Some(name) if !bare(name).is_empty() => {
            ChatName { name: bare(name).to_owned(), certain: true }
        }
        _ => ChatName { name: fold_name(stem), certain: false },
    }
}

/// `WhatsApp Chat with NAME`, `WhatsApp Chat - NAME`, `Conversa do WhatsApp com NAME`, …
fn after_app<'a>(folded: &'a str, low: &str, at: usize) -> Option<&'a str> {
    const LINKS: &[&str] = &[
        " s uživatelem ",
        " s používateľom ",
        " с контактом ",
        " з контактом ",
        " чат с ",
        " with ",
        " mit ",
        " con ",
        " com ",
        " avec ",
        " met ",
        " med ",
        " cu ",
        " amb ",
        " dengan ",
        " z ",
        " sa ",
        " - ",
        " – ",
        " với ",
        " kanssa ",
        " με ",
        " مع ",
        " עם ",
        " के साथ ",
        "との",
    ];
    let tail = low.get(at..)?;
    let (start, link) = LINKS
        .iter()
        .filter_map(|link| tail.find(link).map(|i| (i, link)))
        .min_by_key(|(i, link)| (*i, usize::MAX - link.len()))?;
    // Between the app's name and the link stands at most the word for "chat".
    let between = tail.get("whatsapp".len()..start)?;
    if between.split_whitespace().count() > 2 {
        return None;
    }
    folded.get(at + start + link.len()..)
}

/// `NAME ile WhatsApp Sohbeti`.
fn before_app<'a>(folded: &'a str, low: &str) -> Option<&'a str> {
    [" ile whatsapp", "-whatsapp", " whatsapp chat", " whatsapp"]
        .iter()
        .find_map(|link| low.find(link).filter(|i| *i > 0).and_then(|i| folded.get(..i)))
        .filter(|name| {
            !matches!(name.to_lowercase().as_str(), "chat" | "чат" | "chat de" | "conversa do")
        })
}

/// `NAME (1)`, as browsers and phones number a second download.
fn without_copy_number(stem: &str) -> &str {
    let Some((name, number)) = stem.strip_suffix(')').and_then(|s| s.rsplit_once(" (")) else {
        return stem;
    };
    let is_number =
        !number.is_empty() && number.len() <= 2 && number.bytes().all(|b| b.is_ascii_digit());
    if is_number { name } else { stem }
}

/// The name on a contact's card (vCard), in whatever way it is written there.
pub fn on_card(card: &str) -> Option<String> {
    const LONGEST: usize = 1 << 20;
    // The first version may leave out what a parameter is of.
    let card = card.replace(";QUOTED-PRINTABLE", ";ENCODING=QUOTED-PRINTABLE");
    let whole = Some(&card).filter(|c| c.len() <= LONGEST).and_then(|c| VCard::parse(c).ok());
    let read = whole.and_then(|card| {
        let name = card.property(&VCardProperty::Fn)?.values.first()?.as_text()?.trim().to_owned();
        Some(name).filter(|name| !name.is_empty())
    });
    read.or_else(|| {
        // One without an end.
        let named = |l: &'_ str| l.starts_with("FN:") || l.starts_with("FN;");
        let name = card.lines().find(|l| named(l))?.split_once(':')?.1.trim();
        (!name.is_empty()).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_is_called_after_its_file_in_every_language() {
        for (stem, name) in [
            ("WhatsApp Chat with Maya Okafor", "Maya Okafor"),
            ("WhatsApp Chat with Maya Okafor (1)", "Maya Okafor"),
            ("WhatsApp Chat - Maya Okafor", "Maya Okafor"),
            ("WhatsApp Chat mit Maya Okafor", "Maya Okafor"),
            ("Conversa do WhatsApp com Maya Okafor", "Maya Okafor"),
            ("Chat de WhatsApp con Maya Okafor", "Maya Okafor"),
            ("Discussion WhatsApp avec Maya Okafor", "Maya Okafor"),
            ("Чат WhatsApp с контактом Maya Okafor", "Maya Okafor"),
            ("Chat WhatsApp s\u{a0}uživatelem Maya Okafor", "Maya Okafor"),
            ("Maya Okafor ile WhatsApp Sohbeti", "Maya Okafor"),
            ("WhatsApp Chat with Run with me - 2024", "Run with me - 2024"),
            ("WhatsApp Chat with +44\u{a0}7700\u{a0}900000", "+44 7700 900000"),
        ] {
            assert_eq!(chat_name(stem), ChatName { name: name.into(), certain: true }, "{stem}");
        }
        assert_eq!(chat_name("_chat"), ChatName::default());
        assert_eq!(chat_name("team"), ChatName { name: "team".into(), certain: false });
    }

    #[test]
    fn a_card_bears_a_name_in_any_version() {
        let of = |lines: &str| on_card(&format!("BEGIN:VCARD\n{lines}\nTEL:+1\nEND:VCARD"));
        let quoted = "VERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=4F=74=74;=4A;;;\n\
                      FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=4A=C3=BCrgen=20=\nOtt";
        assert_eq!(of(quoted).as_deref(), Some("Jürgen Ott"));
        let bare = "VERSION:2.1\nFN;QUOTED-PRINTABLE;CHARSET=UTF-8:=4A=C3=BCrgen";
        assert_eq!(of(bare).as_deref(), Some("Jürgen"));
        assert_eq!(of("VERSION:3.0\nitem1.FN:Uma: a friend").as_deref(), Some("Uma: a friend"));
        assert_eq!(of("VERSION:3.0\nFN:Roth\\, Le\n na").as_deref(), Some("Roth, Lena"));
        assert_eq!(of("VERSION:3.0\nFN:Lena = Roth").as_deref(), Some("Lena = Roth"));
        assert_eq!(of("VERSION:3.0\nN:Roth;Lena;;;"), None);
        assert_eq!(on_card("BEGIN:VCARD\nFN:Uma").as_deref(), Some("Uma"));
        assert_eq!(on_card("FN:Uma").as_deref(), Some("Uma"));
        assert_eq!(on_card("1.5;2.5"), None);
    }

    #[test]
    fn senders_end_at_a_colon_with_a_space() {
        assert_eq!(split("Ann: hi: there"), Some(("Ann", "hi: there")));
        assert_eq!(split("Ann:"), Some(("Ann", "")));
        assert_eq!(split("Ann: "), Some(("Ann", "")));
        assert_eq!(split("see https://x.org"), None);
        assert_eq!(split("no name\nhere: x"), None);
        assert_eq!(
            phone("\u{202a}+44\u{a0}7700\u{a0}900000\u{202c}").as_deref(),
            Some("+447700900000")
        );
    }
}
