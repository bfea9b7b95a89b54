//! Everything that was told, newest first; and the latest of it, over the panes.

mod view;

pub use view::{draw_toast, sheet};
