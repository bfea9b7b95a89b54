//! The composer's pane: enabled, a hand-off, or closed with the reason.

mod state;
mod view;

pub use state::{ComposerPane, Editing};
pub use view::{click, draw, rows_wanted, text_width};
