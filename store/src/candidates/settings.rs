//! The configuration that the API and the worker share about candidates.

use clap::Args;
use workflows::candidates::contract::OnboardingTiming;
use workflows::candidates::profile::ConsentVersions;

/// `CANDIDATE_*`.
#[derive(Args, Clone, Debug)]
pub struct CandidateSettings {
    /// Seconds after which an unfinished onboarding is reminded of, in ascending order.
    #[arg(
        long,
        env = "CANDIDATE_REMINDER_SECONDS",
        value_delimiter = ',',
        default_value = "172800,604800,2592000"
    )]
    pub candidate_reminders_after: Vec<u64>,
    /// Version of the terms of use that a candidate accepts now.
    #[arg(
        long,
        env = "CANDIDATE_TERMS_OF_USE_VERSION",
        default_value = "2026-01"
    )]
    pub candidate_terms_of_use_version: String,
    /// Version of the text on the processing of personal data.
    #[arg(
        long,
        env = "CANDIDATE_PERSONAL_DATA_VERSION",
        default_value = "2026-01"
    )]
    pub candidate_personal_data_version: String,
    /// Version of the permission to verify.
    #[arg(
        long,
        env = "CANDIDATE_VERIFICATION_VERSION",
        default_value = "2026-01"
    )]
    pub candidate_verification_version: String,
}

impl Default for CandidateSettings {
    fn default() -> Self {
        let version = || "2026-01".to_owned();
        Self {
            candidate_reminders_after: OnboardingTiming::default().reminders,
            candidate_terms_of_use_version: version(),
            candidate_personal_data_version: version(),
            candidate_verification_version: version(),
        }
    }
}

impl CandidateSettings {
    /// The durations that an onboarding is started with.
    #[must_use]
    pub fn timing(&self) -> OnboardingTiming {
        let mut reminders = self.candidate_reminders_after.clone();
        reminders.sort_unstable();
        OnboardingTiming { reminders }
    }

    /// The versions of the texts that a candidate sees now.
    #[must_use]
    pub fn consent_versions(&self) -> ConsentVersions {
        ConsentVersions {
            terms_of_use: self.candidate_terms_of_use_version.clone(),
            processing_of_personal_data: self.candidate_personal_data_version.clone(),
            permission_to_verify: self.candidate_verification_version.clone(),
        }
    }
}
