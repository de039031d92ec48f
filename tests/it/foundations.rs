//! The ground that every other test stands on.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;
use store::events::{self, NewEvent};
use store::idempotency::Lookup;
use store::{Context, Store, StoreError, commands, idempotency};
use tests::api::TestTime;
use tests::database::TestDatabase;
use tests::temporal::TemporalServer;
use uuid::Uuid;
use workflows::commands::IdempotencyMark;
use workflows::events::EventType;

#[tokio::test]
async fn an_event_and_its_deliveries_are_written_together() {
    let database = TestDatabase::create().await;
    let store = database.store();
    let context = Context::system(store.new_id(), None);
    let profile = store.new_id();
    let mut tx = store.begin().await.unwrap();
    let event = NewEvent::new(EventType::ProfileCreated, "profile", profile, json!({}));
    events::append(&mut tx, &store, &context, event)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let consumers: Vec<String> = sqlx::query_scalar(
        "SELECT consumer FROM events.deliveries WHERE state = 'pending' ORDER BY consumer",
    )
    .fetch_all(&database.owner().await)
    .await
    .unwrap();
    assert_eq!(
        consumers,
        ["audit.profile.created", "candidate.profile.created"]
    );
}

#[tokio::test]
async fn the_api_role_cannot_rewrite_an_event() {
    let database = TestDatabase::create().await;
    let store = database.store();
    let mut connection = store.connection().await.unwrap();
    let refused = sqlx::query("UPDATE events.events SET type = 'x'")
        .execute(&mut *connection)
        .await
        .unwrap_err();
    assert_eq!(
        refused
            .as_database_error()
            .and_then(|e| e.code())
            .as_deref(),
        Some("42501")
    );
}

#[tokio::test]
async fn an_idempotency_key_keeps_its_first_answer_and_knows_another_request() {
    let database = TestDatabase::create().await;
    let store = database.store();
    let mark = IdempotencyMark {
        caller: format!("user:{}", Uuid::nil()),
        key_hash: "k".to_owned(),
        fingerprint: "f".to_owned(),
    };
    let mut context = Context::system(store.new_id(), None);
    context.idempotency = Some(mark.clone());
    let mut tx = store.begin().await.unwrap();
    idempotency::record(&mut tx, &store, &context, 201, json!({"id": 1}))
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let kept = idempotency::find(&store, &mark).await.unwrap();
    assert!(matches!(kept, idempotency::Lookup::Kept(answer) if answer.status == 201));
    let other = IdempotencyMark {
        fingerprint: "g".to_owned(),
        ..mark
    };
    assert_eq!(
        idempotency::find(&store, &other).await.unwrap(),
        idempotency::Lookup::Reused
    );

    let mut tx = store.begin().await.unwrap();
    let raced = idempotency::record(&mut tx, &store, &context, 201, json!({})).await;
    assert!(matches!(raced, Err(store::StoreError::IdempotencyRace)));
}

/// A context under the key, of a request with that fingerprint.
fn asked(store: &Store, fingerprint: &str) -> (Context, IdempotencyMark) {
    let mark = IdempotencyMark {
        caller: format!("user:{}", Uuid::nil()),
        key_hash: "k".to_owned(),
        fingerprint: fingerprint.to_owned(),
    };
    let mut context = Context::system(store.new_id(), None);
    context.idempotency = Some(mark.clone());
    (context, mark)
}

async fn keep(store: &Store, context: &Context, status: u16) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    idempotency::record(&mut tx, store, context, status, json!({})).await?;
    tx.commit().await?;
    Ok(())
}

#[tokio::test]
async fn a_key_is_a_new_one_after_a_day_though_nobody_swept() {
    let time = TestTime::now();
    let database = TestDatabase::create().await;
    let store = database.store_with(time.clock());
    let (first, mark) = asked(&store, "f");
    keep(&store, &first, 201).await.unwrap();
    time.pass(TimeDelta::hours(24) - TimeDelta::seconds(1));
    let early = keep(&store, &first, 204).await;
    assert!(matches!(early, Err(StoreError::IdempotencyRace)));
    time.pass(TimeDelta::seconds(1));
    let found = idempotency::find(&store, &mark).await.unwrap();
    assert_eq!(found, Lookup::New);

    // Two requests at once: one replaces the outdated answer, the other one has lost.
    let (second, mark) = asked(&store, "g");
    let mut tx = store.begin().await.unwrap();
    idempotency::record(&mut tx, &store, &second, 202, json!({}))
        .await
        .unwrap();
    let late = tokio::spawn({
        let store = store.clone();
        async move { keep(&store, &second, 204).await }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    tx.commit().await.unwrap();
    let late = late.await.unwrap();
    assert!(matches!(late, Err(StoreError::IdempotencyRace)));
    let kept = idempotency::find(&store, &mark).await.unwrap();
    assert!(matches!(kept, Lookup::Kept(answer) if answer.status == 202));
}

#[tokio::test]
async fn an_answer_is_kept_once_beside_its_change_or_alone() {
    let time = TestTime::now();
    let database = TestDatabase::create().await;
    let store = database.store_with(time.clock());
    let (context, mark) = asked(&store, "f");
    let sealed = async |mark: &IdempotencyMark| match idempotency::find(&store, mark).await {
        Ok(Lookup::Kept(kept)) => kept.sealed,
        other => panic!("{other:?}"),
    };
    let keep_as = async |mark: &IdempotencyMark, answer: &[u8]| {
        idempotency::keep(&store, mark, 201, answer).await.unwrap()
    };
    // Beside what the change left behind, which stays; the first one wins.
    keep(&store, &context, 201).await.unwrap();
    assert_eq!(sealed(&mark).await, None);
    assert!(keep_as(&mark, b"one").await);
    assert!(!keep_as(&mark, b"two").await);
    assert_eq!(sealed(&mark).await.unwrap(), b"one");
    // Of another request under the key nothing is kept.
    let (_, other) = asked(&store, "g");
    assert!(!keep_as(&other, b"three").await);
    // An outdated one gives way, and its answer goes with it.
    time.pass(TimeDelta::hours(24));
    assert!(keep_as(&other, b"four").await);
    assert_eq!(sealed(&other).await.unwrap(), b"four");
    time.pass(TimeDelta::hours(24));
    keep(&store, &context, 201).await.unwrap();
    assert_eq!(sealed(&mark).await, None);
}

#[tokio::test]
async fn outdated_keys_and_orders_are_swept_and_no_others() {
    let time = TestTime::now();
    let database = TestDatabase::create().await;
    let store = database.store_with(time.clock());
    let writer = database.writer_with(time.clock());
    let (mut context, mark) = asked(&store, "f");
    keep(&store, &context, 201).await.unwrap();
    commands::insert(&store, &context, &()).await.unwrap();
    time.pass(TimeDelta::hours(24) + TimeDelta::seconds(1));
    let fresh = IdempotencyMark {
        key_hash: "l".to_owned(),
        ..mark
    };
    context.idempotency = Some(fresh.clone());
    keep(&store, &context, 201).await.unwrap();
    commands::insert(&store, &context, &()).await.unwrap();
    for left in [1, 0] {
        assert_eq!(idempotency::sweep(&writer).await.unwrap(), left);
        assert_eq!(commands::sweep(&writer).await.unwrap(), left);
    }
    let kept = idempotency::find(&store, &fresh).await.unwrap();
    assert!(matches!(kept, Lookup::Kept(_)));
}

#[tokio::test]
async fn a_month_passes_at_once() {
    let server = TemporalServer::start().await;
    let begun = std::time::Instant::now();
    server
        .skip(std::time::Duration::from_secs(30 * 24 * 3600))
        .await;
    assert!(begun.elapsed() < std::time::Duration::from_secs(10));
}
