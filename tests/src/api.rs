//! The API inside the test's own process, on a database of its own: what a domain's HTTP tests
//! need when no worker has to run.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::config::Config;
use api::state::AppState;
use chrono::{DateTime, TimeDelta, Utc};
use clap::Parser;
use reqwest::Method;
use reqwest::header::HeaderMap;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use store::clock::{Clock, TimeSource};
use store::secrets::{Keyring, LinkPurpose};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use crate::database::TestDatabase;

/// How often a request is sent again.
const PATIENCE: usize = 20;
/// A password that the rules accept.
pub const PASSWORD: &str = "orage-violet-cactus-42";

/// A clock that a test moves by hand.
#[derive(Clone, Debug)]
pub struct TestTime(Arc<Mutex<DateTime<Utc>>>);

impl TestTime {
    /// A clock that stands at the present moment.
    #[must_use]
    pub fn now() -> Self {
        Self(Arc::new(Mutex::new(Clock::system().now())))
    }

    /// Lets time pass.
    pub fn pass(&self, time: TimeDelta) {
        *self.0.lock().unwrap() += time;
    }

    /// The clock to hand out.
    #[must_use]
    pub fn clock(&self) -> Clock {
        Clock::new(Arc::new(self.clone()))
    }
}

impl TimeSource for TestTime {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// A running API.
#[derive(Debug)]
pub struct TestApi {
    /// Its database.
    pub database: TestDatabase,
    base: String,
    http: reqwest::Client,
    keyring: Keyring,
    patient: bool,
    _stop: DropGuard,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The JSON body, or null.
    pub body: Value,
}

impl Reply {
    /// The code of a problem document.
    #[must_use]
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The pointers of a problem document's errors.
    #[must_use]
    pub fn pointers(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().into_iter().flatten();
        errors
            .filter_map(|error| error["pointer"].as_str())
            .collect()
    }
}

/// Somebody who is logged in.
#[derive(Debug, Clone)]
pub struct Session {
    /// The account.
    pub user_id: Uuid,
    /// The company it acts for.
    pub company_id: Option<Uuid>,
    /// The access token.
    pub access_token: String,
    /// The refresh token.
    pub refresh_token: String,
}

impl TestApi {
    /// Starts an API that follows the machine's clock.
    pub async fn start() -> Self {
        Self::start_with(Clock::system(), |_| ()).await
    }

    /// Starts an API with another clock, or another configuration.
    pub async fn start_with(clock: Clock, change: impl FnOnce(&mut Config)) -> Self {
        let database = TestDatabase::create().await;
        let mut config = Config::parse_from(["yemma-api"]);
        config.database.url = database.url("DB_API_URL");
        change(&mut config);
        let own = database.url("DB_API_URL");
        let patient = config.database.url.expose_secret() == own.expose_secret();
        let keyring = Keyring::parse(&config.auth.link_key).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        let state = AppState::new(config, clock).expect("the API's configuration");
        let (app, http) = (api::router::app(state.clone()), state.config.http.clone());
        let stopped = stop.clone();
        tokio::spawn(async move { api::server::serve(listener, app, &http, stopped).await });
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(30))
            .build();
        Self {
            database,
            base,
            http: client.unwrap(),
            keyring,
            patient,
            _stop: stop.drop_guard(),
        }
    }

    /// Its address, such as `http://127.0.0.1:23456`.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// A request that has not been sent, to a path such as `/api/v1/auth/me`.
    pub fn call(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.base))
            .header("accept-language", "en")
    }

    /// Sends a request, and again while the API says that it is busy, as a good client does: the
    /// machine that runs the tests may be.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        for _ in 0..PATIENCE {
            // A file that streams cannot be sent again.
            let Some(again) = request.try_clone() else {
                break;
            };
            let reply = self.send_once(again).await;
            if reply.status != 503 || !self.patient {
                return reply;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        self.send_once(request).await
    }

    async fn send_once(&self, request: reqwest::RequestBuilder) -> Reply {
        let answer = request.send().await.expect("an answer");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.expect("a body");
        let body = serde_json::from_str(&text).unwrap_or_default();
        Reply {
            status,
            headers,
            body,
        }
    }

    /// `GET` under `/api/v1` with a token.
    pub async fn get(&self, path: &str, token: &str) -> Reply {
        self.send(
            self.call(Method::GET, &format!("/api/v1{path}"))
                .bearer_auth(token),
        )
        .await
    }

    /// `POST` under `/api/v1` without a token.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(
            self.call(Method::POST, &format!("/api/v1{path}"))
                .json(body),
        )
        .await
    }

    /// The token in the last verification mail to that address, as the mail would show it.
    pub async fn verification_token(&self, email: &str) -> String {
        let link: Uuid = sqlx::query_scalar(
            "SELECT link.id FROM auth.one_time_links link JOIN auth.users person ON person.id = link.user_id
             WHERE person.email = $1 ORDER BY link.created_at DESC, link.id DESC LIMIT 1",
        )
        .bind(email)
        .fetch_one(&self.database.owner().await)
        .await
        .expect("a link");
        self.keyring.link_token(LinkPurpose::VerifyEmail, link)
    }

    /// Registers an account of that type and verifies its address.
    pub async fn join(&self, email: &str, account_type: &str) -> Session {
        let registered = self
            .post("/auth/register", &registration(email, account_type))
            .await;
        assert_eq!(registered.status, 202, "{registered:?}");
        let token = self.verification_token(email).await;
        let verified = self
            .post("/auth/verify-email", &json!({"token": token}))
            .await;
        assert_eq!(verified.status, 204, "{verified:?}");
        self.log_in(email).await
    }

    /// Logs somebody in whose password is [`PASSWORD`].
    pub async fn log_in(&self, email: &str) -> Session {
        let reply = self
            .post("/auth/login", &credentials(email, PASSWORD))
            .await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let id = |value: &Value| value.as_str().map(|id| id.parse().expect("an id"));
        Session {
            user_id: id(&reply.body["user"]["id"]).expect("an id"),
            company_id: id(&reply.body["user"]["company_id"]),
            access_token: text(&reply.body["access_token"]),
            refresh_token: text(&reply.body["refresh_token"]),
        }
    }
}

/// The body of a registration.
#[must_use]
pub fn registration(email: &str, account_type: &str) -> Value {
    json!({
        "account_type": account_type, "email": email, "password": PASSWORD, "first_name": "Awa",
        "last_name": "Koné", "company_name": "Sahel Services SA", "accept_terms": true,
    })
}

/// The body of a login.
#[must_use]
pub fn credentials(email: &str, password: &str) -> Value {
    json!({"email": email, "password": password})
}
