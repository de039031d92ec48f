//! An answer and what can be demanded of it.

use anyhow::{Context, bail, ensure};
use reqwest::header::HeaderMap;
use serde_json::Value;

/// What no answer may ever contain: the inside of the house.
const INDISCRETIONS: [&str; 8] = [
    "panicked",
    "backtrace",
    "sqlx",
    "SELECT ",
    "INSERT ",
    "postgres://",
    ".rs:",
    "temporalio",
];

/// Status, headers and body of an answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Method and path of the request.
    pub what: String,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    pub(super) async fn read(what: String, response: reqwest::Response) -> anyhow::Result<Self> {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = response
            .bytes()
            .await
            .with_context(|| format!("{what}: the answer broke off"))?
            .to_vec();
        Ok(Self {
            what,
            status,
            headers,
            body,
        })
    }

    /// Whether the request was accepted.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON, `null` when there is none.
    ///
    /// # Errors
    /// When it is something else.
    pub fn json(&self) -> anyhow::Result<Value> {
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body)
            .with_context(|| format!("{}: not JSON: {}", self.what, self.text()))
    }

    /// The JSON of an answer that has this status.
    ///
    /// # Errors
    /// When the status is another one.
    pub fn expect(&self, status: u16) -> anyhow::Result<Value> {
        self.expect_one_of(&[status])
    }

    /// The JSON of an answer that has one of these status codes.
    ///
    /// # Errors
    /// When the status is another one.
    pub fn expect_one_of(&self, expected: &[u16]) -> anyhow::Result<Value> {
        ensure!(
            expected.contains(&self.status),
            "{}: {} where {expected:?} was promised: {}",
            self.what,
            self.status,
            self.text()
        );
        self.json()
    }

    /// The problem document of a refusal with this status and code.
    ///
    /// # Errors
    /// When it is anything less than the contract's `application/problem+json`.
    pub fn refused(&self, status: u16, code: &str) -> anyhow::Result<Value> {
        let problem = self.problem(status)?;
        ensure!(
            problem["code"] == code,
            "{}: code {} where {code} was promised: {problem}",
            self.what,
            problem["code"]
        );
        Ok(problem)
    }

    /// The problem document of a refusal with this status, whatever its code.
    ///
    /// # Errors
    /// When it is anything less than the contract's `application/problem+json`.
    pub fn problem(&self, status: u16) -> anyhow::Result<Value> {
        let what = &self.what;
        let text = self.text();
        ensure!(
            self.status == status,
            "{what}: {} where {status} was promised: {text}",
            self.status
        );
        let kind = self.header("content-type").unwrap_or_default();
        ensure!(
            kind.starts_with("application/problem+json"),
            "{what}: a refusal as {kind:?}: {text}"
        );
        let problem = self.json()?;
        for member in [
            "type",
            "title",
            "detail",
            "instance",
            "code",
            "correlation_id",
        ] {
            ensure!(
                problem[member]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "{what}: a problem without {member}: {text}"
            );
        }
        ensure!(
            problem["status"] == status,
            "{what}: another status inside: {text}"
        );
        ensure!(
            self.header("x-correlation-id") == problem["correlation_id"].as_str(),
            "{what}: the correlation id of header and body differ: {text}"
        );
        self.discreet()?;
        Ok(problem)
    }

    /// Whether the answer keeps the inside of the house to itself.
    ///
    /// # Errors
    /// When it does not.
    pub fn discreet(&self) -> anyhow::Result<()> {
        let text = self.text();
        match INDISCRETIONS.iter().find(|word| text.contains(*word)) {
            Some(found) => bail!(
                "{}: an answer tells too much ({found:?}): {text}",
                self.what
            ),
            None => Ok(()),
        }
    }

    /// The JSON pointers of a refusal's errors, in order.
    ///
    /// # Errors
    /// When there are none.
    pub fn pointers(&self) -> anyhow::Result<Vec<String>> {
        let body = self.json()?;
        let errors = body["errors"]
            .as_array()
            .with_context(|| format!("{}: no errors: {body}", self.what))?;
        Ok(errors
            .iter()
            .filter_map(|error| error["pointer"].as_str().map(str::to_owned))
            .collect())
    }

    /// The entity tag.
    ///
    /// # Errors
    /// When there is none, or a weak one.
    pub fn etag(&self) -> anyhow::Result<String> {
        let tag = self
            .header("etag")
            .with_context(|| format!("{}: no ETag", self.what))?;
        ensure!(
            tag.starts_with('"'),
            "{}: not a strong tag: {tag}",
            self.what
        );
        Ok(tag.to_owned())
    }
}

/// A text of a JSON document.
///
/// # Errors
/// When it is not there.
pub fn text_at<'a>(value: &'a Value, pointer: &str) -> anyhow::Result<&'a str> {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .with_context(|| format!("no text at {pointer} of {value}"))
}

/// A list of a JSON document.
///
/// # Errors
/// When it is not there.
pub fn list_at<'a>(value: &'a Value, pointer: &str) -> anyhow::Result<&'a Vec<Value>> {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .with_context(|| format!("no list at {pointer} of {value}"))
}
