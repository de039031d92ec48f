//! Whether the master keys are what they were, before the API seals anything under them.

use std::time::Duration;

use store::documents::{MasterKeyError, prove_master_keys};
use tokio_util::sync::CancellationToken;

use crate::state::AppState;

/// Between two questions to a PostgreSQL that is away.
const BETWEEN_PROOFS: Duration = Duration::from_secs(1);

/// Asks once: an API whose master keys have changed does not start. While PostgreSQL is away it does,
/// and no document is taken in.
pub async fn prove_at_the_start(state: &AppState) -> Result<(), MasterKeyError> {
    match prove_master_keys(&state.store, &state.vault.keys).await {
        Err(MasterKeyError::Store(error)) => {
            let error: &(dyn std::error::Error + 'static) = &error;
            tracing::warn!(error, "the master keys cannot be proved yet");
            Ok(())
        }
        proved => proved,
    }
}

/// Goes on asking until there is an answer; one that the keys have changed stops the API.
pub async fn go_on_proving(state: AppState, stop: CancellationToken) -> Result<(), MasterKeyError> {
    loop {
        match prove_master_keys(&state.store, &state.vault.keys).await {
            Ok(()) => return Ok(()),
            Err(MasterKeyError::Store(_)) => {}
            changed => {
                stop.cancel();
                return changed;
            }
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(BETWEEN_PROOFS) => {}
        }
    }
}
