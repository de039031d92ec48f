//! `POST /admin/rejected-profiles/{profile_id}/reactivation`

use axum::extract::State;
use axum::http::StatusCode;
use futures::FutureExt;
use serde::Serialize;
use store::Context;
use store::validation;
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::candidates::{CandidateOnboarding, Reactivate, onboarding_id};

use crate::gateway::caller::Allowed;
use crate::gateway::codes::{candidates as codes, common};
use crate::gateway::commands::{Sent, order};
use crate::gateway::idempotency::{Acted, Once};
use crate::gateway::json::NoBody;
use crate::gateway::path::Path;
use crate::gateway::permission::RejectedProfileReactivate;
use crate::gateway::problem::ApiError;
use crate::gateway::rendered::Rendered;
use crate::state::AppState;

/// What a reactivation led to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Reactivation")]
pub struct ReactivationView {
    /// The profile.
    profile_id: Uuid,
    /// `DRAFT`; absent while the process still works on it (202).
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    /// The process that did it.
    workflow_id: String,
}

/// Let a rejected candidate come back at once
#[utoipa::path(
    post,
    path = "/rejected-profiles/{profile_id}/reactivation",
    tag = "admin",
    params(("profile_id" = Uuid, Path, description = "The profile")),
    responses(
        (status = 200, description = "It is a draft again", body = ReactivationView),
        (status = 202, description = "Accepted and not finished yet", body = ReactivationView),
        (status = 409, description = "`not_rejected`"),
    )
)]
pub async fn reactivate(
    State(state): State<AppState>,
    caller: Allowed<RejectedProfileReactivate>,
    Path(profile_id): Path<Uuid>,
    once: Once,
    body: NoBody,
) -> Result<Rendered, ApiError> {
    once.run(
        &state,
        caller.context(),
        body.bytes(),
        async |context| {
            let done = give(&state, context, profile_id).boxed().await?;
            answer(profile_id, done)
        },
        async |_| answer(profile_id, true),
    )
    .await
}

fn answer(profile_id: Uuid, is_done: bool) -> Result<Acted, ApiError> {
    let view = ReactivationView {
        profile_id,
        status: is_done.then_some("DRAFT"),
        workflow_id: onboarding_id(profile_id),
    };
    if is_done {
        Rendered::json(StatusCode::OK, &view).map(Acted::Done)
    } else {
        Rendered::json(StatusCode::ACCEPTED, &view).map(Acted::Unfinished)
    }
}

async fn give(state: &AppState, context: Context, profile_id: Uuid) -> Result<bool, ApiError> {
    rejected(state, profile_id).await?;
    let process = onboarding_id(profile_id);
    let ask = || rejected(state, profile_id).boxed();
    let (_turn, ()) = state.commands.in_turn(&process, (), ask).await?;
    let order = order(
        state,
        &context,
        Reactivate { profile_id },
        &serde_json::json!({}),
    )
    .await?;
    let sent = state
        .commands
        .send::<CandidateOnboarding, _, _>(&process, || CandidateOnboarding::reactivate, &order)
        .await?;
    Ok(matches!(sent, Sent::Done(_)))
}

async fn rejected(state: &AppState, profile_id: Uuid) -> Result<(), ApiError> {
    match validation::is_rejected(&state.store, profile_id).await? {
        None => Err(ApiError::new(common::NOT_FOUND)),
        Some(false) => Err(ApiError::new(codes::NOT_REJECTED)),
        Some(true) => Ok(()),
    }
}
