//! `POST /auth/login`

use axum::extract::State;
use secrecy::SecretString;
use serde::Deserialize;
use store::Context;
use store::identity::{Credentials, LoginRefusal, NewSession, Outcome};
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::identity::rules::normalise_email;

use super::guessing::{Target, admit};
use super::session::SessionAnswer;
use crate::gateway::caller::Anyone;
use crate::gateway::codes::Code;
use crate::gateway::codes::identity::{ACCOUNT_SUSPENDED, EMAIL_NOT_VERIFIED, INVALID_CREDENTIALS};
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
    let attempt_id = admit(&state, &anyone, Target::Account(&email)).await?;
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
            fail(&state, &anyone.context(), attempt_id, user_id).await
        }
    }
}

/// The answer to a wrong password, and to an address that nobody has.
async fn fail<T>(
    state: &AppState,
    context: &Context,
    attempt_id: Uuid,
    user_id: Option<Uuid>,
) -> Result<T, ApiError> {
    store::identity::fail_attempt(&state.store, context, attempt_id, "login_failed", user_id)
        .await?;
    Err(ApiError::new(INVALID_CREDENTIALS))
}

/// The answer to a right password that opens nothing: it counts for no guess.
async fn refuse<T>(state: &AppState, attempt_id: Uuid, code: Code) -> Result<T, ApiError> {
    store::identity::settle_attempt(&state.store, attempt_id, Outcome::Refused).await?;
    Err(ApiError::new(code))
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
        return refuse(state, attempt_id, code).await;
    }
    let user_id = known.person.id;
    let standing = store::identity::standing(&state.store, user_id).await?;
    let standing = standing.ok_or_else(|| ApiError::new(INVALID_CREDENTIALS))?;
    let company_id = standing.memberships.first().map(|member| member.company_id);
    let token = state.keyring.new_refresh_token();
    let new = NewSession {
        user_id,
        password: &known.password,
        company_id,
        attempt_id,
    };
    match store::identity::start_session(&state.store, context, new, &token).await {
        Ok(session) => {
            SessionAnswer::new(state, session, known.person, &standing, &token).map(axum::Json)
        }
        // What was asked before has changed while the password was looked at.
        Err(LoginRefusal::Suspended) => refuse(state, attempt_id, ACCOUNT_SUSPENDED).await,
        Err(LoginRefusal::Outdated) => fail(state, context, attempt_id, Some(user_id)).await,
        Err(LoginRefusal::Store(error)) => Err(error.into()),
    }
}
