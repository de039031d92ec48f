//! The rules of a review: the grid and its score, what a decision needs, who may do what when,
//! and how long a case may wait.

mod assessment;
mod case;
mod decision;
mod grid;
mod score;
mod sla;

pub use assessment::{
    Assessment, Evaluation, MIN_ASSESSMENT_SUMMARY, Rating, evaluate, read_assessment,
};
pub use case::{
    Action, CaseFacts, CaseRefusal, CaseState, CaseStatus, InterviewMode, InterviewStatus, allow,
    derive_status,
};
pub use decision::{
    CaseOutcome, CountedDocument, DecisionBlocker, DecisionCode, DecisionFacts, MIN_REASON,
    ReviewOutcome, correction_steps, decision_blockers, reason_problem, review_reason_problem,
};
pub use grid::{Category, Criterion, Grid, default_grid};
pub use score::Score;
pub use sla::{Sla, SlaTargets, age, claim_expires_at, sla};
