//! The human review of a submitted profile: its contracts, its rules, and the process that
//! leads a case from the queue to a decision.

mod case;
mod codes;
mod contract;
mod describe;
mod process;
pub mod rules;
mod steps;

use uuid::Uuid;

pub use case::Wanted;
pub use codes::{DecisionOutcome, InterviewOutcome};
pub use contract::{
    Carried, Case, CaseChanged, CaseCommand, CaseView, ChangeInterview, Claim, CloseErased,
    CompleteInterview, Decide, DocumentSettled, Due, EscalationLevel, InterviewChange, OpenCase,
    Postponed, Release, RequestCorrection, Resubmit, ReviewDocument, ScheduleInterview,
    ScheduledInterview, TimerFired, TimerHandled, ValidationEnded, ValidationInput,
    ValidationTiming, Withdraw,
};
pub use process::ProfileValidation;
pub use rules::{
    Action, CaseOutcome, CaseStatus, InterviewMode, InterviewStatus, ReviewOutcome, Sla,
};

use crate::definitions::activity_definitions;

/// The id of the workflow that leads a case.
#[must_use]
pub fn workflow_id(validation_id: Uuid) -> String {
    format!("validation-{validation_id}")
}

activity_definitions! {
    /// Writes the case's row: from now on it can be claimed.
    OpenCaseActivity(OpenCase) -> Case = "validation.open_case";
    /// Gives the case to the reviewer.
    ClaimActivity(CaseCommand<Claim>) -> CaseChanged = "validation.claim";
    /// Gives the case back to the queue.
    ReleaseActivity(CaseCommand<Release>) -> CaseChanged = "validation.release";
    /// Records what the reviewer says of a document.
    ReviewDocumentActivity(CaseCommand<ReviewDocument>) -> CaseChanged = "validation.review_document";
    /// Asks the candidate for corrections and opens the steps.
    RequestCorrectionActivity(CaseCommand<RequestCorrection>) -> CaseChanged = "validation.request_correction";
    /// Takes the candidate's answer.
    ResubmitActivity(CaseCommand<Resubmit>) -> CaseChanged = "validation.resubmit";
    /// Closes the case because the candidate took the submission back.
    WithdrawActivity(CaseCommand<Withdraw>) -> CaseChanged = "validation.withdraw";
    /// Schedules an interview.
    ScheduleInterviewActivity(CaseCommand<ScheduleInterview>) -> CaseChanged = "validation.schedule_interview";
    /// Moves or cancels an interview.
    ChangeInterviewActivity(CaseCommand<ChangeInterview>) -> CaseChanged = "validation.change_interview";
    /// Records how an interview ended.
    CompleteInterviewActivity(CaseCommand<CompleteInterview>) -> CaseChanged = "validation.complete_interview";
    /// Decides about the profile.
    DecideActivity(CaseCommand<Decide>) -> CaseChanged = "validation.decide";
    /// Acts on a timer if it still applies.
    FireTimerActivity(TimerFired) -> TimerHandled = "validation.fire_timer";
    /// Closes the case of a person who is being forgotten.
    CloseErasedActivity(CloseErased) -> Case = "validation.close_erased";
}
