//! Metrics of the worker and, beside them, those that the Temporal SDK keeps for itself
//! (schedule-to-start latency of each task queue, failures of workflow tasks, slots, pollers).

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use store::telemetry;
use temporalio_common::telemetry::metrics::CoreMeter;
use temporalio_common::telemetry::{
    PrometheusExporterOptions, TelemetryOptions, start_prometheus_metric_exporter,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Upper bounds of the latency histograms, in seconds.
const LATENCIES: [f64; 12] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 600.0,
];
const SCRAPE_TIMEOUT: Duration = Duration::from_secs(1);

/// What was counted.
#[derive(Clone)]
pub struct Metrics {
    own: Option<PrometheusHandle>,
    sdk: Option<SocketAddr>,
}

impl Metrics {
    /// Starts counting, once in a process. Returns the options that make the SDK count as well.
    pub fn start() -> (Self, TelemetryOptions) {
        let exporter = PrometheusExporterOptions::builder()
            .socket_addr(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
            .build();
        match start_prometheus_metric_exporter(exporter) {
            Ok(server) => {
                let metrics = Self {
                    own: telemetry::metrics(&LATENCIES),
                    sdk: Some(server.bound_addr),
                };
                let meter: Arc<dyn CoreMeter> = server.meter;
                (metrics, TelemetryOptions::builder().metrics(meter).build())
            }
            Err(error) => {
                tracing::warn!(%error, "the SDK's metrics are off");
                let metrics = Self {
                    own: telemetry::metrics(&LATENCIES),
                    sdk: None,
                };
                (metrics, TelemetryOptions::default())
            }
        }
    }

    /// Both, as Prometheus reads them.
    pub async fn render(&self) -> String {
        let mut text = self
            .own
            .as_ref()
            .map(PrometheusHandle::render)
            .unwrap_or_default();
        if let Some(address) = self.sdk {
            match tokio::time::timeout(SCRAPE_TIMEOUT, scrape(address)).await {
                Ok(Ok(more)) => text.push_str(&more),
                Ok(Err(error)) => tracing::debug!(%error, "the SDK's metrics cannot be read"),
                Err(_) => tracing::debug!("the SDK's metrics come too late"),
            }
        }
        text
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

/// The SDK serves its registry over HTTP only; HTTP/1.0 makes the answer end with the connection.
async fn scrape(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body);
    Ok(body.unwrap_or_default().to_owned())
}
