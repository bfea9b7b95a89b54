//! The page for an empty store: three ways in.

mod view;

pub use view::{Way, draw, hit};
