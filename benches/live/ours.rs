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
    c.news("a room", from, is_thread);
    let first = begun.elapsed().as_secs_f64();
    c.news("every room", from, |n| *n == News::AllThreads);
    let mut took = Took { first, all: begun.elapsed().as_secs_f64(), ..Took::default() };
    process::rest(c.id(), &mut took, |time| {
        std::thread::park_timeout(time);
        c.drain();
    });
    took
}

/// Signs in; the clock starts with the password.
pub fn cold(folder: &Path, server: &str) -> Took {
    let mut c = Connector::new(&folder.join("ours"));
    c.answer("server", server);
    c.answer("name there", "big");
    let ask =
        c.news("the password", 0, |n| matches!(n, News::Ask(a) if a.text.contains("password")));
    let News::Ask(Ask { id, .. }) = ask else { return Took::default() };
    let from = c.drain();
    let begun = Instant::now();
    c.order(&Order::Answer { id, value: Some("pw-big".to_owned()) });
    let took = look(&mut c, from, begun);
    c.stop();
    took
}

/// Starts again; the clock starts with the program.
pub fn warm(folder: &Path) -> Took {
    let begun = Instant::now();
    let mut c = Connector::new(&folder.join("ours"));
    let took = look(&mut c, 0, begun);
    c.stop();
    std::thread::park_timeout(Duration::from_millis(200));
    took
}
