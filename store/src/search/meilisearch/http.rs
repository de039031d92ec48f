//! The engine's transport with the time-outs of the house: the client's own has none.

use std::time::Duration;

use async_trait::async_trait;
use futures::AsyncReadExt;
use meilisearch_sdk::errors::Error;
use meilisearch_sdk::request::{HttpClient, Method, parse_response};
use reqwest::header::CONTENT_TYPE;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_millis(500);
/// How long a call may take.
const CALL: Duration = Duration::from_secs(1);

/// HTTP with a key and time-outs.
#[derive(Clone)]
pub(super) struct TimedHttp {
    client: reqwest::Client,
    key: Option<SecretString>,
}

impl TimedHttp {
    pub(super) fn new(key: Option<SecretString>) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(CALL)
            .build()?;
        Ok(Self { client, key })
    }
}

#[async_trait]
impl HttpClient for TimedHttp {
    async fn stream_request<
        Query: Serialize + Send + Sync,
        Body: futures::AsyncRead + Send + Sync + 'static,
        Output: DeserializeOwned + 'static,
    >(
        &self,
        url: &str,
        method: Method<Query, Body>,
        content_type: &str,
        expected_status_code: u16,
    ) -> Result<Output, Error> {
        let verb = match &method {
            Method::Get { .. } => reqwest::Method::GET,
            Method::Post { .. } => reqwest::Method::POST,
            Method::Patch { .. } => reqwest::Method::PATCH,
            Method::Put { .. } => reqwest::Method::PUT,
            Method::Delete { .. } => reqwest::Method::DELETE,
        };
        let mut request = self.client.request(verb, url).query(method.query());
        if let Some(key) = &self.key {
            request = request.bearer_auth(key.expose_secret());
        }
        if let Some(body) = method.into_body() {
            let mut bytes = Vec::new();
            Box::pin(body)
                .read_to_end(&mut bytes)
                .await
                .map_err(|error| Error::Other(Box::new(error)))?;
            request = request.header(CONTENT_TYPE, content_type).body(bytes);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        let text = response.text().await?;
        let text = if text.is_empty() { "null" } else { &text };
        parse_response(status, expected_status_code, text, url.to_owned())
    }

    fn is_tokio(&self) -> bool {
        true
    }
}
