//! By which version of the rule each profile was cleared for the index. When the rule changes, what
//! was indexed before is made again: the delivery that once told the index of it is given back to
//! the relay, as if it had just been written.

use uuid::Uuid;
use workflows::events::{EventType, Service, delivery_name};
use workflows::search::redaction::RULE;

use crate::database::{Store, Writer};
use crate::error::StoreError;

/// Profiles that are told of at once.
const BATCH: i64 = 500;

/// Notes that the index holds an entry by the rule of now, or none.
pub async fn note_reflected(
    store: &Store,
    profile_id: Uuid,
    is_present: bool,
) -> Result<(), StoreError> {
    let mut connection = store.connection().await?;
    if is_present {
        sqlx::query!(
            "INSERT INTO search.reflections (profile_id, rule) VALUES ($1, $2)
            ON CONFLICT (profile_id) DO UPDATE SET rule = excluded.rule",
            profile_id,
            version(),
        )
        .execute(&mut *connection)
        .await?;
    } else {
        sqlx::query!(
            "DELETE FROM search.reflections WHERE profile_id = $1",
            profile_id
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Tells the index of a batch of profiles whose entries were made by an older rule. Returns how
/// many; none is left once it returns zero.
pub async fn tell_outdated(writer: &Writer) -> Result<u64, StoreError> {
    let mut connection = writer.connection().await?;
    let told = sqlx::query_scalar!(
        r#"WITH outdated AS (
            SELECT profile_id FROM search.reflections WHERE rule < $1
            ORDER BY rule LIMIT $2 FOR UPDATE SKIP LOCKED
        ), told AS (
            INSERT INTO events.deliveries (event_id, consumer, available_at)
            SELECT event.id, $3, $4 FROM outdated CROSS JOIN LATERAL (
                SELECT id FROM events.events
                WHERE aggregate_id = outdated.profile_id AND type = $5
                ORDER BY occurred_at DESC LIMIT 1
            ) AS event
            ON CONFLICT (event_id, consumer) DO UPDATE
            SET state = 'pending', attempts = 0, available_at = excluded.available_at,
                leased_until = NULL, delivered_at = NULL
        ), noted AS (
            UPDATE search.reflections SET rule = $1
            WHERE profile_id = ANY(ARRAY(SELECT profile_id FROM outdated))
            RETURNING 1
        )
        SELECT count(*) AS "told!" FROM noted"#,
        version(),
        BATCH,
        delivery_name(Service::Search, EventType::ProfileValidated),
        writer.now(),
        EventType::ProfileValidated.as_str(),
    )
    .fetch_one(&mut *connection)
    .await?;
    Ok(u64::try_from(told).unwrap_or_default())
}

fn version() -> i32 {
    i32::try_from(RULE).unwrap_or(i32::MAX)
}
