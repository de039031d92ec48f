//! What operators ask a worker: is it alive, what can it reach, what has it counted.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use store::Store;
use store::breaker::{Breaker, BreakerState};
use store::database::DEPENDENCY;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::metrics::Metrics;
use crate::temporal::Temporal;

/// What the listener speaks of.
#[derive(Clone, Debug)]
pub struct Operations {
    /// PostgreSQL.
    pub store: Store,
    /// Temporal.
    pub temporal: Temporal,
    /// The breakers of the other dependencies, with their names.
    pub breakers: Vec<(&'static str, Breaker)>,
    /// What was counted.
    pub metrics: Metrics,
}

/// Serves `/metrics`, `/healthz` and `/readyz` until the token is cancelled. Meant for the inside
/// of the platform: scrapers and probes.
pub async fn serve(
    listener: TcpListener,
    operations: Operations,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let app = Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(operations);
    axum::serve(listener, app)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
}

async fn healthz() -> Json<Value> {
    Json(json!({"status": "alive"}))
}

async fn readyz(State(operations): State<Operations>) -> Response {
    let (postgres, temporal) = tokio::join!(operations.store.ping(), operations.temporal.ping());
    let word = |is_up: bool| if is_up { "up" } else { "down" };
    let mut dependencies = serde_json::Map::new();
    dependencies.insert(DEPENDENCY.to_owned(), word(postgres.is_ok()).into());
    dependencies.insert("temporal".to_owned(), word(temporal).into());
    let mut is_degraded = !temporal;
    for (name, breaker) in &operations.breakers {
        let is_up = breaker.state() == BreakerState::Closed;
        is_degraded |= !is_up;
        dependencies.insert((*name).to_owned(), word(is_up).into());
    }
    let (code, status) = match (postgres.is_ok(), is_degraded) {
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        (true, true) => (StatusCode::OK, "degraded"),
        (true, false) => (StatusCode::OK, "ready"),
    };
    let body = json!({"status": status, "dependencies": dependencies});
    (code, Json(body)).into_response()
}

async fn metrics(State(operations): State<Operations>) -> Response {
    operations.store.measure_pool();
    let text = operations.metrics.render().await;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}
