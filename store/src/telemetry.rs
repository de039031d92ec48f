//! Metrics of every program, here for the reason that its logs are.

use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// How often the samples of the histograms are folded into their buckets.
const UPKEEP: Duration = Duration::from_secs(5);

/// Starts counting, once in a process, and gives access to what was counted. The histograms of
/// seconds have these upper bounds.
#[must_use]
pub fn metrics(latencies: &[f64]) -> Option<PrometheusHandle> {
    // The `metrics` facade itself is process-wide; several programs of one test share it.
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), latencies)
                .and_then(PrometheusBuilder::install_recorder)
                .inspect_err(|error| tracing::warn!(%error, "metrics are off"))
                .inspect(keep_up)
                .ok()
        })
        .clone()
}

/// Without it each sample of a histogram stays in memory until somebody scrapes.
fn keep_up(handle: &PrometheusHandle) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        return;
    };
    let handle = handle.clone();
    runtime.spawn(async move {
        let mut interval = tokio::time::interval(UPKEEP);
        loop {
            interval.tick().await;
            handle.run_upkeep();
        }
    });
}
