//! Live accounts: connectors are started, watched and started again; what they tell is stored;
//! what waits in the outbox is sent. No connector can crash, stall or grow the inbox.

mod aside;
mod bell;
mod fetching;
mod heard;
mod hub;
mod link;
mod news;
mod pipes;
mod sending;
mod taking;

pub use hub::{Accounts, Call};
pub use pipes::{Launch, Pipes, find, launch};
pub use sending::new_key;
