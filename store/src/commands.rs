//! What a command may not carry through Temporal: its texts and the caller's network address.

use chrono::TimeDelta;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::commands::{Command, Refusal};

use crate::context::{Actor, Context, Origin};
use crate::database::{Store, Writer};
use crate::error::StoreError;
use crate::events;

/// How long a command waits for its activity.
const PATIENCE: TimeDelta = TimeDelta::hours(24);
/// Rows deleted in one statement.
const BATCH: i64 = 1000;

/// What became of an insertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Insertion {
    /// The texts wait under this command's id, kept now or by the same request before.
    Kept(Uuid),
    /// Another request with the same `Idempotency-Key` is in flight.
    KeyReused,
    /// The command of the key ended in this moment: its answer is on record, or it was refused.
    Ended,
}

/// Keeps the texts of a command until its activity takes them. The same request asked again under
/// its key gets the same command, as long as that is in flight.
pub async fn insert<T: Serialize + Sync>(
    store: &Store,
    context: &Context,
    texts: &T,
) -> Result<Insertion, StoreError> {
    let texts = serde_json::to_value(texts)
        .map_err(|error| StoreError::unreadable("admin.command_inputs", &error))?;
    let mark = context.idempotency.as_ref();
    let slot = mark.map(|mark| format!("{}:{}", mark.caller, mark.key_hash));
    let fingerprint = mark.map(|mark| mark.fingerprint.as_str());
    let command_id = store.new_id();
    let mut connection = store.connection().await?;
    let done = sqlx::query!(
        "INSERT INTO admin.command_inputs
            (id, slot, actor_id, origin_address, origin_user_agent, texts, fingerprint, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (slot) DO NOTHING",
        command_id,
        slot,
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
        return Ok(Insertion::Kept(command_id));
    }
    let in_flight = sqlx::query!(
        "SELECT id, fingerprint FROM admin.command_inputs WHERE slot = $1",
        slot,
    )
    .fetch_optional(&mut *connection)
    .await?;
    Ok(match in_flight {
        Some(row) if row.fingerprint.as_deref() == fingerprint => Insertion::Kept(row.id),
        Some(_) => Insertion::KeyReused,
        None => Insertion::Ended,
    })
}

/// Takes the texts of a command in the activity's transaction, with the context in which it was
/// given. `None`: nothing is there (refused before, or swept), and the command is over.
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
        .map_err(|error| StoreError::unreadable("admin.command_inputs", &error))?;
    let origin = Origin {
        address: row.origin_address,
        user_agent: row.origin_user_agent,
    };
    Ok(Some((context_of(command, origin), texts)))
}

/// What a command came to. A refusal ends it in the store as well, and so does a failure that
/// trying again cannot help: the same key may order it anew, and an attempt of the same activity
/// that comes late finds nothing to act on.
pub async fn conclude<T>(
    writer: &Writer,
    command_id: Uuid,
    outcome: Result<Result<T, Refusal>, StoreError>,
) -> Result<Result<T, Refusal>, StoreError> {
    match outcome {
        Ok(Err(refusal)) => {
            end(writer, command_id).await?;
            Ok(Err(refusal))
        }
        // The key was used for a fact meanwhile: trying again would find it used for ever.
        Err(StoreError::IdempotencyRace) => {
            end(writer, command_id).await?;
            Ok(Err(Refusal::new("idempotency_key_reused")))
        }
        Err(fault) if !fault.is_retryable() => match end(writer, command_id).await {
            Err(passing) if passing.is_retryable() => Err(passing),
            // What keeps the row from leaving may be the same thing: the sweep takes it.
            _ => Err(fault),
        },
        other => other,
    }
}

/// Deletes what waits for a command that nothing came of.
async fn end(writer: &Writer, command_id: Uuid) -> Result<(), StoreError> {
    let mut tx = writer.begin().await?;
    sqlx::query!("DELETE FROM admin.command_inputs WHERE id = $1", command_id)
        .execute(&mut *tx)
        .await?;
    let was_done = events::caused_by(&mut tx, command_id).await?;
    tx.commit().await?;
    if was_done {
        // Another attempt did it while this one failed: the next one will say so.
        return Err(StoreError::Superseded);
    }
    Ok(())
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

/// Deletes a batch of what no activity took within 24 hours. Returns how many rows; none means
/// that none is left.
pub async fn sweep(store: &Store) -> Result<u64, StoreError> {
    let mut connection = store.connection().await?;
    let done = sqlx::query!(
        "DELETE FROM admin.command_inputs WHERE id IN (
            SELECT id FROM admin.command_inputs
            WHERE created_at < $1 ORDER BY created_at LIMIT $2
        )",
        store.now() - PATIENCE,
        BATCH,
    )
    .execute(&mut *connection)
    .await?;
    Ok(done.rows_affected())
}
