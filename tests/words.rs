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
