//! The malware scanner: clamd over TCP, one stream a connection.

use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use futures::{Stream, StreamExt as _};
use store::breaker::{Breaker, Open};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The name of this dependency in `/metrics`.
pub const DEPENDENCY: &str = "clamd";

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(60);
/// An answer is one short line.
const LONGEST_ANSWER: u64 = 4096;

/// Where the scanner listens.
#[derive(Args, Clone, Debug)]
pub struct ScannerConfig {
    /// `host:port` of clamd.
    #[arg(long, env = "CLAMAV_ADDRESS")]
    pub clamav_address: String,
}

/// What the scanner says of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Exactly `stream: OK`.
    Clean,
    /// A signature matched.
    Infected,
    /// Encrypted, too large or too nested: it was not looked into.
    NotScannable,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ScanError<E: std::error::Error + 'static> {
    /// The scanner cannot be reached, or gave no verdict.
    #[error("the scanner is unavailable: {0}")]
    Unavailable(String),
    /// What was to be scanned could not be read.
    #[error(transparent)]
    Source(E),
}

impl<E: std::error::Error> From<Open> for ScanError<E> {
    fn from(open: Open) -> Self {
        Self::Unavailable(open.to_string())
    }
}

/// The scanner would let malware pass.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// It does not find the standard test file, so nothing that it says counts.
    #[error("the scanner does not find the EICAR test file: its database is missing or useless")]
    Blind,
    /// It cannot be asked.
    #[error(transparent)]
    Unavailable(#[from] ScanError<std::convert::Infallible>),
}

/// A client of clamd.
#[derive(Clone, Debug)]
pub struct Scanner {
    address: String,
    breaker: Breaker,
}

impl Scanner {
    /// A client that connects for each scan.
    #[must_use]
    pub fn new(config: &ScannerConfig) -> Self {
        Self {
            address: config.clamav_address.clone(),
            breaker: Breaker::new(DEPENDENCY),
        }
    }

    /// The breaker, for `/metrics`.
    #[must_use]
    pub const fn breaker(&self) -> &Breaker {
        &self.breaker
    }

    /// Streams content through the scanner.
    pub async fn scan<E>(
        &self,
        content: impl Stream<Item = Result<Bytes, E>> + Send,
    ) -> Result<Answer, ScanError<E>>
    where
        E: std::error::Error + 'static,
    {
        let total = async {
            timeout(TOTAL_TIMEOUT, self.converse(content))
                .await
                .unwrap_or_else(|_| Err(unavailable("no answer in time")))
        };
        self.breaker
            .call(total, |error| matches!(error, ScanError::Unavailable(_)))
            .await
    }

    /// Proves that the scanner finds what it must find, before anything it says is believed.
    pub async fn prove(&self) -> Result<(), ProofError> {
        let content =
            futures::stream::iter([Ok::<_, std::convert::Infallible>(test_file().into())]);
        match self.scan(content).await? {
            Answer::Infected => Ok(()),
            Answer::Clean | Answer::NotScannable => Err(ProofError::Blind),
        }
    }

    async fn converse<E>(
        &self,
        content: impl Stream<Item = Result<Bytes, E>> + Send,
    ) -> Result<Answer, ScanError<E>>
    where
        E: std::error::Error + 'static,
    {
        let connected = timeout(CONNECT_TIMEOUT, TcpStream::connect(&self.address)).await;
        let mut stream = connected.map_err(unavailable)?.map_err(unavailable)?;
        // A stream over the scanner's limit is answered and closed while we still write: the
        // answer is read whether or not everything could be written.
        let written = send(&mut stream, content).await;
        if let Err(error @ ScanError::Source(_)) = written {
            return Err(error);
        }
        let answer = read_answer(&mut stream).await;
        match (interpret(&answer), written) {
            (Some(Answer::Clean) | None, Err(error)) => Err(error),
            (Some(verdict), _) => Ok(verdict),
            (None, Ok(())) => Err(unavailable("it gave no verdict")),
        }
    }
}

async fn send<E>(
    stream: &mut TcpStream,
    content: impl Stream<Item = Result<Bytes, E>> + Send,
) -> Result<(), ScanError<E>>
where
    E: std::error::Error + 'static,
{
    write(stream, b"zINSTREAM\0").await?;
    let mut content = std::pin::pin!(content);
    while let Some(piece) = content.next().await {
        let piece = piece.map_err(ScanError::Source)?;
        // A piece of length zero would end the stream.
        if piece.is_empty() {
            continue;
        }
        let length = u32::try_from(piece.len()).map_err(unavailable)?;
        write(stream, &length.to_be_bytes()).await?;
        write(stream, &piece).await?;
    }
    write(stream, &0_u32.to_be_bytes()).await
}

async fn write<E>(stream: &mut TcpStream, bytes: &[u8]) -> Result<(), ScanError<E>>
where
    E: std::error::Error + 'static,
{
    timeout(CALL_TIMEOUT, stream.write_all(bytes))
        .await
        .map_err(unavailable)?
        .map_err(unavailable)
}

/// Reads to the end of the answer; whatever could not be read is missing and proves nothing.
async fn read_answer(stream: &mut TcpStream) -> Vec<u8> {
    let mut answer = Vec::new();
    let mut limited = stream.take(LONGEST_ANSWER);
    let read = timeout(CALL_TIMEOUT, limited.read_to_end(&mut answer)).await;
    match read {
        Ok(Ok(_)) => answer,
        Ok(Err(_)) | Err(_) => {
            // A reset may follow a whole answer.
            if answer.ends_with(b"\0") {
                answer
            } else {
                Vec::new()
            }
        }
    }
}

/// Reads clamd's answer; `None` when it holds no verdict.
fn interpret(answer: &[u8]) -> Option<Answer> {
    let text = std::str::from_utf8(answer).ok()?.trim_end_matches('\0');
    if text == "stream: OK" {
        return Some(Answer::Clean);
    }
    if text == "INSTREAM size limit exceeded. ERROR" {
        return Some(Answer::NotScannable);
    }
    let signature = text.strip_prefix("stream: ")?.strip_suffix(" FOUND")?;
    let unseen = ["Heuristics.Encrypted.", "Heuristics.Limits.Exceeded"];
    if unseen.iter().any(|prefix| signature.starts_with(prefix)) {
        Some(Answer::NotScannable)
    } else {
        Some(Answer::Infected)
    }
}

fn unavailable<E: std::error::Error + 'static>(cause: impl std::fmt::Display) -> ScanError<E> {
    ScanError::Unavailable(cause.to_string())
}

/// The EICAR test file. In two parts, so that scanners leave this program alone.
fn test_file() -> Vec<u8> {
    [
        r"X5O!P%@AP[4\PZX54(P^)7CC)7}$",
        "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
    ]
    .concat()
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn only_the_exact_answer_is_clean() {
        for (answer, expected) in [
            ("stream: OK\0", Some(Answer::Clean)),
            ("stream: OK ", None),
            ("stream: ok\0", None),
            ("stream: OK FOUND\0", Some(Answer::Infected)),
            ("stream: Eicar.UNOFFICIAL FOUND\0", Some(Answer::Infected)),
            (
                "stream: Heuristics.Encrypted.PDF FOUND\0",
                Some(Answer::NotScannable),
            ),
            (
                "stream: Heuristics.Limits.Exceeded.MaxFiles FOUND\0",
                Some(Answer::NotScannable),
            ),
            (
                "INSTREAM size limit exceeded. ERROR\0",
                Some(Answer::NotScannable),
            ),
            ("stream: Can't allocate memory ERROR\0", None),
            ("", None),
        ] {
            assert_eq!(interpret(answer.as_bytes()), expected, "{answer}");
        }
    }

    /// A scanner that reads some of what it is sent, answers and hangs up.
    async fn fake(reads: usize, answer: &'static [u8]) -> Scanner {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut buffer = vec![0; reads];
            socket.read_exact(&mut buffer).await.unwrap();
            socket.write_all(answer).await.unwrap();
            socket.shutdown().await.unwrap();
            // Drain, so that the answer is not lost to a reset.
            tokio::io::copy(&mut socket, &mut tokio::io::sink())
                .await
                .ok();
        });
        Scanner::new(&ScannerConfig {
            clamav_address: address,
        })
    }

    fn content(pieces: usize) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
        futures::stream::iter((0..pieces).map(|_| Ok(Bytes::from_static(&[7; 1000]))))
    }

    #[tokio::test]
    async fn the_answer_to_a_stream_cut_short_counts_unless_it_is_clean() {
        let scanner = fake(500, b"INSTREAM size limit exceeded. ERROR\0").await;
        assert_eq!(
            scanner.scan(content(5000)).await.unwrap(),
            Answer::NotScannable
        );
    }

    #[tokio::test]
    async fn a_scanner_that_is_away_is_no_verdict() {
        let scanner = Scanner::new(&ScannerConfig {
            clamav_address: "127.0.0.1:1".to_owned(),
        });
        let answer = scanner.scan(content(1)).await;
        assert!(matches!(answer, Err(ScanError::Unavailable(_))));
    }

    #[tokio::test]
    async fn a_scanner_that_finds_nothing_is_blind() {
        let scanner = fake(10 + 4 + 68 + 4, b"stream: OK\0").await;
        assert!(matches!(scanner.prove().await, Err(ProofError::Blind)));
    }
}
