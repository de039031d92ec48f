//! What waits in the outbox and what waits for its verdict, measured now and then for `/metrics`.

use std::time::Duration;

use store::{Writer, deliveries, documents};
use tokio_util::sync::CancellationToken;
use workflows::events::Service;

const INTERVAL: Duration = Duration::from_secs(5);

/// Measures until the token is cancelled.
pub(super) async fn measure(writer: Writer, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match deliveries::backlog(&writer).await {
            Ok(backlog) => show(&backlog),
            Err(error) => tracing::debug!(%error, "the outbox cannot be measured"),
        }
        match documents::waiting(&writer).await {
            Ok(waiting) => show_documents(waiting),
            Err(error) => tracing::debug!(%error, "the documents cannot be measured"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(INTERVAL) => {}
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
fn show(backlog: &[deliveries::Backlog]) {
    for service in Service::ALL {
        let name = service.as_str();
        let found = backlog.iter().find(|row| row.service == name);
        let (pending, not_started, dead, lag) = found.map_or((0.0, 0.0, 0.0, 0.0), |row| {
            let counts = [row.pending, row.not_started, row.dead].map(|count| count as f64);
            (counts[0], counts[1], counts[2], row.lag_seconds)
        });
        metrics::gauge!("yemma_events_pending", "service" => name).set(pending);
        metrics::gauge!("yemma_events_without_process", "service" => name).set(not_started);
        metrics::gauge!("yemma_events_dead", "service" => name).set(dead);
        metrics::gauge!("yemma_events_lag_seconds", "service" => name).set(lag);
    }
}

/// Documents that are being checked; one whose content cannot be read makes the oldest ever older.
#[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
fn show_documents(waiting: documents::Waiting) {
    metrics::gauge!("yemma_documents_scanning").set(waiting.count as f64);
    metrics::gauge!("yemma_documents_scanning_oldest_seconds").set(waiting.oldest_seconds);
}
