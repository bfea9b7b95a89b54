//! Bad luck for every reader of text: much that is nothing, one thing that is far too large, one
//! that is far too deep, and a zip that unpacks to both. What lies before and behind is read, what
//! was lost is counted, and memory stays bounded (`ONEBOX_LONG_LINE_MIB=64` makes the large thing so
//! large that two copies of it do not fit).

#![cfg(unix)]

#[path = "program/memory.rs"]
mod memory;
#[allow(dead_code, reason = "no file of tests uses all of it")]
mod program;

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use memory::watched;
use program::Person;
use serde_json::Value;
use zip::write::{SimpleFileOptions, ZipWriter};

/// No reading may need more, whatever it reads.
const MEMORY_KB: u64 = 160 << 10;
/// Things that are nothing.
const MANY: usize = 200_000;
/// The one that is too large, in MiB.
fn mib() -> usize {
    let told = std::env::var("ONEBOX_LONG_LINE_MIB").ok().and_then(|mib| mib.parse().ok());
    told.unwrap_or(24)
}

/// A form of export that is one long text.
struct Form {
    /// The file with the messages, and what stands before and behind them.
    file: &'static str,
    begin: &'static str,
    end: &'static str,
    /// A message: `@n` is a digit that counts, `@t` the text.
    message: &'static str,
    /// What stands between messages.
    between: &'static str,
    /// What looks like a message and is none.
    nothing: &'static str,
    /// How something begins that goes on inwards, and how it ends: none where nothing nests.
    deep: Option<(&'static str, &'static str)>,
    /// What else lies there.
    beside: &'static [(&'static str, &'static str)],
    /// Text of another title than `Ana`.
    title: &'static str,
}

const JSON: Option<(&str, &str)> = Some(("[", "]"));

const TELEGRAM: Form = Form {
    file: "result.json",
    begin: r#"{"name": "Ana", "type": "personal_chat", "id": 6, "messages": ["#,
    end: "]}",
    message: r#"{"id": @n, "type": "message", "date": "2024-05-01T10:00:0@n", "date_unixtime": "171455640@n", "from": "Ana", "from_id": "user6", "text": "@t"}"#,
    between: ",",
    nothing: "7",
    deep: JSON,
    beside: &[],
    title: "Ana",
};

const SIGNAL: Form = Form {
    file: "main.jsonl",
    begin: concat!(
        r#"{"version":"1","backupTimeMs":"5"}"#,
        "\n",
        r#"{"account":{"givenName":"Sam"}}"#,
        "\n",
        r#"{"recipient":{"id":"1","self":{}}}"#,
        "\n",
        r#"{"recipient":{"id":"2","contact":{"aci":"X4xWjQEZR72BqruHybcZlQ==","profileGivenName":"Ana"}}}"#,
        "\n",
        r#"{"chat":{"id":"1","recipientId":"2"}}"#,
        "\n"
    ),
    end: "\n",
    message: r#"{"chatItem":{"chatId":"1","authorId":"2","dateSent":"171455640@n000","incoming":{"read":true},"standardMessage":{"text":{"body":"@t"}}}}"#,
    between: "\n",
    nothing: "7",
    deep: JSON,
    beside: &[],
    title: "Ana",
};

const SMS: Form = Form {
    file: "sms-20240501.xml",
    begin: "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n<smses count=\"3\">\n",
    end: "\n</smses>\n",
    message: r#"<sms protocol="0" address="+351912345678" date="171455640@n000" type="1" body="@t" read="1" contact_name="Ana" />"#,
    between: "\n",
    nothing: r#"<sms address="+351912345678" />"#,
    deep: Some(("<a>", "</a>")),
    beside: &[],
    title: "Ana",
};

const DISCORD: Form = Form {
    file: "Direct Messages - Ana [9].json",
    begin: r#"{"guild": {"id": "0", "name": "Direct Messages"}, "channel": {"id": "9", "type": "DirectTextChat", "name": "Ana"}, "dateRange": {"after": null}, "messages": ["#,
    end: "]}",
    message: r#"{"id": "@n", "timestamp": "2024-05-01T10:00:0@nZ", "author": {"id": "1", "name": "Ana"}, "content": "@t"}"#,
    between: ",",
    nothing: "7",
    deep: JSON,
    beside: &[],
    title: "Ana",
};

const DISCORD_PACKAGE: Form = Form {
    file: "Messages/c700200000000000001/messages.json",
    begin: "[",
    end: "]",
    message: r#"{"ID": "123513889409413939@n", "Timestamp": "2024-05-01 08:01:0@n", "Contents": "@t", "Attachments": ""}"#,
    between: ",",
    nothing: "7",
    deep: JSON,
    beside: &[
        (
            "Messages/c700200000000000001/channel.json",
            r#"{"id": "700200000000000001", "type": "GROUP_DM", "name": "Ana", "recipients": []}"#,
        ),
        ("Account/user.json", r#"{"id": "5", "username": "sam"}"#),
    ],
    title: "Ana",
};

const DISCORD_TABLE: Form = Form {
    file: "messages/700200000000000001/messages.csv",
    begin: "ID,Timestamp,Contents,Attachments\n",
    end: "\n",
    message: "123513889409413939@n,2024-05-01 08:01:0@n,@t,",
    between: "\n",
    nothing: "7",
    deep: None,
    beside: &[
        (
            "messages/700200000000000001/channel.json",
            r#"{"id": "700200000000000001", "type": 3, "name": "Ana", "recipients": []}"#,
        ),
        ("account/user.json", r#"{"id": "5", "username": "sam"}"#),
    ],
    title: "Ana",
};

const SLACK: Form = Form {
    file: "general/2024-05-01.json",
    begin: "[",
    end: "]",
    message: r#"{"type": "message", "user": "U1", "text": "@t", "ts": "171455640@n.000100"}"#,
    between: ",",
    nothing: "7",
    deep: JSON,
    beside: &[
        ("users.json", r#"[{"id": "U1", "team_id": "T1", "name": "ana"}]"#),
        ("channels.json", r#"[{"id": "C1", "name": "general", "members": ["U1"]}]"#),
    ],
    title: "#general",
};

const GOOGLE_CHAT: Form = Form {
    file: "Groups/Space AAA/messages.json",
    begin: r#"{"messages": ["#,
    end: "]}",
    message: r#"{"creator": {"name": "Ana", "email": "ana@harbour.example"}, "created_date": "Wednesday, May 1, 2024 at 10:00:0@n AM UTC", "text": "@t", "message_id": "AAA/@n/@n"}"#,
    between: ",",
    nothing: "7",
    deep: JSON,
    beside: &[("Groups/Space AAA/group_info.json", r#"{"name": "Ana", "members": []}"#)],
    title: "Ana",
};

const HANGOUTS: Form = Form {
    file: "Hangouts.json",
    begin: r#"{"conversations": [{"conversation": {"conversation_id": {"id": "C1"}, "conversation": {"id": {"id": "C1"}, "type": "STICKY_ONE_TO_ONE", "self_conversation_state": {"self_read_state": {"participant_id": {"gaia_id": "1"}}}, "participant_data": [{"id": {"gaia_id": "2"}, "fallback_name": "Ana"}]}}, "events": ["#,
    end: "]}]}",
    message: r#"{"conversation_id": {"id": "C1"}, "sender_id": {"gaia_id": "2"}, "timestamp": "171455640@n000000", "event_id": "E@n", "chat_message": {"message_content": {"segment": [{"type": "TEXT", "text": "@t"}]}}}"#,
    between: ",",
    nothing: "7",
    deep: JSON,
    beside: &[],
    title: "Ana",
};

const SKYPE: Form = Form {
    file: "messages.json",
    begin: r#"{"userId": "8:sam", "exportDate": "2025-05-01T10:00", "conversations": [{"id": "8:ana", "displayName": "Ana", "MessageList": ["#,
    end: "]}]}",
    message: r#"{"id": "171455640@n000", "originalarrivaltime": "2024-05-01T10:00:0@nZ", "messagetype": "RichText", "content": "@t", "from": "8:ana"}"#,
    between: ",",
    nothing: "7",
    deep: JSON,
    beside: &[],
    title: "Ana",
};

const MATRIX: Form = Form {
    file: "export.json",
    begin: r#"{"room_name": "Ana", "room_creator": "Sam", "topic": "", "export_date": "2 May 2024", "exported_by": "Sam", "messages": ["#,
    end: "]}",
    message: r#"{"type": "m.room.message", "sender": "@ana:harbour.example", "event_id": "$@n", "room_id": "!r:harbour.example", "origin_server_ts": 171455640@n000, "content": {"msgtype": "m.text", "body": "@t"}}"#,
    between: ",",
    nothing: "7",
    deep: JSON,
    beside: &[],
    title: "Ana",
};

const INSTAGRAM: Form = Form {
    file: "your_instagram_activity/messages/inbox/ana_1/message_1.json",
    begin: r#"{"participants": [{"name": "Ana"}, {"name": "Sam"}], "messages": ["#,
    end: r#"], "title": "Ana"}"#,
    message: r#"{"sender_name": "Ana", "timestamp_ms": 171455640@n000, "content": "@t"}"#,
    between: ",",
    nothing: "7",
    deep: JSON,
    beside: &[],
    title: "Ana",
};

const MBOX: Form = Form {
    file: "Ana.mbox",
    begin: "",
    end: "\n",
    message: "From ana@harbour.example Wed May  1 10:00:0@n 2024\nFrom: Ana <ana@harbour.example>\nTo: sam@harbour.example\nMessage-ID: <@n@harbour.example>\nReferences: <0@harbour.example>\nDate: Wed, 1 May 2024 10:00:0@n +0000\nSubject: Ana\n\n@t\n\n",
    between: "",
    nothing: "From ana@harbour.example Wed May  1 10:00:00 2024\n\n",
    deep: None,
    beside: &[],
    title: "Ana",
};

impl Form {
    fn message(&self, n: u8, text: &str) -> String {
        self.message.replace("@n", &n.to_string()).replace("@t", text)
    }

    /// Writes the export: one message, the harm, another message.
    fn write(&self, out: &mut dyn std::io::Write, harm: Harm) {
        let mut put = |text: &str| out.write_all(text.as_bytes()).expect("space");
        put(self.begin);
        put(&self.message(1, "begin"));
        put(self.between);
        match harm {
            Harm::Many => {
                for _ in 0..MANY {
                    put(self.nothing);
                    put(self.between);
                }
            }
            Harm::Large => {
                let whole = self.message(2, "@t");
                let (before, behind) = whole.split_once("@t").expect("its text");
                put(before);
                let mebi = "a".repeat(1 << 20);
                (0..mib()).for_each(|_| put(&mebi));
                put(behind);
                put(self.between);
            }
            Harm::Deep => {
                let (open, close) = self.deep.expect("something nests");
                put(&open.repeat(MANY));
                put(&close.repeat(MANY));
                put(self.between);
            }
        }
        put(&self.message(3, "end"));
        put(self.end);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Harm {
    Many,
    Large,
    Deep,
}

/// Imports what lies at a path: both messages are there, what was lost is counted.
fn holds(person: &Person, form: &Form, path: &Path, harm: Harm) {
    let (ran, kb) = watched(person.command(&["import", "--json"]).arg(path), 300);
    let report = program::parse(&ran.ok()).remove(0);
    let told = format!("{} {harm:?}: {kb} kB, {report}", form.file);
    assert!(kb < MEMORY_KB, "{told}");
    // An element that means nothing in XML is nothing lost.
    let lost = harm != Harm::Deep || form.deep == JSON;
    assert!(!lost || report["oddities"].as_u64().is_some_and(|n| n > 0), "{told}");
    let all = person.lines(&["threads", "--json"]);
    let thread = all.iter().find(|t| t["title"] == form.title).unwrap_or_else(|| panic!("{told}"));
    let shown = person.lines(&["show", &thread["id"].to_string(), "--json"]);
    let texts: Vec<&str> = shown.iter().filter_map(|m| m["text"].as_str()).map(str::trim).collect();
    let ends = (texts.first().copied(), texts.last().copied());
    assert_eq!(ends, (Some("begin"), Some("end")), "{told}");
    // What is counted is told a few times, not two hundred thousand.
    let samples = report["oddity_samples"].as_array().map_or(0, Vec::len);
    assert!(samples < 1000, "{told}");
}

fn survives(form: &Form) {
    for harm in [Harm::Many, Harm::Large, Harm::Deep] {
        if harm == Harm::Deep && form.deep.is_none() {
            continue;
        }
        let person = Person::new();
        for (name, text) in form.beside {
            person.file(&format!("in/{name}"), text);
        }
        let path = person.file(&format!("in/{}", form.file), "");
        let mut out = BufWriter::new(fs::File::create(&path).expect("a file"));
        form.write(&mut out, harm);
        out.flush().expect("space");
        holds(&person, form, &person.home().join("in"), harm);
    }
    // The same in a zip that is small.
    let person = Person::new();
    let path = person.home().join("in.zip");
    let mut zip = ZipWriter::new(fs::File::create(&path).expect("a file"));
    let plain = SimpleFileOptions::default();
    for (name, text) in form.beside {
        zip.start_file(*name, plain).expect("an entry");
        zip.write_all(text.as_bytes()).expect("space");
    }
    zip.start_file(form.file, plain).expect("an entry");
    form.write(&mut zip, Harm::Large);
    zip.finish().expect("a zip");
    let size = fs::metadata(&path).expect("a file").len();
    assert!(size < (mib() as u64) << 12, "{size} is no bomb");
    holds(&person, form, &path, Harm::Large);
}

macro_rules! every {
    ($($name:ident: $form:ident,)*) => {
        $(#[test]
        fn $name() {
            survives(&$form);
        })*
    };
}

every! {
    telegram: TELEGRAM,
    signal: SIGNAL,
    sms: SMS,
    discord: DISCORD,
    discord_package: DISCORD_PACKAGE,
    discord_table: DISCORD_TABLE,
    slack: SLACK,
    google_chat: GOOGLE_CHAT,
    hangouts: HANGOUTS,
    skype: SKYPE,
    matrix: MATRIX,
    instagram: INSTAGRAM,
    mbox: MBOX,
}

/// Nothing in a report is a message of a stranger.
#[test]
fn no_words_of_a_message_are_in_a_report() {
    let person = Person::new();
    let path = person.file("in/result.json", "");
    let mut out = fs::File::create(&path).expect("a file");
    TELEGRAM.write(&mut out, Harm::Many);
    let report: Value = person.import(&person.home().join("in"));
    assert!(!report["oddity_samples"].to_string().contains("begin"), "{report}");
}
