//! The panes and popups: each with its state, which draws nothing, and its view, which only draws.

pub mod accounts;
pub mod attach;
pub mod closing;
pub mod complete;
pub mod composer;
pub mod date;
pub mod first_run;
pub mod handoff;
pub mod help;
pub mod history;
pub mod import;
pub mod labels;
pub mod message;
pub mod notices;
pub mod people;
pub mod rules;
pub mod search;
pub mod sheet;
pub mod snooze;
pub mod status;
pub mod suggestion;
pub mod tabs;
pub mod threads;
pub mod transcript;
pub mod views;
pub mod why;
