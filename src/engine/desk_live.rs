//! What is written into live threads, behind the counter.

use super::desk_people::Written;
use super::{Engine, EngineError, now};
use crate::inbox::{Notice, Request, Severity, Update};
use crate::model::Wish;

/// Puts into the outbox what the person wants, or takes it back out.
pub fn write(engine: &Engine, request: Request) -> Result<Written, EngineError> {
    Ok(match request {
        Request::Send { ticket, thread, text, reply } => {
            match engine.enqueue(thread, &text, reply, now())? {
                Ok(_) => Written {
                    update: Some(Update::Queued { ticket, thread }),
                    changed: Some(vec![thread]),
                },
                Err(reason) => {
                    let wish = if reply.is_some() { Wish::Reply } else { Wish::Send };
                    let refused = Update::Refused { ticket, thread, wish, reason };
                    Written { update: Some(refused), changed: None }
                }
            }
        }
        Request::SendFiles { ticket, thread, text, files, reply } => {
            match engine.enqueue_files(thread, &text, &files, reply, now())? {
                Ok(_) => Written {
                    update: Some(Update::Queued { ticket, thread }),
                    changed: Some(vec![thread]),
                },
                Err(reason) => {
                    let refused = Update::Refused { ticket, thread, wish: Wish::Attach, reason };
                    Written { update: Some(refused), changed: None }
                }
            }
        }
        Request::Retry { message } => {
            let again = engine.store().writer()?.retry(message, now())?;
            let refused = Notice::new(
                Severity::Warning,
                "It cannot be sent again",
                "it is on its way or there, or its account is not connected any more",
                "take it back to send it in another way",
            );
            let update = (!again).then_some(Update::Notice(refused));
            Written { update, changed: Some(Vec::new()) }
        }
        Request::TakeBack { ticket, message } => {
            match engine.store().writer()?.discard(message, now())? {
                Some((thread, text, file)) => Written {
                    update: Some(Update::TakenBack { ticket, thread, text, file }),
                    changed: Some(vec![thread]),
                },
                None => Written {
                    update: Some(Update::Notice(Notice::new(
                        Severity::Warning,
                        "It cannot be taken back",
                        "it is on its way, or the service has it",
                        "once it is there, delete it",
                    ))),
                    changed: None,
                },
            }
        }
        Request::Alter { ticket, message, change } => match engine.alter(message, &change)? {
            Ok(thread) => Written { update: None, changed: Some(vec![thread]) },
            Err((thread, wish, reason)) => {
                let refused = Update::Refused { ticket, thread, wish, reason };
                Written { update: Some(refused), changed: None }
            }
        },
        Request::Accept { thread } => {
            let key = super::accounts::new_key();
            engine.store().writer()?.enqueue_accept(thread, &key)?;
            Written { update: None, changed: Some(vec![thread]) }
        }
        _ => Written::default(),
    })
}
