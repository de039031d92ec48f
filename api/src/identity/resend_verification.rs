//! `POST /auth/verify-email/resend`

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use workflows::identity::rules::normalise_email;

use super::register::{ACCEPTED, VerificationSent};
use crate::gateway::caller::Anyone;
use crate::gateway::idempotency::Once;
use crate::gateway::json::Json;
use crate::gateway::problem::ApiError;
use crate::gateway::rendered::Rendered;
use crate::state::AppState;

/// The address that waits for its mail.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "awa.kone@example.ci"}))]
pub(super) struct ResendRequest {
    #[schema(format = Email, max_length = 254)]
    email: String,
}

/// Sends the verification mail again, at most three an hour with those of registrations.
#[utoipa::path(post, path = "/verify-email/resend", tag = "auth", security(()),
    request_body = ResendRequest,
    responses((status = ACCEPTED, description = "Whether or not the address is known", body = VerificationSent)))]
pub(super) async fn resend_verification(
    State(state): State<AppState>,
    anyone: Anyone,
    once: Once,
    body: Json<ResendRequest>,
) -> Result<Rendered, ApiError> {
    once.run(
        &state,
        anyone.context(),
        &body.bytes,
        async |context| {
            let email = normalise_email(&body.content.email)
                .map_err(|code| ApiError::field("/email", code))?;
            store::identity::resend_verification(&state.store, &context, &email).await?;
            Ok(ACCEPTED)
        },
        async |_| Ok(ACCEPTED),
    )
    .await
}
