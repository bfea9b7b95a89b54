//! Help: every command that means something here, with its keys, made from the table.

mod view;

pub use view::{key, sheet};
