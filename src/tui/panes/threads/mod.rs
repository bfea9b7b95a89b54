//! The thread list.

mod empty;
mod picked;
mod signs;
mod state;
mod view;

pub use picked::Picked;
pub use state::{Load, Threads, WINDOW};
pub use view::{draw, fits, hit};

#[cfg(test)]
pub(crate) use state::tests::row as a_row;
