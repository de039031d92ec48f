//! `POST /auth/verify-email`

use axum::extract::State;
use axum::http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;
use store::identity::{AskedPassword, Outcome, VerificationRefusal};
use store::secrets::{LinkPurpose, PasswordHash};
use utoipa::ToSchema;
use uuid::Uuid;

use super::guessing::{Target, admit};
use crate::gateway::caller::Anyone;
use crate::gateway::codes::identity::{INVALID_TOKEN, PASSWORD_REQUIRED};
use crate::gateway::idempotency::Once;
use crate::gateway::json::{Json, optional_secret};
use crate::gateway::problem::{ApiError, FieldError};
use crate::gateway::rendered::Rendered;
use crate::state::AppState;

/// The token of the link that was mailed and, where the address was registered more than once, the
/// password of the registration that the link belongs to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VerifyEmailRequest {
    token: String,
    /// Asked for by `password_required`.
    #[serde(default, deserialize_with = "optional_secret")]
    #[schema(value_type = Option<String>, format = Password, max_length = 256)]
    password: Option<SecretString>,
}

/// Verifies the address; again within the link's 24 hours, it says so again. While the address was
/// registered more than once, the link needs the password of its own registration
/// (`password_required`): nobody's click confirms somebody else's password.
#[utoipa::path(post, path = "/verify-email", tag = "auth", security(()),
    request_body = VerifyEmailRequest,
    responses(
        (status = NO_CONTENT, description = "The address is verified"),
        (status = UNPROCESSABLE_ENTITY, description = "`invalid_token`; `password_required` at `/password`")))]
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
            let password = body.content.password.as_ref();
            let proven = prove(&state, &anyone, link_id, password).await?;
            store::identity::verify_email(&state.store, &context, link_id, proven.as_ref()).await?;
            Ok(StatusCode::NO_CONTENT)
        },
        async |_| Ok(StatusCode::NO_CONTENT),
    )
    .await
}

/// The password that the link asks for, found right; `None` when it asks for none.
async fn prove(
    state: &AppState,
    anyone: &Anyone,
    link_id: Uuid,
    given: Option<&SecretString>,
) -> Result<Option<PasswordHash>, ApiError> {
    let Some(asked) = store::identity::asked_password(&state.store, link_id).await? else {
        return Ok(None);
    };
    let given = given.ok_or_else(password_required)?;
    let AskedPassword { user_id, password } = asked;
    let attempt_id = admit(state, anyone, Target::Registration(user_id)).await?;
    let verified = state.passwords.verify(given, Some(&password)).await;
    if verified.map_err(ApiError::internal)? {
        store::identity::settle_attempt(&state.store, attempt_id, Outcome::Succeeded).await?;
        return Ok(Some(password));
    }
    let (context, action) = (anyone.context(), "verification_failed");
    let told =
        store::identity::fail_attempt(&state.store, &context, attempt_id, action, Some(user_id));
    told.await?;
    Err(password_required())
}

fn password_required() -> ApiError {
    ApiError::new(PASSWORD_REQUIRED).with_fields([FieldError::new("/password", PASSWORD_REQUIRED)])
}

impl From<VerificationRefusal> for ApiError {
    fn from(refusal: VerificationRefusal) -> Self {
        match refusal {
            VerificationRefusal::InvalidLink => Self::new(INVALID_TOKEN),
            VerificationRefusal::PasswordRequired => password_required(),
            VerificationRefusal::Store(error) => error.into(),
        }
    }
}
