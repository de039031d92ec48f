//! Search: the routes under `/search`.

use utoipa_axum::router::OpenApiRouter;

use crate::state::AppState;

/// The routes, without their prefix.
#[must_use]
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
}
