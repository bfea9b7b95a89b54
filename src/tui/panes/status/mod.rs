//! The status line: which switches are on, what is under way, which keys work here.

mod view;

pub use view::{draw, hits_closing};
