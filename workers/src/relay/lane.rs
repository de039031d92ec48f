//! A lane: claims what is due for its services, delivers it, writes what came of it.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::stream::{self, StreamExt as _};
use store::database::DEPENDENCY;
use store::deliveries::{self, Delivery, Outcome, Unreadable};
use store::{StoreError, Writer, audit};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;
use workflows::events::Service;

use super::courier::Courier;
use super::failure::Undelivered;
use super::{Relay, RelayConfig, failure, routes};

/// Events recorded in one statement.
const AUDIT_BATCH: i64 = 500;
/// Deliveries claimed at once.
const BATCH: i64 = 32;
/// Deliveries under way at once in one lane.
const AT_ONCE: usize = 16;
/// For one claim, one settling or one batch of the audit trail.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(10);
/// After an error of the database.
const PAUSE: Duration = Duration::from_secs(1);

/// What a lane does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Work {
    /// Records events in batches, in the transaction that marks them delivered.
    Audit,
    /// Claims deliveries of these services and takes them where they belong.
    Deliver(&'static [Service]),
}

/// One lane.
pub(super) struct Lane {
    work: Work,
    config: RelayConfig,
    writer: Writer,
    courier: Arc<Courier>,
}

impl Lane {
    pub(super) fn new(work: Work, relay: &Relay) -> Self {
        Self {
            work,
            config: relay.config.clone(),
            writer: relay.writer.clone(),
            courier: Arc::new(Courier::new(relay)),
        }
    }

    /// Works until the token is cancelled.
    pub(super) async fn run(self, mut woken: watch::Receiver<u64>, stop: CancellationToken) {
        while !stop.is_cancelled() {
            // Seen before the claim: what is written after it wakes the lane again.
            woken.borrow_and_update();
            let pause = match self.turn().await {
                Ok(0) => self.config.relay_poll,
                Ok(_) => continue,
                Err(error) => {
                    tracing::warn!(
                        error = &error as &(dyn std::error::Error + 'static),
                        "a lane of the relay waits for the database"
                    );
                    PAUSE
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
                Ok(()) = woken.changed() => {}
            }
        }
    }

    /// One batch. Returns how many deliveries it moved on; what waits for somebody who is away is
    /// no reason to ask again at once.
    pub(super) async fn turn(&self) -> Result<u64, StoreError> {
        match self.work {
            Work::Audit => self.record().await,
            Work::Deliver(services) => self.deliver(services).await,
        }
    }

    async fn record(&self) -> Result<u64, StoreError> {
        match in_time(
            DATABASE_TIMEOUT,
            audit::record_due(&self.writer, AUDIT_BATCH),
        )
        .await
        {
            Ok(count) => {
                count_delivered(Service::Audit, count);
                Ok(count)
            }
            Err(error) if error.is_retryable() => Err(error),
            // One event spoils the batch: find it by recording them one by one.
            Err(_) => self.deliver(&[Service::Audit]).await,
        }
    }

    async fn deliver(&self, services: &[Service]) -> Result<u64, StoreError> {
        let waits_for_temporal = services
            .iter()
            .any(|service| routes::waits_for_temporal(*service));
        if waits_for_temporal && !self.courier.is_worth_calling().await {
            return Ok(0);
        }
        let lease = self.config.relay_lease;
        let claimed = in_time(
            DATABASE_TIMEOUT,
            deliveries::claim(&self.writer, services, BATCH, lease),
        )
        .await?;
        let unreadable = claimed.unreadable.len();
        self.refuse(claimed.unreadable).await?;
        // Each is settled as it ends: none keeps the others' leases running.
        let mut ended = stream::iter(claimed.deliveries)
            .map(|delivery| self.attempt(delivery))
            .buffer_unordered(AT_ONCE)
            .ready_chunks(AT_ONCE);
        let (mut moved, mut settled) = (unreadable, Ok(0));
        while let Some(some) = ended.next().await {
            let written = deliveries::settle(&self.writer, &some);
            // The rest is attempted all the same: it is claimed.
            settled = settled.and(in_time(DATABASE_TIMEOUT, written).await);
            moved += some
                .iter()
                .filter(|(_, outcome)| has_moved(outcome))
                .count();
        }
        settled?;
        Ok(u64::try_from(moved).unwrap_or_default())
    }

    /// What cannot be read is refused: a newer version may read it at a later attempt, and the
    /// rest of its batch does not wait for that.
    async fn refuse(&self, unreadable: Vec<Unreadable>) -> Result<(), StoreError> {
        let now = self.writer.now();
        let refused: Vec<_> = unreadable
            .into_iter()
            .map(|unreadable| {
                tracing::error!(
                    event_id = %unreadable.event_id,
                    consumer = unreadable.consumer,
                    "a delivery cannot be read"
                );
                let (attempts, reason) = (unreadable.attempts, unreadable.reason.clone());
                let outcome = failure::refused(attempts, reason, &self.config, now);
                (unreadable, outcome)
            })
            .collect();
        in_time(
            DATABASE_TIMEOUT,
            deliveries::settle_unreadable(&self.writer, &refused),
        )
        .await?;
        Ok(())
    }

    async fn attempt(&self, delivery: Delivery) -> (Delivery, Outcome) {
        let span = tracing::info_span!(
            "delivery",
            consumer = %delivery.consumer(),
            event_id = %delivery.event_id,
            correlation_id = %delivery.correlation_id,
        );
        // Boxed: the SDK's calls make it large, and many run at once.
        let delivering = Box::pin(routes::deliver(&self.courier, &delivery));
        let result = within_lease(&delivery, self.writer.now(), delivering)
            .instrument(span.clone())
            .await;
        let now = self.writer.now();
        let _entered = span.enter();
        if let Err(error) = &result {
            tracing::debug!(%error, "not delivered");
        }
        let outcome = failure::outcome(&delivery, result, &self.config, now);
        self.count(&delivery, &outcome);
        (delivery, outcome)
    }

    fn count(&self, delivery: &Delivery, outcome: &Outcome) {
        let service = delivery.service.as_str();
        match outcome {
            Outcome::Delivered => {
                count_delivered(delivery.service, 1);
                let lag = (self.writer.now() - delivery.occurred_at).as_seconds_f64();
                metrics::histogram!("yemma_relay_delivery_seconds", "service" => service)
                    .record(lag.max(0.0));
            }
            Outcome::Waiting { .. } => {
                metrics::counter!("yemma_relay_waits_total", "service" => service).increment(1);
            }
            Outcome::Refused { reason, .. } => {
                tracing::warn!(reason, "a consumer refused a delivery");
                metrics::counter!("yemma_relay_retries_total", "service" => service).increment(1);
            }
            Outcome::Dead { reason } => {
                tracing::error!(reason, "a delivery became a dead letter");
                metrics::counter!("yemma_relay_dead_total", "service" => service).increment(1);
            }
        }
    }
}

fn has_moved(outcome: &Outcome) -> bool {
    !matches!(outcome, Outcome::Waiting { .. })
}

/// An attempt ends before its lease does, with the time that settling may take: what it has not
/// done by then the next one goes on with, and nobody does the same meanwhile.
async fn within_lease(
    delivery: &Delivery,
    now: DateTime<Utc>,
    delivering: impl Future<Output = Result<(), Undelivered>>,
) -> Result<(), Undelivered> {
    let left = delivery.leased_until - now;
    let left = left.to_std().unwrap_or_default().mul_f64(0.8);
    match tokio::time::timeout(left, delivering).await {
        Ok(result) => result,
        Err(_) => Err(Undelivered::Busy("not done within the lease".to_owned())),
    }
}

/// Work on the database, for as long as an answer may take: a connection whose other end is silent
/// would hold the lane for ever. What was claimed then is claimed again when its lease ends.
async fn in_time<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(limit, work).await {
        Ok(done) => done,
        Err(elapsed) => Err(StoreError::unavailable(DEPENDENCY, elapsed)),
    }
}

fn count_delivered(service: Service, count: u64) {
    metrics::counter!("yemma_relay_delivered_total", "service" => service.as_str())
        .increment(count);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_database_that_says_nothing_holds_no_lane() {
        let limit = Duration::from_millis(1);
        let silent = in_time(limit, std::future::pending::<Result<u64, StoreError>>());
        assert!(silent.await.is_err_and(|error| error.is_retryable()));
        assert!(in_time(DATABASE_TIMEOUT, async { Ok(1) }).await.is_ok());
    }
}
