//! Anything at all may happen.
