//! Commands: the Temporal updates by which people move a process.
//!
//! A command carries ids and codes only. Free text and the caller's network address wait in
//! `admin.command_inputs` under the command's id until the activity takes them in its own
//! transaction, so that no history ever holds them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use temporalio_common::error::ApplicationFailure;
use uuid::Uuid;

/// One request of one person to the workflow that owns a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command<T> {
    /// The id of the update; also the key of the `admin.command_inputs` row and the
    /// `causation_id` of every event that the command leads to. A command is done if and only if
    /// such an event exists.
    pub id: Uuid,
    /// The person who gave the command.
    pub actor_id: Uuid,
    /// Ties the command to the HTTP request it came from.
    pub correlation_id: Uuid,
    /// Present when the caller sent an `Idempotency-Key`.
    pub idempotency: Option<IdempotencyMark>,
    /// What is asked: ids and codes, never text written by a person.
    pub body: T,
}

/// What an `Idempotency-Key` leaves in a command or a transaction: hashes, never the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdempotencyMark {
    /// Who sent it: `user:<id>`, or `address:<hash>` for a caller without an account.
    pub caller: String,
    /// SHA-256 of the key, hexadecimal.
    pub key_hash: String,
    /// HMAC-SHA-256 of method, path and content, hexadecimal.
    pub fingerprint: String,
}

/// Why a process refuses a command. Travels in the details of a failure of the type
/// [`Refusal::FAILURE_TYPE`], whether a validator or an activity refuses; the failure's message
/// (`code` or `code:subject`) is for people.
///
/// It is no [`std::error::Error`] itself, so that it cannot leave a handler without its type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// A stable code of the HTTP contract, such as `already_claimed`.
    pub code: String,
    /// The id of whom or what the code speaks of, such as the reviewer who holds the case.
    pub subject: Option<Uuid>,
}

impl Refusal {
    /// The application failure type by which a refusal is told from any other failure.
    pub const FAILURE_TYPE: &'static str = "Refusal";

    /// A refusal that needs no subject.
    #[must_use]
    pub fn new(code: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            subject: None,
        }
    }

    /// A refusal that names somebody or something.
    #[must_use]
    pub fn about(code: impl Into<String>, subject: Uuid) -> Self {
        Self {
            code: code.into(),
            subject: Some(subject),
        }
    }

    /// The failure by which an activity refuses: not tried again.
    #[must_use]
    pub fn failure(&self) -> ApplicationFailure {
        ApplicationFailure::builder(self.to_string())
            .type_name(Self::FAILURE_TYPE.to_owned())
            .non_retryable(true)
            .details(self.clone())
            .build()
    }
}

/// A refusal on its way out of an update's validator or handler. The SDK makes an untyped failure
/// of whatever leaves them, and puts the error's source among its causes: there the type is.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct Refused {
    message: String,
    #[source]
    typed: ApplicationFailure,
}

impl From<Refusal> for Box<dyn std::error::Error + Send + Sync> {
    fn from(refusal: Refusal) -> Self {
        Box::new(Refused {
            message: refusal.to_string(),
            typed: refusal.failure(),
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.subject {
            Some(subject) => write!(f, "{}:{subject}", self.code),
            None => f.write_str(&self.code),
        }
    }
}

/// The text is not a refusal: not a code in snake case with an optional UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a refusal")]
pub struct NotARefusal;

impl FromStr for Refusal {
    type Err = NotARefusal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (code, subject) = match text.split_once(':') {
            Some((code, subject)) => (
                code,
                Some(Uuid::parse_str(subject).map_err(|_| NotARefusal)?),
            ),
            None => (text, None),
        };
        let is_code = !code.is_empty()
            && code
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if !is_code {
            return Err(NotARefusal);
        }
        Ok(Self {
            code: code.to_owned(),
            subject,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_survives_its_text() {
        for refusal in [
            Refusal::new("already_decided"),
            Refusal::about("already_claimed", Uuid::from_u128(7)),
        ] {
            assert_eq!(refusal.to_string().parse(), Ok(refusal));
        }
    }

    #[test]
    fn other_messages_are_not_refusals() {
        for text in ["", "Already", "connection reset", "a:b", "x y:z"] {
            assert_eq!(text.parse::<Refusal>(), Err(NotARefusal), "{text}");
        }
    }
}
