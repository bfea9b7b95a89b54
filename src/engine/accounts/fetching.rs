//! Files of live messages: fetched when they are asked for, shown on their message while they are
//! on their way, opened when they have come.

use std::path::PathBuf;

use super::hub::Hub;
use super::link::Phase;
use super::sending::new_key;
use crate::engine::{EngineError, now, opening};
use crate::inbox::{MediaState, Update};
use crate::model::{Bytes, LiveId, MessageId};
use crate::sources::live::Order;
use crate::store::StoreError;

/// Larger files are not fetched.
const LARGEST: u64 = 100 << 20;

impl Hub {
    /// Asks for a file, unless it is on its way.
    pub fn fetch_media(&mut self, message: MessageId, index: usize) -> Result<(), EngineError> {
        let Some(stored) = self.engine.reader.message(message)? else { return Ok(()) };
        let Some(attachment) = stored.attachments.get(index) else { return Ok(()) };
        let Some(handle) = attachment.handle.clone() else { return Ok(()) };
        let Some((id, _)) = self.engine.reader.live_of(stored.thread)? else {
            self.media_is(message, index, failed("no account is connected here any more"));
            return Ok(());
        };
        if self.media.values().any(|(_, m, i)| (*m, *i) == (message, index)) {
            return Ok(());
        }
        let total = attachment.size;
        if let Some(size) = total.filter(|size| *size > LARGEST) {
            let why = format!("it has {}; {} are fetched at most", Bytes(size), Bytes(LARGEST));
            self.media_is(message, index, MediaState::Failed(why));
            return Ok(());
        }
        let key = new_key();
        let order = Order::FetchMedia { key: key.clone(), handle, limit: LARGEST };
        let asked = self.link(id).filter(|l| l.is_online()).is_some_and(|link| link.order(order));
        if asked {
            self.media.insert(key, (id, message, index));
            self.media_is(message, index, MediaState::Fetching { done: 0, total });
        } else {
            self.media_is(
                message,
                index,
                failed("the account is not online; try again when it is"),
            );
        }
        Ok(())
    }

    /// How far a file is; it has come, or cannot be had.
    pub fn fetched(
        &mut self,
        key: &str,
        (done, total): (u64, Option<u64>),
        path: Option<PathBuf>,
        why: Option<String>,
    ) -> Result<(), EngineError> {
        let Some((id, message, index)) = self.media.get(key).copied() else { return Ok(()) };
        if let Some(why) = why {
            self.media.remove(key);
            self.media_is(message, index, MediaState::Failed(why));
            return Ok(());
        }
        let Some(path) = path else {
            self.media_is(message, index, MediaState::Fetching { done, total });
            return Ok(());
        };
        // A connector puts files nowhere but in its own folder.
        let inside = path.canonicalize().ok().filter(|p| {
            let root = self.root.join("connectors").join(id.to_string()).canonicalize();
            root.is_ok_and(|root| p.starts_with(root)) && p.is_file()
        });
        let Some(path) = inside else {
            self.media.remove(key);
            self.media_is(message, index, failed("its connector put it elsewhere"));
            return Ok(());
        };
        let changed = self.writer()?.set_media(message, index, &path, now());
        if matches!(changed, Err(StoreError::Busy)) {
            // It is told again once the store is free.
            return Err(StoreError::Busy.into());
        }
        self.media.remove(key);
        let changed = changed?;
        self.media_is(message, index, MediaState::Here);
        self.tell_changed(changed.into_iter().collect());
        self.notice(opening::open(&path));
        Ok(())
    }

    /// What connectors were fetching that have ended does not come.
    pub fn give_up_media(&mut self) {
        let runs = |id: LiveId| {
            self.links.iter().any(|l| l.id == id && matches!(l.phase, Phase::Running(_)))
        };
        let ended: Vec<String> =
            self.media.iter().filter(|(_, m)| !runs(m.0)).map(|(key, _)| key.clone()).collect();
        for key in ended {
            if let Some((_, message, index)) = self.media.remove(&key) {
                self.media_is(message, index, failed("its connector has ended; try again"));
            }
        }
    }

    fn media_is(&self, message: MessageId, index: usize, state: MediaState) {
        // Of the bytes so far the next word says more; every other word counts.
        let passing = matches!(state, MediaState::Fetching { done: 1.., .. });
        let update = Update::Media { message, index, state };
        if passing {
            drop(self.updates.try_send(update));
        } else {
            drop(self.updates.send(update));
        }
    }
}

fn failed(why: &str) -> MediaState {
    MediaState::Failed(why.to_owned())
}
