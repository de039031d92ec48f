//! Steps that call out beat meanwhile, so that a killed worker's step is taken up again soon.

use std::time::Duration;

use temporalio_common::ActivityError;
use temporalio_common::data_converters::TemporalSerializable;
use temporalio_sdk::activities::ActivityContext;

/// Well within the ten seconds that workflows allow.
const INTERVAL: Duration = Duration::from_secs(3);

/// Runs a step that calls out, beating meanwhile; a cancelled one is dropped with its calls.
pub(crate) async fn beating<T>(
    ctx: &ActivityContext,
    step: impl Future<Output = Result<T, ActivityError>>,
) -> Result<T, ActivityError> {
    beating_with(ctx, (), step).await
}

/// The same; each beat tells the next attempt these details.
pub(crate) async fn beating_with<T, D>(
    ctx: &ActivityContext,
    details: D,
    step: impl Future<Output = Result<T, ActivityError>>,
) -> Result<T, ActivityError>
where
    D: TemporalSerializable + Copy + 'static,
{
    // On the heap: a step holds the futures of all that it calls.
    let mut step = Box::pin(step);
    let mut interval = tokio::time::interval(INTERVAL);
    loop {
        tokio::select! {
            result = &mut step => return result,
            () = ctx.cancelled() => return Err(ActivityError::cancelled()),
            _ = interval.tick() => beat(ctx, details).await,
        }
    }
}

/// A beat that cannot be written is missed, and the step is tried again elsewhere.
pub(crate) async fn beat(ctx: &ActivityContext, details: impl TemporalSerializable + 'static) {
    if let Err(error) = ctx.record_heartbeat(details).await {
        tracing::warn!(%error, "a heartbeat was lost");
    }
}
