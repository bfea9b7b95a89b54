//! What was handed off from here in a thread, newest first.

mod state;
mod view;

pub use state::HistoryState;
pub use view::sheet;
