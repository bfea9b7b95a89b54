//! SQLite, the only truth.
