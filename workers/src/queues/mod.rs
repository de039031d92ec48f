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
    let one = async || {
        let client = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            client = temporal.wait() => client,
        };
        let Some(client) = client else { return Ok(()) };
        let mut options = options(queue, house)?;
        options.graceful_shutdown_period = Some(grace);
        work(runtime, client, options, stop).await
    };
    again_and_again(queue, BEFORE_THE_NEXT, stop, one).await;
    Ok(())
}

/// One worker after the other until the token is cancelled, with a pause between two however the
/// first ended: one that ends well at once would else begin without end.
async fn again_and_again(
    queue: &'static str,
    pause: Duration,
    stop: &CancellationToken,
    one: impl AsyncFn() -> anyhow::Result<()>,
) {
    while !stop.is_cancelled() {
        let ended = one().await;
        if stop.is_cancelled() {
            return;
        }
        match ended {
            Ok(()) => tracing::warn!(queue, "a worker ended by itself; the next begins"),
            Err(error) => {
                tracing::warn!(queue, error = %format!("{error:#}"), "a worker failed; the next begins");
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_worker_that_ends_well_is_no_reason_to_hurry() {
        let stop = CancellationToken::new();
        let begun = AtomicU32::new(0);
        let one = async || {
            begun.fetch_add(1, Ordering::SeqCst);
            anyhow::Ok(())
        };
        let working = again_and_again("test", Duration::from_millis(100), &stop, one);
        let ended = tokio::time::timeout(Duration::from_millis(250), working).await;
        assert!(ended.is_err(), "it goes on");
        let begun = begun.load(Ordering::SeqCst);
        assert!((2..=3).contains(&begun), "{begun} workers");
    }
}
