//! A person's merged timeline: the pages of their direct threads, merged by the order that each
//! already has.

use super::{Engine, EngineError, rows};
use crate::inbox::{Direction, MessageRow, OpenAt, TimelineHeader, TranscriptPos};
use crate::model::{MessageId, PersonId, ThreadId, Timestamp};
use crate::store::{PageEnd, StoredMessage};

/// Messages of one answer, at most.
const WINDOW: usize = 500;

/// A page of a timeline.
#[derive(Debug)]
pub struct TimelinePage {
    /// The head.
    pub header: TimelineHeader,
    /// Messages, oldest first.
    pub rows: Vec<MessageRow>,
    /// There is more before.
    pub more_before: bool,
    /// There is more after.
    pub more_after: bool,
    /// The row that was asked for.
    pub focus: Option<usize>,
}

type Place = (Timestamp, i64, MessageId);

fn place(m: &StoredMessage) -> Place {
    (m.sent.at, m.order, m.id)
}

impl Engine {
    /// The head and the first page.
    pub fn open_person(
        &mut self,
        person: PersonId,
        at: OpenAt,
        limit: usize,
    ) -> Result<TimelinePage, EngineError> {
        let limit = limit.clamp(1, WINDOW);
        let row = self.person(person)?;
        let threads: Vec<ThreadId> = self.people()?.threads(row.id).into_iter().collect();
        let half = (limit / 2).max(1);
        let (before, own, after) = match at {
            OpenAt::End => (Some((PageEnd::Edge, limit)), None, None),
            OpenAt::Start => (None, None, Some((PageEnd::Edge, limit))),
            OpenAt::Date(t) => {
                let end = PageEnd::Instant(t);
                (Some((end, half)), None, Some((end, half)))
            }
            OpenAt::Message(id) => match self.reader.message(id)? {
                Some(m) if threads.contains(&m.thread) => {
                    let end = PageEnd::Beside(m.sent.at, m.order, m.id);
                    (Some((end, half)), Some(m), Some((end, half)))
                }
                _ => (Some((PageEnd::Edge, limit)), None, None),
            },
        };
        let (mut page, more_before) = match before {
            Some((end, n)) => self.merged(&threads, end, Direction::Older, n)?,
            None => (Vec::new(), false),
        };
        let focus = page.len();
        page.extend(own);
        let mut more_after = false;
        if let Some((end, n)) = after {
            let (newer, more) = self.merged(&threads, end, Direction::Newer, n)?;
            page.extend(newer);
            more_after = more;
        }
        let focus = (at != OpenAt::End && !page.is_empty()).then(|| focus.min(page.len() - 1));
        let mut first: Option<Timestamp> = None;
        for t in &threads {
            first = [first, self.stored(*t)?.first].into_iter().flatten().min();
        }
        let rows = self.timeline_rows(page)?;
        let header = TimelineHeader { person: row, first };
        Ok(TimelinePage { header, rows, more_before, more_after, focus })
    }

    /// One more page, oldest first, and whether there is more beyond it.
    pub fn page_person(
        &mut self,
        person: PersonId,
        from: TranscriptPos,
        direction: Direction,
        limit: usize,
    ) -> Result<(Vec<MessageRow>, bool), EngineError> {
        let threads: Vec<ThreadId> = self.people()?.threads(person).into_iter().collect();
        let end = PageEnd::Beside(from.at, from.order, from.message);
        let (page, more) = self.merged(&threads, end, direction, limit.clamp(1, WINDOW))?;
        Ok((self.timeline_rows(page)?, more))
    }

    /// The page of each thread, merged and cut.
    fn merged(
        &self,
        threads: &[ThreadId],
        end: PageEnd,
        direction: Direction,
        limit: usize,
    ) -> Result<(Vec<StoredMessage>, bool), EngineError> {
        let mut all = Vec::new();
        for t in threads {
            all.extend(match direction {
                Direction::Older => self.reader.older(*t, end, limit + 1)?,
                Direction::Newer => self.reader.newer(*t, end, limit + 1)?,
            });
        }
        all.sort_by_key(place);
        let more = all.len() > limit;
        match direction {
            Direction::Older => drop(all.drain(..all.len().saturating_sub(limit))),
            Direction::Newer => all.truncate(limit),
        }
        Ok((all, more))
    }

    fn timeline_rows(&self, mut page: Vec<StoredMessage>) -> Result<Vec<MessageRow>, EngineError> {
        self.quote_answered(&mut page)?;
        let mut heads = std::collections::HashMap::new();
        let mut out = Vec::with_capacity(page.len());
        for m in page {
            let thread = m.thread;
            if let std::collections::hash_map::Entry::Vacant(new) = heads.entry(thread) {
                new.insert((self.stored(thread)?, self.reader.participants(thread)?));
            }
            let Some((stored, people)) = heads.get(&thread) else { continue };
            let names = rows::names(people);
            let mut made = rows::messages(&self.settings, stored, &names, None, vec![m]);
            for row in &mut made {
                row.badge = Some(rows::badge(&self.settings, &stored.source));
            }
            out.append(&mut made);
        }
        self.name_messages(&mut out)?;
        Ok(out)
    }
}
