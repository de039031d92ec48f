//! Every duration of every timer, in seconds, with the product's defaults. They travel in the
//! inputs of the workflows, so that a change leaves running ones, and their replay, alone.

use clap::Args;
use workflows::candidates::contract::OnboardingTiming;
use workflows::documents::contract::IngestionTiming;
use workflows::notifications::DeliveryTiming;
use workflows::search::IndexingTiming;
use workflows::validation::ValidationTiming;

/// The durations.
#[derive(Args, Clone, Debug)]
pub struct Timers {
    /// Reminders of an unfinished onboarding, after the profile became a draft.
    #[arg(
        long,
        env = "CANDIDATE_REMINDER_SECONDS",
        value_delimiter = ',',
        default_values_t = [172_800, 604_800, 2_592_000]
    )]
    pub candidate_reminder_seconds: Vec<u64>,
    /// How long a rejected candidate waits before submitting again.
    #[arg(
        long,
        env = "CANDIDATE_RESUBMISSION_DELAY_SECONDS",
        default_value_t = 7_776_000
    )]
    pub candidate_resubmission_delay_seconds: u64,
    /// After how long a scan that is waited for alerts, and its owner is told.
    #[arg(long, env = "DOCUMENT_SCAN_DELAYED_SECONDS", default_value_t = 86_400)]
    pub document_scan_delayed_seconds: u64,
    /// A claim untouched for this long goes back to the queue.
    #[arg(
        long,
        env = "VALIDATION_CLAIM_EXPIRY_SECONDS",
        default_value_t = 14_400
    )]
    pub validation_claim_expiry_seconds: u64,
    /// How long a case may be left untouched before the team is warned.
    #[arg(
        long,
        env = "VALIDATION_ESCALATION_WARNING_SECONDS",
        default_value_t = 86_400
    )]
    pub validation_escalation_warning_seconds: u64,
    /// How long a case may be left untouched before the super admins are told.
    #[arg(
        long,
        env = "VALIDATION_ESCALATION_BREACH_SECONDS",
        default_value_t = 172_800
    )]
    pub validation_escalation_breach_seconds: u64,
    /// Reminders before an interview.
    #[arg(
        long,
        env = "VALIDATION_INTERVIEW_REMINDER_SECONDS",
        value_delimiter = ',',
        default_values_t = [86_400, 3_600]
    )]
    pub validation_interview_reminder_seconds: Vec<u64>,
    /// How long a candidate has to answer a correction request.
    #[arg(
        long,
        env = "VALIDATION_CORRECTION_DEADLINE_SECONDS",
        default_value_t = 2_592_000
    )]
    pub validation_correction_deadline_seconds: u64,
    /// Reminders before that deadline.
    #[arg(
        long,
        env = "VALIDATION_CORRECTION_REMINDER_SECONDS",
        value_delimiter = ',',
        default_values_t = [1_209_600, 604_800, 86_400]
    )]
    pub validation_correction_reminder_seconds: Vec<u64>,
    /// How long changes of a profile are gathered before its search entry is written.
    #[arg(long, env = "SEARCH_INDEXING_DEBOUNCE_MILLIS", default_value_t = 500)]
    pub search_indexing_debounce_millis: u64,
    /// Attempts at a mail that is refused.
    #[arg(long, env = "SMTP_ATTEMPTS", default_value_t = 3)]
    pub smtp_attempts: u32,
    /// The wait after the first refusal of a mail; it doubles each time.
    #[arg(long, env = "SMTP_BACKOFF_SECONDS", default_value_t = 30)]
    pub smtp_backoff_seconds: u64,
    /// The wait after the first "later" of a mail server (SMTP 4xx, greylisting); it doubles each
    /// time, up to an hour.
    #[arg(long, env = "SMTP_LATER_SECONDS", default_value_t = 300)]
    pub smtp_later_seconds: u64,
    /// For how long "later" uses up no attempt; after that the mail is a dead letter.
    #[arg(long, env = "SMTP_LATER_FOR_SECONDS", default_value_t = 86_400)]
    pub smtp_later_for_seconds: u64,
}

impl Timers {
    /// Those of an onboarding.
    #[must_use]
    pub fn onboarding(&self) -> OnboardingTiming {
        OnboardingTiming {
            reminders: ascending(&self.candidate_reminder_seconds),
        }
    }

    /// Those of a document's ingestion.
    #[must_use]
    pub fn ingestion(&self) -> IngestionTiming {
        IngestionTiming {
            scan_delayed_after_seconds: self.document_scan_delayed_seconds,
        }
    }

    /// Those of a case.
    #[must_use]
    pub fn validation(&self) -> ValidationTiming {
        ValidationTiming {
            claim_expiry: self.validation_claim_expiry_seconds,
            escalation_warning: self.validation_escalation_warning_seconds,
            escalation_breach: self.validation_escalation_breach_seconds,
            interview_reminders: self.validation_interview_reminder_seconds.clone(),
            correction_deadline: self.validation_correction_deadline_seconds,
            correction_reminders: self.validation_correction_reminder_seconds.clone(),
            resubmission_delay: self.candidate_resubmission_delay_seconds,
        }
    }

    /// Those of the search index.
    #[must_use]
    pub fn indexing(&self) -> IndexingTiming {
        IndexingTiming {
            debounce_millis: self.search_indexing_debounce_millis,
        }
    }

    /// Those of a mail.
    #[must_use]
    pub fn delivery(&self) -> DeliveryTiming {
        DeliveryTiming {
            attempts: self.smtp_attempts,
            backoff_seconds: self.smtp_backoff_seconds,
            later_seconds: self.smtp_later_seconds,
            later_for_seconds: self.smtp_later_for_seconds,
        }
    }
}

impl Default for Timers {
    fn default() -> Self {
        let (cases, mails) = (ValidationTiming::default(), DeliveryTiming::default());
        Self {
            candidate_reminder_seconds: OnboardingTiming::default().reminders,
            candidate_resubmission_delay_seconds: cases.resubmission_delay,
            document_scan_delayed_seconds: IngestionTiming::default().scan_delayed_after_seconds,
            validation_claim_expiry_seconds: cases.claim_expiry,
            validation_escalation_warning_seconds: cases.escalation_warning,
            validation_escalation_breach_seconds: cases.escalation_breach,
            validation_interview_reminder_seconds: cases.interview_reminders,
            validation_correction_deadline_seconds: cases.correction_deadline,
            validation_correction_reminder_seconds: cases.correction_reminders,
            search_indexing_debounce_millis: IndexingTiming::default().debounce_millis,
            smtp_attempts: mails.attempts,
            smtp_backoff_seconds: mails.backoff_seconds,
            smtp_later_seconds: mails.later_seconds,
            smtp_later_for_seconds: mails.later_for_seconds,
        }
    }
}

fn ascending(seconds: &[u64]) -> Vec<u64> {
    let mut seconds = seconds.to_vec();
    seconds.sort_unstable();
    seconds
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Alone {
        #[command(flatten)]
        timers: Timers,
    }

    #[test]
    fn the_defaults_are_those_of_the_contracts() {
        let timers = Alone::parse_from(["test"]).timers;
        assert_eq!(timers.onboarding(), OnboardingTiming::default());
        assert_eq!(timers.ingestion(), IngestionTiming::default());
        assert_eq!(timers.validation(), ValidationTiming::default());
        assert_eq!(timers.indexing(), IndexingTiming::default());
        assert_eq!(timers.delivery(), DeliveryTiming::default());
    }
}
