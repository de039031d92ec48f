//! The audit trail: one row for each event, written by the relay.

use chrono::{DateTime, Utc};
use uuid::Uuid;
use workflows::events::EventType;

use crate::database::Writer;
use crate::error::StoreError;

/// The events that tell of an access to somebody's profile or document.
const ACCESSES: [EventType; 3] = [
    EventType::ProfileAccessed,
    EventType::ProfileViewed,
    EventType::DocumentAccessed,
];

/// Records up to `limit` events whose audit row is due, and marks their deliveries delivered, all
/// in one statement: neither can be without the other, and no lease is needed. Returns how many.
pub async fn record_due(writer: &Writer, limit: i64) -> Result<u64, StoreError> {
    record(writer, None, limit).await
}

/// Records one event; for what remains when a batch cannot be recorded.
pub async fn record_one(writer: &Writer, event_id: Uuid) -> Result<u64, StoreError> {
    record(writer, Some(event_id), 1).await
}

async fn record(writer: &Writer, only: Option<Uuid>, limit: i64) -> Result<u64, StoreError> {
    let now: DateTime<Utc> = writer.now();
    let accesses = ACCESSES.map(|event| event.as_str().to_owned());
    let mut connection = writer.connection().await?;
    let done = sqlx::query!(
        r#"WITH due AS (
            SELECT event_id, consumer FROM events.deliveries
            WHERE split_part(consumer, '.', 1) = 'audit' AND state IN ('pending', 'leased')
                AND (available_at <= $1 AND $2::uuid IS NULL OR event_id = $2)
            ORDER BY available_at
            LIMIT $3
            FOR UPDATE SKIP LOCKED
        ), event AS (
            SELECT event.* FROM due JOIN events.events event ON event.id = due.event_id
        ), logged AS (
            INSERT INTO audit.audit_logs
                (event_id, action, actor_id, actor_kind, subject, subject_id, origin_address,
                 origin_user_agent, correlation_id, occurred_at, payload, recorded_at)
            SELECT id, type, actor_id, actor_kind, aggregate, aggregate_id, origin_address,
                   origin_user_agent, correlation_id, occurred_at, payload, $1
            FROM event ORDER BY id
            ON CONFLICT (event_id) DO NOTHING
        ), access AS (
            INSERT INTO audit.access_logs
                (event_id, action, actor_id, actor_kind, subject, subject_id, origin_address,
                 origin_user_agent, correlation_id, occurred_at)
            SELECT id, type, actor_id, actor_kind, aggregate, aggregate_id, origin_address,
                   origin_user_agent, correlation_id, occurred_at
            FROM event WHERE type = ANY($4) ORDER BY id
            ON CONFLICT (event_id) DO NOTHING
        )
        UPDATE events.deliveries delivery
        SET state = 'delivered', delivered_at = $1, leased_until = NULL
        FROM due
        WHERE delivery.event_id = due.event_id AND delivery.consumer = due.consumer"#,
        now,
        only,
        limit,
        &accesses,
    )
    .execute(&mut *connection)
    .await?;
    Ok(done.rows_affected())
}
