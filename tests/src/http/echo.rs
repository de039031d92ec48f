//! A client that asks everything twice: what takes an `Idempotency-Key` is sent two times at once
//! and a third time after that, and is remembered, to be asked again when things have changed.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::call::{Body, Request};
use super::{Answer, Client};

/// The headers that belong to an answer; the others are of the moment.
const OWN_HEADERS: [&str; 3] = ["content-type", "etag", "location"];
/// How long two requests at once may keep each other waiting.
const PATIENCE: Duration = Duration::from_secs(30);

/// What was asked twice, by everybody who shares it.
#[derive(Clone, Debug)]
pub struct Echo {
    keyed: Arc<BTreeSet<String>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// A request that was granted.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The operation, such as `POST /documents/{id}/links`.
    pub operation: String,
    /// The first answer.
    pub first: Answer,
    /// The correlation id of every time it was asked.
    pub correlation_ids: Vec<String>,
    client: Client,
    request: Request,
}

impl Echo {
    /// Asks those operations twice, which are named like `POST /documents/{id}/links`.
    #[must_use]
    pub fn of(operations: impl IntoIterator<Item = String>) -> Self {
        Self {
            keyed: Arc::new(operations.into_iter().collect()),
            asked: Arc::default(),
        }
    }

    /// What was asked and granted.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        let asked = self.asked.lock();
        asked.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn operation(&self, request: &Request) -> Option<String> {
        request.key.as_ref()?;
        let method = request.method.as_str();
        let fits = |name: &&String| {
            name.split_once(' ')
                .is_some_and(|(verb, template)| verb == method && fits(template, &request.path))
        };
        self.keyed.iter().find(fits).cloned()
    }

    /// Sends a request two times at once, then once more, and remembers it if it was granted.
    pub(super) async fn twice(
        &self,
        operation: String,
        client: &Client,
        request: Request,
    ) -> anyhow::Result<Answer> {
        let client = client.without_echo();
        let (one, other) = tokio::join!(settled(&client, &request), settled(&client, &request));
        let ((first, mut ids), (second, more)) = (one?, other?);
        ids.extend(more);
        if !first.is_success() && !second.is_success() {
            return Ok(first);
        }
        let mut asked = Asked {
            operation,
            first,
            correlation_ids: ids,
            client,
            request,
        };
        asked.compare(&second).context("two at once")?;
        asked.again().await.context("at once again")?;
        let first = asked.first.clone();
        let mut all = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(asked);
        Ok(first)
    }
}

impl Asked {
    /// The `Idempotency-Key`.
    #[must_use]
    pub fn key(&self) -> &str {
        self.request.key.as_deref().unwrap_or_default()
    }

    /// Asks again: the answer must be the first one.
    ///
    /// # Errors
    /// When it is not.
    pub async fn again(&mut self) -> anyhow::Result<()> {
        let (answer, ids) = settled(&self.client, &self.request).await?;
        self.correlation_ids.extend(ids);
        self.compare(&answer)
    }

    /// Asks something else under the same key.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn otherwise(&self) -> anyhow::Result<Answer> {
        let mut request = self.request.clone();
        request.body = match request.body {
            Body::None => Body::Json(json!({ "other": true })),
            Body::Json(body) => Body::Json(other(body)),
            Body::Upload(mut upload) => {
                upload.file.content.push(b'\n');
                Body::Upload(upload)
            }
            Body::Raw(..) => bail!("{}: a raw body", self.operation),
        };
        request.send(&self.client).await
    }

    /// Status, own headers and body, byte for byte.
    fn compare(&self, answer: &Answer) -> anyhow::Result<()> {
        let first = &self.first;
        ensure!(
            (first.status, &first.body) == (answer.status, &answer.body),
            "{} {}: first {} {}\nthen {} {}",
            self.operation,
            self.request.path,
            first.status,
            first.text(),
            answer.status,
            answer.text()
        );
        for name in OWN_HEADERS {
            let (one, other) = (first.header(name), answer.header(name));
            ensure!(
                one == other,
                "{}: {name} {one:?}, then {other:?}",
                self.operation
            );
        }
        Ok(())
    }
}

/// The answer once there is one: the same request at the same time may be in the way, and a
/// command may not be finished.
async fn settled(client: &Client, request: &Request) -> anyhow::Result<(Answer, Vec<String>)> {
    let end = Instant::now() + PATIENCE;
    let mut ids = Vec::new();
    loop {
        let answer = request.send(client).await?;
        ids.extend(answer.header("x-correlation-id").map(str::to_owned));
        let in_the_way = answer.status == 409 && answer.json()?["code"] == "request_in_progress";
        let wait = in_the_way || request.is_unfinished(&answer) || answer.status == 503;
        if !wait || Instant::now() > end {
            return Ok((answer, ids));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (mut places, mut words) = (template.split('/'), path.split('/'));
    loop {
        match (places.next(), words.next()) {
            (None, None) => return true,
            (Some(place), Some(word)) if place.starts_with('{') || place == word => {}
            _ => return false,
        }
    }
}

/// The same with its last text changed, which is no longer the same and still has its form.
fn other(mut body: Value) -> Value {
    let members = body.as_object_mut();
    let text = members.and_then(|members| members.values_mut().filter(|v| v.is_string()).last());
    match text {
        Some(text) => *text = json!(format!("{}x", text.as_str().unwrap_or_default())),
        None => body = json!({ "other": true }),
    }
    body
}
