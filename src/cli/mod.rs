//! Commands without a screen.
