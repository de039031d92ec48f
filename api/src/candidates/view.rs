//! How a profile is shown to its owner and to those who review it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use store::candidates::{ProfileDocument, StoredProfile};
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::candidates::profile::{
    Certification, Consent, Education, Experience, Identity, JobPreferences, ProfileStatus,
    RevisionState, Skills,
};
use workflows::candidates::rules::{Blocker, StepState};
use workflows::identity::rules::Locale;

use crate::gateway::problem::{FieldError, ProblemField};

/// A whole profile.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Profile", example = json!({
    "id": "0199a0b4-9f5e-7cc3-b1f2-3f8f0c5a7e11", "status": "DRAFT", "profile_version": 3,
    "completion_percentage": 42, "current_step": "experiences", "revision": "none",
    "consent": {"terms_of_use": {"accepted": true, "version": "2026-01", "at": "2026-11-24T08:00:00Z"},
                "processing_of_personal_data": null, "permission_to_verify": null},
    "identity": {"first_name": "Awa", "last_name": "Koné", "city": "Abidjan"},
    "experiences": [], "educations": [], "certifications": [],
    "skills": {"technical": [], "behavioural": [], "tools": [], "languages": []},
    "documents": [], "job_preferences": {"desired_positions": ["Comptable"]},
    "submitted_at": null, "validated_at": null, "open_steps": [], "resubmission_open_at": null
}))]
pub struct ProfileView {
    /// The profile.
    id: Uuid,
    /// `DRAFT`, `SUBMITTED`, `IN_REVIEW`, `VALIDATED`, `REJECTED` or `ARCHIVED`.
    status: &'static str,
    /// The version that the `ETag` carries.
    profile_version: i64,
    /// The gauge, 0 to 100.
    completion_percentage: u8,
    /// The first step that is not complete, else `review`.
    current_step: &'static str,
    /// `none`, `draft` or `submitted`: whether changes to a validated profile wait.
    revision: &'static str,
    /// Step 0: each consent as `{accepted, version, at}`.
    #[schema(value_type = Object)]
    consent: Consent,
    /// Step 1.
    #[schema(value_type = Object)]
    identity: Identity,
    /// Step 2.
    #[schema(value_type = Vec<Object>)]
    experiences: Vec<Experience>,
    /// Step 3.
    #[schema(value_type = Vec<Object>)]
    educations: Vec<Education>,
    /// Step 4.
    #[schema(value_type = Vec<Object>)]
    certifications: Vec<Certification>,
    /// Step 5.
    #[schema(value_type = Object)]
    skills: Skills,
    /// Step 6: the documents that are not archived.
    #[schema(value_type = Vec<Object>)]
    documents: Vec<ProfileDocument>,
    /// Step 7.
    #[schema(value_type = Object)]
    job_preferences: JobPreferences,
    /// When it was submitted last.
    submitted_at: Option<DateTime<Utc>>,
    /// When it was validated last.
    validated_at: Option<DateTime<Utc>>,
    /// The steps that a correction request opened.
    open_steps: Vec<&'static str>,
    /// From when a rejected candidate may come back.
    resubmission_open_at: Option<DateTime<Utc>>,
}

impl ProfileView {
    /// The profile as it stands today.
    #[must_use]
    pub fn new(stored: StoredProfile, today: NaiveDate) -> Self {
        let completion = stored.completion(today);
        let rejected = stored.status == ProfileStatus::Rejected;
        let profile = stored.profile;
        Self {
            id: stored.id,
            status: stored.status.as_str(),
            profile_version: stored.version,
            completion_percentage: completion.percentage,
            current_step: completion.current_step.as_str(),
            revision: RevisionState::None.as_str(),
            consent: profile.consent,
            identity: profile.identity,
            experiences: profile.experiences,
            educations: profile.educations,
            certifications: profile.certifications,
            skills: profile.skills,
            documents: stored.documents,
            job_preferences: profile.job_preferences,
            submitted_at: stored.submitted_at,
            validated_at: stored.validated_at,
            open_steps: stored.open_steps.iter().map(|step| step.as_str()).collect(),
            resubmission_open_at: stored.resubmission_open_at.filter(|_| rejected),
        }
    }
}

/// How far one step has come.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "OnboardingStep", example = json!({
    "number": 1, "name": "identity", "status": "in_progress", "missing": ["/identity/phone"]
}))]
pub struct StepView {
    /// 0 to 8.
    number: u8,
    /// The step's name.
    name: &'static str,
    /// `todo`, `in_progress` or `complete`.
    status: &'static str,
    /// JSON pointers into the profile: what is missing or invalid.
    missing: Vec<String>,
}

impl From<StepState> for StepView {
    fn from(state: StepState) -> Self {
        Self {
            number: state.number,
            name: state.name.as_str(),
            status: state.status.as_str(),
            missing: state.missing,
        }
    }
}

/// What keeps a profile from being submitted, in the reader's language.
pub(super) fn blockers(blockers: Vec<Blocker>, locale: Locale) -> Vec<ProblemField> {
    blockers
        .into_iter()
        .map(|blocker| FieldError::new(blocker.pointer, blocker.code).shown(locale))
        .collect()
}
