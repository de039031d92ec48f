//! Reference lists: the routes under `/reference`.

use utoipa_axum::router::OpenApiRouter;

use crate::state::AppState;

/// The routes, without their prefix.
#[must_use]
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
}
