//! The nouns: what a message, a thread, a verdict is. No I/O, no clock, no service names in logic.
//!
//! Everybody may import this room; it imports nobody.

mod fact;
mod ids;
mod oddity;
mod reason;
mod record;
mod source;
mod time;
mod verdict;

pub use fact::{Facts, Membership, PersonalMark, PostingLimit, ThreadKind};
pub use ids::{AccountId, IdentityId, MessageId, PersonId, StrandId, ThreadId};
pub use oddity::Oddity;
pub use reason::{Evidence, EvidenceKind, Reason, ReasonCode, Since, Sureness};
pub use record::{
    AccountRecord, Attachment, AttachmentKind, Call, CrossApp, Deletion, MediaPlace, MessageKind,
    MessageRecord, ParticipantRecord, Reaction, Record, ReplyTo, Stitch, ThreadRecord,
};
pub use source::SourceId;
pub use time::{Clock, Day, DayRange, Moment, Precision, Timestamp};
pub use verdict::{AppLink, SendState, Verdict, VerdictKind, Warning, Wish};
