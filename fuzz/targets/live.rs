//! What a connector writes: lines of any length, news of any kind; and orders as it may hear them.
//! What is understood is written and read again as the same.

#![no_main]

use std::io::BufReader;

use libfuzzer_sys::fuzz_target;
use onebox::sources::interchange::Line;
use onebox::sources::live::{Got, LONGEST, Lines, News, Order};
use onebox_fuzz::memory;

fuzz_target!(|bytes: &[u8]| memory::within((16 << 20) + bytes.len() * 400, "live", || heard(
    bytes
)));

fn heard(bytes: &[u8]) {
    // However few bytes come at a time, the lines are the same.
    let step = usize::from(bytes.first().copied().unwrap_or(0)) + 1;
    let mut lines = Lines::new(BufReader::with_capacity(step, bytes));
    let mut whole = bytes.split_inclusive(|b| *b == b'\n');
    loop {
        let got = lines.read().expect("memory");
        let Some(line) = whole.next().and_then(|l| l.strip_suffix(b"\n")) else {
            assert_eq!(got, Got::End);
            break;
        };
        assert_eq!(got, if line.len() > LONGEST { Got::TooLong } else { Got::Line });
        assert!(got == Got::TooLong || lines.bytes() == line);
        if let Ok(news) = serde_json::from_slice::<News>(line) {
            let again = serde_json::to_string(&news).expect("a line");
            let back: News = serde_json::from_str(&again).expect("its own line");
            assert_eq!(back, news, "{again}");
            if let News::Record { record, .. } = news {
                told(record);
            }
        }
        if let Ok(order) = serde_json::from_slice::<Order>(line) {
            let again = serde_json::to_string(&order).expect("a line");
            let back: Order = serde_json::from_str(&again).expect("its own line");
            assert_eq!(back, order, "{again}");
            assert_eq!(back.key(), order.key());
        }
    }
}

fn told(line: Line) {
    let Ok(record) = line.into_record() else { return };
    let again = Line::from(&record).into_record();
    assert_eq!(again.as_ref(), Ok(&record));
}
