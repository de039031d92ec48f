//! What was taken in and cannot be read waits: neither the storage's loss nor the configuration's is a
//! verdict on a file, and nothing of it is deleted.

use std::time::Duration;

use store::documents::{self, MasterKeyError};
use tests::http::eventually;
use workflows::documents::contract::IngestionOutcome;
use workflows::documents::rules::{DocumentKind, DocumentStatus};

use super::bucket::{Bucket, master_keys};
use super::files;
use super::pipeline::Pipeline;
use super::stage::Stage;

/// Several attempts to read what is not there.
const SOME_ATTEMPTS: Duration = Duration::from_secs(4);

/// The document is as it was: it is being checked, and its key is there.
async fn assert_waits(stage: &Stage, id: uuid::Uuid) {
    tokio::time::sleep(SOME_ATTEMPTS).await;
    let status = stage.shown(id).await.status;
    assert_eq!(status, DocumentStatus::Scanning);
    let row = documents::locate(&stage.writer, id).await.unwrap().unwrap();
    assert!(row.located.is_some(), "the key is kept");
    assert_eq!(stage.count("document.scanned").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_was_removed_is_waited_for() {
    let bucket = Bucket::create().await;
    let stage = Stage::with_vault(bucket.vault(1)).await;
    let pipeline = Pipeline::new(stage.activities(None)).await;
    let document = stage.upload(DocumentKind::Cv, "cv.pdf", &files::cv()).await;
    let sealed = stage.sealed(&document.object_key).await;
    bucket.remove().await;
    pipeline.start(&stage, document.id).await;
    assert_waits(&stage, document.id).await;
    bucket.restore(&document.object_key, sealed).await;
    let outcome = pipeline.outcome(document.id).await;
    assert_eq!(outcome, IngestionOutcome::Available);
    assert!(stage.readable(document.id).await.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_object_that_is_gone_is_waited_for() {
    let stage = Stage::new().await;
    let pipeline = Pipeline::new(stage.activities(None)).await;
    let document = stage.upload(DocumentKind::Cv, "cv.pdf", &files::cv()).await;
    let objects = &stage.vault.objects;
    let sealed = stage.sealed(&document.object_key).await;
    objects.delete(&document.object_key).await.unwrap();
    pipeline.start(&stage, document.id).await;
    assert_waits(&stage, document.id).await;
    objects
        .put_bytes(&document.object_key, sealed)
        .await
        .unwrap();
    let outcome = pipeline.outcome(document.id).await;
    assert_eq!(outcome, IngestionOutcome::Available);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_object_that_was_changed_is_waited_for() {
    let stage = Stage::new().await;
    let pipeline = Pipeline::new(stage.activities(None)).await;
    let document = stage.upload(DocumentKind::Cv, "cv.pdf", &files::cv()).await;
    let objects = &stage.vault.objects;
    let sealed = stage.sealed(&document.object_key).await;
    let mut changed = sealed.clone();
    *changed.last_mut().unwrap() ^= 1;
    objects
        .put_bytes(&document.object_key, changed)
        .await
        .unwrap();
    pipeline.start(&stage, document.id).await;
    assert_waits(&stage, document.id).await;
    objects
        .put_bytes(&document.object_key, sealed)
        .await
        .unwrap();
    let outcome = pipeline.outcome(document.id).await;
    assert_eq!(outcome, IngestionOutcome::Available);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_key_with_other_bytes_is_waited_out_and_told_by_its_id() {
    let bucket = Bucket::create().await;
    let stage = Stage::with_vault(bucket.vault(1)).await;
    documents::prove_master_keys(&stage.store, &stage.vault.keys)
        .await
        .unwrap();
    let document = stage.upload(DocumentKind::Cv, "cv.pdf", &files::cv()).await;
    let right = stage.vault.clone();
    let wrong = Stage {
        vault: bucket.vault(2),
        ..stage
    };
    let proved = documents::prove_master_keys(&wrong.store, &wrong.vault.keys).await;
    assert!(
        matches!(&proved, Err(MasterKeyError::Changed(id)) if id == "test"),
        "{proved:?}"
    );
    let pipeline = Pipeline::new(wrong.activities(None)).await;
    pipeline.start(&wrong, document.id).await;
    assert_waits(&wrong, document.id).await;
    drop(pipeline);
    let stage = Stage {
        vault: right,
        ..wrong
    };
    let pipeline = Pipeline::new(stage.activities(None)).await;
    let outcome = pipeline.ingest(&stage, document.id).await;
    assert_eq!(outcome, IngestionOutcome::Available);
}

#[tokio::test]
async fn a_master_key_is_proved_by_what_it_wrapped_before_anybody_kept_check_values() {
    let stage = Stage::with_vault(Bucket::create().await.vault(1)).await;
    stage.upload(DocumentKind::Cv, "cv.pdf", &files::cv()).await;
    let changed = documents::prove_master_keys(&stage.store, &master_keys(2)).await;
    assert!(matches!(changed, Err(MasterKeyError::Changed(_))));
    let same = documents::prove_master_keys(&stage.store, &master_keys(1)).await;
    assert!(same.is_ok(), "{same:?}");
    let changed = documents::prove_master_keys(&stage.store, &master_keys(2)).await;
    assert!(matches!(changed, Err(MasterKeyError::Changed(_))));
}

#[tokio::test]
async fn an_api_and_a_worker_with_a_changed_master_key_do_not_start() {
    tests::app::play(async |app| {
        use tests::app::Program;
        sqlx::query("UPDATE document.master_keys SET check_value = sha256('other'::bytea)")
            .execute(&app.owner().await)
            .await?;
        let mut variables = app.variables().to_vec();
        for name in ["API_LISTEN_ADDRESS", "WORKER_METRICS_ADDRESS"] {
            let address = format!("127.0.0.1:{}", tests::app::free_port());
            variables.push((name.to_owned(), address));
        }
        for name in ["yemma-api", "yemma-worker"] {
            let program = Program::start(name, &variables)?;
            let code = program.ended_within(Duration::from_secs(30)).await?;
            anyhow::ensure!(code == Some(1), "{name}: {code:?}");
            let log = program.log();
            anyhow::ensure!(log.contains("has other bytes than before"), "{name}: {log}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn what_waits_is_measured() {
    let stage = Stage::new().await;
    let none = documents::waiting(&stage.store).await.unwrap();
    assert_eq!(none, documents::Waiting::default());
    stage.upload(DocumentKind::Cv, "cv.pdf", &files::cv()).await;
    eventually("it ages", Duration::from_secs(5), async || {
        let waiting = documents::waiting(&stage.store).await?;
        Ok((waiting.count == 1 && waiting.oldest_seconds > 0.0).then_some(()))
    })
    .await
    .unwrap();
}
