//! The task queues: one register function for each, and the worker that serves it.

mod candidates;
mod documents;
mod notifications;
mod search;
mod validation;

use std::time::Duration;

use anyhow::bail;
use temporalio_client::Client;
use temporalio_sdk::{Runtime, Worker, WorkerOptions};
use tokio_util::sync::CancellationToken;
use workflows::queues;

use crate::correlation;
use crate::house::House;
use crate::temporal::Temporal;

/// After a worker that ended by itself.
const BEFORE_THE_NEXT: Duration = Duration::from_secs(1);
/// A killed worker's workflow tasks go to another after this.
const STICKY: Duration = Duration::from_secs(5);

/// The workflows and activities of a task queue.
pub fn options(queue: &'static str, house: &House) -> anyhow::Result<WorkerOptions> {
    let mut options = WorkerOptions::new(queue)
        .sticky_queue_schedule_to_start_timeout(STICKY)
        .workflow_interceptor(correlation::workflow_interceptor())
        .activity_inbound_interceptor(correlation::Spans)
        .build();
    match queue {
        queues::CANDIDATES => candidates::register(&mut options, house)?,
        queues::DOCUMENTS => documents::register(&mut options, house)?,
        queues::VALIDATION => validation::register(&mut options, house)?,
        queues::SEARCH => search::register(&mut options, house)?,
        queues::NOTIFICATIONS => notifications::register(&mut options, house)?,
        other => bail!("no such task queue: {other}"),
    }
    Ok(options)
}

/// Serves a task queue until the token is cancelled; running activities are finished first. Starts
/// while Temporal is away, and again after whatever ended a worker.
pub async fn serve(
    queue: &'static str,
    house: &House,
    (runtime, temporal): (&Runtime, &Temporal),
    grace: Duration,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    // A queue that cannot be served is a mistake of the configuration: told at the start.
    options(queue, house)?;
    while !stop.is_cancelled() {
        let client = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            client = temporal.wait() => client,
        };
        let Some(client) = client else { return Ok(()) };
        let mut options = options(queue, house)?;
        options.graceful_shutdown_period = Some(grace);
        if let Err(error) = work(runtime, client, options, stop).await {
            tracing::warn!(queue, error = %format!("{error:#}"), "a worker ended; the next begins");
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(BEFORE_THE_NEXT) => {}
            }
        }
    }
    Ok(())
}

async fn work(
    runtime: &Runtime,
    client: Client,
    options: WorkerOptions,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let mut worker = Worker::new(runtime, client, options)?;
    let shut_down = worker.shutdown_handle();
    let mut running = std::pin::pin!(worker.run());
    tokio::select! {
        ended = &mut running => return Ok(ended?),
        () = stop.cancelled() => shut_down(),
    }
    Ok(running.await?)
}
