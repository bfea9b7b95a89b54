//! Where keeping up goes on after a restart: a position in the server's stream.
//!
//! A position is told to onebox behind everything that came up to it ([`News::Place`]); onebox keeps
//! both in one step and gives the position back. So it is never newer than what onebox has, however
//! and whenever either program ends. It must not be newer than what this program has, either: both
//! stores of the SDK remember which positions they have reached, each behind what it took in. A
//! position that either does not remember is left aside, and every room comes anew.
//!
//! What is told beside the stream (names that were asked for, messages that were opened) would be
//! lost if onebox ended before it was stored, since nothing brings it again. It is owed until a later
//! place has come back.

use std::path::Path;

use matrix_sdk::SqliteCryptoStore;
use matrix_sdk::ruma::{OwnedRoomId, UserId};
use matrix_sdk_crypto::store::CryptoStore;
use onebox::sources::live::News;
use serde::{Deserialize, Serialize};

use super::bridge::Known;
use super::memory::Memory;
use super::pipe::Out;
use super::sealed::Wanted;
use super::session;

/// A program that asks for other things of a room, or tells them otherwise, does not go on from
/// where an earlier one was.
const FORM: &str = concat!(env!("CARGO_PKG_VERSION"), "/1");
/// So many of the last places are remembered. A server forgets all but the last two.
const REMEMBERED: usize = 4;
/// So many opened messages are owed at most, the newest.
const OWED: usize = 500;
const PLACES: &str = "places";
/// The same, beside the keys.
const REACHED: &str = "onebox.places";
const KNOWN: &str = "known";
const DEBT: &str = "owed";

/// The sliding sync connection's name: the SDK keeps its position under it.
pub const CONNECTION: &str = "onebox";

/// One position that was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    /// Counts up over all starts.
    n: u64,
    /// The server's word.
    pos: String,
}

impl Place {
    fn token(&self) -> String {
        format!("{} {}", self.n, self.pos)
    }

    fn of(token: &str) -> Option<Self> {
        let (n, pos) = token.split_once(' ')?;
        Some(Self { n: n.parse().ok()?, pos: pos.to_owned() })
    }
}

/// The last places, as each store remembers them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Reached {
    form: String,
    places: Vec<Place>,
}

impl Reached {
    fn has(&self, place: &Place) -> bool {
        self.form == FORM && self.places.contains(place)
    }

    fn add(&mut self, place: Place) {
        FORM.clone_into(&mut self.form);
        self.places.push(place);
        let over = self.places.len().saturating_sub(REMEMBERED);
        self.places.drain(..over);
    }
}

/// A message that was opened, and the place after which that was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    after: u64,
    /// Its room.
    pub room: OwnedRoomId,
    /// Its key and id.
    pub what: Wanted,
}

/// What was told beside the stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Debt {
    /// How rooms stand and who is in them was told after this place.
    rooms: Option<u64>,
    opened: Vec<Opened>,
}

impl Debt {
    /// What is still owed to a onebox that has this place.
    fn left(mut self, has: Option<u64>) -> Self {
        let open = |after: u64| has.is_none_or(|has| after >= has);
        self.rooms = self.rooms.filter(|after| open(*after));
        self.opened.retain(|o| open(o.after));
        self
    }
}

/// The places of one account.
#[derive(Default)]
pub struct Places {
    /// Where the SDK keeps its position; `None`: places are not to be told, or it does not open.
    crypto: Option<SqliteCryptoStore>,
    /// The name under which it does.
    key: String,
    reached: Reached,
    n: u64,
    /// The position of the last place of this run; `None`: the rooms are still coming.
    pos: Option<String>,
    debt: Debt,
    /// What the rooms taught, as it was kept last.
    known: Known,
}

/// As the SDK keeps its position.
#[derive(Serialize, Deserialize)]
struct Kept {
    pos: Option<String>,
}

/// Where to begin.
pub struct Start {
    /// The places of the account.
    pub places: Places,
    /// onebox has everything up to the SDK's position; what the rooms had taught by then.
    pub known: Option<Known>,
}

impl Places {
    /// Opens them, and sets the SDK to the place that onebox has, if both know it. `told`: what
    /// onebox gave back.
    pub async fn open(
        memory: &Memory,
        me: &UserId,
        (state_dir, key): (&Path, &[u8; 32]),
        told: Option<&str>,
    ) -> Start {
        let mut places = Self {
            crypto: session::crypto(state_dir, key).await,
            key: format!("sliding_sync_store::{CONNECTION}::{me}::instance"),
            reached: memory.get(PLACES).await.unwrap_or_default(),
            ..Self::default()
        };
        let told = told.and_then(Place::of);
        let debt: Debt = memory.get(DEBT).await.unwrap_or_default();
        places.debt = debt.left(told.as_ref().map(|t| t.n));
        let numbers = places.reached.places.iter().chain(&told).map(|p| p.n);
        places.n = numbers.max().unwrap_or_default();
        let known = match told {
            Some(ref told) if places.go_to(told).await => memory.get::<Known>(KNOWN).await,
            _ => None,
        };
        if known.is_some() {
            places.pos = told.map(|t| t.pos);
        }
        places.known = known.clone().unwrap_or_default();
        Start { places, known }
    }

    /// Every room comes anew: nothing is to be gone on from until all have come.
    pub fn anew(&mut self) {
        self.pos = None;
    }

    /// Sets the SDK to a place; false: not everything here is as far as that.
    async fn go_to(&self, place: &Place) -> bool {
        let Some(crypto) = &self.crypto else { return false };
        let reached: Option<Reached> = self.kept(REACHED).await;
        if !self.reached.has(place) || !reached.is_some_and(|r| r.has(place)) {
            return false;
        }
        let kept = Kept { pos: Some(place.pos.clone()) };
        let Ok(kept) = serde_json::to_vec(&kept) else { return false };
        crypto.set_custom_value(&self.key, kept).await.is_ok()
    }

    async fn kept<T: serde::de::DeserializeOwned>(&self, name: &str) -> Option<T> {
        let crypto = self.crypto.as_ref()?;
        serde_json::from_slice(&crypto.get_custom_value(name).await.ok()??).ok()
    }

    /// Everything up to the SDK's position has been told: so is that. The next answer must not be
    /// asked for yet.
    pub async fn tell(&mut self, memory: &Memory, known: &Known, out: &Out) {
        let Some(Kept { pos: Some(pos) }) = self.kept(&self.key).await else { return };
        self.pos = Some(pos);
        self.settle(memory, known, out).await;
    }

    /// Something was told beside the stream: the last position again, behind it.
    pub async fn settle(&mut self, memory: &Memory, known: &Known, out: &Out) {
        let Some(pos) = self.pos.clone() else { return };
        if *known != self.known || self.n == 0 {
            // In this order: how other rooms stand for what was learnt would not be told again.
            self.owe_rooms(memory).await;
            memory.put(KNOWN, known).await;
            self.known = known.clone();
        }
        let place = Place { n: self.n + 1, pos };
        self.reached.add(place.clone());
        let (Some(crypto), Ok(reached)) = (&self.crypto, serde_json::to_vec(&self.reached)) else {
            return;
        };
        if crypto.set_custom_value(REACHED, reached).await.is_err() {
            return;
        }
        memory.put(PLACES, &self.reached).await;
        self.n = place.n;
        out.tell(News::Place { place: place.token() }).await;
    }

    /// How rooms stand and who is in them is about to be told, with nothing in the stream that would
    /// bring it again.
    pub async fn owe_rooms(&mut self, memory: &Memory) {
        if self.debt.rooms.is_none_or(|after| after < self.n) {
            self.debt.rooms = Some(self.n);
            memory.put(DEBT, &self.debt).await;
        }
    }

    /// Messages that were opened are about to be told.
    pub async fn owe_opened(&mut self, memory: &Memory, room: &OwnedRoomId, opened: Vec<Wanted>) {
        let after = self.n;
        self.debt.opened.retain(|o| o.room != *room || !opened.contains(&o.what));
        let opened = opened.into_iter();
        self.debt.opened.extend(opened.map(|what| Opened { after, room: room.clone(), what }));
        let over = self.debt.opened.len().saturating_sub(OWED);
        self.debt.opened.drain(..over);
        memory.put(DEBT, &self.debt).await;
    }

    /// Whether onebox may lack how rooms stand.
    pub fn owes_rooms(&self) -> bool {
        self.debt.rooms.is_some()
    }

    /// Opened messages that onebox may lack. They stay owed until they are told again.
    pub async fn owed(&mut self, memory: &Memory) -> Vec<Opened> {
        if self.debt.opened.is_empty() {
            return Vec::new();
        }
        for opened in &mut self.debt.opened {
            opened.after = u64::MAX;
        }
        memory.put(DEBT, &self.debt).await;
        self.debt.opened.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_after_the_place_that_came_back_is_owed() {
        let room = OwnedRoomId::try_from("!r:x").expect("a room");
        let opened = |after| {
            let what = (format!("session {after}"), "$e".to_owned());
            Opened { after, room: room.clone(), what }
        };
        let debt = Debt { rooms: Some(4), opened: vec![opened(3), opened(4), opened(u64::MAX)] };
        assert_eq!(debt.clone().left(None), debt, "nothing is known to be there");
        let left = debt.clone().left(Some(4));
        assert_eq!((left.rooms, left.opened), (Some(4), vec![opened(4), opened(u64::MAX)]));
        let left = debt.left(Some(5));
        assert_eq!((left.rooms, left.opened), (None, vec![opened(u64::MAX)]));
    }

    #[test]
    fn a_place_is_known_as_long_as_it_is_among_the_last_of_this_form() {
        let place = |n: u64| Place { n, pos: format!("p{n} q") };
        assert_eq!(Place::of(&place(7).token()), Some(place(7)));
        assert_eq!(Place::of("x"), None);
        let mut reached = Reached::default();
        (1..=6).for_each(|n| reached.add(place(n)));
        assert!(!reached.has(&place(2)) && reached.has(&place(3)) && reached.has(&place(6)));
        assert!(!reached.has(&Place { n: 6, pos: "another".to_owned() }));
        reached.form = "0.0.1/1".to_owned();
        assert!(!reached.has(&place(6)), "another release");
    }
}
