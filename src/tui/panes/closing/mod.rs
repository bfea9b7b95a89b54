//! What is about to close: which rule, when, how sure, which threads, and what to do.

mod state;
mod view;

pub use state::ClosingState;
pub use view::sheet;
