//! The HTTP API of Yemma: a thin layer over the store and the workflows.
//!
//! A folder is a domain, a file is an endpoint; `gateway/` holds what every request passes.

pub mod candidates;
pub mod companies;
pub mod config;
pub mod documents;
pub mod events;
pub mod gateway;
pub mod identity;
pub mod notifications;
pub mod reference;
pub mod router;
pub mod search;
pub mod server;
pub mod state;
pub mod subscriptions;
pub mod telemetry;
pub mod validation;

use anyhow::Context as _;
use store::clock::Clock;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::documents::master_keys;
use crate::state::AppState;

/// Serves the API until the token is cancelled.
pub async fn run(config: Config, stop: CancellationToken) -> anyhow::Result<()> {
    let address = config.http.listen;
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}"))?;
    tokio::task::spawn_blocking(workflows::fields::warm_up);
    let state = AppState::new(config, Clock::system())?;
    master_keys::prove_at_the_start(&state).await?;
    let proving = tokio::spawn(master_keys::go_on_proving(state.clone(), stop.clone()));
    tracing::info!(%address, "serving");
    server::serve(
        listener,
        router::app(state.clone()),
        &state.config.http,
        stop,
    )
    .await;
    let proved = proving.await;
    state.store.close().await;
    tracing::info!("stopped");
    Ok(proved??)
}
