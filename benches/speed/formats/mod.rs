//! Each format that onebox reads: its import beside the limit, which is the bare reading of the
//! same files by the library that everybody would take, and a bare insert of the same rows.
//!
//! The bare reading knows what the generator writes and nothing else: it trusts the file, keeps no
//! ids, recognises nothing. An import that does not bring every message, or says that something was
//! odd, is no measurement: its row says so.

mod databases;
mod objects;
mod rooms;
mod texts;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::Plan;
use crate::bare::Bare;
use crate::baseline;
use crate::cost;
use crate::generate::Form;
use crate::import::{Costs, fresh, ours, this, whole};
use crate::table::{Row, Target};

/// The hidden command of the limit.
pub const LIMIT: &str = "limit";
/// Where the rows of a bare reading go when only the reading is asked for.
const NOWHERE: &str = "-";

/// A bare reading.
type Read = fn(&Path, &mut Bare) -> Result<()>;

/// A format.
struct Format {
    /// What it is asked for by.
    name: &'static str,
    /// What it is called.
    title: &'static str,
    form: Form,
    /// What reads it for the limit.
    by: &'static str,
    read: Read,
}

const FORMATS: &[Format] = &[
    Format {
        name: "messenger",
        title: "Messenger JSON",
        form: Form::MessengerFolder,
        by: "serde_json",
        read: meta,
    },
    Format {
        name: "messenger-pages",
        title: "Messenger HTML",
        form: Form::MessengerPages,
        by: "html5gum",
        read: texts::pages,
    },
    Format {
        name: "whatsapp",
        title: "WhatsApp text, Android",
        form: Form::WhatsApp,
        by: "lines",
        read: texts::whatsapp_android,
    },
    Format {
        name: "msgstore",
        title: "WhatsApp msgstore.db",
        form: Form::Msgstore,
        by: "rusqlite",
        read: databases::msgstore,
    },
    Format {
        name: "chat-storage",
        title: "WhatsApp ChatStorage.sqlite",
        form: Form::ChatStorage,
        by: "rusqlite",
        read: databases::chat_storage,
    },
    Format {
        name: "telegram",
        title: "Telegram result.json",
        form: Form::Telegram,
        by: "serde_json",
        read: objects::telegram,
    },
    Format {
        name: "telegram-pages",
        title: "Telegram HTML",
        form: Form::TelegramPages,
        by: "html5gum",
        read: texts::telegram_pages,
    },
    Format {
        name: "signal",
        title: "Signal main.jsonl",
        form: Form::Signal,
        by: "serde_json",
        read: objects::signal,
    },
    Format {
        name: "chat-db",
        title: "iPhone Messages chat.db",
        form: Form::ChatDb,
        by: "rusqlite",
        read: databases::chat_db,
    },
    Format {
        name: "sms",
        title: "SMS Backup & Restore",
        form: Form::Sms,
        by: "quick-xml",
        read: texts::sms,
    },
    Format {
        name: "discord",
        title: "DiscordChatExporter JSON",
        form: Form::Discord,
        by: "serde_json",
        read: objects::discord,
    },
    Format {
        name: "slack",
        title: "Slack workspace, folder",
        form: Form::Slack,
        by: "serde_json",
        read: objects::slack,
    },
    Format {
        name: "slack-zip",
        title: "Slack workspace, zip",
        form: Form::SlackZip,
        by: "zip, serde_json",
        read: objects::slack_zip,
    },
    Format {
        name: "instagram",
        title: "Instagram JSON",
        form: Form::Instagram,
        by: "serde_json",
        read: meta,
    },
    Format {
        name: "whatsapp-ios",
        title: "WhatsApp text, iPhone",
        form: Form::WhatsAppIos,
        by: "lines",
        read: texts::whatsapp_ios,
    },
    Format {
        name: "crypt15",
        title: "WhatsApp msgstore.db.crypt15",
        form: Form::Crypt15,
        by: "aes-gcm, flate2, rusqlite",
        read: databases::crypt15,
    },
    Format {
        name: "google-chat",
        title: "Google Chat JSON",
        form: Form::GoogleChat,
        by: "serde_json",
        read: rooms::google_chat,
    },
    Format {
        name: "hangouts",
        title: "Hangouts JSON",
        form: Form::Hangouts,
        by: "serde_json",
        read: rooms::hangouts,
    },
    Format {
        name: "skype",
        title: "Skype JSON",
        form: Form::Skype,
        by: "serde_json",
        read: rooms::skype,
    },
    Format {
        name: "matrix",
        title: "Element JSON",
        form: Form::Matrix,
        by: "serde_json",
        read: rooms::matrix,
    },
    Format {
        name: "mbox",
        title: "Mail (mbox)",
        form: Form::Mbox,
        by: "mail-parser",
        read: texts::mbox,
    },
    Format {
        name: "msgstore-older",
        title: "WhatsApp msgstore.db until 2021",
        form: Form::MsgstoreOlder,
        by: "rusqlite",
        read: databases::msgstore_older,
    },
    Format {
        name: "signal-desktop",
        title: "Signal Desktop's database",
        form: Form::SignalDesktop,
        by: "aes, hmac, rusqlite, serde_json",
        read: databases::signal_desktop,
    },
    Format {
        name: "discord-package",
        title: "Discord's data package",
        form: Form::DiscordPackage,
        by: "serde_json",
        read: objects::discord_package,
    },
];

/// The names of all formats.
pub fn names() -> String {
    FORMATS.iter().map(|f| f.name).collect::<Vec<_>>().join(", ")
}

/// Whether there is a format of this name.
pub fn is_known(name: &str) -> bool {
    FORMATS.iter().any(|f| f.name == name)
}

/// Meta's JSON, as the table of imports has it.
fn meta(export: &Path, out: &mut Bare) -> Result<()> {
    baseline::read(export, out)
}

/// The hidden command: reads a format barely, into a new database or nowhere; gives the number of
/// messages.
pub fn limit(name: &str, export: &Path, database: &Path) -> Result<u64> {
    let format = FORMATS.iter().find(|f| f.name == name).context("no such format")?;
    let mut out = Bare::new(Some(database).filter(|d| *d != Path::new(NOWHERE)))?;
    (format.read)(export, &mut out)?;
    out.end()
}

/// A row or two for every format that is wanted.
pub fn rows(plan: &Plan) -> Result<Vec<Row>> {
    let messages = plan.messages_of_formats();
    let title = format!("Formats, {messages} messages each");
    let mut out = vec![Row::told(title, "import --no-index").against("the limit")];
    for format in FORMATS.iter().filter(|f| plan.wants_format(f.name)) {
        out.extend(measured(plan, format).unwrap_or_else(|why| {
            plan.say(&format!("{}: {why:#}", format.name));
            vec![Row::told(format.title, "not measured").against(why.to_string())]
        }));
    }
    Ok(out)
}

fn measured(plan: &Plan, format: &Format) -> Result<Vec<Row>> {
    let messages = plan.messages_of_formats();
    let export = plan.export(format.form, messages)?;
    let (mut import, mut limit, mut reading) =
        (Costs::default(), Costs::default(), Costs::default());
    let count = fresh(plan, "count")?;
    for round in 1..=plan.rounds {
        plan.say(&format!("{}, round {round} of {}", format.name, plan.rounds));
        let bare = |database: &Path| {
            this(LIMIT, &[format.name.as_ref(), export.as_os_str(), database.as_os_str()])
        };
        for (database, costs) in
            [(Path::new(NOWHERE), &mut reading), (&fresh(plan, "limit.db")?, &mut limit)]
        {
            let cost =
                cost::telling(&bare(database)?, &count).context("the bare reading failed")?;
            costs.push(cost);
            let told = fs::read_to_string(&count)?;
            if told.trim() != messages.to_string() {
                bail!("the bare reading finds {} of {messages} messages", told.trim());
            }
        }
        let store = fresh(plan, "store-format")?;
        import.push(whole(plan, &ours(&export, &store), messages)?);
        fs::remove_dir_all(&store)?;
        fresh(plan, "limit.db")?;
    }
    Ok(shown(format, messages, &import, &limit, &reading))
}

fn shown(
    format: &Format,
    messages: u64,
    import: &Costs,
    limit: &Costs,
    reading: &Costs,
) -> Vec<Row> {
    let target = (format.form == Form::MessengerFolder).then_some(Target::AtMost(1.5));
    let rate = |c: &Costs| messages as f64 / c.wall().median() / 1000.0;
    vec![
        Row::told(format!("{}, CPU", format.title), import.cpu().shown(2, "s"))
            .against(format!("{} {} + bare insert", limit.cpu().shown(2, "s"), format.by))
            .ratio(&import.cpu().over(&limit.cpu()), "×", target),
        Row::told(
            "· rate, peak memory",
            format!("{:.0} k msg/s, {}", rate(import), import.memory().shown(0, "MB")),
        )
        .against(format!(
            "{:.0} k msg/s, {}; reading alone {}",
            rate(limit),
            limit.memory().shown(0, "MB"),
            reading.cpu().shown(2, "s")
        ))
        .held(import.memory().percentile(100), "MB", Some(Target::AtMost(200.0))),
    ]
}
