//! `GET /auth/me`

use axum::Json;
use axum::extract::State;

use super::session::UserAnswer;
use crate::gateway::caller::Allowed;
use crate::gateway::codes::common::UNAUTHENTICATED;
use crate::gateway::permission::AccountReadOwn;
use crate::gateway::problem::ApiError;
use crate::state::AppState;

/// Who the caller is.
#[utoipa::path(get, path = "/me", tag = "auth",
    responses((status = OK, description = "The caller's account", body = UserAnswer)))]
pub(super) async fn me(
    State(state): State<AppState>,
    caller: Allowed<AccountReadOwn>,
) -> Result<Json<UserAnswer>, ApiError> {
    let person = store::identity::person(&state.store, caller.user_id).await?;
    let person = person.ok_or_else(|| ApiError::new(UNAUTHENTICATED))?;
    Ok(Json(UserAnswer::new(
        person,
        &caller.roles,
        caller.company_id,
    )))
}
