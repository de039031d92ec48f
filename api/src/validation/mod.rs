//! The validation queue and its cases: the routes under `/admin`.

use utoipa_axum::router::OpenApiRouter;

use crate::state::AppState;

/// The routes, without their prefix.
#[must_use]
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
}
