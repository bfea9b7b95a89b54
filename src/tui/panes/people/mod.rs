//! People: where somebody can be reached, who may be the same, and who there is.

mod me;
mod state;
mod view;

pub use me::MeState;
pub use state::{Choice, EverybodyState, LinksState, Pair, PeopleSheet, PersonState, ReachState};
pub use view::{draft, sheet};
