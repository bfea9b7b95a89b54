//! Makes exports out of a seed: the same seed gives the same bytes, on every machine.
//!
//! The vocabulary is invented; sizes, bursts, scripts, media and reactions follow real inboxes. No
//! media file is written: every one that a message names is missing, as in an export without media.
//! Where files lie inside the export itself (MMS, mails) they are short.

mod chance;
mod chat_db;
mod chat_storage;
mod database;
mod discord;
mod google;
mod json;
mod locked;
mod mail;
mod matrix;
mod messenger;
mod msgstore;
mod msgstore_older;
mod pages;
mod place;
mod signal;
mod signal_desktop;
mod skype;
mod slack;
mod sms;
mod telegram;
mod telegram_pages;
mod thread;
mod whatsapp;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

pub use chance::Chance;
pub use locked::opened;
pub use signal_desktop::opened_pages;
pub use thread::{GIANT, ME};
pub use words::{RARE, SPACED, Words};

use place::Place;
use thread::Thread;

/// What is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A folder of Messenger's JSON.
    MessengerFolder,
    /// The same files in a deflated zip.
    MessengerZip,
    /// The same messages in a download that numbers its folders anew.
    MessengerRenumbered,
    /// A folder of Messenger's pages.
    MessengerPages,
    /// A folder of WhatsApp's texts.
    WhatsApp,
    /// WhatsApp's database on Android.
    Msgstore,
    /// The same as it was until 2021.
    MsgstoreOlder,
    /// WhatsApp's database on an iPhone.
    ChatStorage,
    /// Telegram Desktop's JSON.
    Telegram,
    /// The same messages as its pages.
    TelegramPages,
    /// Signal's plain-text export.
    Signal,
    /// Signal Desktop's own folder, locked.
    SignalDesktop,
    /// iPhone Messages on a Mac.
    ChatDb,
    /// A backup of SMS and MMS.
    Sms,
    /// DiscordChatExporter's files.
    Discord,
    /// Discord's own data package.
    DiscordPackage,
    /// A workspace of Slack.
    Slack,
    /// The same files in a deflated zip.
    SlackZip,
    /// A folder of Instagram's JSON.
    Instagram,
    /// A folder of an iPhone's texts of WhatsApp.
    WhatsAppIos,
    /// WhatsApp's databases on Android, locked.
    Crypt15,
    /// Google Chat in a Takeout.
    GoogleChat,
    /// Hangouts in a Takeout.
    Hangouts,
    /// Skype's JSON.
    Skype,
    /// Element's JSON of every room.
    Matrix,
    /// A mailbox.
    Mbox,
}

impl Form {
    fn file_name(self) -> &'static str {
        match self {
            Self::MessengerFolder => "messenger",
            Self::MessengerZip => "messenger.zip",
            Self::MessengerRenumbered => "messenger-renumbered",
            Self::MessengerPages => "messenger-pages",
            Self::WhatsApp => "whatsapp",
            Self::Msgstore => "msgstore",
            Self::MsgstoreOlder => "msgstore-older",
            Self::ChatStorage => "chat-storage",
            Self::Telegram => "telegram",
            Self::TelegramPages => "telegram-pages",
            Self::Signal => "signal",
            Self::SignalDesktop => "signal-desktop",
            Self::ChatDb => "chat-db",
            Self::Sms => "sms",
            Self::Discord => "discord",
            Self::DiscordPackage => "discord-package",
            Self::Slack => "slack",
            Self::SlackZip => "slack.zip",
            Self::Instagram => "instagram",
            Self::WhatsAppIos => "whatsapp-ios",
            Self::Crypt15 => "crypt15",
            Self::GoogleChat => "google-chat",
            Self::Hangouts => "hangouts",
            Self::Skype => "skype",
            Self::Matrix => "matrix",
            Self::Mbox => "mbox",
        }
    }

    fn write(self, path: &Path, threads: &[Thread], seed: u64, words: &Words) -> Result<()> {
        let mut place = match self {
            Self::MessengerZip | Self::SlackZip => Place::zip(path)?,
            _ => Place::Folder(path.to_owned()),
        };
        match self {
            Self::MessengerFolder | Self::MessengerZip => {
                messenger::write(&mut place, threads, seed, words)?;
            }
            Self::MessengerRenumbered => {
                messenger::write_renumbered(&mut place, threads, seed, words)?;
            }
            Self::MessengerPages => pages::write(&mut place, threads, seed, words)?,
            Self::WhatsApp => whatsapp::write(&mut place, threads, seed, words)?,
            Self::Msgstore => msgstore::write(path, threads, seed, words)?,
            Self::MsgstoreOlder => msgstore_older::write(path, threads, seed, words)?,
            Self::ChatStorage => chat_storage::write(path, threads, seed, words)?,
            Self::Telegram => telegram::write(&mut place, threads, seed, words)?,
            Self::TelegramPages => {
                telegram_pages::write(&mut place, threads, seed, words)?;
            }
            Self::Signal => signal::write(&mut place, threads, seed, words)?,
            Self::SignalDesktop => signal_desktop::write(path, threads, seed, words)?,
            Self::ChatDb => chat_db::write(path, threads, seed, words)?,
            Self::Sms => sms::write(&mut place, threads, seed, words)?,
            Self::Discord => discord::write(&mut place, threads, seed, words)?,
            Self::DiscordPackage => {
                discord::write_package(&mut place, threads, seed, words)?;
            }
            Self::Slack | Self::SlackZip => slack::write(&mut place, threads, seed, words)?,
            Self::Instagram => messenger::write_instagram(&mut place, threads, seed, words)?,
            Self::WhatsAppIos => whatsapp::write_ios(&mut place, threads, seed, words)?,
            Self::Crypt15 => locked::write(path, threads, seed, words)?,
            Self::GoogleChat => google::write_chat(&mut place, threads, seed, words)?,
            Self::Hangouts => google::write_hangouts(&mut place, threads, seed, words)?,
            Self::Skype => skype::write(&mut place, threads, seed, words)?,
            Self::Matrix => matrix::write(&mut place, threads, seed, words)?,
            Self::Mbox => mail::write(&mut place, threads, seed, words)?,
        }
        place.finish()?;
        Ok(())
    }
}

/// Makes an export below `dir` unless it is there already; gives its path.
pub fn export(dir: &Path, form: Form, messages: u64, seed: u64) -> Result<PathBuf> {
    let name = form.file_name();
    let dir = dir.join(format!("{messages}-{seed}"));
    let path = dir.join(name);
    if path.exists() {
        return Ok(path);
    }
    fs::create_dir_all(&dir)?;
    let unfinished = dir.join(format!("{name}.part"));
    if unfinished.is_dir() {
        fs::remove_dir_all(&unfinished)?;
    }
    let words = Words::new(seed);
    let threads = thread::threads(seed, messages, &words);
    form.write(&unfinished, &threads, seed, &words)?;
    fs::rename(unfinished, &path)?;
    Ok(path)
}
