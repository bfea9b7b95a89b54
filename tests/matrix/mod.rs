//! A real Synapse on the loopback, bridges that are played, and the connector at the end of pipes.

mod bridges;
mod connector;
mod keyring;
pub mod keys;
mod server;

pub use bridges::Bridges;
pub use connector::{Connector, PHRASE};
pub use keyring::Keyring;
pub use server::Server;
