//! Asked of one message of a live thread: which reaction, and whether it may truly go.

mod state;
mod view;

pub use state::MessageSheet;
pub use view::sheet;
