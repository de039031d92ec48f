//! A case appears in the queue.

use chrono::{DateTime, SubsecRound, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::events::EventType;
use workflows::validation::{Case, OpenCase};

use super::turn::lock;
use crate::context::Context;
use crate::database::Writer;
use crate::error::StoreError;
use crate::events;

/// Writes the row of a case with the documents that count: from now on it can be claimed. Doing
/// it again changes nothing.
pub async fn open_case(writer: &Writer, open: &OpenCase) -> Result<Case, StoreError> {
    let mut tx = writer.begin().await?;
    let opened = sqlx::query!(
        "INSERT INTO admin.validations
            (id, profile_id, user_id, number, submitted_at, grid_version, created_at)
         SELECT $1, $2, $3,
                COALESCE((SELECT submission_number FROM candidate.profiles WHERE id = $2), 1),
                $4, (SELECT max(version) FROM admin.assessment_grids), $5
         ON CONFLICT (id) DO NOTHING",
        open.validation_id,
        open.profile_id,
        open.user_id,
        open.submitted_at.trunc_subsecs(6),
        writer.now(),
    )
    .execute(&mut *tx)
    .await?;
    if opened.rows_affected() == 1 {
        let ids = (open.validation_id, open.profile_id);
        let documents = count_documents(&mut tx, ids, open.submitted_at.trunc_subsecs(6)).await?;
        let row = lock(&mut tx, open.validation_id).await?.ok_or_else(gone)?;
        let context = Context::system(open.correlation_id, open.event_id);
        let event = row.event(
            EventType::DocumentVerificationRequested,
            &json!({"document_ids": documents}),
        );
        events::append(&mut tx, writer, &context, event).await?;
    }
    let row = lock(&mut tx, open.validation_id).await?.ok_or_else(gone)?;
    tx.commit().await?;
    Ok(row.case)
}

fn gone() -> StoreError {
    StoreError::inconsistent(
        "admin.validations",
        "the case that was just written is gone",
    )
}

/// Makes the documents that were available when the profile was submitted the ones that count: the
/// case may open much later, and what was settled meanwhile is not part of the submission. What is
/// pending and is not available any more counts no longer. Returns those that are new.
pub(super) async fn count_documents(
    connection: &mut PgConnection,
    (validation_id, profile_id): (Uuid, Uuid),
    submitted_at: DateTime<Utc>,
) -> Result<Vec<Uuid>, StoreError> {
    sqlx::query!(
        "DELETE FROM admin.document_reviews r
         WHERE r.validation_id = $1 AND r.outcome IS NULL AND NOT EXISTS (
            SELECT 1 FROM document.documents d
            WHERE d.id = r.document_id AND d.status = 'available' AND d.archived_at IS NULL)",
        validation_id,
    )
    .execute(&mut *connection)
    .await?;
    let new = sqlx::query_scalar!(
        "INSERT INTO admin.document_reviews (validation_id, document_id)
         SELECT $1, d.id FROM document.documents d
         WHERE d.profile_id = $2 AND d.status = 'available' AND d.archived_at IS NULL
            AND d.settled_at <= $3
         ON CONFLICT (validation_id, document_id) DO NOTHING
         RETURNING document_id",
        validation_id,
        profile_id,
        submitted_at,
    )
    .fetch_all(connection)
    .await?;
    Ok(new)
}
