//! `onebox import` of a folder that holds several exports: which of them.

use std::collections::BTreeSet;

use anyhow::Result;

use super::{accounts, out};
use crate::engine::Detected;
use crate::model::Bytes;

const HOW: &str = "Enter imports all of them; numbers (1 3-5) only those; n imports nothing:";

/// Asks which of several exports are wanted. `None`: none of them.
pub fn ask(found: Vec<Detected>) -> Result<Option<Vec<Detected>>> {
    out::line(&format!("Found {}:", out::counted(found.len() as u64, "export")))?;
    for (n, d) in found.iter().enumerate() {
        out::line(&format!("{:>4}  {}", n + 1, out::clean(&one(d))))?;
    }
    loop {
        out::line(HOW)?;
        // Nobody is there any more: nothing was chosen.
        let Some(answer) = accounts::read()? else { return Ok(None) };
        match chosen(&answer, found.len()) {
            Ok(Some(these)) => {
                let all = found.into_iter().enumerate();
                return Ok(Some(all.filter(|(n, _)| these.contains(n)).map(|(_, d)| d).collect()));
            }
            Ok(None) => return Ok(None),
            Err(why) => out::complain(&why),
        }
    }
}

fn one(d: &Detected) -> String {
    let bytes = d.tree.total_bytes();
    let files = out::counted(d.tree.entries().len() as u64, "file");
    format!("{}  {} · {files} · {}", d.what, d.lies.join(", "), Bytes(bytes))
}

/// The places that an answer means, from 0; `None`: none of them.
fn chosen(answer: &str, all: usize) -> Result<Option<BTreeSet<usize>>, String> {
    let answer = answer.trim().to_lowercase();
    if answer.is_empty() || matches!(answer.as_str(), "y" | "yes" | "a" | "all") {
        return Ok(Some((0..all).collect()));
    }
    if matches!(answer.as_str(), "n" | "no" | "none" | "q" | "0") {
        return Ok(None);
    }
    let mut these = BTreeSet::new();
    for word in answer.split([' ', ',', ';']).filter(|w| !w.is_empty()) {
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        let number = |w: &str| w.parse::<usize>().ok().filter(|n| (1..=all).contains(n));
        match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => these.extend(first - 1..last),
            _ => return Err(format!("{word} is none of 1 to {all}")),
        }
    }
    Ok(Some(these))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_means_all_some_or_none() {
        let some = |of: &[usize]| Ok(Some(of.iter().copied().collect()));
        for all in ["", "  ", "y", "ALL"] {
            assert_eq!(chosen(all, 3), some(&[0, 1, 2]));
        }
        assert_eq!(chosen("2", 3), some(&[1]));
        assert_eq!(chosen("1, 3", 3), some(&[0, 2]));
        assert_eq!(chosen("2-3 1", 3), some(&[0, 1, 2]));
        for none in ["n", "No", "q", "0"] {
            assert_eq!(chosen(none, 3), Ok(None));
        }
        for wrong in ["4", "0-2", "3-1", "x", "1 x", "1--2", "-"] {
            assert!(chosen(wrong, 3).is_err(), "{wrong}");
        }
    }
}
