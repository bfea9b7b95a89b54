//! The counter between the screen and the engine: requests, updates, plain rows, notices.
//!
//! Data only: a function with a branch in it belongs elsewhere. Requests are stateless, each
//! carries all it needs, plus a ticket; an update with an old ticket is dropped by the screen.

mod accounts;
mod import;
mod notice;
mod people;
mod reply;
mod request;
mod rows;
mod search;
mod triage;
mod update;

pub use accounts::{AccountRow, AccountState, AskKind, AskRow, CandidateRow, MyAccountRow};
pub use import::{ExportFound, ExportKey, ExportLook, ImportProgress, ImportSummary};
pub use notice::{Notice, Severity};
pub use people::{
    GroundRow, GroupLinkRow, GroupRow, IdentityRow, LinkRow, PeopleChange, PersonHint, PersonRow,
    ReachCard, ReachRow, SharedGroupRow, Whose,
};
pub use reply::{HandedRow, ReplyRow};
pub use request::{
    Alteration, Direction, MarkChange, OpenAt, Request, ThreadFilter, Ticket, TranscriptPos,
};
pub use rows::{
    AttachmentRow, Badge, ComposerState, FileRow, FoundRow, HandOffRow, LadderRow, LadderTable,
    MediaState, MessageRow, ReactionRow, ReasonRow, RowKind, RuleRow, Seam, SuggestionRow,
    ThreadHeader, ThreadRow, TimelineHeader, WarningRow, Who,
};
pub use search::{Coverage, CoverageRow, HitOrder, HitRow, Hits, Scope, SearchRequest};
pub use triage::{ClosingRow, ListOrder, ThreadRef, TriageChange};
pub use update::{Counts, Heard, SourceCount, Status, Update};
