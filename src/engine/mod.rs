//! The only room that makes things happen.

pub mod demo;
