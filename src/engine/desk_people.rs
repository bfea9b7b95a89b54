//! People, reach and triage behind the counter.

use super::same::Said;
use super::undo::{Undo, Undoable};
use super::{Engine, EngineError, now};
use crate::inbox::{Request, Update};
use crate::model::{ThreadId, Wish};
use crate::store::PeopleRows;

/// Answers what asks about people; other requests get no answer here.
pub fn read(engine: &mut Engine, request: Request) -> Result<Option<Update>, EngineError> {
    Ok(Some(match request {
        Request::People { ticket, name, offset, limit } => {
            let (rows, total) = engine.list_people(&name, offset, limit)?;
            Update::People { ticket, offset, rows, total }
        }
        Request::Person { ticket, whose } => {
            let rows: Vec<_> = engine.whose(whose)?.into_iter().collect();
            Update::People { ticket, offset: 0, total: rows.len(), rows }
        }
        Request::Links { ticket } => {
            let groups = engine.group_links()?;
            Update::Links { ticket, rows: engine.links()?, groups }
        }
        Request::Reach { ticket, thread } => {
            Update::Reach { ticket, card: Box::new(engine.reach(thread)?) }
        }
        Request::ReachPerson { ticket, person } => {
            Update::Reach { ticket, card: Box::new(engine.reach_person(person)?) }
        }
        Request::StartAt { ticket, from, identity, text } => {
            match engine.start_at(from, identity, &text)? {
                Ok(row) => Update::HandOff { ticket, row },
                Err(reason) => {
                    Update::Refused { ticket, thread: from, wish: Wish::StartThread, reason }
                }
            }
        }
        Request::OpenPerson { ticket, person, at, limit } => {
            let page = engine.open_person(person, at, limit)?;
            Update::Timeline {
                ticket,
                header: Box::new(page.header),
                rows: page.rows,
                more_before: page.more_before,
                more_after: page.more_after,
                focus: page.focus,
            }
        }
        Request::PagePerson { ticket, person, from, direction, limit } => {
            let (rows, more) = engine.page_person(person, from, direction, limit)?;
            Update::TimelinePage { ticket, person, rows, more }
        }
        Request::Candidates { ticket, account } => {
            Update::Candidates { ticket, rows: engine.candidate_rows(account)? }
        }
        Request::MyAccounts => Update::MyAccounts(engine.my_account_rows()?),
        Request::Closing { ticket } => Update::Closing { ticket, rows: engine.closing()? },
        _ => return Ok(None),
    }))
}

/// What a write comes to.
#[derive(Default)]
pub struct Written {
    /// To be told.
    pub update: Option<Update>,
    /// Threads that changed; `None`: nothing did. Empty: any may have.
    pub changed: Option<Vec<ThreadId>>,
}

fn mine(undo: &mut Undo, said: Said) -> Written {
    let (notice, changed) = match said {
        Ok((notice, back, _)) => {
            back.into_iter().for_each(|back| undo.push(notice.what.clone(), back));
            (notice, Some(Vec::new()))
        }
        Err(refused) => (refused, None),
    };
    Written { update: Some(Update::Notice(notice)), changed }
}

/// Writes what is said of people, and takes the last change back. `None`: somebody else's.
pub fn write(
    engine: &mut Engine,
    undo: &mut Undo,
    request: &Request,
) -> Result<Option<Written>, EngineError> {
    Ok(Some(match request {
        Request::ChangePeople(change) => {
            let (notice, inverse) = engine.change_people(change)?;
            if inverse != PeopleRows::default() {
                undo.push(notice.what.clone(), Undoable::People(inverse));
            }
            Written { update: Some(Update::Notice(notice)), changed: Some(Vec::new()) }
        }
        Request::ThisIsMe { identity } => {
            let (notice, inverse) = engine.identity_is_me(*identity)?;
            undo.push(notice.what.clone(), inverse);
            Written { update: Some(Update::Notice(notice)), changed: Some(Vec::new()) }
        }
        Request::IAm { account, key } => {
            let (notice, inverse) = engine.say_me(*account, Some(key))?;
            undo.push(notice.what.clone(), inverse);
            Written { update: Some(Update::Notice(notice)), changed: Some(Vec::new()) }
        }
        Request::SameAccount { a, b } => mine(undo, engine.same_account(*a, *b)?),
        Request::AccountApart { account } => mine(undo, engine.account_apart(*account)?),
        Request::Triage { threads, change } => {
            let (notice, inverse) = engine.triage(threads, change)?;
            undo.push(notice.what.clone(), inverse);
            Written { update: Some(Update::Notice(notice)), changed: Some(threads.clone()) }
        }
        Request::Star { message, on } => match engine.star(*message, *on)? {
            Some((notice, thread)) => {
                undo.push(notice.what.clone(), Undoable::Star(*message, !on));
                Written { update: Some(Update::Notice(notice)), changed: Some(vec![thread]) }
            }
            None => Written::default(),
        },
        Request::Undo => {
            let notice = undo.undo(engine)?;
            Written { update: Some(Update::Notice(notice)), changed: Some(Vec::new()) }
        }
        Request::Carry { ticket, from, to, text } => {
            let draft = engine.carry(*from, *to, text, now())?;
            Written {
                update: Some(Update::Carried { ticket: *ticket, to: *to, draft }),
                changed: Some(vec![*from, *to]),
            }
        }
        Request::OpenStart { identity, text } => {
            engine.open_start(*identity, text)?;
            Written::default()
        }
        _ => return Ok(None),
    }))
}
