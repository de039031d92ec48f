//! `POST /auth/logout-all`

use axum::extract::State;
use axum::http::StatusCode;
use store::secrets::RefreshToken;

use super::refresh::RefreshRequest;
use crate::gateway::caller::Anyone;
use crate::gateway::idempotency::Once;
use crate::gateway::json::Json;
use crate::gateway::problem::ApiError;
use crate::gateway::rendered::Rendered;
use crate::state::AppState;

/// Ends every session of the refresh token's owner.
#[utoipa::path(post, path = "/logout-all", tag = "auth", security(()),
    request_body = RefreshRequest,
    responses((status = NO_CONTENT, description = "Logged out")))]
pub(super) async fn logout_all(
    State(state): State<AppState>,
    anyone: Anyone,
    once: Once,
    body: Json<RefreshRequest>,
) -> Result<Rendered, ApiError> {
    once.run(
        &state,
        anyone.context(),
        &body.bytes,
        async |context| {
            if let Some(token) = RefreshToken::parse(&body.content.refresh_token) {
                store::identity::end_every_session(&state.store, &context, &token).await?;
            }
            Ok(StatusCode::NO_CONTENT)
        },
        async |_| Ok(StatusCode::NO_CONTENT),
    )
    .await
}
