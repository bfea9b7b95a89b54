//! What came with a message, as two tellings of it have it: one has the file, the other a link to it,
//! its name, or no more than that there was something.

use std::cmp::Reverse;

use super::row::StoredAttachment;
use crate::model::AttachmentKind;

/// Takes in what another telling has, one by one. The result does not depend on which came first,
/// and the same told again changes nothing.
pub fn merge(mine: &mut Vec<StoredAttachment>, theirs: Vec<StoredAttachment>) {
    if theirs.is_empty() || *mine == theirs {
        return;
    }
    let (mut all, others) = match leads(mine, &theirs) {
        true => (std::mem::take(mine), theirs),
        false => (theirs, std::mem::take(mine)),
    };
    let places = places(&all, &others);
    for (other, place) in others.into_iter().zip(places) {
        match place {
            Some(place) => join(&mut all[place], other),
            None if is_more(&all, &other) => all.push(other),
            None => {}
        }
    }
    *mine = all;
}

/// Whether the file is here.
pub fn is_here(a: &StoredAttachment) -> bool {
    held(a) == Held::File
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Held {
    Nothing,
    /// It can be fetched.
    Link,
    File,
}

fn held(a: &StoredAttachment) -> Held {
    if a.container.is_some() {
        Held::File
    } else if a.handle.is_some() || a.url.is_some() {
        Held::Link
    } else {
        Held::Nothing
    }
}

/// Which of two knows it better: who has the file, and of two files the one that can be fetched
/// again. The rest only decides, always alike.
fn standing(a: &StoredAttachment) -> impl Ord {
    let kind = (a.kind != AttachmentKind::File, a.kind.word());
    let file = (&a.name, &a.path, Reverse(a.container));
    (held(a), a.handle.is_some(), kind, file, &a.url)
}

/// Whose list is filled up from the other: the longer one, or the one with more files.
fn leads(mine: &[StoredAttachment], theirs: &[StoredAttachment]) -> bool {
    let here = |all: &[StoredAttachment]| all.iter().filter(|a| is_here(a)).count();
    (mine.len(), here(mine))
        .cmp(&(theirs.len(), here(theirs)))
        .then_with(|| mine.iter().map(standing).cmp(theirs.iter().map(standing)))
        != std::cmp::Ordering::Less
}

/// One that the others do not have. What only says that there was something is among them.
fn is_more(all: &[StoredAttachment], one: &StoredAttachment) -> bool {
    held(one) > Held::Nothing && !all.iter().any(|a| same_file(a, one) || same_name(a, one))
}

/// Where each of the others stands among all. In lists of one length each has its place.
fn places(all: &[StoredAttachment], others: &[StoredAttachment]) -> Vec<Option<usize>> {
    type Same = fn(&StoredAttachment, &StoredAttachment) -> bool;
    let mut ways: Vec<Same> = vec![same_file, same_name];
    if all.len() == others.len() {
        ways.extend([same_kind as Same, |_, _| true]);
    } else {
        ways.push(may_be);
    }
    let mut places = vec![None; others.len()];
    let mut free = vec![true; all.len()];
    for same in ways {
        // Beside each other first.
        for beside in [true, false] {
            for (n, other) in others.iter().enumerate() {
                let fits = |i: &usize| free[*i] && (*i == n || !beside) && same(&all[*i], other);
                if places[n].is_none()
                    && let Some(i) = (0..all.len()).find(fits)
                {
                    (places[n], free[i]) = (Some(i), false);
                }
            }
        }
    }
    places
}

fn same_file(a: &StoredAttachment, b: &StoredAttachment) -> bool {
    fn both<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
        a.is_some() && a == b
    }
    // What follows the question mark runs out, and is another one in each export.
    let url = |a: &StoredAttachment| {
        a.url.as_deref().map(|u| u.split_once('?').map_or(u, |(place, _)| place).to_owned())
    };
    both(a.handle.as_ref(), b.handle.as_ref())
        || both(a.path.as_ref(), b.path.as_ref())
        || both(url(a), url(b))
}

fn same_name(a: &StoredAttachment, b: &StoredAttachment) -> bool {
    a.name.is_some() && a.name == b.name
}

fn same_kind(a: &StoredAttachment, b: &StoredAttachment) -> bool {
    a.kind == b.kind
}

/// Nothing speaks against it.
fn may_be(a: &StoredAttachment, b: &StoredAttachment) -> bool {
    same_kind(a, b)
        && (a.name.is_none() || b.name.is_none() || a.name == b.name)
        && !(is_here(a) && is_here(b))
}

/// One thing, told twice: as the better of the two has it, and what the other alone knows.
fn join(one: &mut StoredAttachment, other: StoredAttachment) {
    let better = standing(one) >= standing(&other);
    let other = if better { other } else { std::mem::replace(one, other) };
    // A path leads into its own container.
    if one.path.is_none() {
        one.path = other.path;
    }
    one.name = one.name.take().or(other.name);
    one.url = one.url.take().max(other.url);
    one.handle = one.handle.take().max(other.handle);
    one.size = one.size.max(other.size);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn photo(name: &str) -> StoredAttachment {
        StoredAttachment::bare(AttachmentKind::Photo, Some(name.to_owned()))
    }

    fn here(name: &str, container: i64) -> StoredAttachment {
        let path = Some(format!("files/{name}"));
        StoredAttachment { path, container: Some(container), ..photo(name) }
    }

    fn linked(name: &str, signed: &str) -> StoredAttachment {
        StoredAttachment { url: Some(format!("https://x.example/{name}?{signed}")), ..photo(name) }
    }

    /// Both orders come to the same, and stay it when either is told again.
    fn both(a: &[StoredAttachment], b: &[StoredAttachment]) -> Vec<StoredAttachment> {
        let told = |before: &[StoredAttachment], then: &[StoredAttachment]| {
            let mut all = before.to_vec();
            merge(&mut all, then.to_vec());
            all
        };
        let all = told(a, b);
        assert_eq!(told(b, a), all, "{a:#?} {b:#?}");
        assert_eq!(told(&all, a), all, "{a:#?} {b:#?}");
        assert_eq!(told(&all, b), all, "{a:#?} {b:#?}");
        all
    }

    #[test]
    fn a_file_that_is_here_stands_before_a_link_to_it_and_that_before_nothing() {
        let (gone, link, file) = ([photo("x")], [linked("x", "1")], [here("x", 7)]);
        let kept = StoredAttachment { url: link[0].url.clone(), ..here("x", 7) };
        assert_eq!(both(&gone, &link), link);
        assert_eq!(both(&link, &file), [kept]);
        assert_eq!(both(&gone, &file), file);
        assert_eq!(both(&file, &[]), file);
    }

    #[test]
    fn of_two_pictures_each_telling_may_have_one() {
        let a = [here("one", 1), photo("two")];
        let b = [photo("one"), here("two", 2)];
        assert_eq!(both(&a, &b), [here("one", 1), here("two", 2)]);
    }

    #[test]
    fn what_bears_another_name_where_it_was_deleted_is_known_by_its_place() {
        let stub = StoredAttachment::bare(AttachmentKind::File, Some("Deleted: b".to_owned()));
        let all = [here("a", 1), here("b", 1)];
        assert_eq!(both(&[here("a", 1), stub], &all), all);
    }

    #[test]
    fn one_that_only_one_telling_has_stays() {
        let share = StoredAttachment { kind: AttachmentKind::Share, ..linked("page", "") };
        let all = both(&[linked("one", "1"), share.clone()], &[here("one", 1)]);
        assert_eq!(all.len(), 2);
        assert!(is_here(&all[0]) && all[1] == share);
        let all = both(&[photo("one"), photo("two")], &[share]);
        assert_eq!(all.len(), 3);
        let nothing = StoredAttachment::bare(AttachmentKind::Video, None);
        assert_eq!(both(&[here("one", 1), here("two", 1)], &[nothing]).len(), 2);
    }

    #[test]
    fn a_file_that_was_fetched_stays_and_can_be_fetched_again() {
        let told = StoredAttachment { handle: Some("h".into()), size: Some(5), ..photo("x") };
        let place = (Some("x".to_owned()), Some(3));
        let fetched = [StoredAttachment { path: place.0, container: place.1, ..told.clone() }];
        assert_eq!(both(&fetched, &[told]), fetched);
        assert_eq!(both(&fetched, &[here("x", 1)]), fetched);
    }

    /// What one telling has of each of four attachments: nothing, or as much as is said here.
    fn telling(container: i64) -> impl Strategy<Value = Vec<StoredAttachment>> {
        prop::collection::vec(0..6, 4).prop_map(move |much| {
            let tell = |(n, much): (usize, &i32)| {
                let name = ["a", "b", "c", "d"][n];
                let mut told = match much {
                    0 => return None,
                    1 => photo(name),
                    2 => linked(name, &container.to_string()),
                    3 => StoredAttachment { handle: Some(name.into()), ..photo(name) },
                    _ => here(name, container),
                };
                if n > 1 {
                    told.kind = AttachmentKind::Video;
                }
                Some(told)
            };
            much.iter().enumerate().filter_map(tell).collect()
        })
    }

    proptest! {
        #[test]
        fn two_tellings_come_to_the_same_in_either_order(a in telling(1), b in telling(2)) {
            let all = both(&a, &b);
            let here: BTreeSet<_> =
                a.iter().chain(&b).filter(|a| is_here(a)).map(|a| a.name.clone()).collect();
            let files = all.iter().filter(|a| is_here(a)).count();
            if a.len() != b.len() {
                prop_assert_eq!(files, here.len());
            }
            prop_assert!(all.len() >= a.len().max(b.len()));
        }
    }
}
