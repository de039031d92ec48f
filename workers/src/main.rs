//! `yemma-worker`: workflows, activities, the relay of events and the sweeps.

use std::process::ExitCode;

use activities::documents::inspection::{InspectDocument, run_child};
use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use workers::config::Config;
use workers::run;

/// The worker's own child: it looks into one file, with limits, and has no secret.
#[derive(Parser)]
struct Child {
    #[command(subcommand)]
    command: ChildCommand,
}

#[derive(Subcommand)]
enum ChildCommand {
    /// Judges the file on standard input.
    InspectDocument(InspectDocument),
}

fn main() -> anyhow::Result<ExitCode> {
    // Before any thread is started: the child limits itself first.
    if std::env::args().nth(1).as_deref() == Some("inspect-document") {
        let ChildCommand::InspectDocument(arguments) = Child::parse().command;
        return Ok(run_child(&arguments));
    }
    let config: Config = store::settings::load();
    store::logs::init("yemma-worker");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let stop = CancellationToken::new();
        tokio::spawn(stop_on_signal(stop.clone())?);
        run::run(config, stop).await
    })?;
    Ok(ExitCode::SUCCESS)
}

/// SIGTERM and SIGINT end the worker gracefully.
fn stop_on_signal(stop: CancellationToken) -> anyhow::Result<impl Future<Output = ()> + Send> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
        stop.cancel();
    })
}
