//! What a command may not carry through Temporal: its texts and the caller's network address.

use chrono::TimeDelta;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::commands::Command;

use crate::context::{Actor, Context, Origin};
use crate::database::Store;
use crate::error::StoreError;

/// What became of an insertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Insertion {
    /// The texts are kept, now or by the same request before.
    Kept,
    /// Another request with the same `Idempotency-Key` is in flight.
    KeyReused,
}

/// Keeps the texts of a command until its activity takes them. Doing it again changes nothing.
pub async fn insert<T: Serialize + Sync>(
    store: &Store,
    context: &Context,
    command_id: Uuid,
    texts: &T,
) -> Result<Insertion, StoreError> {
    let texts = serde_json::to_value(texts)
        .map_err(|error| StoreError::inconsistent("admin.command_inputs", error.to_string()))?;
    let fingerprint = context
        .idempotency
        .as_ref()
        .map(|mark| mark.fingerprint.as_str());
    let mut connection = store.connection().await?;
    let done = sqlx::query!(
        "INSERT INTO admin.command_inputs
            (id, actor_id, origin_address, origin_user_agent, texts, fingerprint, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (id) DO NOTHING",
        command_id,
        context.actor.id(),
        context.origin.address,
        context.origin.user_agent,
        texts,
        fingerprint,
        store.now(),
    )
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() > 0 {
        return Ok(Insertion::Kept);
    }
    let same = sqlx::query_scalar!(
        r#"SELECT fingerprint IS NOT DISTINCT FROM $2 AS "same!"
        FROM admin.command_inputs WHERE id = $1"#,
        command_id,
        fingerprint,
    )
    .fetch_optional(&mut *connection)
    .await?;
    // A row that was taken meanwhile belongs to a command whose answer is on record by now.
    Ok(if same == Some(false) {
        Insertion::KeyReused
    } else {
        Insertion::Kept
    })
}

/// Takes the texts of a command in the activity's transaction, with the context in which it was
/// given. `None`: nothing is there (taken before, or swept), so there is no text to act on.
pub async fn take<T: DeserializeOwned, B: Sync>(
    connection: &mut PgConnection,
    command: &Command<B>,
) -> Result<Option<(Context, T)>, StoreError> {
    let row = sqlx::query!(
        "DELETE FROM admin.command_inputs WHERE id = $1
         RETURNING origin_address, origin_user_agent, texts",
        command.id,
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let texts = serde_json::from_value(row.texts)
        .map_err(|error| StoreError::inconsistent("admin.command_inputs", error.to_string()))?;
    let origin = Origin {
        address: row.origin_address,
        user_agent: row.origin_user_agent,
    };
    Ok(Some((context_of(command, origin), texts)))
}

/// The context of a command whose input row is gone: all but where it came from.
pub fn context_without_origin<B>(command: &Command<B>) -> Context {
    context_of(command, Origin::default())
}

fn context_of<B>(command: &Command<B>, origin: Origin) -> Context {
    Context {
        actor: Actor::Person(command.actor_id),
        origin,
        correlation_id: command.correlation_id,
        causation_id: Some(command.id),
        idempotency: command.idempotency.clone(),
    }
}

/// Deletes what no activity took within 24 hours. Returns how many rows.
pub async fn sweep(store: &Store) -> Result<u64, StoreError> {
    let mut connection = store.connection().await?;
    let done = sqlx::query!(
        "DELETE FROM admin.command_inputs WHERE created_at < $1",
        store.now() - TimeDelta::hours(24),
    )
    .execute(&mut *connection)
    .await?;
    Ok(done.rows_affected())
}
