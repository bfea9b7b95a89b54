//! Files that go with a message: picked by their path.

mod state;
mod view;

pub use state::{AttachState, Item};
pub use view::{file_line, hit, sheet};
