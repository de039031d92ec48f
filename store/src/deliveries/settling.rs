//! What came of claimed deliveries, written in one statement.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Delivery, Outcome, Unreadable, dead_letters};
use crate::database::Writer;
use crate::error::StoreError;

/// Writes what came of claimed deliveries, in one statement. A delivery whose lease ended and
/// that somebody else has claimed since is left to them.
pub async fn settle(writer: &Writer, settled: &[(Delivery, Outcome)]) -> Result<u64, StoreError> {
    let mut rows = Settled::default();
    for (delivery, outcome) in settled {
        let held = (
            delivery.event_id,
            delivery.consumer(),
            delivery.leased_until,
        );
        rows.push(held, outcome, writer.now());
    }
    write(writer, rows).await
}

/// The same for deliveries that could not be read.
pub async fn settle_unreadable(
    writer: &Writer,
    settled: &[(Unreadable, Outcome)],
) -> Result<u64, StoreError> {
    let mut rows = Settled::default();
    for (unreadable, outcome) in settled {
        let consumer = unreadable.consumer.clone();
        let held = (unreadable.event_id, consumer, unreadable.leased_until);
        rows.push(held, outcome, writer.now());
    }
    write(writer, rows).await
}

async fn write(writer: &Writer, rows: Settled) -> Result<u64, StoreError> {
    if rows.event_ids.is_empty() {
        return Ok(0);
    }
    let mut connection = writer.connection().await?;
    let done = sqlx::query!(
        r#"UPDATE events.deliveries delivery
        SET state = settled.state,
            attempts = delivery.attempts + settled.attempt,
            available_at = settled.available_at,
            leased_until = NULL,
            last_error = coalesce(settled.error, delivery.last_error),
            delivered_at = CASE WHEN settled.state = 'delivered' THEN $8::timestamptz END,
            dead_letter_id = coalesce(settled.dead_letter_id, delivery.dead_letter_id)
        FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::integer[],
                    $6::timestamptz[], $7::text[], $9::uuid[])
            AS settled (event_id, consumer, leased_until, state, attempt, available_at, error,
                        dead_letter_id)
        WHERE delivery.event_id = settled.event_id AND delivery.consumer = settled.consumer
            AND delivery.state = 'leased' AND delivery.leased_until = settled.leased_until"#,
        &rows.event_ids,
        &rows.consumers,
        &rows.leases,
        &rows.states,
        &rows.attempts,
        &rows.available_at,
        &rows.errors as &[Option<String>],
        writer.now(),
        &rows.dead_letter_ids as &[Option<Uuid>],
    )
    .execute(&mut *connection)
    .await?;
    Ok(done.rows_affected())
}

/// The columns of the deliveries to settle.
#[derive(Default)]
struct Settled {
    event_ids: Vec<Uuid>,
    consumers: Vec<String>,
    leases: Vec<DateTime<Utc>>,
    states: Vec<String>,
    attempts: Vec<i32>,
    available_at: Vec<DateTime<Utc>>,
    errors: Vec<Option<String>>,
    dead_letter_ids: Vec<Option<Uuid>>,
}

impl Settled {
    fn push(
        &mut self,
        (event_id, consumer, leased_until): (Uuid, String, DateTime<Utc>),
        outcome: &Outcome,
        now: DateTime<Utc>,
    ) {
        let (state, attempt, available_at, error) = match outcome {
            Outcome::Delivered => ("delivered", 0, now, None),
            Outcome::Waiting { until, what } => {
                ("pending", 0, *until, Some(what.as_str().to_owned()))
            }
            Outcome::Refused { until, reason } => ("pending", 1, *until, Some(reason.clone())),
            Outcome::Dead { reason } => ("dead", 1, now, Some(reason.clone())),
        };
        let dead = state == "dead";
        self.dead_letter_ids
            .push(dead.then(|| dead_letters::id_of(event_id, &consumer)));
        self.event_ids.push(event_id);
        self.consumers.push(consumer);
        self.leases.push(leased_until);
        self.states.push(state.to_owned());
        self.attempts.push(attempt);
        self.available_at.push(available_at);
        self.errors.push(error);
    }
}
