//! Accounts: registration, verification, sessions, and what each may do.

mod attempts;
mod people;
mod presence;
mod registration;
mod registration_attempts;
mod sessions;
mod staff;
mod standing;
mod suspension;
mod sweep;
mod verification;

use serde_json::{Value, json};
use uuid::Uuid;
use workflows::events::{EventType, Service};

use crate::events::NewEvent;

pub use attempts::{Attempt, AttemptInput, Outcome, begin_attempt, fail_attempt, settle_attempt};
pub use people::{Credentials, Person, credentials, person};
pub use presence::is_still_present;
pub use registration::{Registration, register, resend_verification};
pub use sessions::{
    LoginRefusal, NewSession, RefreshRefusal, Session, end_every_session, end_session, refresh,
    start_session,
};
pub use staff::{NewStaff, StaffRefusal, StaffStanding, create_staff};
pub use standing::{Grant, Membership, Standing, standing};
pub use suspension::{lift_suspension, suspend};
pub use sweep::{
    forget_attempts, forget_links, forget_logins, forget_refresh_tokens, remove_unverified,
};
pub use verification::{AskedPassword, VerificationRefusal, asked_password, verify_email};

/// The aggregate of events about an account.
const AGGREGATE: &str = "user";

/// `user.action`: an action of a person that no other event names. Only those of the security
/// kind reach their owner; logging in and out is for the audit trail.
fn user_action(user_id: Uuid, action: &str, mut payload: Value) -> NewEvent {
    if let Some(members) = payload.as_object_mut() {
        members.insert("user_id".to_owned(), json!(user_id));
        members.insert("action".to_owned(), json!(action));
    }
    let told = matches!(
        action,
        "verification_requested" | "registration_attempted" | "session_revoked"
    );
    NewEvent::new(EventType::UserAction, AGGREGATE, user_id, payload)
        .consumed_by_if(Service::Notification, told)
}
