//! Going somewhere by name: to a thread, or to a command of the palette.

mod state;
mod view;

pub use state::{GoState, Listed};
pub use view::{fits, rows_before, sheet};
