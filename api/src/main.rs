//! `yemma-api`: serves HTTP, or prints the `OpenAPI` document.

use std::io::Write;

use api::config::{Cli, Command, Config};
use store::settings;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

fn main() -> anyhow::Result<()> {
    match settings::load::<Cli>().command {
        Some(Command::Openapi) => print_document(),
        Some(Command::Serve(config)) => serve(*config),
        // Without a subcommand there is no argument to read: the environment says everything.
        None => serve(settings::load_from(vec!["yemma-api".into()])),
    }
}

fn print_document() -> anyhow::Result<()> {
    let document = api::router::document().to_pretty_json()?;
    writeln!(std::io::stdout(), "{document}")?;
    Ok(())
}

#[tokio::main]
async fn serve(config: Config) -> anyhow::Result<()> {
    store::logs::init("yemma-api");
    let stop = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stopped = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
        stopped.cancel();
    });
    api::run(config, stop).await
}
