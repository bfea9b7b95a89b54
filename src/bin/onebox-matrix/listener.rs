//! Waits for the browser to come back from signing in: a listener on this machine alone.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::secret::random;

/// No request line of a browser that comes back is longer.
const LONGEST: usize = 8192;
/// Browsers open connections that they may never use.
const PATIENCE: Duration = Duration::from_secs(20);
/// So many connections at once are nobody's browser.
const MOST: usize = 64;
const PAGE: &str = "<!doctype html><meta charset=utf-8><title>onebox</title><p>Back to onebox: it goes on there. You can close this page.";

/// Waits for the browser.
pub struct Listener {
    socket: TcpListener,
    /// Where the browser is to come back to.
    pub url: String,
    path: Arc<str>,
}

impl Listener {
    /// Listens on a free port of this machine. The path is a secret, so that no other page can
    /// answer.
    pub async fn new() -> io::Result<Self> {
        let socket = TcpListener::bind(("127.0.0.1", 0)).await?;
        let nonce: [u8; 16] = random()?;
        let path: String = std::iter::once('/').chain(nonce.iter().flat_map(|b| hex(*b))).collect();
        let url = format!("http://{}{path}", socket.local_addr()?);
        Ok(Self { socket, url, path: path.into() })
    }

    /// What the browser brings: the query of the first request for the secret path that is right.
    pub async fn query(&self, right: fn(&str, &str) -> bool, with: &str) -> io::Result<String> {
        let with: Arc<str> = with.into();
        let (bring, mut brought) = mpsc::channel(1);
        let mut open = JoinSet::new();
        loop {
            tokio::select! {
                query = brought.recv() => {
                    return query.ok_or_else(|| io::Error::other("nobody listens"));
                }
                accepted = self.socket.accept(), if open.len() < MOST => {
                    let (stream, _) = accepted?;
                    let (path, with, bring) =
                        (Arc::clone(&self.path), Arc::clone(&with), bring.clone());
                    open.spawn(tokio::time::timeout(PATIENCE, async move {
                        let right = |query: &str| right(query, &with);
                        if let Some(query) = serve(stream, &path, right).await {
                            bring.send(query).await.ok();
                        }
                    }));
                }
                Some(_) = open.join_next(), if !open.is_empty() => {}
            }
        }
    }
}

/// Answers one request; the query, if it is the one that is waited for.
async fn serve(mut stream: TcpStream, path: &str, right: impl Fn(&str) -> bool) -> Option<String> {
    let line = request_line(&mut stream).await.unwrap_or_default();
    let query = query_of(&line, path).filter(|query| right(query)).map(str::to_owned);
    let (status, page) = if query.is_some() { ("200 OK", PAGE) } else { ("404 Not Found", "") };
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {}\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{page}",
        page.len()
    );
    stream.write_all(answer.as_bytes()).await.ok();
    stream.shutdown().await.ok();
    query
}

fn query_of<'a>(line: &'a str, path: &str) -> Option<&'a str> {
    let target = line.strip_prefix("GET ")?.split(' ').next()?;
    let (asked, query) = target.split_once('?')?;
    (asked == path).then_some(query)
}

/// A value of a query by its name.
pub fn value(query: &str, name: &str) -> Option<String> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(n, _)| *n == name)?;
    Some(percent_decode_str(value).decode_utf8().ok()?.into_owned())
}

fn hex(byte: u8) -> [char; 2] {
    let digit = |n: u8| char::from_digit(u32::from(n), 16).unwrap_or('0');
    [digit(byte >> 4), digit(byte & 15)]
}

async fn request_line(stream: &mut TcpStream) -> io::Result<String> {
    let mut got = Vec::new();
    let mut chunk = [0; 1024];
    while !got.contains(&b'\n') && got.len() < LONGEST {
        let n = stream.read(&mut chunk).await?;
        if n == 0 {
            break;
        }
        got.extend_from_slice(chunk.get(..n).unwrap_or_default());
    }
    let text = String::from_utf8_lossy(&got);
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn connect(listener: &Listener) -> TcpStream {
        let address = listener.socket.local_addr().expect("an address");
        TcpStream::connect(address).await.expect("it listens")
    }

    async fn get(listener: &Listener, target: &str) -> String {
        let mut stream = connect(listener).await;
        let request = format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("written");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        answer
    }

    fn run(work: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(work);
    }

    fn has(query: &str, name: &str) -> bool {
        value(query, name).is_some()
    }

    #[test]
    fn only_who_knows_the_path_can_bring_something() {
        run(async {
            let listener = Listener::new().await.expect("a port");
            assert!(listener.url.starts_with("http://127.0.0.1:") && listener.path.len() == 33);
            let browser = async {
                let forged = get(&listener, "/?loginToken=forged").await;
                assert!(forged.starts_with("HTTP/1.1 404"), "{forged}");
                let other = get(&listener, &format!("{}?x=1", listener.path)).await;
                assert!(other.starts_with("HTTP/1.1 404"), "{other}");
                let target = format!("{}?x=1&loginToken=a%2Bb", listener.path);
                assert!(get(&listener, &target).await.starts_with("HTTP/1.1 200"));
            };
            let (query, ()) = tokio::join!(listener.query(has, "loginToken"), browser);
            let token = value(&query.expect("a query"), "loginToken");
            assert_eq!(token.as_deref(), Some("a+b"));
        });
    }

    #[test]
    fn connections_that_a_browser_only_opens_hold_nothing_up() {
        run(async {
            let listener = Listener::new().await.expect("a port");
            let browser = async {
                let idle = [connect(&listener).await, connect(&listener).await];
                let target = format!("{}?loginToken=t", listener.path);
                assert!(get(&listener, &target).await.starts_with("HTTP/1.1 200"));
                drop(idle);
            };
            let both = async { tokio::join!(listener.query(has, "loginToken"), browser) };
            let done = tokio::time::timeout(Duration::from_secs(10), both).await;
            let (query, ()) = done.expect("nothing is held up");
            assert_eq!(query.expect("a query"), "loginToken=t");
        });
    }
}
