//! What a line by the app itself tells: who came and went, what the group is called, who may write.

use super::marks::{after_marks, bare};

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

/// Long sentences that no person writes: encryption, security codes, timers. Lower case pieces.
const CERTAIN: &[&str] = &[
    "end-to-end encrypted",
    "ende-zu-ende-verschlüsselt",
    "cifrados de extremo a extremo",
    "chiffrés de bout en bout",
    "criptografia de ponta a ponta",
    "encriptadas ponto a ponto",
    "crittografati end-to-end",
    "end-to-end versleuteld",
    "uçtan uca şifreli",
    "сквозным шифрованием",
    "наскрізним шифруванням",
    "w pełni zaszyfrowane",
    "end-to-end-krypt",
    "terenkripsi secara end-to-end",
    "エンドツーエンド暗号化",
    "端到端加密",
    "端對端加密",
    "مشفرة تمامًا بين الطرفين",
    "एंड-टू-एंड एन्क्रिप्टेड",
    "종단간 암호화",
    "your security code with",
    "security code changed",
    "deine sicherheitsnummer für",
    "dein sicherheitscode mit",
    "tu código de seguridad con",
    "votre code de sécurité avec",
    "código de segurança com",
    "il tuo codice di sicurezza con",
    "kod bezpieczeństwa",
    "kode keamanan anda dengan",
    "updated the message timer",
    "turned on disappearing messages",
    "turned off disappearing messages",
    "messages to this chat are now secured",
    "changed their phone number to a new number",
    "hat eine neue telefonnummer",
    "uses a secure service from meta",
];

/// Pieces of the app's sentences that people use, too: behind the app's mark they are the app's.
const LIKELY: &[&str] = &[
    "nachrichtendauer",
    "selbstlöschende nachrichten",
    "advanced chat privacy",
    "erweiterter chat-datenschutz",
    "is a contact",
    "ist ein kontakt",
    "you blocked this contact",
    "you unblocked this contact",
    "du hast diesen kontakt",
    "this business",
    "dieses unternehmen",
];

/// Those of them that begin a sentence of the app's.
const LIKELY_STARTS: &[&str] = &[
    "you blocked this contact",
    "you unblocked this contact",
    "du hast diesen kontakt",
    "this business uses ",
    "this business works with ",
    "this business is now ",
    "dieses unternehmen arbeitet mit ",
    "dieses unternehmen nutzt ",
    "dieses unternehmen verwendet ",
];

const OUT: &[&str] = &[
    "you left",
    "you were removed",
    "you're no longer a participant",
    "you are no longer a participant",
    "du hast die gruppe verlassen",
    "du wurdest entfernt",
    "hat dich entfernt",
    "removed you",
    "saliste del grupo",
    "saliste",
    "te eliminó",
    "te sacó",
    "has salido del grupo",
    "fuiste eliminad",
    "vous avez quitté",
    "vous a retiré",
    "vous avez été retiré",
    "vous êtes parti",
    "você saiu",
    "você foi removid",
    "removeu você",
    "saíste do grupo",
    "saiu do grupo você",
    "hai abbandonato",
    "hai lasciato il gruppo",
    "ti ha rimosso",
    "sei stato rimosso",
    "sei stata rimossa",
    "je hebt de groep verlaten",
    "heeft jou verwijderd",
    "heeft je verwijderd",
];

const IN: &[&str] = &[
    "you were added",
    "you joined",
    "added you",
    "you're now a participant",
    "you rejoined",
    "du wurdest hinzugefügt",
    "hat dich hinzugefügt",
    "du bist der gruppe beigetreten",
    "du bist beigetreten",
    "te añadió",
    "te agregó",
    "te uniste",
    "vous a ajouté",
    "vous avez rejoint",
    "vous avez été ajouté",
    "adicionou você",
    "você entrou",
    "você foi adicionad",
    "ti ha aggiunto",
    "sei stato aggiunto",
    "ti sei unit",
    "heeft je toegevoegd",
    "heeft jou toegevoegd",
];

/// Ends of "NAME left".
const LEFT: &[&str] = &[
    " left",
    " left the group",
    " hat die gruppe verlassen",
    " salió del grupo",
    " salió",
    " a quitté le groupe",
    " a quitté",
    " est parti",
    " saiu",
    " saiu do grupo",
    " ha abbandonato",
    " ha abbandonato il gruppo",
    " heeft de groep verlaten",
];

const CREATED: &[&str] = &[
    "created group",
    "created this group",
    "hat die gruppe",
    "du hast die gruppe",
    "creó el grupo",
    "creaste el grupo",
    "a créé le groupe",
    "vous avez créé le groupe",
    "criou o grupo",
    "ha creato il gruppo",
    "hai creato il gruppo",
    "heeft de groep",
    "создал(-а) группу",
    "grubunu oluşturdu",
];

const SUBJECT: &[&str] = &[
    "changed the subject",
    "changed the group name",
    "hat den betreff",
    "du hast den betreff",
    "hat den gruppennamen",
    "cambió el asunto",
    "cambió el nombre del grupo",
    "a changé le sujet",
    "a modifié l'objet",
    "a changé l'objet",
    "mudou o nome do grupo",
    "alterou o nome",
    "ha cambiato l'oggetto",
    "heeft het onderwerp",
];

const ADMINS_ONLY: &[&str] = &[
    "allow only admins to send messages",
    "only admins can send messages",
    "nur admins nachrichten senden",
    "dass nur admins nachrichten",
    "solo los admin",
    "solo los administradores puedan enviar",
    "seuls les admins",
    "que seuls les admin",
    "somente admins",
    "somente os admins",
    "solo gli amministratori",
    "solo agli amministratori",
];

const EVERYONE: &[&str] = &[
    "allow all participants to send messages",
    "allow all members to send messages",
    "all participants can send messages",
    "alle teilnehmer nachrichten senden",
    "dass alle teilnehmer",
    "todos los participantes puedan enviar",
    "à tous les participants d'envoyer",
    "todos os participantes enviem",
    "a tutti i partecipanti di inviare",
];

const ADMIN: &[&str] = &[
    "you're now an admin",
    "you are now an admin",
    "you're now a group admin",
    "du bist jetzt admin",
    "du bist jetzt ein admin",
    "ahora eres admin",
    "vous êtes désormais admin",
    "vous êtes maintenant admin",
    "agora você é admin",
    "você agora é admin",
    "ora sei amministratore",
    "ora sei admin",
];

const NO_ADMIN: &[&str] = &[
    "you're no longer an admin",
    "you are no longer an admin",
    "du bist kein admin mehr",
    "ya no eres admin",
    "vous n'êtes plus admin",
    "você não é mais admin",
    "non sei più amministratore",
];

/// Whatever else happens in groups only.
const GROUP: &[&str] = &[
    " added ",
    " removed ",
    "hinzugefügt",
    " entfernt",
    "group description",
    "group's icon",
    "group icon",
    "this group's settings",
    "gruppenbild",
    "gruppenbeschreibung",
    "joined using",
    "joined from the community",
    "group link",
    "einladungslink",
    "gruppeneinstellungen",
    "descripción del grupo",
    "ícono de este grupo",
    "icono del grupo",
    "añadió a",
    "agregó a",
    "eliminó a",
    "enlace de invitación",
    "description du groupe",
    "icône du groupe",
    "icône de ce groupe",
    " a ajouté ",
    " a retiré ",
    "lien d'invitation",
    "descrição do grupo",
    "imagem do grupo",
    " adicionou ",
    " removeu ",
    "link de convite",
    "descrizione del gruppo",
    "immagine del gruppo",
    " ha aggiunto ",
    " ha rimosso ",
    "link d'invito",
    "groepsbeschrijving",
    "groepsafbeelding",
    " toegevoegd",
    "group invite",
];

/// Whether a sentence behind the app's mark is one that only the app writes.
pub fn is_certain(text: &str) -> bool {
    let head = &text[..text.floor_char_boundary(400)];
    head.len() > 12 && {
        let low = head.to_lowercase();
        CERTAIN.iter().chain(LIKELY).any(|p| low.contains(p))
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
    CERTAIN.iter().any(|p| low.contains(p))
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
    [CERTAIN, CREATED, SUBJECT, OUT, IN, ADMINS_ONLY]
        .iter()
        .any(|list| list.iter().any(|p| p.len() > 9 && low.contains(p)))
}

/// What a notice means.
pub fn meaning(text: &str) -> Meaning {
    let text = bare(text);
    let text = &text[..text.floor_char_boundary(600)];
    let low = text.to_lowercase();
    let plain = low.trim_end_matches(['.', '!', '。']).replace('’', "'");
    let has = |list: &[&str]| list.iter().any(|p| plain.contains(p));
    if has(EVERYONE) {
        return Meaning::Everyone;
    }
    if has(ADMINS_ONLY) {
        return Meaning::AdminsOnly(starts_with_me(&plain));
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
    if has(CERTAIN) {
        return Meaning::Chat;
    }
    if has(IN) {
        return Meaning::IAmIn;
    }
    if has(GROUP) { Meaning::Group } else { Meaning::Chat }
}

fn is_out(plain: &str) -> bool {
    OUT.iter().any(|p| match plain.find(p) {
        // "You left" is a whole sentence or begins one; "Ann said you left" is not.
        Some(at) => at == 0 || p.contains(' ') && !p.starts_with("you "),
        None => false,
    })
}

fn starts_with_me(plain: &str) -> bool {
    ["you ", "du ", "vous ", "você ", "hai ", "cambiaste", "has "]
        .iter()
        .any(|me| plain.starts_with(me))
}

fn who_left(text: &str, plain: &str) -> Option<String> {
    let end = LEFT.iter().filter(|e| plain.ends_with(**e)).map(|e| e.chars().count()).max()?;
    let name_chars = plain.chars().count().checked_sub(end)?;
    let name: String = after_marks(text).chars().take(name_chars).collect();
    (!name.is_empty()).then_some(name)
}

/// The last thing in quotation marks.
fn last_quoted(text: &str) -> Option<String> {
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
