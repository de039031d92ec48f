//! What the index ought to hold of a profile.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;
use workflows::candidates::profile::Profile;
use workflows::search::card::{ExpertOpinion, SearchableProfile, anonymise};
use workflows::search::labels::reviewed;
use workflows::search::redaction::RedactionContext;
use workflows::validation::rules::Score;

use super::document::IndexEntry;
use crate::candidates::{PreferencesRow, SkillRow, preferences, skills};
use crate::database::Store;
use crate::error::StoreError;

/// The entry of a profile as it is true now: none unless it is `VALIDATED`.
///
/// It is made of the latest revision with the skills and preferences of now, which change at once;
/// of the skills those that companies may see.
pub async fn entry_of(store: &Store, profile_id: Uuid) -> Result<Option<IndexEntry>, StoreError> {
    let mut connection = store.connection().await?;
    let row = sqlx::query_as!(
        TruthRow,
        r#"SELECT r.id AS revision_id, r.profile AS "profile: Json<Profile>", r.expert_opinion,
            r.validated_at, person.email, person.first_name, person.last_name,
            (SELECT json_agg(s ORDER BY s.rank) FROM candidate.skills s
             WHERE s.profile_id = p.id) AS "skills: Json<Vec<SkillRow>>",
            (SELECT row_to_json(j) FROM candidate.job_preferences j
             WHERE j.profile_id = p.id) AS "job_preferences: Json<PreferencesRow>"
        FROM candidate.profiles p
        JOIN candidate.profile_revisions r ON r.profile_id = p.id AND r.withdrawn_at IS NULL
        JOIN auth.users person ON person.id = p.user_id
        WHERE p.id = $1 AND p.status = 'VALIDATED'
        ORDER BY r.number DESC LIMIT 1"#,
        profile_id,
    )
    .fetch_optional(&mut *connection)
    .await?;
    row.map(|row| row.into_entry(profile_id)).transpose()
}

struct TruthRow {
    revision_id: Uuid,
    profile: Json<Profile>,
    expert_opinion: Value,
    validated_at: DateTime<Utc>,
    email: String,
    first_name: String,
    last_name: String,
    skills: Option<Json<Vec<SkillRow>>>,
    job_preferences: Option<Json<PreferencesRow>>,
}

impl TruthRow {
    fn into_entry(self, profile_id: Uuid) -> Result<IndexEntry, StoreError> {
        let mut profile = self.profile.0;
        let now = skills(self.skills.map(|json| json.0).unwrap_or_default())?;
        profile.skills = reviewed(&now, &profile.skills);
        profile.job_preferences = self
            .job_preferences
            .map(|json| preferences(json.0))
            .unwrap_or_default();
        let context = RedactionContext::of_profile(&profile).with_account(
            &self.first_name,
            &self.last_name,
            &self.email,
        );
        Ok(IndexEntry {
            revision_id: self.revision_id,
            profile: anonymous(
                profile_id,
                &profile,
                &context,
                self.expert_opinion,
                self.validated_at,
            )?,
        })
    }
}

/// What companies read of the expert's opinion, as far as a card shows it.
#[derive(Deserialize)]
struct Opinion {
    summary: Option<String>,
    score_5: Option<Score>,
}

/// The anonymous entry of a revision.
pub(super) fn anonymous(
    profile_id: Uuid,
    profile: &Profile,
    context: &RedactionContext,
    expert_opinion: Value,
    validated_at: DateTime<Utc>,
) -> Result<SearchableProfile, StoreError> {
    let opinion: Opinion = serde_json::from_value(expert_opinion)
        .map_err(|error| StoreError::unreadable("candidate.profile_revisions", &error))?;
    let opinion = ExpertOpinion {
        summary: opinion.summary.as_deref(),
        score_5: opinion.score_5,
        validated_at,
    };
    Ok(anonymise(profile_id, profile, context, opinion))
}
