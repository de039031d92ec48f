//! `POST /auth/refresh`

use axum::extract::State;
use serde::Deserialize;
use store::identity::RefreshRefusal;
use store::secrets::RefreshToken;
use utoipa::ToSchema;

use super::session::SessionAnswer;
use crate::gateway::caller::Anyone;
use crate::gateway::codes::identity::INVALID_REFRESH_TOKEN;
use crate::gateway::json::Json;
use crate::gateway::problem::ApiError;
use crate::state::AppState;

/// A refresh token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RefreshRequest {
    pub(super) refresh_token: String,
}

/// Exchanges a refresh token for a new pair. Asked again within a minute, for an answer that was
/// lost, it gives the same successor while that is unused; otherwise it ends the session.
#[utoipa::path(post, path = "/refresh", tag = "auth", security(()),
    request_body = RefreshRequest,
    responses(
        (status = OK, description = "A new pair", body = SessionAnswer),
        (status = UNAUTHORIZED, description = "`invalid_refresh_token`")))]
pub(super) async fn refresh(
    State(state): State<AppState>,
    anyone: Anyone,
    body: Json<RefreshRequest>,
) -> Result<axum::Json<SessionAnswer>, ApiError> {
    let over = || ApiError::new(INVALID_REFRESH_TOKEN);
    let token = RefreshToken::parse(&body.content.refresh_token).ok_or_else(over)?;
    let successor = state.keyring.successor(&token);
    let session =
        store::identity::refresh(&state.store, &anyone.context(), &token, &successor).await?;
    let standing = store::identity::standing(&state.store, session.user_id).await?;
    let standing = standing.filter(|standing| standing.may_act_for(session.company_id));
    let standing = standing.ok_or_else(over)?;
    let person = store::identity::person(&state.store, session.user_id)
        .await?
        .ok_or_else(over)?;
    SessionAnswer::new(&state, session, person, &standing, &successor).map(axum::Json)
}

impl From<RefreshRefusal> for ApiError {
    fn from(refusal: RefreshRefusal) -> Self {
        match refusal {
            RefreshRefusal::Invalid => Self::new(INVALID_REFRESH_TOKEN),
            RefreshRefusal::Store(error) => error.into(),
        }
    }
}
