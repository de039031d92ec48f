//! What of accounts, logins and sessions is kept for a time only.

use chrono::TimeDelta;
use serde_json::json;
use workflows::events::{EventType, Service};

use super::AGGREGATE;
use crate::context::Context;
use crate::database::Writer;
use crate::error::StoreError;
use crate::events::{self, NewEvent};

/// How long an account may wait to be verified, from its last registration.
const PATIENCE: TimeDelta = TimeDelta::days(7);
/// Accounts removed in one transaction.
const BATCH: i64 = 200;
/// How long the history of logins is kept.
const HISTORY: TimeDelta = TimeDelta::days(365);
/// How long a refresh token is kept after its end: as long as one lives, so that its reuse is seen
/// in all that time, and some time to look into it.
const ENDED_TOKENS: TimeDelta = TimeDelta::days(30);
/// How long a link is kept that was used or voided: longer than it is good for.
const ENDED_LINKS: TimeDelta = TimeDelta::days(7);
/// Rows forgotten in one statement.
const ROWS: i64 = 1_000;

/// Removes a batch of accounts never verified. Returns how many; none means that none is left.
pub async fn remove_unverified(writer: &Writer, context: &Context) -> Result<usize, StoreError> {
    let mut transaction = writer.begin().await?;
    let removed = sqlx::query_scalar!(
        "DELETE FROM auth.users WHERE id IN (
            SELECT id FROM auth.users
            WHERE email_verified_at IS NULL AND updated_at < $1
            ORDER BY updated_at LIMIT $2
            FOR UPDATE SKIP LOCKED
        ) AND email_verified_at IS NULL
        RETURNING id",
        writer.now() - PATIENCE,
        BATCH,
    )
    .fetch_all(&mut *transaction)
    .await?;
    let told = removed.iter().map(|id| {
        let payload = json!({"user_id": id, "reason": "never_verified"});
        // Search and companies never heard of them.
        NewEvent::new(EventType::UserDeleted, AGGREGATE, *id, payload)
            .consumed_by_if(Service::Search, false)
            .consumed_by_if(Service::Company, false)
    });
    let told: Vec<NewEvent> = told.collect();
    if !told.is_empty() {
        events::append_all(&mut transaction, writer, context, told).await?;
    }
    transaction.commit().await?;
    Ok(removed.len())
}

/// Forgets a batch of attempts to register that nobody completed in the time that an account may
/// wait, with their links. Returns how many; none means that none is left.
pub async fn forget_attempts(writer: &Writer) -> Result<u64, StoreError> {
    let mut connection = writer.connection().await?;
    let done = sqlx::query!(
        "DELETE FROM auth.registration_attempts WHERE id = ANY(ARRAY(
            SELECT id FROM auth.registration_attempts WHERE requested_at < $1
            ORDER BY requested_at LIMIT $2
            FOR UPDATE SKIP LOCKED
        ))",
        writer.now() - PATIENCE,
        ROWS,
    )
    .execute(&mut *connection)
    .await?;
    Ok(done.rows_affected())
}

/// Forgets a batch of links that were used or voided. Returns how many; none means that none is
/// left.
pub async fn forget_links(writer: &Writer) -> Result<u64, StoreError> {
    let mut connection = writer.connection().await?;
    let done = sqlx::query!(
        "DELETE FROM auth.one_time_links WHERE id = ANY(ARRAY(
            SELECT id FROM auth.one_time_links WHERE least(used_at, voided_at) < $1
            ORDER BY least(used_at, voided_at) LIMIT $2
            FOR UPDATE SKIP LOCKED
        ))",
        writer.now() - ENDED_LINKS,
        ROWS,
    )
    .execute(&mut *connection)
    .await?;
    Ok(done.rows_affected())
}

/// Forgets a batch of logins of long ago. Returns how many; none means that none is left.
pub async fn forget_logins(writer: &Writer) -> Result<u64, StoreError> {
    let mut connection = writer.connection().await?;
    let done = sqlx::query!(
        "DELETE FROM auth.login_history WHERE id = ANY(ARRAY(
            SELECT id FROM auth.login_history WHERE at < $1 ORDER BY at LIMIT $2
            FOR UPDATE SKIP LOCKED
        ))",
        writer.now() - HISTORY,
        ROWS,
    )
    .execute(&mut *connection)
    .await?;
    Ok(done.rows_affected())
}

/// Forgets a batch of refresh tokens that expired or were revoked long ago. Returns how many; none
/// means that none is left.
pub async fn forget_refresh_tokens(writer: &Writer) -> Result<u64, StoreError> {
    let mut connection = writer.connection().await?;
    // Of the two moments PostgreSQL's `least` passes over the one that is not there.
    let done = sqlx::query!(
        "DELETE FROM auth.refresh_tokens WHERE id = ANY(ARRAY(
            SELECT id FROM auth.refresh_tokens WHERE least(expires_at, revoked_at) < $1
            ORDER BY least(expires_at, revoked_at) LIMIT $2
            FOR UPDATE SKIP LOCKED
        ))",
        writer.now() - ENDED_TOKENS,
        ROWS,
    )
    .execute(&mut *connection)
    .await?;
    Ok(done.rows_affected())
}
