//! From upload to fate: clean, infected, false, late, erased; every step done twice.

use std::time::Duration;

use image::ImageFormat;
use store::documents;
use store::secrets::document_keys::Part;
use temporalio_client::WorkflowSignalOptions;
use temporalio_sdk::workflow_replayer::{WorkflowReplayer, WorkflowReplayerOptions};
use tests::temporal::history;
use workflows::documents::DocumentIngestion;
use workflows::documents::contract::{IngestionOutcome, workflow_id};
use workflows::documents::rules::{DocumentKind, DocumentStatus, RejectionCode};

use super::files;
use super::pipeline::{Forgetful, Pipeline};
use super::stage::Stage;

/// Nobody listens there.
const NO_SCANNER: &str = "127.0.0.1:1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn honest_files_become_available_with_their_pages() {
    let stage = Stage::new().await;
    let pipeline = Pipeline::new(stage.activities(None)).await;
    for (kind, name, bytes) in [
        (DocumentKind::Cv, "cv.pdf", files::cv()),
        (
            DocumentKind::Diploma,
            "d.png",
            files::picture(ImageFormat::Png),
        ),
        (
            DocumentKind::Photo,
            "p.jpg",
            files::picture(ImageFormat::Jpeg),
        ),
    ] {
        let document = stage.upload(kind, name, &bytes).await;
        assert!(stage.readable(document.id).await.is_none(), "in quarantine");
        let outcome = pipeline.ingest(&stage, document.id).await;
        assert_eq!(outcome, IngestionOutcome::Available, "{name}");
        let readable = stage.readable(document.id).await.unwrap();
        assert_eq!(readable.page_count, 1);
        let read = async |part| {
            let content = stage.vault.open(&readable.located, part).await.unwrap();
            content.collect(1 << 24).await.unwrap()
        };
        assert_eq!(read(Part::Original).await, bytes);
        let page = read(Part::Page(1)).await;
        assert_eq!(image::guess_format(&page).unwrap(), ImageFormat::Jpeg);
        pipeline
            .record(document.id, &format!("settled_{kind}"))
            .await;
    }
    assert_eq!(stage.count("document.scanned").await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_infected_file_is_gone_for_ever() {
    let stage = Stage::new().await;
    let pipeline = Pipeline::new(stage.activities(None)).await;
    let document = stage
        .upload(DocumentKind::Cv, "cv.pdf", &files::infected())
        .await;
    let outcome = pipeline.ingest(&stage, document.id).await;
    assert_eq!(outcome, IngestionOutcome::Infected);
    assert_eq!(
        stage.shown(document.id).await.status,
        DocumentStatus::Infected
    );
    assert_gone(&stage, &document).await;
    assert_eq!(
        stage.consumers("document.scanned").await,
        ["audit.document.scanned", "notification.document.scanned"]
    );
    pipeline
        .record(document.id, "infected_then_without_key")
        .await;
}

/// No row leads to the file, and there is no file.
async fn assert_gone(stage: &Stage, document: &documents::NewDocument) {
    assert!(stage.readable(document.id).await.is_none());
    let row = documents::locate(&stage.writer, document.id)
        .await
        .unwrap()
        .unwrap();
    assert!(row.located.is_none() && row.object_key.is_none());
    let object = stage.vault.objects.get(&document.object_key).await.unwrap();
    assert!(object.is_none());
    let previews = format!("previews/{}/", document.id);
    assert!(
        stage
            .vault
            .objects
            .list(&previews, None)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn false_and_active_files_are_refused_and_gone() {
    let stage = Stage::new().await;
    let pipeline = Pipeline::new(stage.activities(None)).await;
    let whole = files::cv();
    let active = files::pdf(
        "/OpenAction 5 0 R",
        "<</S/JavaScript/JS(app.alert\\(1\\))>>",
    );
    let zip = b"PK\x05\x06\0\0\0\0\x01\0\x01\0\0\0\0\0\0\0\0\0\0\0";
    for (name, bytes, code) in [
        ("active.pdf", active, RejectionCode::PdfActiveContent),
        (
            "cut.pdf",
            whole[..whole.len() / 2].to_vec(),
            RejectionCode::PdfBroken,
        ),
        ("false.png", whole.clone(), RejectionCode::TypeMismatch),
        (
            "text.pdf",
            b"not a PDF".to_vec(),
            RejectionCode::UnsupportedType,
        ),
        (
            "two.pdf",
            [whole.as_slice(), zip].concat(),
            RejectionCode::Polyglot,
        ),
        (
            "cv.png",
            files::picture(ImageFormat::Png),
            RejectionCode::KindMismatch,
        ),
    ] {
        let document = stage.upload(DocumentKind::Cv, name, &bytes).await;
        let outcome = pipeline.ingest(&stage, document.id).await;
        assert_eq!(outcome, IngestionOutcome::Rejected, "{name}");
        let shown = stage.shown(document.id).await;
        let found = shown.rejection.map(|rejection| rejection.code);
        assert_eq!(found, Some(code), "{name}");
        assert_gone(&stage, &document).await;
        if name == "active.pdf" {
            pipeline
                .record(document.id, "rejected_then_without_key")
                .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_without_a_row_was_erased() {
    let stage = Stage::new().await;
    let pipeline = Pipeline::new(stage.activities(None)).await;
    let outcome = pipeline.ingest(&stage, stage.store.new_id()).await;
    assert_eq!(outcome, IngestionOutcome::Erased);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_step_done_twice_ends_the_same() {
    let stage = Stage::new().await;
    let forgetful = Forgetful::new(stage.activities(None), Duration::from_millis(50));
    let pipeline = Pipeline::forgetful(forgetful).await;
    let clean = stage.upload(DocumentKind::Cv, "cv.pdf", &files::cv()).await;
    let infected = stage
        .upload(DocumentKind::Diploma, "d.pdf", &files::infected())
        .await;
    assert_eq!(
        pipeline.ingest(&stage, clean.id).await,
        IngestionOutcome::Available
    );
    assert_eq!(
        pipeline.ingest(&stage, infected.id).await,
        IngestionOutcome::Infected
    );
    assert!(stage.readable(clean.id).await.is_some());
    assert_gone(&stage, &infected).await;
    assert_eq!(stage.count("document.scanned").await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_day_without_a_scan_the_owner_is_told_once_and_the_scan_is_still_awaited() {
    let stage = Stage::new().await;
    let late = Duration::from_secs(25 * 60 * 60);
    let forgetful = Forgetful::new(stage.activities(None), late);
    let pipeline = Pipeline::forgetful(forgetful).await;
    let document = stage.upload(DocumentKind::Cv, "cv.pdf", &files::cv()).await;
    pipeline.start(&stage, document.id).await;
    pipeline
        .server
        .skip(Duration::from_secs(23 * 60 * 60))
        .await;
    assert_eq!(stage.count("reminder.due").await, 0);
    assert_eq!(
        stage.shown(document.id).await.status,
        DocumentStatus::Scanning
    );
    pipeline.server.skip(Duration::from_secs(70 * 60)).await;
    eventually(async || stage.count("reminder.due").await == 1).await;
    assert_eq!(
        stage.consumers("reminder.due").await,
        ["audit.reminder.due", "notification.reminder.due"]
    );
    pipeline.server.skip(Duration::from_secs(2 * 60 * 60)).await;
    assert_eq!(
        pipeline.outcome(document.id).await,
        IngestionOutcome::Available
    );
    assert_eq!(stage.count("reminder.due").await, 1);
    pipeline.record(document.id, "delayed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scanner_that_is_away_passes_nothing() {
    let stage = Stage::new().await;
    let pipeline = Pipeline::new(stage.activities(Some(NO_SCANNER))).await;
    let document = stage.upload(DocumentKind::Cv, "cv.pdf", &files::cv()).await;
    pipeline.start(&stage, document.id).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(
        stage.shown(document.id).await.status,
        DocumentStatus::Scanning
    );
    let handle = pipeline
        .server
        .client()
        .get_workflow_handle::<DocumentIngestion>(workflow_id(document.id));
    handle
        .signal(
            DocumentIngestion::erase,
            (),
            WorkflowSignalOptions::default(),
        )
        .await
        .unwrap();
    assert_eq!(
        pipeline.outcome(document.id).await,
        IngestionOutcome::Erased
    );
    pipeline.record(document.id, "erased").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_real_scanner_finds_what_it_must() {
    use activities::clients::scanner::{Scanner, ScannerConfig};
    let clamav_address = tests::environment::required("CLAMAV_ADDRESS");
    Scanner::new(&ScannerConfig { clamav_address })
        .prove()
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorded_histories_still_replay() {
    let options = || {
        WorkflowReplayerOptions::new()
            .register_workflow::<DocumentIngestion>()
            .unwrap()
            .build()
    };
    for name in [
        "available_cv",
        "checked_cv",
        "delayed",
        "drawn_cv",
        "erased",
        "infected",
        "infected_then_without_key",
        "rejected",
        "rejected_then_without_key",
        "settled_cv",
        "too_complex",
    ] {
        let replayer = WorkflowReplayer::new(options()).unwrap();
        replayer
            .replay_workflow(history("DocumentIngestion", name))
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

async fn eventually(condition: impl AsyncFn() -> bool) {
    for _ in 0..100 {
        if condition().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it did not come about within ten seconds");
}
