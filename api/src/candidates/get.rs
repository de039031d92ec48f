//! `GET /candidates/{id}`: a profile, read by an admin; the reading is audited.

use axum::Json;
use axum::extract::State;
use store::candidates;
use uuid::Uuid;

use super::view::ProfileView;
use crate::gateway::caller::Allowed;
use crate::gateway::codes::common;
use crate::gateway::path::Path;
use crate::gateway::permission::ProfileReadAny;
use crate::gateway::problem::ApiError;
use crate::state::AppState;

/// Read a candidate's profile
#[utoipa::path(
    get,
    path = "/{id}",
    tag = "candidates",
    params(("id" = Uuid, Path, description = "The profile")),
    responses((status = 200, description = "The whole profile", body = ProfileView))
)]
pub async fn get(
    State(state): State<AppState>,
    caller: Allowed<ProfileReadAny>,
    Path(id): Path<Uuid>,
) -> Result<Json<ProfileView>, ApiError> {
    let stored = candidates::access_profile(&state.store, &caller.context(), id)
        .await?
        .ok_or_else(|| ApiError::new(common::NOT_FOUND))?;
    let today = state.store.now().date_naive();
    Ok(Json(ProfileView::new(stored, today)))
}
