//! Searching on screen: a line that is typed, what it found, and how much was looked through.

mod state;
mod view;

pub use state::{Origin, SearchState};
pub use view::{fits, marked, rows_before, sheet};
