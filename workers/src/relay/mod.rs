//! The relay: events to their consumers.
//!
//! Lanes claim deliveries by state, woken by PostgreSQL and by a poll. A consumer that refuses
//! gets three attempts, then the delivery is a dead letter; one that cannot be reached uses up
//! none: its breaker opens, its rows stay pending, and they are drained when it is back.

mod courier;
mod failure;
mod gauges;
mod lane;
mod routes;
mod wake;

use std::time::Duration;

use clap::Args;
use futures::future::join_all;
use store::Writer;
use store::clock::seconds;
use tokio_util::sync::CancellationToken;
use workflows::events::Service;

use crate::temporal::Temporal;
use crate::timers::Timers;

pub use courier::Courier;
pub use failure::Undelivered;
use lane::{Lane, Work};

/// How the relay works.
#[derive(Args, Clone, Debug)]
pub struct RelayConfig {
    /// How long a claimed delivery belongs to its relay.
    #[arg(long, env = "RELAY_LEASE_SECONDS", default_value = "30", value_parser = seconds)]
    pub relay_lease: Duration,
    /// How long a lane sleeps when nothing wakes it.
    #[arg(long, env = "RELAY_POLL_SECONDS", default_value = "0.5", value_parser = seconds)]
    pub relay_poll: Duration,
    /// Attempts at a delivery that its consumer refuses.
    #[arg(long, env = "RELAY_ATTEMPTS", default_value_t = 3)]
    pub relay_attempts: u32,
    /// The wait after the first refusal; it is four times as long after the second.
    #[arg(long, env = "RELAY_BACKOFF_SECONDS", default_value = "2", value_parser = seconds)]
    pub relay_backoff: Duration,
}

impl Default for RelayConfig {
    fn default() -> Self {
        Self {
            relay_lease: Duration::from_secs(30),
            relay_poll: Duration::from_millis(500),
            relay_attempts: 3,
            relay_backoff: Duration::from_secs(2),
        }
    }
}

/// What the lanes stand on.
#[derive(Clone, Debug)]
pub struct Relay {
    /// How they work.
    pub config: RelayConfig,
    /// The outbox, and whatever database consumers write.
    pub writer: Writer,
    /// Where processes are started and signalled.
    pub temporal: Temporal,
    /// The durations that processes are started with.
    pub timers: Timers,
}

/// How many lanes of a kind run side by side.
const LANES: [(Work, usize); 4] = [
    (Work::Audit, 1),
    (
        Work::Deliver(&[Service::Company, Service::Payment, Service::Subscription]),
        1,
    ),
    (Work::Deliver(&[Service::Notification]), 2),
    (
        Work::Deliver(&[
            Service::Admin,
            Service::Candidate,
            Service::Document,
            Service::Search,
        ]),
        3,
    ),
];

/// Relays until the token is cancelled; what is claimed is finished first.
pub async fn run(relay: Relay, stop: CancellationToken) {
    let (wake, woken) = wake::channel();
    let lanes = LANES
        .into_iter()
        .flat_map(|(work, count)| std::iter::repeat_n(work, count))
        .map(|work| Lane::new(work, &relay).run(woken.clone(), stop.clone()));
    let lanes = join_all(lanes);
    tokio::join!(
        lanes,
        wake::listen(relay.writer.clone(), wake, stop.clone()),
        gauges::measure(relay.writer.clone(), stop.clone()),
    );
}

/// Delivers whatever is due, once, in the calling task: for tests and for draining by hand.
/// Returns how many deliveries moved on.
pub async fn drain_once(relay: &Relay) -> Result<u64, store::StoreError> {
    let mut moved = 0;
    for (work, _) in LANES {
        moved += Lane::new(work, relay).turn().await?;
    }
    Ok(moved)
}
