//! The command line, declared once: parser, help, completions and manual page come from it.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use crate::engine::{DateOrder, Zone};
use crate::model::{Day, SourceId};

/// One inbox in a terminal, merged from Messenger, Instagram, WhatsApp and other apps.
#[derive(Debug, Parser)]
#[command(name = "onebox", version, about, max_term_width = 100)]
#[command(after_help = "Without a command, onebox opens the inbox. `onebox --demo` shows it with \
                        invented data and touches nothing on disk.")]
pub struct Args {
    /// Switches that every command knows.
    #[command(flatten)]
    pub global: Global,
    /// What to do; the inbox if nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Switches that every command knows.
#[derive(Clone, Debug, ClapArgs)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Show a bundled, invented inbox; in memory, touches nothing on disk.
    #[arg(long, global = true)]
    pub demo: bool,
    /// Where the store is kept.
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// The settings file.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Write to no thread, whatever the rules say (stands before the command).
    // Not global: `threads --read-only` filters and `mark --read-only` marks.
    #[arg(long)]
    pub read_only: bool,
    /// Start no connector, contact nobody.
    #[arg(long, global = true)]
    pub offline: bool,
    /// Judge as of this day (YYYY-MM-DD); hides no message.
    #[arg(long, global = true, value_name = "DATE", value_parser = day)]
    pub as_of: Option<Day>,
    /// Linear output for screen readers: no boxes, one message a line.
    #[arg(long, global = true)]
    pub plain: bool,
    /// Colours: dark, light, high-contrast, colour-blind.
    #[arg(long, global = true, value_name = "NAME")]
    pub theme: Option<String>,
    /// How much goes to the log: off, error, warn, info, debug.
    #[arg(long, global = true, value_name = "L", default_value = "warn")]
    pub log_level: LogLevel,
}

/// How much goes to the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs, reason = "the words say it")]
pub enum LogLevel {
    Off,
    Error,
    Warn,
    Info,
    Debug,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Import exports: zips, folders, files; recognised by content
    Import(ImportArgs),
    /// List threads, newest activity first
    Threads(ThreadsArgs),
    /// Print a thread's messages
    Show(ShowArgs),
    /// Find messages: words, "phrases", begin*, from: in: app: before: has: is: kind:, -not, or
    #[command(after_help = SEARCH_HELP)]
    Search(SearchArgs),
    /// Who is who: list, suggest, link, refuse, unlink, show, import contact cards
    People {
        /// What to do.
        #[command(subcommand)]
        command: PeopleCommand,
    },
    /// Accounts: list, add and remove live ones; say who you are in any, and which are one
    Accounts {
        /// What to do.
        #[command(subcommand)]
        command: AccountsCommand,
    },
    /// Send a message in a thread of a live account
    #[command(
        after_help = "Exit: 0 sent, 3 refused (the reason is on stderr), 4 queued, 5 failed."
    )]
    Send(SendArgs),
    /// Every way to reach the person of a thread, and whether it is open
    Reach(ThreadArg),
    /// Archive, pin, mute, snooze, label threads, or mark them read or unread
    Triage(TriageArgs),
    /// Star messages, or take the stars away
    Star(StarArgs),
    /// List what is about to close, and what to do before
    Closing(JsonArg),
    /// Say what may be done in a thread, and why not
    Why(ThreadArg),
    /// List the interop rules in force, and how many of my threads each touches
    Rules(JsonArg),
    /// Mark a thread as cross-app or read-only, or clear the marks
    Mark(MarkArgs),
    /// Write threads to files
    Export(ExportArgs),
    /// Check the store, the terminal, accounts and versions
    Doctor(JsonArg),
    /// Print a completion script for a shell
    Completions {
        /// bash, zsh, fish, elvish, powershell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// `onebox triage`.
#[derive(Debug, ClapArgs)]
pub struct TriageArgs {
    /// Threads by id, as `onebox threads` prints them
    #[arg(required = true, value_parser = thread_number)]
    pub threads: Vec<i64>,
    /// Into the archive
    #[arg(long, conflicts_with = "unarchive")]
    pub archive: bool,
    /// Out of the archive
    #[arg(long)]
    pub unarchive: bool,
    /// To the top
    #[arg(long, conflicts_with = "unpin")]
    pub pin: bool,
    /// No longer at the top
    #[arg(long)]
    pub unpin: bool,
    /// Muted
    #[arg(long, conflicts_with = "unmute")]
    pub mute: bool,
    /// No longer muted
    #[arg(long)]
    pub unmute: bool,
    /// Read, as far as it goes now
    #[arg(long, conflicts_with = "unread")]
    pub read: bool,
    /// Unread
    #[arg(long)]
    pub unread: bool,
    /// Out of sight until then: "tomorrow 9", "in 2 weeks", 2026-12-24
    #[arg(long, value_name = "WHEN", conflicts_with = "unsnooze")]
    pub snooze: Option<String>,
    /// Back in sight
    #[arg(long)]
    pub unsnooze: bool,
    /// Label it so (several times for several)
    #[arg(long, value_name = "L")]
    pub label: Vec<String>,
    /// Take a label off
    #[arg(long, value_name = "L")]
    pub unlabel: Vec<String>,
}

/// `onebox star`.
#[derive(Debug, ClapArgs)]
pub struct StarArgs {
    /// Messages by id, as `onebox show --json` and `search --json` print them
    #[arg(required = true)]
    pub messages: Vec<i64>,
    /// Take the stars away
    #[arg(long)]
    pub off: bool,
}

/// `onebox people`.
#[derive(Debug, Subcommand)]
pub enum PeopleCommand {
    /// List people by activity
    List {
        /// Only those whose name holds these words
        name: Vec<String>,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// List who may be the same, likeliest first, and why
    Suggest {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Say that two are the same
    Link {
        /// One, by a number that `list` or `show` prints
        a: i64,
        /// The other
        b: i64,
    },
    /// Say that two are not the same; remembered over later imports
    Refuse {
        /// One, by a number that `list` or `show` prints
        a: i64,
        /// The other
        b: i64,
    },
    /// Say that a live group and an export's are one, as `suggest` names them
    JoinGroups {
        /// One thread
        a: i64,
        /// The other
        b: i64,
    },
    /// Say that they are two; remembered over later imports
    RefuseGroups {
        /// One thread
        a: i64,
        /// The other
        b: i64,
    },
    /// Take back what was joined in a group
    PartGroup {
        /// The thread
        thread: i64,
    },
    /// Take an identity out of its person
    Unlink {
        /// The identity, by a number that `show` prints
        a: i64,
    },
    /// Take the latest of these changes back, exactly; again: the one before
    Undo,
    /// Show a person: who they are where, and on what grounds
    Show {
        /// The person, or one of their identities
        person: i64,
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// Import contact cards (.vcf): names for numbers, and numbers that belong together
    Import {
        /// The file
        file: PathBuf,
    },
}

/// `onebox import`.
#[derive(Debug, ClapArgs)]
pub struct ImportArgs {
    /// Zips, folders or files
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// Only this source
    #[arg(long, value_name = "S")]
    pub source: Option<String>,
    /// The account's name
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// My name in the export
    #[arg(long, value_name = "NAME")]
    pub me: Option<String>,
    /// The order of a date's numbers, where a file leaves it open
    #[arg(long, value_name = "ORDER")]
    pub date_order: Option<Order>,
    /// The zone of times without one (Europe/Berlin); this machine's if not given
    #[arg(long, value_name = "TZ", value_parser = zone)]
    pub time_zone: Option<Zone>,
    /// The file that holds a locked export's key; `-`: the key itself comes on standard input
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Read exports again that were read before and have not changed
    #[arg(long)]
    pub again: bool,
    /// Do not make the messages searchable now; the next search does
    #[arg(long)]
    pub no_index: bool,
    /// Say what would be imported; store nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Import everything that is found, without asking which
    #[arg(long)]
    pub all: bool,
    /// Print one report object
    #[arg(long)]
    pub json: bool,
}

/// The order of a date's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Order {
    Dmy,
    Mdy,
    Ymd,
}

impl From<Order> for DateOrder {
    fn from(o: Order) -> Self {
        match o {
            Order::Dmy => Self::Dmy,
            Order::Mdy => Self::Mdy,
            Order::Ymd => Self::Ymd,
        }
    }
}

/// `onebox threads`.
#[derive(Debug, ClapArgs)]
pub struct ThreadsArgs {
    /// Only this source
    #[arg(long, value_name = "S", value_parser = source)]
    pub source: Option<SourceId>,
    /// Only cross-app threads
    #[arg(long)]
    pub cross_app: bool,
    /// Only read-only threads
    #[arg(long)]
    pub read_only: bool,
    /// Only threads with unread messages
    #[arg(long)]
    pub unread: bool,
    /// Only threads in which an answer of mine is due
    #[arg(long)]
    pub awaiting: bool,
    /// Only threads in which somebody named me since I last wrote
    #[arg(long)]
    pub mentions: bool,
    /// Only message requests and invitations
    #[arg(long)]
    pub requests: bool,
    /// Only snoozed threads
    #[arg(long)]
    pub snoozed: bool,
    /// Only threads with starred messages
    #[arg(long)]
    pub starred: bool,
    /// Only archived threads
    #[arg(long)]
    pub archived: bool,
    /// Only threads with a draft
    #[arg(long)]
    pub drafts: bool,
    /// Only threads with this label
    #[arg(long, value_name = "L")]
    pub label: Option<String>,
    /// Threads with unread messages first
    #[arg(long)]
    pub unread_first: bool,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// `onebox show`.
#[derive(Debug, ClapArgs)]
pub struct ShowArgs {
    /// The thread's id, as `onebox threads` prints it
    #[arg(value_parser = thread_number)]
    pub thread: i64,
    /// From this day on (YYYY-MM-DD)
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub from: Option<Day>,
    /// At most so many messages: the newest, or the first from DATE on
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}

const SEARCH_HELP: &str = "\
Words are found in any case and without accents; exact forms come first with --best.
  lamp \"red lamp\" lam*          a word, a phrase, everything that begins so
  red or blue, -green, ( )       either, not, brackets
  from:ana from:me               who sent it
  in:\"Flat 4B\" app:whatsapp     the thread, the app
  person:jonas kind:group        threads with somebody; direct, group, channel
  before:2023 after:2023-05-14   dates; also on:yesterday, after:\"3 days ago\"
  has:photo                      video, audio, file, link, reaction
  is:read-only                   unread, starred, mine, cross-app, archived, pinned";

/// `onebox search`.
#[derive(Debug, ClapArgs)]
pub struct SearchArgs {
    /// What to look for; after -- it may begin with a minus
    #[arg(required = true, value_name = "QUERY")]
    pub query: Vec<String>,
    /// Only in this thread, by its id
    #[arg(long, value_name = "ID", value_parser = thread_number)]
    pub thread: Option<i64>,
    /// Only in the direct threads of this person, by their id
    #[arg(long, value_name = "ID", conflicts_with = "thread")]
    pub person: Option<i64>,
    /// What matches best first; otherwise the newest
    #[arg(long)]
    pub best: bool,
    /// At most so many hits
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: usize,
    /// One JSON object a line; the last one says what was searched
    #[arg(long)]
    pub json: bool,
}

/// A thread and `--json`.
#[derive(Debug, ClapArgs)]
pub struct ThreadArg {
    /// The thread's id, as `onebox threads` prints it
    #[arg(value_parser = thread_number)]
    pub thread: i64,
    /// JSON
    #[arg(long)]
    pub json: bool,
}

/// `--json`.
#[derive(Debug, ClapArgs)]
pub struct JsonArg {
    /// JSON
    #[arg(long)]
    pub json: bool,
}

/// `onebox mark`.
#[derive(Debug, ClapArgs)]
pub struct MarkArgs {
    /// The thread's id, as `onebox threads` prints it
    #[arg(value_parser = thread_number)]
    pub thread: i64,
    /// It crosses to this app
    #[arg(long, value_name = "SOURCE", value_parser = source)]
    pub cross_app: Option<SourceId>,
    /// It is not a cross-app thread: refuse the suggestion
    #[arg(long, conflicts_with = "cross_app")]
    pub not_cross_app: bool,
    /// It is read-only
    #[arg(long)]
    pub read_only: bool,
    /// Take every mark back
    #[arg(long, conflicts_with_all = ["cross_app", "read_only", "not_cross_app"])]
    pub clear: bool,
}

/// `onebox export`.
#[derive(Debug, ClapArgs)]
pub struct ExportArgs {
    /// Threads by id; all if none
    #[arg(value_parser = thread_number)]
    pub threads: Vec<i64>,
    /// Threads in which this search finds something; they are written whole
    #[arg(long, value_name = "QUERY", conflicts_with_all = ["threads", "view"])]
    pub search: Option<String>,
    /// Threads of a view: all, unread, awaiting, mentions, requests, drafts, snoozed, starred,
    /// read-only, cross-app, archived, label:NAME, or an app's name
    #[arg(long, value_name = "VIEW", conflicts_with = "threads")]
    pub view: Option<String>,
    /// A person's direct threads: one merged timeline (jsonl: the threads as they are)
    #[arg(long, value_name = "ID", conflicts_with_all = ["threads", "view", "search"])]
    pub person: Option<i64>,
    /// The format
    #[arg(long, default_value = "jsonl")]
    pub format: Format,
    /// What becomes of pictures, sound and files (md, txt, html)
    #[arg(long, default_value = "copy")]
    pub media: MediaChoice,
    /// The folder to write to
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
}

/// Export formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// onebox's own interchange format; import reads it back
    Jsonl,
    /// Markdown, a file for each thread
    Md,
    /// Plain text, a file for each thread
    Txt,
    /// A page for a browser or printer, for each thread
    Html,
}

/// What becomes of attachments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MediaChoice {
    /// Copied into a folder beside the document; files that could run get .txt behind their name
    Copy,
    /// Linked where they lie now; those inside zips are only named
    Link,
    /// Only named
    None,
}

fn day(s: &str) -> Result<Day, String> {
    Day::parse(s).ok_or_else(|| format!("{s:?} is not a date; write it as 2023-12-31"))
}

fn source(s: &str) -> Result<SourceId, String> {
    let slug = SourceId::new(s);
    if slug.as_str().is_empty() { Err("name a source, such as messenger".into()) } else { Ok(slug) }
}

fn thread_number(s: &str) -> Result<i64, String> {
    let why = "give a thread's number, as `onebox threads` prints it";
    s.parse().map_err(|_| why.to_owned())
}

fn zone(s: &str) -> Result<Zone, String> {
    s.parse()
        .map(Zone::Named)
        .map_err(|_| format!("there is no time zone {s:?}; write it as Europe/Berlin"))
}

/// What `onebox send` sends.
#[derive(Debug, ClapArgs)]
pub struct SendArgs {
    /// The thread, by its number in listings.
    #[arg(value_parser = thread_number)]
    pub thread: i64,
    /// The text, or `-` to read it from standard input; with a file its caption.
    #[arg(required_unless_present = "file", default_value = "")]
    pub text: String,
    /// A file to go with it.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// What can be done with accounts.
#[derive(Debug, Subcommand)]
pub enum AccountsCommand {
    /// List them
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Connect one: `matrix`, or any connector's program
    Add {
        /// `matrix`, the name of a program on the PATH, or a path.
        connector: String,
    },
    /// Sign one out and take it away; its threads stay, as archives
    Remove {
        /// Its number in the listing.
        id: i64,
    },
    /// Say who you are in an account, where an import could not tell or guessed wrong
    Me {
        /// Its number in this command's own listing, or its app where there is one account of it.
        account: Option<String>,
        /// Your name there, or your id. Left out: lists who is there.
        who: Option<String>,
        /// Take it back: what the exports tell holds again.
        #[arg(long, conflicts_with = "who")]
        clear: bool,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Read quietly there: nobody is told
    Quiet {
        /// Its number in the listing.
        id: i64,
        /// Tell again.
        #[arg(long)]
        off: bool,
    },
    /// List my accounts of every app, as exports and live accounts tell them
    Mine {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Say that two of my accounts are one, such as an export's and a live one
    Same {
        /// One, by a number that `mine` prints.
        a: i64,
        /// The other.
        b: i64,
    },
    /// Say that an account of mine is one of its own after all
    Apart {
        /// Its number, as `mine` prints it.
        a: i64,
    },
}
