//! The validation queue and its cases: the routes under `/admin`.

mod assess;
mod card;
mod change_interview;
mod claim;
mod command;
mod complete_interview;
mod decide;
mod get;
mod grid;
mod list;
mod reactivate;
mod rejected_profiles;
mod release;
mod request_correction;
mod review_document;
mod schedule_interview;
mod view;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

/// The routes, without their prefix.
#[must_use]
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(get::get))
        .routes(routes!(claim::claim))
        .routes(routes!(release::release))
        .routes(routes!(review_document::review_document))
        .routes(routes!(request_correction::request_correction))
        .routes(routes!(schedule_interview::schedule_interview))
        .routes(routes!(change_interview::change_interview))
        .routes(routes!(complete_interview::complete_interview))
        .routes(routes!(assess::assess))
        .routes(routes!(decide::decide))
        .routes(routes!(card::card))
        .routes(routes!(grid::grid))
        .routes(routes!(rejected_profiles::rejected_profiles))
        .routes(routes!(reactivate::reactivate))
}
