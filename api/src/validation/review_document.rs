//! `POST /admin/validations/{id}/documents/{document_id}/review`

use axum::extract::State;
use axum::http::StatusCode;
use futures::FutureExt;
use serde::Deserialize;
use store::Context;
use store::validation::{self, CommandTexts};
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::fields::FieldCode;
use workflows::validation::rules::review_reason_problem;
use workflows::validation::{Action, ProfileValidation, ReviewDocument, ReviewOutcome};

use super::command::{CommandView, allowed, prepare, send, text};
use crate::gateway::caller::Allowed;
use crate::gateway::codes::validation::DOCUMENT_NOT_FOUND;
use crate::gateway::idempotency::{Acted, Once};
use crate::gateway::json::Body;
use crate::gateway::path::Path;
use crate::gateway::permission::CaseReviewDocument;
use crate::gateway::problem::ApiError;
use crate::gateway::rendered::Rendered;
use crate::state::AppState;

/// A word on a document.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(title = "DocumentReviewRequest", example = json!({"outcome": "refused", "reason": "Page 2 manque."}))]
pub struct ReviewRequest {
    /// `accepted`, `refused` or `replacement_requested`.
    outcome: String,
    /// Why; a refusal needs it.
    reason: Option<String>,
}

/// Review a document
#[utoipa::path(
    post,
    path = "/validations/{id}/documents/{document_id}/review",
    tag = "admin",
    params(
        ("id" = Uuid, Path, description = "The case"),
        ("document_id" = Uuid, Path, description = "The document"),
    ),
    request_body = ReviewRequest,
    responses(
        (status = 200, description = "Recorded", body = CommandView),
        (status = 202, description = "Accepted and not finished yet", body = CommandView),
        (status = 409, description = "`not_claimed`, `awaiting_candidate`, `already_decided`, `document_not_available`"),
    )
)]
pub async fn review_document(
    State(state): State<AppState>,
    caller: Allowed<CaseReviewDocument>,
    Path((id, document_id)): Path<(Uuid, Uuid)>,
    once: Once,
    body: Body,
) -> Result<Rendered, ApiError> {
    let ids = (id, document_id);
    once.run(
        &state,
        caller.context(),
        body.bytes(),
        async |context| give(&state, context, ids, &body).boxed().await,
        async |kept| CommandView::again(StatusCode::OK, ids, &kept),
    )
    .await
}

async fn give(
    state: &AppState,
    context: Context,
    (id, document_id): (Uuid, Uuid),
    body: &Body,
) -> Result<Acted, ApiError> {
    if !validation::has_document(&state.store, id, document_id).await? {
        return Err(ApiError::new(DOCUMENT_NOT_FOUND));
    }
    allowed(state, &context, id, Action::ReviewDocument).await?;
    let request: ReviewRequest = body.read()?;
    let outcome = ReviewOutcome::from_code(&request.outcome)
        .ok_or_else(|| ApiError::field("/outcome", FieldCode::UnknownCode))?;
    let reason = text("/reason", request.reason)?;
    if let Some(problem) = review_reason_problem(outcome, reason.as_deref()) {
        return Err(ApiError::field("/reason", problem));
    }
    let texts = CommandTexts {
        reason,
        ..CommandTexts::default()
    };
    let review = ReviewDocument {
        document_id,
        outcome,
    };
    let order = prepare(state, &context, texts, review).await?;
    let changed = send(state, id, || ProfileValidation::review_document, &order).await?;
    let done = changed.map(|changed| changed.case.status.to_string());
    CommandView::answer(StatusCode::OK, (id, document_id), done)
}
