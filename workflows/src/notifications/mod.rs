//! What people are told, by mail and in the application.
//!
//! One cause, one template and one person make one notification: its id is made from the three,
//! so that a delivery that is taken up twice finds the row that it wrote the first time.

mod delivery;
mod rules;
mod templates;
mod texts;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use delivery::NotificationDelivery;
pub use rules::{Audience, Notice, UnreadablePayload, notices};
pub use templates::{Category, Channels, Template, UnknownTemplate};
pub use texts::{DocumentTold, ShortText, short_text};

use crate::definitions::activity_definitions;

/// Namespace of the ids of notifications.
const NOTIFICATIONS: Uuid = Uuid::from_u128(0x7c1d_9a52_6f0e_5b61_93d4_0f2c_7be8_a135);

/// The id of the notification that tells `recipient` of `event_id` by `template`.
#[must_use]
pub fn notification_id(event_id: Uuid, template: Template, recipient: Uuid) -> Uuid {
    let cause = format!("{event_id}/{template}/{recipient}");
    Uuid::new_v5(&NOTIFICATIONS, cause.as_bytes())
}

/// The id of the workflow that delivers a notification.
#[must_use]
pub fn workflow_id(notification_id: Uuid) -> String {
    format!("notification-{notification_id}")
}

/// What [`NotificationDelivery`] starts with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryInput {
    /// The notification to send.
    pub notification_id: Uuid,
    /// The event that it tells of, such as `profile.validated`.
    pub event_type: String,
    /// Ties the delivery to the request that caused it.
    pub correlation_id: Uuid,
    /// How often and how fast a refused mail is sent again.
    pub timing: DeliveryTiming,
}

/// How a refused mail is tried again. A mail server that is away uses up no attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryTiming {
    /// Attempts before the notification becomes a dead letter.
    pub attempts: u32,
    /// The wait after the first refusal; it doubles each time.
    pub backoff_seconds: u64,
    /// The wait after the first "later" of the mail server (SMTP 4xx, as greylisting answers); it
    /// doubles each time, up to an hour.
    #[serde(default = "later_seconds")]
    pub later_seconds: u64,
    /// For how long "later" is taken for an answer; after that it is a refusal.
    #[serde(default = "later_for_seconds")]
    pub later_for_seconds: u64,
}

/// Greylisting lets a mail pass after five to fifteen minutes.
const fn later_seconds() -> u64 {
    5 * 60
}

/// A day, as the product says of temporary answers.
const fn later_for_seconds() -> u64 {
    24 * 60 * 60
}

/// The longest wait after a "later".
const LONGEST_LATER: u64 = 60 * 60;

impl DeliveryTiming {
    /// The wait after the `refusals`-th refusal in a row, or `None` when it was the last.
    #[must_use]
    pub fn backoff(&self, refusals: u32) -> Option<Duration> {
        if refusals == 0 || refusals >= self.attempts {
            return None;
        }
        let factor = 1_u64 << (refusals - 1).min(16);
        Some(Duration::from_secs(
            self.backoff_seconds.saturating_mul(factor),
        ))
    }

    /// The wait after the `times`-th "later" in a row.
    #[must_use]
    pub fn later(&self, times: u32) -> Duration {
        let factor = 1_u64 << times.saturating_sub(1).min(16);
        let wait = self.later_seconds.saturating_mul(factor);
        Duration::from_secs(wait.min(LONGEST_LATER.max(self.later_seconds)))
    }
}

impl Default for DeliveryTiming {
    fn default() -> Self {
        Self {
            attempts: 3,
            backoff_seconds: 30,
            later_seconds: later_seconds(),
            later_for_seconds: later_for_seconds(),
        }
    }
}

/// What one attempt to send came to. A mail server that is away is no outcome: the activity
/// fails and Temporal runs it again until it is back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Attempt {
    /// The mail server has taken the mail, now or in an earlier attempt.
    Sent,
    /// The mail server has just taken the mail, and that could not be recorded: it is not to be
    /// sent again, only recorded.
    Unrecorded,
    /// There is nobody left to tell: the person or the subject is gone.
    Obsolete,
    /// The mail server says "later". Uses up no attempt.
    Later {
        /// A stable code, such as `smtp_451`.
        code: String,
    },
    /// The mail server, or the message itself, says no.
    Refused {
        /// A stable code, such as `smtp_550`.
        code: String,
    },
}

/// How a delivery ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryOutcome {
    /// The mail server has the mail.
    Sent,
    /// There was nobody left to tell.
    Obsolete,
    /// Every attempt was refused: the notification is a dead letter.
    GaveUp,
}

impl DeliveryOutcome {
    /// The name in search attributes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Obsolete => "obsolete",
            Self::GaveUp => "gave_up",
        }
    }
}

/// The notification to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendInput {
    /// Its id.
    pub notification_id: Uuid,
}

/// The notification to give up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GiveUpInput {
    /// Its id.
    pub notification_id: Uuid,
    /// Why the last attempt was refused.
    pub code: String,
    /// How many were.
    #[serde(default)]
    pub attempts: u32,
}

activity_definitions! {
    /// Renders the mail of a notification and hands it to the mail server, unless it was sent.
    Send(SendInput) -> Attempt = "notifications.send";
    /// Records that the mail server has the mail of a notification.
    Record(SendInput) -> () = "notifications.record";
    /// Records that a notification could not be delivered, and makes its dead letter.
    GiveUp(GiveUpInput) -> () = "notifications.give_up";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_and_the_last_refusal_has_none() {
        let timing = DeliveryTiming {
            attempts: 3,
            backoff_seconds: 30,
            ..DeliveryTiming::default()
        };
        assert_eq!(timing.backoff(1), Some(Duration::from_secs(30)));
        assert_eq!(timing.backoff(2), Some(Duration::from_mins(1)));
        assert_eq!(timing.backoff(3), None);
    }

    #[test]
    fn later_comes_ever_more_seldom_and_each_hour_at_the_seldomest() {
        let minutes = |times| DeliveryTiming::default().later(times).as_secs() / 60;
        assert_eq!([1, 2, 3, 4, 5, 40].map(minutes), [5, 10, 20, 40, 60, 60]);
    }

    #[test]
    fn a_timing_of_an_earlier_version_has_the_products_patience() {
        let old = r#"{"attempts": 3, "backoff_seconds": 30}"#;
        let timing: DeliveryTiming = serde_json::from_str(old).expect("it is read");
        assert_eq!(timing, DeliveryTiming::default());
    }

    #[test]
    fn one_cause_one_template_and_one_person_make_one_id() {
        let (event, person) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let id = notification_id(event, Template::ProfileValidated, person);
        assert_eq!(
            id,
            notification_id(event, Template::ProfileValidated, person)
        );
        assert_ne!(
            id,
            notification_id(event, Template::ProfileRejected, person)
        );
        assert_ne!(
            id,
            notification_id(Uuid::from_u128(3), Template::ProfileValidated, person)
        );
        assert_ne!(
            id,
            notification_id(event, Template::ProfileValidated, event)
        );
    }
}
