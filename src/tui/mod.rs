//! The screen.
//!
//! `run` waits for events, `update` changes the one value that is the `App`, `screen` draws it.
//! Nothing on the way from a key to a frame waits for anybody.

mod accounts;
mod answer;
pub mod app;
pub mod attach;
pub mod clock;
pub mod command;
pub mod complete;
pub mod composer;
pub mod find;
mod glass;
mod go;
mod history;
pub mod ink;
pub mod keymap;
pub mod layout;
mod live;
pub mod media;
mod mine;
mod myself;
mod outgoing;
mod outside;
pub mod paint;
pub mod panes;
mod people;
mod perform;
mod popup;
mod presence;
mod reply;
pub mod run;
pub mod screen;
mod sent;
pub mod sheets;
pub mod terminal;
pub mod theme;
mod triage;
pub mod update;
mod write;

pub use outside::Editor;
pub use run::{Channels, Options, RunError, run};

#[cfg(test)]
mod tests;
