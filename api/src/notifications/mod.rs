//! The in-app feed: the routes under `/notifications`.

use utoipa_axum::router::OpenApiRouter;

use crate::state::AppState;

/// The routes, without their prefix.
#[must_use]
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
}
