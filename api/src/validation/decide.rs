//! `POST /admin/validations/{id}/decision`

use axum::extract::State;
use axum::http::StatusCode;
use futures::FutureExt;
use serde::Deserialize;
use store::Context;
use store::validation::CommandTexts;
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::fields::FieldCode;
use workflows::validation::rules::reason_problem;
use workflows::validation::{Decide, DecisionOutcome, ProfileValidation};

use super::command::{CommandView, in_turn, or_lost, prepare, send, text, unblocked};
use crate::gateway::caller::Allowed;
use crate::gateway::idempotency::{Acted, Once};
use crate::gateway::json::Body;
use crate::gateway::path::Path;
use crate::gateway::permission::CaseDecide;
use crate::gateway::problem::ApiError;
use crate::gateway::rendered::Rendered;
use crate::state::AppState;

/// A decision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(title = "DecisionRequest", example = json!({"outcome": "rejected", "reason": "Le parcours ne correspond pas encore."}))]
pub struct DecisionRequest {
    /// `validated` or `rejected`.
    outcome: String,
    /// Why; a rejection needs at least ten characters.
    reason: Option<String>,
}

/// Validate or reject the profile
#[utoipa::path(
    post,
    path = "/validations/{id}/decision",
    tag = "admin",
    params(("id" = Uuid, Path, description = "The case")),
    request_body = DecisionRequest,
    responses(
        (status = 200, description = "Decided; `status` is the profile's", body = CommandView),
        (status = 202, description = "Accepted and not finished yet", body = CommandView),
        (status = 409, description = "`decision_blocked` with its reasons, `already_decided`, `not_claimed`, `awaiting_candidate`"),
    )
)]
pub async fn decide(
    State(state): State<AppState>,
    caller: Allowed<CaseDecide>,
    Path(id): Path<Uuid>,
    once: Once,
    body: Body,
) -> Result<Rendered, ApiError> {
    once.run(
        &state,
        caller.context(),
        body.bytes(),
        async |context| give(&state, context, id, &body).boxed().await,
        async |kept| CommandView::again(StatusCode::OK, (id, id), &kept),
    )
    .await
}

async fn give(
    state: &AppState,
    context: Context,
    id: Uuid,
    body: &Body,
) -> Result<Acted, ApiError> {
    // What is asked decides which rules apply, so an unreadable body is judged as a rejection,
    // the one that needs least.
    let request = body.read::<DecisionRequest>().and_then(|request| {
        DecisionOutcome::from_code(&request.outcome)
            .map(|outcome| (outcome, request.reason))
            .ok_or_else(|| ApiError::field("/outcome", FieldCode::UnknownCode))
    });
    let action = request
        .as_ref()
        .map_or(DecisionOutcome::Rejected, |(outcome, _)| *outcome)
        .action();
    let _turn = in_turn(state, &context, id, action).await?;
    let (outcome, reason) = request?;
    if outcome == DecisionOutcome::Validated {
        unblocked(state, id).await?;
    }
    let reason = text("/reason", reason)?;
    if let Some(problem) = reason_problem(outcome.into(), reason.as_deref()) {
        return Err(ApiError::field("/reason", problem));
    }
    let texts = CommandTexts {
        reason,
        ..CommandTexts::default()
    };
    let order = prepare(state, &context, texts, Decide { outcome }).await?;
    let sent = send(state, id, || ProfileValidation::decide, &order).await;
    let changed = or_lost(state, &context, id, action, sent).await?;
    let done = changed.map(|changed| changed.profile_status.to_string());
    CommandView::answer(StatusCode::OK, (id, id), done)
}
