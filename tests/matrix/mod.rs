//! A real Synapse on the loopback, bridges that are played, and the connector at the end of pipes.

mod bridges;
mod connector;
pub mod extremes;
pub mod faults;
pub mod hostile;
mod keyring;
pub mod keys;
pub mod killed;
pub mod places;
pub mod portals;
mod proxy;
pub mod rules;
mod server;
pub mod sessions;
pub mod signing;
pub mod talk;
pub mod whole;

pub use bridges::Bridges;
pub use connector::{Connector, PHRASE};
pub use keyring::Keyring;
pub use proxy::{Fault, Proxy};
pub use server::Server;
