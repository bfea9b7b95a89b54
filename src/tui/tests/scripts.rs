//! Scripts: before, keys, after.
