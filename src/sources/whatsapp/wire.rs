//! Protocol buffers without a schema: the few fields that are wanted of a message's metadata.

/// A field's value: what is in bytes, or a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field<'a> {
    /// Text, bytes or a message within.
    Bytes(&'a [u8]),
    /// A whole number.
    Number(u64),
}

/// A number of a changing length, taken off the front.
pub fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut n = 0u64;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        n |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(n);
        }
    }
    None
}

/// The fields of a message, as far as it is whole; of a long one the first.
pub fn fields(bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    walk(bytes).take(1000).collect()
}

/// The fields of a message, one after the other, as far as it is whole.
pub fn walk(mut bytes: &[u8]) -> impl Iterator<Item = (u64, Field<'_>)> {
    std::iter::from_fn(move || {
        let tag = varint(&mut bytes)?;
        let value = match tag & 7 {
            0 => varint(&mut bytes).map(Field::Number),
            1 => take(&mut bytes, 8).map(Field::Bytes),
            2 => varint(&mut bytes)
                .and_then(|n| usize::try_from(n).ok())
                .and_then(|n| take(&mut bytes, n))
                .map(Field::Bytes),
            5 => take(&mut bytes, 4).map(Field::Bytes),
            _ => None,
        };
        if value.is_none() {
            bytes = &[];
        }
        Some((tag >> 3, value?))
    })
}

fn take<'a>(bytes: &mut &'a [u8], n: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(n)?;
    *bytes = rest;
    Some(taken)
}

/// Every value in bytes at a path of field numbers.
pub fn at<'a>(bytes: &'a [u8], path: &[u64]) -> Vec<&'a [u8]> {
    let Some((first, rest)) = path.split_first() else { return vec![bytes] };
    fields(bytes)
        .into_iter()
        .filter_map(|(n, v)| match v {
            Field::Bytes(b) if n == *first => Some(b),
            _ => None,
        })
        .flat_map(|b| at(b, rest))
        .collect()
}

/// The first text at a path that is not empty.
pub fn text(bytes: &[u8], path: &[u64]) -> Option<String> {
    at(bytes, path)
        .into_iter()
        .find_map(|b| std::str::from_utf8(b).ok())
        .filter(|t| !t.is_empty())
        .map(str::to_owned)
}

/// The first number at a path.
pub fn number(bytes: &[u8], path: &[u64]) -> Option<u64> {
    let (last, before) = path.split_last()?;
    at(bytes, before).into_iter().flat_map(fields).find_map(|(n, v)| match v {
        Field::Number(value) if n == *last => Some(value),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_their_path() {
        // 5: "ABC", 19: { 1: "hi" }, 7: { 2: 300 }
        let bytes = b"\x2a\x03ABC\x9a\x01\x04\x0a\x02hi\x3a\x03\x10\xac\x02";
        assert_eq!(text(bytes, &[5]).as_deref(), Some("ABC"));
        assert_eq!(text(bytes, &[19, 1]).as_deref(), Some("hi"));
        assert_eq!(number(bytes, &[7, 2]), Some(300));
        assert_eq!((text(bytes, &[6]), number(bytes, &[5, 1])), (None, None));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_end(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            for path in [&[5][..], &[19, 1], &[7, 1, 2]] {
                text(&bytes, path);
                number(&bytes, path);
            }
        }
    }
}
