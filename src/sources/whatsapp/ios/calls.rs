//! `CallHistory.sqlite`, which lies beside the messages or in the same backup: what became of calls.
//!
//! A message of a call bears the call's id, and its length in `ZMETADATA` where there was one; all
//! else stands here. `ZOUTCOME` is 0 where somebody answered; several calls in a row are one
//! `ZWAAGGREGATECALLEVENT`, which says which way they went and whether with picture. As
//! KnugiHK/WhatsApp-Chat-Exporter and others found it.

use std::collections::HashMap;

use super::Place;
use super::book::beside;
use crate::model::Call;
use crate::sources::database::Database;
use crate::sources::{ReadError, Sink, Stop};

/// Calls kept; no phone knows so many.
const MOST: usize = 1_000_000;
/// `ZOUTCOME`: somebody answered.
const ANSWERED: i64 = 0;

/// What is known of a call.
struct Known {
    video: Option<bool>,
    seconds: Option<u32>,
    /// `None`: nothing says so.
    missed: Option<bool>,
    incoming: Option<bool>,
}

/// Calls by their ids.
#[derive(Default)]
pub struct Calls(HashMap<String, Known>);

impl Calls {
    /// Of the app's folder; empty where there is nothing of the kind.
    pub fn read(place: &Place<'_>, sink: &mut dyn Sink) -> Result<Self, ReadError> {
        let mut all = Self::default();
        if let Some(db) = beside(place, "CallHistory.sqlite", sink)? {
            all.each(&db, sink)?;
        }
        Ok(all)
    }

    fn each(&mut self, db: &Database, sink: &mut dyn Sink) -> Result<(), Stop> {
        let column = |name: &str| db.column("c", "ZWACDCALLEVENT", &[name]);
        let of_row = |name: &str| db.column("a", "ZWAAGGREGATECALLEVENT", &[name]);
        if column("ZCALLIDSTRING") == "NULL" {
            return Ok(());
        }
        let link = column("Z1CALLEVENTS");
        let row = match of_row("Z_PK").as_str() {
            "NULL" => String::new(),
            key => format!(" LEFT JOIN ZWAAGGREGATECALLEVENT a ON {key} = {link}"),
        };
        let sql = format!(
            "SELECT c.ZCALLIDSTRING, {}, {}, {}, {}, {} FROM ZWACDCALLEVENT c{row}",
            column("ZOUTCOME"),
            column("ZDURATION"),
            of_row("ZVIDEO"),
            of_row("ZMISSED"),
            of_row("ZINCOMING"),
        );
        db.each(&sql, sink, &mut |r, _| {
            let Some(id) = r.text(0).filter(|_| self.0.len() < MOST) else { return Ok(()) };
            let seconds = r.int(2).filter(|s| *s > 0).and_then(|s| u32::try_from(s).ok());
            let outcome = r.int(1).map(|outcome| outcome != ANSWERED);
            let known = Known {
                video: r.int(3).map(|n| n != 0),
                seconds,
                missed: outcome.or_else(|| r.int(4).map(|n| n != 0)),
                incoming: r.int(5).map(|n| n != 0),
            };
            self.0.insert(id, known);
            Ok(())
        })
    }

    /// The call of a message by its id. `seconds` is what the message itself says. Nobody knowing
    /// what became of it, it is told as a call and no more.
    pub fn of(&self, id: Option<&str>, mine: bool, seconds: Option<u32>) -> Call {
        let Some(known) = id.and_then(|id| self.0.get(id)) else {
            return Call { seconds, ..Call::default() };
        };
        let seconds = known.seconds.or(seconds);
        let incoming = known.incoming.unwrap_or(!mine);
        let missed = incoming && seconds.is_none() && known.missed == Some(true);
        Call { video: known.video, seconds, missed }
    }
}
