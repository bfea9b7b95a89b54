//! The live door: the contract between onebox and a connector, a program of its own.
//!
//! A connector reads [`Order`]s from its standard input and writes [`News`] to its standard output,
//! one JSON object a line, UTF-8. These types are the wire; `assets/connector/schema.json` is their
//! JSON Schema and `assets/connector/README.md` tells how to write one in any language.
//!
//! * **Hand-shake.** onebox's first line is [`Order::Hello`] with the versions that it speaks; the
//!   connector's first is [`News::Hello`] with the one that it chose and what it can do.
//! * **Records** are those of the interchange format ([`interchange`](super::interchange)), each
//!   with the app that it belongs to: one account may carry threads of several apps.
//! * **Sign-in is a conversation.** The connector asks ([`News::Ask`]), the person answers
//!   ([`Order::Answer`]); so every connector has a sign-in screen without drawing one.
//! * **Back-pressure** is the pipe's: onebox reads as fast as it stores. A connector must go on
//!   reading while it waits to write.
//! * **Unknown** fields are passed over; unknown kinds of line are counted and passed over.
//! * **The end** is [`Order::Stop`] or the end of its input: a connector then stops within
//!   [`PATIENCE`].

mod line;
mod news;
mod order;

use std::time::Duration;

pub use line::{Got, Lines};
pub use news::{Ability, Ask, Asking, Fact, LinkState, News, Outcome, OutcomeState};
pub use order::{KnownThread, Order, React, SendFile};

/// The version of the contract that this build speaks.
pub const VERSION: u32 = 1;
/// The longest line that either side takes, in bytes. A longer one is passed over and counted.
pub const LONGEST: usize = 4 << 20;
/// The longest place that is kept, in bytes.
pub const LONGEST_PLACE: usize = 4 << 10;
/// How long a connector may take to stop before it is killed.
pub const PATIENCE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
