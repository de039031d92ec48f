//! The assessment grid and what a reviewer filled in: a fact that the API writes.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;
use workflows::commands::Refusal;
use workflows::events::EventType;
use workflows::validation::Action;
use workflows::validation::rules::{Assessment, Category, Evaluation, Grid, Rating, Score};

use super::turn::find;
use crate::context::Context;
use crate::database::Store;
use crate::error::StoreError;
use crate::events::{self, NewEvent};
use crate::idempotency;

/// An assessment as it was saved last.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedAssessment {
    /// What the reviewer filled in.
    pub assessment: Assessment,
    /// Out of 100, once every criterion is rated.
    pub score_100: Option<Score>,
    /// Out of 5, once every criterion is rated.
    pub score_5: Option<Score>,
    /// Who saved it.
    pub saved_by: Uuid,
    /// When.
    pub saved_at: DateTime<Utc>,
}

/// The grid that new cases begin with.
pub async fn current_grid(store: &Store) -> Result<Grid, StoreError> {
    let mut connection = store.connection().await?;
    let row = sqlx::query!(
        r#"SELECT version, categories AS "categories: Json<Vec<Category>>"
           FROM admin.assessment_grids ORDER BY version DESC LIMIT 1"#,
    )
    .fetch_one(&mut *connection)
    .await?;
    Ok(Grid {
        version: row.version,
        categories: row.categories.0,
    })
}

/// The grid that a case began with; `None`: there is no such case.
pub async fn grid_of_case(store: &Store, validation_id: Uuid) -> Result<Option<Grid>, StoreError> {
    let mut connection = store.connection().await?;
    grid_of(&mut connection, validation_id).await
}

pub(super) async fn grid_of(
    connection: &mut PgConnection,
    validation_id: Uuid,
) -> Result<Option<Grid>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT g.version, g.categories AS "categories: Json<Vec<Category>>"
           FROM admin.validations v JOIN admin.assessment_grids g ON g.version = v.grid_version
           WHERE v.id = $1"#,
        validation_id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Grid {
        version: row.version,
        categories: row.categories.0,
    }))
}

/// What a reviewer filled in so far.
pub(super) async fn saved_assessment(
    connection: &mut PgConnection,
    validation_id: Uuid,
) -> Result<Option<SavedAssessment>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT ratings AS "ratings: Json<Vec<Rating>>", tags, summary, score_100, score_5,
                  saved_by, saved_at
           FROM admin.assessments WHERE validation_id = $1"#,
        validation_id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| SavedAssessment {
        assessment: Assessment {
            ratings: row.ratings.0,
            tags: row.tags,
            summary: row.summary,
        },
        score_100: score(row.score_100),
        score_5: score(row.score_5),
        saved_by: row.saved_by,
        saved_at: row.saved_at,
    }))
}

fn score(hundredths: Option<i32>) -> Option<Score> {
    hundredths
        .and_then(|hundredths| u32::try_from(hundredths).ok())
        .map(Score::from_hundredths)
}

fn hundredths(score: Option<Score>) -> Option<i32> {
    score.and_then(|score| i32::try_from(score.hundredths()).ok())
}

/// Saves the grid as it is filled and renews the claim, if the caller holds the case and the
/// candidate is not awaited: asked in the statement that writes.
pub async fn save_assessment(
    store: &Store,
    context: &Context,
    validation_id: Uuid,
    assessment: &Assessment,
    evaluation: &Evaluation,
) -> Result<Result<(), Refusal>, StoreError> {
    let Some(actor) = context.actor.id() else {
        return Ok(Err(Refusal::new("not_claimed")));
    };
    let mut tx = store.begin().await?;
    let row = sqlx::query!(
        "WITH touched AS (
            UPDATE admin.validations SET last_action_at = GREATEST(last_action_at, $3)
            WHERE id = $1 AND claimed_by = $2 AND status IN ('claimed', 'interview')
            RETURNING id, profile_id, user_id
        ), saved AS (
            INSERT INTO admin.assessments
                (validation_id, ratings, tags, summary, score_100, score_5, saved_by, saved_at)
            SELECT id, $4, $5, $6, $7, $8, $2, $3 FROM touched
            ON CONFLICT (validation_id) DO UPDATE SET
                ratings = excluded.ratings, tags = excluded.tags, summary = excluded.summary,
                score_100 = excluded.score_100, score_5 = excluded.score_5,
                saved_by = excluded.saved_by, saved_at = excluded.saved_at
        )
        SELECT profile_id, user_id FROM touched",
        validation_id,
        actor,
        store.now(),
        json!(assessment.ratings),
        &assessment.tags,
        assessment.summary,
        hundredths(evaluation.score_100),
        hundredths(evaluation.score_5),
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else {
        return why_not(&mut tx, store, validation_id, actor).await.map(Err);
    };
    let payload = json!({
        "validation_id": validation_id,
        "profile_id": row.profile_id,
        "user_id": row.user_id,
        "complete": evaluation.complete,
    });
    let event = NewEvent::new(EventType::AssessmentSaved, "case", validation_id, payload);
    events::append(&mut tx, store, context, event).await?;
    let answer = json!({"validation_id": validation_id});
    idempotency::record(&mut tx, store, context, 200, answer).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

async fn why_not(
    connection: &mut PgConnection,
    store: &Store,
    validation_id: Uuid,
    actor: Uuid,
) -> Result<Refusal, StoreError> {
    let Some(row) = find(connection, validation_id).await? else {
        return Ok(Refusal::new("case_not_found"));
    };
    let allowed = row
        .case
        .allows(Action::SaveAssessment, actor, Some(store.now()));
    Ok(match allowed {
        Err(refusal) => refusal,
        // It was given back and claimed again between the two statements.
        Ok(()) => Refusal::new("not_claimed"),
    })
}
