//! The store: SQLite, the only truth. One writer, any number of readers, everything derived from
//! what the doors told.
//!
//! A **strand** is one conversation as one export told it and is never rewritten; a **thread** is a
//! group of strands, regrouped freely (`stitch`), so joining can always be undone. Every count and
//! preview on a thread row is derived and can be rebuilt.

mod attached;
mod beside;
mod carried;
mod drafts;
mod error;
mod fingerprint;
mod groups;
mod identities;
pub mod index;
mod ingest;
mod instants;
mod live;
mod live_accounts;
mod lookup;
mod messages;
mod mine;
mod one_id;
mod open;
mod outbox;
mod people;
mod redate;
mod renamed;
mod renamed_lines;
mod renamed_text;
mod renamed_threads;
mod reread;
mod retold;
mod reworded;
mod rewritten;
mod row;
mod said;
mod same;
mod schema;
mod seam;
mod settle;
mod sought;
mod standing;
mod stitch;
mod strand;
mod tell;
mod threads;
mod triage;
mod turn;
mod voices;
mod waiting;
mod walk;

pub use error::StoreError;
pub use groups::{GroupWord, StoredGroup};
pub use identities::number;
pub use ingest::{Import, Tally};
pub use live_accounts::LiveAccount;
pub use lookup::{Sender, SourceExtent, StrandPlace};
pub use messages::{PageEnd, StoredMessage};
pub use mine::{Candidate, Me};
pub use open::{Reader, Store, Writer};
pub use outbox::{Ended, OutboxItem, OutgoingFile, Work};
pub use people::{ContactCard, PeopleRows, PeopleWord, StoredContact, StoredIdentity, WordKind};
pub use row::{StoredAttachment, StoredReaction};
pub use same::{Joined, MyAccount};
pub use threads::{
    StoredAccount, StoredParticipant, StoredThread, StrandInfo, ThreadFacts, ThreadQuery,
};
pub use triage::{TriageBefore, TriageWord};
