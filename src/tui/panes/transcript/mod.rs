//! The transcript.

mod rows;
mod state;
mod view;

pub use rows::{Lead, Row, Stand, rows};
pub use state::{Anchor, PAGE, Seen, Stage, Transcript};
pub use view::draw;
