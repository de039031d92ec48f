//! Domain events: their names and who consumes them.
//!
//! The table below says who consumes what. Audit consumes every event.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A consumer of events; a delivery is named `<service>.<event>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// The validation queue and its cases.
    Admin,
    /// The audit trail.
    Audit,
    /// Onboarding.
    Candidate,
    /// Companies and their people.
    Company,
    /// Document ingestion.
    Document,
    /// Mail and the in-app feed.
    Notification,
    /// Payments and invoices.
    Payment,
    /// The search index.
    Search,
    /// Plans, quotas and usage history.
    Subscription,
}

impl Service {
    /// Every service.
    pub const ALL: [Self; 9] = [
        Self::Admin,
        Self::Audit,
        Self::Candidate,
        Self::Company,
        Self::Document,
        Self::Notification,
        Self::Payment,
        Self::Search,
        Self::Subscription,
    ];

    /// The service of a delivery's name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|service| service.as_str() == name)
    }

    /// The name used in deliveries and dead letters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Audit => "audit",
            Self::Candidate => "candidate",
            Self::Company => "company",
            Self::Document => "document",
            Self::Notification => "notification",
            Self::Payment => "payment",
            Self::Search => "search",
            Self::Subscription => "subscription",
        }
    }
}

/// The text names no event of the table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown event type {0:?}")]
pub struct UnknownEventType(pub String);

macro_rules! event_types {
    ($($variant:ident = $wire:literal => [$($service:ident),*];)+) => {
        /// The type of a domain event: `<entity>.<action>`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum EventType {
            $(#[doc = concat!("`", $wire, "`")] $variant,)+
        }

        impl EventType {
            /// Every event type, in the order of the specification.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name on the wire and in `events.events`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $wire,)+ }
            }

            /// Who may consume the event besides audit; the writer of an event leaves out those
            /// that its circumstances exclude.
            #[must_use]
            pub const fn consumers(self) -> &'static [Service] {
                match self { $(Self::$variant => &[$(Service::$service,)*],)+ }
            }
        }

        impl FromStr for EventType {
            type Err = UnknownEventType;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($wire => Ok(Self::$variant),)+
                    other => Err(UnknownEventType(other.to_owned())),
                }
            }
        }
    };
}

event_types! {
    UserCreated = "user.created" => [Notification];
    UserUpdated = "user.updated" => [];
    UserDeleted = "user.deleted" => [Search, Company];
    UserRoleChanged = "user.role_changed" => [];
    UserSuspended = "user.suspended" => [];
    UserAction = "user.action" => [Notification];
    ProfileCreated = "profile.created" => [Candidate];
    ProfileUpdated = "profile.updated" => [Search, Candidate];
    ProfileSubmitted = "profile.submitted" => [Admin, Notification];
    ProfileStatusChanged = "profile.status_changed" => [Search, Candidate, Notification];
    ProfileValidated = "profile.validated" => [Search, Notification, Candidate];
    ProfileRejected = "profile.rejected" => [Search, Notification, Candidate];
    ProfileAccessed = "profile.accessed" => [];
    CaseClaimed = "case.claimed" => [];
    CaseReleased = "case.released" => [];
    CaseEscalated = "case.escalated" => [Notification];
    CorrectionRequested = "correction.requested" => [Notification];
    AssessmentSaved = "assessment.saved" => [];
    DocumentUploadRequested = "document.upload.requested" => [Document, Notification];
    DocumentUploaded = "document.uploaded" => [Document];
    DocumentScanned = "document.scanned" => [Admin, Candidate, Notification];
    DocumentVerificationRequested = "document.verification.requested" => [Document];
    DocumentReviewed = "document.reviewed" => [Document];
    DocumentAccessed = "document.accessed" => [];
    DocumentArchived = "document.archived" => [];
    InterviewScheduled = "interview.scheduled" => [Notification];
    InterviewChanged = "interview.changed" => [Notification];
    InterviewCancelled = "interview.cancelled" => [Notification];
    InterviewCompleted = "interview.completed" => [Notification];
    CompanyCreated = "company.created" => [Notification, Subscription];
    CompanyUpdated = "company.updated" => [Notification];
    CompanyVerified = "company.verified" => [Notification];
    RecruiterInvited = "recruiter.invited" => [Notification];
    RecruiterJoined = "recruiter.joined" => [Notification];
    RecruiterRemoved = "recruiter.removed" => [Notification];
    SearchPerformed = "search.performed" => [Subscription];
    ProfileViewed = "profile.viewed" => [Subscription];
    SubscriptionCreated = "subscription.created" => [Company, Notification, Payment];
    SubscriptionActivated = "subscription.activated" => [Company, Notification];
    SubscriptionChanged = "subscription.changed" => [Company, Notification];
    SubscriptionRenewed = "subscription.renewed" => [Company, Notification];
    SubscriptionPastDue = "subscription.past_due" => [Company, Notification];
    SubscriptionExpired = "subscription.expired" => [Company, Notification];
    QuotaExceeded = "quota.exceeded" => [Company, Notification];
    PaymentRequested = "payment.requested" => [Payment];
    PaymentInitiated = "payment.initiated" => [Subscription, Notification];
    PaymentSucceeded = "payment.succeeded" => [Subscription, Notification];
    PaymentFailed = "payment.failed" => [Subscription, Notification];
    PaymentRefunded = "payment.refunded" => [Subscription, Notification];
    InvoiceGenerated = "invoice.generated" => [Subscription, Notification];
    ReminderDue = "reminder.due" => [Notification];
    NotificationSent = "notification.sent" => [];
    NotificationFailed = "notification.failed" => [];
    ExportRequested = "export.requested" => [Notification];
    ExportReady = "export.ready" => [Notification];
    ErasureRequested = "erasure.requested" => [Notification];
    ErasureCancelled = "erasure.cancelled" => [Notification];
    ErasureCompleted = "erasure.completed" => [Notification];
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The name of one consumer's deliveries of one event, such as `audit.user.created`.
#[must_use]
pub fn delivery_name(service: Service, event: EventType) -> String {
    format!("{}.{event}", service.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back_and_none_twice() {
        for event in EventType::ALL {
            assert_eq!(event.as_str().parse(), Ok(*event));
        }
    }

    #[test]
    fn audit_is_never_listed_because_it_consumes_everything() {
        for event in EventType::ALL {
            assert!(!event.consumers().contains(&Service::Audit), "{event}");
        }
    }
}
