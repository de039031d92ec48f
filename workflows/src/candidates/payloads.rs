//! The payloads of the events that candidates write: ids, codes and statuses.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::profile::{ProfileStatus, StepName, StepStatus};
use crate::codes;
use crate::documents::rules::DocumentKind;

/// `profile.created`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileCreated {
    /// The profile.
    pub profile_id: Uuid,
    /// The candidate.
    pub user_id: Uuid,
    /// `DRAFT`.
    pub status: ProfileStatus,
}

/// `profile.updated`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileUpdated {
    /// The profile.
    pub profile_id: Uuid,
    /// The candidate.
    pub user_id: Uuid,
    /// The step that was edited.
    pub step: StepName,
    /// Its state before the edit.
    pub before: StepStatus,
    /// Its state after the edit.
    pub after: StepStatus,
    /// The profile's version after the edit.
    pub version: i64,
    /// The profile's status.
    pub status: ProfileStatus,
}

/// `profile.submitted`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileSubmitted {
    /// The profile.
    pub profile_id: Uuid,
    /// The candidate.
    pub user_id: Uuid,
    /// The case: a new one, or the one that is answered.
    pub validation_id: Uuid,
    /// How many cases the profile has had, this one included.
    pub number: i32,
    /// The version that was submitted.
    pub version: i64,
    /// `SUBMITTED`, or `IN_REVIEW` after corrections.
    pub status: ProfileStatus,
    /// Whether it answers a correction request: then it starts nothing.
    #[serde(default)]
    pub resubmission: bool,
}

codes! {
    /// What moved a profile's status.
    pub enum StatusCause {
        /// The candidate submitted it.
        Submitted = "submitted",
        /// A reviewer claimed its case.
        Claimed = "claimed",
        /// A reviewer validated it.
        Validated = "validated",
        /// A reviewer rejected it.
        Rejected = "rejected",
        /// The candidate took the submission back.
        Withdrawn = "withdrawn",
        /// A correction request went unanswered.
        Lapsed = "lapsed",
        /// An admin let the candidate come back.
        Reactivated = "reactivated",
        /// The delay after a rejection is over.
        DelayOver = "delay_over",
        /// The person or the retention rules took it away.
        Archived = "archived",
    }
}

/// `profile.status_changed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileStatusChanged {
    /// The profile.
    pub profile_id: Uuid,
    /// The candidate.
    pub user_id: Uuid,
    /// The status before.
    pub from: ProfileStatus,
    /// The status after.
    pub to: ProfileStatus,
    /// What moved it.
    pub cause: StatusCause,
    /// The case, when one was concerned.
    pub validation_id: Option<Uuid>,
}

/// `profile.accessed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileAccessed {
    /// The profile.
    pub profile_id: Uuid,
    /// The candidate.
    pub user_id: Uuid,
}

/// `reminder.due` of the kinds `onboarding` and `resubmission_open`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateReminder {
    /// `onboarding` or `resubmission_open`.
    pub kind: ReminderKind,
    /// The profile.
    pub profile_id: Uuid,
    /// The candidate, who is reminded.
    pub user_id: Uuid,
    /// Which reminder of its kind, from 1.
    pub occurrence: u32,
}

codes! {
    /// What a reminder is about.
    pub enum ReminderKind {
        /// The onboarding is unfinished.
        Onboarding = "onboarding",
        /// A correction request waits for an answer.
        Correction = "correction",
        /// An interview is near.
        Interview = "interview",
        /// A claim went back to the queue.
        ClaimExpired = "claim_expired",
        /// A document has waited for its scan for a day.
        ScanDelayed = "scan_delayed",
        /// A rejected candidate may submit again.
        ResubmissionOpen = "resubmission_open",
    }
}

/// `document.upload.requested` when the onboarding misses a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentMissing {
    /// The profile.
    pub profile_id: Uuid,
    /// The candidate.
    pub user_id: Uuid,
    /// What is missing.
    pub document_kind: DocumentKind,
}
