//! `POST /auth/login`

use axum::extract::State;
use secrecy::SecretString;
use serde::Deserialize;
use store::Context;
use store::identity::{AttemptInput, Credentials, NewSession, Refreshed};
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::identity::rules::{SlowDown, normalise_email, slow_down};

use super::session::SessionAnswer;
use crate::gateway::caller::Anyone;
use crate::gateway::codes::identity::{
    ACCOUNT_SUSPENDED, EMAIL_NOT_VERIFIED, INVALID_CREDENTIALS, LOGIN_SLOWED_DOWN,
};
use crate::gateway::json::{Json, secret};
use crate::gateway::problem::ApiError;
use crate::state::AppState;

/// An address and its password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "awa.kone@example.ci", "password": "orage-violet-cactus-42"}))]
pub(super) struct LoginRequest {
    #[schema(format = Email)]
    email: String,
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// The code of a second factor; accounts have none yet.
    #[expect(
        dead_code,
        reason = "part of the contract; second factors have their own issue"
    )]
    totp_code: Option<String>,
}

/// Logs in. Failures slow further attempts down, per account and per network.
#[utoipa::path(post, path = "/login", tag = "auth", security(()),
    request_body = LoginRequest,
    responses(
        (status = OK, description = "Logged in", body = SessionAnswer),
        (status = UNAUTHORIZED, description = "`invalid_credentials`"),
        (status = FORBIDDEN, description = "`email_not_verified`, `account_suspended`")))]
pub(super) async fn login(
    State(state): State<AppState>,
    anyone: Anyone,
    body: Json<LoginRequest>,
) -> Result<axum::Json<SessionAnswer>, ApiError> {
    let request = body.content;
    let email = normalise_email(&request.email).unwrap_or_default();
    let attempt_id = admit(&state, &anyone, &email).await?;
    let known = store::identity::credentials(&state.store, &email).await?;
    let stored = known.as_ref().map(|known| &known.password);
    let right = state
        .passwords
        .verify(&request.password, stored)
        .await
        .map_err(ApiError::internal)?;
    match known {
        Some(known) if right => begin(&state, &anyone.context(), known, attempt_id).await,
        known => {
            let user_id = known.map(|known| known.person.id);
            store::identity::fail_attempt(&state.store, &anyone.context(), attempt_id, user_id)
                .await?;
            Err(ApiError::new(INVALID_CREDENTIALS))
        }
    }
}

/// Puts the attempt on record, and makes it wait or refuses it when too many failed before.
async fn admit(state: &AppState, anyone: &Anyone, email: &str) -> Result<Uuid, ApiError> {
    let account_key = state.keyring.fingerprint(&[b"login", email.as_bytes()]);
    let input = AttemptInput {
        account_key: &account_key,
        address: anyone.0.address,
        user_agent: anyone.0.user_agent.as_deref(),
    };
    let attempt = store::identity::begin_attempt(&state.store, input).await?;
    match slow_down(&attempt.before, state.store.now()) {
        SlowDown::After(delay) => {
            tokio::time::sleep(delay).await;
            Ok(attempt.id)
        }
        SlowDown::Refused(wait) => {
            store::identity::refuse_attempt(&state.store, attempt.id).await?;
            Err(ApiError::new(LOGIN_SLOWED_DOWN).retry_after(wait))
        }
    }
}

/// Begins a session for somebody whose password was right.
async fn begin(
    state: &AppState,
    context: &Context,
    known: Credentials,
    attempt_id: Uuid,
) -> Result<axum::Json<SessionAnswer>, ApiError> {
    let refusal = match (known.verified, known.suspended) {
        (_, true) => Some(ACCOUNT_SUSPENDED),
        (false, _) => Some(EMAIL_NOT_VERIFIED),
        (true, false) => None,
    };
    if let Some(code) = refusal {
        store::identity::refuse_attempt(&state.store, attempt_id).await?;
        return Err(ApiError::new(code));
    }
    let user_id = known.person.id;
    let standing = store::identity::standing(&state.store, user_id).await?;
    let standing = standing.ok_or_else(|| ApiError::new(INVALID_CREDENTIALS))?;
    let company_id = standing.memberships.first().map(|member| member.company_id);
    let token = state.keyring.new_refresh_token();
    let session = NewSession {
        user_id,
        company_id,
        attempt_id,
    };
    let session_id = store::identity::start_session(&state.store, context, session, &token).await?;
    let session = Refreshed {
        session_id,
        user_id,
        company_id,
    };
    SessionAnswer::new(state, session, known.person, &standing, &token).map(axum::Json)
}
