//! What operators and tools ask: health, metrics, documentation, keys.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::Config as DocsConfig;

use super::codes::common;
use super::path::Path;
use super::problem::ApiError;
use crate::state::AppState;

/// The operations, which have no prefix.
#[must_use]
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(healthz))
        .routes(routes!(readyz))
        .routes(routes!(prometheus))
        .routes(routes!(openapi))
        .routes(routes!(docs))
        .routes(routes!(docs_page))
        .routes(routes!(docs_file))
        .routes(routes!(key_set))
}

/// Whether the process is alive.
#[derive(Debug, Serialize, ToSchema)]
struct Health {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Whether the process is alive; asks nobody.
#[utoipa::path(get, path = "/healthz", tag = "operations", security(()),
    responses((status = OK, description = "Alive", body = Health)))]
async fn healthz() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// The state of the API and of everything it needs.
#[derive(Debug, Serialize, ToSchema)]
struct Readiness {
    /// `ok`, `degraded` when something is away, `unavailable` when nothing can be served.
    #[schema(example = "ok")]
    status: &'static str,
    /// Each dependency: `up` or `down`.
    #[schema(example = json!({"postgres": "up", "temporal": "up", "redis": "down"}))]
    dependencies: BTreeMap<&'static str, &'static str>,
}

/// The state of each dependency. 503 only when the API can serve nothing.
#[utoipa::path(get, path = "/readyz", tag = "operations", security(()), responses(
    (status = OK, description = "Ready, perhaps degraded", body = Readiness),
    (status = SERVICE_UNAVAILABLE, description = "PostgreSQL is away", body = Readiness)))]
async fn readyz(State(state): State<AppState>) -> Response {
    // A probe holds a request to every dependency, which is more than a stack should.
    let dependencies: BTreeMap<_, _> = Box::pin(state.probe())
        .await
        .into_iter()
        .map(|(name, up)| (name, if up { "up" } else { "down" }))
        .collect();
    let down = |name| dependencies.get(name) == Some(&"down");
    let (code, status) = if down(store::database::DEPENDENCY) {
        (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
    } else if dependencies.values().any(|state| *state == "down") {
        (StatusCode::OK, "degraded")
    } else {
        (StatusCode::OK, "ok")
    };
    let mut response = (
        code,
        Json(Readiness {
            status,
            dependencies,
        }),
    )
        .into_response();
    // The one error answer whose body is not a problem document: monitors read this shape.
    response.extensions_mut().insert(super::problem::Finished);
    response
}

/// Counters in the Prometheus text format.
#[utoipa::path(get, path = "/metrics", tag = "operations", security(()),
    responses((status = OK, description = "Metrics", body = String, content_type = "text/plain")))]
async fn prometheus(State(state): State<AppState>) -> Result<Response, ApiError> {
    let metrics = state
        .metrics
        .as_ref()
        .ok_or_else(|| ApiError::new(common::NOT_FOUND))?;
    state.store.measure_pool();
    let kind = HeaderValue::from_static("text/plain; version=0.0.4");
    Ok(([(header::CONTENT_TYPE, kind)], metrics.render()).into_response())
}

/// The description of this API.
#[utoipa::path(get, path = "/openapi.json", tag = "operations", security(()),
    responses((status = OK, description = "The `OpenAPI` 3.1 document", body = Object)))]
async fn openapi(State(state): State<AppState>) -> Response {
    let kind = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, kind)], state.openapi.clone()).into_response()
}

/// The interactive documentation.
#[utoipa::path(get, path = "/docs", tag = "operations", security(()),
    responses((status = PERMANENT_REDIRECT, description = "To `/docs/`")))]
async fn docs() -> Redirect {
    // Relative, so that it leads there behind a proxy's prefix as well; the page's own links need
    // the slash.
    Redirect::permanent("docs/")
}

/// The interactive documentation's page.
#[utoipa::path(get, path = "/docs/", tag = "operations", security(()),
    responses((status = OK, description = "A page", body = String, content_type = "text/html")))]
async fn docs_page() -> Result<Response, ApiError> {
    docs_asset("index.html")
}

/// A file of the interactive documentation.
#[utoipa::path(get, path = "/docs/{file}", tag = "operations", security(()),
    params(("file" = String, Path, description = "The file's name")),
    responses((status = OK, description = "The file", body = String, content_type = "text/plain")))]
async fn docs_file(Path(file): Path<String>) -> Result<Response, ApiError> {
    docs_asset(&file)
}

fn docs_asset(file: &str) -> Result<Response, ApiError> {
    let config = Arc::new(DocsConfig::from("/openapi.json"));
    let found = utoipa_swagger_ui::serve(file, config).map_err(ApiError::internal)?;
    let found = found.ok_or_else(|| ApiError::new(common::NOT_FOUND))?;
    let mut response = found.bytes.into_owned().into_response();
    if let Ok(kind) = HeaderValue::try_from(found.content_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    if found.gzpipped {
        response
            .headers_mut()
            .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

/// The public keys that verify access tokens.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "operations", security(()),
    responses((status = OK, description = "A JSON Web Key Set (RFC 7517)", body = Object)))]
async fn key_set(State(state): State<AppState>) -> Response {
    let cached = HeaderValue::from_static("public, max-age=300");
    let keys: Value = state.tokens.key_set().clone();
    ([(header::CACHE_CONTROL, cached)], Json(keys)).into_response()
}
