//! May this be done here, and why not.
//!
//! [`decide`] asks four floors in order and stops at the first that refuses: what **cannot** be
//! (facts), what **must not** be (interop rules), what the person **will not** have (their switch
//! and marks), and what is left to **allow**. Whether an account or a link can do it is asked last:
//! a ban stays true whatever account one connects, so it is the better reason.
//!
//! Which facts stop which wish:
//!
//! | fact | stops |
//! |---|---|
//! | the other person's account is gone | everything |
//! | I am no longer in | everything but starting a new thread |
//! | only administrators write | send, reply, attach, call; react, edit, delete where the connected account cannot |
//! | the text is longer than a connected account takes | send, reply, edit, the words of a file |
//! | a connected account says that it is not passed on to the app | what it names |
//! | a message is older than a connected account lets one change | edit, delete |
//! | an emoji is none of those that a connected account takes | react |
//! | replaced, or moved to an encrypted thread | everything but starting a new thread |
//! | flagged read-only, and not a cross-app thread | everything but starting a new thread |
//! | the app is closed | everything |
//! | a cross-app thread that has ended | everything; starting a thread where the rule refuses new ones |
//! | a cross-app door that has not opened yet | calls and starting a thread |
//! | `--read-only` | everything |
//! | marked read-only by the person | everything but starting a new thread |
//!
//! What is left is granted like this:
//!
//! | wish | an account can do it | an account cannot | no account, export only |
//! |---|---|---|---|
//! | send, reply | live | not offered | hand-off |
//! | start a thread | live | hand-off | hand-off |
//! | react, edit, delete, attach, call, mark read | live | not offered | not offered |
#![deny(clippy::wildcard_enum_match_arm)]

mod dates;
mod decide;
mod decision;
mod door;
mod file;
mod link;
mod rule;
mod rules;
mod shape;
pub mod words;

pub use decide::decide;
pub use decision::{Decision, Floor, Permit, Rung, Suggestion};
pub use door::touches;
pub use file::{decide_change, decide_file, decide_reaction, decide_text};
pub use link::{HandOff, complete, is_safe_link};
pub use rule::{App, Existing, LinkRule, Needs, NewThreads, Rule, RuleKind, RuleSureness, Scope};
pub use rules::{CrossAppSpan, Rules, RulesError};
