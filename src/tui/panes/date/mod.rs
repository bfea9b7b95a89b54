//! Jump to a date.

mod state;
mod view;

pub use state::{DateState, parse};
pub use view::sheet;
