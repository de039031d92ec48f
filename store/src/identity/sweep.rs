//! Accounts that nobody verified.

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
