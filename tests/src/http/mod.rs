//! A client of Yemma's HTTP interface that knows nothing but the contract.
//!
//! It behaves as a good client does: a key with every POST, and, when told to be patient, the same
//! request again until an answer comes.

mod answer;
mod call;
mod echo;
pub mod journal;
mod wire;

use std::time::Duration;

pub use answer::{Answer, list_at, text_at};
pub use call::{Call, Upload, eventually};
pub use echo::{Asked, Echo};
use reqwest::Method;
use serde_json::Value;
pub use wire::Wire;

use self::journal::Journal;

/// How long one request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Somebody who talks to the API, with or without a token.
#[derive(Clone, Debug)]
pub struct Client {
    base: String,
    http: reqwest::Client,
    token: Option<String>,
    language: &'static str,
    patience: Option<Duration>,
    journal: Option<Journal>,
    echo: Option<Echo>,
    name: String,
}

impl Client {
    /// A caller without a token, of the API at this address.
    #[must_use]
    pub fn new(base: &str) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(Duration::from_secs(2))
            .timeout(REQUEST_TIMEOUT)
            .build()
            .expect("a client");
        Self {
            base: base.trim_end_matches('/').to_owned(),
            http,
            token: None,
            language: "en",
            patience: None,
            journal: None,
            echo: None,
            name: "nobody".to_owned(),
        }
    }

    /// The same with an access token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// The same without a token.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self {
            token: None,
            ..self.clone()
        }
    }

    /// The same in another language.
    #[must_use]
    pub fn speaking(&self, language: &'static str) -> Self {
        Self {
            language,
            ..self.clone()
        }
    }

    /// The same, asking again for so long when the server is away.
    #[must_use]
    pub fn patient(&self, patience: Duration) -> Self {
        Self {
            patience: Some(patience),
            ..self.clone()
        }
    }

    /// The same, writing down under this name what was accepted.
    #[must_use]
    pub fn noting(&self, name: &str, journal: &Journal) -> Self {
        Self {
            name: name.to_owned(),
            journal: Some(journal.clone()),
            ..self.clone()
        }
    }

    /// The same, asking twice what may be asked again.
    #[must_use]
    pub fn echoing(&self, echo: &Echo) -> Self {
        Self {
            echo: Some(echo.clone()),
            ..self.clone()
        }
    }

    fn without_echo(&self) -> Self {
        Self {
            echo: None,
            ..self.clone()
        }
    }

    /// The address of the API, without the prefix.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The access token.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Begins a request; a path that starts with `/api/` or with a word of the operations is taken
    /// as it is, any other is under `/api/v1`.
    #[must_use]
    pub fn call(&self, method: Method, path: &str) -> Call<'_> {
        Call::new(self, method, path)
    }

    /// `GET`.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        self.call(Method::GET, path).send().await
    }

    /// `POST` of JSON with a fresh `Idempotency-Key`.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn post(&self, path: &str, body: Value) -> anyhow::Result<Answer> {
        self.call(Method::POST, path).json(body).send().await
    }

    /// `POST` without a body, with a fresh `Idempotency-Key`.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn post_empty(&self, path: &str) -> anyhow::Result<Answer> {
        self.call(Method::POST, path).send().await
    }

    /// `PUT` of JSON.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn put(&self, path: &str, body: Value) -> anyhow::Result<Answer> {
        self.call(Method::PUT, path).json(body).send().await
    }

    /// `PATCH` of JSON.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn patch(&self, path: &str, body: Value) -> anyhow::Result<Answer> {
        self.call(Method::PATCH, path).json(body).send().await
    }

    /// `DELETE`.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn delete(&self, path: &str) -> anyhow::Result<Answer> {
        self.call(Method::DELETE, path).send().await
    }
}
