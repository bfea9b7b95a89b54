//! The verdict ladder: why something is possible in a thread or is not.

mod view;

pub use view::sheet;
