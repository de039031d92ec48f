//! The templates: one for each thing that people are told.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a notification is about; preferences will be kept for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// The account itself; cannot be switched off.
    Security,
    /// Filling in and submitting a profile.
    Onboarding,
    /// Uploaded documents.
    Documents,
    /// The review of a profile, for candidates and for reviewers.
    Validation,
    /// A company's account, people and plan.
    Company,
}

impl Category {
    /// The name kept with a notification.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::Onboarding => "onboarding",
            Self::Documents => "documents",
            Self::Validation => "validation",
            Self::Company => "company",
        }
    }
}

/// Where a notification appears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channels {
    /// It is mailed.
    pub mail: bool,
    /// It is a line of the in-app feed.
    pub feed: bool,
}

/// The text names no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown notification template {0:?}")]
pub struct UnknownTemplate(pub String);

const MAIL: Channels = Channels {
    mail: true,
    feed: false,
};
const FEED: Channels = Channels {
    mail: false,
    feed: true,
};
const BOTH: Channels = Channels {
    mail: true,
    feed: true,
};

macro_rules! templates {
    ($($(#[$meta:meta])* $variant:ident = $wire:literal => $category:ident, $channels:ident;)+) => {
        /// One thing that a person is told, by one cause.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Template {
            $($(#[$meta])* $variant,)+
        }

        impl Template {
            /// Every template.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name kept with a notification, and of its files.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $wire,)+ }
            }

            /// What it is about.
            #[must_use]
            pub const fn category(self) -> Category {
                match self { $(Self::$variant => Category::$category,)+ }
            }

            /// Where it appears.
            #[must_use]
            pub const fn channels(self) -> Channels {
                match self { $(Self::$variant => $channels,)+ }
            }
        }

        impl FromStr for Template {
            type Err = UnknownTemplate;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($wire => Ok(Self::$variant),)+
                    other => Err(UnknownTemplate(other.to_owned())),
                }
            }
        }
    };
}

templates! {
    /// The link that proves an address.
    EmailVerification = "email_verification" => Security, MAIL;
    /// Somebody registered again with a verified address.
    RegistrationAttempted = "registration_attempted" => Security, MAIL;
    /// The password was changed.
    PasswordChanged = "password_changed" => Security, BOTH;
    /// A session was ended because its token was used twice.
    SessionRevoked = "session_revoked" => Security, BOTH;
    /// The company's account is ready.
    CompanyWelcome = "company_welcome" => Company, BOTH;

    /// The profile is not finished.
    ReminderOnboarding = "reminder_onboarding" => Onboarding, BOTH;
    /// The profile was submitted.
    ProfileSubmitted = "profile_submitted" => Onboarding, BOTH;
    /// The corrected profile was submitted.
    ProfileResubmitted = "profile_resubmitted" => Onboarding, BOTH;
    /// A rejected candidate may submit again.
    ReminderResubmissionOpen = "reminder_resubmission_open" => Onboarding, BOTH;

    /// An upload carries malware.
    DocumentInfected = "document_infected" => Documents, BOTH;
    /// An upload was refused by its content.
    DocumentRejected = "document_rejected" => Documents, BOTH;
    /// A reviewer asks for a document; the correction request mails it.
    DocumentRequested = "document_requested" => Documents, FEED;
    /// The scanner is away for long.
    ReminderScanDelayed = "reminder_scan_delayed" => Documents, BOTH;

    /// The documents, steps and message of a correction request.
    CorrectionRequested = "correction_requested" => Validation, BOTH;
    /// A correction is still awaited.
    ReminderCorrection = "reminder_correction" => Validation, BOTH;
    /// No correction came: the case is closed; for the candidate.
    CaseLapsed = "case_lapsed" => Validation, BOTH;
    /// No correction came: the case is closed; for the reviewer.
    CaseLapsedReviewer = "case_lapsed_reviewer" => Validation, BOTH;
    /// The interview's invitation; for the candidate.
    InterviewScheduled = "interview_scheduled" => Validation, BOTH;
    /// The interview's invitation; for the reviewer.
    InterviewScheduledReviewer = "interview_scheduled_reviewer" => Validation, BOTH;
    /// The interview has moved; for the candidate.
    InterviewChanged = "interview_changed" => Validation, BOTH;
    /// The interview has moved; for the reviewer.
    InterviewChangedReviewer = "interview_changed_reviewer" => Validation, BOTH;
    /// The interview is off; for the candidate.
    InterviewCancelled = "interview_cancelled" => Validation, BOTH;
    /// The interview is off; for the reviewer.
    InterviewCancelledReviewer = "interview_cancelled_reviewer" => Validation, BOTH;
    /// The interview took place, or the candidate did not come.
    InterviewCompleted = "interview_completed" => Validation, FEED;
    /// The interview is soon; for the candidate.
    ReminderInterview = "reminder_interview" => Validation, BOTH;
    /// The interview is soon; for the reviewer.
    ReminderInterviewReviewer = "reminder_interview_reviewer" => Validation, BOTH;
    /// A claim went back to the queue.
    ReminderClaimExpired = "reminder_claim_expired" => Validation, BOTH;
    /// The profile was validated.
    ProfileValidated = "profile_validated" => Validation, BOTH;
    /// The profile was rejected.
    ProfileRejected = "profile_rejected" => Validation, BOTH;
    /// A case has waited for long; for the team.
    CaseEscalated = "case_escalated" => Validation, BOTH;
    /// A case has waited for too long; for the super admins.
    CaseBreached = "case_breached" => Validation, BOTH;
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back_and_every_template_appears_somewhere() {
        for template in Template::ALL {
            assert_eq!(template.as_str().parse(), Ok(*template));
            let channels = template.channels();
            assert!(channels.mail || channels.feed, "{template}");
        }
    }
}
