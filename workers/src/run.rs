//! The worker from start to stop.

use std::time::Duration;

use activities::clients::scanner::{ProofError, Scanner};
use anyhow::Context as _;
use futures::future::try_join_all;
use store::Store;
use store::clock::Clock;
use store::documents::{self, MasterKeyError, Vault};
use temporalio_sdk::Runtime;
use temporalio_sdk::runtime::RuntimeOptions;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::{Config, Role};
use crate::house::House;
use crate::metrics::Metrics;
use crate::operations::{self, Operations};
use crate::queues;
use crate::relay::{self, Relay};
use crate::sweeper::Sweeper;
use crate::temporal::Temporal;

/// Between two questions to a scanner or a PostgreSQL that is away.
const BETWEEN_PROOFS: Duration = Duration::from_secs(1);

/// Does what the configuration says until the token is cancelled, then finishes what runs.
///
/// Workflow code stays on the calling task; activities, relay and sweeps run beside it.
pub async fn run(config: Config, stop: CancellationToken) -> anyhow::Result<()> {
    let (metrics, telemetry) = Metrics::start();
    let runtime_options = RuntimeOptions::builder()
        .telemetry_options(telemetry)
        .build()
        .map_err(anyhow::Error::msg)?;
    let runtime = Runtime::from_current_tokio(runtime_options)?;
    let house = House::new(&config, Clock::system())?;
    let temporal = Temporal::connect(&config.temporal, stop.clone());
    let listener = TcpListener::bind(config.metrics_address)
        .await
        .with_context(|| format!("cannot listen on {}", config.metrics_address))?;

    let tasks = TaskTracker::new();
    let served = Operations {
        store: (*house.writer).clone(),
        temporal: temporal.clone(),
        breakers: house.breakers(),
        metrics,
    };
    tasks.spawn(serve_operations(listener, served, stop.clone()));
    start_relay(&config, &house, &temporal, &tasks, &stop);
    start_sweeper(&config, &house, &tasks, &stop);
    tasks.close();

    let queues = config.roles.iter().filter_map(|role| role.task_queue());
    let serving =
        queues.map(|queue| serve_queue(queue, &house, (&runtime, &temporal), config.grace, &stop));
    tracing::info!(roles = ?config.roles, "the worker has started");
    let served = try_join_all(serving).await;
    if served.is_ok() {
        stop.cancelled().await;
    }
    stop.cancel();
    tasks.wait().await;
    house.writer.close().await;
    tracing::info!("the worker has stopped");
    served.map(drop)
}

async fn serve_queue(
    queue: &'static str,
    house: &House,
    temporal: (&Runtime, &Temporal),
    grace: Duration,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    if queue == workflows::queues::DOCUMENTS
        && let (Some(scanner), Some(vault)) = (&house.scanner, &house.vault)
    {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            proof = prove_keys(&house.writer, vault) => proof?,
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            proof = prove(scanner) => proof?,
        }
    }
    queues::serve(queue, house, temporal, grace, stop).await
}

/// Before anything that the scanner says is believed it must find the standard test file. One
/// that is away is waited for, with the uploads; one that is blind ends the worker.
async fn prove(scanner: &Scanner) -> anyhow::Result<()> {
    let mut is_told = false;
    loop {
        match scanner.prove().await {
            Ok(()) => return Ok(()),
            Err(error @ ProofError::Blind) => return Err(error.into()),
            Err(error @ ProofError::Unavailable(_)) if !is_told => {
                tracing::warn!(%error, "the scanner is away; documents wait");
                is_told = true;
            }
            Err(ProofError::Unavailable(_)) => {}
        }
        tokio::time::sleep(BETWEEN_PROOFS).await;
    }
}

/// Nothing is opened or sealed under master keys that are not what they were: a PostgreSQL that is
/// away is waited for, a key with other bytes ends the worker.
async fn prove_keys(store: &Store, vault: &Vault) -> anyhow::Result<()> {
    loop {
        match documents::prove_master_keys(store, &vault.keys).await {
            Ok(()) => return Ok(()),
            Err(MasterKeyError::Store(error)) => {
                tracing::warn!(%error, "the master keys cannot be proved yet; documents wait");
            }
            Err(changed @ MasterKeyError::Changed(_)) => return Err(changed.into()),
        }
        tokio::time::sleep(BETWEEN_PROOFS).await;
    }
}

async fn serve_operations(listener: TcpListener, operations: Operations, stop: CancellationToken) {
    if let Err(error) = operations::serve(listener, operations, stop).await {
        tracing::error!(%error, "the operations listener ended");
    }
}

fn start_relay(
    config: &Config,
    house: &House,
    temporal: &Temporal,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    if config.roles.contains(&Role::Relay) {
        let relay = Relay {
            config: config.relay.clone(),
            writer: house.writer.clone(),
            temporal: temporal.clone(),
            timers: config.timers.clone(),
        };
        tasks.spawn(relay::run(relay, stop.clone()));
    }
}

fn start_sweeper(config: &Config, house: &House, tasks: &TaskTracker, stop: &CancellationToken) {
    if config.roles.contains(&Role::Sweeper) {
        let sweeper = Sweeper {
            writer: house.writer.clone(),
            vault: house.vault.clone(),
        };
        tasks.spawn(sweeper.run(stop.clone()));
    }
}
