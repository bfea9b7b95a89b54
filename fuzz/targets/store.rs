//! The interchange format taken into a store: whatever it tells is stored, and taking it in again
//! changes nothing.

#![no_main]

use libfuzzer_sys::fuzz_target;
use onebox::model::{Oddity, Record, Timestamp};
use onebox::sources::{ReadOptions, Sink, Stop};
use onebox::store::{Import, PageEnd, Store, Tally, ThreadQuery};
use onebox_fuzz::{exports, files};

const NOW: Timestamp = Timestamp(1_780_000_000_000);

struct Taking<'i, 'w>(&'i mut Import<'w>);

impl Sink for Taking<'_, '_> {
    fn take(&mut self, record: Record) -> Result<(), Stop> {
        self.0.take(record).expect("it is taken");
        Ok(())
    }
    fn odd(&mut self, oddity: Oddity) -> Result<(), Stop> {
        self.0.odd(&oddity).expect("it is kept");
        Ok(())
    }
    fn remark(&mut self, _: String) -> Result<(), Stop> {
        Ok(())
    }
    fn advance(&mut self, _: u64) -> Result<(), Stop> {
        Ok(())
    }
}

fuzz_target!(|bytes: &[u8]| {
    let (_, files) = files::files(bytes, "export.jsonl");
    let tree = files::tree(&files);
    let source = exports::sources(&["onebox"]).next().expect("it is in the catalog");
    let store = Store::in_memory().expect("a store");
    let take = || -> Tally {
        let mut writer = store.writer().expect("a writer");
        let mut import = writer.import("fuzz", NOW).expect("an import");
        // A file of a newer onebox is refused; what came before is stored.
        drop((source.read)(&tree, &ReadOptions::default(), &mut Taking(&mut import)));
        import.finish("{}").expect("it is settled")
    };
    let first = take();
    let before = rows(&store);
    let second = take();
    assert_eq!((second.threads_added, second.messages_added), (0, 0), "{first:?}, then {second:?}");
    assert_eq!(rows(&store), before, "taken in twice");
    assert!(store.reader().expect("a reader").check().expect("a check").is_empty());
});

/// What is shown of it, as words.
fn rows(store: &Store) -> Vec<String> {
    let reader = store.reader().expect("a reader");
    let threads = reader.threads(&ThreadQuery::default(), 0, 50).expect("threads");
    let mut all = Vec::new();
    for thread in threads {
        let newer = reader.newer(thread.id, PageEnd::Edge, 50).expect("messages");
        all.push(format!("{thread:?}"));
        all.extend(newer.iter().map(|m| format!("{m:?}")));
    }
    all
}
