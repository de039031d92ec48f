//! What people answer about a case, beside the lists of the rules.

use super::rules::{Action, CaseOutcome, InterviewStatus};
use crate::codes;

codes! {
    /// What a reviewer decides about the profile.
    pub enum DecisionOutcome {
        /// The profile becomes searchable.
        Validated = "validated",
        /// The profile is refused, with a reason.
        Rejected = "rejected",
    }
}

codes! {
    /// How an interview ended.
    pub enum InterviewOutcome {
        /// It took place.
        Done = "done",
        /// The candidate did not come.
        NoShow = "no_show",
    }
}

impl From<DecisionOutcome> for CaseOutcome {
    fn from(outcome: DecisionOutcome) -> Self {
        match outcome {
            DecisionOutcome::Validated => Self::Validated,
            DecisionOutcome::Rejected => Self::Rejected,
        }
    }
}

impl From<InterviewOutcome> for InterviewStatus {
    fn from(outcome: InterviewOutcome) -> Self {
        match outcome {
            InterviewOutcome::Done => Self::Done,
            InterviewOutcome::NoShow => Self::NoShow,
        }
    }
}

impl DecisionOutcome {
    /// The action that decides so.
    #[must_use]
    pub const fn action(self) -> Action {
        match self {
            Self::Validated => Action::Validate,
            Self::Rejected => Action::Reject,
        }
    }
}
