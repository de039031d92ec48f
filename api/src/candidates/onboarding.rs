//! `GET /candidates/me/onboarding`: how far the profile has come.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use store::candidates;
use utoipa::ToSchema;

use super::view::{StepView, blockers};
use crate::gateway::caller::Allowed;
use crate::gateway::codes::common;
use crate::gateway::permission::OnboardingReadOwn;
use crate::gateway::problem::{ApiError, ProblemField};
use crate::state::AppState;

/// How far a profile has come, and what keeps it from being submitted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Onboarding", example = json!({
    "current_step": "identity", "completion_percentage": 15, "can_submit": false,
    "blockers": [{"pointer": "/identity/phone", "code": "required", "message": "Ce champ est obligatoire."}],
    "steps": [{"number": 0, "name": "consent", "status": "complete", "missing": []}]
}))]
pub struct OnboardingView {
    /// The first step that is not complete, else `review`.
    current_step: &'static str,
    /// The gauge, 0 to 100.
    completion_percentage: u8,
    /// Whether nothing keeps the profile from being submitted.
    can_submit: bool,
    /// Everything that does.
    blockers: Vec<ProblemField>,
    /// All nine steps.
    steps: Vec<StepView>,
}

/// Read how far one's profile has come
#[utoipa::path(
    get,
    path = "/me/onboarding",
    tag = "candidates",
    responses(
        (status = 200, description = "The gauge, the blockers and the steps", body = OnboardingView),
        (status = 404, description = "The account has no profile"),
    )
)]
pub async fn onboarding(
    State(state): State<AppState>,
    caller: Allowed<OnboardingReadOwn>,
) -> Result<Json<OnboardingView>, ApiError> {
    let stored = candidates::load_profile(&state.store, caller.user_id)
        .await?
        .ok_or_else(|| ApiError::new(common::NOT_FOUND))?;
    let completion = stored.completion(state.store.now().date_naive());
    Ok(Json(OnboardingView {
        current_step: completion.current_step.as_str(),
        completion_percentage: completion.percentage,
        can_submit: completion.can_submit,
        blockers: blockers(completion.blockers, caller.info.locale),
        steps: completion.steps.into_iter().map(StepView::from).collect(),
    }))
}
