//! A chat's text whose dates fit more than one order: what a longer export, or the person, says of
//! them later holds, whichever comes first, and doubles nothing.

mod readers;

use std::fmt::Write as _;

use onebox::model::Timestamp;
use onebox::sources::{DateOrder, FileTree, ReadOptions};
use onebox::store::{PageEnd, Store, ThreadQuery};
use proptest::prelude::*;
use readers::{Taking, source, utc};

/// A text as it is imported: its lines, and what the person says of its dates.
type Import<'a> = (&'a str, Option<DateOrder>);

fn import(store: &Store, (text, order): Import<'_>) -> u64 {
    let mut writer = store.writer().expect("a writer");
    let mut import = writer.import("test", Timestamp(1_900_000_000_000)).expect("an import");
    let tree =
        FileTree::memory([("WhatsApp Chat with Ann.txt".to_owned(), text.as_bytes().to_vec())]);
    let options = ReadOptions { me: Some("Me".to_owned()), date_order: order, ..utc() };
    (source("whatsapp").read)(&tree, &options, &mut Taking(&mut import)).expect("readable");
    import.finish("{}").expect("an end").messages_added
}

/// Every line with its time, after these imports; and that telling the last again adds nothing.
fn after(imports: &[Import<'_>]) -> Vec<String> {
    let store = Store::in_memory().expect("a store");
    for one in imports {
        import(&store, *one);
    }
    let first = seen(&store);
    for one in imports {
        assert_eq!(import(&store, *one), 0, "told again: {imports:?}");
    }
    assert_eq!(seen(&store), first, "told again");
    first
}

fn seen(store: &Store) -> Vec<String> {
    let reader = store.reader().expect("a reader");
    let threads = reader.threads(&ThreadQuery::default(), 0, 10).expect("threads");
    assert_eq!(threads.len(), 1);
    let all = reader.older(threads[0].id, PageEnd::Edge, 1000).expect("messages");
    let last = all.iter().map(|m| m.sent.at).max();
    assert_eq!(threads[0].last, last, "the list's time");
    all.iter()
        .map(|m| {
            let who = if m.mine { "Me" } else { m.sender.as_deref().unwrap_or("") };
            format!("{} {who}: {}", m.sent.at.to_rfc3339(), m.text)
        })
        .collect()
}

const OPEN: &str = "01/02/2024, 10:00 - Ann: hello\n01/02/2024, 10:00 - Ann: hello\n\
                    03/04/2024, 10:01 - Me: ho\n05/06/2024, 10:02 - Ann: bye\n";
/// Goes on, and tells the order: the month first.
const MORE: &str = "12/25/2024, 10:00 - Ann: merry\n12/26/2024, 10:00 - Me: thanks\n";

#[test]
fn what_the_person_says_holds_whichever_comes_first() {
    let mdy = Some(DateOrder::Mdy);
    let right = after(&[(OPEN, mdy)]);
    assert!(right[0].starts_with("2024-01-02T10:00:00"), "{right:?}");
    assert_eq!(right.len(), 4);
    assert!(after(&[(OPEN, None)])[0].starts_with("2024-02-01"), "the guess");
    assert_eq!(after(&[(OPEN, None), (OPEN, mdy)]), right);
    assert_eq!(after(&[(OPEN, mdy), (OPEN, None)]), right);
    assert_eq!(after(&[(OPEN, None), (OPEN, mdy), (OPEN, None)]), right);
}

#[test]
fn what_a_longer_export_shows_holds_whichever_comes_first() {
    let long = format!("{OPEN}{MORE}");
    let right = after(&[(&long, None)]);
    assert!(right[0].starts_with("2024-01-02"), "{right:?}");
    assert_eq!(right.len(), 6);
    assert_eq!(after(&[(OPEN, None), (&long, None)]), right);
    assert_eq!(after(&[(&long, None), (OPEN, None)]), right);
    // One that has lost its beginning since.
    let later = format!("05/06/2024, 10:02 - Ann: bye\n{MORE}");
    assert_eq!(after(&[(OPEN, None), (&later, None)]), right);
}

#[test]
fn messages_that_change_places_stay_two() {
    let open = "02/01/2024, 10:00 - Ann: ok\n02/01/2024, 10:00 - Ann: ok\n\
                01/02/2024, 10:00 - Ann: ok\n01/02/2024, 10:00 - Ann: ok\n\
                01/02/2024, 10:00 - Ann: ok\n05/06/2024, 10:02 - Me: <Media omitted>\n";
    let mdy = Some(DateOrder::Mdy);
    let right = after(&[(open, mdy)]);
    assert_eq!(right.len(), 6);
    assert_eq!(after(&[(open, None), (open, mdy)]), right);
    assert_eq!(after(&[(open, mdy), (open, None)]), right);
}

#[test]
fn a_phone_that_writes_otherwise_proves_nothing() {
    // Day first, and a guess; the other phone writes the same days month first, and is sure.
    let day_first = "01/02/2024, 10:00 - Ann: hello\n03/02/2024, 10:01 - Me: ho\n";
    let other = "[2/1/24, 10:00:07 AM] Ann: hello\n[2/3/24, 10:01:07 AM] Me: ho\n\
                 [2/25/24, 10:02:07 AM] Ann: bye\n";
    let both = after(&[(day_first, None), (other, None)]);
    assert_eq!(both.len(), 3, "{both:?}");
    assert!(both[0].starts_with("2024-02-01"), "{both:?}");
    assert_eq!(after(&[(other, None), (day_first, None)]).len(), 3);
}

#[test]
fn two_that_are_sure_are_both_right() {
    let a = "25/02/2024, 10:00 - Ann: hello\n01/03/2024, 10:01 - Me: ho\n";
    let b =
        "02/25/2024, 10:00 - Ann: hello\n03/01/2024, 10:01 - Me: ho\n03/02/2024, 10:01 - Me: x\n";
    assert_eq!(after(&[(a, None), (b, None)]).len(), 3);
    assert_eq!(after(&[(b, None), (a, None)]).len(), 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_chat_is_the_same_in_either_order(
        lines in proptest::collection::vec((1u32..=12, 1u32..=12, 0u32..3, 0usize..2, 0usize..3), 2..24)
    ) {
        let mut text = String::new();
        for (a, b, minute, who, what) in lines {
            let (who, what) = (["Ann", "Me"][who], ["ok", "where are you?", "here"][what]);
            writeln!(text, "{a:02}/{b:02}/2024, 10:0{minute} - {who}: {what}").expect("memory");
        }
        for order in [DateOrder::Dmy, DateOrder::Mdy] {
            let right = after(&[(&text, Some(order))]);
            let mut sorted = right.clone();
            sorted.sort();
            for imports in [
                [(text.as_str(), None), (text.as_str(), Some(order))],
                [(text.as_str(), Some(order)), (text.as_str(), None)],
            ] {
                let mut found = after(&imports);
                found.sort();
                prop_assert_eq!(&found, &sorted);
            }
        }
    }
}
