//! Answers kept under an `Idempotency-Key` for 24 hours, written with the change they answer.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use workflows::commands::IdempotencyMark;

use crate::context::Context;
use crate::database::Store;
use crate::error::StoreError;

/// How long an answer is kept; afterwards the key is a new one, whether it was swept or not.
const KEPT_FOR: TimeDelta = TimeDelta::hours(24);
/// Keys forgotten in one statement.
const BATCH: i64 = 1000;

/// What was kept for a key.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptAnswer {
    /// The HTTP status of the first answer.
    pub status: u16,
    /// The ids and codes from which the answer is built again.
    pub answer: Value,
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq)]
pub enum Lookup {
    /// Nothing: the request is new.
    New,
    /// The same request was answered before.
    Kept(KeptAnswer),
    /// The key was used for another request.
    Reused,
}

/// Looks a key up, before any other check of a request.
pub async fn find(store: &Store, mark: &IdempotencyMark) -> Result<Lookup, StoreError> {
    let mut connection = store.connection().await?;
    let row = sqlx::query!(
        "SELECT fingerprint, status, answer FROM events.idempotency_keys
         WHERE caller = $1 AND key_hash = $2 AND created_at > $3",
        mark.caller,
        mark.key_hash,
        outdated_at(store),
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        return Ok(Lookup::New);
    };
    if row.fingerprint != mark.fingerprint {
        return Ok(Lookup::Reused);
    }
    let status = u16::try_from(row.status)
        .map_err(|_| StoreError::inconsistent("events.idempotency_keys", "not an HTTP status"))?;
    Ok(Lookup::Kept(KeptAnswer {
        status,
        answer: row.answer,
    }))
}

/// Keeps an answer in the transaction of its change, in the place of one that is outdated; does
/// nothing when the caller sent no key.
///
/// Loses to another request with the same key by [`StoreError::IdempotencyRace`].
pub async fn record(
    connection: &mut PgConnection,
    store: &Store,
    context: &Context,
    status: u16,
    answer: Value,
) -> Result<(), StoreError> {
    let Some(mark) = &context.idempotency else {
        return Ok(());
    };
    // Whoever records the key meanwhile is waited for, and the condition is asked of their row.
    let done = sqlx::query!(
        "INSERT INTO events.idempotency_keys AS kept
            (caller, key_hash, fingerprint, status, answer, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (caller, key_hash) DO UPDATE
         SET fingerprint = excluded.fingerprint, status = excluded.status,
             answer = excluded.answer, created_at = excluded.created_at
         WHERE kept.created_at <= $7",
        mark.caller,
        mark.key_hash,
        mark.fingerprint,
        i32::from(status),
        answer,
        store.now(),
        outdated_at(store),
    )
    .execute(connection)
    .await?;
    match done.rows_affected() {
        0 => Err(StoreError::IdempotencyRace),
        _ => Ok(()),
    }
}

/// Forgets a batch of outdated keys. Returns how many; none means that none is left.
pub async fn sweep(store: &Store) -> Result<u64, StoreError> {
    let mut connection = store.connection().await?;
    // Asked twice: a key may be used anew between the two.
    let done = sqlx::query!(
        "DELETE FROM events.idempotency_keys
         WHERE (caller, key_hash) IN (
            SELECT caller, key_hash FROM events.idempotency_keys
            WHERE created_at <= $1 ORDER BY created_at LIMIT $2
         ) AND created_at <= $1",
        outdated_at(store),
        BATCH,
    )
    .execute(&mut *connection)
    .await?;
    Ok(done.rows_affected())
}

/// What was kept at that moment or before is outdated.
fn outdated_at(store: &Store) -> DateTime<Utc> {
    store.now() - KEPT_FOR
}
