//! Text on its way to the glass: cleaned, measured in cells, cut and wrapped.

mod sanitise;
mod width;
mod wrap;

pub use sanitise::{Clean, MAX_BODY, MAX_CLUSTER, MAX_LINE_CELLS, MAX_MARKS, STAND_IN};
pub use width::{fit, fit_middle, grapheme_width, pad, width};
pub use wrap::wrap;
