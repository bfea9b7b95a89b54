//! Importing from inside the app.

mod choice;
mod state;
mod view;

pub use choice::Choice;
pub use state::{ImportState, Pace, Step, pace, paths};
pub use view::sheet;
