//! The interchange format: what is written is read back, and what is wrong is told.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::model::*;
use crate::sources::{Confidence, FileTree, ReadError, ReadOptions, Sink, Stop};

#[derive(Default)]
struct Kept {
    records: Vec<Record>,
    oddities: Vec<Oddity>,
    remarks: Vec<String>,
    bytes: u64,
}

impl Sink for Kept {
    fn take(&mut self, record: Record) -> Result<(), Stop> {
        self.records.push(record);
        Ok(())
    }
    fn odd(&mut self, oddity: Oddity) -> Result<(), Stop> {
        self.oddities.push(oddity);
        Ok(())
    }
    fn remark(&mut self, text: String) -> Result<(), Stop> {
        self.remarks.push(text);
        Ok(())
    }
    fn advance(&mut self, bytes: u64) -> Result<(), Stop> {
        self.bytes += bytes;
        Ok(())
    }
}

fn read_text(text: impl Into<Vec<u8>>) -> Result<Kept, ReadError> {
    let mut kept = Kept::default();
    let tree = FileTree::memory([("x.jsonl".to_owned(), text.into())]);
    read::read(&tree, &ReadOptions::default(), &mut kept)?;
    Ok(kept)
}

fn written(records: &[Record]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new()).unwrap();
    for record in records {
        writer.record(record).unwrap();
    }
    writer.finish().unwrap()
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,12}", any::<String>(), Just(String::new())]
}

fn name() -> impl Strategy<Value = Arc<str>> {
    text().prop_map(Into::into)
}

fn app() -> impl Strategy<Value = SourceId> {
    "[a-z]{1,9}".prop_map(|s| SourceId::new(&s))
}

fn evidence() -> impl Strategy<Value = Evidence> {
    use EvidenceKind::*;
    let kind = prop::sample::select(vec![Flag, Participant, You, Notice, Rule, Account, Guess]);
    (kind, text()).prop_map(|(kind, detail)| Evidence { kind, detail })
}

fn account() -> impl Strategy<Value = Record> {
    (app(), text(), text(), prop::collection::vec(text(), 0..3), text()).prop_map(
        |(source, key, name, me_names, known_by)| {
            Record::Account(AccountRecord { source, key, name, me_names, known_by })
        },
    )
}

fn thread() -> impl Strategy<Value = Record> {
    use prop::option::of;
    use prop::sample::select;
    let kinds = select(vec![ThreadKind::Direct, ThreadKind::Group, ThreadKind::Channel]);
    let membership = select(vec![Membership::Unknown, Membership::Member, Membership::Gone]);
    let posting = select(vec![PostingLimit::Everyone, PostingLimit::AdminsOnly]);
    let stitch = select(vec![Stitch::Overlap, Stitch::Continuation]);
    let mute = prop_oneof![
        Just(Mute::Always),
        (0..4_000_000_000_000_i64).prop_map(|at| Mute::Until(Timestamp(at)))
    ];
    let crossing =
        (of(app()), evidence()).prop_map(|(other, evidence)| CrossApp { other, evidence });
    (
        (name(), text(), of(text()), of(kinds), membership, posting, of(text())),
        (
            any::<bool>(),
            of(any::<u32>()),
            of(crossing),
            of(evidence()),
            of(evidence()),
            of(evidence()),
        ),
        (stitch, of(text()), (any::<bool>(), any::<bool>(), of(mute))),
    )
        .prop_map(
            |(
                (key, origin, title, kind, membership, posting, folder),
                (archived, unread, cross_app, read_only, will_be_read_only, peer_gone),
                (stitch, address, (less_exact, pinned, muted)),
            )| {
                Record::Thread(Box::new(ThreadRecord {
                    dates: None,
                    key,
                    origin,
                    title,
                    kind,
                    membership,
                    posting,
                    folder,
                    archived,
                    unread,
                    pinned,
                    muted,
                    cross_app,
                    read_only,
                    will_be_read_only,
                    peer_gone,
                    stitch,
                    address,
                    less_exact,
                    live: None,
                }))
            },
        )
}

fn participant() -> impl Strategy<Value = Record> {
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    (name(), name(), text(), prop::option::of(app()), flags).prop_map(
        |(thread, key, name, source, (is_me, placeholder, left))| {
            Record::Participant(ParticipantRecord {
                thread,
                key,
                name,
                source,
                is_me,
                placeholder,
                left,
            })
        },
    )
}

fn attachment() -> impl Strategy<Value = Attachment> {
    use AttachmentKind::*;
    let kinds = vec![Photo, Video, Audio, Voice, Gif, Sticker, File, Contact, Location, Share];
    let path = "[a-z0-9 é/]{0,3}[a-z]{1,9}\\.jpg";
    let place = prop_oneof![
        (path.prop_map(|p| FileTree::inside(&p)), any::<bool>(), prop::option::of(name()))
            .prop_map(|(path, within, container)| MediaPlace::Export {
                path: path + if within { "//in:30:6:mail:1:jpg" } else { "" },
                container
            }),
        text().prop_map(|url| MediaPlace::Web { url }),
        Just(MediaPlace::Omitted),
    ];
    (prop::sample::select(kinds), prop::option::of(text()), place)
        .prop_map(|(kind, name, place)| Attachment { kind, name, place })
}

fn moment() -> impl Strategy<Value = Moment> {
    let clock = prop_oneof![Just(Clock::Utc), any::<i64>().prop_map(Clock::WallMinute)];
    let at = prop_oneof![any::<i64>(), 0..4_000_000_000_000i64].prop_map(Timestamp);
    (at, clock).prop_map(|(at, clock)| Moment { at, clock })
}

fn message() -> impl Strategy<Value = Record> {
    use prop::collection::vec;
    use prop::option::of;
    let call = (of(any::<bool>()), of(any::<u32>()), any::<bool>())
        .prop_map(|(video, seconds, missed)| MessageKind::Call(Call { video, seconds, missed }));
    let kind = prop_oneof![
        Just(MessageKind::Text),
        Just(MessageKind::System),
        call,
        Just(MessageKind::Poll)
    ];
    let at = || any::<i64>().prop_map(Timestamp);
    let reaction =
        (text(), name(), of(at())).prop_map(|(emoji, by, at)| Reaction { emoji, by, at });
    let reply =
        (of(text()), of(text())).prop_map(|(native_id, quote)| ReplyTo { native_id, quote });
    let deletion =
        prop::sample::select(vec![Deletion::None, Deletion::Unsent, Deletion::TakenDown]);
    (
        (name(), of(text()), of(name()), moment(), any::<i64>(), kind, text()),
        (vec(attachment(), 0..3), vec(reaction, 0..3), of(reply), of(of(at())), deletion),
        (any::<bool>(), of(name()), of(Just(SendState::HandedOff))),
    )
        .prop_map(
            |(
                (thread, native_id, sender, sent, order, kind, text),
                (attachments, reactions, reply_to, edited, deletion),
                (forwarded, forwarded_from, send_state),
            )| {
                Record::Message(Box::new(MessageRecord {
                    thread,
                    native_id,
                    id_is_shared: forwarded,
                    sender,
                    sent,
                    order,
                    kind,
                    text,
                    attachments,
                    reactions,
                    reply_to,
                    edited,
                    deletion,
                    forwarded,
                    forwarded_from: forwarded_from.map(|name| name.to_string()),
                    send_state,
                    client_key: None,
                    notify: None,
                    formerly: None,
                }))
            },
        )
}

/// Without the threads and participants that the reader tells for lines that leave them out.
fn without_implied(records: Vec<Record>, told: &[Record]) -> Vec<Record> {
    let mut told = told.iter().peekable();
    records.into_iter().filter(|r| told.next_if(|t| *t == r).is_some()).collect()
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        first in account(),
        rest in prop::collection::vec(
            prop_oneof![1 => account(), 2 => thread(), 2 => participant(), 5 => message()], 0..12),
    ) {
        let mut records = vec![first];
        records.extend(rest);
        let lines = written(&records);
        let kept = read_text(lines.clone()).unwrap();
        prop_assert_eq!(&kept.oddities, &vec![]);
        prop_assert_eq!(kept.bytes, lines.len() as u64);
        let back = without_implied(kept.records, &records);
        prop_assert_eq!(&back, &records);
        prop_assert_eq!(written(&back), lines);
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut file = b"{\"onebox\":1}\n".to_vec();
        file.extend(bytes);
        prop_assert!(read_text(file).is_ok());
    }
}

#[test]
fn a_person_can_write_it() {
    let kept = read_text(
        "\u{feff}{\"onebox\":1}\r\n\r\n\
         {\"record\":\"account\",\"source\":\"Instagram\"}\n\
         {\"record\":\"thread\",\"thread\":\"jonas\",\"cross_app\":\"messenger\",\"read_only\":true,\"colour\":3}\n\
         {\"record\":\"message\",\"thread\":\"jonas\",\"sender\":\"Jonas\",\"sent_at\":\"2023-11-14T19:05:00+01:00\",\
         \"text\":\"hi\",\"edited\":true,\"attachments\":[{\"kind\":\"photo\"}]}",
    )
    .unwrap();
    assert_eq!(kept.oddities, []);
    let [
        Record::Account(account),
        Record::Thread(thread),
        Record::Participant(who),
        Record::Message(m),
    ] = &kept.records[..]
    else {
        panic!("{:?}", kept.records)
    };
    assert_eq!(account.source.as_str(), "instagram");
    let crossing = thread.cross_app.as_ref().unwrap();
    assert_eq!(crossing.other, Some(SourceId::new("messenger")));
    assert_eq!(crossing.evidence.kind, EvidenceKind::Flag);
    assert_eq!(thread.read_only.as_ref().unwrap().kind, EvidenceKind::Flag);
    assert_eq!((&*who.key, who.name.as_str()), ("Jonas", "Jonas"));
    assert_eq!(m.sent.at.to_rfc3339(), "2023-11-14T18:05:00Z");
    assert_eq!(m.edited, Some(None));
    assert_eq!(m.attachments[0].place, MediaPlace::Omitted);
}

#[test]
fn wrong_lines_are_told_and_the_rest_is_read() {
    let kept = read_text(
        "{\"onebox\":1.4}\nnot json\n{\"record\":\"telepathy\"}\n{\"record\":\"message\",\"thread\":\"t\"}\n\
         {\"record\":\"message\",\"thread\":\"t\",\"sent_at\":\"secret\"}\n\
         {\"record\":\"message\",\"thread\":7,\"sent_at\":\"secret\"}\n\
         {\"record\":\"message\",\"thread\":\"t\",\"sent_at\":\"2020-01-01T00:00:00Z\",\"text\":\"\\ud800\"}\n\
         {\"record\":\"message\",\"thread\":\"t\",\"sent_at\":\"2020-01-01T00:00:00Z\",\"text\":\"ok\"}\n\
         {\"record\":\"mess",
    )
    .unwrap();
    let at: Vec<&str> = kept.oddities.iter().map(|o| o.at.as_str()).collect();
    assert_eq!(at, ["line 2", "line 3", "line 4", "line 5", "line 6", "line 7", "line 9"]);
    assert!(kept.oddities.iter().all(|o| !o.why.contains("secret")), "{:?}", kept.oddities);
    assert!(kept.oddities[2].why.contains("sent_at"));
    assert!(matches!(kept.records.last(), Some(Record::Message(m)) if m.text == "ok"));
    assert!(kept.remarks[0].contains("names no account"), "{:?}", kept.remarks);
}

/// A file that begins in the middle: what is told of a message that was never told.
#[test]
fn whatever_comes_first_has_an_account_and_a_thread() {
    for line in [
        r#"{"record":"telling","thread":"t"}"#,
        r#"{"record":"revision","thread":"t","message":"1","text":"new"}"#,
        r#"{"record":"reaction","thread":"t","message":"1","emoji":"x","by":"Ana"}"#,
        r#"{"record":"receipt","thread":"t","message":"1","by":"Ana"}"#,
    ] {
        let kept = read_text(format!("{{\"onebox\":1}}\n{line}\n")).unwrap();
        assert_eq!(kept.oddities, [], "{line}");
        let [Record::Account(_), Record::Thread(thread), _] = &kept.records[..] else {
            panic!("{line}: {:?}", kept.records)
        };
        assert_eq!(&*thread.key, "t");
    }
}

#[test]
fn an_endless_line_is_passed_over() {
    let mut file = b"{\"onebox\":1}\n".to_vec();
    file.resize(file.len() + (40 << 20), b'x');
    file.extend(
        b"\n{\"record\":\"message\",\"thread\":\"t\",\"sent_at\":\"2020-01-01T00:00:00Z\"}\n",
    );
    let kept = read_text(file).unwrap();
    let [odd] = &kept.oddities[..] else { panic!("{:?}", kept.oddities) };
    assert_eq!(odd.at, "line 2");
    assert!(matches!(kept.records.last(), Some(Record::Message(_))));
}

#[test]
fn a_newer_format_is_refused_with_what_to_do() {
    let Err(ReadError::Format { why, .. }) = read_text("{\"onebox\":2}\n").map(|_| ()) else {
        panic!("read")
    };
    assert!(why.contains("update onebox"), "{why}");
}

#[test]
fn it_is_recognised_by_its_first_line() {
    let tree = FileTree::memory([
        ("a/mine.jsonl".to_owned(), b"\n{\"onebox\":1}\n".to_vec()),
        ("a/other.jsonl".to_owned(), b"{\"version\":1}\n".to_vec()),
        ("b/notes.txt".to_owned(), b"{\"onebox\":1}\n".to_vec()),
    ]);
    let found = (SOURCE.recognise)(&tree);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].root.as_str(), found[0].confidence), ("a", Confidence::Sure));
    let alone = FileTree::memory([("notes.txt".to_owned(), b"{\"onebox\":1}\n".to_vec())]);
    assert_eq!((SOURCE.recognise)(&alone).len(), 1);
}

#[test]
fn attachments_cannot_climb_out() {
    let kept = read_text(
        "{\"onebox\":1}\n{\"record\":\"message\",\"thread\":\"t\",\"sent_at\":\"2020-01-01T00:00:00Z\",\
         \"attachments\":[{\"kind\":\"file\",\"path\":\"../../etc/passwd\"},\
         {\"kind\":\"file\",\"path\":\"/../x\",\"container\":\"/home\"}]}",
    )
    .unwrap();
    let Some(Record::Message(m)) = kept.records.last() else { panic!("no message") };
    let paths: Vec<_> = m
        .attachments
        .iter()
        .map(|a| match &a.place {
            MediaPlace::Export { path, .. } => path.as_str(),
            _ => panic!("not a path"),
        })
        .collect();
    assert_eq!(paths, ["etc/passwd", "x"]);
}

/// Every field that is ever written stands in the schema, and every required one is written.
#[test]
fn the_schema_is_true() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../../assets/interchange.schema.json")).unwrap();
    let any = prop_oneof![account(), thread(), participant(), message()];
    let mut runner = TestRunner::deterministic();
    let mut met = std::collections::BTreeSet::new();
    for _ in 0..400 {
        let record = any.new_tree(&mut runner).unwrap().current();
        let line = written(&[record]);
        let line = line.split(|b| *b == b'\n').nth(1).unwrap();
        let line: serde_json::Value = serde_json::from_slice(line).unwrap();
        let kind = line["record"].as_str().unwrap();
        let definition = &schema["$defs"][kind];
        for (field, value) in line.as_object().unwrap() {
            let property = &definition["properties"][field];
            assert!(property.is_object(), "{kind}.{field} is not in the schema");
            if let (Some(words), Some(word)) = (property["enum"].as_array(), value.as_str()) {
                assert!(words.iter().any(|w| w == word), "{kind}.{field}: {word}");
            }
            met.insert(format!("{kind}.{field}"));
        }
        for field in definition["required"].as_array().unwrap() {
            assert!(line.get(field.as_str().unwrap()).is_some(), "{kind}.{field} is required");
        }
    }
    for kind in ["account", "thread", "participant", "message"] {
        for field in schema["$defs"][kind]["properties"].as_object().unwrap().keys() {
            assert!(met.contains(&format!("{kind}.{field}")), "{kind}.{field} is never written");
        }
    }
}
