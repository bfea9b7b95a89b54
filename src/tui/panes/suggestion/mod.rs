//! A guess that waits for an answer. Nothing is greyed before it is accepted.

mod view;

pub use view::{cross_to, sheet};
