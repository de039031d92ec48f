//! Error answers: RFC 9457 problem documents, worded for the person who reads them.
//!
//! A handler returns an [`ApiError`]; it travels as an extension of the response to [`render`],
//! the outer middleware that knows the language, the path and the correlation id.

use std::borrow::Cow;
use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use store::StoreError;
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::fields::FieldCode;
use workflows::identity::rules::Locale;

use super::codes::{self, Code, common};
use super::correlation::RequestInfo;

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

/// One field that is wrong, or one reason for a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    pointer: String,
    reason: Reason,
}

/// Why: a code of the catalogue, or one that a rule of `workflows` named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(Cow<'static, str>);

impl From<Code> for Reason {
    fn from(code: Code) -> Self {
        Self(Cow::Borrowed(code.name()))
    }
}

impl From<FieldCode> for Reason {
    fn from(code: FieldCode) -> Self {
        Self(Cow::Borrowed(code.as_str()))
    }
}

impl From<String> for Reason {
    fn from(code: String) -> Self {
        Self(Cow::Owned(code))
    }
}

impl Reason {
    fn sentence(&self, locale: Locale) -> &'static str {
        match (FieldCode::from_code(&self.0), locale) {
            (Some(code), Locale::French) => code.message_fr(),
            (Some(code), Locale::English) => code.message_en(),
            (None, _) => codes::find(&self.0)
                .unwrap_or(common::INVALID_VALUE)
                .message(locale),
        }
    }
}

impl FieldError {
    /// The field at a JSON pointer, and why.
    #[must_use]
    pub fn new(pointer: impl Into<String>, reason: impl Into<Reason>) -> Self {
        Self {
            pointer: pointer.into(),
            reason: reason.into(),
        }
    }

    /// How the contract shows it.
    #[must_use]
    pub fn shown(&self, locale: Locale) -> ProblemField {
        ProblemField {
            pointer: self.pointer.clone(),
            code: self.reason.0.to_string(),
            message: self.reason.sentence(locale).to_owned(),
        }
    }
}

impl From<workflows::fields::FieldError> for FieldError {
    fn from(error: workflows::fields::FieldError) -> Self {
        Self::new(error.pointer, error.code)
    }
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
            StoreError::Unavailable { dependency, .. } => Self::unavailable(dependency),
            StoreError::IdempotencyRace => Self::new(common::REQUEST_IN_PROGRESS),
            other => Self::internal(chain(other)),
        }
    }
}

/// An error with its causes, for the log.
fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(error.source(), |error| error.source())
        .fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
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

/// The body of every error answer (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "urn:yemma:problem:not_found", "title": "Introuvable", "status": 404,
    "detail": "Cette ressource n'existe pas.", "instance": "/api/v1/documents/0199a0b4-9f5e-7cc3-b1f2-000000000000",
    "code": "not_found", "correlation_id": "0199a0b4-9f5e-7cc3-b1f2-3f8f0c5a7e11"
}))]
pub struct Problem {
    /// The kind of problem, as a URN that ends with the code.
    #[serde(rename = "type")]
    kind: String,
    /// The status in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What is wrong, for a person, in the language asked for.
    detail: String,
    /// The path that was asked for.
    instance: String,
    /// The stable code, for a program.
    code: String,
    /// The request's correlation id, to quote when asking for help.
    correlation_id: Uuid,
    /// The fields that are wrong, or the reasons of a refusal.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<ProblemField>,
    /// Members that some codes add.
    #[serde(flatten)]
    #[schema(additional_properties = true, value_type = Object)]
    members: Map<String, Value>,
}

/// One wrong field of a [`Problem`], or one reason of a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"pointer": "/email", "code": "invalid_email", "message": "Cette adresse électronique n'est pas valide."}))]
pub struct ProblemField {
    /// A JSON pointer (RFC 6901) to the field.
    pub pointer: String,
    /// The stable code, for a program.
    pub code: String,
    /// What is wrong, for a person.
    pub message: String,
}

/// Marks an error answer whose body is written already and is no problem document.
#[derive(Debug, Clone, Copy)]
pub struct Finished;

/// Middleware: writes the problem document of every error answer, also of those that no handler
/// made.
pub async fn render(request: Request, next: Next) -> Response {
    let info = request
        .extensions()
        .get::<RequestInfo>()
        .cloned()
        .unwrap_or_default();
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let status = response.status();
    if response.extensions_mut().remove::<Finished>().is_some() {
        return response;
    }
    let error = match response.extensions_mut().remove::<ApiError>() {
        Some(error) => error,
        None if is_error(status) && !is_problem(&response) => ApiError::new(code_of(status)),
        None => return response,
    };
    let problem = error.document(info.locale, &path, info.correlation_id);
    match serde_json::to_vec(&problem) {
        Ok(body) => *response.body_mut() = body.into(),
        Err(error) => tracing::error!(%error, "a problem could not be written"),
    }
    *response.status_mut() = error.code().status();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    if error.code().status() == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    headers.insert(
        header::CONTENT_LANGUAGE,
        HeaderValue::from_static(info.locale.as_str()),
    );
    response
}

fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

fn is_problem(response: &Response) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value == PROBLEM_JSON)
}

/// The code of an error answer that came from a library: its status is all that is known.
fn code_of(status: StatusCode) -> Code {
    match status {
        StatusCode::UNAUTHORIZED => common::UNAUTHENTICATED,
        StatusCode::FORBIDDEN => common::FORBIDDEN,
        StatusCode::NOT_FOUND => common::NOT_FOUND,
        StatusCode::METHOD_NOT_ALLOWED => common::METHOD_NOT_ALLOWED,
        StatusCode::NOT_ACCEPTABLE => common::NOT_ACCEPTABLE,
        StatusCode::REQUEST_TIMEOUT => common::REQUEST_TIMEOUT,
        StatusCode::PAYLOAD_TOO_LARGE => common::TOO_LARGE,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => common::UNSUPPORTED_MEDIA_TYPE,
        StatusCode::UNPROCESSABLE_ENTITY => common::INVALID,
        StatusCode::TOO_MANY_REQUESTS => common::RATE_LIMITED,
        StatusCode::SERVICE_UNAVAILABLE => common::UNAVAILABLE,
        status if status.is_client_error() => common::MALFORMED,
        _ => common::INTERNAL,
    }
}

fn title(status: StatusCode, locale: Locale) -> &'static str {
    let french = match status.as_u16() {
        400 => "Requête mal formée",
        401 => "Authentification requise",
        402 => "Quota épuisé",
        403 => "Accès refusé",
        404 => "Introuvable",
        405 => "Méthode non admise",
        406 => "Non acceptable",
        408 => "Délai dépassé",
        409 => "Conflit",
        412 => "Version périmée",
        413 => "Contenu trop volumineux",
        415 => "Type de contenu non accepté",
        422 => "Saisie non valide",
        423 => "Verrouillé",
        428 => "Précondition requise",
        429 => "Trop de requêtes",
        503 => "Service indisponible",
        _ => "Erreur",
    };
    match locale {
        Locale::French => french,
        Locale::English => status.canonical_reason().unwrap_or("Error"),
    }
}

/// Replaces each `{member}` of a sentence by that member's value.
fn interpolate(message: &str, members: &Map<String, Value>) -> String {
    members
        .iter()
        .fold(message.to_owned(), |text, (name, value)| {
            let shown = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            text.replace(&format!("{{{name}}}"), &shown)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

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
            "This email address is not valid."
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
