//! Accounts, login and tokens: the routes under `/auth`.

use utoipa_axum::router::OpenApiRouter;

use crate::state::AppState;

/// The routes, without their prefix.
#[must_use]
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
}
