//! The profile of a candidate, as `GET /candidates/me/profile` shows it and a revision keeps it.
//!
//! Every field may be absent: an autosave keeps what the person has typed so far.

mod codes;
mod items;
mod sections;
mod status;

use serde::{Deserialize, Serialize};

pub use codes::{
    Availability, ContractType, Currency, EducationLevel, Gender, LanguageLevel, Mobility,
    SalaryPeriod, SkillLevel,
};
pub use items::{Certification, Education, Experience, Language, Skills, TechnicalSkill, Tool};
pub use sections::{Consent, ConsentGiven, ConsentVersions, Identity, JobPreferences, SalaryRange};
pub use status::{ProfileStatus, RevisionState, StepName, StepStatus};

/// Everything a candidate writes, step by step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// Step 0.
    pub consent: Consent,
    /// Step 1.
    pub identity: Identity,
    /// Step 2.
    pub experiences: Vec<Experience>,
    /// Step 3.
    pub educations: Vec<Education>,
    /// Step 4.
    pub certifications: Vec<Certification>,
    /// Step 5.
    pub skills: Skills,
    /// Step 7.
    pub job_preferences: JobPreferences,
}

impl Profile {
    /// The profile of a fresh account: empty but for the names given at registration.
    #[must_use]
    pub fn fresh(first_name: &str, last_name: &str) -> Self {
        Self {
            identity: Identity {
                first_name: Some(first_name.to_owned()),
                last_name: Some(last_name.to_owned()),
                ..Identity::default()
            },
            ..Self::default()
        }
    }
}
