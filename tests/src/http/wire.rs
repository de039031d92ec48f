//! One connection, byte by byte: what no well-behaved client would send.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::Answer;

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(10);

/// A connection and what was read of it beyond the last answer.
#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Wire {
    /// Connects to the host of an `http://` address.
    ///
    /// # Errors
    /// When nobody listens.
    pub async fn connect(base: &str) -> anyhow::Result<Self> {
        let address = base.trim_start_matches("http://").trim_end_matches('/');
        let stream = timeout(ANSWER, TcpStream::connect(address)).await??;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            read: Vec::new(),
        })
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// When the other side has hung up.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) -> anyhow::Result<()> {
        let sent = timeout(ANSWER, self.stream.write_all(bytes.as_ref())).await;
        Ok(sent.context("nobody reads what is sent")??)
    }

    /// Says that nothing more will be sent.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn finish(&mut self) -> anyhow::Result<()> {
        Ok(self.stream.shutdown().await?)
    }

    /// The next answer, or `None` when the other side hangs up before one began.
    ///
    /// # Errors
    /// When it does not come in time, breaks off or is no HTTP.
    pub async fn answer(&mut self) -> anyhow::Result<Option<Answer>> {
        self.answer_within(ANSWER).await
    }

    /// The same within so long.
    ///
    /// # Errors
    /// When it does not come in time, breaks off or is no HTTP.
    pub async fn answer_within(&mut self, within: Duration) -> anyhow::Result<Option<Answer>> {
        let reading = timeout(within, self.read_answer());
        reading
            .await
            .with_context(|| format!("no answer within {within:?}"))?
    }

    /// Waits until the other side hangs up and says how long that took; what it says before is
    /// thrown away.
    ///
    /// # Errors
    /// When it does not within so long.
    pub async fn closed_within(&mut self, within: Duration) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        let ending = async { while self.more().await.unwrap_or(0) > 0 {} };
        timeout(within, ending)
            .await
            .with_context(|| format!("the connection is still open after {within:?}"))?;
        Ok(begun.elapsed())
    }

    /// Whether the other side is silent and still there for so long.
    pub async fn is_silent_for(&mut self, time: Duration) -> bool {
        self.read.is_empty() && timeout(time, self.more()).await.is_err()
    }

    async fn more(&mut self) -> std::io::Result<usize> {
        self.stream.read_buf(&mut self.read).await
    }

    async fn read_answer(&mut self) -> anyhow::Result<Option<Answer>> {
        let end = loop {
            if let Some(end) = find(&self.read, b"\r\n\r\n") {
                break end + 4;
            }
            // A reset tells no more than an end.
            if self.more().await.unwrap_or(0) == 0 {
                ensure!(self.read.is_empty(), "an answer broke off in its headers");
                return Ok(None);
            }
        };
        let head: Vec<u8> = self.read.drain(..end).collect();
        let (status, headers) = parse(&String::from_utf8_lossy(&head))?;
        let length = headers.get("content-length").map(HeaderValue::to_str);
        let length: usize = length.transpose()?.unwrap_or("0").parse()?;
        ensure!(
            headers.get("transfer-encoding").is_none(),
            "an answer without a length"
        );
        while self.read.len() < length {
            if self.more().await? == 0 {
                bail!("an answer broke off in its body");
            }
        }
        let body = self.read.drain(..length).collect();
        Ok(Some(Answer {
            what: "raw".to_owned(),
            status,
            headers,
            body,
        }))
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

fn parse(head: &str) -> anyhow::Result<(u16, HeaderMap)> {
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let status = first.strip_prefix("HTTP/1.1 ").and_then(|rest| {
        let code = rest.get(..3)?;
        code.parse().ok()
    });
    let status = status.with_context(|| format!("no HTTP: {first:?}"))?;
    let mut headers = HeaderMap::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').context("a header")?;
        headers.append(
            HeaderName::from_bytes(name.as_bytes())?,
            HeaderValue::from_str(value.trim())?,
        );
    }
    Ok((status, headers))
}
