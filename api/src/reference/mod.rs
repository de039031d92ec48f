//! Reference lists: the routes under `/reference`.

mod list;

use axum::middleware::from_fn_with_state;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::gateway::limits::{self, Class};
use crate::state::AppState;

/// The routes, without their prefix. They need no token, so they are limited by address.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .layer(from_fn_with_state(Class::Public, limits::without_token))
}
