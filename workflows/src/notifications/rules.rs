//! Which event tells what to whom.

use serde_json::Value;
use uuid::Uuid;

use super::templates::Template;
use crate::events::EventType;

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// One person.
    User(Uuid),
    /// The person whose profile it is.
    Candidate {
        /// The profile.
        profile_id: Uuid,
    },
    /// Whoever holds the case now.
    Reviewer {
        /// The case.
        validation_id: Uuid,
    },
    /// Every reviewer.
    Team,
    /// Everybody who runs the platform.
    SuperAdmins,
    /// A company's administrators.
    CompanyAdmins {
        /// The company.
        company_id: Uuid,
    },
}

/// One thing to tell an audience.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What is told.
    pub template: Template,
    /// To whom.
    pub audience: Audience,
}

/// The event's payload lacks what the notice needs: a bug of its writer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the payload of {event} lacks a valid {key:?}")]
pub struct UnreadablePayload {
    /// The event.
    pub event: EventType,
    /// The key that is missing or has the wrong type.
    pub key: &'static str,
}

/// What `event` tells, and to whom. Payloads hold the ids of what they are about
/// (`user_id`, `profile_id`, `validation_id`, `reviewer_id`, `company_id`, …) and codes.
///
/// An event that concerns nobody by these rules gives none: its delivery is done.
pub fn notices(event: EventType, payload: &Value) -> Result<Vec<Notice>, UnreadablePayload> {
    use EventType as E;
    use Template as T;

    let fields = Fields { event, payload };
    let found = match event {
        E::UserCreated => vec![fields.user(T::EmailVerification)?],
        E::UserAction => user_action(&fields)?,
        E::CompanyCreated => vec![fields.company(T::CompanyWelcome)?],
        E::ProfileSubmitted => vec![fields.candidate(submission(&fields))?],
        E::ProfileValidated => vec![fields.candidate(T::ProfileValidated)?],
        E::ProfileRejected => vec![fields.candidate(T::ProfileRejected)?],
        E::ProfileStatusChanged => lapse(&fields)?,
        E::CorrectionRequested => vec![fields.candidate(T::CorrectionRequested)?],
        E::DocumentUploadRequested => vec![fields.candidate(T::DocumentRequested)?],
        E::DocumentScanned => scanned(&fields)?,
        E::InterviewScheduled => {
            fields.both(T::InterviewScheduled, T::InterviewScheduledReviewer)?
        }
        E::InterviewChanged => fields.both(T::InterviewChanged, T::InterviewChangedReviewer)?,
        E::InterviewCancelled => {
            fields.both(T::InterviewCancelled, T::InterviewCancelledReviewer)?
        }
        E::InterviewCompleted => vec![fields.candidate(T::InterviewCompleted)?],
        E::CaseEscalated => vec![escalation(&fields)?],
        E::ReminderDue => reminder(&fields)?,
        _ => Vec::new(),
    };
    Ok(found)
}

fn user_action(fields: &Fields<'_>) -> Result<Vec<Notice>, UnreadablePayload> {
    Ok(match fields.text("action") {
        Some("verification_requested") => vec![fields.user(Template::EmailVerification)?],
        Some("registration_attempted") => vec![fields.user(Template::RegistrationAttempted)?],
        Some("session_revoked") => vec![fields.user(Template::SessionRevoked)?],
        Some("password_changed") => vec![fields.user(Template::PasswordChanged)?],
        _ => Vec::new(),
    })
}

fn submission(fields: &Fields<'_>) -> Template {
    if fields.payload["resubmission"].as_bool().unwrap_or(false) {
        Template::ProfileResubmitted
    } else {
        Template::ProfileSubmitted
    }
}

fn lapse(fields: &Fields<'_>) -> Result<Vec<Notice>, UnreadablePayload> {
    let lapsed = ["cause", "outcome", "reason"]
        .iter()
        .any(|key| fields.text(key) == Some("lapsed"));
    if lapsed {
        fields.both(Template::CaseLapsed, Template::CaseLapsedReviewer)
    } else {
        Ok(Vec::new())
    }
}

fn scanned(fields: &Fields<'_>) -> Result<Vec<Notice>, UnreadablePayload> {
    let template = match fields.text("status").or_else(|| fields.text("outcome")) {
        Some("infected") => Template::DocumentInfected,
        Some("rejected") => Template::DocumentRejected,
        Some(_) => return Ok(Vec::new()),
        None => return Err(fields.lacks("status")),
    };
    Ok(vec![fields.candidate(template)?])
}

fn escalation(fields: &Fields<'_>) -> Result<Notice, UnreadablePayload> {
    Ok(match fields.text("level") {
        Some("warning") => Notice {
            template: Template::CaseEscalated,
            audience: Audience::Team,
        },
        Some("breached") => Notice {
            template: Template::CaseBreached,
            audience: Audience::SuperAdmins,
        },
        _ => return Err(fields.lacks("level")),
    })
}

fn reminder(fields: &Fields<'_>) -> Result<Vec<Notice>, UnreadablePayload> {
    // A document's reminder has its document's kind under `kind`.
    let kind = fields.text("reminder").or_else(|| fields.text("kind"));
    Ok(match kind {
        Some("onboarding") => vec![fields.candidate(Template::ReminderOnboarding)?],
        Some("correction") => vec![fields.candidate(Template::ReminderCorrection)?],
        Some("interview") => fields.both(
            Template::ReminderInterview,
            Template::ReminderInterviewReviewer,
        )?,
        Some("claim_expired") => vec![fields.reviewer(Template::ReminderClaimExpired)?],
        Some("scan_delayed") => vec![fields.candidate(Template::ReminderScanDelayed)?],
        Some("resubmission_open") => {
            vec![fields.candidate(Template::ReminderResubmissionOpen)?]
        }
        _ => return Err(fields.lacks("reminder")),
    })
}

struct Fields<'a> {
    event: EventType,
    payload: &'a Value,
}

impl<'a> Fields<'a> {
    fn lacks(&self, key: &'static str) -> UnreadablePayload {
        UnreadablePayload {
            event: self.event,
            key,
        }
    }

    fn text(&self, key: &str) -> Option<&'a str> {
        self.payload[key].as_str()
    }

    fn id(&self, key: &'static str) -> Option<Uuid> {
        self.text(key).and_then(|text| Uuid::parse_str(text).ok())
    }

    fn user(&self, template: Template) -> Result<Notice, UnreadablePayload> {
        let user_id = self.id("user_id").ok_or_else(|| self.lacks("user_id"))?;
        Ok(Notice {
            template,
            audience: Audience::User(user_id),
        })
    }

    /// The profile's owner: by `user_id` where the event names the person, else by the profile.
    fn candidate(&self, template: Template) -> Result<Notice, UnreadablePayload> {
        let audience = match (self.id("user_id"), self.id("profile_id")) {
            (Some(user_id), _) => Audience::User(user_id),
            (None, Some(profile_id)) => Audience::Candidate { profile_id },
            (None, None) => return Err(self.lacks("profile_id")),
        };
        Ok(Notice { template, audience })
    }

    /// The reviewer the event names, else whoever holds the case.
    fn reviewer(&self, template: Template) -> Result<Notice, UnreadablePayload> {
        let audience = match (self.id("reviewer_id"), self.id("validation_id")) {
            (Some(reviewer_id), _) => Audience::User(reviewer_id),
            (None, Some(validation_id)) => Audience::Reviewer { validation_id },
            (None, None) => return Err(self.lacks("validation_id")),
        };
        Ok(Notice { template, audience })
    }

    fn both(
        &self,
        candidate: Template,
        reviewer: Template,
    ) -> Result<Vec<Notice>, UnreadablePayload> {
        Ok(vec![self.candidate(candidate)?, self.reviewer(reviewer)?])
    }

    fn company(&self, template: Template) -> Result<Notice, UnreadablePayload> {
        let company_id = self
            .id("company_id")
            .ok_or_else(|| self.lacks("company_id"))?;
        Ok(Notice {
            template,
            audience: Audience::CompanyAdmins { company_id },
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn templates(event: EventType, payload: &Value) -> Vec<Template> {
        notices(event, payload)
            .expect("a readable payload")
            .into_iter()
            .map(|notice| notice.template)
            .collect()
    }

    #[test]
    fn an_interview_tells_the_candidate_and_the_reviewer() {
        let (profile, user, reviewer) =
            (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
        let payload = json!({"profile_id": profile, "user_id": user, "reviewer_id": reviewer});
        let told = notices(EventType::InterviewScheduled, &payload).expect("notices");
        assert_eq!(
            told,
            [
                Notice {
                    template: Template::InterviewScheduled,
                    audience: Audience::User(user)
                },
                Notice {
                    template: Template::InterviewScheduledReviewer,
                    audience: Audience::User(reviewer)
                },
            ]
        );
    }

    /// Every event that somebody is told of, with what tells it from its like.
    #[test]
    fn each_event_has_its_templates() {
        use EventType as E;
        use Template as T;
        let action = |name| (E::UserAction, json!({"action": name}));
        let level = |name| (E::CaseEscalated, json!({"level": name}));
        let due = |name| (E::ReminderDue, json!({"reminder": name}));
        let plain = |event| (event, json!({}));
        let cases: [((E, Value), &[T]); 27] = [
            (plain(E::UserCreated), &[T::EmailVerification]),
            (action("verification_requested"), &[T::EmailVerification]),
            (
                action("registration_attempted"),
                &[T::RegistrationAttempted],
            ),
            (action("session_revoked"), &[T::SessionRevoked]),
            (action("password_changed"), &[T::PasswordChanged]),
            (action("notification_read"), &[]),
            (plain(E::CompanyCreated), &[T::CompanyWelcome]),
            (plain(E::ProfileSubmitted), &[T::ProfileSubmitted]),
            (
                (E::ProfileSubmitted, json!({"resubmission": true})),
                &[T::ProfileResubmitted],
            ),
            (plain(E::ProfileValidated), &[T::ProfileValidated]),
            (plain(E::ProfileRejected), &[T::ProfileRejected]),
            (plain(E::CorrectionRequested), &[T::CorrectionRequested]),
            (plain(E::DocumentUploadRequested), &[T::DocumentRequested]),
            (
                plain(E::InterviewScheduled),
                &[T::InterviewScheduled, T::InterviewScheduledReviewer],
            ),
            (
                plain(E::InterviewChanged),
                &[T::InterviewChanged, T::InterviewChangedReviewer],
            ),
            (
                plain(E::InterviewCancelled),
                &[T::InterviewCancelled, T::InterviewCancelledReviewer],
            ),
            (plain(E::InterviewCompleted), &[T::InterviewCompleted]),
            (level("warning"), &[T::CaseEscalated]),
            (level("breached"), &[T::CaseBreached]),
            (due("onboarding"), &[T::ReminderOnboarding]),
            (due("correction"), &[T::ReminderCorrection]),
            (
                due("interview"),
                &[T::ReminderInterview, T::ReminderInterviewReviewer],
            ),
            (due("claim_expired"), &[T::ReminderClaimExpired]),
            (due("scan_delayed"), &[T::ReminderScanDelayed]),
            (due("resubmission_open"), &[T::ReminderResubmissionOpen]),
            (plain(E::ProfileViewed), &[]),
            (plain(E::DocumentUploaded), &[]),
        ];
        for ((event, mut payload), expected) in cases {
            for key in ["user_id", "profile_id", "validation_id", "company_id"] {
                payload[key] = json!(Uuid::nil());
            }
            assert_eq!(templates(event, &payload), expected, "{event} {payload}");
        }
    }

    #[test]
    fn only_a_lapse_makes_a_change_of_status_a_notice() {
        let ids = |cause: &str| {
            json!({
                "profile_id": Uuid::nil(), "validation_id": Uuid::nil(), "cause": cause,
            })
        };
        assert_eq!(
            templates(EventType::ProfileStatusChanged, &ids("withdrawn")),
            []
        );
        assert_eq!(
            templates(EventType::ProfileStatusChanged, &ids("lapsed")),
            [Template::CaseLapsed, Template::CaseLapsedReviewer]
        );
    }

    #[test]
    fn a_clean_scan_tells_nobody() {
        let scan = |status: &str| json!({"profile_id": Uuid::nil(), "status": status});
        assert_eq!(
            templates(EventType::DocumentScanned, &scan("available")),
            []
        );
        assert_eq!(
            templates(EventType::DocumentScanned, &scan("infected")),
            [Template::DocumentInfected]
        );
        assert_eq!(
            templates(EventType::DocumentScanned, &scan("rejected")),
            [Template::DocumentRejected]
        );
    }

    #[test]
    fn what_cannot_be_read_is_an_error_and_not_silence() {
        let lacking = notices(EventType::UserCreated, &json!({"user_id": "nobody"}));
        assert_eq!(
            lacking,
            Err(UnreadablePayload {
                event: EventType::UserCreated,
                key: "user_id"
            })
        );
        assert!(notices(EventType::ReminderDue, &json!({"reminder": "tea"})).is_err());
        assert!(notices(EventType::CaseEscalated, &json!({})).is_err());
    }

    #[test]
    fn events_of_later_verticals_tell_nobody_yet() {
        assert_eq!(templates(EventType::RecruiterInvited, &json!({})), []);
    }
}
