//! The screen.

pub mod command;
pub mod keymap;
pub mod text;
