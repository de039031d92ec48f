//! What a decision and a correction need.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::candidates::profile::StepName;
use crate::codes;
use crate::fields::FieldCode;

/// Characters that a rejection's reason has at least.
pub const MIN_REASON: usize = 10;

codes! {
    /// What a reviewer says of a document.
    pub enum ReviewOutcome {
        /// It proves what it should.
        Accepted = "accepted",
        /// It does not, for a reason.
        Refused = "refused",
        /// A new one is asked for.
        ReplacementRequested = "replacement_requested",
    }
}

codes! {
    /// How a case ended.
    pub enum CaseOutcome {
        /// The profile is searchable.
        Validated = "validated",
        /// The profile is in the rejected archive.
        Rejected = "rejected",
        /// The candidate did not answer a correction request in time.
        Lapsed = "lapsed",
        /// The candidate took the submission back.
        Withdrawn = "withdrawn",
        /// The person asked to be forgotten.
        Erased = "erased",
    }
}

codes! {
    /// Why a profile cannot be validated yet.
    pub enum DecisionCode {
        /// A document that counts has no review.
        DocumentUnreviewed = "document_unreviewed",
        /// No interview was done.
        InterviewNotDone = "interview_not_done",
        /// The assessment is not complete.
        AssessmentMissing = "assessment_missing",
    }
}

/// One reason why a profile cannot be validated yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionBlocker {
    /// JSON pointer into the case: `/documents/{id}`, `/interviews` or `/assessment`.
    pub pointer: String,
    /// The stable reason.
    pub code: DecisionCode,
}

/// A document that was `available` when the case was submitted or resubmitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedDocument {
    /// Its id.
    pub id: Uuid,
    /// Whether this case has a review of it, whatever the outcome.
    pub reviewed: bool,
}

/// What a validation looks at.
#[derive(Debug, Clone, Copy)]
pub struct DecisionFacts<'a> {
    /// The documents that count.
    pub documents: &'a [CountedDocument],
    /// Whether an interview of this case took place.
    pub interview_done: bool,
    /// Whether the assessment is complete.
    pub assessment_complete: bool,
}

/// Everything that keeps a profile from being validated; a rejection needs none of it.
#[must_use]
pub fn decision_blockers(facts: DecisionFacts<'_>) -> Vec<DecisionBlocker> {
    let unreviewed = facts.documents.iter().filter(|document| !document.reviewed);
    let mut blockers: Vec<_> = unreviewed
        .map(|document| DecisionBlocker {
            pointer: format!("/documents/{}", document.id),
            code: DecisionCode::DocumentUnreviewed,
        })
        .collect();
    if !facts.interview_done {
        blockers.push(DecisionBlocker {
            pointer: "/interviews".to_owned(),
            code: DecisionCode::InterviewNotDone,
        });
    }
    if !facts.assessment_complete {
        blockers.push(DecisionBlocker {
            pointer: "/assessment".to_owned(),
            code: DecisionCode::AssessmentMissing,
        });
    }
    blockers
}

/// What is wrong with a decision's reason: a rejection needs one of at least ten characters.
#[must_use]
pub fn reason_problem(outcome: CaseOutcome, reason: Option<&str>) -> Option<FieldCode> {
    let characters = reason.unwrap_or_default().trim().chars().count();
    match (outcome, characters) {
        (CaseOutcome::Rejected, 0) => Some(FieldCode::Required),
        (CaseOutcome::Rejected, 1..MIN_REASON) => Some(FieldCode::TooShort),
        _ => None,
    }
}

/// What is wrong with a review's reason: a refusal has one.
#[must_use]
pub fn review_reason_problem(outcome: ReviewOutcome, reason: Option<&str>) -> Option<FieldCode> {
    let blank = reason.is_none_or(|reason| reason.trim().is_empty());
    (outcome == ReviewOutcome::Refused && blank).then_some(FieldCode::Required)
}

/// The steps that a correction request opens: those it names, in their order, and `documents`
/// when a document was refused or asked for since the last one. The review is nobody's to correct.
pub fn correction_steps(
    requested: &[StepName],
    documents_wanted: bool,
) -> Result<Vec<StepName>, FieldCode> {
    if requested.contains(&StepName::Review) {
        return Err(FieldCode::UnknownCode);
    }
    let opened = |step: &StepName| {
        requested.contains(step) || (documents_wanted && *step == StepName::Documents)
    };
    let steps: Vec<_> = StepName::ALL.iter().copied().filter(opened).collect();
    if steps.is_empty() {
        Err(FieldCode::Required)
    } else {
        Ok(steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_validation_needs_reviews_interview_and_assessment() {
        let documents = [
            CountedDocument {
                id: Uuid::from_u128(1),
                reviewed: true,
            },
            CountedDocument {
                id: Uuid::from_u128(2),
                reviewed: false,
            },
        ];
        let nothing = DecisionFacts {
            documents: &documents,
            interview_done: false,
            assessment_complete: false,
        };
        let blockers = decision_blockers(nothing);
        let codes: Vec<_> = blockers.iter().map(|blocker| blocker.code).collect();
        assert_eq!(codes, DecisionCode::ALL);
        assert_eq!(
            blockers[0].pointer,
            format!("/documents/{}", Uuid::from_u128(2))
        );
        let everything = DecisionFacts {
            documents: &documents[..1],
            interview_done: true,
            assessment_complete: true,
        };
        assert_eq!(decision_blockers(everything), []);
    }

    #[test]
    fn a_rejection_needs_ten_characters() {
        let rejected = |reason| reason_problem(CaseOutcome::Rejected, reason);
        assert_eq!(rejected(None), Some(FieldCode::Required));
        assert_eq!(rejected(Some("   \n ")), Some(FieldCode::Required));
        assert_eq!(rejected(Some(" ééééééééé ")), Some(FieldCode::TooShort));
        assert_eq!(rejected(Some("éééééééééé")), None);
        assert_eq!(reason_problem(CaseOutcome::Validated, None), None);
    }

    #[test]
    fn a_refused_document_needs_a_reason() {
        assert!(review_reason_problem(ReviewOutcome::Refused, Some(" ")).is_some());
        assert!(review_reason_problem(ReviewOutcome::Refused, Some("flou")).is_none());
        assert!(review_reason_problem(ReviewOutcome::ReplacementRequested, None).is_none());
    }

    #[test]
    fn corrections_open_documents_when_one_is_wanted() {
        let steps = correction_steps(&[StepName::Skills, StepName::Identity], true);
        assert_eq!(
            steps,
            Ok(vec![
                StepName::Identity,
                StepName::Skills,
                StepName::Documents
            ])
        );
        assert_eq!(correction_steps(&[], true), Ok(vec![StepName::Documents]));
        assert_eq!(correction_steps(&[], false), Err(FieldCode::Required));
        assert_eq!(
            correction_steps(&[StepName::Review], true),
            Err(FieldCode::UnknownCode)
        );
    }
}
