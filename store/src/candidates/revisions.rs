//! What was validated: kept at the decision, shown to companies, never edited.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::candidates::profile::Profile;

use crate::database::Writer;
use crate::error::StoreError;

/// A validated state about to be kept.
#[derive(Debug)]
pub struct NewRevision<'a> {
    /// The profile.
    pub profile_id: Uuid,
    /// The case that validated it.
    pub validation_id: Uuid,
    /// What the reviewer validated.
    pub profile: &'a Profile,
    /// The anonymous card that the reviewer saw.
    pub card: Value,
    /// The score, the summary and the tags that companies read.
    pub expert_opinion: Value,
    /// When.
    pub validated_at: DateTime<Utc>,
}

/// Keeps a validated state in the transaction of the decision. Doing it again for the same case
/// changes nothing.
pub async fn keep_revision(
    connection: &mut PgConnection,
    writer: &Writer,
    revision: NewRevision<'_>,
) -> Result<(), StoreError> {
    let profile = serde_json::to_value(revision.profile)
        .map_err(|error| StoreError::unreadable("candidate.profile_revisions", &error))?;
    sqlx::query!(
        "INSERT INTO candidate.profile_revisions
            (id, profile_id, validation_id, number, profile, card, expert_opinion, validated_at)
         SELECT $1, $2, $3, coalesce(max(number), 0) + 1, $4, $5, $6, $7
         FROM candidate.profile_revisions WHERE profile_id = $2
         ON CONFLICT (validation_id) DO NOTHING",
        writer.new_id(),
        revision.profile_id,
        revision.validation_id,
        profile,
        revision.card,
        revision.expert_opinion,
        revision.validated_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}
