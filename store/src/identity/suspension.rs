//! Suspension: a person who may not act until it is lifted.

use serde_json::json;
use uuid::Uuid;
use workflows::events::EventType;

use super::AGGREGATE;
use super::people;
use super::sessions::end_sessions;
use crate::context::Context;
use crate::database::Writer;
use crate::error::StoreError;
use crate::events::{self, NewEvent};

/// Suspends an account and ends its sessions. Access tokens are refused within five seconds.
/// Returns whether anything changed: false for one that is suspended already, or that is not there.
pub async fn suspend(
    writer: &Writer,
    context: &Context,
    user_id: Uuid,
) -> Result<bool, StoreError> {
    set(writer, context, user_id, true).await
}

/// Lets a suspended account act again, after a login. Returns whether anything changed.
pub async fn lift_suspension(
    writer: &Writer,
    context: &Context,
    user_id: Uuid,
) -> Result<bool, StoreError> {
    set(writer, context, user_id, false).await
}

async fn set(
    writer: &Writer,
    context: &Context,
    user_id: Uuid,
    suspended: bool,
) -> Result<bool, StoreError> {
    let mut transaction = writer.begin().await?;
    let person = people::lock(&mut transaction, user_id).await?;
    let Some(person) = person.filter(|person| person.suspended != suspended) else {
        return Ok(false);
    };
    let now = writer.now();
    sqlx::query!(
        "UPDATE auth.users SET suspended_at = $2, updated_at = $3 WHERE id = $1",
        person.id,
        suspended.then_some(now),
        now,
    )
    .execute(&mut *transaction)
    .await?;
    if suspended {
        end_sessions(&mut transaction, writer, &person, None).await?;
    }
    let (event_type, change) = if suspended {
        (EventType::UserSuspended, "suspended")
    } else {
        (EventType::UserUpdated, "suspension_lifted")
    };
    let payload = json!({"user_id": person.id, "change": change});
    let event = NewEvent::new(event_type, AGGREGATE, person.id, payload);
    events::append(&mut transaction, writer, context, event).await?;
    transaction.commit().await?;
    Ok(true)
}
