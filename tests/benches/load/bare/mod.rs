//! The other side: axum and sqlx, the same statements, nothing else. No token, no limits, no
//! rules, no logs.

mod opening;
mod profile;
mod search;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use secrecy::SecretString;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use store::clock::Clock;
use store::{DatabaseConfig, Store};
use tests::environment::required;

use crate::statements::statement;

/// What every bare handler can reach.
#[derive(Clone)]
struct Bare {
    pool: PgPool,
    store: Store,
    statements: Statements,
}

/// The statements of the store that are run here.
#[derive(Clone, Copy)]
struct Statements {
    read_profile: &'static str,
    lock_profile: &'static str,
    update_profile: &'static str,
    look: &'static str,
    charge: &'static str,
    append_event: &'static str,
}

impl Statements {
    fn read() -> Self {
        Self {
            read_profile: statement("SELECT p.id, p.user_id,", "WHERE p.user_id = $1"),
            lock_profile: statement("SELECT p.id, p.user_id,", "FOR UPDATE OF p"),
            update_profile: statement("UPDATE candidate.profiles SET", "AND version = $3"),
            look: statement("SELECT p.user_id, person.email,", "LIMIT 1"),
            charge: statement("WITH opening AS (", "AS \"is_charged!\""),
            append_event: statement("WITH written AS (", "AS delivery (event_id, consumer)"),
        }
    }
}

/// Serves until the process is ended.
pub async fn serve(address: &str) -> anyhow::Result<()> {
    let url = required("DB_API_URL");
    let config = DatabaseConfig::default();
    let pool = PgPoolOptions::new()
        .max_connections(config.max_connections)
        .connect(&url)
        .await?;
    let bare = Bare {
        pool,
        store: Store::connect_lazy(&SecretString::from(url), &config, Clock::system())?,
        statements: Statements::read(),
    };
    let router = Router::new()
        .route(
            "/profile/{user_id}",
            get(profile::read).patch(profile::edit),
        )
        .route("/search/{company_id}", post(search::search))
        .route("/opening/{company_id}/{profile_id}", post(opening::open))
        .with_state(bare);
    let listener = tokio::net::TcpListener::bind(address).await?;
    axum::serve(listener, router).await?;
    Ok(())
}

/// Whatever went wrong, as text: only the benchmark sees it.
struct Failure(String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.0).into_response()
    }
}
