//! Search: the routes under `/search`.

mod card;
mod open;
mod profile;
mod read;
mod search_profiles;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

/// The routes, without their prefix.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(search_profiles::search))
        .routes(routes!(open::open))
        .routes(routes!(read::read))
}
