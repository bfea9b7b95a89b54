//! The two pipes: orders come in, news goes out, one line each.

use std::io::{BufReader, Write};
use std::sync::Arc;

use onebox::model::Record;
use onebox::sources::interchange::Line;
use onebox::sources::live::{Got, LONGEST, Lines, News, Order};
use tokio::sync::{mpsc, oneshot};

/// So many news wait for onebox before the connector waits itself.
const WAITING: usize = 64;

enum Written {
    News(Box<News>),
    Flushed(oneshot::Sender<()>),
}

/// The way out. Cheap to copy.
#[derive(Clone)]
pub struct Out(mpsc::Sender<Written>);

impl Out {
    /// Tells. Waits while onebox is slow. News for nobody is dropped: the other side has gone, and
    /// the end of the orders will say so.
    pub async fn tell(&self, news: News) {
        self.0.send(Written::News(Box::new(news))).await.ok();
    }

    /// Tells something of a thread.
    pub async fn record(&self, app: &str, record: &Record) {
        self.tell(News::Record { app: app.to_owned(), record: Line::from(record) }).await;
    }

    /// Tells that messages are missing.
    pub async fn gap(
        &self,
        app: &str,
        thread: &str,
        before: Option<String>,
        token: Option<String>,
    ) {
        let (app, thread) = (app.to_owned(), Arc::from(thread));
        self.tell(News::Gap { app, thread, before, token }).await;
    }

    /// Tells the log.
    pub async fn log(&self, text: impl Into<String>) {
        self.tell(News::Log { text: text.into() }).await;
    }

    /// Tells that something could not be understood.
    pub async fn oddity(&self, at: impl Into<String>, why: impl Into<String>) {
        self.tell(News::Oddity { at: at.into(), why: why.into() }).await;
    }

    /// Waits until all that was told is written.
    pub async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.0.send(Written::Flushed(done)).await.is_ok() {
            written.await.ok();
        }
    }
}

/// Starts the thread that writes.
pub fn writer() -> Out {
    let (out, mut rest) = mpsc::channel(WAITING);
    std::thread::spawn(move || {
        let mut to = std::io::stdout().lock();
        while let Some(written) = rest.blocking_recv() {
            match written {
                Written::News(news) => {
                    if write(&mut to, &news).is_err() {
                        return;
                    }
                }
                Written::Flushed(done) => {
                    done.send(()).ok();
                }
            }
        }
    });
    Out(out)
}

fn write(to: &mut impl Write, news: &News) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(news)?;
    if line.len() > LONGEST {
        let why = format!("{} bytes are more than a line may hold", line.len());
        line = serde_json::to_vec(&News::Oddity { at: "a line of news".to_owned(), why })?;
    }
    line.push(b'\n');
    to.write_all(&line)?;
    to.flush()
}

/// Starts the thread that reads. The orders end where the input does. Reading never waits for
/// anything else: what onebox sends is bounded by what it waits for.
pub fn reader(out: Out) -> mpsc::UnboundedReceiver<Order> {
    let (found, orders) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let mut lines = Lines::new(BufReader::new(std::io::stdin().lock()));
        loop {
            let odd = match lines.read() {
                Ok(Got::Line) => match serde_json::from_slice::<Order>(lines.bytes()) {
                    Ok(order) => {
                        if found.send(order).is_err() {
                            return;
                        }
                        continue;
                    }
                    Err(_) => "an order that is not known",
                },
                Ok(Got::TooLong) => "an order that is too long",
                Ok(Got::End) | Err(_) => return,
            };
            let news = News::Oddity { at: "orders".to_owned(), why: odd.to_owned() };
            if out.0.blocking_send(Written::News(Box::new(news))).is_err() {
                return;
            }
        }
    });
    orders
}
