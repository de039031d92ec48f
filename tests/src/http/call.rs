//! One request on its way, and its repetitions.

use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::multipart::{Form, Part};
use serde_json::Value;
use store::clock::Clock;
use tokio::time::Instant;

use super::{Answer, Client};
use crate::files::TestFile;

/// Paths that have no prefix.
const OPERATIONS: [&str; 7] = [
    "/api/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/docs",
    "/.well-known/",
];

/// A multipart upload: the fields, then the file.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Name and value of each field before the file.
    pub fields: Vec<(String, String)>,
    /// The file.
    pub file: TestFile,
    /// Fields after the file, which the contract forbids.
    pub late_fields: Vec<(String, String)>,
}

impl Upload {
    /// A document of a kind.
    #[must_use]
    pub fn new(kind: &str, file: &TestFile) -> Self {
        Self {
            fields: vec![("kind".to_owned(), kind.to_owned())],
            file: file.clone(),
            late_fields: Vec::new(),
        }
    }

    /// The same with one more field.
    #[must_use]
    pub fn field(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    fn form(&self) -> anyhow::Result<Form> {
        let mut form = Form::new();
        for (name, value) in &self.fields {
            form = form.text(name.clone(), value.clone());
        }
        let part = Part::bytes(self.file.content.clone())
            .file_name(self.file.name.clone())
            .mime_str(&self.file.content_type)?;
        form = form.part("file", part);
        for (name, value) in &self.late_fields {
            form = form.text(name.clone(), value.clone());
        }
        Ok(form)
    }
}

#[derive(Clone, Debug)]
pub(super) enum Body {
    None,
    Json(Value),
    Raw(String, Vec<u8>),
    Upload(Upload),
}

/// What is asked, whoever asks it.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
    pub(super) key: Option<String>,
}

/// A request being prepared.
#[derive(Debug)]
pub struct Call<'a> {
    client: &'a Client,
    request: Request,
}

impl<'a> Call<'a> {
    pub(super) fn new(client: &'a Client, method: Method, path: &str) -> Self {
        let key = (method == Method::POST || client.echo.is_some())
            .then(|| Clock::system().new_id().simple().to_string());
        let request = Request {
            method,
            path: path.to_owned(),
            headers: HeaderMap::new(),
            body: Body::None,
            key,
        };
        Self { client, request }
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(mut self, body: Value) -> Self {
        self.request.body = Body::Json(body);
        self
    }

    /// With a body as it is.
    #[must_use]
    pub fn raw(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.request.body = Body::Raw(content_type.to_owned(), body.into());
        self
    }

    /// With a multipart body.
    #[must_use]
    pub fn upload(mut self, upload: Upload) -> Self {
        self.request.body = Body::Upload(upload);
        self
    }

    /// With this `Idempotency-Key` in place of a fresh one.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.request.key = Some(key.to_owned());
        self
    }

    /// Without an `Idempotency-Key`.
    #[must_use]
    pub fn without_key(mut self) -> Self {
        self.request.key = None;
        self
    }

    /// With a header.
    ///
    /// # Panics
    /// When the header cannot be one.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_str(value).expect("a header's value");
        let name = HeaderName::from_static(name);
        self.request.headers.insert(name, value);
        self
    }

    /// Sends it; a patient client sends it again while the server is away or overloaded.
    ///
    /// # Errors
    /// When no answer came within the client's patience.
    pub async fn send(self) -> anyhow::Result<Answer> {
        let (client, request) = (self.client, self.request);
        if let Some(echo) = &client.echo
            && let Some(operation) = echo.operation(&request)
        {
            return Box::pin(echo.twice(operation, client, request)).await;
        }
        let end = client.patience.map(|time| Instant::now() + time);
        let mut pause = Duration::from_millis(100);
        loop {
            let outcome = request.send(client).await;
            let again = match &outcome {
                Ok(answer) => {
                    answer.status >= 500 || answer.status == 429 || request.is_unfinished(answer)
                }
                Err(_) => true,
            };
            if !again || end.is_none_or(|end| Instant::now() > end) {
                return request.finish(client, outcome);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }
}

impl Request {
    /// A command that was admitted and has no outcome yet: asked again under its key.
    pub(super) fn is_unfinished(&self, answer: &Answer) -> bool {
        let of_a_case = ["/admin/validations/", "/admin/rejected-profiles/"];
        answer.status == 202
            && (of_a_case.iter().any(|start| self.path.starts_with(start))
                || (self.path.ends_with("/submission") && !answer.text().contains("validation_id")))
    }

    fn finish(&self, client: &Client, outcome: anyhow::Result<Answer>) -> anyhow::Result<Answer> {
        let answer = outcome?;
        if let Some(journal) = &client.journal
            && self.method != Method::GET
            && answer.is_success()
        {
            let request = match &self.body {
                Body::Json(body) => body.clone(),
                _ => Value::Null,
            };
            journal.note(&client.name, &self.method, &self.path, request, &answer);
        }
        Ok(answer)
    }

    /// Sends it once.
    pub(super) async fn send(&self, client: &Client) -> anyhow::Result<Answer> {
        let what = format!("{} {}", self.method, self.path);
        let mut request = client
            .http
            .request(self.method.clone(), self.url(client))
            .header("accept-language", client.language)
            .headers(self.headers.clone());
        if let Some(token) = &client.token {
            request = request.bearer_auth(token);
        }
        if let Some(key) = &self.key {
            request = request.header("idempotency-key", key);
        }
        request = match &self.body {
            Body::None => request,
            Body::Json(body) => request.json(body),
            Body::Raw(content_type, body) => request
                .header("content-type", content_type)
                .body(body.clone()),
            Body::Upload(upload) => request.multipart(upload.form()?),
        };
        let response = request
            .send()
            .await
            .with_context(|| format!("{what}: no answer"))?;
        Answer::read(what, response).await
    }

    fn url(&self, client: &Client) -> String {
        if self.path.starts_with("http://") {
            return self.path.clone();
        }
        let prefix = if OPERATIONS.iter().any(|known| self.path.starts_with(known)) {
            ""
        } else {
            "/api/v1"
        };
        format!("{}{prefix}{}", client.base, self.path)
    }
}

/// Asks again and again until an answer satisfies, or the time is over.
///
/// # Errors
/// When it never did; the last reason is told.
pub async fn eventually<T>(
    what: &str,
    within: Duration,
    mut attempt: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let end = Instant::now() + within;
    loop {
        let outcome = attempt().await;
        if let Ok(Some(found)) = outcome {
            return Ok(found);
        }
        if Instant::now() > end {
            let last = outcome.err().map(|error| format!(" ({error:#})"));
            bail!("{what}: not within {within:?}{}", last.unwrap_or_default());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
