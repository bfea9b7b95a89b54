//! Reading JSON that may hold anything: a value of the wrong type is stepped over, never fatal.
//!
//! serde's visitors stream; what is not wanted is skipped without recursion, so that neither size
//! nor nesting can exhaust memory or stack.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A value that is neither list nor object; those are skipped and told as `Other`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Token<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number without a fraction, held within 64 bits.
    Int(i64),
    /// A string.
    Str(&'a str),
    /// Anything else.
    Other,
}

impl Token<'_> {
    /// A whole number, also one written as a string.
    pub fn int(self) -> Option<i64> {
        match self {
            Self::Int(n) => Some(n),
            Self::Str(s) => s.trim().parse().ok(),
            _ => None,
        }
    }

    /// A yes or no, also as 0, 1, `"true"`.
    pub fn flag(self) -> Option<bool> {
        match self {
            Self::Bool(b) => Some(b),
            Self::Int(n) => Some(n != 0),
            Self::Str(s) if s.eq_ignore_ascii_case("true") || s == "1" => Some(true),
            Self::Str(s) if s.eq_ignore_ascii_case("false") || s == "0" => Some(false),
            _ => None,
        }
    }
}

/// Takes one value as a [`Token`].
pub struct Scalar<F>(pub F);

impl<'de, T, F: FnOnce(Token<'_>) -> T> DeserializeSeed<'de> for Scalar<F> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<T, D::Error> {
        d.deserialize_any(self)
    }
}

fn drain_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<(), A::Error> {
    while list.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

fn drain_object<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

fn whole(n: f64) -> Token<'static> {
    // Times and lengths are written as floats by some tools; saturating is what `as` does.
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and absurd is absurd")]
    Token::Int(n as i64)
}

/// The scalar methods of a visitor, all ending in one function of a token.
macro_rules! scalars {
    ($to:ident) => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("any value")
        }
        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            self.$to(Token::Null)
        }
        fn visit_bool<E: Error>(self, v: bool) -> Result<Self::Value, E> {
            self.$to(Token::Bool(v))
        }
        fn visit_i64<E: Error>(self, v: i64) -> Result<Self::Value, E> {
            self.$to(Token::Int(v))
        }
        fn visit_u64<E: Error>(self, v: u64) -> Result<Self::Value, E> {
            self.$to(Token::Int(i64::try_from(v).unwrap_or(i64::MAX)))
        }
        fn visit_f64<E: Error>(self, v: f64) -> Result<Self::Value, E> {
            self.$to(whole(v))
        }
        fn visit_str<E: Error>(self, v: &str) -> Result<Self::Value, E> {
            self.$to(Token::Str(v))
        }
    };
}

impl<T, F: FnOnce(Token<'_>) -> T> Scalar<F> {
    #[expect(clippy::unnecessary_wraps, reason = "one shape for every visitor method")]
    fn give<E>(self, token: Token<'_>) -> Result<T, E> {
        Ok((self.0)(token))
    }
}

impl<'de, T, F: FnOnce(Token<'_>) -> T> Visitor<'de> for Scalar<F> {
    type Value = T;
    scalars!(give);

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        drain_list(list)?;
        Ok((self.0)(Token::Other))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        drain_object(map)?;
        Ok((self.0)(Token::Other))
    }
}

/// Takes one value as it is printed: words, or a number with its fraction.
pub struct Printed;

impl<'de> DeserializeSeed<'de> for Printed {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Option<String>, D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Printed {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_unit<E: Error>(self) -> Result<Option<String>, E> {
        Ok(None)
    }
    fn visit_bool<E: Error>(self, _: bool) -> Result<Option<String>, E> {
        Ok(None)
    }
    fn visit_i64<E: Error>(self, v: i64) -> Result<Option<String>, E> {
        Ok(Some(v.to_string()))
    }
    fn visit_u64<E: Error>(self, v: u64) -> Result<Option<String>, E> {
        Ok(Some(v.to_string()))
    }
    fn visit_f64<E: Error>(self, v: f64) -> Result<Option<String>, E> {
        Ok(Some(v.to_string()))
    }
    fn visit_str<E: Error>(self, v: &str) -> Result<Option<String>, E> {
        Ok(Some(v.trim().to_owned()).filter(|v| !v.is_empty()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Option<String>, A::Error> {
        drain_list(list)?;
        Ok(None)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<String>, A::Error> {
        drain_object(map)?;
        Ok(None)
    }
}

/// What is done with the fields of an object, or with each object of a list.
pub trait Shape {
    /// The fields that matter.
    type Key;

    /// Which field a name is.
    fn key(name: &str) -> Self::Key;

    /// Takes a field's value off the map; it must take exactly one.
    fn value<'de, A: MapAccess<'de>>(
        &mut self,
        key: Self::Key,
        map: &mut A,
    ) -> Result<(), A::Error>;

    /// An object begins.
    fn begin(&mut self) {}

    /// The object is complete.
    fn end<E: Error>(&mut self) -> Result<(), E> {
        Ok(())
    }

    /// There is no object but this.
    fn scalar<E: Error>(&mut self, _token: Token<'_>) -> Result<(), E> {
        Ok(())
    }

    /// Takes no more: the rest of the list is skipped.
    fn full(&self) -> bool {
        false
    }
}

struct KeyOf<S>(PhantomData<S>);

impl<'de, S: Shape> DeserializeSeed<'de> for KeyOf<S> {
    type Value = S::Key;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<S::Key, D::Error> {
        d.deserialize_str(self)
    }
}

impl<S: Shape> Visitor<'_> for KeyOf<S> {
    type Value = S::Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field name")
    }

    fn visit_str<E: Error>(self, v: &str) -> Result<S::Key, E> {
        Ok(S::key(v))
    }
}

/// One object; of a list, each object in it (exports write one-item lists either way).
pub struct Objects<'a, S>(pub &'a mut S);

impl<'de, S: Shape> DeserializeSeed<'de> for Objects<'_, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_any(self)
    }
}

impl<S: Shape> Objects<'_, S> {
    fn give<E: Error>(self, token: Token<'_>) -> Result<(), E> {
        self.0.scalar(token)
    }
}

fn fields<'de, S: Shape, A: MapAccess<'de>>(shape: &mut S, mut map: A) -> Result<(), A::Error> {
    shape.begin();
    while let Some(key) = map.next_key_seed(KeyOf::<S>(PhantomData))? {
        shape.value(key, &mut map)?;
    }
    shape.end()
}

impl<'de, S: Shape> Visitor<'de> for Objects<'_, S> {
    type Value = ();
    scalars!(give);

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        fields(self.0, map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while !self.0.full() {
            if list.next_element_seed(Item(&mut *self.0))?.is_none() {
                return Ok(());
            }
        }
        drain_list(list)
    }
}

/// An element of a list: unlike [`Objects`] it does not look into lists within lists.
struct Item<'a, S>(&'a mut S);

impl<'de, S: Shape> DeserializeSeed<'de> for Item<'_, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_any(self)
    }
}

impl<S: Shape> Item<'_, S> {
    fn give<E: Error>(self, token: Token<'_>) -> Result<(), E> {
        self.0.scalar(token)
    }
}

impl<'de, S: Shape> Visitor<'de> for Item<'_, S> {
    type Value = ();
    scalars!(give);

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        fields(self.0, map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        drain_list(list)?;
        self.0.scalar(Token::Other)
    }
}
