//! `onebox-matrix`: the connector for Matrix, and through its bridges for the apps behind them.
//! It speaks the contract of [`onebox::sources::live`] on its standard input and output.

mod account;
mod apps;
mod bounds;
mod bridge;
mod classify;
#[cfg(test)]
mod classify_tests;
mod content;
mod desk;
mod event;
#[cfg(test)]
mod event_tests;
mod facts;
mod features;
mod gather;
mod keyring;
mod lane;
mod listener;
mod live;
mod locking;
mod media;
mod memory;
mod notice;
mod oauth;
mod older;
mod orders;
mod outcome;
mod pipe;
mod place;
mod profile;
mod reactions;
mod recover;
mod rules;
mod sealed;
mod secret;
mod session;
mod sign_in;
mod speaker;
mod sso;
mod sync;
mod talk;
mod tell;
mod trust;
mod unread;
mod verify;

use std::process::ExitCode;
use std::time::Duration;

/// So long the runtime waits for tasks that do not end by themselves.
const LAST_MOMENT: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let Ok(runtime) = runtime else { return ExitCode::FAILURE };
    let code = runtime.block_on(desk::run());
    runtime.shutdown_timeout(LAST_MOMENT);
    code
}
