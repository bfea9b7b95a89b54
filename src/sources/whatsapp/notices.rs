//! What a line by the app itself tells: who came and went, what the group is called, who may write.

use super::marks::{after_marks, bare};
use super::phrases::events::{CERTAIN, CREATED, ENCRYPTED, GROUP, LIKELY, LIKELY_STARTS, SUBJECT};
use super::phrases::members::{
    ADMIN, ADMINS_ONLY, EVERYONE, IN, LEFT, NO_ADMIN, NO_GROUP, OUT, OUT_FIRST, SENDS,
};

/// What a notice means for the thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Something of a group; no more is known.
    Group,
    /// I am out.
    IAmOut,
    /// I am in.
    IAmIn,
    /// Somebody left: the name.
    Left(String),
    /// The group's title from now on.
    Title(String),
    /// Only administrators may write; whether I set it so.
    AdminsOnly(bool),
    /// Everybody may write again.
    Everyone,
    /// I am an administrator now, or no longer.
    Admin(bool),
    /// Something of any chat (encryption, timer, number, block).
    Chat,
}

fn certain() -> impl Iterator<Item = &'static &'static str> {
    ENCRYPTED.iter().chain(CERTAIN)
}

/// Whether the app says that messages are encrypted: it does so under the chat's own name.
pub fn is_of_encryption(text: &str) -> bool {
    let low = text[..text.floor_char_boundary(400)].to_lowercase();
    ENCRYPTED.iter().any(|p| low.contains(p))
}

/// Whether a sentence behind the app's mark is one that only the app writes.
pub fn is_certain(text: &str) -> bool {
    let head = &text[..text.floor_char_boundary(400)];
    head.len() > 12 && {
        let low = head.to_lowercase();
        certain().chain(LIKELY).any(|p| low.contains(p))
    }
}

/// Whether it is one that people do not write either, where no mark stands before it.
fn is_certain_unmarked(sender: &str, text: &str) -> bool {
    let head = &text[..text.floor_char_boundary(400)];
    let plain = bare(head).trim_end_matches('.');
    if head.len() <= 12 || plain.ends_with(['?', '？', '؟']) {
        return false;
    }
    let low = plain.to_lowercase();
    let is_contact = || {
        let after = plain.strip_prefix(bare(sender)).map(|rest| rest.trim().to_lowercase());
        after.is_some_and(|rest| matches!(&*rest, "is a contact" | "ist ein kontakt"))
    };
    certain().any(|p| low.contains(p))
        || LIKELY_STARTS.iter().any(|p| low.starts_with(p))
        || is_contact()
}

/// Whether what stands after a sender, with no mark before it, is a sentence of the app's. Old
/// exports and those that went through an editor have lost the marks.
pub fn is_unmarked(sender: &str, text: &str, index: i64) -> bool {
    const STARTS: &[&str] = &[
        "Messages and calls",
        "Messages to this",
        "Messages you send",
        "Your security code",
        "Nachrichten und Anrufe",
        "Deine Sicherheits",
        "Dein Sicherheits",
        "Los mensajes y",
        "Tu código de",
        "Les messages et",
        "Votre code de",
        "As mensagens e",
        "I messaggi e",
        "Il tuo codice",
    ];
    let may = index < 3 || STARTS.iter().any(|s| text.starts_with(s)) || text.starts_with(sender);
    may && is_certain_unmarked(sender, text)
}

/// Whether what stands before the first colon is a piece of a notice rather than a name.
pub fn is_piece(prefix: &str) -> bool {
    let count = |c: char| prefix.chars().filter(|x| *x == c).count();
    if count('“') > count('”')
        || count('„') > count('“')
        || count('"') % 2 == 1
        || count('«') > count('»')
    {
        return true;
    }
    let low = prefix.to_lowercase();
    [ENCRYPTED, CERTAIN, CREATED, SUBJECT, OUT, OUT_FIRST, IN]
        .iter()
        .any(|list| list.iter().any(|p| p.len() > 9 && low.contains(p)))
        || low.contains("added this group to the community")
}

/// What a notice means.
pub fn meaning(text: &str) -> Meaning {
    let text = bare(text);
    let text = &text[..text.floor_char_boundary(600)];
    let low = text.to_lowercase();
    let plain = low.trim_end_matches(['.', '!', '。']).replace('’', "'");
    let has = |list: &[&str]| list.iter().any(|p| holds(&plain, p));
    if has(SENDS) && has(EVERYONE) {
        return Meaning::Everyone;
    }
    if has(ADMINS_ONLY) {
        // Who may change the group's name, or add others, is another matter.
        let sends = has(SENDS);
        return if sends { Meaning::AdminsOnly(starts_with_me(&plain)) } else { Meaning::Group };
    }
    if has(NO_ADMIN) {
        return Meaning::Admin(false);
    }
    if has(ADMIN) {
        return Meaning::Admin(true);
    }
    // "Du hast die Gruppe verlassen" also has the words of "… erstellt".
    if is_out(&plain) {
        return Meaning::IAmOut;
    }
    if let Some(name) = who_left(text, &plain) {
        return Meaning::Left(name);
    }
    if has(SUBJECT) || (has(CREATED) && !has(GROUP)) {
        return last_quoted(text).map_or(Meaning::Group, Meaning::Title);
    }
    if has(ENCRYPTED) || has(CERTAIN) {
        return Meaning::Chat;
    }
    if has(IN) {
        return Meaning::IAmIn;
    }
    if has(GROUP) { Meaning::Group } else { Meaning::Chat }
}

/// Whether a piece is in a notice; one that ends with me as a word ("added you", not "added Youssef").
fn holds(plain: &str, piece: &str) -> bool {
    const ME: [&str; 5] = [" you", " dig", " deg", " vous", " você"];
    let ends = ME.iter().any(|me| piece.ends_with(me));
    let goes_on = |at: usize| plain[at + piece.len()..].starts_with(char::is_alphanumeric);
    plain.match_indices(piece).any(|(at, _)| !ends || !goes_on(at))
}

fn is_out(plain: &str) -> bool {
    let first = OUT_FIRST.iter().any(|p| plain.starts_with(p));
    // "You were removed" begins a sentence, too; "Ann removed you" stands anywhere.
    let out = first
        || OUT.iter().any(|p| match plain.find(p) {
            Some(at) => (at == 0 || !p.starts_with("you ")) && holds(plain, p),
            None => false,
        });
    (out || is_among_removed(plain)) && !NO_GROUP.iter().any(|p| plain.contains(p))
}

/// The web lists who was removed: `Ann removed Bob, You, and Cid`.
fn is_among_removed(plain: &str) -> bool {
    plain.split_once(" removed ").is_some_and(|(_, all)| {
        let names = all.split(", ").flat_map(|some| some.split(" and "));
        names.map(|name| name.trim_start_matches("and ")).any(|name| name == "you")
    })
}

fn starts_with_me(plain: &str) -> bool {
    ["you ", "du ", "vous ", "você ", "hai ", "cambiaste", "has "]
        .iter()
        .any(|me| plain.starts_with(me))
}

fn who_left(text: &str, plain: &str) -> Option<String> {
    // Arabic says so first.
    if let Some(name) = after_marks(text).strip_prefix("غادر ") {
        return Some(bare(name.strip_suffix(" المجموعة").unwrap_or(name)).to_owned());
    }
    let end = LEFT.iter().filter(|e| plain.ends_with(**e)).map(|e| e.chars().count()).max()?;
    let name_chars = plain.chars().count().checked_sub(end)?;
    let name: String = after_marks(text).chars().take(name_chars).collect();
    (!name.is_empty()).then_some(name)
}

/// The last thing in quotation marks.
fn last_quoted(text: &str) -> Option<String> {
    // The web's are an apostrophe, too.
    let quoted = text.strip_suffix('\'');
    let title = quoted.and_then(|t| t.split_once(" to '").or_else(|| t.split_once(" '")));
    if let Some((_, title)) = title {
        return Some(bare(title).to_owned()).filter(|t| !t.is_empty());
    }
    const PAIRS: [(char, char); 6] =
        [('“', '”'), ('„', '“'), ('"', '"'), ('«', '»'), ('「', '」'), ('‘', '’')];
    PAIRS.iter().find_map(|(open, close)| {
        let end = text.rfind(*close)?;
        let start = text[..end].rfind(*open)?;
        let inner = bare(&text[start + open.len_utf8()..end]);
        (!inner.is_empty()).then(|| inner.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_mean_what_they_say() {
        let table = [
            ("You left", Meaning::IAmOut),
            ("You were removed", Meaning::IAmOut),
            ("Person B hat dich entfernt.", Meaning::IAmOut),
            ("Du hast die Gruppe verlassen.", Meaning::IAmOut),
            ("Vous avez quitté le groupe", Meaning::IAmOut),
            ("Você saiu", Meaning::IAmOut),
            ("Saliste del grupo", Meaning::IAmOut),
            ("Hai abbandonato il gruppo", Meaning::IAmOut),
            ("Ann added you", Meaning::IAmIn),
            ("Ann hat dich hinzugefügt.", Meaning::IAmIn),
            ("Ann Lee left", Meaning::Left("Ann Lee".into())),
            ("Ann hat die Gruppe verlassen.", Meaning::Left("Ann".into())),
            ("Ann created group “Trip: Rome”", Meaning::Title("Trip: Rome".into())),
            ("Ann hat die Gruppe „Rom“ erstellt.", Meaning::Title("Rom".into())),
            ("Ann changed the subject from “a: b” to “c”", Meaning::Title("c".into())),
            ("Ann added Bob", Meaning::Group),
            (
                "Ann changed this group's settings to allow only admins to send messages to this group",
                Meaning::AdminsOnly(false),
            ),
            (
                "You changed this group's settings to allow only admins to send messages to this group",
                Meaning::AdminsOnly(true),
            ),
            ("You're now an admin", Meaning::Admin(true)),
            ("Messages and calls are end-to-end encrypted.", Meaning::Chat),
        ];
        for (text, meaning_) in table {
            assert_eq!(meaning(text), meaning_, "{text}");
        }
        assert!(is_piece("Ann changed the subject from “a"));
        assert!(!is_piece("Ann-Marie “Annie” Lee"));
    }
}
