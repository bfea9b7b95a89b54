#![doc = include_str!("README.md")]
#![warn(missing_docs)]

pub mod cli;
pub mod config;
pub mod engine;
pub mod inbox;
pub mod model;
pub mod pages;
pub mod policy;
pub mod search;
pub mod sources;
pub mod store;
pub mod text;
pub mod tui;
