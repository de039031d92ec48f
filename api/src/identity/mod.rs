//! Accounts, login and tokens: the routes under `/auth`.

mod guessing;
mod login;
mod logout;
mod logout_all;
mod me;
mod refresh;
mod register;
mod resend_verification;
mod session;
mod verify_email;

use axum::middleware::from_fn_with_state;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::gateway::limits::{self, Class};
use crate::state::AppState;

/// The routes, without their prefix. Those that need no token are limited by address.
#[must_use]
pub fn routes() -> OpenApiRouter<AppState> {
    let without_token = OpenApiRouter::new()
        .routes(routes!(register::register))
        .routes(routes!(verify_email::verify_email))
        .routes(routes!(resend_verification::resend_verification))
        .routes(routes!(login::login))
        .routes(routes!(refresh::refresh))
        .routes(routes!(logout::logout))
        .routes(routes!(logout_all::logout_all))
        .layer(from_fn_with_state(Class::Auth, limits::without_token));
    OpenApiRouter::new()
        .routes(routes!(me::me))
        .merge(without_token)
}
