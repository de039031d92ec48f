//! Which step of a profile may be edited in which status.

use chrono::{DateTime, Utc};

use crate::candidates::profile::{ProfileStatus, StepName};

/// What decides whether a profile may be edited.
#[derive(Debug, Clone, Copy)]
pub struct Editability<'a> {
    /// The profile's status.
    pub status: ProfileStatus,
    /// The steps that an open correction request names, empty without one.
    pub open_steps: &'a [StepName],
    /// When a rejected candidate may come back.
    pub resubmission_open_at: Option<DateTime<Utc>>,
}

/// Why an edit is refused (409).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EditRefusal {
    /// The status allows no edit at all.
    #[error("a profile that is {0} cannot be edited")]
    Status(ProfileStatus),
    /// In review, and no correction request names this step.
    #[error("the step {0} is not open for correction")]
    StepNotOpen(StepName),
    /// Validated, and this step is one that a reviewer verified.
    #[error("the step {0} was verified and cannot be edited yet")]
    StepVerified(StepName),
    /// Rejected, and the delay still runs until then.
    #[error("a rejected profile can be edited again later")]
    Delayed(Option<DateTime<Utc>>),
}

/// Whether that step may be edited now.
///
/// Editing the verified steps of a validated profile opens its second round, which does not exist
/// yet: until then only skills and preferences change there.
pub fn may_edit(step: StepName, profile: Editability<'_>) -> Result<(), EditRefusal> {
    match profile.status {
        ProfileStatus::Draft => Ok(()),
        ProfileStatus::Validated => match step {
            StepName::Skills | StepName::JobPreferences => Ok(()),
            _ => Err(EditRefusal::StepVerified(step)),
        },
        ProfileStatus::InReview if profile.open_steps.contains(&step) => Ok(()),
        ProfileStatus::InReview if !profile.open_steps.is_empty() => {
            Err(EditRefusal::StepNotOpen(step))
        }
        ProfileStatus::Rejected => Err(EditRefusal::Delayed(profile.resubmission_open_at)),
        ProfileStatus::Submitted | ProfileStatus::InReview | ProfileStatus::Archived => {
            Err(EditRefusal::Status(profile.status))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(status: ProfileStatus, open_steps: &[StepName]) -> Editability<'_> {
        Editability {
            status,
            open_steps,
            resubmission_open_at: None,
        }
    }

    #[test]
    fn a_draft_is_open_and_the_rest_is_not() {
        for step in StepName::ALL {
            for status in ProfileStatus::ALL {
                let expected = match status {
                    ProfileStatus::Draft => true,
                    ProfileStatus::Validated => {
                        matches!(step, StepName::Skills | StepName::JobPreferences)
                    }
                    _ => false,
                };
                let answer = may_edit(*step, profile(*status, &[]));
                assert_eq!(answer.is_ok(), expected, "{step} in {status}");
            }
        }
    }

    #[test]
    fn in_review_only_the_named_steps_are_open() {
        let open = [StepName::Documents];
        let in_review = profile(ProfileStatus::InReview, &open);
        assert_eq!(may_edit(StepName::Documents, in_review), Ok(()));
        assert_eq!(
            may_edit(StepName::Identity, in_review),
            Err(EditRefusal::StepNotOpen(StepName::Identity))
        );
        assert!(
            may_edit(
                StepName::Documents,
                profile(ProfileStatus::Submitted, &open)
            )
            .is_err()
        );
    }
}
