//! Importing from inside the app.

mod state;
mod view;

pub use state::{ImportState, Pace, Step, pace, paths};
pub use view::sheet;
