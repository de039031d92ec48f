//! How much a profile may send and keep: exact also when many uploads come at once.

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use store::documents::{self, UploadError};
use tests::api::TestTime;
use workflows::documents::contract::{Settlement, Verdict};
use workflows::documents::rules::{
    DocumentKind, MOST_BYTES_A_DAY, MOST_KEPT, MOST_SCANNING, RejectionCode, UploadLimit,
};

use super::files;
use super::stage::Stage;

/// Rows of documents as the pipeline leaves them.
async fn add(stage: &Stage, count: u32, status: &str, size: u64, at: DateTime<Utc>) {
    sqlx::query(
        "INSERT INTO document.documents
            (id, profile_id, user_id, kind, file_name, content_type, size, sha256, status,
             rejection_code, page_count, key_wrapped, master_key_id, object_key, created_at,
             settled_at)
         SELECT gen_random_uuid(), $1, $2, 'diploma', 'd.pdf', 'application/pdf', $3,
             repeat('0', 64), $4, CASE WHEN $4 = 'rejected' THEN 'polyglot' END, 1, '\\x00', 'k',
             gen_random_uuid()::text, $5, $5
         FROM generate_series(1, $6)",
    )
    .bind(stage.profile_id)
    .bind(stage.user_id)
    .bind(i64::try_from(size).unwrap())
    .bind(status)
    .bind(at)
    .bind(i32::try_from(count).unwrap())
    .execute(&stage.database.owner().await)
    .await
    .unwrap();
}

/// What an upload of the honest CV comes to.
async fn upload(stage: &Stage) -> Result<uuid::Uuid, UploadLimit> {
    let document = stage
        .put(DocumentKind::Diploma, "d.pdf", &files::cv())
        .await;
    let early = documents::may_upload(&stage.store, stage.user_id, None, document.size).await;
    match documents::insert(&stage.store, &stage.context(), &document).await {
        Ok(uploaded) => Ok(uploaded.document_id),
        Err(UploadError::Limit(limit)) => {
            let early = early.unwrap_err();
            assert!(
                matches!(early, UploadError::Limit(asked) if asked == limit),
                "asked before: {early}"
            );
            Err(limit)
        }
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn at_most_three_wait_for_their_verdict_however_many_come_at_once() {
    let stage = Stage::new().await;
    let mut ready = Vec::new();
    for _ in 0..8 {
        ready.push(
            stage
                .put(DocumentKind::Diploma, "d.pdf", &files::cv())
                .await,
        );
    }
    let context = stage.context();
    let uploads = ready
        .iter()
        .map(|document| documents::insert(&stage.store, &context, document));
    let (taken, refused): (Vec<_>, Vec<_>) =
        join_all(uploads).await.into_iter().partition(Result::is_ok);
    assert_eq!(taken.len(), MOST_SCANNING as usize);
    for refusal in refused {
        let is_limit = matches!(
            refusal,
            Err(UploadError::Limit(UploadLimit::TooManyScanning))
        );
        assert!(is_limit, "{refusal:?}");
    }
    // Taken back, it is still being checked; settled, it makes room.
    let first = taken[0].as_ref().unwrap().document_id;
    documents::archive(&stage.store, &context, stage.user_id, first)
        .await
        .unwrap();
    assert_eq!(upload(&stage).await, Err(UploadLimit::TooManyScanning));
    let settlement = Settlement {
        document_id: first,
        correlation_id: first,
        verdict: Verdict::Rejected(RejectionCode::Polyglot.into()),
    };
    documents::settle(&stage.writer, &context, &settlement)
        .await
        .unwrap();
    assert!(upload(&stage).await.is_ok());
}

#[tokio::test]
async fn at_most_forty_are_kept_and_what_is_refused_or_archived_is_not() {
    let stage = Stage::new().await;
    let long_ago = stage.store.now() - TimeDelta::days(9);
    add(&stage, 30, "rejected", 10, long_ago).await;
    add(&stage, MOST_KEPT - 1, "available", 10, long_ago).await;
    let last = upload(&stage).await.unwrap();
    assert_eq!(upload(&stage).await, Err(UploadLimit::TooManyDocuments));
    documents::archive(&stage.store, &stage.context(), stage.user_id, last)
        .await
        .unwrap();
    assert!(upload(&stage).await.is_ok());
}

#[tokio::test]
async fn so_much_is_taken_a_day_and_again_after_midnight() {
    let time = TestTime::now();
    let stage = Stage::at(time.clock()).await;
    let size = files::cv().len() as u64;
    let now = stage.store.now();
    let midnight = workflows::documents::rules::day_begun_at(now);
    add(
        &stage,
        1,
        "available",
        50 << 20,
        midnight - TimeDelta::seconds(1),
    )
    .await;
    add(&stage, 1, "rejected", MOST_BYTES_A_DAY - size, midnight).await;
    upload(&stage).await.unwrap();
    let until = midnight + TimeDelta::days(1);
    let reached = UploadLimit::DailyVolumeReached {
        sent: MOST_BYTES_A_DAY,
        until,
    };
    assert_eq!(upload(&stage).await, Err(reached));
    time.pass(until - now);
    assert!(upload(&stage).await.is_ok());
}
