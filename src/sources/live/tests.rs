//! The contract: what is written is read, what is strange is passed over, and the schema is true.

use std::path::PathBuf;

use super::*;
use crate::model::{
    FileRule, Limits, LiveThread, MediaPlace, MessageRecord, Moment, Notify, NotifyOf, Record,
    Shut, ShutWhy, ThreadRecord, Timestamp, Wish,
};
use crate::sources::interchange::Line;

fn schema() -> serde_json::Value {
    #[derive(schemars::JsonSchema)]
    #[serde(untagged)]
    #[allow(dead_code, reason = "only its shape is wanted")]
    enum Wire {
        Order(Order),
        News(News),
    }
    let mut schema = schemars::schema_for!(Wire);
    schema.insert(
        "title".to_owned(),
        format!("onebox connector contract, version {VERSION}: one line of either pipe").into(),
    );
    schema.to_value()
}

#[test]
fn the_schema_in_assets_is_that_of_the_types() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/connector/schema.json");
    let now = format!("{}\n", serde_json::to_string_pretty(&schema()).expect("a schema"));
    if std::env::var_os("ONEBOX_WRITE_SCHEMA").is_some() {
        std::fs::write(&file, &now).expect("assets can be written");
    }
    let kept = std::fs::read_to_string(&file).expect("assets/connector/schema.json");
    assert_eq!(kept, now, "the types have changed: ONEBOX_WRITE_SCHEMA=1 writes the schema anew");
}

#[test]
fn what_is_written_is_read() {
    let mut thread = ThreadRecord::new("!r:example.org", "Matrix");
    thread.live = Some(LiveThread {
        can: [Wish::Send, Wish::React].into(),
        shut: Some(Shut {
            why: ShutWhy::Replaced,
            detail: "moved".to_owned(),
            replacement: Some("!new".into()),
        }),
        request: true,
        files: [(
            "photo".to_owned(),
            FileRule { largest: Some(9), wordless: true, ..FileRule::default() },
        )]
        .into(),
        longest: Some(4_096),
        limits: Limits {
            not_carried: [Wish::Delete].into(),
            edit_within: Some(900),
            delete_within: None,
            reactions: vec!["👍".to_owned()],
        },
        notify: NotifyOf::Mentions,
    });
    let mut message = MessageRecord::text(
        thread.key.clone(),
        Some("@a:b".into()),
        Moment::exact(Timestamp(5)),
        "hi",
    );
    message.client_key = Some("k".to_owned());
    message.notify = Some(Notify::Mention);
    message.attachments.push(crate::model::Attachment {
        kind: crate::model::AttachmentKind::Photo,
        name: None,
        place: MediaPlace::Live { handle: "mxc://x".to_owned(), size: Some(3) },
    });
    for record in [Record::Thread(Box::new(thread)), Record::Message(Box::new(message))] {
        let news = News::Record { app: "messenger".to_owned(), record: Line::from(&record) };
        let line = serde_json::to_string(&news).expect("a line");
        let back: News = serde_json::from_str(&line).expect("the same line");
        assert_eq!(back, news, "{line}");
        let News::Record { record: line, .. } = back else { panic!("a record") };
        assert_eq!(line.into_record(), Ok(record));
    }
}

#[test]
fn a_connector_may_know_more_than_we_do() {
    let line =
        r#"{"news":"hello","version":1,"name":"X","can":["send","teleport"],"colour":"red"}"#;
    let News::Hello { can, idempotent, .. } = serde_json::from_str(line).expect("hello") else {
        panic!("hello")
    };
    assert_eq!(can, [Ability::Send, Ability::Unknown]);
    assert!(!idempotent);
    let record = |more: &str| -> Record {
        let line = format!(r#"{{"news":"record","app":"matrix","record":{{{more}}}}}"#);
        let News::Record { record, .. } = serde_json::from_str(&line).expect("a record") else {
            panic!("a record")
        };
        record.into_record().expect("a record")
    };
    let thread = record(r#""record":"thread","thread":"t","live":{"notify":"on-tuesdays"}"#);
    let Record::Thread(thread) = thread else { panic!("a thread") };
    assert_eq!(thread.live.map(|l| l.notify), Some(NotifyOf::Unknown));
    let message = record(
        r#""record":"message","thread":"t","sent_at":"2026-01-01T10:00:00Z","notify":"softly""#,
    );
    let Record::Message(message) = message else { panic!("a message") };
    assert_eq!(message.notify, Some(Notify::Unknown));
}

#[test]
fn lines_are_bounded() {
    let mut input = b"one\n".to_vec();
    input.extend(std::iter::repeat_n(b'x', LONGEST + 1));
    input.extend(b"\ntwo\ncut");
    let mut lines = Lines::new(std::io::BufReader::with_capacity(1 << 16, input.as_slice()));
    assert_eq!((lines.read().ok(), lines.bytes()), (Some(Got::Line), &b"one"[..]));
    assert_eq!(lines.read().ok(), Some(Got::TooLong));
    assert_eq!((lines.read().ok(), lines.bytes()), (Some(Got::Line), &b"two"[..]));
    assert_eq!(lines.read().ok(), Some(Got::End));
}
