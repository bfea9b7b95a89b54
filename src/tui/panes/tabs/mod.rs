//! The top bar: the views of the inbox, with how many threads each holds.

mod state;
mod view;

pub use state::{Tab, tabs, views};
pub use view::{Hit, draw, hit, names_help};
