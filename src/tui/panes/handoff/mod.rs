//! A hand-off, shown in full before anything is opened.

mod view;

pub use view::sheet;
