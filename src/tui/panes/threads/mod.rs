//! The thread list.

mod state;
mod view;

pub use state::{Load, Threads, WINDOW};
pub use view::{draw, fits, hit};
