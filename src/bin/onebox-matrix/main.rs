//! The Matrix connector.
fn main() {}
