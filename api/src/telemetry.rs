//! Metrics of the API.

use metrics_exporter_prometheus::PrometheusHandle;

/// Upper bounds of the latency histograms, in seconds.
const LATENCIES: [f64; 12] = [
    0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0,
];

/// Starts counting, once in a process, and gives access to what was counted.
pub fn metrics() -> Option<PrometheusHandle> {
    store::telemetry::metrics(&LATENCIES)
}
