//! The deliveries of the outbox: claimed by state with a lease, settled with what came of them.
//!
//! A claim never asks for "ids greater than the last seen": transactions commit out of order. A
//! leased row keeps the end of its lease in `available_at`, so one range of one index finds both
//! the rows that are due and those whose relay died.

mod dead_letters;
mod listener;

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;
use workflows::events::{EventType, Service};

pub use dead_letters::{DeadLetter, DeadLetterPosition, ReplayRefusal, bury, dead_letters, replay};
pub use listener::Listener;

use crate::database::{Store, Writer};
use crate::error::StoreError;

/// One consumer's delivery of one event, held by whoever claimed it until the lease ends.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The event.
    pub event_id: Uuid,
    /// Whose delivery.
    pub service: Service,
    /// The event's type.
    pub event_type: EventType,
    /// The kind of thing that the event is about.
    pub aggregate: String,
    /// Which one.
    pub aggregate_id: Uuid,
    /// Ids, codes and statuses.
    pub payload: Value,
    /// The person or service that acted.
    pub actor_id: Option<Uuid>,
    /// The request that it all belongs to.
    pub correlation_id: Uuid,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// How many times the consumer has refused it.
    pub attempts: u32,
    /// Until when it is ours; also what tells our claim from a later one.
    pub leased_until: DateTime<Utc>,
}

impl Delivery {
    /// `<service>.<event>`.
    #[must_use]
    pub fn consumer(&self) -> String {
        workflows::events::delivery_name(self.service, self.event_type)
    }
}

/// What came of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The consumer has it.
    Delivered,
    /// Nothing is wrong with it, but the consumer cannot take it yet. Uses up no attempt.
    Waiting {
        /// When to look again.
        until: DateTime<Utc>,
    },
    /// The consumer refused it; it is tried again.
    Refused {
        /// When to try again.
        until: DateTime<Utc>,
        /// Why, without personal data.
        reason: String,
    },
    /// The consumer refused it for the last time.
    Dead {
        /// Why, without personal data.
        reason: String,
    },
}

/// How much of one service's deliveries waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Backlog {
    /// The service, as in a delivery's name.
    pub service: String,
    /// Rows neither delivered nor dead.
    pub pending: i64,
    /// Dead letters.
    pub dead: i64,
    /// Seconds since the oldest pending event happened.
    pub lag_seconds: f64,
}

struct Row {
    event_id: Uuid,
    consumer: String,
    r#type: String,
    aggregate: String,
    aggregate_id: Uuid,
    payload: Value,
    actor_id: Option<Uuid>,
    correlation_id: Uuid,
    occurred_at: DateTime<Utc>,
    attempts: i32,
}

/// Claims up to `limit` deliveries of these services that are due, for the length of a lease.
pub async fn claim(
    writer: &Writer,
    services: &[Service],
    limit: i64,
    lease: Duration,
) -> Result<Vec<Delivery>, StoreError> {
    let now = writer.now();
    let leased_until = now + lease;
    let services: Vec<String> = services.iter().map(|s| s.as_str().to_owned()).collect();
    let mut connection = writer.connection().await?;
    let rows = sqlx::query_as!(
        Row,
        r#"WITH due AS (
            SELECT event_id, consumer FROM events.deliveries
            WHERE state IN ('pending', 'leased') AND available_at <= $1
                AND split_part(consumer, '.', 1) = ANY($2)
            ORDER BY available_at
            LIMIT $3
            FOR UPDATE SKIP LOCKED
        ), claimed AS (
            UPDATE events.deliveries delivery
            SET state = 'leased', leased_until = $4, available_at = $4
            FROM due
            WHERE delivery.event_id = due.event_id AND delivery.consumer = due.consumer
            RETURNING delivery.event_id, delivery.consumer, delivery.attempts
        )
        SELECT claimed.event_id AS "event_id!", claimed.consumer AS "consumer!", event.type,
               event.aggregate, event.aggregate_id, event.payload, event.actor_id,
               event.correlation_id, event.occurred_at, claimed.attempts AS "attempts!"
        FROM claimed JOIN events.events event ON event.id = claimed.event_id
        ORDER BY event.id"#,
        now,
        &services,
        limit,
        leased_until,
    )
    .fetch_all(&mut *connection)
    .await?;
    rows.into_iter()
        .map(|row| row.into_delivery(leased_until))
        .collect()
}

/// Writes what came of claimed deliveries, in one statement. A delivery whose lease ended and
/// that somebody else has claimed since is left to them.
pub async fn settle(writer: &Writer, settled: &[(Delivery, Outcome)]) -> Result<u64, StoreError> {
    if settled.is_empty() {
        return Ok(0);
    }
    let rows = Settled::of(settled, writer.now());
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

/// Whether the delivery that starts a process is still on its way: the event `starts` about
/// `aggregate_id` has not been delivered to `service`.
pub async fn is_on_its_way(
    store: &Store,
    service: Service,
    starts: EventType,
    aggregate_id: Uuid,
) -> Result<bool, StoreError> {
    let mut connection = store.connection().await?;
    let waiting = sqlx::query_scalar!(
        r#"SELECT EXISTS (
            SELECT 1 FROM events.events event
            JOIN events.deliveries delivery
                ON delivery.event_id = event.id AND delivery.consumer = $3
            WHERE event.aggregate_id = $1 AND event.type = $2 AND delivery.state <> 'delivered'
        ) AS "waiting!""#,
        aggregate_id,
        starts.as_str(),
        workflows::events::delivery_name(service, starts),
    )
    .fetch_one(&mut *connection)
    .await?;
    Ok(waiting)
}

/// What waits and what is dead, for each service, for `/metrics`.
pub async fn backlog(store: &Store) -> Result<Vec<Backlog>, StoreError> {
    let mut connection = store.connection().await?;
    let rows = sqlx::query_as!(
        Backlog,
        r#"SELECT split_part(delivery.consumer, '.', 1) AS "service!",
               count(*) FILTER (WHERE delivery.state <> 'dead') AS "pending!",
               count(*) FILTER (WHERE delivery.state = 'dead') AS "dead!",
               coalesce(extract(epoch FROM $1 - min(event.occurred_at)
                   FILTER (WHERE delivery.state <> 'dead')), 0)::float8 AS "lag_seconds!"
        FROM events.deliveries delivery
        JOIN events.events event ON event.id = delivery.event_id
        WHERE delivery.state IN ('pending', 'leased', 'dead')
        GROUP BY 1"#,
        store.now(),
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(rows)
}

impl Row {
    fn into_delivery(self, leased_until: DateTime<Utc>) -> Result<Delivery, StoreError> {
        let unknown = |what: &str| StoreError::inconsistent("events.deliveries", what);
        let service = self
            .consumer
            .split_once('.')
            .and_then(|(service, _)| Service::named(service))
            .ok_or_else(|| unknown("a consumer that no service has"))?;
        Ok(Delivery {
            event_id: self.event_id,
            service,
            event_type: self
                .r#type
                .parse()
                .map_err(|_| unknown("an event type that is not in the table"))?,
            aggregate: self.aggregate,
            aggregate_id: self.aggregate_id,
            payload: self.payload,
            actor_id: self.actor_id,
            correlation_id: self.correlation_id,
            occurred_at: self.occurred_at,
            attempts: u32::try_from(self.attempts).unwrap_or_default(),
            leased_until,
        })
    }
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
    fn of(settled: &[(Delivery, Outcome)], now: DateTime<Utc>) -> Self {
        let mut rows = Self::default();
        for (delivery, outcome) in settled {
            let consumer = delivery.consumer();
            let (state, attempt, available_at, error) = match outcome {
                Outcome::Delivered => ("delivered", 0, now, None),
                Outcome::Waiting { until } => ("pending", 0, *until, None),
                Outcome::Refused { until, reason } => ("pending", 1, *until, Some(reason.clone())),
                Outcome::Dead { reason } => ("dead", 1, now, Some(reason.clone())),
            };
            let dead = state == "dead";
            rows.dead_letter_ids
                .push(dead.then(|| dead_letters::id_of(delivery.event_id, &consumer)));
            rows.event_ids.push(delivery.event_id);
            rows.consumers.push(consumer);
            rows.leases.push(delivery.leased_until);
            rows.states.push(state.to_owned());
            rows.attempts.push(attempt);
            rows.available_at.push(available_at);
            rows.errors.push(error);
        }
        rows
    }
}
