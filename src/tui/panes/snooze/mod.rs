//! Until when a thread is out of sight.

mod state;
mod view;

pub use state::SnoozeState;
pub use view::{moment, sheet};
