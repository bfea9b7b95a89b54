//! onebox's own interchange format: `.jsonl`, one record a line, readable and writable by hand.
//!
//! `onebox export --format jsonl` writes it and `onebox import` reads it back to the same records.
//! Its JSON Schema is `assets/interchange.schema.json`. UTF-8, one JSON object a line, empty lines
//! allowed. The first line names the version; the rest are records in any number:
//!
//! ```json
//! {"onebox":1}
//! {"record":"account","source":"instagram","name":"Sam Rivera","me_names":["Sam Rivera"]}
//! {"record":"thread","thread":"jonas","title":"Jonas Weber","cross_app":"messenger"}
//! {"record":"participant","thread":"jonas","name":"Jonas Weber","source":"messenger"}
//! {"record":"message","thread":"jonas","sender":"Jonas Weber","sent_at":"2023-11-14T18:05:00Z","text":"hi"}
//! ```
//!
//! * **Order.** Threads, participants and messages belong to the account line before them. A
//!   file may hold several accounts of several sources. A thread or participant that a message
//!   names need not have a line of its own.
//! * **Left out** means unknown, none, empty or no; `null` means the same. `thread` keys and
//!   `sender` keys are free; a participant's `key` is its name where it is left out.
//! * **Times** are RFC 3339. An instant that RFC 3339 cannot write is `@<ms>ms`, milliseconds since
//!   1970. `wall` is the phone's clock (`2023-11-14T18:05`) where only that was written down.
//! * **`cross_app`** is `true`, the other app's slug, or an object with `other` and `evidence`.
//!   **`read_only`**, **`will_be_read_only`** and **`peer_gone`** (the other's account is there no
//!   more) are `true`, words that say how it is known, or an object with `kind` and `detail`.
//! * **`pinned`** is `true`, **`muted`** `true` or the time until when. **`less_exact`** is `true` for
//!   a thread that is told by names and a wall clock: where another thread of the account tells the
//!   same messages exactly, they become one.
//! * **Attachments** have a `path` below the file's own folder (or below `container`), or a `url`,
//!   or neither: left out by the export.
//! * **Changes** (`revision`, `reaction`, `receipt`) name a message by its `id` and may come before
//!   it.
//! * **Later versions** may add fields and kinds of record under the same number: unknown fields
//!   are passed over, unknown records are told. A higher number means that older readers must not
//!   try.

mod changes;
mod read;
mod time;
mod wire;
mod write;

pub use wire::Line;
pub use write::Writer;

use super::Source;

/// The version that this build writes, and the highest that it reads.
pub const VERSION: u64 = 1;

/// The source's row in the catalog.
pub const SOURCE: Source = Source {
    id: "onebox",
    parts_share_a_tree: false,
    recognise: read::recognise,
    read: read::read,
};

#[cfg(test)]
mod tests;
