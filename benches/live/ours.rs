//! The connector at the end of pipes.

use std::path::Path;
use std::time::{Duration, Instant};

use onebox::model::Record;
use onebox::sources::live::{Ask, News, Order};

use crate::Took;
use crate::connector::Connector;
use crate::process;

fn is_thread(news: &News) -> bool {
    match news {
        News::Record { record, .. } => {
            matches!(record.clone().into_record(), Ok(Record::Thread(_)))
        }
        _ => false,
    }
}

fn look(c: &mut Connector, from: usize, begun: Instant) -> Took {
    c.news("a room, or that there is none", from, |n| is_thread(n) || *n == News::AllThreads);
    let first = begun.elapsed().as_secs_f64();
    c.news("every room", from, |n| *n == News::AllThreads);
    let mut took = Took { first, all: begun.elapsed().as_secs_f64(), ..Took::default() };
    process::rest(c.id(), &mut took, |time| {
        std::thread::park_timeout(time);
        c.drain();
    });
    took
}

/// Signs in; the clock starts with the password. Also where it was when it was stopped, as a onebox
/// would have stored it.
pub fn cold(folder: &Path, server: &str) -> (Took, Option<String>) {
    let mut c = Connector::new(&folder.join("ours"));
    c.answer("server", server);
    c.answer("name there", "big");
    let ask =
        c.news("the password", 0, |n| matches!(n, News::Ask(a) if a.text.contains("password")));
    let News::Ask(Ask { id, .. }) = ask else { return (Took::default(), None) };
    let from = c.drain();
    let begun = Instant::now();
    c.order(&Order::Answer { id, value: Some("pw-big".to_owned()) });
    let took = look(&mut c, from, begun);
    c.drain();
    let place = c.news.iter().rev().find_map(|n| match n {
        News::Place { place } => Some(place.clone()),
        _ => None,
    });
    c.stop();
    (took, place)
}

/// Starts again from where it was; the clock starts with the program. Rooms are on screen from the
/// store long before: nothing is new in any, and none is told.
pub fn warm(folder: &Path, place: Option<String>) -> Took {
    let begun = Instant::now();
    let mut c = Connector::going_on(&folder.join("ours"), place);
    let took = look(&mut c, 0, begun);
    c.stop();
    std::thread::park_timeout(Duration::from_millis(200));
    took
}
