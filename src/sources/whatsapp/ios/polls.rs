//! Polls: among a message's receipts, field 8 of `ZWAMESSAGEINFO.ZRECEIPTINFO`.
//!
//! `{ 2: question, 3: { 1: option }…, 5: { 1: numbers of options…, 4: who }…, 6: { 1: mine… } }`, as
//! sepinf-inc/IPED and others found it.

use super::super::wire::{self, Field};
use crate::sources::poll;

/// A poll's words: the question, then the options, one a line, with their votes where there are any.
pub fn words(said: Option<&str>, receipts: &[u8]) -> String {
    let all = wire::at(receipts, &[8]);
    let Some(body) = all.first() else { return said.unwrap_or_default().to_owned() };
    let question = said.map(str::to_owned).or_else(|| wire::text(body, &[2]));
    let options: Vec<String> =
        wire::at(body, &[3]).iter().map(|o| wire::text(o, &[1]).unwrap_or_default()).collect();
    let mut votes = vec![0i64; options.len()];
    for vote in [&[5], &[6]].iter().flat_map(|path| wire::at(body, *path)) {
        for number in chosen(vote) {
            if let Some(n) = usize::try_from(number).ok().and_then(|n| votes.get_mut(n)) {
                *n += 1;
            }
        }
    }
    let voted = votes.iter().any(|n| *n > 0);
    let mut words = question.unwrap_or_default();
    for (option, votes) in options.iter().zip(votes) {
        words.push('\n');
        words.push_str(&poll::option(option, voted.then_some(votes)));
    }
    words
}

/// The numbers of the options that one vote is for, in either way to write several.
fn chosen(vote: &[u8]) -> Vec<u64> {
    let mut all = Vec::new();
    for (field, value) in wire::fields(vote) {
        match value {
            Field::Number(n) if field == 1 => all.push(n),
            Field::Bytes(mut packed) if field == 1 => {
                while let Some(n) = wire::varint(&mut packed).filter(|_| all.len() < MOST) {
                    all.push(n);
                }
            }
            _ => {}
        }
    }
    all
}

/// Options of one poll.
const MOST: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn any_bytes_end(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            words(None, &bytes);
            chosen(&bytes);
        }
    }
}
