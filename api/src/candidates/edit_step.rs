//! `PATCH /candidates/me/onboarding/steps/{name}`: the autosave of one step.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Serialize;
use store::candidates::{self, EditError, EditedStep, StepEdit};
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::candidates::profile::StepName;
use workflows::identity::rules::Locale;

use super::refusals::edit_refused;
use super::view::StepView;
use crate::gateway::caller::Allowed;
use crate::gateway::codes::common;
use crate::gateway::if_match::{IfMatch, etag};
use crate::gateway::json::Body;
use crate::gateway::path::Path;
use crate::gateway::permission::ProfileEditOwn;
use crate::gateway::problem::{ApiError, FieldError, ProblemField};
use crate::state::AppState;

/// A step after its edit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "EditedStep", example = json!({
    "profile_version": 4, "completion_percentage": 22,
    "step": {"number": 1, "name": "identity", "status": "in_progress", "missing": ["/identity/phone"]},
    "warnings": []
}))]
pub struct EditedView {
    /// The profile's new version, as in the `ETag`.
    profile_version: i64,
    /// The gauge, 0 to 100.
    completion_percentage: u8,
    /// The step as it stands now.
    step: StepView,
    /// What was kept in this step although it is most likely wrong, as pointers into its body: a
    /// telephone number that its country does not dial any more.
    warnings: Vec<ProblemField>,
}

/// Save what was typed so far in one step
///
/// Partial: an absent field is left alone, `null` or an empty text clears it, an array replaces the one that was
/// there and keeps the items whose `id` is sent. What is merely unfinished is kept and listed as
/// missing.
#[utoipa::path(
    patch,
    path = "/me/onboarding/steps/{name}",
    tag = "candidates",
    params(
        ("name" = String, Path, description = "`consent`, `identity`, `experiences`, `educations`, `certifications`, `skills`, `documents`, `job_preferences` or `review`"),
        ("If-Match" = String, Header, description = "The `ETag` of the profile that was read"),
    ),
    request_body(content = Object, content_type = "application/json", example = json!({
        "phone": "+2250700000001", "city": "Abidjan", "country": "CI"
    })),
    responses(
        (status = 200, description = "Kept", body = EditedView,
            headers(("ETag" = String, description = "The profile's new version"))),
        (status = 409, description = "The profile's status does not allow this edit: `profile_locked`, `step_not_open`, `step_verified`, `resubmission_not_open`"),
    )
)]
pub async fn edit_step(
    State(state): State<AppState>,
    caller: Allowed<ProfileEditOwn>,
    Path(name): Path<String>,
    if_match: Result<IfMatch, ApiError>,
    body: Result<Body, ApiError>,
) -> Result<impl IntoResponse, ApiError> {
    let step = StepName::from_code(&name).ok_or_else(|| ApiError::new(common::NOT_FOUND))?;
    let if_match = if_match?;
    let body = body?;
    let body = match body.value() {
        Ok(body) => body.clone(),
        Err(error) => {
            check(&state, caller.user_id, step, &if_match).await?;
            return Err(error);
        }
    };
    let consent_versions = state.config.candidates.consent_versions();
    let edit = StepEdit {
        user_id: caller.user_id,
        step,
        versions: if_match.versions(),
        body,
        consent_versions: &consent_versions,
    };
    let edited = candidates::edit_step(&state.store, &caller.context(), edit)
        .await
        .map_err(refused)?;
    let tag = etag(edited.version);
    let view = view(edited, step, caller.info.locale)?;
    Ok(([(header::ETAG, tag)], Json(view)))
}

/// 404, 412 and 409 come before a 422 that reading the body has found.
async fn check(
    state: &AppState,
    user_id: Uuid,
    step: StepName,
    if_match: &IfMatch,
) -> Result<(), ApiError> {
    let stored = candidates::load_profile(&state.store, user_id)
        .await?
        .ok_or_else(|| ApiError::new(common::NOT_FOUND))?;
    if_match.check(stored.version)?;
    stored.may_edit(step).map_err(edit_refused)
}

fn view(edited: EditedStep, step: StepName, locale: Locale) -> Result<EditedView, ApiError> {
    let mut steps = edited.completion.steps.into_iter();
    let state = steps
        .find(|state| state.name == step)
        .ok_or_else(|| ApiError::internal("a step without a state"))?;
    Ok(EditedView {
        profile_version: edited.version,
        completion_percentage: edited.completion.percentage,
        step: state.into(),
        warnings: edited
            .warnings
            .into_iter()
            .map(|warning| FieldError::from(warning).shown(locale))
            .collect(),
    })
}

fn refused(error: EditError) -> ApiError {
    match error {
        EditError::NotFound => ApiError::new(common::NOT_FOUND),
        EditError::Stale(version) => {
            ApiError::new(common::PRECONDITION_FAILED).with("profile_version", version)
        }
        EditError::Refused(refusal) => edit_refused(refusal),
        EditError::Invalid(errors) => {
            ApiError::new(common::INVALID).with_fields(errors.into_iter().map(FieldError::from))
        }
        EditError::Store(error) => error.into(),
    }
}
