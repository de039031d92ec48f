//! `GET /candidates/me/profile`: one's own profile.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use store::candidates;

use super::view::ProfileView;
use crate::gateway::caller::Allowed;
use crate::gateway::codes::common;
use crate::gateway::if_match::etag;
use crate::gateway::permission::ProfileReadOwn;
use crate::gateway::problem::ApiError;
use crate::state::AppState;

/// Read one's own profile
///
/// The `ETag` is what an edit sends back as `If-Match`.
#[utoipa::path(
    get,
    path = "/me/profile",
    tag = "candidates",
    responses(
        (status = 200, description = "The whole profile", body = ProfileView,
            headers(("ETag" = String, description = "The profile's version"))),
        (status = 404, description = "The account has no profile"),
    )
)]
pub async fn profile(
    State(state): State<AppState>,
    caller: Allowed<ProfileReadOwn>,
) -> Result<impl IntoResponse, ApiError> {
    let stored = candidates::load_profile(&state.store, caller.user_id)
        .await?
        .ok_or_else(|| ApiError::new(common::NOT_FOUND))?;
    let tag = etag(stored.version);
    let view = ProfileView::new(stored, state.store.now().date_naive());
    Ok(([(header::ETAG, tag)], Json(view)))
}
