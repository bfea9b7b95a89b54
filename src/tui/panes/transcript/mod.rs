//! The transcript.

mod rows;
mod state;
mod view;

pub use rows::{Lead, Row, Stand, attachment_words, rows};
pub use state::{Anchor, Gaps, PAGE, Seen, Stage, Transcript};
pub use view::draw;
