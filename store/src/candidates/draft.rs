//! The birth of a profile, with the verification of its owner's address.

use sqlx::PgConnection;
use uuid::Uuid;
use workflows::candidates::payloads::ProfileCreated;
use workflows::candidates::profile::{Profile, ProfileStatus};
use workflows::candidates::rules::assess;
use workflows::events::EventType;

use super::profile::{AGGREGATE, payload};
use crate::context::Context;
use crate::database::Store;
use crate::error::StoreError;
use crate::events::{self, NewEvent};

/// Creates the draft of a candidate whose address was just verified, and tells of it, in the
/// caller's transaction. Returns the profile's id.
///
/// The status is the column's default: this is the one transition that the API may cause.
pub async fn create_draft(
    connection: &mut PgConnection,
    store: &Store,
    context: &Context,
    user_id: Uuid,
    first_name: &str,
    last_name: &str,
) -> Result<Uuid, StoreError> {
    let profile_id = store.new_id();
    let created = ProfileCreated {
        profile_id,
        user_id,
        status: ProfileStatus::Draft,
    };
    let event = NewEvent::new(
        EventType::ProfileCreated,
        AGGREGATE,
        profile_id,
        payload(&created)?,
    );
    let event_id = events::append(connection, store, context, event).await?;
    let fresh = Profile::fresh(first_name, last_name);
    let completion = assess(&fresh, &[], store.now().date_naive());
    sqlx::query!(
        "INSERT INTO candidate.profiles
            (id, user_id, first_name, last_name, completion_percentage,
             draft_since, created_at, updated_at)
         SELECT $1, $2, $3, $4, $5, occurred_at, occurred_at, occurred_at
         FROM events.events WHERE id = $6",
        profile_id,
        user_id,
        first_name,
        last_name,
        i32::from(completion.percentage),
        event_id,
    )
    .execute(connection)
    .await?;
    Ok(profile_id)
}
