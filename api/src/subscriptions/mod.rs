//! Plans, subscriptions and quotas: the routes under `/subscriptions`.

mod me;
mod plans;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

/// The routes, without their prefix.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(plans::plans))
        .routes(routes!(me::me))
}
