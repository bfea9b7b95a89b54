//! All views of the inbox with their counts, to go to one of them.

mod state;
mod view;

pub use state::ViewsState;
pub use view::sheet;
