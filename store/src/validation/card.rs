//! The anonymous card of a case, as companies would see it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::candidates::profile::Profile;
use workflows::search::card::{ExpertOpinion, SearchCard, anonymise};
use workflows::search::redaction::RedactionContext;
use workflows::validation::rules::Score;

use super::assessment::{SavedAssessment, saved_assessment};
use super::turn::find;
use crate::candidates;
use crate::database::Store;
use crate::error::StoreError;

/// What companies read of the reviewer's work, as a revision keeps it.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Opinion {
    /// Out of 100.
    pub score_100: Option<Score>,
    /// Out of 5.
    pub score_5: Option<Score>,
    /// The summary.
    pub summary: Option<String>,
    /// Behavioural tags.
    pub tags: Vec<String>,
}

impl From<SavedAssessment> for Opinion {
    fn from(saved: SavedAssessment) -> Self {
        Self {
            score_100: saved.score_100,
            score_5: saved.score_5,
            summary: saved.assessment.summary,
            tags: saved.assessment.tags,
        }
    }
}

/// The card of a case as things stand; `None`: there is no such case.
pub async fn preview_card(
    store: &Store,
    validation_id: Uuid,
) -> Result<Option<SearchCard>, StoreError> {
    let mut connection = store.connection().await?;
    let Some(row) = find(&mut connection, validation_id).await? else {
        return Ok(None);
    };
    let Some(profile) = candidates::load_by_id(&mut connection, row.profile_id).await? else {
        return Ok(None);
    };
    let opinion = saved_assessment(&mut connection, validation_id)
        .await?
        .map(Opinion::from)
        .unwrap_or_default();
    let person = (profile.id, profile.user_id);
    card_of(
        &mut connection,
        person,
        &profile.profile,
        &opinion,
        store.now(),
    )
    .await
    .map(Some)
}

/// Makes a card, cleared of what the account itself says of the person as well.
pub(super) async fn card_of(
    connection: &mut PgConnection,
    (profile_id, user_id): (Uuid, Uuid),
    profile: &Profile,
    opinion: &Opinion,
    validated_at: DateTime<Utc>,
) -> Result<SearchCard, StoreError> {
    let account = sqlx::query!(
        "SELECT first_name, last_name, email FROM auth.users WHERE id = $1",
        user_id,
    )
    .fetch_optional(connection)
    .await?;
    let mut context = RedactionContext::of_profile(profile);
    if let Some(account) = account {
        context = context.with_account(&account.first_name, &account.last_name, &account.email);
    }
    let opinion = ExpertOpinion {
        summary: opinion.summary.as_deref(),
        score_5: opinion.score_5,
        validated_at,
    };
    Ok(anonymise(profile_id, profile, &context, opinion).card(None, false))
}
