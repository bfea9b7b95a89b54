//! onebox: parse arguments, wire rooms together, set the exit code.

use std::io::IsTerminal;
use std::process::ExitCode;

use onebox::cli::{self, Global};
use onebox::engine::{self, Desk};
use onebox::tui::{self, Channels, Options};

/// Records are made by one thread and dropped by another: the allocator is most of what that costs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = match cli::parse() {
        Ok(args) => args,
        Err(code) => return code,
    };
    // Told before anything is done, also by commands that have no screen.
    if let Some(theme) = &args.global.theme
        && !tui::theme::Theme::names().contains(&theme.as_str())
    {
        let names = tui::theme::Theme::names().join(", ");
        let why = format!("there is no theme {theme:?}; there are {names}");
        return cli::fail(&cli::WrongUse(why).into());
    }
    match args.command {
        Some(command) => cli::run(&args.global, command),
        None => inbox(&args.global).unwrap_or_else(|e| cli::fail(&e)),
    }
}

/// The inbox on screen, or as a list where there is no screen or none is wanted.
fn inbox(global: &Global) -> anyhow::Result<ExitCode> {
    let screen = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if global.plain || !screen {
        return cli::plain_inbox(global);
    }
    let config = cli::config(global)?;
    let options = Options {
        theme: global.theme.clone().or(config.theme.clone()),
        keymap: config.keymap.as_ref().map(|(_, text)| text.clone()),
        no_mouse: !config.mouse,
        reduced_motion: config.reduced_motion,
        call: config.call,
        ..Options::default()
    };
    let (desk, requests, updates) = Desk::start(cli::engine(global)?)?;
    // Programs are the engine's to start: the screen is given what runs the person's editor.
    let editor = Box::new(|text: &str| engine::edit(text).map_err(|e| engine::explain(&e)));
    let ended = tui::run(Channels { requests, updates, editor }, options);
    // Drafts and hand-offs that were asked for are on disk before the program ends.
    desk.join();
    ended?;
    Ok(ExitCode::SUCCESS)
}
