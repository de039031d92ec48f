//! How an activity fails: a refusal is final, everything else is tried again.
//!
//! Messages of failures stay in histories, so they hold codes and never what a driver said: a
//! violated constraint quotes the row.

use store::{StoreError, Writer, commands};
use temporalio_common::ActivityError;
use temporalio_common::error::ApplicationFailure;
use uuid::Uuid;
use workflows::commands::Refusal;

/// The failure of a command that the state does not allow: not tried again, and read back by
/// `workflows::conventions::refusal_of` and by the API.
#[must_use]
pub fn refused(refusal: &Refusal) -> ActivityError {
    ActivityError::application(
        ApplicationFailure::builder(refusal.to_string())
            .type_name(Refusal::FAILURE_TYPE.to_owned())
            .non_retryable(true)
            .build(),
    )
}

/// What a command came to: the change, a refusal, or a failure that Temporal tries again.
pub async fn answered<T>(
    writer: &Writer,
    command_id: Uuid,
    outcome: Result<Result<T, Refusal>, StoreError>,
) -> Result<T, ActivityError> {
    commands::conclude(writer, command_id, outcome)
        .await
        .map_err(|error| failed(&error))?
        .map_err(|refusal| refused(&refusal))
}

/// The failure of a step that Temporal tries again. What the driver said goes to the log only.
#[must_use]
pub fn failed(error: &StoreError) -> ActivityError {
    tracing::warn!(
        error = error as &(dyn std::error::Error + 'static),
        "an activity failed"
    );
    ActivityError::application(
        ApplicationFailure::builder(error.to_string())
            .type_name("StoreError".to_owned())
            .build(),
    )
}
