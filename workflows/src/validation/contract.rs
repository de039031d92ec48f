//! What travels between the API, `ProfileValidation` and its activities: ids, codes and times.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    CaseOutcome, CaseStatus, DecisionOutcome, InterviewMode, InterviewOutcome, ReviewOutcome,
};
use crate::candidates::profile::{ProfileStatus, StepName};
use crate::commands::Command;

/// How a `ProfileValidation` is started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValidationInput {
    /// The case.
    pub validation_id: Uuid,
    /// The submitted profile.
    pub profile_id: Uuid,
    /// The candidate.
    pub user_id: Uuid,
    /// When the profile was first submitted.
    pub submitted_at: DateTime<Utc>,
    /// The request that submitted it.
    pub correlation_id: Uuid,
    /// The `profile.submitted` event that started the case.
    #[serde(default)]
    pub event_id: Option<Uuid>,
    /// Every duration of the case.
    #[serde(default)]
    pub timing: ValidationTiming,
    /// What a run that grew too long hands to the next; absent at the start.
    #[serde(default)]
    pub carried: Option<Carried>,
}

/// The durations of a case, in seconds, from the configuration of whoever starts it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ValidationTiming {
    /// A claim that nobody touched for this long goes back to the queue.
    pub claim_expiry: u64,
    /// Age at which the team is warned.
    pub escalation_warning: u64,
    /// Age at which the super admins are told; the target.
    pub escalation_breach: u64,
    /// How long before an interview both sides are reminded.
    pub interview_reminders: Vec<u64>,
    /// How long a candidate has to answer a correction request.
    pub correction_deadline: u64,
    /// How long before that deadline the candidate is reminded.
    pub correction_reminders: Vec<u64>,
    /// How long a rejected candidate waits before submitting again.
    pub resubmission_delay: u64,
}

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

impl Default for ValidationTiming {
    fn default() -> Self {
        Self {
            claim_expiry: 4 * HOUR,
            escalation_warning: 24 * HOUR,
            escalation_breach: 48 * HOUR,
            interview_reminders: vec![24 * HOUR, HOUR],
            correction_deadline: 30 * DAY,
            correction_reminders: vec![14 * DAY, 7 * DAY, DAY],
            resubmission_delay: 90 * DAY,
        }
    }
}

/// What one run of a case hands to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// The case as PostgreSQL last told it.
    pub case: Case,
    /// When the claim is looked at next.
    pub claim_check: Option<DateTime<Utc>>,
    /// How far the case was escalated.
    pub escalated: Option<EscalationLevel>,
    /// Reminders due up to this instant were handled.
    pub reminded_until: DateTime<Utc>,
    /// The person is being forgotten.
    #[serde(default)]
    pub erased: bool,
    /// Timers whose step could not succeed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub postponed: Vec<Postponed>,
}

/// A timer whose step could not succeed, and is tried again later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Postponed {
    /// What is due.
    pub due: Due,
    /// How many times in a row it failed.
    pub failures: u32,
    /// When it is tried again.
    pub until: DateTime<Utc>,
}

/// A case as PostgreSQL tells it after a commit: the workflow adopts it as its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Where it stands.
    pub status: CaseStatus,
    /// Who holds it.
    pub claimed_by: Option<Uuid>,
    /// The last action of a reviewer.
    pub last_action_at: Option<DateTime<Utc>>,
    /// The first submission.
    pub submitted_at: DateTime<Utc>,
    /// Since when the candidate is awaited.
    pub waiting_since: Option<DateTime<Utc>>,
    /// The time spent awaiting the candidate before that, in seconds.
    pub waited_seconds: u64,
    /// When the answer to the correction request is due.
    pub correction_deadline: Option<DateTime<Utc>>,
    /// The interviews that are scheduled.
    pub interviews: Vec<ScheduledInterview>,
    /// How it was closed.
    pub outcome: Option<CaseOutcome>,
}

/// An interview to come, or to be reported on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduledInterview {
    /// The interview.
    pub id: Uuid,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// When it was put at that time: reminders that were due before are not sent.
    pub scheduled_at: DateTime<Utc>,
}

/// What the query `case` tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseView {
    /// The case as PostgreSQL last told it; absent until it was opened.
    pub case: Option<Case>,
    /// When the process acts next by itself.
    pub next_due: Option<DateTime<Utc>>,
}

/// What every command answers once its change is committed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseChanged {
    /// The case after the change.
    pub case: Case,
    /// The profile's status after the change.
    pub profile_status: ProfileStatus,
}

/// How a case ended: the result of the workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValidationEnded {
    /// How it was closed.
    pub outcome: CaseOutcome,
}

/// Take the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {}

/// Give the case back to the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {}

/// Say what a document is worth; the reason is text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewDocument {
    /// The document.
    pub document_id: Uuid,
    /// What the reviewer says.
    pub outcome: ReviewOutcome,
}

/// Ask the candidate for corrections; the message is text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestCorrection {
    /// The steps that open again.
    pub steps: Vec<StepName>,
}

/// The candidate answers a correction request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resubmit {
    /// The profile.
    pub profile_id: Uuid,
}

/// The candidate takes the submission back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdraw {
    /// The profile.
    pub profile_id: Uuid,
}

/// Schedule an interview; its place is text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleInterview {
    /// The interview's id, made from the command's.
    pub interview_id: Uuid,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// How long it lasts.
    pub duration_minutes: u32,
    /// Where.
    pub mode: InterviewMode,
}

/// Move or cancel an interview; a new place is text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeInterview {
    /// The interview.
    pub interview_id: Uuid,
    /// What changes.
    pub change: InterviewChange,
}

/// What changes about an interview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InterviewChange {
    /// It is called off.
    Cancelled,
    /// It moves; what is absent stays.
    Rescheduled {
        /// When it begins.
        starts_at: Option<DateTime<Utc>>,
        /// How long it lasts.
        duration_minutes: Option<u32>,
        /// Where.
        mode: Option<InterviewMode>,
    },
}

/// Report on an interview; the report is text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompleteInterview {
    /// The interview.
    pub interview_id: Uuid,
    /// How it ended.
    pub outcome: InterviewOutcome,
}

/// Decide about the profile; the reason of a rejection is text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decide {
    /// What is decided.
    pub outcome: DecisionOutcome,
}

/// A document of the profile got its verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentSettled {
    /// The `document.scanned` event.
    pub event_id: Uuid,
    /// The document.
    pub document_id: Uuid,
    /// `available`, `infected` or `rejected`.
    pub status: String,
}

/// A command as an activity gets it: with the case it is for and the process's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseCommand<T> {
    /// The case.
    pub validation_id: Uuid,
    /// The process's time: the same at every attempt.
    pub at: DateTime<Utc>,
    /// What was asked, by whom.
    pub command: Command<T>,
    /// The durations that the command may need.
    pub timing: ValidationTiming,
}

/// The first step: make the case appear in the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenCase {
    /// The case.
    pub validation_id: Uuid,
    /// The submitted profile.
    pub profile_id: Uuid,
    /// The candidate.
    pub user_id: Uuid,
    /// When the profile was first submitted.
    pub submitted_at: DateTime<Utc>,
    /// The request that submitted it.
    pub correlation_id: Uuid,
    /// The event that started the case.
    pub event_id: Option<Uuid>,
}

/// A timer of the case fired: act if it still applies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimerFired {
    /// The case.
    pub validation_id: Uuid,
    /// The request that submitted it.
    pub correlation_id: Uuid,
    /// The process's time.
    pub at: DateTime<Utc>,
    /// What was due.
    pub due: Due,
    /// The durations of the case.
    pub timing: ValidationTiming,
}

/// What a case does by itself when time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// Look whether the claim was touched lately, and give the case back if not.
    ClaimCheck,
    /// Tell that the case is late.
    Escalation(EscalationLevel),
    /// Remind both sides of an interview.
    InterviewReminder {
        /// The interview.
        interview_id: Uuid,
        /// When it begins.
        starts_at: DateTime<Utc>,
        /// How long before it, in seconds.
        before: u64,
    },
    /// Remind the candidate of the corrections.
    CorrectionReminder {
        /// When the answer is due.
        deadline: DateTime<Utc>,
        /// How long before it, in seconds.
        before: u64,
    },
    /// Close the case: the candidate did not answer.
    CorrectionDeadline,
}

/// How late a case is when it is escalated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EscalationLevel {
    /// The team is warned.
    Warning,
    /// The super admins are told.
    Breached,
}

impl EscalationLevel {
    /// The name in events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Breached => "breached",
        }
    }
}

/// What came of a timer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimerHandled {
    /// The case afterwards.
    pub case: Case,
    /// When a claim that was kept is to be looked at again.
    pub claim_check: Option<DateTime<Utc>>,
}

/// Close the case of a person who is being forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseErased {
    /// The case.
    pub validation_id: Uuid,
    /// The request that submitted it.
    pub correlation_id: Uuid,
    /// The process's time.
    pub at: DateTime<Utc>,
}
