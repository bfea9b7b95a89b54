//! More lines of Meta's apps: polls, plans, calls, the look of a thread and its people. A person might
//! write some of these too, so that behind "You" only what is whole, or about names, counts.

/// (what follows the actor's name, what the line ends with); an event as in `wording`.
pub const MORE: &[(&str, &str)] = &[
    // Polls.
    (" changed vote to \"", ""),
    (" changed vote to \u{201c}", ""),
    (" changed their vote to \"", ""),
    (" changed their vote to \u{201c}", ""),
    (" changed his vote to \"", ""),
    (" changed her vote to \"", ""),
    (" removed vote for \"", ""),
    (" removed vote for \u{201c}", ""),
    (" removed their vote for \"", ""),
    (" removed their vote for \u{201c}", ""),
    (" voted for ", " in the poll."),
    (" changed their vote to ", " in the poll."),
    (" removed their vote for ", " in the poll."),
    // Plans.
    (" created a plan.", ""),
    (" started a plan.", ""),
    (" created the plan ", ""),
    (" named the plan ", ""),
    (" updated the plan ", ""),
    (" deleted the plan.", ""),
    (" responded Going to ", ""),
    (" responded Can't Go to ", ""),
    (" responded Can\u{2019}t Go to ", ""),
    // Calls.
    (" left the call.", ""),
    (" left the video call.", ""),
    (" left the video chat.", ""),
    (" started sharing video.", ""),
    (" stopped sharing video.", ""),
    // How it looks, and what is kept.
    (" changed the chat theme to ", ""),
    (" changed the chat colors.", ""),
    (" changed the chat colours.", ""),
    (" changed the chat color.", ""),
    (" turned on vanish mode", ""),
    (" turned off vanish mode", ""),
    (" turned on disappearing messages.", ""),
    (" turned off disappearing messages.", ""),
    (" turned on disappearing messages. New messages will disappear ", " after they're sent."),
    (
        " turned on disappearing messages. New messages will disappear ",
        " after they\u{2019}re sent.",
    ),
    (" took a screenshot.", ""),
    // People.
    (" waved at ", "."),
    (" waved at ", "!"),
    (" joined Messenger.", ""),
    (" joined the group.", ""),
    (" joined the group via link.", ""),
    (" added participants.", ""),
    (" is now an admin.", ""),
    (" are now an admin.", ""),
    (" made ", " an admin."),
    (" added ", " as an admin."),
    (" added ", " as a group admin."),
    (" removed ", " as an admin."),
    (" removed ", " as a group admin."),
    (" turned on member approval.", ""),
    (" turned off member approval.", ""),
    (" removed the group photo.", ""),
    (" edited the group name.", ""),
    (" changed the group name to ", ""),
    (" cleared your nickname.", ""),
    (" cleared his own nickname.", ""),
    (" cleared her own nickname.", ""),
    (" cleared their own nickname.", ""),
    (" created a word effect.", ""),
    (" added ", " word effects."),
    (" added ", " word effect."),
    (" removed ", " word effects."),
    (" removed ", " word effect."),
    (" changed ", " word effect."),
    (" changed ", " word effect"),
    (" sent a live location.", ""),
    (" started sharing a live location.", ""),
];

/// Lines that begin and end so, whoever they are about.
pub const AROUND: &[(&str, &str)] = &[
    ("This poll ", " has multiple updates."),
    ("The poll ", " has multiple updates."),
    ("Say hi to your new Facebook friend, ", "."),
    ("Say hi to your new Facebook friend, ", "!"),
    ("You're now friends with ", ". Say hi!"),
    ("You\u{2019}re now friends with ", ". Say hi!"),
    ("You're now friends with ", "."),
    ("You\u{2019}re now friends with ", "."),
    ("An admin, moderator or host removed ", "'s message."),
    ("An admin, moderator or host removed ", "\u{2019}s message."),
];

/// Lines that are whole.
pub const WHOLE: &[&str] = &[
    "A contact left the group.",
    "You are now connected on Messenger",
    "You are now connected on Messenger.",
    "You can now message and call each other and see info like Active Status and when you've read \
     messages.",
    "You can now message and call each other and see info like Active Status and when you\u{2019}ve \
     read messages.",
    "You can now call each other and see information such as Active Status and when you've read \
     messages.",
    "You can now call each other and see information such as Active Status and when you\u{2019}ve \
     read messages.",
    "New messages and calls are secured with end-to-end encryption. Only people in this chat can \
     read, listen to, or share them.",
    "Messages and calls are secured with end-to-end encryption. Only people in this chat can read, \
     listen to, or share them.",
    "Instagram upgraded the security of this chat. Messages and calls will be secured with \
     end-to-end encryption.",
    "Your other chat has been archived.",
    "Previous messages may be in your other chat.",
    "This poll is no longer available.",
    "This poll has multiple updates.",
    "The poll has multiple updates.",
    "This chat is read-only.",
    "Bienvenue à vous deux sur Messenger",
    "Bienvenue à vous deux sur Messenger.",
];

/// That nobody answered a call, in the languages known: words in small letters.
const MISSED: &[&str] = &[
    "missed",
    "verpasst",
    "verpasster",
    "manqué",
    "manquée",
    "perdida",
    "perdiste",
    "perdió",
    "perdeu",
    "persa",
    "perso",
    "gemist",
    "gemiste",
    "missat",
    "missade",
    "ubesvart",
    "nieodebrane",
    "zmeškaný",
    "cevapsız",
    "terjawab",
    "пропущенный",
    "nhỡ",
];
/// The same where no blanks part words.
const MISSED_IN: &[&str] = &["未接", "不在着信", "부재중"];

/// Whether a line of a call says that nobody answered.
pub fn says_missed(text: &str) -> bool {
    let small = text.to_lowercase();
    MISSED_IN.iter().any(|words| small.contains(words))
        || small.split(|c: char| !c.is_alphanumeric()).any(|word| MISSED.contains(&word))
}
