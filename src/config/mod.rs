//! Settings file to typed settings.
