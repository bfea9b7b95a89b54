//! A real Synapse on the loopback, bridges that are played, and the connector at the end of pipes.

mod bridges;
mod connector;
mod server;

pub use bridges::Bridges;
pub use connector::Connector;
pub use server::Server;
