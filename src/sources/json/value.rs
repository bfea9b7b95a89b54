//! One value as it came, within bounds, and its members whatever they are.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

/// What a value may take of memory, in bytes, counted roughly. No message comes near.
const ROOM: usize = 32 << 20;
/// What one list, object, number or name takes beside its text.
const NODE: usize = 64;
/// Members that an object has room for from the first one on: most have as many, and none has to be
/// moved for them.
const MEMBERS: usize = 7;
/// What that room takes.
const OBJECT: usize = 800;
/// What is nested deeper is left out: nobody reads it, and the stack has an end.
const DEEPEST: usize = 64;

/// Reads one value, and no more of it than there is room for.
pub struct Whole<'a>(pub &'a mut Room);

/// The room that is left.
pub struct Room {
    left: usize,
    depth: usize,
    /// Something was left out.
    pub cut: bool,
}

impl Default for Room {
    fn default() -> Self {
        Self { left: ROOM, depth: 0, cut: false }
    }
}

impl Room {
    /// Lists and objects that are open: where the reading broke off, those around the break.
    pub fn depth(&self) -> usize {
        self.depth
    }

    fn take(&mut self, bytes: usize) -> bool {
        match self.left.checked_sub(bytes) {
            Some(left) => {
                self.left = left;
                true
            }
            None => {
                self.left = 0;
                self.cut = true;
                false
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for Whole<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Value, D::Error> {
        if self.0.depth >= DEEPEST || !self.0.take(NODE) {
            self.0.cut = true;
            d.deserialize_ignored_any(IgnoredAny)?;
            return Ok(Value::Null);
        }
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Whole<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Bool(v))
    }

    fn visit_i64<E: Error>(self, v: i64) -> Result<Value, E> {
        Ok(Value::Number(v.into()))
    }

    fn visit_u64<E: Error>(self, v: u64) -> Result<Value, E> {
        Ok(Value::Number(v.into()))
    }

    fn visit_f64<E: Error>(self, v: f64) -> Result<Value, E> {
        Ok(Number::from_f64(v).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, v: &str) -> Result<Value, E> {
        Ok(if self.0.take(v.len()) { Value::String(v.to_owned()) } else { Value::Null })
    }

    fn visit_string<E: Error>(self, v: String) -> Result<Value, E> {
        Ok(if self.0.take(v.len()) { Value::String(v) } else { Value::Null })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let room = self.0;
        let mut items = Vec::new();
        room.depth += 1;
        while room.left > 0 {
            match list.next_element_seed(Whole(&mut *room))? {
                Some(item) => items.push(item),
                None => {
                    room.depth -= 1;
                    return Ok(Value::Array(items));
                }
            }
        }
        room.depth -= 1;
        while list.next_element::<IgnoredAny>()?.is_some() {
            room.cut = true;
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let room = self.0;
        let mut members = Map::new();
        room.depth += 1;
        while room.left > 0 {
            let Some(name) = map.next_key::<String>()? else {
                room.depth -= 1;
                return Ok(Value::Object(members));
            };
            if members.is_empty() {
                room.take(OBJECT);
                members = Map::with_capacity(MEMBERS);
            }
            room.take(name.len());
            let value = map.next_value_seed(Whole(&mut *room))?;
            match members.entry(name) {
                Entry::Vacant(new) => {
                    new.insert(value);
                }
                // Of two of one name the last stands, unless there is nothing in it.
                Entry::Occupied(mut known) if !is_nothing(&value) => {
                    known.insert(value);
                }
                Entry::Occupied(_) => {}
            }
        }
        room.depth -= 1;
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            room.cut = true;
        }
        Ok(Value::Object(members))
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(all) => all.is_empty(),
        Value::Array(all) => all.is_empty(),
        Value::Object(all) => all.is_empty(),
        _ => false,
    }
}

/// A small file or a line as a value, healed and bounded like a large one. `None`: no JSON.
pub fn parse(bytes: &[u8]) -> Option<Value> {
    let (text, _) = super::mend::mend(bytes);
    let mut json = serde_json::Deserializer::from_str(&text);
    let value = Whole(&mut Room::default()).deserialize(&mut json).ok()?;
    json.end().ok()?;
    Some(value)
}

/// A member that is there and is not `null`.
pub fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.get(name).filter(|v| !v.is_null())
}

/// A member that is text.
pub fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

/// A member that is text with something in it, or a number written out.
pub fn words(value: &Value, name: &str) -> Option<String> {
    match value.get(name)? {
        Value::String(s) if !s.trim().is_empty() => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    }
}

/// A member that is a name or an id, as [`words`] takes it; what is longer than any is cut, so that
/// tables of them are bounded.
pub fn brief(value: &Value, name: &str) -> Option<String> {
    const LONGEST: usize = 1000;
    let mut all = words(value, name)?;
    all.truncate(all.floor_char_boundary(LONGEST));
    Some(all)
}

/// A whole number, also one written as text or with a fraction.
pub fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(n) => {
            n.as_i64().or_else(|| n.as_u64().and(Some(i64::MAX))).or_else(|| n.as_f64().map(whole))
        }
        Value::String(s) => s.trim().parse().ok(),
        _ => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "saturates, and absurd is absurd")]
fn whole(n: f64) -> i64 {
    n as i64
}

/// A member that is a whole number.
pub fn int(value: &Value, name: &str) -> Option<i64> {
    number(value.get(name)?)
}

/// A member that says yes: `true`, 1, `"true"`.
pub fn flag(value: &Value, name: &str) -> bool {
    match value.get(name) {
        Some(Value::Bool(b)) => *b,
        Some(Value::Number(n)) => n.as_i64() == Some(1),
        Some(Value::String(s)) => s.eq_ignore_ascii_case("true") || s == "1",
        _ => false,
    }
}

/// A member that is a list; empty where it is none.
pub fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
