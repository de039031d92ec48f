//! Candidates: the routes under `/candidates`.

mod edit_step;
mod get;
mod onboarding;
mod profile;
mod refusals;
mod submit;
mod timeline;
pub(crate) mod view;
mod viewers;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

/// The routes, without their prefix.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(profile::profile))
        .routes(routes!(edit_step::edit_step))
        .routes(routes!(onboarding::onboarding))
        .routes(routes!(submit::submit))
        .routes(routes!(timeline::timeline))
        .routes(routes!(viewers::viewers))
        .routes(routes!(get::get))
}
