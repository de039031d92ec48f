//! Why a profile is not edited or submitted, as answers.

use chrono::{DateTime, SecondsFormat, Utc};
use store::candidates::{StoredProfile, SubmissionRefusal};
use workflows::candidates::profile::ProfileStatus;
use workflows::candidates::rules::{Blocker, EditRefusal};

use crate::gateway::codes::candidates as codes;
use crate::gateway::problem::{ApiError, FieldError};

/// 409 for an edit that the status does not allow.
pub(super) fn edit_refused(refusal: EditRefusal) -> ApiError {
    match refusal {
        EditRefusal::Status(status) => {
            ApiError::new(codes::PROFILE_LOCKED).with("profile_status", status.as_str())
        }
        EditRefusal::StepNotOpen(step) => {
            ApiError::new(codes::STEP_NOT_OPEN).with("step", step.as_str())
        }
        EditRefusal::StepVerified(step) => {
            ApiError::new(codes::STEP_VERIFIED).with("step", step.as_str())
        }
        EditRefusal::Delayed(until) => delayed(until),
    }
}

/// 409 for a submission that the status does not allow.
pub(super) fn not_submittable(profile: &StoredProfile) -> ApiError {
    match profile.status {
        ProfileStatus::Rejected => delayed(profile.resubmission_open_at),
        status => ApiError::refused(SubmissionRefusal::Status(status).code())
            .with("profile_status", status.as_str()),
    }
}

/// 422 with everything that keeps a profile from being submitted.
pub(super) fn incomplete(blockers: Vec<Blocker>) -> ApiError {
    let fields = blockers
        .into_iter()
        .map(|blocker| FieldError::new(blocker.pointer, blocker.code));
    ApiError::new(codes::PROFILE_INCOMPLETE).with_fields(fields)
}

fn delayed(until: Option<DateTime<Utc>>) -> ApiError {
    let until = until.map(|until| until.to_rfc3339_opts(SecondsFormat::Secs, true));
    ApiError::new(codes::RESUBMISSION_NOT_OPEN).with("resubmission_open_at", until)
}
