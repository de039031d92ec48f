//! `POST /admin/validations/{id}/interviews/{interview_id}/completion`

use axum::extract::State;
use axum::http::StatusCode;
use futures::FutureExt;
use serde::Deserialize;
use store::Context;
use store::validation::CommandTexts;
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::fields::FieldCode;
use workflows::validation::{
    Action, CompleteInterview, InterviewOutcome, ProfileValidation, Wanted,
};

use super::command::{CommandView, allowed, exists, prepare, required, send};
use crate::gateway::caller::Allowed;
use crate::gateway::idempotency::{Acted, Once};
use crate::gateway::json::Body;
use crate::gateway::path::Path;
use crate::gateway::permission::CaseCompleteInterview;
use crate::gateway::problem::ApiError;
use crate::gateway::rendered::Rendered;
use crate::state::AppState;

/// How an interview ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(title = "InterviewCompletion", example = json!({"outcome": "done", "report": "Une personne claire et précise."}))]
pub struct CompletionRequest {
    /// `done` or `no_show`.
    outcome: String,
    /// What came of it.
    report: String,
}

/// Report on an interview that has begun
#[utoipa::path(
    post,
    path = "/validations/{id}/interviews/{interview_id}/completion",
    tag = "admin",
    params(
        ("id" = Uuid, Path, description = "The case"),
        ("interview_id" = Uuid, Path, description = "The interview"),
    ),
    request_body = CompletionRequest,
    responses(
        (status = 200, description = "Recorded", body = CommandView),
        (status = 202, description = "Accepted and not finished yet", body = CommandView),
        (status = 409, description = "`interview_not_started`, `interview_not_scheduled`, `not_claimed`, `awaiting_candidate`, `already_decided`"),
    )
)]
pub async fn complete_interview(
    State(state): State<AppState>,
    caller: Allowed<CaseCompleteInterview>,
    Path((id, interview_id)): Path<(Uuid, Uuid)>,
    once: Once,
    body: Body,
) -> Result<Rendered, ApiError> {
    let ids = (id, interview_id);
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
    (id, interview_id): (Uuid, Uuid),
    body: &Body,
) -> Result<Acted, ApiError> {
    exists(state, id, interview_id).await?;
    let wanted = Wanted::of_interview(Action::CompleteInterview, interview_id);
    allowed(state, &context, id, wanted).await?;
    let request: CompletionRequest = body.read()?;
    let outcome = InterviewOutcome::from_code(&request.outcome)
        .ok_or_else(|| ApiError::field("/outcome", FieldCode::UnknownCode))?;
    let texts = CommandTexts {
        report: Some(required("/report", Some(request.report))?),
        ..CommandTexts::default()
    };
    let complete = CompleteInterview {
        interview_id,
        outcome,
    };
    let order = prepare(state, &context, texts, complete).await?;
    let changed = send(state, id, || ProfileValidation::complete_interview, &order).await?;
    let done = changed.map(|changed| changed.case.status.to_string());
    CommandView::answer(StatusCode::OK, (id, interview_id), done)
}
