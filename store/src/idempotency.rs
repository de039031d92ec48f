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
    /// The ids and codes from which the answer is made anew.
    pub answer: Value,
    /// The answer as it was sent, sealed; none where only its change is on record.
    pub sealed: Option<Vec<u8>>,
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
        "SELECT fingerprint, status, answer, sealed FROM events.idempotency_keys
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
        sealed: row.sealed,
    }))
}

/// Keeps in the transaction of a change what its answer is made of, in the place of one that is
/// outdated; does nothing when the caller sent no key.
///
/// Loses to another request with the same key by [`StoreError::IdempotencyRace`].
pub async fn record(
    connection: &mut PgConnection,
    store: &Store,
    context: &Context,
    status: u16,
    answer: Value,
) -> Result<(), StoreError> {
    record_sealed(connection, store, context, status, answer, None).await
}

/// The same with the answer itself, as far as it could be sealed.
pub async fn record_sealed(
    connection: &mut PgConnection,
    store: &Store,
    context: &Context,
    status: u16,
    answer: Value,
    sealed: Option<Vec<u8>>,
) -> Result<(), StoreError> {
    let Some(mark) = &context.idempotency else {
        return Ok(());
    };
    // ON CONFLICT waits for a concurrent insertion, then asks the condition of that row.
    let done = sqlx::query!(
        "INSERT INTO events.idempotency_keys AS kept
            (caller, key_hash, fingerprint, status, answer, sealed, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (caller, key_hash) DO UPDATE
         SET fingerprint = excluded.fingerprint, status = excluded.status,
             answer = excluded.answer, sealed = excluded.sealed, created_at = excluded.created_at
         WHERE kept.created_at <= $8",
        mark.caller,
        mark.key_hash,
        mark.fingerprint,
        i32::from(status),
        answer,
        sealed,
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

/// Keeps an answer before it is sent: beside what its change left behind, or alone where nothing
/// changed. False when the key has an answer already, or stands for another request.
pub async fn keep(
    store: &Store,
    mark: &IdempotencyMark,
    status: u16,
    sealed: &[u8],
) -> Result<bool, StoreError> {
    let mut connection = store.connection().await?;
    let done = sqlx::query!(
        "INSERT INTO events.idempotency_keys AS kept
            (caller, key_hash, fingerprint, status, answer, sealed, created_at)
         VALUES ($1, $2, $3, $4, '{}', $5, $6)
         ON CONFLICT (caller, key_hash) DO UPDATE
         SET fingerprint = excluded.fingerprint, status = excluded.status, sealed = excluded.sealed,
             answer = CASE WHEN kept.created_at <= $7 THEN excluded.answer ELSE kept.answer END,
             created_at = CASE WHEN kept.created_at <= $7
                 THEN excluded.created_at ELSE kept.created_at END
         WHERE kept.created_at <= $7
            OR (kept.fingerprint = excluded.fingerprint AND kept.sealed IS NULL)",
        mark.caller,
        mark.key_hash,
        mark.fingerprint,
        i32::from(status),
        sealed,
        store.now(),
        outdated_at(store),
    )
    .execute(&mut *connection)
    .await?;
    Ok(done.rows_affected() > 0)
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
