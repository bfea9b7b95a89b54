//! The screen.

pub mod command;
pub mod composer;
pub mod keymap;
pub mod text;
pub mod theme;
