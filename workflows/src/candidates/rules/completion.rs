//! The completion gauge, the blockers and the state of each step: one rule for the API, the
//! workflow and the page.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::blockers::{self, Checks};
use crate::candidates::profile::{
    Consent, Identity, JobPreferences, Profile, Skills, StepName, StepStatus,
};
use crate::documents::rules::DocumentFacts;
use crate::fields::FieldCode;

/// What submission needs on the gauge.
pub const REQUIRED_PERCENTAGE: u8 = 80;

/// One reason that keeps a profile from being submitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocker {
    /// JSON pointer into the profile.
    pub pointer: String,
    /// The stable reason.
    pub code: FieldCode,
}

/// How far one step has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepState {
    /// 0 to 8.
    pub number: u8,
    /// The step.
    pub name: StepName,
    /// How far.
    pub status: StepStatus,
    /// JSON pointers into the profile: what is missing or invalid.
    pub missing: Vec<String>,
}

/// How far a profile has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// The gauge, 0 to 100.
    pub percentage: u8,
    /// The first step that is not complete, else the review.
    pub current_step: StepName,
    /// Whether nothing keeps the profile from being submitted.
    pub can_submit: bool,
    /// Everything that does, in the order of the steps.
    pub blockers: Vec<Blocker>,
    /// All nine steps.
    pub steps: Vec<StepState>,
}

impl Completion {
    /// The state of one step.
    #[must_use]
    pub fn step(&self, name: StepName) -> Option<&StepState> {
        self.steps.iter().find(|step| step.name == name)
    }
}

/// Computes the gauge, the blockers and the steps of a profile.
///
/// The review is `todo` until everything else is done, then `in_progress`: it ends with the
/// submission, which is no part of the profile.
#[must_use]
pub fn assess(profile: &Profile, documents: &[DocumentFacts], today: NaiveDate) -> Completion {
    let checks = Sections::check(profile, documents, today);
    let percentage = checks.percentage();
    let mut steps = Vec::with_capacity(StepName::ALL.len());
    let mut blockers = Vec::new();
    for (name, section) in checks.into_steps() {
        steps.push(state(
            name,
            &section.blockers,
            is_started(name, profile, documents),
        ));
        blockers.extend(section.blockers);
    }
    let mut review = Vec::new();
    if percentage < REQUIRED_PERCENTAGE {
        review.push(Blocker {
            pointer: "/completion_percentage".to_owned(),
            code: FieldCode::CompletionTooLow,
        });
    }
    blockers.extend(review.iter().cloned());
    let can_submit = blockers.is_empty();
    let current_step = steps
        .iter()
        .find(|step| step.status != StepStatus::Complete)
        .map_or(StepName::Review, |step| step.name);
    steps.push(StepState {
        status: if can_submit {
            StepStatus::InProgress
        } else {
            StepStatus::Todo
        },
        ..state(StepName::Review, &review, false)
    });
    Completion {
        percentage,
        current_step,
        can_submit,
        blockers,
        steps,
    }
}

fn state(name: StepName, blockers: &[Blocker], started: bool) -> StepState {
    StepState {
        number: name.number(),
        name,
        status: match (blockers.is_empty(), started) {
            (true, _) => StepStatus::Complete,
            (false, true) => StepStatus::InProgress,
            (false, false) => StepStatus::Todo,
        },
        missing: blockers
            .iter()
            .map(|blocker| blocker.pointer.clone())
            .collect(),
    }
}

/// The checks of every step that has something to fill in.
struct Sections {
    consent: Checks,
    identity: Checks,
    experiences: Checks,
    proven_experience: bool,
    educations: Checks,
    certifications: Checks,
    skills: Checks,
    documents: Checks,
    preferences: Checks,
}

impl Sections {
    fn check(profile: &Profile, documents: &[DocumentFacts], today: NaiveDate) -> Self {
        Self {
            consent: blockers::consent(&profile.consent),
            identity: blockers::identity(&profile.identity, today),
            experiences: blockers::experiences(&profile.experiences, today),
            proven_experience: blockers::has_proven_experience(
                &profile.experiences,
                documents,
                today,
            ),
            educations: blockers::educations(&profile.educations, today),
            certifications: blockers::certifications(&profile.certifications),
            skills: blockers::skills(&profile.skills),
            documents: blockers::documents(documents),
            preferences: blockers::preferences(&profile.job_preferences),
        }
    }

    /// Points per section in proportion to its valid required fields, added as exact fractions
    /// and rounded down once.
    fn percentage(&self) -> u8 {
        let personal = (
            self.consent.valid + self.identity.valid,
            self.consent.fields + self.identity.fields,
        );
        let mut total = Fraction::ZERO;
        total.add(20, personal.0, personal.1);
        total.add(24, self.experiences.valid, self.experiences.fields);
        total.add(6, u64::from(self.proven_experience), 1);
        total.add(15, self.educations.valid, self.educations.fields);
        total.add(25, self.documents.valid, self.documents.fields);
        total.add(10, self.preferences.valid, self.preferences.fields);
        total.floor()
    }

    fn into_steps(self) -> [(StepName, Checks); 8] {
        [
            (StepName::Consent, self.consent),
            (StepName::Identity, self.identity),
            (StepName::Experiences, self.experiences),
            (StepName::Educations, self.educations),
            (StepName::Certifications, self.certifications),
            (StepName::Skills, self.skills),
            (StepName::Documents, self.documents),
            (StepName::JobPreferences, self.preferences),
        ]
    }
}

/// A sum of fractions. Lists hold at most 50 entries of four fields, so that the denominator
/// stays under 15 · 200 · 200 · 5.
struct Fraction {
    numerator: u64,
    denominator: u64,
}

impl Fraction {
    const ZERO: Self = Self {
        numerator: 0,
        denominator: 1,
    };

    /// Adds `points · valid / fields`.
    fn add(&mut self, points: u64, valid: u64, fields: u64) {
        let fields = fields.max(1);
        self.numerator = self.numerator * fields + points * valid * self.denominator;
        self.denominator *= fields;
    }

    fn floor(&self) -> u8 {
        u8::try_from(self.numerator / self.denominator).unwrap_or(u8::MAX)
    }
}

/// Whether the person has written anything in a step; the two names come from registration.
fn is_started(step: StepName, profile: &Profile, documents: &[DocumentFacts]) -> bool {
    match step {
        StepName::Consent => profile.consent != Consent::default(),
        StepName::Identity => is_identity_started(&profile.identity),
        StepName::Experiences => !profile.experiences.is_empty(),
        StepName::Educations => !profile.educations.is_empty(),
        StepName::Certifications => !profile.certifications.is_empty(),
        StepName::Skills => profile.skills != Skills::default(),
        StepName::Documents => documents.iter().any(|document| !document.archived),
        StepName::JobPreferences => profile.job_preferences != JobPreferences::default(),
        StepName::Review => false,
    }
}

fn is_identity_started(identity: &Identity) -> bool {
    let unnamed = Identity {
        first_name: None,
        last_name: None,
        ..identity.clone()
    };
    unnamed != Identity::default()
}

#[cfg(test)]
#[path = "completion_tests.rs"]
mod tests;
