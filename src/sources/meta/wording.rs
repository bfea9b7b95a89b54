//! Words that Meta's apps write into threads themselves, and how to tell them from a person's.
//!
//! Only exact patterns count: a person's line taken for the app's would be worse than the reverse.
//! Exports speak the account's language; lines in a language not listed here stay ordinary text.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::events::{self, AROUND, MORE};
use super::nicknames::{Nicknames, is_short};
use super::sent;

/// What a line of the app says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// An event.
    Event,
    /// A call.
    Call {
        /// With picture, where the words tell.
        video: Option<bool>,
        /// Nobody answered.
        missed: bool,
    },
}

/// (what follows the actor's name or "You", what the line ends with)
const EVENTS: &[(&str, &str)] = &[
    (" named the group ", ""),
    (" added ", " to the group."),
    (" left the group.", ""),
    (" removed ", " from the group."),
    (" set the nickname for ", ""),
    (" set your nickname to ", ""),
    (" set his own nickname to ", ""),
    (" set her own nickname to ", ""),
    (" set their own nickname to ", ""),
    (" cleared the nickname for ", ""),
    (" changed the group photo.", ""),
    (" created the group.", ""),
    (" pinned a message", ""),
    (" unpinned a message", ""),
    (" changed the theme to ", ""),
    (" changed the chat theme", ""),
    (" set the quick reaction to ", ""),
    (" set the emoji to ", ""),
    (" removed the group name.", ""),
    (" created a poll", ""),
    (" created a poll: ", ""),
    (" voted for \"", ""),
    (" voted for \u{201c}", ""),
    (" sent a location.", ""),
];

const CALLS: &[(&str, Option<bool>, bool)] = &[
    (" called you.", None, false),
    (" missed your call.", None, true),
    (" missed your video call.", Some(true), true),
    (" missed your video chat.", Some(true), true),
    (" joined the video call.", Some(true), false),
    (" joined the video chat.", Some(true), false),
    (" joined the audio call.", Some(false), false),
    (" joined the call.", None, false),
    (" started a video chat", Some(true), false),
    (" started a video call", Some(true), false),
    (" started an audio call", Some(false), false),
    (" started a call", None, false),
];

/// Lines of calls that are whole.
const CALLS_WHOLE: &[(&str, Option<bool>, bool)] = &[
    ("The video call ended.", Some(true), false),
    ("The video chat ended.", Some(true), false),
    ("Video call ended", Some(true), false),
    ("Video call ended.", Some(true), false),
    ("Video chat ended", Some(true), false),
    ("Video chat ended.", Some(true), false),
    ("Discussion vidéo terminée.", Some(true), false),
    ("Discussion vidéo terminée", Some(true), false),
    ("The call ended.", Some(false), false),
    ("The audio call ended.", Some(false), false),
    ("Audio call ended", Some(false), false),
    ("Audio call ended.", Some(false), false),
    ("You called a contact.", None, false),
    ("Missed video call", Some(true), true),
    ("Missed video chat", Some(true), true),
    ("Missed audio call", Some(false), true),
    ("Missed voice call", Some(false), true),
    ("Nagsimula ka ng audio call", Some(false), false),
    ("Tapos na ang audio call", Some(false), false),
];

/// What stands before the length of a call, in the languages known.
const LENGTH: &[&str] = &[
    "Duration",
    "Dauer",
    "Duração",
    "Duración",
    "Durada",
    "Durée",
    "Durata",
    "Durată",
    "Duur",
    "Varaktighet",
    "Varighet",
    "Varighed",
    "Kesto",
    "Czas trwania",
    "Délka",
    "Doba trvání",
    "Trvanie",
    "Dĺžka",
    "Időtartam",
    "Trajanje",
    "Διάρκεια",
    "Длительность",
    "Продолжительность",
    "Тривалість",
    "Продължителност",
    "Süre",
    "Durasi",
    "Thời lượng",
    "المدة",
    "משך",
    "時間",
    "通話時間",
    "时长",
    "時長",
    "통화 시간",
];

/// What the app says with a line that stands under a sender's name; `None`: a person wrote it.
/// `sure`: the message has what only a line of the app has beside it.
pub fn line(sender: &str, text: &str, called: &Nicknames, sure: bool) -> Option<Line> {
    let text = text.trim_end();
    if text.len() > 1000 {
        return None;
    }
    if let Some(line) = without_actor(text) {
        return Some(line);
    }
    let named = text.strip_prefix(sender).filter(|_| !sender.is_empty());
    let by_me = || text.strip_prefix("You").filter(|said| !is_more(said) || is_the_apps(said));
    // Who is in no list of the person's.
    let contact = || text.strip_prefix("A contact").filter(|said| is_the_apps(said));
    if let Some(line) = named.or_else(by_me).or_else(contact).and_then(says) {
        return Some(line);
    }
    // A name in part is a word that people write, too.
    let in_part = called.behind(sender, text).filter(|said| is_the_apps(said));
    in_part.and_then(says).or_else(|| if sure { by_anybody(text) } else { None })
}

fn all_events() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    EVENTS.iter().chain(MORE)
}

/// What people write to each other, too.
fn is_more(said: &str) -> bool {
    MORE.iter().any(|(verb, end)| is_event(said, verb, end))
}

fn is_around(text: &str) -> bool {
    let between = |(before, after): &(&str, &str)| {
        let named = text.strip_prefix(before)?.strip_suffix(after)?;
        let quoted = named.starts_with(['"', '\u{201c}']) && !named.contains('\n');
        (quoted || is_names(named)).then_some(())
    };
    AROUND.iter().any(|around| between(around).is_some())
}

/// What stands behind the name.
fn says(said: &str) -> Option<Line> {
    let is = |words: &str| said == words || said.trim_end_matches('.') == words;
    let call = CALLS.iter().find(|(words, ..)| is(words));
    if let Some((_, video, missed)) = call {
        return Some(Line::Call { video: *video, missed: *missed });
    }
    if let Some(line) = missed_from(said) {
        return Some(line);
    }
    let event = all_events().any(|(verb, end)| is_event(said, verb, end));
    (event || sent::ATTACHMENT.iter().any(|verb| is_whole(said, verb))).then_some(Line::Event)
}

/// ` missed a call from Bo.`
fn missed_from(said: &str) -> Option<Line> {
    let rest = said.strip_prefix(" missed a ")?;
    let (what, who) = rest.split_once(" from ")?;
    let video = match what {
        "call" => None,
        "video call" | "video chat" => Some(true),
        "voice call" | "audio call" => Some(false),
        _ => return None,
    };
    let who = who.strip_suffix('.').unwrap_or(who);
    is_names(who).then_some(Line::Call { video, missed: true })
}

/// Behind a name in part: a line that is whole, or as the app ends it, about people by their names.
fn is_the_apps(said: &str) -> bool {
    if said.contains('\n') {
        return false;
    }
    let Some((verb, end)) = all_events().find(|(verb, end)| is_event(said, verb, end)) else {
        return said.ends_with('.') || !sent::ATTACHMENT.iter().any(|verb| is_whole(said, verb));
    };
    let object = said.strip_prefix(verb).and_then(|rest| rest.strip_suffix(end)).unwrap_or("");
    match (verb.ends_with(' '), end.is_empty()) {
        (_, false) => is_names(object),
        (true, true) if verb.ends_with(": ") => true,
        (true, true) => object.ends_with('.') && !object.contains(". "),
        (false, true) => said.ends_with('.') || !verb.ends_with('.'),
    }
}

/// Under any short name, where something else says that it is a line of the app: words that are all
/// of it.
fn by_anybody(text: &str) -> Option<Line> {
    let events = all_events().filter(|(verb, end)| end.is_empty() && verb.ends_with('.'));
    let all = CALLS
        .iter()
        .map(|c| c.0)
        .chain(events.map(|e| e.0))
        .chain(sent::ATTACHMENT.iter().copied());
    let text = text.strip_suffix('.').unwrap_or(text);
    all.filter_map(|verb| Some((text.strip_suffix(verb.trim_end_matches('.'))?, verb)))
        .find(|(name, _)| is_short(name))
        .and_then(|(_, verb)| says(verb))
}

fn is_whole(said: &str, words: &str) -> bool {
    said.trim_end_matches('.') == words.trim_end_matches('.')
}

/// `Ana Lima`, `Ana Lima and 3 others`, `ana_lima`, but not `sugar`.
fn is_names(words: &str) -> bool {
    const BETWEEN: &[&str] =
        &["and", "you", "other", "others", "de", "da", "del", "di", "van", "von", "bin"];
    let is_one = |word: &str| {
        let plain = word.trim_matches(|c: char| matches!(c, ',' | '.' | '@'));
        let signs = plain.contains(|c: char| c == '_' || c == '.' || c.is_numeric());
        signs || BETWEEN.contains(&plain) || !plain.starts_with(char::is_lowercase)
    };
    words == "a contact" || !words.is_empty() && words.len() < 200 && words.split(' ').all(is_one)
}

/// `Duration: 65 seconds`
pub fn is_length(words: &str) -> bool {
    let parted = words.split_once([':', '：']);
    parted.is_some_and(|(label, length)| {
        LENGTH.contains(&label.trim()) && length.trim_start().starts_with(char::is_numeric)
    })
}

/// A verb that asks for an object begins the line; one that ends in a dot is all of it.
fn is_event(said: &str, verb: &str, end: &str) -> bool {
    if !end.is_empty() {
        return said.starts_with(verb) && said.ends_with(end) && said.len() > verb.len();
    }
    if verb.ends_with(' ') {
        return said.starts_with(verb) && said.len() > verb.len();
    }
    if verb.ends_with(['"', '\u{201c}']) {
        return said.starts_with(verb) && said.contains(" in the poll: ");
    }
    is_whole(said, verb)
}

/// What lines that name nobody at their beginning begin with. Every message is asked about its
/// words, and nearly none begins so.
static OPENINGS: LazyLock<BTreeSet<[u8; 3]>> = LazyLock::new(|| {
    let around = AROUND.iter().map(|(before, _)| *before);
    let calls = CALLS_WHOLE.iter().map(|(words, ..)| *words);
    let all = events::WHOLE.iter().chain(sent::BY_ME).copied().chain(around).chain(calls);
    all.chain(["You "]).filter_map(|words| words.as_bytes().first_chunk().copied()).collect()
});

/// A line that names nobody at its beginning.
fn without_actor(text: &str) -> Option<Line> {
    if !OPENINGS.contains(text.as_bytes().first_chunk::<3>()?) {
        return None;
    }
    if events::WHOLE.contains(&text) || is_around(text) || sent::is_by_me(text) {
        return Some(Line::Event);
    }
    let whole = CALLS_WHOLE.iter().find(|(words, ..)| *words == text);
    if let Some((_, video, missed)) = whole {
        return Some(Line::Call { video: *video, missed: *missed });
    }
    let call = |video, missed| Some(Line::Call { video, missed });
    let rest = text.strip_prefix("You ")?;
    if rest.starts_with("missed a video call from ")
        || rest.starts_with("missed a video chat with ")
    {
        call(Some(true), true)
    } else if rest.starts_with("missed a call from ") {
        call(None, true)
    } else if rest.strip_prefix("called ").is_some_and(is_name_and_dot) {
        call(None, false)
    } else {
        None
    }
}

/// `Ana Lima.`, but not `me yesterday.`
fn is_name_and_dot(rest: &str) -> bool {
    rest.strip_suffix('.').is_some_and(|name| {
        name.len() < 80 && name.split(' ').all(|w| !w.starts_with(char::is_lowercase))
    })
}

/// In whatever language whoever reacted has the app.
const LIKED: &[&str] = &[
    "Liked a message",
    "Curtiu uma mensagem",
    "Ha messo \"Mi piace\" a un messaggio",
    "Nag-like ng message",
];

/// What stands before the emoji, and behind it.
const REACTED: &[(&str, &str)] = &[
    ("Reacted ", " to your message"),
    ("Reagiu com ", " à sua mensagem"),
    ("Ha aggiunto la reazione ", " al tuo messaggio"),
];

/// "Liked a message" and its kin: a copy of what `reactions` tells. In groups a name stands before
/// it.
pub fn echoes_reaction(sender: &str, text: &str, called: &Nicknames) -> bool {
    let text = text.trim_end();
    if text.len() > 160 {
        return false;
    }
    let reacted = |(before, after): &(&str, &str)| {
        text.strip_prefix(before)
            .and_then(|t| t.strip_suffix(after))
            // An emoji, with no letter in it.
            .is_some_and(|emoji| emoji.len() <= 40 && !emoji.contains(char::is_alphabetic))
    };
    LIKED.contains(&text)
        || REACTED.iter().any(reacted)
        || text.strip_suffix(" liked a message").is_some_and(|by| called.is_called(sender, by))
}

/// What a page writes in place of a message that was taken back.
pub fn is_unsent(sender: &str, text: &str) -> bool {
    let text = text.trim().trim_end_matches('.');
    if text == "This message was unsent" {
        return true;
    }
    let by = text.strip_suffix(" unsent a message");
    by.is_some_and(|by| by == "You" || by == "User" || (!sender.is_empty() && by == sender))
}

/// The notice that an Instagram chat with Facebook accounts ends, as Meta worded it in 2023.
pub fn closes_cross_app(text: &str) -> bool {
    let text = text.trim();
    let begins = ["After mid-", "Beginning in mid-", "Starting in mid-", "Starting mid-"]
        .iter()
        .any(|b| text.starts_with(b));
    // Asked of every message: the costly question comes last.
    begins
        && text.len() < 400
        && [
            "you will no longer be able to chat with Facebook friends on Instagram",
            "you will no longer be able to chat with Facebook accounts on Instagram",
        ]
        .iter()
        .any(|s| text.contains(s))
}

/// Names that stand for deleted accounts, in the languages known.
const NOBODY: &[&str] = &[
    "facebook user",
    "instagram user",
    "facebook-nutzer",
    "instagram-nutzer",
    "facebooknutzer",
    "utilisateur de facebook",
    "utilisateur facebook",
    "utilisateur instagram",
    "utilisateur d\u{2019}instagram",
    "usuario de facebook",
    "usuario de instagram",
    "usu\u{e1}rio do facebook",
    "usu\u{e1}rio do instagram",
    "utilizador do facebook",
    "utente di facebook",
    "utente facebook",
    "utente di instagram",
    "facebook-gebruiker",
    "instagram-gebruiker",
    "u\u{17c}ytkownik facebooka",
    "u\u{17c}ytkownik instagrama",
    "facebook-anv\u{e4}ndare",
    "instagram-anv\u{e4}ndare",
    "facebook kullan\u{131}c\u{131}s\u{131}",
    "instagram kullan\u{131}c\u{131}s\u{131}",
    "người dùng facebook",
    "người dùng instagram",
    "pengguna facebook",
    "pengguna instagram",
    "пользователь facebook",
    "пользователь instagram",
    "facebookユーザー",
    "instagramユーザー",
    "facebook 사용자",
    "instagram 사용자",
    "ผู้ใช้ facebook",
    "ผู้ใช้ instagram",
];

/// A name that stands for a deleted account. Two of them are never one person.
pub fn is_placeholder(name: &str) -> bool {
    let name = name.trim();
    name.is_empty() || (name.len() < 64 && NOBODY.contains(&name.to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_app() {
        let video = |missed| Some(Line::Call { video: Some(true), missed });
        let call = |missed| Some(Line::Call { video: None, missed });
        for (text, said) in [
            ("Ana Lima named the group Rope team.", Some(Line::Event)),
            ("Ana Lima added Jo to the group.", Some(Line::Event)),
            ("You added Jo to the group.", Some(Line::Event)),
            ("Ana Lima left the group.", Some(Line::Event)),
            ("Ana Lima removed Jo from the group.", Some(Line::Event)),
            ("Ana Lima pinned a message", Some(Line::Event)),
            ("Ana Lima pinned a message.", Some(Line::Event)),
            ("Ana Lima hat einen Anhang gesendet.", Some(Line::Event)),
            ("You are now connected on Messenger", Some(Line::Event)),
            ("Ana Lima called you.", call(false)),
            ("You called Ana Lima.", call(false)),
            ("You missed a call from Ana Lima", call(true)),
            ("The video call ended.", video(false)),
            ("Video chat ended", video(false)),
            // Said by people.
            ("Jo left the group.", None),
            ("I named the group Rope team", None),
            ("Ana Lima left the group. Why?", None),
            ("You called me yesterday.", None),
            ("Ana Lima added sugar", None),
            ("The video call ended. Sorry!", None),
            ("", None),
        ] {
            let called = Nicknames::default();
            assert_eq!(line("Ana Lima", text, &called, false), said, "{text}");
        }
        assert_eq!(line("", " left the group.", &Nicknames::default(), true), None);
    }

    #[test]
    fn lines_that_name_somebody_in_part_or_otherwise() {
        let call = |video, missed| Some(Line::Call { video, missed });
        let mut called = Nicknames::default();
        called.learn("Bo set the nickname for Ana Lima to Annie.");
        for (text, said) in [
            ("Ana sent an attachment.", Some(Line::Event)),
            ("Ana named the group Rope team.", Some(Line::Event)),
            ("Ana removed the group name.", Some(Line::Event)),
            ("Ana called you.", call(None, false)),
            ("Ana started a video chat.", call(Some(true), false)),
            ("Ana left the group.", Some(Line::Event)),
            ("Ana added Bo Ek and 2 others to the group.", Some(Line::Event)),
            ("Ana set the nickname for Bo Ek to Bobby.", Some(Line::Event)),
            ("Ana created a poll: Where to?", Some(Line::Event)),
            ("Ana voted for \"Here\" in the poll: Where to?", Some(Line::Event)),
            ("Ana Lima voted for \"Here\" in the poll: Where to?", Some(Line::Event)),
            ("Ana missed a call from Bo Ek.", call(None, true)),
            ("Ana Lima missed a video call from you.", call(Some(true), true)),
            ("Annie left the group.", Some(Line::Event)),
            ("Annie pinned a message.", Some(Line::Event)),
            ("Vous avez envoyé une pièce jointe.", Some(Line::Event)),
            ("Ana a envoyé une pièce jointe.", Some(Line::Event)),
            ("Nagsimula ka ng audio call", call(Some(false), false)),
            // Said by people.
            ("Ana called me yesterday", None),
            ("Ana called you. Twice!", None),
            ("Ana called you", None),
            ("Ana left the group", None),
            ("Ana sent an attachment", None),
            ("Ana added sugar to the group.", None),
            ("Ana named the group badly, I think", None),
            ("Ana named the group X. Why?", None),
            ("Ana left the group. Why?", None),
            ("Ana missed a call from the school.", None),
            ("Ana voted for \"Here\"", None),
            ("Anabel left the group.", None),
            ("Bobby left the group.", None),
            ("Ana", None),
        ] {
            assert_eq!(line("Ana Lima", text, &called, false), said, "{text}");
        }
        // Under any name only where the message's fields say so.
        for (text, said) in [
            ("Big Boss started a video chat.", call(Some(true), false)),
            ("Big Boss called you.", call(None, false)),
            ("@jo.ek sent an attachment.", Some(Line::Event)),
            ("Who? Jo sent an attachment.", None),
            ("Jo named the group X.", None),
            ("called you.", None),
        ] {
            assert_eq!(line("Ana Lima", text, &called, true), said, "{text}");
            assert_eq!(line("Ana Lima", text, &called, false), None, "{text}");
        }
    }

    #[test]
    fn lines_of_polls_plans_calls_and_looks() {
        let call = |video| Some(Line::Call { video, missed: false });
        for (text, said) in [
            ("A contact added participants.", Some(Line::Event)),
            ("A contact added Bo Ek and 3 others to the group.", Some(Line::Event)),
            ("A contact set your nickname to Sunny.", Some(Line::Event)),
            ("A contact called you.", call(None)),
            ("You called a contact.", call(None)),
            ("You waved at a contact!", Some(Line::Event)),
            ("Ana Lima changed vote to \"Rome\" in the poll: Where to?", Some(Line::Event)),
            ("Ana Lima voted for Rome in the poll.", Some(Line::Event)),
            ("Ana removed vote for \"Rome\" in the poll: Where to?", Some(Line::Event)),
            ("This poll is no longer available.", Some(Line::Event)),
            ("This poll \"Where to?\" has multiple updates.", Some(Line::Event)),
            ("You named the plan Dinner.", Some(Line::Event)),
            ("Ana Lima responded Going to Dinner.", Some(Line::Event)),
            ("Ana responded Going to Dinner.", Some(Line::Event)),
            ("Ana Lima updated the plan time to Fri, Mar 8 at 7:00 PM.", Some(Line::Event)),
            ("Ana Lima joined the video chat.", call(Some(true))),
            ("The video chat ended.", call(Some(true))),
            ("Discussion vidéo terminée.", call(Some(true))),
            ("Ana Lima started sharing video.", Some(Line::Event)),
            ("Ana left the call.", Some(Line::Event)),
            ("Ana Lima changed the chat theme to Love.", Some(Line::Event)),
            ("You turned on vanish mode.", Some(Line::Event)),
            ("You turned off vanish mode", Some(Line::Event)),
            (
                "Ana Lima turned on disappearing messages. New messages will disappear 24 hours \
                 after they're sent.",
                Some(Line::Event),
            ),
            ("Ana Lima took a screenshot.", Some(Line::Event)),
            ("Ana Lima waved at you.", Some(Line::Event)),
            ("Say hi to your new Facebook friend, Ana.", Some(Line::Event)),
            ("You're now friends with Ana. Say hi!", Some(Line::Event)),
            ("Ana Lima joined the group via link.", Some(Line::Event)),
            ("Ana is now an admin.", Some(Line::Event)),
            ("Ana Lima made you an admin.", Some(Line::Event)),
            ("You removed Bo Ek as a group admin.", Some(Line::Event)),
            ("Ana Lima cleared your nickname.", Some(Line::Event)),
            ("You added 5 Pride word effects.", Some(Line::Event)),
            ("Ana Lima changed 🎉 word effect", Some(Line::Event)),
            ("This chat is read-only.", Some(Line::Event)),
            ("An admin, moderator or host removed Bo Ek's message.", Some(Line::Event)),
            ("Bienvenue à vous deux sur Messenger", Some(Line::Event)),
            // Said by people.
            ("A contact called me yesterday.", None),
            ("A contact added sugar to the group.", None),
            ("You waved at me.", None),
            ("You took a screenshot", None),
            ("You named the plan badly", None),
            ("You joined the group. Why?", None),
            ("You made me an admin.", None),
            ("You're now friends with my brother.", None),
            ("This poll of yours has multiple updates.", None),
            ("Ana took a screenshot", None),
            ("The video chat ended. Sorry!", None),
            ("This chat is read-only. Why?", None),
        ] {
            assert_eq!(line("Ana Lima", text, &Nicknames::default(), false), said, "{text}");
        }
        assert!(events::says_missed("Verpasster Anruf") && events::says_missed("未接來電"));
        assert!(!events::says_missed("Persaud called you."));
    }

    #[test]
    fn reactions_told_twice() {
        let called = Nicknames::default();
        for (text, echo) in [
            ("Liked a message", true),
            ("Reacted \u{2764} to your message ", true),
            ("Reagiu com \u{2764} à sua mensagem ", true),
            ("Ha aggiunto la reazione \u{1f525} al tuo messaggio ", true),
            ("Ha messo \"Mi piace\" a un messaggio", true),
            ("Curtiu uma mensagem", true),
            ("Nag-like ng message", true),
            ("ana_lima22 liked a message", true),
            ("Ana liked a message", true),
            ("Ana Lima liked a message", true),
            ("Liked a message of yours", false),
            ("Reacted badly to your message", false),
            ("Reagiu com raiva à sua mensagem", false),
            ("mom liked a message", false),
            ("she said ana_lima22 liked a message", false),
            (" liked a message", false),
            ("ana_lima22 liked a message!", false),
        ] {
            assert_eq!(echoes_reaction("Ana Lima", text, &called), echo, "{text}");
        }
    }

    #[test]
    fn the_notice_of_2023() {
        assert!(closes_cross_app(
            "After mid-October, you will no longer be able to chat with Facebook friends on \
             Instagram, so this chat will become read-only. Start a new chat on Messenger or \
             Facebook to continue the conversation."
        ));
        assert!(closes_cross_app(
            "Beginning in mid-December 2023, you will no longer be able to chat with Facebook \
             accounts on Instagram."
        ));
        assert!(!closes_cross_app(
            "did you see? \"you will no longer be able to chat with Facebook friends on \
             Instagram\""
        ));
    }

    #[test]
    fn stand_ins() {
        for name in [
            "Facebook User",
            "Facebook user",
            "Instagram User",
            "Usuário do Facebook",
            "Người dùng Facebook",
            "Пользователь Facebook",
            "ผู้ใช้ Instagram",
            "",
        ] {
            assert!(is_placeholder(name), "{name}");
        }
        assert!(!is_placeholder("Facebook User Group"));
    }
}
