//! The thread list.

mod state;
mod view;

#[cfg(test)]
pub(crate) use state::tests::row as sample_row;
pub use state::{Load, Threads, WINDOW};
pub use view::{draw, fits, hit};
