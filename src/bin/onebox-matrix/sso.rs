//! Signing in in the browser: a listener on this machine alone waits for the browser to come back.

use std::io;

use percent_encoding::percent_decode_str;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::secret::random;

/// No request line of a browser that comes back is longer.
const LONGEST: usize = 8192;
const PAGE: &str = "<!doctype html><meta charset=utf-8><title>onebox</title><p>Signed in. You can close this page.";

/// Waits for the browser.
pub struct Listener {
    socket: TcpListener,
    /// Where the browser is to come back to.
    pub url: String,
    path: String,
}

impl Listener {
    /// Listens on a free port of this machine. The path is a secret, so that no other page can
    /// answer.
    pub async fn new() -> io::Result<Self> {
        let socket = TcpListener::bind(("127.0.0.1", 0)).await?;
        let nonce: [u8; 16] = random()?;
        let path: String = std::iter::once('/').chain(nonce.iter().flat_map(|b| hex(*b))).collect();
        let url = format!("http://{}{path}", socket.local_addr()?);
        Ok(Self { socket, url, path })
    }

    /// The login token that the browser brings.
    pub async fn token(&self) -> io::Result<String> {
        loop {
            let (mut stream, _) = self.socket.accept().await?;
            let line = request_line(&mut stream).await.unwrap_or_default();
            let token = self.token_of(&line);
            let (status, page) =
                if token.is_some() { ("200 OK", PAGE) } else { ("404 Not Found", "") };
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
                page.len()
            );
            stream.write_all(answer.as_bytes()).await.ok();
            stream.shutdown().await.ok();
            if let Some(token) = token {
                return Ok(token);
            }
        }
    }

    fn token_of(&self, line: &str) -> Option<String> {
        let target = line.strip_prefix("GET ")?.split(' ').next()?;
        let (path, query) = target.split_once('?')?;
        if path != self.path {
            return None;
        }
        let token = query.split('&').find_map(|pair| pair.strip_prefix("loginToken="))?;
        Some(percent_decode_str(token).decode_utf8().ok()?.into_owned())
    }
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
        got.extend_from_slice(&chunk[..n]);
    }
    let text = String::from_utf8_lossy(&got);
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn get(listener: &Listener, target: &str) -> String {
        let address = listener.socket.local_addr().expect("an address");
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        let request = format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("written");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        answer
    }

    #[test]
    fn only_who_knows_the_path_can_bring_a_token() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let listener = Listener::new().await.expect("a port");
            assert!(listener.url.starts_with("http://127.0.0.1:") && listener.path.len() == 33);
            let browser = async {
                let forged = get(&listener, "/?loginToken=forged").await;
                assert!(forged.starts_with("HTTP/1.1 404"), "{forged}");
                let target = format!("{}?x=1&loginToken=a%2Bb", listener.path);
                assert!(get(&listener, &target).await.starts_with("HTTP/1.1 200"));
            };
            let (token, ()) = tokio::join!(listener.token(), browser);
            assert_eq!(token.expect("a token"), "a+b");
        });
    }
}
