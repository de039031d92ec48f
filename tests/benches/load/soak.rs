//! Half of what Yemma can serve, for a long time: does anything grow that should not?

use std::time::Duration;

use futures::future::try_join_all;
use sqlx::PgPool;
use tests::app::Program;
use tests::people::Candidate;
use tokio::time::{Instant, interval};

use crate::drive::drive;
use crate::processes::Memory;
use crate::routes::ALL;
use crate::stage::Stage;

/// Drives every hot route with as much rest as work, plays one journey after the other, and prints
/// a line each minute.
pub async fn run(stage: &Stage, duration: Duration) -> anyhow::Result<()> {
    println!(
        "{:>6} {:>9} {:>8} {:>11} {:>9} {:>12} {:>9} {:>12}",
        "minute",
        "API MiB",
        "API fds",
        "worker MiB",
        "wkr fds",
        "connections",
        "pending",
        "dead letters"
    );
    let load = ALL.map(|route| async move {
        let outcome = drive(stage.api(), (route.yemma)(stage), duration, 1).await?;
        outcome.must_succeed(route.name)?;
        anyhow::Ok((route.name, outcome))
    });
    let (outcomes, journeys, ()) = tokio::try_join!(
        try_join_all(load),
        journeys(stage, duration),
        watch(stage, duration)
    )?;
    for (name, outcome) in outcomes {
        let (p50, p99) = (outcome.quantile(50.0), outcome.quantile(99.0));
        println!(
            "{name}: {:.0}/s, p50 {p50:.1} ms, p99 {p99:.1} ms",
            outcome.rate()
        );
    }
    println!("{journeys} journeys");
    Ok(())
}

async fn journeys(stage: &Stage, duration: Duration) -> anyhow::Result<u32> {
    let (began, mut played) = (Instant::now(), 0);
    while began.elapsed() < duration {
        let candidate = Candidate::ready(&stage.app.place).await?;
        let case = candidate.submitted().await?;
        stage.reviewer.validate(&case).await?;
        played += 1;
    }
    Ok(played)
}

async fn watch(stage: &Stage, duration: Duration) -> anyhow::Result<()> {
    let mut minutes = interval(Duration::from_mins(1));
    let began = Instant::now();
    while began.elapsed() < duration {
        minutes.tick().await;
        let (api, worker) = (&stage.app.api, &stage.app.worker);
        println!(
            "{:>6} {:>9} {:>8} {:>11} {:>9} {:>12} {:>9} {:>12}",
            began.elapsed().as_secs() / 60,
            Memory::of(api).resident(),
            descriptors(api),
            Memory::of(worker).resident(),
            descriptors(worker),
            count(
                &stage.owner,
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            )
            .await?,
            count(
                &stage.owner,
                "SELECT count(*) FROM events.deliveries WHERE state IN ('pending', 'leased')"
            )
            .await?,
            count(
                &stage.owner,
                "SELECT count(*) FROM events.deliveries WHERE state = 'dead'"
            )
            .await?,
        );
    }
    Ok(())
}

/// Open files; 0 where this is not root, since the programs are closed to everyone else.
fn descriptors(program: &Program) -> usize {
    std::fs::read_dir(format!("/proc/{}/fd", program.id())).map_or(0, Iterator::count)
}

async fn count(owner: &PgPool, statement: &'static str) -> anyhow::Result<i64> {
    Ok(sqlx::query_scalar(statement).fetch_one(owner).await?)
}
