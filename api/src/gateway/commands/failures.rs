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

/// Only a failure of the refusals' own type is a refusal, wherever it is among the causes; whatever
/// else a message looks like, it is a fault.
fn refusal(failure: &Failure) -> Failed {
    let chain = std::iter::successors(Some(failure), |failure| failure.cause.as_deref());
    if let Some(refusal) = chain.clone().find_map(typed) {
        return Failed::Refused(refusal);
    }
    let messages: Vec<&str> = chain.map(|failure| failure.message.as_str()).collect();
    Failed::Other(messages.join(": "))
}

fn typed(failure: &Failure) -> Option<Refusal> {
    let Some(FailureInfo::ApplicationFailureInfo(info)) = &failure.failure_info else {
        return None;
    };
    if info.r#type != Refusal::FAILURE_TYPE {
        return None;
    }
    let payload = info.details.as_ref().and_then(|it| it.payloads.first());
    let detailed = payload.and_then(|payload| serde_json::from_slice(&payload.data).ok());
    // A worker of an earlier version has it in the message alone.
    detailed.or_else(|| failure.message.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use temporalio_common::protos::temporal::api::common::v1::{Payload, Payloads};
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

    fn with_details(mut failure: Failure, refusal: &Refusal) -> Failure {
        if let Some(FailureInfo::ApplicationFailureInfo(info)) = &mut failure.failure_info {
            let data = serde_json::to_vec(refusal).unwrap();
            let payload = Payload {
                data,
                ..Payload::default()
            };
            info.details = Some(Payloads {
                payloads: vec![payload],
            });
        }
        failure
    }

    #[test]
    fn a_refusal_is_read_from_its_details_and_not_from_its_words() {
        let refused = Refusal::about("already_claimed", Uuid::from_u128(9));
        let typed = application("for people", Refusal::FAILURE_TYPE, None);
        let failure = application("x", "", Some(with_details(typed, &refused)));
        assert_eq!(refusal(&failure), Failed::Refused(refused));
    }

    #[test]
    fn a_fault_whose_message_looks_like_a_code_is_no_refusal() {
        for kind in ["", "Fault", "Unavailable"] {
            let cause = application("timeout", kind, None);
            let failure = application("already_decided", kind, Some(cause));
            let found = refusal(&failure);
            assert!(matches!(found, Failed::Other(_)), "{kind}: {found:?}");
        }
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
