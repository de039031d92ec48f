//! Steps that call out beat meanwhile, so that a killed worker's step is taken up again soon.

use std::time::Duration;

use temporalio_common::ActivityError;
use temporalio_sdk::activities::ActivityContext;

/// Well within the ten seconds that workflows allow.
const INTERVAL: Duration = Duration::from_secs(3);

/// Runs a step that calls out, beating meanwhile; a cancelled one is dropped with its calls.
pub(crate) async fn beating<T>(
    ctx: &ActivityContext,
    step: impl Future<Output = Result<T, ActivityError>>,
) -> Result<T, ActivityError> {
    let mut step = std::pin::pin!(step);
    let mut beat = tokio::time::interval(INTERVAL);
    loop {
        tokio::select! {
            result = &mut step => return result,
            () = ctx.cancelled() => return Err(ActivityError::cancelled()),
            _ = beat.tick() => {
                // A beat that cannot be written is missed, and the step is tried again elsewhere.
                if let Err(error) = ctx.record_heartbeat(()).await {
                    tracing::warn!(%error, "a heartbeat was lost");
                }
            }
        }
    }
}
