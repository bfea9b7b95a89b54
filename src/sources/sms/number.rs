//! Phone numbers as keys: one number, however it is written.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use phonenumber::country::Id;

/// Bytes of an address.
const ADDRESS: usize = 200;
/// Addresses of one group.
const GROUP: usize = 500;
/// Spellings whose key is remembered.
const REMEMBERED: usize = 100_000;
/// Numbers with a country, below which a country is a guess.
const ENOUGH: usize = 3;

/// A value that is there: not empty, and not one of the words that stand for nothing.
pub fn said(value: Option<String>) -> Option<String> {
    value.filter(|v| !matches!(v.trim(), "" | "null" | "(Unknown)"))
}

/// An address, if it is one. A withheld number is written as -1, -2 or -3, the phone's own one as a
/// token that the network was to replace.
pub fn address(value: Option<String>) -> Option<String> {
    let mut plain = said(value)?.trim().to_owned();
    // No address is longer: what is kept by them is bounded.
    plain.truncate(plain.floor_char_boundary(ADDRESS));
    let withheld = matches!(plain.as_str(), "-1" | "-2" | "-3" | "insert-address-token");
    (!withheld).then_some(plain)
}

/// The numbers of an address list: `+1555…~+1666…`.
pub fn addresses(value: Option<String>) -> Vec<String> {
    let Some(all) = said(value) else { return Vec::new() };
    all.split('~').filter_map(|one| address(Some(one.to_owned()))).take(GROUP).collect()
}

fn digits(written: &str) -> String {
    written.chars().filter_map(|c| c.to_digit(10).and_then(|d| char::from_digit(d, 10))).collect()
}

/// The country of a number that names it.
fn country(written: &str) -> Option<Id> {
    let digits = written.trim().strip_prefix('+').map(digits)?;
    phonenumber::parse(None, format!("+{digits}")).ok()?.country().id()
}

/// Which country the phone is at home in, by the numbers that name theirs.
#[derive(Default)]
pub struct Votes {
    seen: HashSet<String>,
    votes: HashMap<String, (Id, usize)>,
}

impl Votes {
    /// A number that was met.
    pub fn meet(&mut self, written: &str) {
        if !written.starts_with('+') || self.seen.len() >= REMEMBERED {
            return;
        }
        if self.seen.insert(written.to_owned())
            && let Some(id) = country(written)
        {
            self.votes.entry(format!("{id:?}")).or_insert((id, 0)).1 += 1;
        }
    }

    /// The country of two thirds of them; said outright by my own number.
    pub fn home(&self, mine: impl IntoIterator<Item = String>) -> Option<Id> {
        if let Some(id) = mine.into_iter().find_map(|m| country(&m)) {
            return Some(id);
        }
        let all: usize = self.votes.values().map(|(_, n)| n).sum();
        let (id, most) = *self.votes.values().max_by_key(|(_, n)| *n)?;
        (most >= ENOUGH && most * 3 >= all * 2).then_some(id)
    }
}

/// Turns what is written into keys.
pub struct Numbers {
    home: Option<Id>,
    remembered: HashMap<String, Arc<str>>,
}

impl Numbers {
    /// Of a phone that is at home in a country.
    pub fn of(home: Option<Id>) -> Self {
        Self { home, remembered: HashMap::new() }
    }

    /// The key of an address: `+` and digits; digits alone where the country is not known or the
    /// number is a short one; names and mail addresses in lower case.
    pub fn key(&mut self, written: &str) -> Arc<str> {
        if let Some(key) = self.remembered.get(written) {
            return Arc::clone(key);
        }
        let key: Arc<str> = self.make(written).into();
        if self.remembered.len() < REMEMBERED {
            self.remembered.insert(written.to_owned(), Arc::clone(&key));
        }
        key
    }

    fn make(&self, written: &str) -> String {
        let written = written.trim();
        let bare = digits(written);
        if bare.is_empty() || written.chars().any(|c| c.is_alphabetic() || c == '@') {
            return written.to_lowercase();
        }
        if written.starts_with('+') {
            return format!("+{bare}");
        }
        let at_home = self.home.and_then(|home| {
            let number = phonenumber::parse(Some(home), &bare).ok()?;
            phonenumber::is_valid(&number)
                .then(|| number.format().mode(phonenumber::Mode::E164).to_string())
        });
        at_home.unwrap_or(bare)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_has_one_key() {
        let mut numbers = Numbers::of(Some(Id::DE));
        for written in ["+49 30 1234567", "030 1234567", "(030) 123-4567", "0049301234567"] {
            assert_eq!(&*numbers.key(written), "+49301234567", "{written}");
        }
        assert_eq!(&*numbers.key("22922"), "22922", "a short number");
        assert_eq!(&*numbers.key("PARCELS"), "parcels");
        assert_eq!(&*numbers.key("Ida@Example.org"), "ida@example.org");
        assert_eq!(&*Numbers::of(None).key("030 1234567"), "0301234567");
    }

    #[test]
    fn the_country_is_known_by_most_numbers_or_by_mine() {
        let mut votes = Votes::default();
        votes.meet("+49301234567");
        votes.meet("+49301234567");
        votes.meet("0301234567");
        assert_eq!(votes.home([]), None, "one is too few");
        votes.meet("+49301234568");
        votes.meet("+49301234569");
        votes.meet("+351912345678");
        assert_eq!(votes.home([]), Some(Id::DE));
        assert_eq!(votes.home(["+351911111111".to_owned()]), Some(Id::PT));
    }

    #[test]
    fn what_stands_for_nothing_is_nothing() {
        assert_eq!(addresses(Some("+1~null~ ~-2~22".into())), ["+1", "22"]);
        assert_eq!(address(Some("insert-address-token".into())), None);
        assert_eq!(said(Some("(Unknown)".into())), None);
    }
}
