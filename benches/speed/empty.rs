//! The least that a program with a screen can be: one frame, then a key ends it.

use std::io::{Write, stdout};

use anyhow::Result;
use crossterm::event;
use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use ratatui::widgets::{Block, Paragraph};

/// The hidden command of it.
pub const EMPTY: &str = "empty";
/// What it shows.
pub const TEXT: &str = "nothing to see";

/// Shows it until a key comes.
pub fn run() -> Result<()> {
    let mut terminal = ratatui::try_init()?;
    queue!(stdout(), BeginSynchronizedUpdate)?;
    terminal.draw(|frame| {
        frame.render_widget(Paragraph::new(TEXT).block(Block::bordered()), frame.area());
    })?;
    queue!(stdout(), EndSynchronizedUpdate)?;
    stdout().flush()?;
    while !event::read()?.is_key_press() {}
    ratatui::try_restore()?;
    Ok(())
}
