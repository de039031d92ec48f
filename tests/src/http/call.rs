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
enum Body {
    None,
    Json(Value),
    Raw(String, Vec<u8>),
    Upload(Upload),
}

/// A request being prepared.
#[derive(Debug)]
pub struct Call<'a> {
    client: &'a Client,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Body,
    key: Option<String>,
}

impl<'a> Call<'a> {
    pub(super) fn new(client: &'a Client, method: Method, path: &str) -> Self {
        let key = (method == Method::POST).then(|| Clock::system().new_id().simple().to_string());
        Self {
            client,
            method,
            path: path.to_owned(),
            headers: HeaderMap::new(),
            body: Body::None,
            key,
        }
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(mut self, body: Value) -> Self {
        self.body = Body::Json(body);
        self
    }

    /// With a body as it is.
    #[must_use]
    pub fn raw(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Body::Raw(content_type.to_owned(), body.into());
        self
    }

    /// With a multipart body.
    #[must_use]
    pub fn upload(mut self, upload: Upload) -> Self {
        self.body = Body::Upload(upload);
        self
    }

    /// With this `Idempotency-Key` in place of a fresh one.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// Without an `Idempotency-Key`.
    #[must_use]
    pub fn without_key(mut self) -> Self {
        self.key = None;
        self
    }

    /// With a header.
    ///
    /// # Panics
    /// When the header cannot be one.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_str(value).expect("a header's value");
        self.headers.insert(HeaderName::from_static(name), value);
        self
    }

    /// Sends it; a patient client sends it again while the server is away or overloaded.
    ///
    /// # Errors
    /// When no answer came within the client's patience.
    pub async fn send(self) -> anyhow::Result<Answer> {
        let end = self.client.patience.map(|time| Instant::now() + time);
        let mut pause = Duration::from_millis(100);
        loop {
            let outcome = self.once().await;
            let again = match &outcome {
                Ok(answer) => {
                    answer.status >= 500 || answer.status == 429 || self.is_unfinished(answer)
                }
                Err(_) => true,
            };
            if !again || end.is_none_or(|end| Instant::now() > end) {
                return self.finish(outcome);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }

    /// A command that was admitted and has no outcome yet: asked again under its key.
    fn is_unfinished(&self, answer: &Answer) -> bool {
        answer.status == 202
            && (self.path.starts_with("/admin/")
                || (self.path.ends_with("/submission") && !answer.text().contains("validation_id")))
    }

    fn finish(&self, outcome: anyhow::Result<Answer>) -> anyhow::Result<Answer> {
        let answer = outcome?;
        if let Some(journal) = &self.client.journal
            && self.method != Method::GET
            && answer.is_success()
        {
            let request = match &self.body {
                Body::Json(body) => body.clone(),
                _ => Value::Null,
            };
            journal.note(
                &self.client.name,
                &self.method,
                &self.path,
                request,
                &answer,
            );
        }
        Ok(answer)
    }

    async fn once(&self) -> anyhow::Result<Answer> {
        let what = format!("{} {}", self.method, self.path);
        let client = self.client;
        let mut request = client
            .http
            .request(self.method.clone(), self.url())
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

    fn url(&self) -> String {
        if self.path.starts_with("http://") {
            return self.path.clone();
        }
        let prefix = if OPERATIONS.iter().any(|known| self.path.starts_with(known)) {
            ""
        } else {
            "/api/v1"
        };
        format!("{}{prefix}{}", self.client.base, self.path)
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
