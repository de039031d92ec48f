//! What a reviewer says of documents, what the candidate is asked to correct, and the answer.

use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::commands::Refusal;
use workflows::documents::rules::DocumentStatus;
use workflows::events::{EventType, Service};
use workflows::validation::rules::correction_steps;
use workflows::validation::{
    Action, CaseChanged, CaseCommand, RequestCorrection, Resubmit, ReviewDocument, workflow_id,
};

use super::opening::count_documents;
use super::turn::{CommandOutcome, Stop, Turn, outcome, required, seconds, step_names};
use crate::candidates;
use crate::database::{Store, Writer};
use crate::error::StoreError;
use crate::events::NewEvent;

/// Whether a case has that document: one of its profile.
pub async fn has_document(
    store: &Store,
    validation_id: Uuid,
    document_id: Uuid,
) -> Result<bool, StoreError> {
    let mut connection = store.connection().await?;
    let found = sqlx::query_scalar!(
        r#"SELECT EXISTS (
            SELECT 1 FROM admin.validations v
            JOIN document.documents d ON d.profile_id = v.profile_id
            WHERE v.id = $1 AND d.id = $2) AS "found!""#,
        validation_id,
        document_id,
    )
    .fetch_one(&mut *connection)
    .await?;
    Ok(found)
}

/// Records what the reviewer says of a document; saying it again replaces it.
pub async fn review_document(
    writer: &Writer,
    order: &CaseCommand<ReviewDocument>,
) -> CommandOutcome {
    outcome(review(writer, order).await)
}

async fn review(writer: &Writer, order: &CaseCommand<ReviewDocument>) -> Result<CaseChanged, Stop> {
    let review = &order.command.body;
    let mut turn = Turn::begin(writer, order, Action::ReviewDocument).await?;
    let profile_id = turn.row.profile_id;
    is_reviewable(&mut turn.tx, profile_id, review.document_id).await??;
    sqlx::query!(
        "INSERT INTO admin.document_reviews
            (validation_id, document_id, outcome, reason, reviewed_by, reviewed_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (validation_id, document_id) DO UPDATE SET
            outcome = excluded.outcome, reason = excluded.reason,
            reviewed_by = excluded.reviewed_by, reviewed_at = excluded.reviewed_at,
            correction_requested_at = NULL",
        turn.row.id,
        review.document_id,
        review.outcome.as_str(),
        turn.texts.reason,
        turn.actor,
        turn.at,
    )
    .execute(&mut *turn.tx)
    .await?;
    let payload = turn.row.payload(&json!({
        "document_id": review.document_id,
        "outcome": review.outcome,
    }));
    let reviewed = NewEvent::new(
        EventType::DocumentReviewed,
        "document",
        review.document_id,
        payload,
    );
    turn.tell(vec![reviewed]).await?;
    turn.row.touch(turn.at);
    turn.finish(200, &json!({"document_id": review.document_id}))
        .await
}

/// Only a document of this profile that is readable now can be judged.
async fn is_reviewable(
    connection: &mut PgConnection,
    profile_id: Uuid,
    document_id: Uuid,
) -> Result<Result<(), Refusal>, StoreError> {
    let row = sqlx::query!(
        "SELECT status, archived_at FROM document.documents WHERE id = $1 AND profile_id = $2",
        document_id,
        profile_id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(match row {
        None => Err(Refusal::about("document_not_found", document_id)),
        Some(row)
            if row.archived_at.is_some() || row.status != DocumentStatus::Available.as_str() =>
        {
            Err(Refusal::about("document_not_available", document_id))
        }
        Some(_) => Ok(()),
    })
}

/// Asks the candidate for corrections: gathers every document refused or asked for since the
/// last request, and opens the steps.
pub async fn request_correction(
    writer: &Writer,
    order: &CaseCommand<RequestCorrection>,
) -> CommandOutcome {
    outcome(ask(writer, order).await)
}

async fn ask(writer: &Writer, order: &CaseCommand<RequestCorrection>) -> Result<CaseChanged, Stop> {
    let mut turn = Turn::begin(writer, order, Action::RequestCorrection).await?;
    let message = required(turn.texts.message.take())?;
    let documents = gather_documents(&mut turn).await?;
    let steps = correction_steps(&order.command.body.steps, !documents.is_empty())
        .map_err(|_| Refusal::new("nothing_to_correct"))?;
    let deadline = turn.at + seconds(order.timing.correction_deadline);
    let mut told = vec![turn.row.event(
        EventType::CorrectionRequested,
        &json!({"steps": steps, "document_ids": documents, "deadline": deadline}),
    )];
    told.extend(documents.iter().map(|id| ask_for_document(&turn, *id)));
    turn.tell(told).await?;
    let profile_id = turn.row.profile_id;
    let opened =
        candidates::open_correction_steps(&mut turn.tx, writer, profile_id, &steps).await?;
    if !opened {
        return Err(Refusal::new("profile_moved").into());
    }
    turn.row.case.waiting_since = Some(turn.at);
    turn.row.case.correction_deadline = Some(deadline);
    turn.row.correction_requested_at = Some(turn.at);
    turn.row.correction_steps = Some(step_names(&steps));
    turn.row.correction_message = Some(message);
    turn.row.touch(turn.at);
    turn.finish(200, &json!({"status": "awaiting_candidate"}))
        .await
}

/// The candidate gets one mail for a correction request, so the notifications do not hear of
/// each document.
fn ask_for_document(turn: &Turn<'_>, document_id: Uuid) -> NewEvent {
    NewEvent::new(
        EventType::DocumentUploadRequested,
        "document",
        document_id,
        turn.row.payload(&json!({"document_id": document_id})),
    )
    .consumed_by_if(Service::Notification, false)
}

async fn gather_documents(turn: &mut Turn<'_>) -> Result<Vec<Uuid>, StoreError> {
    let documents = sqlx::query_scalar!(
        "UPDATE admin.document_reviews SET correction_requested_at = $2
         WHERE validation_id = $1 AND outcome IN ('refused', 'replacement_requested')
            AND correction_requested_at IS NULL
         RETURNING document_id",
        turn.row.id,
        turn.at,
    )
    .fetch_all(&mut *turn.tx)
    .await?;
    Ok(documents)
}

/// Takes the candidate's answer: the case goes on where it was, with the documents of now.
pub async fn resubmit(writer: &Writer, order: &CaseCommand<Resubmit>) -> CommandOutcome {
    outcome(answer(writer, order).await)
}

async fn answer(writer: &Writer, order: &CaseCommand<Resubmit>) -> Result<CaseChanged, Stop> {
    let mut turn = Turn::begin(writer, order, Action::Resubmit).await?;
    let (validation_id, profile_id) = (turn.row.id, turn.row.profile_id);
    if profile_id != order.command.body.profile_id {
        return Err(Refusal::new("case_not_found").into());
    }
    let submitted = candidates::resubmit(
        &mut turn.tx,
        writer,
        &turn.context,
        profile_id,
        validation_id,
    )
    .await?
    .map_err(|refusal| Refusal::from(&refusal))?;
    let documents = count_documents(&mut turn.tx, (validation_id, profile_id), turn.at).await?;
    if !documents.is_empty() {
        let verification = turn.row.event(
            EventType::DocumentVerificationRequested,
            &json!({"document_ids": documents}),
        );
        turn.tell(vec![verification]).await?;
    }
    turn.row.stop_waiting(turn.at);
    turn.row.touch(turn.at);
    let answer = json!({
        "status": submitted.status,
        "workflow_id": workflow_id(validation_id),
    });
    turn.finish(202, &answer).await
}
