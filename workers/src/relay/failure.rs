//! Why a delivery was not delivered, and what follows from it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use store::StoreError;
use store::breaker::Open;
use store::clock::random_bytes;
use store::deliveries::{Delivery, Outcome};
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
/// The wait for the delivery that starts the process.
const NOT_STARTED: Duration = Duration::from_secs(1);

/// Why a delivery was not delivered.
#[derive(Debug, Error)]
pub enum Undelivered {
    /// The consumer cannot be reached. Uses up no attempt.
    #[error("the consumer is away: {0}")]
    Away(String),
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
            return Self::Away(error.to_string());
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
    /// Only what the server says about the request itself is a refusal. A namespace that is not
    /// there is a server that has just started, or one that an operator must mend.
    fn from(status: &Status) -> Self {
        let text = format!("{:?}: {}", status.code(), status.message());
        match status.code() {
            Code::InvalidArgument | Code::OutOfRange | Code::AlreadyExists => Self::Refused(text),
            _ => Self::Away(text),
        }
    }
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
            Outcome::Waiting {
                until: now + jittered(AWAY_FROM_MAIL),
            }
        }
        Err(Undelivered::Away(_)) => Outcome::Waiting {
            until: now + jittered(AWAY),
        },
        Err(Undelivered::NotYet) => Outcome::Waiting {
            until: now + jittered(NOT_STARTED),
        },
        Err(Undelivered::Refused(reason)) => refused(delivery.attempts, reason, config, now),
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
    fn what_the_server_says_of_itself_is_no_refusal() {
        for status in [
            Status::unavailable(""),
            Status::deadline_exceeded(""),
            Status::resource_exhausted(""),
            Status::not_found("Namespace yemma is not found."),
            Status::permission_denied(""),
            Status::unknown("transport error"),
        ] {
            assert!(Undelivered::from(&status).is_away(), "{status}");
        }
        assert!(!Undelivered::from(&Status::invalid_argument("")).is_away());
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
