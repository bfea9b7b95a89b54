//! JSON as the apps indent it, written piece by piece.

use std::io::{self, Write};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Value, json};

/// Writes a value with this indentation.
pub fn pretty(out: &mut dyn Write, value: &Value, indent: &str) -> io::Result<()> {
    let formatter = PrettyFormatter::with_indent(indent.as_bytes());
    value.serialize(&mut Serializer::with_formatter(out, formatter)).map_err(io::Error::from)
}

/// Writes a list, one value after the other.
pub fn list(
    out: &mut dyn Write,
    values: impl Iterator<Item = Value>,
    indent: &str,
) -> io::Result<()> {
    out.write_all(b"[")?;
    for (n, value) in values.enumerate() {
        out.write_all(if n > 0 { b",\n" } else { b"\n" })?;
        pretty(out, &value, indent)?;
    }
    out.write_all(b"\n]")
}

/// Writes an object whose last member is a list that is not held as a whole: `{…, "name": […]}`.
pub fn object_with(
    out: &mut dyn Write,
    object: &Value,
    name: &str,
    values: impl Iterator<Item = Value>,
    indent: &str,
) -> io::Result<()> {
    out.write_all(b"{\n")?;
    for (key, value) in object.as_object().into_iter().flatten() {
        write!(out, "{indent}{}: ", json!(key))?;
        pretty(out, value, indent)?;
        out.write_all(b",\n")?;
    }
    write!(out, "{indent}{}: ", json!(name))?;
    list(out, values, indent)?;
    out.write_all(b"\n}")
}

/// A value with one more member.
pub fn set(value: &mut Value, name: &str, member: Value) {
    if let Some(object) = value.as_object_mut() {
        object.insert(name.to_owned(), member);
    }
}

/// An instant by this pattern, in UTC.
pub fn when(ms: i64, pattern: &str) -> String {
    DateTime::<Utc>::from_timestamp_millis(ms).unwrap_or_default().format(pattern).to_string()
}
