//! Metrics: Prometheus.

use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Upper bounds of the latency histograms, in seconds.
const LATENCIES: [f64; 12] = [
    0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0,
];

/// How often the samples of the histograms are folded into their buckets.
const UPKEEP: Duration = Duration::from_secs(5);

/// Starts counting, once in a process, and gives access to what was counted.
pub fn metrics() -> Option<PrometheusHandle> {
    // The `metrics` facade itself is process-wide; several servers of one test share it.
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &LATENCIES)
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
