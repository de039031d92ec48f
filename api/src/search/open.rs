//! `POST /search/profiles/{profile_id}/opening`

use axum::extract::State;
use axum::http::StatusCode;
use futures::FutureExt as _;
use store::search::{Look, OpenedProfile, Opening, OpeningError};
use uuid::Uuid;

use super::profile::ProfileAnswer;
use crate::gateway::caller::Allowed;
use crate::gateway::codes::common::NOT_FOUND;
use crate::gateway::codes::search::QUOTA_EXCEEDED;
use crate::gateway::idempotency::{Acted, Once};
use crate::gateway::json::NoBody;
use crate::gateway::path::Path;
use crate::gateway::permission::SearchOpenProfile;
use crate::gateway::problem::{ApiError, PROBLEM_JSON, Problem};
use crate::gateway::rendered::Rendered;
use crate::state::AppState;

/// Opens a profile: one consultation, unless the company opened it in its current period.
#[utoipa::path(post, path = "/profiles/{profile_id}/opening", tag = "search",
    params(("profile_id" = Uuid, Path, description = "The profile")),
    responses(
        (status = CREATED, description = "Opened, one consultation charged", body = ProfileAnswer),
        (status = OK, description = "Opened before in the current period", body = ProfileAnswer),
        (status = PAYMENT_REQUIRED, description = "The quota of the plan is used up", body = Problem, content_type = PROBLEM_JSON),
    ))]
pub(super) async fn open(
    State(state): State<AppState>,
    caller: Allowed<SearchOpenProfile>,
    once: Once,
    Path(profile_id): Path<Uuid>,
    body: NoBody,
) -> Result<Rendered, ApiError> {
    let company_id = caller.company()?;
    let asked = [company_id.as_bytes().as_slice(), body.bytes()].concat();
    once.run_while(
        &state,
        caller.context(),
        &asked,
        || still_shown(&state, profile_id).boxed(),
        async |context| {
            let seal = |opened: &OpenedProfile| {
                let answer = answer(StatusCode::CREATED, opened.clone()).ok()?;
                once.seal(&state, &context, &answer)
            };
            let (store, opened_by) = (&state.store, caller.user_id);
            match store::search::open(store, &context, company_id, profile_id, opened_by, seal)
                .await?
            {
                Opening::Charged(opened) => answer(StatusCode::CREATED, *opened).map(Acted::Kept),
                Opening::Again(opened) => answer(StatusCode::OK, *opened).map(Acted::Done),
            }
        },
        async |_| again(&state, &caller.context(), company_id, profile_id).await,
    )
    .await
}

/// 404 for a profile that companies may not see any more, whatever they were answered before.
async fn still_shown(state: &AppState, profile_id: Uuid) -> Result<(), ApiError> {
    if store::search::is_shown(&state.store, profile_id).await? {
        Ok(())
    } else {
        Err(ApiError::new(NOT_FOUND))
    }
}

fn answer(status: StatusCode, opened: OpenedProfile) -> Result<Rendered, ApiError> {
    Rendered::json(status, &ProfileAnswer::from(opened))
}

/// The first answer, made of what is true now: it was charged then, and is not again.
async fn again(
    state: &AppState,
    context: &store::Context,
    company_id: Uuid,
    profile_id: Uuid,
) -> Result<Acted, ApiError> {
    match store::search::look(&state.store, context, company_id, profile_id).await? {
        Some(Look::Opened(opened)) => answer(StatusCode::CREATED, *opened).map(Acted::Done),
        Some(Look::NotOpened(_)) | None => Err(ApiError::new(NOT_FOUND)),
    }
}

impl From<OpeningError> for ApiError {
    fn from(error: OpeningError) -> Self {
        match error {
            OpeningError::NotFound => Self::new(NOT_FOUND),
            OpeningError::QuotaExceeded { renews_at } => Self::new(QUOTA_EXCEEDED)
                .with("quota", "consultations")
                .with(
                    "renews_at",
                    renews_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
                ),
            OpeningError::Store(error) => error.into(),
        }
    }
}
