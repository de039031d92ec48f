//! What was validated: kept at the decision, shown to companies, never edited.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;
use workflows::candidates::profile::Profile;

use super::rows::{PreferencesRow, SkillRow, preferences, skills};
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

/// The validated state that companies see.
#[derive(Clone, Debug)]
pub struct Revision {
    /// The revision.
    pub id: Uuid,
    /// The profile.
    pub profile_id: Uuid,
    /// The candidate.
    pub user_id: Uuid,
    /// The case that validated it.
    pub validation_id: Uuid,
    /// How many times the profile was validated, this one included.
    pub number: i32,
    /// What was validated, with the skills and preferences of now: those change at once.
    pub profile: Profile,
    /// The anonymous card of the decision.
    pub card: Value,
    /// The expert's opinion.
    pub expert_opinion: Value,
    /// When it was validated.
    pub validated_at: DateTime<Utc>,
}

/// Keeps a validated state in the transaction of the decision. Doing it again for the same case
/// changes nothing.
pub async fn keep_revision(
    connection: &mut PgConnection,
    writer: &Writer,
    revision: NewRevision<'_>,
) -> Result<(), StoreError> {
    let profile = serde_json::to_value(revision.profile).map_err(|error| {
        StoreError::inconsistent("candidate.profile_revisions", error.to_string())
    })?;
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

/// What companies may see of a profile, in one statement: `None` unless it is `VALIDATED` now.
pub async fn visible_revision(
    connection: &mut PgConnection,
    profile_id: Uuid,
) -> Result<Option<Revision>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT r.id, r.profile_id, p.user_id, r.validation_id, r.number,
            r.profile AS "profile: Json<Profile>", r.card, r.expert_opinion, r.validated_at,
            (SELECT json_agg(s ORDER BY s.rank) FROM candidate.skills s
             WHERE s.profile_id = p.id) AS "skills: Json<Vec<SkillRow>>",
            (SELECT row_to_json(j) FROM candidate.job_preferences j
             WHERE j.profile_id = p.id) AS "job_preferences: Json<PreferencesRow>"
        FROM candidate.profiles p
        JOIN candidate.profile_revisions r ON r.profile_id = p.id AND r.withdrawn_at IS NULL
        WHERE p.id = $1 AND p.status = 'VALIDATED'
        ORDER BY r.number DESC LIMIT 1"#,
        profile_id,
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        let mut profile = row.profile.0;
        profile.skills = skills(row.skills.map(|json| json.0).unwrap_or_default())?;
        profile.job_preferences = row
            .job_preferences
            .map(|json| preferences(json.0))
            .unwrap_or_default();
        Ok(Revision {
            id: row.id,
            profile_id: row.profile_id,
            user_id: row.user_id,
            validation_id: row.validation_id,
            number: row.number,
            profile,
            card: row.card,
            expert_opinion: row.expert_opinion,
            validated_at: row.validated_at,
        })
    })
    .transpose()
}
