//! The interop rules in force, and what they touch.

mod view;

pub use view::sheet;
