//! Strangers' text before it meets the screen: no control gets through, nothing is wider than its
//! place, and no word is lost by breaking lines.

#![no_main]

use libfuzzer_sys::fuzz_target;
use onebox::text::{Clean, width, wrap};
use unicode_segmentation::UnicodeSegmentation;

fuzz_target!(|bytes: &[u8]| {
    let Some((cols, text)) = bytes.split_first() else { return };
    let (cols, text) = (usize::from(*cols), String::from_utf8_lossy(text));
    for (clean, breaks) in [(Clean::body(&text), true), (Clean::line(&text), false)] {
        harmless(clean.as_str(), breaks);
        let again = if breaks { Clean::body(clean.as_str()) } else { Clean::line(clean.as_str()) };
        assert_eq!(again, clean);
        for cut in [clean.fit(cols), clean.fit_middle(cols)] {
            harmless(cut.as_str(), breaks);
            assert!(cut.width() <= cols, "{cut:?} in {cols}");
            assert!(clean.width() > cols || cut == clean);
        }
        assert_eq!(clean.pad(cols).width(), cols, "{clean:?}");
        rows(clean.as_str(), cols);
    }
});

fn harmless(text: &str, breaks: bool) {
    assert!(!text.contains(|c: char| c.is_control() && !(breaks && c == '\n')), "{text:?}");
    let hidden = |c: char| {
        matches!(u32::from(c),
            0x200b | 0x202a..=0x202e | 0x2066..=0x206f | 0xfeff | 0xe0100..=0xe01ef)
    };
    assert!(!text.contains(hidden), "{text:?}");
    assert!(text.graphemes(true).all(|g| g.chars().count() <= 16), "{text:?}");
}

fn rows(text: &str, cols: usize) {
    let cols = cols.max(1);
    let mut at = 0;
    for row in wrap(text, cols) {
        assert!(row.start >= at && row.end >= row.start, "{text:?} in {cols}");
        assert!(text[at..row.start].chars().all(|c| c == '\n' || c == ' '), "{text:?} in {cols}");
        let shown = &text[row.clone()];
        assert!(!shown.contains('\n'));
        // A row of one cluster cannot be made narrower.
        let one = shown.graphemes(true).count() <= 1;
        assert!(width(shown) <= cols || one, "{shown:?} of {text:?} in {cols}");
        at = row.end;
    }
    assert!(text[at..].chars().all(|c| c == ' '), "{text:?} in {cols}");
}
