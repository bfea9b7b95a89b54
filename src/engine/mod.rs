//! The only room that makes things happen: imports, reading, marks, hand-offs, the clock.
//!
//! [`Engine`] answers one question at a time and is what the command line uses. [`Desk`] puts it
//! behind channels for the screen, so that nothing there ever waits for a query.

pub mod accounts;
mod attaching;
mod book;
mod cards;
mod clock;
mod contacts;
pub mod demo;
mod demo_inbox;
mod desk;
mod desk_import;
mod desk_live;
mod desk_people;
mod desk_search;
mod detecting;
mod editing;
mod error;
mod explain;
mod exporting;
mod facts;
mod finding;
mod grounds;
mod groups;
mod handing_off;
mod importing;
mod indexing;
mod judging;
mod looking;
mod mine;
pub mod opening;
mod paths;
mod people;
mod people_rows;
mod plainly;
mod reach;
mod reading;
mod receipts;
mod replying;
mod resolving;
mod rising;
mod rows;
pub mod same;
mod searching;
mod sending;
mod settings;
mod shelf;
mod taking_out;
mod timeline;
mod triaging;
mod unchanged;
pub mod undo;

pub use clock::{now, today};
pub use contacts::ContactReport;
#[doc(hidden)]
pub use contacts::read as contacts_in;
pub use demo_inbox::load as load_demo;
pub use desk::Desk;
pub use detecting::{Detected, detect};
pub use editing::edit;
pub use error::EngineError;
pub use explain::explain;
pub use exporting::{
    ExportChoice, ExportFormat, ExportMedia, ExportProgress, ExportReport, ExportView,
};
pub use importing::{ImportOptions, Progress};
pub use indexing::IndexState;
pub use paths::{default_data_dir, key_file, key_given};
pub use people::People;
pub use reading::{Engine, ThreadPage, TranscriptPage};
pub use searching::FoundMessages;
pub use settings::Settings;
pub use timeline::TimelinePage;
pub use undo::Undoable;

// What the command line says to a reader goes through this room.
pub use crate::policy::{Rules, RulesError};
pub use crate::sources::{DateOrder, ReadOptions, Zone};
pub use crate::store::index::Followed;
pub use crate::store::{Candidate, Store, StoredAccount, StoredMessage, StoredParticipant};
