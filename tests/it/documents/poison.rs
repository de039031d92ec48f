//! `DocumentIngestion` when the database refuses what the code is sure of: the verdict waits.

use std::time::Duration;

use tests::poison::{mend, refuse};
use workflows::documents::contract::IngestionOutcome;
use workflows::documents::rules::{DocumentKind, DocumentStatus};

use super::files;
use super::pipeline::Pipeline;
use super::stage::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_verdict_that_cannot_be_written_now_is_written_later() {
    let stage = Stage::new().await;
    let pipeline = Pipeline::new(stage.activities(None)).await;
    let owner = stage.database.owner().await;
    refuse(&owner, "events.events", "type <> 'document.scanned'").await;
    let document = stage.upload(DocumentKind::Cv, "cv.pdf", &files::cv()).await;
    pipeline.start(&stage, document.id).await;
    // Scan and inspection take their real time, then the verdict fails again and again.
    tokio::time::sleep(Duration::from_secs(8)).await;
    pipeline.server.skip(Duration::from_secs(20 * 60)).await;
    let status = stage.shown(document.id).await.status;
    assert_eq!(status, DocumentStatus::Scanning);
    mend(&owner, "events.events").await;
    pipeline.server.skip(Duration::from_secs(60 * 60)).await;
    let outcome = pipeline.outcome(document.id).await;
    assert_eq!(outcome, IngestionOutcome::Available);
    assert_eq!(stage.count("document.scanned").await, 1);
}
