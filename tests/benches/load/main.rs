//! `make bench`: Yemma in a release build beside the least that could do the same.
//!
//! Each hot route is driven beside a bare axum + sqlx handler that runs the same statements on the
//! same database, in turns; journeys are played beside an empty workflow with as many activities.
//! Everything stays on loopback and is bounded in time. Figures are printed, none is asserted.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark that cannot go on says why and stops"
)]

mod bare;
mod drive;
mod journeys;
mod processes;
mod routes;
mod soak;
mod stage;
mod statements;

use std::time::Duration;

use clap::Parser;

use crate::stage::Stage;

/// Measures Yemma beside the least that could do the same.
#[derive(Debug, Parser)]
struct Arguments {
    /// What to measure: `profile`, `step`, `search`, `opening`, `journeys`; all of it by default.
    only: Vec<String>,
    /// Seconds of each turn.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Turns of each side.
    #[arg(long, default_value_t = 5)]
    turns: usize,
    /// Connections that ask at once.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Validated profiles in the database.
    #[arg(long, default_value_t = 100_000)]
    people: i32,
    /// Journeys to play.
    #[arg(long, default_value_t = 48)]
    journeys: usize,
    /// Instead of measuring: so many minutes at half load, with memory and connections each minute.
    #[arg(long)]
    soak: Option<u64>,
    /// Serves the bare handlers on this address; what the benchmark starts as its other side.
    #[arg(long, hide = true)]
    bare: Option<String>,
    /// What `cargo bench` adds.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Arguments {
    fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == name)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if let Some(address) = &arguments.bare {
        return bare::serve(address).await;
    }
    let stage = Stage::set(arguments.people, arguments.connections).await?;
    match arguments.soak {
        Some(minutes) => soak::run(&stage, Duration::from_secs(60 * minutes)).await,
        None => measure(&stage, &arguments).await,
    }
}

async fn measure(stage: &Stage, arguments: &Arguments) -> anyhow::Result<()> {
    let idle = processes::Memory::of(&stage.app.api);
    processes::start_time(stage).await?;
    let seconds = Duration::from_secs(arguments.seconds);
    routes::heading();
    for route in routes::ALL {
        if arguments.wants(route.name) {
            routes::compare(stage, route, arguments.turns, seconds).await?;
        }
    }
    idle.compare(&processes::Memory::of(&stage.app.api));
    if arguments.wants("journeys") {
        journeys::compare(stage, arguments.journeys).await?;
    }
    Ok(())
}
