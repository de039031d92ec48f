//! Keeps so many connections busy for a while and counts what comes back.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use hdrhistogram::Histogram;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{HeaderMap, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::Instant;

/// A request as it is sent.
pub type Shot = Request<Full<Bytes>>;

/// Somebody who asks one thing after the other on a connection of their own.
pub trait Player: Send {
    /// The next request.
    fn next(&mut self) -> Shot;

    /// Looks at the headers of the answer.
    fn answered(&mut self, _headers: &HeaderMap) {}
}

/// What came back.
pub struct Outcome {
    /// How long it took altogether.
    pub elapsed: Duration,
    /// Latencies in microseconds.
    pub latencies: Histogram<u64>,
    /// How many answers had which status.
    pub statuses: BTreeMap<StatusCode, u64>,
}

impl Outcome {
    fn new() -> Self {
        Self {
            elapsed: Duration::ZERO,
            latencies: Histogram::new(3).expect("three digits"),
            statuses: BTreeMap::new(),
        }
    }

    /// Answers a second.
    pub fn rate(&self) -> f64 {
        let answers = u32::try_from(self.latencies.len()).unwrap_or(u32::MAX);
        f64::from(answers) / self.elapsed.as_secs_f64()
    }

    /// The latency in milliseconds that so many of a hundred answers stayed under.
    pub fn quantile(&self, percent: f64) -> f64 {
        let micros = self.latencies.value_at_quantile(percent / 100.0);
        f64::from(u32::try_from(micros).unwrap_or(u32::MAX)) / 1000.0
    }

    /// An error unless every answer was a success.
    pub fn must_succeed(&self, what: &str) -> anyhow::Result<()> {
        let all = self.statuses.keys().all(StatusCode::is_success);
        anyhow::ensure!(
            all && !self.statuses.is_empty(),
            "{what}: {:?}",
            self.statuses
        );
        Ok(())
    }

    fn add(&mut self, other: &Self) {
        self.elapsed = self.elapsed.max(other.elapsed);
        self.latencies
            .add(&other.latencies)
            .expect("the same digits");
        for (status, count) in &other.statuses {
            *self.statuses.entry(*status).or_default() += count;
        }
    }
}

/// Lets every player ask for so long, each resting `rest` times as long as an answer took.
pub async fn drive(
    address: &str,
    players: Vec<Box<dyn Player>>,
    duration: Duration,
    rest: u32,
) -> anyhow::Result<Outcome> {
    let mut tasks = tokio::task::JoinSet::new();
    for player in players {
        let connection = connect(address).await?;
        tasks.spawn(play(connection, player, duration, rest));
    }
    let mut whole = Outcome::new();
    while let Some(outcome) = tasks.join_next().await {
        whole.add(&outcome??);
    }
    Ok(whole)
}

async fn play(
    mut connection: SendRequest<Full<Bytes>>,
    mut player: Box<dyn Player>,
    duration: Duration,
    rest: u32,
) -> anyhow::Result<Outcome> {
    let began = Instant::now();
    let mut outcome = Outcome::new();
    while began.elapsed() < duration {
        let asked = Instant::now();
        connection
            .ready()
            .await
            .context("the connection was closed")?;
        let answer = connection.send_request(player.next()).await?;
        let (head, body) = answer.into_parts();
        body.collect().await?;
        let took = asked.elapsed();
        player.answered(&head.headers);
        *outcome.statuses.entry(head.status).or_default() += 1;
        outcome.latencies.record(u64::try_from(took.as_micros())?)?;
        if rest > 0 {
            tokio::time::sleep(took * rest).await;
        }
    }
    outcome.elapsed = began.elapsed();
    Ok(outcome)
}

async fn connect(address: &str) -> anyhow::Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(async move {
        // How a connection ends shows in the request that it interrupts.
        drop(connection.await);
    });
    Ok(sender)
}
