//! What Temporal's errors mean for a command.

use temporalio_client::errors::{
    WorkflowStartError, WorkflowUpdateError, WorkflowUpdateWithStartError,
};
use temporalio_client::tonic::{Code, Status};
use temporalio_common::protos::temporal::api::failure::v1::Failure;
use temporalio_common::protos::temporal::api::failure::v1::failure::FailureInfo;
use workflows::commands::Refusal;

use super::CommandError;

/// Why a call failed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failed {
    /// The process refused the command.
    Refused(Refusal),
    /// No such process, or it is over.
    NotFound,
    /// Too much at once: worth another try.
    Busy,
    /// The call's time was over.
    Late,
    /// The server is not there.
    Away,
    /// A bug.
    Other(String),
}

impl From<Failed> for CommandError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Refused(refusal) => Self::Refused(refusal),
            Failed::NotFound => Self::NotFound,
            Failed::Busy | Failed::Late => Self::NotAccepted,
            Failed::Away => Self::Unavailable,
            Failed::Other(reason) => Self::Failed(reason),
        }
    }
}

pub(super) fn update_failure(error: WorkflowUpdateError) -> Failed {
    match error {
        WorkflowUpdateError::NotFound(_) => Failed::NotFound,
        WorkflowUpdateError::Failed(failure) => refusal(&failure),
        WorkflowUpdateError::Rpc(status) => rpc_failure(&status),
        other => Failed::Other(other.to_string()),
    }
}

pub(super) fn start_failure(error: WorkflowUpdateWithStartError) -> Failed {
    match error {
        WorkflowUpdateWithStartError::Update(error) => update_failure(error),
        WorkflowUpdateWithStartError::Rpc(status)
        | WorkflowUpdateWithStartError::Start(WorkflowStartError::Rpc(status)) => {
            rpc_failure(&status)
        }
        WorkflowUpdateWithStartError::Start(WorkflowStartError::AlreadyStarted { .. }) => {
            Failed::NotFound
        }
        other => Failed::Other(other.to_string()),
    }
}

fn rpc_failure(status: &Status) -> Failed {
    tracing::debug!(code = ?status.code(), reason = status.message(), "Temporal did not take a call");
    match status.code() {
        Code::NotFound => Failed::NotFound,
        Code::ResourceExhausted | Code::Aborted => Failed::Busy,
        // The server itself says so: under a crowd it aborts updates that it had not yet handed
        // to a worker. Without a connection the transport's error is the source.
        Code::Unavailable if std::error::Error::source(status).is_none() => Failed::Busy,
        Code::DeadlineExceeded | Code::Cancelled => Failed::Late,
        Code::Unavailable | Code::Unknown | Code::Internal => Failed::Away,
        code => Failed::Other(format!("{code:?}: {}", status.message())),
    }
}

/// A validator's refusal is the failure itself, an activity's is among its causes.
fn refusal(failure: &Failure) -> Failed {
    let chain = std::iter::successors(Some(failure), |failure| failure.cause.as_deref());
    let typed = chain
        .clone()
        .find(|failure| kind(failure) == Some(Refusal::FAILURE_TYPE));
    let refusal = typed.unwrap_or(failure).message.parse();
    refusal.map_or_else(
        |_| {
            let messages: Vec<&str> = chain.map(|failure| failure.message.as_str()).collect();
            Failed::Other(messages.join(": "))
        },
        Failed::Refused,
    )
}

fn kind(failure: &Failure) -> Option<&str> {
    match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) => Some(&info.r#type),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use temporalio_common::protos::temporal::api::failure::v1::ApplicationFailureInfo;
    use uuid::Uuid;

    fn application(message: &str, kind: &str, cause: Option<Failure>) -> Failure {
        Failure {
            message: message.to_owned(),
            cause: cause.map(Box::new),
            failure_info: Some(FailureInfo::ApplicationFailureInfo(
                ApplicationFailureInfo {
                    r#type: kind.to_owned(),
                    ..ApplicationFailureInfo::default()
                },
            )),
            ..Failure::default()
        }
    }

    #[test]
    fn a_validators_refusal_is_read_from_its_message() {
        let holder = Uuid::from_u128(9);
        let failure = application(&format!("already_claimed:{holder}"), "", None);
        assert_eq!(
            refusal(&failure),
            Failed::Refused(Refusal::about("already_claimed", holder))
        );
    }

    #[test]
    fn an_activitys_refusal_is_found_among_the_causes() {
        let cause = application("already_decided", Refusal::FAILURE_TYPE, None);
        let failure = application("Activity task failed", "", Some(cause));
        assert_eq!(
            refusal(&failure),
            Failed::Refused(Refusal::new("already_decided"))
        );
    }

    #[test]
    fn another_failure_is_a_bug() {
        let failure = application(
            "Activity task failed",
            "",
            Some(application("No such table", "Database", None)),
        );
        assert!(matches!(refusal(&failure), Failed::Other(_)));
    }

    #[test]
    fn codes_of_the_server_are_told_apart() {
        let cut = Status::from_error(Box::new(std::io::Error::other("connection refused")));
        assert_eq!(rpc_failure(&cut), Failed::Away);
        let aborted = Status::unavailable("workflow update was aborted");
        assert_eq!(rpc_failure(&aborted), Failed::Busy);
        assert_eq!(rpc_failure(&Status::resource_exhausted("")), Failed::Busy);
        assert_eq!(rpc_failure(&Status::deadline_exceeded("")), Failed::Late);
        assert_eq!(rpc_failure(&Status::not_found("")), Failed::NotFound);
    }
}
