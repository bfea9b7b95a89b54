//! The popup above the composer: emoji by their shortcodes, people of the thread by their names.

mod state;
mod view;

pub use state::{CompleteState, Kind, finished_shortcode};
pub use view::draw;
