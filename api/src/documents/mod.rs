//! Documents: the routes under `/documents`.

mod admission;
mod archive;
mod content;
mod form;
mod get;
mod incoming;
mod links;
mod list;
pub mod master_keys;
mod names;
mod pace;
mod pages;
mod reading;
mod refusals;
mod spool;
mod upload;
mod view;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub use admission::Uploads;

/// The routes, without their prefix.
pub fn routes() -> OpenApiRouter<AppState> {
    // An upload counts its own bytes as they pass, and the parts around them.
    let uploads = OpenApiRouter::new()
        .routes(routes!(upload::upload, list::list))
        .layer(DefaultBodyLimit::disable());
    OpenApiRouter::new()
        .merge(uploads)
        .routes(routes!(get::get, archive::archive))
        .routes(routes!(links::link))
        .routes(routes!(pages::page))
        .routes(routes!(content::content))
}
