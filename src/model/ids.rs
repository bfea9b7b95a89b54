//! Local identities: cheap integers that the store hands out. They mean nothing outside one store.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// My identity within a source.
    AccountId
);
id!(
    /// A live account: one connector, signed in once. It may carry threads of several apps.
    LiveId
);
id!(
    /// One conversation as the person sees it; may be stitched from several strands.
    ThreadId
);
id!(
    /// One conversation as one export or connector told it. Strands are never rewritten; threads
    /// are regrouped over them, so that stitching can always be undone.
    StrandId
);
id!(
    /// One message.
    MessageId
);
id!(
    /// Somebody as one account of mine knows them: a name, a handle or a number within a source.
    IdentityId
);
id!(
    /// The same human across sources: the smallest of their identities' numbers.
    PersonId
);
