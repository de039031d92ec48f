//! Answers kept under an `Idempotency-Key` for 24 hours, written with the change they answer.

use serde_json::Value;
use sqlx::PgConnection;
use workflows::commands::IdempotencyMark;

use crate::context::Context;
use crate::database::Store;
use crate::error::StoreError;

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
         WHERE caller = $1 AND key_hash = $2",
        mark.caller,
        mark.key_hash,
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

/// Keeps an answer in the transaction of its change; does nothing when the caller sent no key.
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
    sqlx::query!(
        "INSERT INTO events.idempotency_keys
            (caller, key_hash, fingerprint, status, answer, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        mark.caller,
        mark.key_hash,
        mark.fingerprint,
        i32::from(status),
        answer,
        store.now(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets the keys older than 24 hours. Returns how many.
pub async fn sweep(store: &Store) -> Result<u64, StoreError> {
    let mut connection = store.connection().await?;
    let done = sqlx::query!(
        "DELETE FROM events.idempotency_keys WHERE created_at < $1",
        store.now() - chrono::TimeDelta::hours(24),
    )
    .execute(&mut *connection)
    .await?;
    Ok(done.rows_affected())
}
