//! Why a delivery was not delivered, and what follows from it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use store::StoreError;
use store::breaker::Open;
use store::clock::random_bytes;
use store::deliveries::{Delivery, Outcome, Wait};
use store::error::json_problem;
use temporalio_client::errors::{WorkflowInteractionError, WorkflowStartError};
use temporalio_client::tonic::{Code, Status};
use thiserror::Error;
use workflows::events::Service;
use workflows::notifications::UnreadablePayload;

use super::RelayConfig;

/// The wait for a consumer that is away; its breaker keeps the lane from asking in vain.
const AWAY: Duration = Duration::from_millis(500);
/// The same for a notification: no breaker keeps its lane from claiming, for the feed's sake.
const AWAY_FROM_MAIL: Duration = Duration::from_secs(5);
/// The wait for a consumer that has too much to do.
const BUSY: Duration = Duration::from_secs(2);
/// The wait for the delivery that starts the process: half of the time that has passed since the
/// event, so that what waits for long is asked about ever more seldom, within these bounds.
const NOT_STARTED: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Why a delivery was not delivered.
#[derive(Debug, Error)]
pub enum Undelivered {
    /// The consumer cannot be reached. Uses up no attempt.
    #[error("the consumer is away: {0}")]
    Away(String),
    /// The consumer is there and has too much to do. Uses up no attempt, and is nothing that its
    /// breaker counts.
    #[error("the consumer is overloaded: {0}")]
    Busy(String),
    /// The process that it is for has not been started yet. Uses up no attempt.
    #[error("the process is not there yet")]
    NotYet,
    /// The consumer says no.
    #[error("refused: {0}")]
    Refused(String),
}

impl From<StoreError> for Undelivered {
    fn from(error: StoreError) -> Self {
        if error.is_retryable() {
            tracing::warn!(
                error = &error as &(dyn std::error::Error + 'static),
                "a delivery waits for the database"
            );
            let text = error.to_string();
            return match error {
                StoreError::Overloaded { .. } => Self::Busy(text),
                _ => Self::Away(text),
            };
        }
        tracing::error!(
            error = &error as &(dyn std::error::Error + 'static),
            "a delivery failed in the database"
        );
        Self::Refused(error.to_string())
    }
}

impl From<Open> for Undelivered {
    fn from(open: Open) -> Self {
        Self::Away(open.to_string())
    }
}

impl From<UnreadablePayload> for Undelivered {
    fn from(error: UnreadablePayload) -> Self {
        Self::Refused(error.to_string())
    }
}

impl From<serde_json::Error> for Undelivered {
    fn from(error: serde_json::Error) -> Self {
        Self::Refused(format!("unreadable payload: {}", json_problem(&error)))
    }
}

impl From<&Status> for Undelivered {
    /// Only what says "unreachable" is away; any other answer is a refusal of this delivery, so
    /// that no row that cannot be delivered is taken for an outage and tried without end.
    fn from(status: &Status) -> Self {
        let text = format!("{:?}: {}", status.code(), status.message());
        match status.code() {
            Code::ResourceExhausted => Self::Busy(text),
            Code::Unavailable | Code::DeadlineExceeded => Self::Away(text),
            Code::Cancelled | Code::Unknown | Code::Internal if is_of_the_way(status) => {
                Self::Away(text)
            }
            // A server that has just started, or one that an operator must mend: no row's doing.
            Code::NotFound if status.message().starts_with("Namespace") => Self::Away(text),
            _ => Self::Refused(text),
        }
    }
}

/// Whether the connection failed, and not what was asked: such an answer is made by our side of the
/// transport, which keeps its error as the source.
fn is_of_the_way(status: &Status) -> bool {
    std::error::Error::source(status).is_some()
}

impl From<WorkflowStartError> for Undelivered {
    fn from(error: WorkflowStartError) -> Self {
        match error {
            WorkflowStartError::Rpc(status) => Self::from(&status),
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<WorkflowInteractionError> for Undelivered {
    fn from(error: WorkflowInteractionError) -> Self {
        match error {
            WorkflowInteractionError::Rpc(status) | WorkflowInteractionError::NotFound(status) => {
                Self::from(&status)
            }
            other => Self::Refused(other.to_string()),
        }
    }
}

impl Undelivered {
    /// Whether it says that the consumer could not serve, for its breaker.
    pub(super) fn is_away(&self) -> bool {
        matches!(self, Self::Away(_))
    }
}

/// What is written of a delivery after an attempt.
pub(super) fn outcome(
    delivery: &Delivery,
    result: Result<(), Undelivered>,
    config: &RelayConfig,
    now: DateTime<Utc>,
) -> Outcome {
    match result {
        Ok(()) => Outcome::Delivered,
        Err(Undelivered::Away(_)) if delivery.service == Service::Notification => {
            waiting(Wait::Away, AWAY_FROM_MAIL, now)
        }
        Err(Undelivered::Away(_)) => waiting(Wait::Away, AWAY, now),
        Err(Undelivered::Busy(_)) => waiting(Wait::Busy, BUSY, now),
        Err(Undelivered::NotYet) => {
            let (least, most) = NOT_STARTED;
            let age = (now - delivery.occurred_at).to_std().unwrap_or_default();
            waiting(Wait::NotStarted, (age / 2).clamp(least, most), now)
        }
        Err(Undelivered::Refused(reason)) => refused(delivery.attempts, reason, config, now),
    }
}

fn waiting(what: Wait, wait: Duration, now: DateTime<Utc>) -> Outcome {
    Outcome::Waiting {
        until: now + jittered(wait),
        what,
    }
}

/// What is written of a delivery that was refused once more after `attempts` refusals.
pub(super) fn refused(
    attempts: u32,
    reason: String,
    config: &RelayConfig,
    now: DateTime<Utc>,
) -> Outcome {
    if attempts + 1 >= config.relay_attempts {
        return Outcome::Dead { reason };
    }
    let wait = config.relay_backoff * 4_u32.saturating_pow(attempts.min(6));
    Outcome::Refused {
        until: now + jittered(wait),
        reason,
    }
}

/// A wait made up to a quarter longer or shorter, so that what failed together does not come
/// back together.
fn jittered(wait: Duration) -> Duration {
    let [byte] = random_bytes::<1>();
    wait.mul_f64(0.75 + f64::from(byte) / 512.0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;
    use workflows::events::EventType;

    use super::*;

    fn delivery(attempts: u32) -> Delivery {
        let at = DateTime::UNIX_EPOCH;
        Delivery {
            event_id: Uuid::nil(),
            service: Service::Admin,
            event_type: EventType::ProfileSubmitted,
            aggregate: "profile".to_owned(),
            aggregate_id: Uuid::nil(),
            payload: json!({}),
            actor_id: None,
            correlation_id: Uuid::nil(),
            occurred_at: at,
            attempts,
            leased_until: at,
        }
    }

    fn after(attempts: u32, result: Result<(), Undelivered>) -> Outcome {
        let config = RelayConfig::default();
        outcome(&delivery(attempts), result, &config, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn the_third_refusal_is_the_last() {
        let refused = || Err(Undelivered::Refused("no".to_owned()));
        assert!(matches!(after(0, refused()), Outcome::Refused { .. }));
        assert!(matches!(after(1, refused()), Outcome::Refused { .. }));
        assert!(matches!(after(2, refused()), Outcome::Dead { .. }));
    }

    #[test]
    fn a_consumer_that_is_away_uses_up_no_attempt_however_often() {
        for attempts in [0, 1, 2] {
            let away = Err(Undelivered::Away("gone".to_owned()));
            assert!(matches!(after(attempts, away), Outcome::Waiting { .. }));
            let early = Err(Undelivered::NotYet);
            assert!(matches!(after(attempts, early), Outcome::Waiting { .. }));
        }
    }

    #[test]
    fn only_what_cannot_be_reached_is_away() {
        let cut = || Box::new(std::io::Error::other("connection reset"));
        for status in [
            Status::unavailable(""),
            Status::deadline_exceeded(""),
            Status::not_found("Namespace yemma is not found."),
            Status::from_error(cut()),
        ] {
            assert!(Undelivered::from(&status).is_away(), "{status}");
        }
        let busy = Undelivered::from(&Status::resource_exhausted(""));
        assert!(matches!(busy, Undelivered::Busy(_)) && !busy.is_away());
    }

    #[test]
    fn a_row_that_the_server_cannot_take_does_not_look_like_an_outage() {
        for status in [
            Status::invalid_argument(""),
            Status::unknown("panic"),
            Status::internal(""),
            Status::failed_precondition(""),
            Status::permission_denied(""),
            Status::unauthenticated(""),
            Status::unimplemented(""),
            Status::data_loss(""),
            Status::aborted(""),
        ] {
            let found = Undelivered::from(&status);
            assert!(matches!(found, Undelivered::Refused(_)), "{status}");
        }
    }

    #[test]
    fn a_signal_without_its_process_is_asked_about_ever_more_seldom() {
        let config = RelayConfig::default();
        let wait = |age: i64| {
            let now = DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(age);
            match outcome(&delivery(0), Err(Undelivered::NotYet), &config, now) {
                Outcome::Waiting { until, what } => {
                    assert_eq!(what, Wait::NotStarted);
                    (until - now).as_seconds_f64()
                }
                other => panic!("{other:?}"),
            }
        };
        for (age, expected) in [(0, 1.0), (2, 1.0), (20, 10.0), (120, 60.0), (86_400, 60.0)] {
            let found = wait(age);
            assert!(
                (expected * 0.7..expected * 1.3).contains(&found),
                "{age} s: {found}"
            );
        }
    }

    #[test]
    fn waits_grow_and_are_spread() {
        let until = |attempts| match after(attempts, Err(Undelivered::Refused(String::new()))) {
            Outcome::Refused { until, .. } => (until - DateTime::UNIX_EPOCH).num_milliseconds(),
            other => panic!("{other:?}"),
        };
        assert!((1_500..2_500).contains(&until(0)));
        assert!((6_000..10_000).contains(&until(1)));
    }
}
