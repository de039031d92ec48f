//! How an activity fails: a refusal is final, so is what trying again cannot help, and everything
//! else is tried again.
//!
//! Messages of failures stay in histories, so they hold codes and never what a driver said: a
//! violated constraint quotes the row.

use std::error::Error;

use store::{StoreError, Writer, commands};
use temporalio_common::ActivityError;
use temporalio_common::error::ApplicationFailure;
use uuid::Uuid;
use workflows::commands::Refusal;

/// The type of a failure that passes by itself.
const UNAVAILABLE: &str = "Unavailable";
/// The type of a failure that somebody must mend: a missing grant, a violated constraint, a bug.
const FAULT: &str = "Fault";

/// The failure of a command that the state does not allow: not tried again, and read back by
/// `workflows::conventions::refusal_of` and by the API.
#[must_use]
pub fn refused(refusal: &Refusal) -> ActivityError {
    ActivityError::application(refusal.failure())
}

/// What a command came to: the change, a refusal, a failure that Temporal tries again, or a fault
/// that ends the command.
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

/// The failure of a step. Temporal tries it again when that can help; else it ends the attempts
/// and raises the alarm, and the process decides what comes next. What the driver said goes to the
/// log only.
///
/// Another dependency that refuses (a missing bucket, a key that does not hold) raises the alarm
/// and is asked again all the same: no step that needs one holds a place for which others wait.
#[must_use]
pub fn failed(error: &StoreError) -> ActivityError {
    if error.is_retryable() {
        tracing::warn!(
            error = error as &(dyn Error + 'static),
            "an activity failed; it is tried again"
        );
        return retried(UNAVAILABLE, error.to_string());
    }
    tracing::error!(
        error = error as &(dyn Error + 'static),
        "an activity cannot succeed until somebody mends what is wrong"
    );
    metrics::counter!("yemma_activity_faults_total").increment(1);
    if matches!(error, StoreError::Dependency { .. }) {
        return retried(FAULT, error.to_string());
    }
    ActivityError::application(
        ApplicationFailure::builder(error.to_string())
            .type_name(FAULT.to_owned())
            .non_retryable(true)
            .build(),
    )
}

/// A failure that Temporal tries again.
fn retried(type_name: &str, message: String) -> ActivityError {
    ActivityError::application(
        ApplicationFailure::builder(message)
            .type_name(type_name.to_owned())
            .build(),
    )
}
