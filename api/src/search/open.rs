//! `POST /search/profiles/{profile_id}/opening`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use store::idempotency::Lookup;
use store::search::{Look, Opening, OpeningError};
use uuid::Uuid;

use super::profile::ProfileAnswer;
use crate::gateway::caller::Allowed;
use crate::gateway::codes::common::NOT_FOUND;
use crate::gateway::codes::search::QUOTA_EXCEEDED;
use crate::gateway::idempotency::Once;
use crate::gateway::json::NoBody;
use crate::gateway::path::Path;
use crate::gateway::permission::SearchOpenProfile;
use crate::gateway::problem::{ApiError, PROBLEM_JSON, Problem};
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
) -> Result<(StatusCode, Json<ProfileAnswer>), ApiError> {
    let company_id = caller.company()?;
    once.run(
        &state,
        caller.context(),
        body.bytes(),
        async |context| {
            let opening = store::search::open(
                &state.store,
                &context,
                company_id,
                profile_id,
                caller.user_id,
            );
            Ok(match opening.await? {
                Opening::Charged(opened) => (StatusCode::CREATED, Json((*opened).into())),
                Opening::Again(opened) => {
                    let status = status_of_again(&state, &context).await?;
                    (status, Json((*opened).into()))
                }
            })
        },
        async |_| again(&state, &caller.context(), company_id, profile_id).await,
    )
    .await
}

/// What was opened already may be the effect of this very key, sent twice at once: then its answer
/// is that one's.
async fn status_of_again(
    state: &AppState,
    context: &store::Context,
) -> Result<StatusCode, ApiError> {
    let Some(mark) = &context.idempotency else {
        return Ok(StatusCode::OK);
    };
    match store::idempotency::find(&state.store, mark).await? {
        Lookup::Kept(_) => Ok(StatusCode::CREATED),
        Lookup::New | Lookup::Reused => Ok(StatusCode::OK),
    }
}

/// The first answer, built from what is true now: it was charged then, and is not again.
async fn again(
    state: &AppState,
    context: &store::Context,
    company_id: Uuid,
    profile_id: Uuid,
) -> Result<(StatusCode, Json<ProfileAnswer>), ApiError> {
    match store::search::look(&state.store, context, company_id, profile_id).await? {
        Some(Look::Opened(opened)) => Ok((StatusCode::CREATED, Json((*opened).into()))),
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
