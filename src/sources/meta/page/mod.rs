//! Pages: the downloads' HTML form, read into the records that the JSON of the account makes.
//!
//! A page says less than the JSON: times to the minute (Instagram) or the second (Facebook), on
//! the account's clock; no ids, no kinds. Its messages are told as a thread of their own, which
//! the store lays beside the one of the JSON.
//!
//! Markup from public parsers of real pages and from real pages' fragments in public issues and
//! documents; see the modules.

mod body;
mod halves;
mod loose;
mod made;
mod months;
mod old;
mod parse;
mod people;
mod stamp;
mod tags;
mod tell;
mod words;
mod zone;

pub use halves::Halves;
pub use old::{heads, my_number, tell as tell_old};
pub use tell::{Clocks, asked_by, peek, profile};

#[cfg(test)]
mod tests;
