//! JSON bodies: 400 for what is not JSON, 413, 415, and 422 with a pointer for what is JSON but
//! not what is asked for.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use tower_http::timeout::TimeoutError;
use workflows::fields::{FieldCode, pointer_token};

use super::codes::{Code, common};
use super::encoding;
use super::problem::{ApiError, FieldError};
use super::typed::read;

/// U+FEFF, which some clients put before their text; RFC 8259 lets a reader pass over it.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// The longest time a JSON body may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(15);

/// A JSON body that has arrived and is JSON; what else is asked of it is judged when it is read, so
/// that 404, 412 and 409 can be answered before 422.
#[derive(Debug, Clone)]
pub struct Body {
    bytes: Bytes,
    value: Value,
}

impl Body {
    /// What was sent, in one spelling whatever blanks and order its members had: for a fingerprint.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The body as `T`.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        read(self.value()?)
    }

    /// The JSON itself, for readers that tell a `null` from an absent field.
    pub fn value(&self) -> Result<&Value, ApiError> {
        let mut found = Vec::new();
        find_nul(&self.value, &mut String::new(), &mut found);
        ApiError::unless_empty(found)?;
        Ok(&self.value)
    }
}

/// The body as `T`, which should have `#[serde(deny_unknown_fields)]`.
#[derive(Debug, Clone)]
pub struct Json<T> {
    /// What was sent.
    pub content: T,
    /// The same as [`Body::bytes`].
    pub bytes: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        if !is_json(request.headers()) {
            return Err(ApiError::new(common::UNSUPPORTED_MEDIA_TYPE));
        }
        let bytes = arrived(request, state).await?;
        let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
        let value: Value =
            serde_json::from_slice(text).map_err(|_| ApiError::new(common::INVALID_JSON))?;
        Ok(Self {
            bytes: one_spelling(&value).to_string().into(),
            value,
        })
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let body = Body::from_request(request, state).await?;
        Ok(Self {
            content: body.read()?,
            bytes: body.bytes,
        })
    }
}

/// The body of an operation that asks for none: whatever was sent counts in the fingerprint only.
#[derive(Debug, Clone)]
pub struct NoBody(Bytes);

impl NoBody {
    /// The bytes as they came, for a fingerprint.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl<S: Send + Sync> FromRequest<S> for NoBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        arrived(request, state).await.map(Self)
    }
}

/// The body once it is there, within its time and size.
async fn arrived<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, ApiError> {
    encoding::plain(request.headers())?;
    let arrival = tokio::time::timeout(ARRIVAL, Bytes::from_request(request, state));
    match arrival.await {
        Err(_) => Err(ApiError::new(common::REQUEST_TIMEOUT)),
        Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(ApiError::new(common::TOO_LARGE))
        }
        Ok(Err(rejection)) => Err(ApiError::new(interrupted(&rejection))),
        Ok(Ok(bytes)) => Ok(bytes),
    }
}

/// Why a body did not arrive whole: its sender was too slow, or went away.
fn interrupted(rejection: &BytesRejection) -> Code {
    let mut cause = rejection.source();
    while let Some(error) = cause {
        if error.is::<TimeoutError>() {
            return common::REQUEST_TIMEOUT;
        }
        cause = error.source();
    }
    common::MALFORMED
}

/// For `#[serde(deserialize_with = …)]`: a text that no log must show.
pub fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

/// The same for a text that may be absent or `null`.
pub fn optional_secret<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SecretString>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.map(SecretString::from))
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = value
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// The same with the members of each object in order, whatever order the map itself keeps.
fn one_spelling(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(one_spelling).collect(),
        Value::Object(members) => {
            let sorted: BTreeMap<_, _> = members.iter().collect();
            let spelt = sorted
                .into_iter()
                .map(|(key, member)| (key.clone(), one_spelling(member)));
            Value::Object(spelt.collect())
        }
        plain => plain.clone(),
    }
}

/// Appends a reference token (RFC 6901).
pub fn push(pointer: &mut String, token: &str) {
    pointer.push('/');
    pointer.push_str(&pointer_token(token));
}

fn find_nul(value: &Value, pointer: &mut String, found: &mut Vec<FieldError>) {
    match value {
        Value::String(text) if text.contains('\0') => {
            found.push(FieldError::new(
                pointer.as_str(),
                FieldCode::InvalidCharacter,
            ));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                descend(item, &index.to_string(), pointer, found);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                if key.contains('\0') {
                    found.push(FieldError::new(
                        pointer.as_str(),
                        FieldCode::InvalidCharacter,
                    ));
                } else {
                    descend(member, key, pointer, found);
                }
            }
        }
        _ => {}
    }
}

fn descend(value: &Value, token: &str, pointer: &mut String, found: &mut Vec<FieldError>) {
    let length = pointer.len();
    push(pointer, token);
    find_nul(value, pointer, found);
    pointer.truncate(length);
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body as HttpBody;
    use workflows::identity::rules::Locale;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Person {
        #[expect(dead_code, reason = "only its reading is tested")]
        name: String,
        #[serde(default)]
        #[expect(dead_code, reason = "only its reading is tested")]
        jobs: Vec<Job>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Job {
        #[expect(dead_code, reason = "only its reading is tested")]
        years: u8,
    }

    async fn send(content_type: &str, body: impl Into<HttpBody>) -> Result<(), ApiError> {
        let request = Request::post("/")
            .header("content-type", content_type)
            .body(body.into())
            .unwrap();
        Json::<Person>::from_request(request, &()).await.map(|_| ())
    }

    async fn code(body: &str) -> &'static str {
        send("application/json", body.to_owned())
            .await
            .unwrap_err()
            .code()
            .name()
    }

    async fn field(body: &str) -> (String, String) {
        let error = send("application/json", body.to_owned()).await.unwrap_err();
        assert_eq!(error.code(), common::INVALID);
        let shown = error.fields()[0].shown(Locale::English);
        (shown.pointer, shown.code)
    }

    fn at(pointer: &str, code: &str) -> (String, String) {
        (pointer.to_owned(), code.to_owned())
    }

    #[tokio::test]
    async fn what_is_not_json_is_400() {
        for body in [
            "",
            "{",
            "{\"name\": \"\\ud800\"}",
            "{\"name\": \"a\"} x",
            "nul",
        ] {
            assert_eq!(code(body).await, "invalid_json", "{body}");
        }
        let error = send("application/json", vec![b'"', 0xff, b'"'])
            .await
            .unwrap_err();
        assert_eq!(error.code(), common::INVALID_JSON);
    }

    #[tokio::test]
    async fn another_media_type_is_415() {
        let error = send("text/plain", "{}").await.unwrap_err();
        assert_eq!(error.code(), common::UNSUPPORTED_MEDIA_TYPE);
        assert!(
            send("Application/JSON; charset=utf-8", "{\"name\":\"a\"}")
                .await
                .is_ok()
        );
        assert!(
            send("application/merge-patch+json", "{\"name\":\"a\"}")
                .await
                .is_ok()
        );
    }

    #[tokio::test]
    async fn a_wrong_field_is_pointed_at() {
        assert_eq!(field("{}").await, at("/name", "required"));
        assert_eq!(field("{\"name\": 3}").await, at("/name", "wrong_type"));
        assert_eq!(
            field("{\"name\": \"a\", \"x/y\": 1}").await,
            at("/x~1y", "unknown_field")
        );
        let nested = "{\"name\": \"a\", \"jobs\": [{\"years\": 1}, {\"years\": \"b\"}]}";
        assert_eq!(field(nested).await, at("/jobs/1/years", "wrong_type"));
        assert_eq!(
            field("{\"name\": \"a\", \"jobs\": [{}]}").await,
            at("/jobs/0/years", "required")
        );
    }

    #[tokio::test]
    async fn a_byte_order_mark_is_passed_over_and_compressed_content_is_415() {
        let marked = "\u{feff}{\"name\": \"a\"}";
        assert!(send("application/json", marked).await.is_ok());
        assert_eq!(code("\u{feff}").await, "invalid_json");
        assert_eq!(code("{\u{feff}}").await, "invalid_json");
        let request = Request::post("/")
            .header("content-type", "application/json")
            .header("content-encoding", "gzip")
            .body(HttpBody::from("\u{1f}"))
            .unwrap();
        let error = Body::from_request(request, &()).await.unwrap_err();
        assert_eq!(error.code(), common::UNSUPPORTED_CONTENT_ENCODING);
    }

    #[tokio::test]
    async fn the_same_content_has_one_spelling() {
        let bytes = async |body: &'static str| {
            let request = Request::post("/").header("content-type", "application/json");
            let request = request.body(HttpBody::from(body)).unwrap();
            Body::from_request(request, &()).await.unwrap().bytes
        };
        let one = bytes("{\"a\": {\"c\": 1, \"b\": [2, 3]}, \"d\": \"\u{e9}\"}").await;
        for same in [
            "{\"d\":\"\u{e9}\",\"a\":{\"b\":[2,3],\"c\":1}}",
            "\u{feff}{\"d\":\"\\u00e9\",\n\"a\":{\"b\":[2,3],\"c\":1}} ",
        ] {
            assert_eq!(bytes(same).await, one, "{same}");
        }
        for other in [
            "{\"a\": {\"c\": 1, \"b\": [3, 2]}, \"d\": \"\u{e9}\"}",
            "{\"a\": {\"c\": \"1\", \"b\": [2, 3]}, \"d\": \"\u{e9}\"}",
        ] {
            assert_ne!(bytes(other).await, one, "{other}");
        }
    }

    #[tokio::test]
    async fn a_nul_is_pointed_at() {
        assert_eq!(
            field("{\"name\": \"a\\u0000b\"}").await,
            at("/name", "invalid_character")
        );
    }
}
