//! The deliveries of the outbox: claimed by state with a lease, settled with what came of them.
//!
//! A claim never asks for "ids greater than the last seen": transactions commit out of order. A
//! leased row keeps the end of its lease in `available_at`, so one range of one index finds both
//! the rows that are due and those whose relay died.

mod dead_letters;
mod listener;
mod settling;

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;
use workflows::events::{EventType, Service};

pub use dead_letters::{DeadLetter, DeadLetterPosition, ReplayRefusal, bury, dead_letters, replay};
pub use listener::Listener;
pub use settling::{settle, settle_unreadable};

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

/// A delivery that this version cannot read: its consumer or its event's type is unknown here.
#[derive(Clone, Debug)]
pub struct Unreadable {
    /// The event.
    pub event_id: Uuid,
    /// The delivery's name, as it is written.
    pub consumer: String,
    /// How many times it was refused.
    pub attempts: u32,
    /// Until when it is ours.
    pub leased_until: DateTime<Utc>,
    /// What cannot be read, without personal data.
    pub reason: String,
}

/// What a claim found.
#[derive(Clone, Debug, Default)]
pub struct Claimed {
    /// The deliveries to attempt.
    pub deliveries: Vec<Delivery>,
    /// Those that can only be refused: they must not keep the others waiting.
    pub unreadable: Vec<Unreadable>,
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
        /// What it waits for.
        what: Wait,
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

/// What a delivery waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// The consumer cannot be reached.
    Away,
    /// The consumer has too much to do.
    Busy,
    /// The process that it is for is not there yet.
    NotStarted,
}

impl Wait {
    /// As it is kept with the delivery.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Away => "waits: the consumer is away",
            Self::Busy => "waits: the consumer is overloaded",
            Self::NotStarted => "waits: the process is not there yet",
        }
    }
}

/// Where the process is that a signal is for, when it does not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Its start is still to be delivered.
    OnItsWay,
    /// Its start is a dead letter: it comes when an operator replays that, or never.
    Dead,
    /// It was started and is over, or there was never anything to start it.
    Over,
}

/// How much of one service's deliveries waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Backlog {
    /// The service, as in a delivery's name.
    pub service: String,
    /// Rows neither delivered nor dead.
    pub pending: i64,
    /// Those of them that wait for the process that they are for.
    pub not_started: i64,
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
///
/// Each service is asked for its own first, which its index gives in order: the cost of a claim is
/// that of its batch, however long the backlog.
pub async fn claim(
    writer: &Writer,
    services: &[Service],
    limit: i64,
    lease: Duration,
) -> Result<Claimed, StoreError> {
    let now = writer.now();
    let leased_until = now + lease;
    let services: Vec<String> = services.iter().map(|s| s.as_str().to_owned()).collect();
    let mut connection = writer.connection().await?;
    let rows = sqlx::query_as!(
        Row,
        r#"WITH due AS (
            SELECT waiting.* FROM unnest($2::text[]) AS asked (service)
            CROSS JOIN LATERAL (
                SELECT event_id, consumer, available_at FROM events.deliveries
                WHERE state IN ('pending', 'leased') AND available_at <= $1
                    AND split_part(consumer, '.', 1) = asked.service
                ORDER BY available_at
                LIMIT $3
                FOR UPDATE SKIP LOCKED
            ) waiting
            ORDER BY available_at
            LIMIT $3
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
    let mut claimed = Claimed::default();
    for row in rows {
        match row.into_delivery(leased_until) {
            Ok(delivery) => claimed.deliveries.push(delivery),
            Err(unreadable) => claimed.unreadable.push(unreadable),
        }
    }
    Ok(claimed)
}

/// What became of the delivery that starts a process: the event `starts` about `aggregate_id`, for
/// `service`.
pub async fn start_of(
    store: &Store,
    service: Service,
    starts: EventType,
    aggregate_id: Uuid,
) -> Result<Start, StoreError> {
    let mut connection = store.connection().await?;
    let found = sqlx::query!(
        r#"SELECT coalesce(bool_or(delivery.state IN ('pending', 'leased')), false) AS "coming!",
               coalesce(bool_or(delivery.state = 'dead'), false) AS "dead!"
        FROM events.events event
        JOIN events.deliveries delivery
            ON delivery.event_id = event.id AND delivery.consumer = $3
        WHERE event.aggregate_id = $1 AND event.type = $2"#,
        aggregate_id,
        starts.as_str(),
        workflows::events::delivery_name(service, starts),
    )
    .fetch_one(&mut *connection)
    .await?;
    Ok(match (found.coming, found.dead) {
        (true, _) => Start::OnItsWay,
        (false, true) => Start::Dead,
        (false, false) => Start::Over,
    })
}

/// What waits and what is dead, for each service, for `/metrics`. Each half is asked as its partial
/// index is written, so that what was delivered long ago is not read. Ids of events are UUID v7: the
/// least is the oldest.
pub async fn backlog(store: &Store) -> Result<Vec<Backlog>, StoreError> {
    let mut connection = store.connection().await?;
    let rows = sqlx::query_as!(
        Backlog,
        r#"SELECT waiting.service AS "service!", waiting.pending AS "pending!",
               waiting.not_started AS "not_started!", waiting.dead AS "dead!",
               coalesce(extract(epoch FROM $1 - (
                   SELECT occurred_at FROM events.events WHERE id = waiting.oldest::uuid
               )), 0)::float8 AS "lag_seconds!"
        FROM (
            SELECT split_part(consumer, '.', 1) AS service,
                   count(*) FILTER (WHERE state <> 'dead') AS pending,
                   count(*) FILTER (WHERE state <> 'dead' AND last_error = $2) AS not_started,
                   count(*) FILTER (WHERE state = 'dead') AS dead,
                   min(event_id::text) FILTER (WHERE state <> 'dead') AS oldest
            FROM (
                SELECT event_id, consumer, state, last_error FROM events.deliveries
                WHERE state IN ('pending', 'leased')
                UNION ALL
                SELECT event_id, consumer, state, NULL FROM events.deliveries WHERE state = 'dead'
            ) delivery
            GROUP BY 1
        ) waiting"#,
        store.now(),
        Wait::NotStarted.as_str(),
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(rows)
}

impl Row {
    fn into_delivery(self, leased_until: DateTime<Utc>) -> Result<Delivery, Unreadable> {
        let service = self
            .consumer
            .split_once('.')
            .and_then(|(service, _)| Service::named(service));
        let event_type = self.r#type.parse().ok();
        let (Some(service), Some(event_type)) = (service, event_type) else {
            return Err(Unreadable {
                event_id: self.event_id,
                attempts: u32::try_from(self.attempts).unwrap_or_default(),
                leased_until,
                reason: format!("nobody here reads {}", self.consumer),
                consumer: self.consumer,
            });
        };
        Ok(Delivery {
            event_id: self.event_id,
            service,
            event_type,
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
