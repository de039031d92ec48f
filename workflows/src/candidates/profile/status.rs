//! Where a profile, a step and a revision stand.

use crate::codes;

codes! {
    /// The status of a profile; `architecture.md` says who moves it.
    pub enum ProfileStatus {
        /// Being written.
        Draft = "DRAFT",
        /// Submitted, not yet claimed by a reviewer.
        Submitted = "SUBMITTED",
        /// In a reviewer's hands, corrections included.
        InReview = "IN_REVIEW",
        /// Validated: searchable.
        Validated = "VALIDATED",
        /// Rejected.
        Rejected = "REJECTED",
        /// Erased or out of retention.
        Archived = "ARCHIVED",
    }
}

codes! {
    /// A step of the onboarding, in its order.
    pub enum StepName {
        /// Step 0: the three consents.
        Consent = "consent",
        /// Step 1: who the person is.
        Identity = "identity",
        /// Step 2: what they did.
        Experiences = "experiences",
        /// Step 3: what they studied.
        Educations = "educations",
        /// Step 4: certifications.
        Certifications = "certifications",
        /// Step 5: skills, tools and languages.
        Skills = "skills",
        /// Step 6: the CV and the proof.
        Documents = "documents",
        /// Step 7: what they look for.
        JobPreferences = "job_preferences",
        /// Step 8: recapitulation and submission.
        Review = "review",
    }
}

impl StepName {
    /// The step's number, 0 to 8.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

codes! {
    /// How far a step has come.
    pub enum StepStatus {
        /// Nothing was written.
        Todo = "todo",
        /// Something was written, something is missing.
        InProgress = "in_progress",
        /// Nothing is missing.
        Complete = "complete",
    }
}

codes! {
    /// Whether a validated profile has changes that companies do not see yet.
    pub enum RevisionState {
        /// What the candidate sees is what was validated.
        None = "none",
        /// Changes that were not submitted.
        Draft = "draft",
        /// Changes that wait for a reviewer.
        Submitted = "submitted",
    }
}
