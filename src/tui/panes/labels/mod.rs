//! Labels: put on threads and taken off.

mod state;
mod view;

pub use state::LabelsState;
pub use view::sheet;
