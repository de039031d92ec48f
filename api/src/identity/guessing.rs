//! Guesses at passwords, wherever one is asked for without a token: counted and slowed down.

use store::identity::{AttemptInput, Outcome};
use uuid::Uuid;
use workflows::identity::rules::{SlowDown, slow_down};

use crate::gateway::caller::Anyone;
use crate::gateway::codes::identity::LOGIN_SLOWED_DOWN;
use crate::gateway::problem::ApiError;
use crate::state::AppState;

/// What is guessed at.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target<'a> {
    /// The account of an address, by a login.
    Account(&'a str),
    /// The registration of an account that is not verified, by a link.
    Registration(Uuid),
}

/// Puts a guess on record, and makes it wait or refuses it when too many failed before.
pub(super) async fn admit(
    state: &AppState,
    anyone: &Anyone,
    target: Target<'_>,
) -> Result<Uuid, ApiError> {
    let (account_key, email) = match target {
        Target::Account(email) => (
            state.keyring.fingerprint(&[b"login", email.as_bytes()]),
            Some(email),
        ),
        Target::Registration(user_id) => (
            state
                .keyring
                .fingerprint(&[b"verify-email", user_id.as_bytes()]),
            None,
        ),
    };
    let input = AttemptInput {
        account_key: &account_key,
        email,
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
            store::identity::settle_attempt(&state.store, attempt.id, Outcome::Refused).await?;
            Err(ApiError::new(LOGIN_SLOWED_DOWN).retry_after(wait))
        }
    }
}
