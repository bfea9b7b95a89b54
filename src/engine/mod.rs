//! The only room that makes things happen.
