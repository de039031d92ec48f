//! What travels between the API, the relay, `CandidateOnboarding` and its activities: ids, codes
//! and times.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::profile::{ProfileStatus, StepName, StepStatus};
use crate::codes;
use crate::commands::Command;
use crate::definitions::activity_definitions;

/// The workflow id of a profile's onboarding.
#[must_use]
pub fn onboarding_id(profile_id: Uuid) -> String {
    format!("onboarding-{profile_id}")
}

/// The id of the case that a submission opens: the same however often the submission is tried.
#[must_use]
pub fn validation_id(profile_id: Uuid, submission_number: i32) -> Uuid {
    Uuid::new_v5(&profile_id, &submission_number.to_be_bytes())
}

/// How a `CandidateOnboarding` is started, by whoever starts it first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnboardingInput {
    /// The profile.
    pub profile_id: Uuid,
    /// The candidate.
    pub user_id: Uuid,
    /// When the profile became a draft: `occurred_at` of the event that made it one.
    pub draft_since: DateTime<Utc>,
    /// The request that began it.
    pub correlation_id: Uuid,
    /// The durations of the onboarding.
    #[serde(default)]
    pub timing: OnboardingTiming,
    /// What a run that grew too long hands to the next; absent at the start.
    #[serde(default)]
    pub carried: Option<Carried>,
}

/// The durations of an onboarding, in seconds, from the configuration of whoever starts it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OnboardingTiming {
    /// How long after the profile became a draft each reminder is due, in ascending order.
    pub reminders: Vec<u64>,
}

impl Default for OnboardingTiming {
    fn default() -> Self {
        const DAY: u64 = 86_400;
        Self {
            reminders: vec![2 * DAY, 7 * DAY, 30 * DAY],
        }
    }
}

/// What one run of an onboarding hands to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// Where the round stands.
    pub phase: Phase,
    /// The steps that are complete.
    pub complete: Vec<StepName>,
    /// How many reminders of the present draft were handled.
    pub reminders_handled: usize,
    /// The verdicts heard of cases that the round does not wait for, yet or any more.
    #[serde(default)]
    pub verdicts: Vec<(Uuid, CaseVerdict)>,
}

/// Where a round stands: who is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The candidate writes.
    Draft {
        /// Since when.
        since: DateTime<Utc>,
    },
    /// The submission waits for a decision.
    Submitted {
        /// The case.
        validation_id: Uuid,
    },
    /// Rejected: the candidate may come back later.
    Rejected {
        /// The case.
        validation_id: Option<Uuid>,
        /// From when.
        open_at: DateTime<Utc>,
    },
    /// The round is over.
    Ended(OnboardingOutcome),
}

codes! {
    /// How a round ended: the result of the workflow.
    pub enum OnboardingOutcome {
        /// The profile was validated.
        Validated = "validated",
        /// The profile left the platform.
        Archived = "archived",
        /// The person was erased.
        Erased = "erased",
    }
}

codes! {
    /// What became of a submission, as `decided` tells it.
    pub enum CaseVerdict {
        /// The profile was validated.
        Validated = "validated",
        /// The profile was rejected.
        Rejected = "rejected",
        /// The candidate took the submission back.
        Withdrawn = "withdrawn",
        /// The candidate did not answer a correction request in time.
        Lapsed = "lapsed",
    }
}

/// Signal: a step became complete or stopped being so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepChanged {
    /// The event that says so.
    pub event_id: Uuid,
    /// The step.
    pub step: StepName,
    /// Its state after the event.
    pub state: StepStatus,
}

/// Signal: the case of a submission was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// The event that says so.
    pub event_id: Uuid,
    /// The case.
    pub validation_id: Uuid,
    /// How it was closed.
    pub outcome: CaseVerdict,
}

/// Update: the candidate submits the profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submit {
    /// The profile.
    pub profile_id: Uuid,
}

/// What a submission answers once it is committed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submitted {
    /// The case that opens.
    pub validation_id: Uuid,
    /// The profile's status.
    pub status: ProfileStatus,
}

/// Update: an admin lets a rejected candidate come back at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reactivate {
    /// The profile.
    pub profile_id: Uuid,
}

/// A round as PostgreSQL tells it: the workflow adopts it as its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// The profile's status.
    pub status: ProfileStatus,
    /// Since when it is, or was last, a draft.
    pub draft_since: DateTime<Utc>,
    /// The case of the last submission.
    pub validation_id: Option<Uuid>,
    /// When a rejected candidate may come back.
    pub resubmission_open_at: Option<DateTime<Utc>>,
}

/// The round of a profile is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadRound {
    /// The profile.
    pub profile_id: Uuid,
}

/// A reminder of an unfinished onboarding is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remind {
    /// The profile.
    pub profile_id: Uuid,
    /// The draft that the reminder was counted from.
    pub draft_since: DateTime<Utc>,
    /// Which reminder, from 1.
    pub occurrence: u32,
    /// The request that began the onboarding.
    pub correlation_id: Uuid,
}

/// The delay after a rejection is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reopen {
    /// The profile.
    pub profile_id: Uuid,
    /// The case that rejected it.
    pub validation_id: Option<Uuid>,
    /// The request that began the onboarding.
    pub correlation_id: Uuid,
}

activity_definitions! {
    /// Reads where a round stands.
    ReadRoundActivity(ReadRound) -> Round = "candidates.read_round";
    /// Submits a profile, if nothing keeps it from being submitted.
    SubmitActivity(Command<Submit>) -> Submitted = "candidates.submit";
    /// Makes a rejected profile a draft again, at an admin's word.
    ReactivateActivity(Command<Reactivate>) -> Round = "candidates.reactivate";
    /// Makes a rejected profile a draft again, its delay being over.
    ReopenActivity(Reopen) -> Round = "candidates.reopen";
    /// Writes that a reminder is due, if the profile is still the draft it was counted from.
    RemindActivity(Remind) -> bool = "candidates.remind";
}
