//! What WhatsApp itself writes into an exported chat is told as what it is, in the languages known.

mod readers;

use onebox::model::{
    Attachment, AttachmentKind, Call, Deletion, Membership, MessageKind, MessageRecord,
    PostingLimit, ThreadKind,
};
use onebox::sources::FileTree;
use readers::{Told, utc};

fn read(path: &str, text: &str) -> Told {
    let tree = FileTree::memory([(path.to_owned(), text.as_bytes().to_vec())]);
    readers::read_tree("whatsapp", &tree, &utc()).expect("readable")
}

/// A chat of an Android phone in which Bo sends one thing.
fn android(body: &str) -> Told {
    let text = format!("13/02/2024, 08:00 - Ann: hey\n13/02/2024, 10:00 - Bo: {body}\n");
    read("WhatsApp Chat with Bo.txt", &text)
}

/// The same on an iPhone.
fn iphone(body: &str) -> Told {
    let text = format!("[13/02/2024, 08:00:00] Ann: hey\n[13/02/2024, 10:00:00] Bo: {body}\n");
    read("WhatsApp Chat - Bo/_chat.txt", &text)
}

fn last(told: &Told) -> &MessageRecord {
    told.messages.last().expect("a message")
}

#[test]
fn what_was_taken_back_is_taken_back_in_every_language() {
    for words in [
        "הודעה זו נמחקה",
        "Αυτό το μήνυμα διαγράφηκε",
        "এই মেসেজটি বাদ দেওয়া হয়েছে।",
        "这条消息已被删除。",
        "Tin nhắn này đã bị xóa",
        "ข้อความนี้ถูกลบแล้ว",
        "이 메시지는 삭제되었습니다",
        "यह मैसेज डिलीट कर दिया गया है",
        "Denne besked er blevet slettet",
        "این پیام حذف شد",
    ] {
        for told in [android(words), iphone(&format!("\u{200e}{words}"))] {
            assert_eq!(last(&told).deletion, Deletion::Unsent, "{words}");
            assert_eq!(last(&told).text, "", "{words}");
        }
    }
}

#[test]
fn who_took_it_back_is_me_in_every_language() {
    for words in [
        "מחקת את ההודעה הזו",
        "您已刪除此訊息",
        "Bạn đã xóa tin nhắn này",
        "이 메시지를 삭제했습니다",
        "Usunąłeś(-ęłaś) tę wiadomość",
        "Anda telah menghapus pesan ini",
        "أنت حذفت هذه الرسالة",
    ] {
        let told = android(words);
        assert_eq!(told.me(), ["Bo"], "{words}");
        assert_eq!(told.accounts[0].known_by, "took a message back", "{words}");
    }
}

#[test]
fn missed_calls_are_calls() {
    for (words, video) in [
        ("שיחה קולית שלא נענתה", false),
        ("Αναπάντητη βιντεοκλήση", true),
        ("Cuộc gọi nhỡ", false),
        ("Cuộc gọi nhỡ video", true),
        ("Nieodebrane poł. głosowe", false),
        ("未接視像通話", true),
        ("Nem fogadott videohívás", true),
    ] {
        for told in [android(words), iphone(&format!("\u{200e}{words}"))] {
            let call = Call { video: Some(video), seconds: None, missed: true };
            assert_eq!(last(&told).kind, MessageKind::Call(call), "{words}");
        }
    }
}

fn kinds(m: &MessageRecord) -> Vec<AttachmentKind> {
    m.attachments.iter().map(|a: &Attachment| a.kind).collect()
}

#[test]
fn what_was_left_out_is_a_file_that_is_not_there() {
    for (words, kind) in [
        ("εικόνα παραλείφθηκε", AttachmentKind::Photo),
        ("סרטון הווידאו הושמט", AttachmentKind::Video),
        ("đã bỏ video", AttachmentKind::Video),
        ("zvuk vynechaný", AttachmentKind::Audio),
        ("סטיקר הושמט", AttachmentKind::Sticker),
        ("GIF 已略去", AttachmentKind::Gif),
        ("聯絡人卡片已略去", AttachmentKind::Contact),
        ("dokumentum kihagyva", AttachmentKind::File),
        ("ei kuvaa", AttachmentKind::Photo),
    ] {
        let told = iphone(&format!("\u{200e}{words}"));
        assert_eq!(kinds(last(&told)), [kind], "{words}");
        assert_eq!(last(&told).text, "", "{words}");
    }
    // "No picture": without the app's mark somebody says so.
    assert_eq!(last(&iphone("ei kuvaa")).text, "ei kuvaa");
    for words in [
        "<省略多媒体文件>",
        "<メディアは含まれていません>",
        "<สื่อถูกลบ>",
        "<pliki pominięto>",
        "<медіа пропущено>",
    ] {
        let told = android(words);
        assert_eq!(kinds(last(&told)), [AttachmentKind::File], "{words}");
        assert_eq!((&*last(&told).text, &last(&told).attachments[0].name), ("", &None), "{words}");
    }
    // Asides of people's.
    for words in ["<笑>", "<grins>", "<わらい>"] {
        assert_eq!(
            (last(&android(words)).text.as_str(), kinds(last(&android(words))).len()),
            (words, 0)
        );
    }
    for words in ["Mevcut konum paylaşıldı", "משתף מיקום בשידור חי", "liveposition delad"]
    {
        assert_eq!(kinds(last(&android(words))), [AttachmentKind::Location], "{words}");
    }
}

#[test]
fn an_edited_message_says_so_in_hebrew() {
    for mark in ["\u{200f}", "\u{200e}", ""] {
        let told = iphone(&format!("שלום {mark}<ההודעה נערכה>"));
        assert_eq!(
            (last(&told).text.as_str(), last(&told).edited.is_some()),
            ("שלום", true),
            "{mark:?}"
        );
    }
    // Nobody's mark: something that was said.
    let told = iphone("שלום \u{200f}<עוד שתי מילים>");
    assert!(last(&told).edited.is_none() && last(&told).text.contains("מילים"));
}

#[test]
fn an_iphones_short_notices_are_not_said_by_whom_they_name() {
    for words in [
        "Ann Lee was added",
        "Ann Lee pinned a message",
        "Ann Lee saiu",
        "Ann Lee è uscito",
        "Bo menambahkan Ann Lee",
        "Ann Lee gruptan ayrıldı",
        "Ann Lee werd toegevoegd",
        "You pinned a message",
    ] {
        let text = format!(
            "[13/02/2024, 08:00:00] Ann Lee: hey\n[13/02/2024, 08:00:01] Bo: hey\n\
             [13/02/2024, 10:00:00] Ann Lee: \u{200e}{words}\n"
        );
        let told = read("_chat.txt", &text);
        assert!(matches!(last(&told).kind, MessageKind::System), "{words}: {:?}", last(&told));
        assert_eq!(last(&told).text, words);
        // Typed, it is what somebody says.
        let told = read("_chat.txt", &text.replace('\u{200e}', ""));
        assert_eq!(last(&told).kind, MessageKind::Text, "{words}");
    }
}

#[test]
fn the_first_notice_of_an_iphone_bears_the_chats_name() {
    let sentence =
        "Messages and calls are end-to-end encrypted. Only people in this chat can read.";
    let direct = format!(
        "[13/03/2024, 14:56:01] Bo Berg: \u{200e}{sentence}\n\
         [13/03/2024, 14:56:02] Ann Lee: hi\n[13/03/2024, 14:56:03] Bo Berg: hello\n"
    );
    let told = read("_chat.txt", &direct);
    assert_eq!(told.threads[0].title.as_deref(), Some("Bo Berg"));
    assert_eq!((told.threads[0].kind, told.me()), (Some(ThreadKind::Direct), vec!["Ann Lee"]));
    let group = format!(
        "[07.06.23, 20:28:13] New Name: \u{200e}{sentence}\n\
         [07.06.23, 20:28:13] Mario: \u{200e}Mario created group “Old Name”\n\
         [07.06.23, 20:28:14] New Name: \u{200e}Mario added you\n\
         [07.06.23, 20:28:15] Mario: hallo\n[09.06.23, 16:09:09] Bo: hi\n"
    );
    let told = read("_chat.txt", &group);
    assert_eq!(told.threads[0].title.as_deref(), Some("New Name"));
    let people: Vec<&str> = told.people.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(people, ["Mario", "Bo"]);
    assert_eq!(told.threads[0].kind, Some(ThreadKind::Group));
}

#[test]
fn an_administrator_may_write_however_the_word_is_spelt() {
    let chat = |admin: &str| {
        format!(
            "[07.06.23, 20:28:13] Mario: \u{200e}Mario hat die Gruppe „Fest“ erstellt.\n\
             [07.06.23, 20:28:15] Mario: hallo\n\
             [09.06.23, 16:09:08] Mario: \u{200e}Mario hat die Gruppeneinstellungen so geändert, \
             dass nur Admins Nachrichten an diese Gruppe senden können.\n\
             [09.06.23, 16:09:09] Fest: \u{200e}{admin}\n"
        )
    };
    for admin in ["Du bist jetzt ein*e Admin.", "Du bist jetzt Admin."] {
        let told = read("WhatsApp Chat - Fest/_chat.txt", &chat(admin));
        assert_eq!(told.threads[0].posting, PostingLimit::Everyone, "{admin}");
    }
    let told = read("WhatsApp Chat - Fest/_chat.txt", &chat("Du bist kein*e Admin mehr."));
    assert_eq!(told.threads[0].posting, PostingLimit::AdminsOnly);
}

#[test]
fn who_came_and_went_is_known_in_russian_turkish_and_indonesian() {
    for (created, out) in [
        ("Вы создали группу «Поход»", "Вы вышли из группы"),
        ("Siz \"Поход\" grubunu oluşturdunuz", "Gruptan ayrıldınız"),
        ("Anda membuat grup “Поход”", "Anda keluar"),
    ] {
        let text = format!(
            "13.03.2024, 14:56 - {created}\n13.03.2024, 14:57 - Аня: привет\n\
             13.03.2024, 14:58 - {out}\n"
        );
        let told = read("chat.txt", &text);
        assert_eq!(told.threads[0].kind, Some(ThreadKind::Group), "{created}");
        assert_eq!(told.threads[0].title.as_deref(), Some("Поход"), "{created}");
        assert_eq!(told.threads[0].membership, Membership::Gone, "{out}");
        assert!(told.me().is_empty(), "{:?}", told.me());
    }
}

/// A table that a person can check: what a notice says of the group, of me, and of who may write.
#[test]
fn notices_mean_what_they_say_in_ten_languages() {
    let mut wrong = Vec::new();
    for row in include_str!("notices.tsv").lines().filter(|l| !l.starts_with('#')) {
        let (means, notice) = row.split_once('\t').expect("a word and a notice");
        let text = format!(
            "25/03/2024, 09:01 - Maya Okafor: good morning\n\
             25/03/2024, 09:02 - Jonas Weber: hello\n25/03/2024, 09:03 - {notice}\n"
        );
        let told = read("WhatsApp Chat with Maya Okafor.txt", &text);
        let thread = &told.threads[0];
        let (open, here) = (PostingLimit::Everyone, Membership::Unknown);
        let expected = match means {
            "out" => (ThreadKind::Group, Membership::Gone, open),
            "in" => (ThreadKind::Group, Membership::Member, open),
            "group" | "left" | "everyone" => (ThreadKind::Group, here, open),
            "admins" => (ThreadKind::Group, here, PostingLimit::AdminsOnly),
            "chat" => (ThreadKind::Direct, here, open),
            other => panic!("{other}"),
        };
        let left = told.people.iter().filter(|p| p.left).count();
        let found = (thread.kind.expect("a kind"), thread.membership, thread.posting);
        if found != expected
            || last(&told).kind != MessageKind::System
            || left > 0 && means != "left"
        {
            wrong.push(format!("{means}: {notice}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn calls_are_calls_with_and_without_the_apps_marks() {
    let made = |video, seconds| Call { video: Some(video), seconds, missed: false };
    let missed = |video| Call { video: Some(video), seconds: None, missed: true };
    for (words, call) in [
        ("Voice call, ~2 min", made(false, Some(120))),
        ("Video call, 1 hr 5 min", made(true, Some(3900))),
        ("Voice call. ~No answer", missed(false)),
        ("Missed voice call, Tap to call back", missed(false)),
        ("Missed video call. ~Click to call back", missed(true)),
        ("Voice call, Answered on other device", made(false, None)),
        ("Silenced voice call, Focus mode", missed(false)),
        ("Verpasster Sprachanruf. Zum Zurückrufen tippen", missed(false)),
        ("Chiamata vocale persa. Tocca per richiamare", missed(false)),
        ("Appel vocal. ~Pas de réponse", missed(false)),
        ("Ligação de voz. ~Não atendida", missed(false)),
        ("Sesli arama. ~Cevaplanmadı", missed(false)),
        ("Görüntülü arama, ~5 dk", made(true, Some(300))),
        ("Telepon suara. ~5 mnt", made(false, Some(300))),
        ("वॉइस कॉल. ~2 मिनट", made(false, Some(120))),
        ("مكالمة صوتية. ~لا رد", missed(false)),
        ("Group call. ~5 min", made(false, Some(300))),
    ] {
        let marked = format!("\u{200e}{}", words.replace('~', "\u{200e}"));
        for told in
            [iphone(&marked), iphone(&words.replace('~', "")), android(&words.replace('~', ""))]
        {
            assert_eq!(last(&told).kind, MessageKind::Call(call), "{words}");
        }
    }
    for words in [
        "Voice call",
        "voice call tomorrow?",
        "Video call, then dinner",
        "Missed voice call, sorry",
    ] {
        assert_eq!(last(&iphone(words)).kind, MessageKind::Text, "{words}");
    }
}

/// An iPhone ends messages with a carriage return and a line feed, and the lines within one with the
/// latter alone.
#[test]
fn what_was_pasted_into_a_message_is_no_message() {
    let mut text: String = (0..30)
        .map(|n| {
            format!(
                "[10/03/2024, 09:{n:02}:00] {}: line {n}\r\n",
                if n % 2 == 0 { "Ann" } else { "Bo" }
            )
        })
        .collect();
    text.push_str(
        "[10/03/2024, 21:15:00] Ann: look\n[10/03/2024, 21:10:02] Piet: gone\n[10/03/2024, 21:10:09] \
         Joop: no\r\n[10/03/2024, 21:16:00] Bo: oh\r\n",
    );
    let told = read("WhatsApp Chat - Bo/_chat.txt", &text);
    assert_eq!(told.messages.len(), 32);
    let pasted = "look\n[10/03/2024, 21:10:02] Piet: gone\n[10/03/2024, 21:10:09] Joop: no";
    assert_eq!(told.messages[30].text, pasted);
    assert_eq!(told.threads[0].kind, Some(ThreadKind::Direct));
    // Where line feeds alone end everything, every header begins a message.
    let told = read("WhatsApp Chat - Bo/_chat.txt", &text.replace('\r', ""));
    assert_eq!(told.messages.len(), 34);
    // Half a file that went through an editor is still all there.
    let (first, second) = text.split_at(text.len() / 2);
    let told =
        read("WhatsApp Chat - Bo/_chat.txt", &format!("{first}{}", second.replace('\r', "")));
    assert_eq!(told.messages.len(), 34);
}

#[test]
fn nobody_is_called_as_the_app_calls_the_group_or_me_in_its_notices() {
    let sentence =
        "Messages and calls are end-to-end encrypted. Only people in this chat can read.";
    let group = format!(
        "[10/8/24, 9:59:45 AM] Rope Team!: \u{200e}{sentence}\n\
         [10/8/24, 9:59:45 AM] Tharwa: \u{200e}Tharwa created this group\n\
         [10/8/24, 9:59:56 AM] Tharwa: Did I forget someone?\n\
         [10/8/24, 10:06:26 AM] Fay: any\n\
         [10/8/24, 10:08:41 PM] Rope Team!: \u{200e}Koko started a call\n\
         [10/8/24, 10:08:42 PM] Rope Team!: \u{200e}Somewhat new\n"
    );
    let told = read("_chat.txt", &group);
    let names: Vec<&str> = told.people.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["Tharwa", "Fay"]);
    assert!(told.messages[4..].iter().all(|m| m.kind == MessageKind::System));
    let direct = format!(
        "[10/8/24, 9:59:45 AM] Bo: \u{200e}{sentence}\n[10/8/24, 9:59:46 AM] Bo: hi\n\
         [10/8/24, 9:59:47 AM] Sam: hello\n[10/8/24, 9:59:48 AM] \u{200e}You: \u{200e}You pinned a message\n"
    );
    let told = read("_chat.txt", &direct);
    assert_eq!((told.me(), told.threads[0].kind), (vec!["Sam"], Some(ThreadKind::Direct)));
    assert_eq!(last(&told).kind, MessageKind::System);
}

#[test]
fn polls_places_events_and_what_is_still_locked() {
    let told =
        iphone("\u{200e}POLL: Tea?\n\u{200e}OPTION: Yes (2 votes)\n\u{200e}OPTION: No (0 votes)");
    assert_eq!(last(&told).kind, MessageKind::Poll);
    assert_eq!(last(&told).text, "Tea?\nYes (2 votes)\nNo (0 votes)");
    let told = iphone(
        "\u{200e}SONDAGE :\nThé ?\n\u{200e}OPTION : Oui (1 vote)\n\u{200e}OPTION : Non (0 vote)",
    );
    assert_eq!(
        (&last(&told).kind, last(&told).text.as_str()),
        (&MessageKind::Poll, "Thé ?\nOui (1 vote)\nNon (0 vote)")
    );
    let list = "TODO: tea\nMILK: one";
    assert_eq!(
        (&last(&iphone(list)).kind, last(&iphone(list)).text.as_str()),
        (&MessageKind::Text, list)
    );
    let url = "https://maps.google.com/?q=52.5,13.4";
    for (words, name) in [
        (format!("\u{200e}Location: Zoo, 1 Street {url}"), Some("Zoo, 1 Street")),
        (format!("Location: 52.5, 13.4 - {url}"), Some("Location: 52.5, 13.4")),
        (format!("\u{200e}Location: {url}"), None),
    ] {
        let told = iphone(&words);
        assert_eq!(
            kinds(last(&told)),
            [AttachmentKind::Location],
            "{words}: {:?}",
            last(&told).text
        );
        assert_eq!(last(&told).attachments[0].name.as_deref(), name, "{words}");
    }
    let event = "EVENT: Picnic\nEvent Start time: 1731414600524\nEvent Cancelled: true\nEvent Location Name: Park";
    assert_eq!(last(&android(event)).text, "Picnic\n2024-11-12 12:30 UTC\nPark\n(cancelled)");
    let locked = iphone("\u{200e}Waiting for this message. This may take a while.");
    assert_eq!(
        (&last(&locked).kind, last(&locked).sender.as_deref()),
        (&MessageKind::Sealed, Some("Bo"))
    );
    let told = read(
        "WhatsApp Chat with Tea.txt",
        "1/2/24, 10:00 - Ann: hi\n1/2/24, 10:01 - Ann added this group to the community: Alps\n",
    );
    assert_eq!(last(&told).kind, MessageKind::System);
}
