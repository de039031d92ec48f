//! What wakes the lanes: PostgreSQL tells that something was written to the outbox.

use std::time::Duration;

use store::Writer;
use store::deliveries::Listener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Between two attempts to listen; meanwhile the lanes poll.
const BETWEEN_ATTEMPTS: Duration = Duration::from_secs(1);

/// Counts the wake-ups; a lane sees that there was one, not how many.
pub(super) fn channel() -> (watch::Sender<u64>, watch::Receiver<u64>) {
    watch::channel(0)
}

/// Wakes the lanes until the token is cancelled.
pub(super) async fn listen(writer: Writer, wake: watch::Sender<u64>, stop: CancellationToken) {
    let listening = async {
        loop {
            if let Err(error) = hear(&writer, &wake).await {
                tracing::debug!(%error, "not listening to the outbox; the lanes poll");
            }
            tokio::time::sleep(BETWEEN_ATTEMPTS).await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = listening => {}
    }
}

async fn hear(writer: &Writer, wake: &watch::Sender<u64>) -> Result<(), store::StoreError> {
    let mut listener = Listener::connect(writer).await?;
    // Whatever was written while nobody listened.
    wake.send_modify(|count| *count += 1);
    loop {
        listener.heard().await?;
        wake.send_modify(|count| *count += 1);
    }
}
