//! The nouns: what a message, a thread, a verdict is. No I/O, no clock, no service names in logic.
//!
//! Everybody may import this room; it imports nobody.

mod fact;
mod ids;
mod key;
mod live;
mod lock;
mod oddity;
mod reason;
mod record;
mod source;
mod time;
mod verdict;
mod wrapped;

pub use fact::{Facts, Membership, PersonalMark, PostingLimit, ThreadKind};
pub use ids::{AccountId, IdentityId, LiveId, MessageId, PersonId, StrandId, ThreadId};
pub use key::{Key, Locked};
pub use live::{FileRule, FileRules, Limits, LiveThread, Notify, NotifyOf, Shut, ShutWhy};
pub use lock::FileLock;
pub use oddity::Oddity;
pub use reason::{Evidence, EvidenceKind, Reason, ReasonCode, Since, Sureness};
pub use record::{
    AccountRecord, Attachment, AttachmentKind, BY_SECOND, Bytes, Call, Change, CrossApp, Deletion,
    MediaPlace, MessageKind, MessageRecord, Mute, ParticipantRecord, RETOLD, Reaction,
    ReactionRecord, ReceiptRecord, Record, ReplyTo, RevisionRecord, Stitch, ThreadRecord,
    VAGUE_EVENT, VAGUE_MESSAGE, told_first,
};
pub use source::SourceId;
pub use time::{
    Clock, DateOrder, DatesRead, Day, DayRange, Moment, OrderKnown, Precision, Timestamp,
};
pub use verdict::{AppLink, SendState, Verdict, VerdictKind, Warning, Wish};
pub use wrapped::{How, Within, Wrapped};
