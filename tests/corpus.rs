//! Every file of the corpus, and what an import of it brings: a table to be checked by eye.
//!
//! Each line was counted by hand or by a few lines of another language, not by this program. The
//! readers' own tests look at what the messages say.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "it says that it had nothing to read")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use onebox::engine::{Engine, ImportOptions, Progress, Rules, Settings, Store, detect};
use onebox::model::Day;

/// Below the corpus; source, threads, messages, oddities.
type Line = (&'static str, &'static str, u64, u64, u64);

/// What is imported as it lies there, file or folder.
const EXPORTS: &[(&str, &[Line])] = &[
    (
        "messenger/kenn-io__msgvault/internal/fbmessenger/testdata",
        &[
            // One of two threads is no JSON.
            ("corrupt", "messenger", 1, 1, 1),
            ("e2ee_simple", "messenger", 2, 6, 0),
            ("html_multi_media", "messenger", 1, 3, 0),
            ("html_simple", "messenger", 1, 3, 0),
            ("html_with_media", "messenger", 1, 1, 0),
            ("json_group", "messenger", 1, 3, 0),
            ("json_multifile", "messenger", 1, 4, 0),
            ("json_nontext", "messenger", 1, 6, 0),
            ("json_simple", "messenger", 2, 4, 0),
            ("json_with_media", "messenger", 1, 1, 0),
            ("json_with_media_alt", "messenger", 1, 1, 0),
            // The same two messages in both forms, once.
            ("mixed", "messenger", 1, 2, 0),
        ],
    ),
    (
        "messenger",
        &[
            // The page of up to 2017, under a name of its own.
            (
                "ownaginatious__fbchat-archive-parser/tests/simulated_data.htm",
                "messenger",
                3,
                20,
                0,
            ),
            // A list of friends beside the messages.
            ("kaustubhhiware__facebook-archive/examples", "messenger", 1, 2, 0),
        ],
    ),
    ("instagram/joweich__chat-miner/test/instagram", &[("test_export.json", "instagram", 1, 2, 0)]),
    (
        "whatsapp/joweich__chat-miner/test/whatsapp",
        &[
            ("test_[mmddyy]_24hrs.txt", "whatsapp", 1, 9, 0),
            ("test_ddmmyy_24hrs.txt", "whatsapp", 1, 9, 0),
            ("test_mmddyy_24hrs.txt", "whatsapp", 1, 9, 0),
            ("test_mmddyyyy_12hrs.txt", "whatsapp", 1, 9, 0),
            ("test_yyyymmdd_24hrs.txt", "whatsapp", 1, 9, 0),
        ],
    ),
    (
        "whatsapp/Marcello2020-dev__whatsapp-export-tools/Fixtures",
        &[
            ("wet-exporter-placeholder/_chat.txt", "whatsapp", 1, 5, 0),
            ("wet-group-chat/_chat.txt", "whatsapp", 1, 7, 0),
            ("wet-group-event-bracket/_chat.txt", "whatsapp", 1, 2, 0),
            ("wet-two-party/000000/Chat.txt", "whatsapp", 1, 2, 0),
            ("wet-weak-partner/000000/Chat.txt", "whatsapp", 1, 2, 0),
        ],
    ),
    (
        "whatsapp/noahejung__locket",
        &[
            ("tests/fixtures/whatsapp_android.txt", "whatsapp", 1, 8, 0),
            ("tests/fixtures/whatsapp_ios.txt", "whatsapp", 1, 3, 0),
            ("demo_corpus/whatsapp/sarah.txt", "whatsapp", 1, 145, 0),
            ("demo_corpus/whatsapp/team.txt", "whatsapp", 1, 190, 0),
            ("tests/fixtures/whatsapp_backup/ChatStorage-personal.sqlite", "whatsapp", 2, 8, 0),
        ],
    ),
    (
        "whatsapp/frozenspider__chat-history-manager/crates/loaders/resources/test",
        &[("whatsapp-text_2023-10/WhatsApp Chat with +123 45 6789.txt", "whatsapp", 1, 13, 0)],
    ),
    // Of 12 rows one is a tapback.
    ("imessage/noahejung__locket/tests/fixtures/ios_backup", &[("sms.db", "imessage", 2, 11, 0)]),
    ("sms/noahejung__locket/tests/fixtures", &[("sms_backup.xml", "sms", 3, 4, 0)]),
    ("slack/hfaran__slack-export-viewer/tests", &[("testarchive.zip", "slack", 2, 158, 0)]),
    ("signal/joweich__chat-miner/test/signal", &[("test_export.txt", "signal", 1, 2, 0)]),
    (
        "telegram/joweich__chat-miner/test/telegram",
        &[
            ("test_batch_export.json", "telegram", 1, 2, 0),
            ("test_single_export.json", "telegram", 1, 2, 0),
        ],
    ),
    (
        "telegram/frozenspider__chat-history-manager/crates/loaders/resources/test",
        &[
            ("telegram_2020-01", "telegram", 4, 50, 0),
            ("telegram_2021-05", "telegram", 1, 3, 0),
            ("telegram_2021-06_supergroup", "telegram", 1, 4, 0),
            ("telegram_2021-07", "telegram", 1, 2, 0),
            ("telegram_2023-01", "telegram", 1, 6, 0),
            ("telegram_2023-08", "telegram", 1, 2, 0),
            ("telegram_2023-10_audio-video", "telegram", 1, 4, 0),
            ("telegram_2023-11", "telegram", 1, 1, 0),
            ("telegram_2024-01", "telegram", 1, 2, 0),
            ("telegram_2024-01_inline-bot-buttons", "telegram", 1, 5, 0),
            ("telegram_2024-02_create-channel_saved-from", "telegram", 1, 2, 0),
        ],
    ),
];

/// Databases that lie there as the statements that make them: where each is put, and the rest of
/// its folder beside it.
const DUMPS: &[(Line, &[(&str, &str)])] = &[
    (
        (
            "whatsapp/frozenspider__chat-history-manager/crates/loaders/resources/test/whatsapp-android_2023-10",
            "whatsapp",
            2,
            4,
            0,
        ),
        &[("msgstore.sql", "msgstore.db"), ("wa.sql", "wa.db")],
    ),
    (
        (
            "whatsapp/frozenspider__chat-history-manager/crates/loaders/resources/test/whatsapp-android_2026-01",
            "whatsapp",
            1,
            1,
            0,
        ),
        &[("msgstore.sql", "msgstore.db"), ("wa.sql", "wa.db")],
    ),
    // As it is after it was unlocked; a call among the messages.
    (
        (
            "signal/frozenspider__chat-history-manager/crates/loaders/resources/test/signal_2024-08-macos",
            "signal",
            1,
            5,
            0,
        ),
        &[("plaintext.sql", "sql/db.sqlite")],
    ),
];

/// What is no export by itself.
const NONE: &[(&str, &str)] = &[
    (
        "messenger/marcin-przywoski__Facebook-Export-Viewer",
        "the settings of an export without its messages",
    ),
    (
        "messenger/kenn-io__msgvault/internal/fbmessenger/testdata/html_timestamps",
        "pages without Meta's markup; tests/pages.rs puts them where such pages lie",
    ),
];

fn corpus() -> Option<PathBuf> {
    let corpus = std::env::var_os("ONEBOX_CORPUS").map(PathBuf::from);
    if corpus.is_none() {
        println!("ONEBOX_CORPUS is not set: the corpus was not read");
    }
    corpus
}

/// Source, threads, messages and oddities of an import into an empty inbox.
fn imported(path: &Path) -> Vec<(String, u64, u64, u64)> {
    let settings = Settings {
        rules: Rules::builtin().unwrap(),
        as_of: Day::parse("2026-11-22"),
        read_only: false,
        offline: false,
        demo: false,
        keep_deleted: false,
    };
    let engine = Engine::new(Arc::new(Store::in_memory().unwrap()), Arc::new(settings)).unwrap();
    let found = detect(&[path.to_owned()], None).unwrap();
    let report = engine.import(found, &ImportOptions::default(), &Progress::default()).unwrap();
    let counts = |s: onebox::inbox::ImportSummary| {
        assert!(!s.partial, "{path:?}: {s:?}");
        (s.id, s.threads_added, s.messages_added, s.oddities)
    };
    report.into_iter().map(counts).collect()
}

fn exports() -> impl Iterator<Item = (PathBuf, &'static Line)> {
    let whole = |(folder, lines): &&'static (&'static str, &'static [Line])| {
        let folder = Path::new(folder);
        lines.iter().map(move |line| (folder.join(line.0), line)).collect::<Vec<_>>()
    };
    EXPORTS.iter().flat_map(move |e| whole(&e))
}

fn differs(path: &Path, line: &Line, told: &[(String, u64, u64, u64)]) -> Option<String> {
    let sum = |of: fn(&(String, u64, u64, u64)) -> u64| told.iter().map(of).sum::<u64>();
    let all = (sum(|t| t.1), sum(|t| t.2), sum(|t| t.3));
    let same = all == (line.2, line.3, line.4) && told.iter().all(|t| t.0 == line.1);
    (!same).then(|| format!("{}: {line:?}, but {told:?}", path.display()))
}

#[test]
fn every_export_brings_what_was_counted() {
    let Some(corpus) = corpus() else { return };
    let told = exports().map(|(path, line)| (imported(&corpus.join(&path)), path, line));
    let wrong: Vec<String> = told.filter_map(|(t, path, line)| differs(&path, line, &t)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_dumped_database_brings_what_was_counted() {
    let Some(corpus) = corpus() else { return };
    for (line, databases) in DUMPS {
        let folder = tempfile::tempdir().unwrap();
        for (sql, at) in *databases {
            let at = folder.path().join(at);
            fs::create_dir_all(at.parent().unwrap()).unwrap();
            let sql = fs::read_to_string(corpus.join(line.0).join(sql)).unwrap();
            rusqlite::Connection::open(at).unwrap().execute_batch(&sql).unwrap();
        }
        let told = imported(folder.path());
        assert_eq!(differs(Path::new(line.0), line, &told), None);
    }
}

#[test]
fn what_is_no_export_is_not_taken_for_one() {
    let Some(corpus) = corpus() else { return };
    for (path, why) in NONE {
        let found = detect(&[corpus.join(path)], None);
        assert!(found.is_err() || found.unwrap().is_empty(), "{path} is {why}");
    }
}

/// No file is forgotten, and no line is of a file that is not there.
#[test]
fn the_table_is_whole() {
    let Some(corpus) = corpus() else { return };
    let mut lines: Vec<PathBuf> = exports().map(|(path, _)| path).collect();
    lines.extend(DUMPS.iter().map(|(line, _)| PathBuf::from(line.0)));
    lines.extend(NONE.iter().map(|(path, _)| PathBuf::from(path)));
    let manifest = fs::read_to_string(corpus.join("MANIFEST.tsv")).unwrap();
    let files: BTreeSet<&str> =
        manifest.lines().skip(1).filter_map(|l| l.split('\t').next()).collect();
    assert!(files.len() > 80, "{}", files.len());
    for file in &files {
        assert!(corpus.join(file).is_file(), "{file} is not there");
        let of = lines.iter().filter(|line| Path::new(file).starts_with(line)).count();
        assert_eq!(of, 1, "{file} is of {of} lines");
    }
    for line in &lines {
        assert!(files.iter().any(|f| Path::new(f).starts_with(line)), "{}", line.display());
    }
}
