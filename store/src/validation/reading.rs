//! The whole case, as a reviewer sees it.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::candidates::payloads::ProfileAccessed;
use workflows::events::EventType;
use workflows::validation::{Case, InterviewMode, InterviewStatus, ReviewOutcome};

use super::assessment::{SavedAssessment, saved_assessment};
use super::interviews::Interview;
use super::queue::{CaseSummary, summary_of};
use super::turn::find;
use crate::candidates::{self, StoredProfile};
use crate::context::Context;
use crate::database::Store;
use crate::error::{StoreError, code};
use crate::events::{self, NewEvent};

/// Everything about a case.
#[derive(Clone, Debug)]
pub struct WholeCase {
    /// As the queue shows it.
    pub summary: CaseSummary,
    /// What the candidate wrote.
    pub profile: StoredProfile,
    /// The documents of the profile, with what was said of them.
    pub documents: Vec<CaseDocument>,
    /// The interviews, oldest first.
    pub interviews: Vec<Interview>,
    /// The grid, as far as it is filled.
    pub assessment: Option<SavedAssessment>,
    /// The version of the grid that the case began with.
    pub grid_version: i32,
    /// The last correction request.
    pub correction: Option<Correction>,
    /// Why it was decided so.
    pub reason: Option<String>,
    /// Who decided.
    pub decided_by: Option<Uuid>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// What happened, oldest first.
    pub history: Vec<HistoryEntry>,
}

/// A document of the profile, as the reviewer sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseDocument {
    /// The document.
    pub id: Uuid,
    /// What it is.
    pub kind: String,
    /// Where the pipeline has brought it; `archived` when its owner took it back.
    pub status: String,
    /// Its cleaned name.
    pub file_name: String,
    /// Bytes.
    pub size: i64,
    /// Pages, once it was checked.
    pub page_count: Option<i32>,
    /// The experience, education or certification it proves.
    pub belongs_to: Option<Uuid>,
    /// Whether it counts for the decision.
    pub counts: bool,
    /// What a reviewer said of it.
    pub review: Option<DocumentReview>,
}

/// What a reviewer said of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentReview {
    /// The verdict.
    pub outcome: ReviewOutcome,
    /// Why.
    pub reason: Option<String>,
    /// Who.
    pub reviewed_by: Option<Uuid>,
    /// When.
    pub reviewed_at: Option<DateTime<Utc>>,
}

/// A correction request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// What the candidate was asked.
    pub message: String,
    /// The steps that it opened; empty once it was answered.
    pub steps: Vec<String>,
    /// When.
    pub requested_at: DateTime<Utc>,
    /// When the answer is due; absent once it came.
    pub deadline: Option<DateTime<Utc>>,
}

/// One thing that happened in a case.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryEntry {
    /// The event.
    pub id: Uuid,
    /// Its type.
    pub event: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor_id: Option<Uuid>,
    /// What kind of actor.
    pub actor_kind: String,
    /// Ids, codes and times.
    pub details: Value,
}

/// How a case stands, for the rules; `None`: there is no such case.
pub async fn case_state(store: &Store, id: Uuid) -> Result<Option<Case>, StoreError> {
    let mut connection = store.connection().await?;
    Ok(find(&mut connection, id).await?.map(|row| row.case))
}

/// The whole case, read by a reviewer: the reading is an event.
pub async fn read_case(
    store: &Store,
    context: &Context,
    id: Uuid,
) -> Result<Option<WholeCase>, StoreError> {
    let mut tx = store.begin().await?;
    let Some(summary) = summary_of(&mut tx, id, store.now()).await? else {
        return Ok(None);
    };
    let Some(row) = find(&mut tx, id).await? else {
        return Ok(None);
    };
    let Some(profile) = candidates::load_by_id(&mut tx, row.profile_id).await? else {
        return Ok(None);
    };
    let whole = WholeCase {
        documents: documents(&mut tx, id, row.profile_id).await?,
        interviews: interviews(&mut tx, id, row.user_id).await?,
        assessment: saved_assessment(&mut tx, id).await?,
        history: history(&mut tx, id).await?,
        correction: correction_of(&row),
        grid_version: row.grid_version,
        reason: row.reason,
        decided_by: row.decided_by,
        decided_at: row.decided_at,
        summary,
        profile,
    };
    tell_access(&mut tx, store, context, id, &whole.profile).await?;
    tx.commit().await?;
    Ok(Some(whole))
}

fn correction_of(row: &super::turn::CaseRow) -> Option<Correction> {
    Some(Correction {
        message: row.correction_message.clone()?,
        steps: row.correction_steps.clone().unwrap_or_default(),
        requested_at: row.correction_requested_at?,
        deadline: row.case.correction_deadline,
    })
}

/// Tells that somebody else than its owner read a profile.
async fn tell_access(
    connection: &mut PgConnection,
    store: &Store,
    context: &Context,
    validation_id: Uuid,
    profile: &StoredProfile,
) -> Result<(), StoreError> {
    let accessed = ProfileAccessed {
        profile_id: profile.id,
        user_id: profile.user_id,
    };
    let mut payload = serde_json::to_value(accessed)
        .map_err(|error| StoreError::unreadable("events.events", &error))?;
    payload["validation_id"] = serde_json::json!(validation_id);
    let event = NewEvent::new(EventType::ProfileAccessed, "profile", profile.id, payload);
    events::append(connection, store, context, event).await?;
    Ok(())
}

async fn documents(
    connection: &mut PgConnection,
    validation_id: Uuid,
    profile_id: Uuid,
) -> Result<Vec<CaseDocument>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT d.id, d.kind,
                  CASE WHEN d.archived_at IS NULL THEN d.status ELSE 'archived' END AS "status!",
                  d.file_name, d.size, d.page_count,
                  COALESCE(d.experience_id, d.education_id, d.certification_id) AS belongs_to,
                  r.validation_id IS NOT NULL AS "counts!", r.outcome AS "outcome?",
                  r.reason AS "reason?", r.reviewed_by AS "reviewed_by?",
                  r.reviewed_at AS "reviewed_at?"
           FROM document.documents d
           LEFT JOIN admin.document_reviews r
              ON r.document_id = d.id AND r.validation_id = $1
           WHERE d.profile_id = $2 AND (d.archived_at IS NULL OR r.outcome IS NOT NULL)
           ORDER BY d.created_at, d.id"#,
        validation_id,
        profile_id,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let outcome = row
                .outcome
                .map(|outcome| {
                    code(
                        "admin.document_reviews.outcome",
                        &outcome,
                        ReviewOutcome::from_code,
                    )
                })
                .transpose()?;
            Ok(CaseDocument {
                id: row.id,
                kind: row.kind,
                status: row.status,
                file_name: row.file_name,
                size: row.size,
                page_count: row.page_count,
                belongs_to: row.belongs_to,
                counts: row.counts,
                review: outcome.map(|outcome| DocumentReview {
                    outcome,
                    reason: row.reason,
                    reviewed_by: row.reviewed_by,
                    reviewed_at: row.reviewed_at,
                }),
            })
        })
        .collect()
}

async fn interviews(
    connection: &mut PgConnection,
    validation_id: Uuid,
    user_id: Uuid,
) -> Result<Vec<Interview>, StoreError> {
    let rows = sqlx::query!(
        "SELECT id, status, starts_at, duration_minutes, mode, place, sequence, scheduled_by,
                report, completed_at
         FROM admin.interviews WHERE validation_id = $1 ORDER BY starts_at, id",
        validation_id,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Interview {
                id: row.id,
                validation_id,
                user_id,
                status: code(
                    "admin.interviews.status",
                    &row.status,
                    InterviewStatus::from_code,
                )?,
                starts_at: row.starts_at,
                duration_minutes: row.duration_minutes,
                mode: code("admin.interviews.mode", &row.mode, InterviewMode::from_code)?,
                place: row.place,
                sequence: row.sequence,
                reviewer_id: row.scheduled_by,
                report: row.report,
                completed_at: row.completed_at,
            })
        })
        .collect()
}

/// The last events of the case. Readings are left out: the audit trail has them.
async fn history(
    connection: &mut PgConnection,
    validation_id: Uuid,
) -> Result<Vec<HistoryEntry>, StoreError> {
    let mut entries = sqlx::query_as!(
        HistoryEntry,
        r#"SELECT id, type AS event, occurred_at AS at, actor_id, actor_kind, payload AS details
           FROM events.events
           WHERE payload ? 'validation_id' AND payload ->> 'validation_id' = $1::text
              AND type <> 'profile.accessed'
           ORDER BY id DESC LIMIT 200"#,
        validation_id.to_string(),
    )
    .fetch_all(connection)
    .await?;
    entries.reverse();
    Ok(entries)
}
