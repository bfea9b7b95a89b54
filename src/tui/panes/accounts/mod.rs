//! Live accounts: the list with what each may do, and the questions they ask while signing in.

mod mine;
mod state;
mod view;

pub use state::{AccountsState, Answering, Mode};
pub use view::{hit, sheet, sign};
