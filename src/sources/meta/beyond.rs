//! What a message may say beside the fields that are known: a poll, a payment, and what nobody knows
//! yet, in words.

use serde::de::{Error, MapAccess};

use super::message::text;
use super::mojibake::repair;
use crate::sources::json::lenient::{Objects, Printed, Scalar, Shape, Token};
use crate::sources::poll;

/// Options of a poll, and votes for one.
const OPTIONS: usize = 1000;
/// Words of a field that is not known, in bytes.
const WORDS: usize = 4096;
/// How far in they are looked for.
const DEEP: u8 = 4;
/// A longer name of a field is cut, in bytes.
const NAME: usize = 60;

/// What stands beside the fields that are known.
pub enum Beyond {
    /// The question and its options, one a line.
    Poll(String),
    /// How much, and what for.
    Payment(String),
    /// The first field that is not known and what can be read in it.
    Unknown(Box<str>, String),
}

/// The name of a field that is not known, to be told.
pub fn name(name: &str) -> Box<str> {
    name.get(..name.floor_char_boundary(NAME)).unwrap_or_default().into()
}

/// Takes a poll off the map.
pub fn poll<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<Beyond>, A::Error> {
    let mut poll = Poll::default();
    map.next_value_seed(Objects(&mut poll))?;
    let lines: Vec<String> = poll.question.into_iter().chain(poll.options).collect();
    Ok((!lines.is_empty()).then(|| Beyond::Poll(lines.join("\n"))))
}

/// Takes a payment off the map.
pub fn payment<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<Beyond>, A::Error> {
    let mut paid = Payment::default();
    map.next_value_seed(Objects(&mut paid))?;
    let sum: Vec<String> = paid.amount.into_iter().chain(paid.currency).collect();
    if sum.is_empty() && paid.note.is_none() {
        return Ok(None);
    }
    let sum = match sum.is_empty() {
        true => "Payment".to_owned(),
        false => format!("Payment of {}", sum.join(" ")),
    };
    let lines: Vec<String> = std::iter::once(sum).chain(paid.note).collect();
    Ok(Some(Beyond::Payment(lines.join("\n"))))
}

/// Takes what is not known off the map. A mark (a number, a yes or no) says nothing.
pub fn unknown<'de, A: MapAccess<'de>>(
    name: Box<str>,
    map: &mut A,
) -> Result<Option<Beyond>, A::Error> {
    let mut words = String::new();
    let mut loose = Loose { out: &mut words, deep: DEEP, something: false };
    map.next_value_seed(Objects(&mut loose))?;
    let something = loose.something;
    Ok(something.then_some(Beyond::Unknown(name, words)))
}

#[derive(Default)]
struct Poll {
    question: Option<String>,
    options: Vec<String>,
}

enum PollField {
    Question,
    Options,
    Unknown,
}

impl Shape for Poll {
    type Key = PollField;

    fn key(name: &str) -> PollField {
        match name {
            "question" => PollField::Question,
            "options" => PollField::Options,
            _ => PollField::Unknown,
        }
    }

    fn value<'de, A: MapAccess<'de>>(
        &mut self,
        key: PollField,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match key {
            PollField::Question => self.question = text(map)?,
            PollField::Options => {
                let mut options = Options { out: &mut self.options, name: None, votes: 0 };
                map.next_value_seed(Objects(&mut options))?;
            }
            PollField::Unknown => map.next_value_seed(Scalar(|_: Token<'_>| ()))?,
        }
        Ok(())
    }
}

struct Options<'a> {
    out: &'a mut Vec<String>,
    name: Option<String>,
    votes: i64,
}

impl Shape for Options<'_> {
    type Key = PollField;

    fn key(name: &str) -> PollField {
        match name {
            "option" => PollField::Question,
            "voters" => PollField::Options,
            _ => PollField::Unknown,
        }
    }

    fn begin(&mut self) {
        (self.name, self.votes) = (None, 0);
    }

    fn value<'de, A: MapAccess<'de>>(
        &mut self,
        key: PollField,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match key {
            PollField::Question => self.name = text(map)?,
            PollField::Options => {
                let mut voters = Voters(0);
                map.next_value_seed(Objects(&mut voters))?;
                self.votes = voters.0;
            }
            PollField::Unknown => map.next_value_seed(Scalar(|_: Token<'_>| ()))?,
        }
        Ok(())
    }

    fn end<E: Error>(&mut self) -> Result<(), E> {
        let votes = Some(self.votes).filter(|n| *n > 0);
        self.out.extend(self.name.take().map(|name| poll::option(&name, votes)));
        Ok(())
    }

    fn full(&self) -> bool {
        self.out.len() >= OPTIONS
    }
}

/// Who voted: names, or objects that hold them.
struct Voters(i64);

impl Shape for Voters {
    type Key = ();

    fn key(_: &str) {}

    fn value<'de, A: MapAccess<'de>>(&mut self, (): (), map: &mut A) -> Result<(), A::Error> {
        map.next_value_seed(Scalar(|_: Token<'_>| ()))
    }

    fn end<E: Error>(&mut self) -> Result<(), E> {
        self.0 = self.0.saturating_add(1);
        Ok(())
    }

    fn scalar<E: Error>(&mut self, token: Token<'_>) -> Result<(), E> {
        self.0 = self.0.saturating_add(i64::from(matches!(token, Token::Str(_))));
        Ok(())
    }
}

#[derive(Default)]
struct Payment {
    amount: Option<String>,
    currency: Option<String>,
    note: Option<String>,
}

enum PaymentField {
    Amount,
    Currency,
    Note,
    Unknown,
}

impl Shape for Payment {
    type Key = PaymentField;

    fn key(name: &str) -> PaymentField {
        match name {
            "amount" => PaymentField::Amount,
            "currency" => PaymentField::Currency,
            "note" => PaymentField::Note,
            _ => PaymentField::Unknown,
        }
    }

    fn value<'de, A: MapAccess<'de>>(
        &mut self,
        key: PaymentField,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match key {
            PaymentField::Amount => self.amount = map.next_value_seed(Printed)?,
            PaymentField::Currency => self.currency = text(map)?,
            PaymentField::Note => self.note = text(map)?,
            PaymentField::Unknown => map.next_value_seed(Scalar(|_: Token<'_>| ()))?,
        }
        Ok(())
    }
}

/// Every word, as deep as one looks.
struct Loose<'a> {
    out: &'a mut String,
    deep: u8,
    something: bool,
}

impl Shape for Loose<'_> {
    type Key = ();

    fn key(_: &str) {}

    fn value<'de, A: MapAccess<'de>>(&mut self, (): (), map: &mut A) -> Result<(), A::Error> {
        self.something = true;
        if self.deep == 0 || self.full() {
            return map.next_value_seed(Scalar(|_: Token<'_>| ()));
        }
        let mut inner = Loose { out: &mut *self.out, deep: self.deep - 1, something: false };
        map.next_value_seed(Objects(&mut inner))
    }

    fn scalar<E: Error>(&mut self, token: Token<'_>) -> Result<(), E> {
        let Token::Str(words) = token else { return Ok(()) };
        let words = repair(words.trim());
        if words.is_empty() || self.full() {
            return Ok(());
        }
        self.something = true;
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        let left = words.floor_char_boundary(WORDS.saturating_sub(self.out.len()));
        self.out.push_str(words.get(..left).unwrap_or_default());
        Ok(())
    }

    fn full(&self) -> bool {
        self.out.len() >= WORDS
    }
}
