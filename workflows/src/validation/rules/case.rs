//! Who may do what on a case in which state.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::decision::CaseOutcome;
use crate::codes;

codes! {
    /// Where a case stands.
    pub enum CaseStatus {
        /// In the pre-qualification queue.
        Queued = "queued",
        /// A reviewer holds it.
        Claimed = "claimed",
        /// The candidate was asked for corrections.
        AwaitingCandidate = "awaiting_candidate",
        /// Held, with an interview ahead.
        Interview = "interview",
        /// Closed, whatever the outcome.
        Decided = "decided",
    }
}

codes! {
    /// How an interview is held.
    pub enum InterviewMode {
        /// Over video.
        Video = "video",
        /// By telephone.
        Phone = "phone",
        /// On site.
        OnSite = "on_site",
    }
}

codes! {
    /// Where an interview stands.
    pub enum InterviewStatus {
        /// Ahead, or not yet reported.
        Scheduled = "scheduled",
        /// It took place.
        Done = "done",
        /// The candidate did not come.
        NoShow = "no_show",
        /// Called off.
        Cancelled = "cancelled",
    }
}

/// What somebody wants to do to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Take the case.
    Claim,
    /// Give it back to the queue.
    Release,
    /// Give it to another reviewer.
    HandOver,
    /// Record what a document is worth.
    ReviewDocument,
    /// Ask the candidate for corrections.
    RequestCorrection,
    /// The candidate's answer to it.
    Resubmit,
    /// Schedule an interview.
    ScheduleInterview,
    /// Move or cancel one.
    ChangeInterview,
    /// Report on one.
    CompleteInterview,
    /// Save the grid.
    SaveAssessment,
    /// Validate the profile.
    Validate,
    /// Reject it.
    Reject,
    /// The candidate takes the submission back.
    Withdraw,
    /// The deadline for corrections has passed.
    Lapse,
    /// The claim was left untouched for too long.
    ExpireClaim,
}

impl Action {
    /// Every action, for tests that must not forget one.
    pub const ALL: [Self; 15] = [
        Self::Claim,
        Self::Release,
        Self::HandOver,
        Self::ReviewDocument,
        Self::RequestCorrection,
        Self::Resubmit,
        Self::ScheduleInterview,
        Self::ChangeInterview,
        Self::CompleteInterview,
        Self::SaveAssessment,
        Self::Validate,
        Self::Reject,
        Self::Withdraw,
        Self::Lapse,
        Self::ExpireClaim,
    ];

    /// Whether only the reviewer who holds the case may do it.
    #[must_use]
    pub const fn needs_claim(self) -> bool {
        !matches!(
            self,
            Self::Claim | Self::Resubmit | Self::Withdraw | Self::Lapse | Self::ExpireClaim
        )
    }

    /// Whether it is possible while the candidate is awaited.
    #[must_use]
    pub const fn while_awaiting(self) -> bool {
        matches!(
            self,
            Self::Claim
                | Self::Release
                | Self::HandOver
                | Self::Resubmit
                | Self::Reject
                | Self::Withdraw
                | Self::Lapse
        )
    }

    /// The decision's action for that outcome, where a reviewer can decide so.
    #[must_use]
    pub const fn deciding(outcome: CaseOutcome) -> Option<Self> {
        match outcome {
            CaseOutcome::Validated => Some(Self::Validate),
            CaseOutcome::Rejected => Some(Self::Reject),
            CaseOutcome::Lapsed | CaseOutcome::Withdrawn | CaseOutcome::Erased => None,
        }
    }
}

/// Where a case stands, as far as permission goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseState {
    /// Its status.
    pub status: CaseStatus,
    /// The reviewer who holds it.
    pub claimed_by: Option<Uuid>,
}

/// Why an action is refused (409); the codes of the answer are `code()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum CaseRefusal {
    /// The case is closed.
    #[error("the case is decided")]
    AlreadyDecided,
    /// A reviewer holds it, perhaps the caller.
    #[error("the case is held by {0}")]
    AlreadyClaimed(Uuid),
    /// The caller does not hold it.
    #[error("the case is not held by the caller")]
    NotClaimed,
    /// The candidate has to answer first.
    #[error("the case awaits the candidate")]
    AwaitingCandidate,
    /// Nobody asked the candidate for anything.
    #[error("the case does not await the candidate")]
    NotAwaitingCandidate,
}

impl CaseRefusal {
    /// The stable code of the answer.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AlreadyDecided => "already_decided",
            Self::AlreadyClaimed(_) => "already_claimed",
            Self::NotClaimed => "not_claimed",
            Self::AwaitingCandidate => "awaiting_candidate",
            Self::NotAwaitingCandidate => "not_awaiting_candidate",
        }
    }
}

/// Whether `actor` may do that to the case now.
///
/// A timer and the candidate act for nobody on the team: their actions need no claim and their
/// `actor` is not looked at.
pub fn allow(action: Action, actor: Uuid, case: CaseState) -> Result<(), CaseRefusal> {
    if case.status == CaseStatus::Decided {
        return Err(CaseRefusal::AlreadyDecided);
    }
    if let (Action::Claim, Some(holder)) = (action, case.claimed_by) {
        return Err(CaseRefusal::AlreadyClaimed(holder));
    }
    if action.needs_claim() && case.claimed_by != Some(actor) {
        return Err(CaseRefusal::NotClaimed);
    }
    if action == Action::ExpireClaim && case.claimed_by.is_none() {
        return Err(CaseRefusal::NotClaimed);
    }
    let awaiting = case.status == CaseStatus::AwaitingCandidate;
    match action {
        Action::Resubmit | Action::Lapse if !awaiting => Err(CaseRefusal::NotAwaitingCandidate),
        _ if awaiting && !action.while_awaiting() => Err(CaseRefusal::AwaitingCandidate),
        _ => Ok(()),
    }
}

/// The facts from which a case's status follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseFacts {
    /// It was closed.
    pub decided: bool,
    /// A correction request waits for its answer.
    pub awaiting_candidate: bool,
    /// The reviewer who holds it.
    pub claimed_by: Option<Uuid>,
    /// An interview is scheduled and not yet reported or cancelled.
    pub interview_scheduled: bool,
}

/// The status that follows from the facts: release and expiry keep a scheduled interview, so a
/// case claimed again is at once in `interview`.
#[must_use]
pub const fn derive_status(facts: CaseFacts) -> CaseStatus {
    match facts {
        CaseFacts { decided: true, .. } => CaseStatus::Decided,
        CaseFacts {
            awaiting_candidate: true,
            ..
        } => CaseStatus::AwaitingCandidate,
        CaseFacts {
            claimed_by: None, ..
        } => CaseStatus::Queued,
        CaseFacts {
            interview_scheduled: true,
            ..
        } => CaseStatus::Interview,
        CaseFacts { .. } => CaseStatus::Claimed,
    }
}

#[cfg(test)]
#[path = "case_tests.rs"]
mod tests;
