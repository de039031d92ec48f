//! Plans, subscriptions and quotas: the routes under `/subscriptions`.

mod me;
mod plans;

use axum::middleware::from_fn_with_state;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::gateway::limits::{self, Class};
use crate::state::AppState;

/// The routes, without their prefix. The one that needs no token is limited by address.
pub fn routes() -> OpenApiRouter<AppState> {
    let without_token = OpenApiRouter::new()
        .routes(routes!(plans::plans))
        .layer(from_fn_with_state(Class::Public, limits::without_token));
    OpenApiRouter::new()
        .routes(routes!(me::me))
        .merge(without_token)
}
