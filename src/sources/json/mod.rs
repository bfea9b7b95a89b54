//! JSON as exports hold it: of any size, damaged anywhere, with values of any type in any field.
//! Frame for the readers, no source.
//!
//! [`walk`] streams a file, hands out the values that a reader asks for by their path, each bounded
//! in size, and tells what was wrong with the file. [`lenient`] does the same field by field, where
//! speed matters most.

mod head;
pub mod lenient;
mod lines;
pub mod mend;
mod onward;
mod value;
mod walk;

pub use head::{files, holds, is_object};
pub use lines::{Got, next_line};
pub use value::{brief, flag, int, list, member, number, parse, text, words};
pub use walk::{ITEM, Listener, Want, walk};

#[cfg(test)]
mod tests;
