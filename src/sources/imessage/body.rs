//! The text of a message that is kept as an archive of an attributed string (`typedstream`).
//!
//! The string's characters stand behind its class's name: a `+`, a length in one, two or four bytes
//! and UTF-8. What follows are attributes, which are not read.

/// The text; `None` where there is none that can be found.
pub fn text(archive: &[u8]) -> Option<String> {
    let class = memchr::memmem::find(archive, b"NSString")?;
    let rest = archive.get(class + b"NSString".len()..)?;
    // A few bytes of bookkeeping stand between.
    let plus = rest.iter().take(16).position(|b| *b == b'+')?;
    let rest = rest.get(plus + 1..)?;
    let (length, rest) = match rest {
        [0x81, a, b, rest @ ..] => (usize::from(u16::from_le_bytes([*a, *b])), rest),
        [0x82, a, b, c, d, rest @ ..] => {
            (usize::try_from(u32::from_le_bytes([*a, *b, *c, *d])).ok()?, rest)
        }
        [n, rest @ ..] if *n < 0x80 => (usize::from(*n), rest),
        _ => return None,
    };
    let bytes = rest.get(..length).unwrap_or(rest);
    Some(plain(&String::from_utf8_lossy(bytes)))
}

/// A text without the marks that stand for attachments.
pub fn plain(text: &str) -> String {
    text.replace(['\u{fffc}', '\u{fffd}'], "").trim_matches('\0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(length: &[u8], text: &str) -> Vec<u8> {
        [
            b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x08NSString\x01\x94\x84\x01+",
            length,
            text.as_bytes(),
            b"\x86\x84\x02iI",
        ]
        .concat()
    }

    #[test]
    fn lengths_of_every_form() {
        assert_eq!(text(&archive(&[5], "Hello")).as_deref(), Some("Hello"));
        let long = "ä".repeat(300);
        assert_eq!(text(&archive(&[0x81, 0x58, 0x02], &long)).as_deref(), Some(long.as_str()));
        let longer = "x".repeat(70_000);
        assert_eq!(
            text(&archive(&[0x82, 0x70, 0x11, 1, 0], &longer)).as_deref(),
            Some(longer.as_str())
        );
        assert_eq!(text(&archive(&[10], "\u{fffc}picture")).as_deref(), Some("picture"));
    }

    #[test]
    fn torn_archives_give_what_is_there() {
        let whole = archive(&[5], "Hello");
        for n in 0..whole.len() {
            let _: Option<String> = text(&whole[..n]);
        }
        assert_eq!(text(b"NSString\x01+"), None);
        assert!(text(&archive(&[0x82, 255, 255, 255, 255], "short")).is_some());
    }
}
