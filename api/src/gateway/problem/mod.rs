//! Error answers: RFC 9457 problem documents, worded for the person who reads them.
//!
//! A handler returns an [`ApiError`]; it travels as an extension of the response to [`render`],
//! the outer middleware that knows the language, the path and the correlation id.

mod document;
mod fields;
mod render;

use std::time::Duration;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use store::StoreError;
use store::error::chain;
use uuid::Uuid;
use workflows::identity::rules::Locale;

pub use self::document::{Problem, ProblemField};
use self::document::{interpolate, title};
pub use self::fields::{FieldError, Reason};
pub use self::render::{Finished, render};
use super::codes::{self, Code, common};

/// When a call is worth another try that found too much going on.
const BUSY: Duration = Duration::from_secs(2);

/// The media type of every error answer.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// An error answer: a code, the fields it is about and members of its own.
#[derive(Debug, Clone)]
pub struct ApiError(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    code: Code,
    fields: Vec<FieldError>,
    members: Map<String, Value>,
    retry_after: Option<Duration>,
}

impl ApiError {
    /// An answer with that code.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self(Box::new(Inner {
            code,
            fields: Vec::new(),
            members: Map::new(),
            retry_after: None,
        }))
    }

    /// 422 for one field.
    #[must_use]
    pub fn field(pointer: impl Into<String>, reason: impl Into<Reason>) -> Self {
        Self::new(common::INVALID).with_fields([FieldError::new(pointer, reason)])
    }

    /// An answer whose code a rule or a workflow chose: the catalogue's entry of that name, else
    /// a plain conflict.
    #[must_use]
    pub fn refused(code: &str) -> Self {
        codes::find(code).map_or_else(|| Self::new(common::CONFLICT), Self::new)
    }

    /// 500: what happened goes to the log, under the request's correlation id, never to the caller.
    #[must_use]
    pub fn internal(error: impl std::fmt::Display) -> Self {
        tracing::error!(error = %error, "internal error");
        Self::new(common::INTERNAL)
    }

    /// 503 with the time after which to try again.
    #[must_use]
    pub fn unavailable(dependency: &'static str) -> Self {
        tracing::warn!(dependency, "a dependency is unavailable");
        Self::try_later()
    }

    /// 503 with the time after which to try again, for whoever has logged why.
    #[must_use]
    pub fn try_later() -> Self {
        Self::new(common::UNAVAILABLE).retry_after(Duration::from_secs(5))
    }

    /// 422 for these fields, or nothing when there are none.
    pub fn unless_empty(fields: Vec<FieldError>) -> Result<(), Self> {
        if fields.is_empty() {
            Ok(())
        } else {
            Err(Self::new(common::INVALID).with_fields(fields))
        }
    }

    /// Adds the fields or reasons this is about.
    #[must_use]
    pub fn with_fields(mut self, fields: impl IntoIterator<Item = FieldError>) -> Self {
        self.0.fields.extend(fields);
        self
    }

    /// Adds a member to the document; the code's sentence may name it as `{member}`.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.0.members.insert(member.to_owned(), value.into());
        self
    }

    /// Says when to try again.
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.0.retry_after = Some(delay);
        self
    }

    /// The answer's code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The fields or reasons it names.
    #[must_use]
    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }

    /// The document as the caller reads it.
    fn document(&self, locale: Locale, instance: &str, correlation_id: Uuid) -> Problem {
        let Inner {
            code,
            fields,
            members,
            ..
        } = &*self.0;
        Problem {
            kind: format!("urn:yemma:problem:{}", code.name()),
            title: title(code.status(), locale).to_owned(),
            status: code.status().as_u16(),
            detail: interpolate(code.message(locale), members),
            instance: instance.to_owned(),
            code: code.name().to_owned(),
            correlation_id,
            errors: fields.iter().map(|field| field.shown(locale)).collect(),
            members: members.clone(),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::from(&error)
    }
}

impl From<&StoreError> for ApiError {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Unavailable { dependency, .. } => {
                tracing::warn!(
                    dependency,
                    error = error as &(dyn std::error::Error + 'static),
                    "a dependency is unavailable"
                );
                Self::try_later()
            }
            StoreError::Overloaded { dependency, .. } => {
                tracing::warn!(
                    dependency,
                    error = error as &(dyn std::error::Error + 'static),
                    "a dependency is overloaded; the call is turned away"
                );
                Self::new(common::UNAVAILABLE).retry_after(BUSY)
            }
            StoreError::IdempotencyRace => Self::new(common::REQUEST_IN_PROGRESS),
            other => Self::internal(chain(other)),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.0.code.status().into_response();
        if let Some(delay) = self.0.retry_after {
            let seconds = delay.as_secs_f64().ceil().max(1.0);
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, number(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a small positive delay"
)]
fn number(seconds: f64) -> HeaderValue {
    HeaderValue::from(seconds as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::StatusCode;
    use workflows::fields::FieldCode;

    #[test]
    fn the_document_follows_the_language_and_names_its_fields() {
        let error = ApiError::field("/email", FieldCode::InvalidEmail);
        let id = Uuid::from_u128(7);
        let shown =
            serde_json::to_value(error.document(Locale::English, "/api/v1/auth/register", id))
                .unwrap();
        assert_eq!(shown["code"], "invalid_input");
        assert_eq!(shown["status"], 422);
        assert_eq!(shown["title"], "Unprocessable Entity");
        assert_eq!(shown["instance"], "/api/v1/auth/register");
        assert_eq!(shown["correlation_id"], id.to_string());
        assert_eq!(shown["errors"][0]["pointer"], "/email");
        assert_eq!(
            shown["errors"][0]["message"],
            "This mail address is not valid."
        );
        let french = serde_json::to_value(error.document(Locale::French, "/", id)).unwrap();
        assert_eq!(
            french["errors"][0]["message"],
            "Cette adresse électronique n'est pas valide."
        );
    }

    #[test]
    fn members_are_shown_and_fill_the_sentence() {
        let code = Code::new(
            "held",
            StatusCode::CONFLICT,
            "Tenu par {holder}.",
            "Held by {holder}.",
        );
        let error = ApiError::new(code).with("holder", "a.b");
        let shown = serde_json::to_value(error.document(Locale::French, "/", Uuid::nil())).unwrap();
        assert_eq!(shown["detail"], "Tenu par a.b.");
        assert_eq!(shown["holder"], "a.b");
        assert!(shown.get("errors").is_none());
    }

    #[test]
    fn a_delay_is_rounded_up_to_whole_seconds() {
        let response = ApiError::new(common::UNAVAILABLE)
            .retry_after(Duration::from_millis(1200))
            .into_response();
        assert_eq!(response.headers()[header::RETRY_AFTER], "2");
    }

    #[test]
    fn an_unknown_refusal_is_a_conflict() {
        assert_eq!(ApiError::refused("no_such_code").code(), common::CONFLICT);
        assert_eq!(
            ApiError::refused("invalid_token").code().status(),
            StatusCode::UNPROCESSABLE_ENTITY
        );
    }
}
