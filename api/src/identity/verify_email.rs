//! `POST /auth/verify-email`

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use store::identity::VerificationRefusal;
use store::secrets::LinkPurpose;
use utoipa::ToSchema;

use crate::gateway::caller::Anyone;
use crate::gateway::codes::identity::INVALID_TOKEN;
use crate::gateway::idempotency::Once;
use crate::gateway::json::Json;
use crate::gateway::problem::ApiError;
use crate::gateway::rendered::Rendered;
use crate::state::AppState;

/// The token of the link that was mailed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VerifyEmailRequest {
    token: String,
}

/// Verifies the address; again within the link's 24 hours, it says so again.
#[utoipa::path(post, path = "/verify-email", tag = "auth", security(()),
    request_body = VerifyEmailRequest,
    responses((status = NO_CONTENT, description = "The address is verified")))]
pub(super) async fn verify_email(
    State(state): State<AppState>,
    anyone: Anyone,
    once: Once,
    body: Json<VerifyEmailRequest>,
) -> Result<Rendered, ApiError> {
    once.run(
        &state,
        anyone.context(),
        &body.bytes,
        async |context| {
            let link_id = state
                .keyring
                .link_id(LinkPurpose::VerifyEmail, &body.content.token);
            let link_id = link_id.ok_or_else(|| ApiError::new(INVALID_TOKEN))?;
            store::identity::verify_email(&state.store, &context, link_id).await?;
            Ok(StatusCode::NO_CONTENT)
        },
        async |_| Ok(StatusCode::NO_CONTENT),
    )
    .await
}

impl From<VerificationRefusal> for ApiError {
    fn from(refusal: VerificationRefusal) -> Self {
        match refusal {
            VerificationRefusal::InvalidLink => Self::new(INVALID_TOKEN),
            VerificationRefusal::Store(error) => error.into(),
        }
    }
}
