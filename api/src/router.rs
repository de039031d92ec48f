//! The route table. Each domain lists its own routes; a route that is not documented cannot be
//! added, because both come from the same macro.

use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::gateway::codes::common;
use crate::gateway::problem::ApiError;
use crate::gateway::{access_log, correlation, deadline, documented, operations, problem};
use crate::state::AppState;
use crate::{
    candidates, companies, documents, events, identity, notifications, reference, search,
    subscriptions, validation,
};

/// The largest JSON body; uploads set their own limit.
const BODY_LIMIT: usize = 256 * 1024;

#[derive(OpenApi)]
#[openapi(info(
    title = "Yemma",
    description = "Recruitment with a human guarantee: candidates whose proof was checked by people.",
    license(name = "Apache-2.0", identifier = "Apache-2.0")
))]
struct Document;

/// The whole API.
fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(operations::routes())
        .nest("/api/v1/auth", identity::routes())
        .nest("/api/v1/candidates", candidates::routes())
        .nest("/api/v1/documents", documents::routes())
        .nest("/api/v1/admin", validation::routes())
        .nest("/api/v1/admin/dead-letters", events::routes())
        .nest("/api/v1/companies", companies::routes())
        .nest("/api/v1/search", search::routes())
        .nest("/api/v1/subscriptions", subscriptions::routes())
        .nest("/api/v1/reference", reference::routes())
        .nest("/api/v1/notifications", notifications::routes())
}

/// The `OpenAPI` document of [`routes`].
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    documented::complete(routes().into_openapi())
}

/// The service: the routes and what every request passes, outermost first.
pub fn app(state: AppState) -> Router {
    let (router, _) = routes().split_for_parts();
    let layers = ServiceBuilder::new()
        .layer(from_fn_with_state(state.clone(), correlation::trace))
        .layer(Extension(state.clone()))
        .layer(from_fn(access_log::record))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            // A proxy that compresses an answer weakens its tag: RFC 9110, 7.7.
            HeaderValue::from_static("no-store, no-transform"),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(from_fn(problem::render))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(deadline::LONGEST, deadline::bound))
        .layer(RequestBodyTimeoutLayer::new(state.config.http.body_timeout))
        .layer(DefaultBodyLimit::max(BODY_LIMIT));
    router
        .fallback(async || ApiError::new(common::NOT_FOUND))
        .method_not_allowed_fallback(async || ApiError::new(common::METHOD_NOT_ALLOWED))
        .layer(layers)
        .with_state(state)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature that the layer asks for"
)]
fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message");
    ApiError::internal(format_args!("panic: {message}")).into_response()
}
