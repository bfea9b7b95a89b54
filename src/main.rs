//! onebox: parse arguments, wire rooms together, set the exit code.

use std::process::ExitCode;

use clap::Parser;
use onebox::cli::{self, Args};

fn main() -> ExitCode {
    let args = Args::parse();
    match args.command {
        Some(command) => cli::run(&args.global, command),
        None => ExitCode::SUCCESS,
    }
}
