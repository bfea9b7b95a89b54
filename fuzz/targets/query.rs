//! What a person types into the search, and what is looked through: what is understood means the
//! same when it is shown and read again; marks and complaints stand where text is.

#![no_main]

use libfuzzer_sys::fuzz_target;
use onebox::model::Day;
use onebox::search::{Marker, Pattern, Reading, parse, tokens, until};

fuzz_target!(|bytes: &[u8]| {
    let whole = String::from_utf8_lossy(bytes);
    let (typed, text) = whole.split_once('\n').unwrap_or((&whole, ""));
    let today = Day::parse("2026-11-18").expect("a day");
    for typing in [false, true] {
        let reading = Reading { today, typing };
        let parsed = parse(typed, reading);
        for complaint in &parsed.complaints {
            assert!(typed.get(complaint.at.clone()).is_some(), "{complaint:?}");
            assert!(!complaint.text.is_empty());
        }
        let shown = parsed.query.to_string();
        let again = parse(&shown, Reading { today, typing: false });
        if !typing && shown.len() < 4_000 {
            assert_eq!(again.query, parsed.query, "{shown}");
            let fine = again.complaints.is_empty() || !parsed.complaints.is_empty();
            assert!(fine, "{shown}: {:?}", again.complaints);
        }
        let mut at = 0;
        for (start, end) in Marker::new(&parsed.query).marks(text) {
            assert!(start >= at && end > start && text.get(start..end).is_some());
            at = end;
        }
    }
    let words = tokens::tokens(text);
    assert!(words.len() <= text.len() * 2);
    if let Some(pattern) = Pattern::new(typed, true) {
        let found = pattern.find(&words);
        assert_eq!(!found.is_empty(), pattern.occurs(&words));
        assert!(found.iter().all(|r| text.get(r.clone()).is_some_and(|t| !t.is_empty())));
    }
    let noon = today.0.and_hms_opt(12, 0, 0).expect("noon");
    if let Ok(moment) = until(typed, noon) {
        assert!(moment > noon, "{typed}: {moment}");
    }
});
