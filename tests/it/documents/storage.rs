//! The store's side: uploads and deletions under the profile's status, tampering, the sweep.

use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use store::clock::{Clock, TimeSource};
use store::documents::{
    self, Access, AccessKind, ArchiveError, Attachment, ContentError, Reader, UploadError,
};
use store::secrets::document_keys::Part;
use uuid::Uuid;
use workflows::documents::contract::{Settlement, Verdict};
use workflows::documents::rules::{
    DocumentKind, DocumentStatus, Rejection, RejectionCode, RejectionFigures,
};

use super::files;
use super::stage::Stage;

#[tokio::test]
async fn an_upload_is_an_edit_and_follows_the_status() {
    let stage = Stage::new().await;
    let document = stage.put(DocumentKind::Cv, "cv.pdf", &files::cv()).await;
    let uploaded = documents::insert(&stage.store, &stage.context(), &document)
        .await
        .unwrap();
    assert_eq!(uploaded.profile_version, 2);
    assert_eq!(
        stage.consumers("document.uploaded").await,
        ["audit.document.uploaded", "document.document.uploaded"]
    );
    for (status, open_steps, allowed) in [
        ("SUBMITTED", None, false),
        ("VALIDATED", None, false),
        ("REJECTED", None, false),
        ("IN_REVIEW", Some(vec!["identity".to_owned()]), false),
        ("IN_REVIEW", Some(vec!["documents".to_owned()]), true),
    ] {
        stage.set_status(status, open_steps).await;
        let document = stage
            .put(DocumentKind::Diploma, "d.pdf", &files::cv())
            .await;
        let answer = documents::insert(&stage.store, &stage.context(), &document).await;
        assert_eq!(answer.is_ok(), allowed, "{status}");
        if !allowed {
            assert!(matches!(answer, Err(UploadError::Refused(_))));
            let (user_id, id) = (stage.user_id, document.id);
            let archived = documents::archive(&stage.store, &stage.context(), user_id, id).await;
            assert!(matches!(archived, Err(ArchiveError::NotFound)));
        }
    }
}

#[tokio::test]
async fn an_item_of_another_profile_is_refused() {
    let stage = Stage::new().await;
    let mut document = stage
        .put(DocumentKind::Diploma, "d.pdf", &files::cv())
        .await;
    document.attachment = Some(Attachment::Experience(stage.store.new_id()));
    let early = documents::may_upload(&stage.store, stage.user_id, document.attachment, 0).await;
    assert!(matches!(
        early,
        Err(UploadError::ForeignItem("/experience_id"))
    ));
    let late = documents::insert(&stage.store, &stage.context(), &document).await;
    assert!(matches!(
        late,
        Err(UploadError::ForeignItem("/experience_id"))
    ));
}

#[tokio::test]
async fn the_api_role_cannot_write_a_verdict() {
    let stage = Stage::new().await;
    let document = stage.upload(DocumentKind::Cv, "cv.pdf", &files::cv()).await;
    let mut connection = stage.store.connection().await.unwrap();
    for column in [
        "status = 'available'",
        "key_wrapped = NULL",
        "page_count = 1",
    ] {
        let statement = format!("UPDATE document.documents SET {column} WHERE id = $1");
        let refused = sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(document.id)
            .execute(&mut *connection)
            .await
            .unwrap_err();
        let code = refused.as_database_error().and_then(|error| error.code());
        assert_eq!(code.as_deref(), Some("42501"), "{column}");
    }
}

fn settlement(stage: &Stage, id: uuid::Uuid, verdict: Verdict) -> Settlement {
    Settlement {
        document_id: id,
        correlation_id: stage.store.new_id(),
        verdict,
    }
}

async fn settle(stage: &Stage, id: uuid::Uuid, verdict: Verdict) -> Option<DocumentStatus> {
    documents::settle(
        &stage.writer,
        &stage.context(),
        &settlement(stage, id, verdict),
    )
    .await
    .unwrap()
}

#[tokio::test]
async fn the_first_verdict_stands() {
    let stage = Stage::new().await;
    let document = stage.upload(DocumentKind::Cv, "cv.pdf", &files::cv()).await;
    let available = Verdict::Available {
        page_count: 1,
        rewritten_size: None,
    };
    for verdict in [available, available, Verdict::Infected] {
        assert_eq!(
            settle(&stage, document.id, verdict).await,
            Some(DocumentStatus::Available)
        );
    }
    assert_eq!(stage.count("document.scanned").await, 1);
    assert_eq!(settle(&stage, stage.store.new_id(), available).await, None);
    assert_eq!(
        stage.consumers("document.scanned").await,
        ["audit.document.scanned", "candidate.document.scanned"]
    );
    assert!(stage.readable(document.id).await.is_some());
}

#[tokio::test]
async fn a_refused_file_is_unreadable_by_its_verdict_and_then_without_its_key() {
    let stage = Stage::new().await;
    let document = stage
        .upload(DocumentKind::Diploma, "d.pdf", &files::cv())
        .await;
    let rejection = Rejection {
        code: RejectionCode::ImageTooLarge,
        figures: Some(RejectionFigures {
            found: 72_000_000,
            limit: 64_000_000,
            dimensions: Some((9_000, 8_000)),
        }),
    };
    // A mistaken order harms nothing.
    documents::destroy_key(&stage.writer, document.id)
        .await
        .unwrap();
    settle(&stage, document.id, Verdict::Rejected(rejection)).await;
    let key = async || {
        let row = documents::locate(&stage.writer, document.id).await;
        row.unwrap().unwrap().located
    };
    assert!(key().await.is_some(), "a verdict destroys nothing");
    assert!(stage.readable(document.id).await.is_none());
    assert_eq!(
        stage.consumers("document.scanned").await,
        ["audit.document.scanned", "notification.document.scanned"]
    );
    assert_eq!(stage.shown(document.id).await.rejection, Some(rejection));
    let figures: serde_json::Value = sqlx::query_scalar(
        "SELECT payload -> 'rejection_figures' FROM events.events WHERE type = 'document.scanned'",
    )
    .fetch_one(&stage.database.owner().await)
    .await
    .unwrap();
    assert_eq!(figures["found"], 72_000_000);
    for _ in 0..2 {
        documents::destroy_key(&stage.writer, document.id)
            .await
            .unwrap();
        assert!(key().await.is_none());
    }
}

#[tokio::test]
async fn an_archived_cv_is_not_read_and_the_step_is_open_again() {
    let stage = Stage::new().await;
    let document = stage.upload(DocumentKind::Cv, "cv.pdf", &files::cv()).await;
    settle(
        &stage,
        document.id,
        Verdict::Available {
            page_count: 1,
            rewritten_size: None,
        },
    )
    .await;
    let archive = async || {
        documents::archive(&stage.store, &stage.context(), stage.user_id, document.id).await
    };
    assert_eq!(archive().await.unwrap(), Some(3));
    assert_eq!(archive().await.unwrap(), None, "once");
    assert_eq!(
        stage.shown(document.id).await.status,
        DocumentStatus::Archived
    );
    assert!(stage.readable(document.id).await.is_none());
    assert_eq!(stage.count("document.archived").await, 1);
    assert_eq!(
        stage.consumers("profile.updated").await,
        ["audit.profile.updated", "candidate.profile.updated"]
    );
}

#[tokio::test]
async fn a_stranger_and_a_company_that_opened_nothing_find_no_document() {
    let stage = Stage::new().await;
    let document = stage.upload(DocumentKind::Cv, "cv.pdf", &files::cv()).await;
    settle(
        &stage,
        document.id,
        Verdict::Available {
            page_count: 1,
            rewritten_size: None,
        },
    )
    .await;
    let nobody = stage.store.new_id();
    for reader in [Reader::Owner(nobody), Reader::Company(nobody)] {
        let access = documents::readable(&stage.store, document.id, reader)
            .await
            .unwrap();
        assert!(matches!(access, Access::NotFound), "{reader:?}");
    }
    let shown = documents::find(&stage.store, document.id, Some(nobody)).await;
    assert_eq!(shown.unwrap(), None);
    let listed = documents::list(&stage.store, nobody, None, 10).await;
    assert_eq!(listed.unwrap(), []);
    let access = documents::readable(&stage.store, document.id, Reader::Staff)
        .await
        .unwrap();
    let Access::Granted(readable) = access else {
        panic!("reviewers read every document")
    };
    let reached = readable.reached(None, AccessKind::Page(1));
    documents::record_access(&stage.store, &stage.context(), reached)
        .await
        .unwrap();
    let (address, page): (Option<String>, Option<i32>) = sqlx::query_as(
        "SELECT origin_address, page FROM document.document_access WHERE document_id = $1",
    )
    .bind(document.id)
    .fetch_one(&stage.database.owner().await)
    .await
    .unwrap();
    assert_eq!((address.as_deref(), page), (Some("192.0.2.7"), Some(1)));
    assert_eq!(stage.count("document.accessed").await, 1);
}

/// A validated revision of the profile, and the review of that document in its case; without an
/// outcome the document was counted and never looked at.
async fn review(stage: &Stage, number: i32, document_id: Uuid, outcome: Option<&str>) {
    let owner = stage.database.owner().await;
    let validation_id = stage.store.new_id();
    sqlx::query(
        "WITH validation AS (
            INSERT INTO admin.validations (id, profile_id, user_id, number, status, outcome,
                submitted_at, grid_version, created_at)
            VALUES ($1, $2, $3, $4, 'decided', 'validated', now(),
                (SELECT max(version) FROM admin.assessment_grids), now())
        )
        INSERT INTO candidate.profile_revisions (id, profile_id, validation_id, number, profile,
            card, expert_opinion, validated_at)
        VALUES (gen_random_uuid(), $2, $1, $4, '{}', '{}', '{}', now())",
    )
    .bind(validation_id)
    .bind(stage.profile_id)
    .bind(stage.user_id)
    .bind(number)
    .execute(&owner)
    .await
    .unwrap();
    sqlx::query(
        "INSERT INTO admin.document_reviews (validation_id, document_id, outcome, reviewed_by,
            reviewed_at)
         VALUES ($1, $2, $3, CASE WHEN $3 IS NOT NULL THEN $1 END,
            CASE WHEN $3 IS NOT NULL THEN now() END)",
    )
    .bind(validation_id)
    .bind(document_id)
    .bind(outcome)
    .execute(&owner)
    .await
    .unwrap();
}

#[tokio::test]
async fn the_latest_verdict_is_shown_and_no_review_that_is_still_due_hides_it() {
    let stage = Stage::new().await;
    let document = stage.upload(DocumentKind::Cv, "cv.pdf", &files::cv()).await;
    settle(
        &stage,
        document.id,
        Verdict::Available {
            page_count: 1,
            rewritten_size: None,
        },
    )
    .await;
    review(&stage, 1, document.id, None).await;
    assert!(stage.shown(document.id).await.review.is_none());
    review(&stage, 2, document.id, Some("accepted")).await;
    let shown = stage.shown(document.id).await.review.unwrap();
    assert_eq!(shown.outcome.as_str(), "accepted");
    let listed = documents::list(&stage.store, stage.user_id, None, 10).await;
    assert_eq!(listed.unwrap()[0].review, Some(shown));
}

#[tokio::test]
async fn a_company_reads_what_was_accepted_for_the_revision_that_it_sees() {
    let stage = Stage::new().await;
    let document = stage
        .upload(DocumentKind::Photo, "me.png", &files::cv())
        .await;
    settle(
        &stage,
        document.id,
        Verdict::Available {
            page_count: 1,
            rewritten_size: None,
        },
    )
    .await;
    let owner = stage.database.owner().await;
    let company = tests::search::company(&owner, "enterprise", stage.store.now()).await;
    sqlx::query(
        "INSERT INTO search.openings (company_id, profile_id, period_start, revision_id, opened_by,
            opened_at)
         SELECT $1, $2, anchor, $1, $1, now() FROM subscription.subscriptions",
    )
    .bind(company)
    .bind(stage.profile_id)
    .execute(&owner)
    .await
    .unwrap();
    stage.set_status("VALIDATED", None).await;
    for (number, outcome, is_shown) in [
        (1, "refused", false),
        (2, "accepted", true),
        (3, "replacement_requested", false),
    ] {
        review(&stage, number, document.id, Some(outcome)).await;
        let access = documents::readable(&stage.store, document.id, Reader::Company(company))
            .await
            .unwrap();
        assert_eq!(matches!(access, Access::Granted(_)), is_shown, "{outcome}");
        assert_eq!(matches!(access, Access::NotFound), !is_shown, "{outcome}");
    }
}

#[tokio::test]
async fn a_changed_a_cut_and_a_swapped_object_are_noticed() {
    let stage = Stage::new().await;
    let one = stage
        .upload(DocumentKind::Cv, "cv.pdf", &vec![7; 200_000])
        .await;
    let other = stage
        .upload(DocumentKind::Cv, "cv.pdf", &vec![8; 200_000])
        .await;
    let located = documents::locate(&stage.writer, one.id)
        .await
        .unwrap()
        .unwrap()
        .located
        .unwrap();
    let read = async || {
        let content = stage.vault.open(&located, Part::Original).await?;
        content.collect(1 << 20).await
    };
    assert_eq!(read().await.unwrap(), vec![7; 200_000]);
    let sealed = stage.sealed(&one.object_key).await;
    let mut changed = sealed.clone();
    changed[150_000] ^= 1;
    let cut = sealed[..sealed.len() - 1_000].to_vec();
    let swapped = stage.sealed(&other.object_key).await;
    for bytes in [changed, cut, swapped, Vec::new()] {
        stage
            .vault
            .objects
            .put_bytes(&one.object_key, bytes)
            .await
            .unwrap();
        assert!(matches!(read().await, Err(ContentError::Tampered)));
    }
}

/// A clock that stands still.
struct Fixed(DateTime<Utc>);

impl TimeSource for Fixed {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }
}

fn fixed(at: DateTime<Utc>) -> Clock {
    Clock::new(Arc::new(Fixed(at)))
}

#[tokio::test]
async fn what_no_row_speaks_of_is_swept_after_an_hour() {
    // Long ago, so that the sweep does not take what other tests are uploading for orphans.
    let now = Clock::system().now() - TimeDelta::days(1_000);
    let stage = Stage::at(fixed(now)).await;
    let kept = stage.upload(DocumentKind::Cv, "cv.pdf", &files::cv()).await;
    let orphan = stage.put(DocumentKind::Cv, "cv.pdf", &files::cv()).await;
    let refused = stage.upload(DocumentKind::Cv, "cv.pdf", &files::cv()).await;
    settle(&stage, refused.id, Verdict::Infected).await;
    let there = async |key: &str| stage.vault.objects.get(key).await.unwrap().is_some();
    documents::sweep_orphans(&stage.writer, &stage.vault)
        .await
        .unwrap();
    assert!(
        there(&orphan.object_key).await,
        "an upload may still be writing its row"
    );
    let later = stage.database.writer_with(fixed(now + TimeDelta::hours(2)));
    let swept = documents::sweep_orphans(&later, &stage.vault)
        .await
        .unwrap();
    assert_eq!(swept.refused, 1);
    assert!(swept.orphans >= 1);
    assert!(there(&kept.object_key).await);
    assert!(!there(&orphan.object_key).await);
    assert!(!there(&refused.object_key).await);
    let again = documents::sweep_orphans(&later, &stage.vault)
        .await
        .unwrap();
    assert_eq!(again.refused, 0);
}
