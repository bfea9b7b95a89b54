//! May this be done here, and why not.
