//! HTTP/1.1 on one kept connection, with no more work than that takes: the
//! client shares the processor with what it measures.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A connection. Answers must tell their length.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The head, without the empty line.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(16 * 1024),
        })
    }

    /// Sends a whole request and reads the answer.
    ///
    /// # Errors
    /// When the connection breaks, or the answer cannot be read.
    pub async fn send(&mut self, request: &[u8]) -> Result<Answer> {
        self.stream.write_all(request).await?;
        self.answer().await
    }

    /// Asks for what is at an address.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn get(&mut self, path: &str, cookie: &str) -> Result<Answer> {
        self.send(&get(path, cookie)).await
    }

    /// Sends a request and reads the head of an answer that goes on for ever.
    ///
    /// # Errors
    /// When it is not a success.
    pub async fn stream(mut self, path: &str, cookie: &str) -> Result<Stream> {
        self.stream.write_all(&get(path, cookie)).await?;
        let end = self.head_end().await?;
        let status = status(&self.buffer)?;
        if status != 200 {
            bail!("{path} answers {status}");
        }
        self.buffer.drain(..end);
        Ok(Stream {
            stream: self.stream,
            buffer: self.buffer,
        })
    }

    async fn head_end(&mut self) -> Result<usize> {
        loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                return Ok(end + 4);
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the connection was closed");
        }
        Ok(())
    }

    async fn answer(&mut self) -> Result<Answer> {
        let body = self.head_end().await?;
        let status = status(&self.buffer)?;
        let head = String::from_utf8_lossy(&self.buffer[..body - 4]).into_owned();
        let length = head
            .lines()
            .find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.trim().parse::<usize>())
            })
            .transpose()?
            .unwrap_or(0);
        while self.buffer.len() < body + length {
            self.fill().await?;
        }
        let text = self.buffer[body..body + length].to_vec();
        self.buffer.drain(..body + length);
        Ok(Answer {
            status,
            head,
            body: text,
        })
    }
}

/// The events of a stream.
#[derive(Debug)]
pub struct Stream {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Stream {
    /// The bytes up to the next empty line: one event, with what is around it.
    ///
    /// # Errors
    /// When the stream ends.
    pub async fn next(&mut self) -> Result<String> {
        loop {
            if let Some(end) = find(&self.buffer, b"\n\n") {
                let event: Vec<u8> = self.buffer.drain(..end + 2).collect();
                return Ok(String::from_utf8_lossy(&event).into_owned());
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the stream ended");
            }
        }
    }
}

fn get(path: &str, cookie: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\ncookie: {cookie}\r\n\r\n").into_bytes()
}

fn status(head: &[u8]) -> Result<u16> {
    let code = head.get(9..12).context("an answer without a status")?;
    Ok(std::str::from_utf8(code)?.parse()?)
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|part| part == what)
}
