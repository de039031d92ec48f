//! What a consumer refuses, and what it cannot be asked.

use chrono::TimeDelta;
use serde_json::json;
use store::Context;
use store::deliveries::{self, ReplayRefusal};
use tests::api::TestTime;
use tests::database::TestDatabase;
use tests::temporal::TemporalServer;
use uuid::Uuid;
use workers::relay::drain_once;
use workflows::events::EventType;

use super::support::{delivery, relay, write};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_refusals_make_a_dead_letter_that_can_be_replayed() {
    let database = TestDatabase::create().await;
    let server = TemporalServer::start().await;
    let time = TestTime::now();
    let writer = database.writer_with(time.clock());
    let relay = relay(writer.clone(), server.client());
    // An event that lacks what its notice needs.
    let event = write(
        &writer,
        EventType::UserCreated,
        "user",
        Uuid::nil(),
        json!({}),
    )
    .await;
    let consumer = "notification.user.created";
    let owner = database.owner().await;
    for refusals in 1..=2 {
        drain_once(&relay).await.unwrap();
        let waits = ("pending".to_owned(), refusals);
        assert_eq!(delivery(&owner, event, consumer).await, waits);
        drain_once(&relay).await.unwrap();
        assert_eq!(
            delivery(&owner, event, consumer).await,
            waits,
            "no back-off"
        );
        time.pass(TimeDelta::seconds(60));
    }
    drain_once(&relay).await.unwrap();
    assert_eq!(
        delivery(&owner, event, consumer).await,
        ("dead".to_owned(), 3)
    );

    let letters = deliveries::dead_letters(&writer, None, 10).await.unwrap();
    assert_eq!((letters.len(), letters[0].consumer.as_str()), (1, consumer));
    let context = Context::system(writer.new_id(), None);
    // As the API does it, with its own rights.
    let store = database.store();
    deliveries::replay(&store, &context, letters[0].id)
        .await
        .unwrap();
    assert_eq!(
        delivery(&owner, event, consumer).await,
        ("pending".to_owned(), 0)
    );
    let twice = deliveries::replay(&store, &context, letters[0].id).await;
    assert!(matches!(twice, Err(ReplayRefusal::NotFound)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_that_cannot_be_read_keeps_no_other_waiting() {
    let database = TestDatabase::create().await;
    let server = TemporalServer::start().await;
    let time = TestTime::now();
    let writer = database.writer_with(time.clock());
    let (relay, owner) = (
        relay(writer.clone(), server.client()),
        database.owner().await,
    );
    let kind = EventType::SearchPerformed;
    let strange = write(&writer, kind, "search", Uuid::nil(), json!({})).await;
    let strange_consumer = "subscription.search.dreamt";
    // As a newer version would write it.
    sqlx::query("UPDATE events.events SET type = 'search.dreamt' WHERE id = $1")
        .bind(strange)
        .execute(&owner)
        .await
        .unwrap();
    sqlx::query("UPDATE events.deliveries SET consumer = $1 WHERE consumer LIKE 'subscription.%'")
        .bind(strange_consumer)
        .execute(&owner)
        .await
        .unwrap();
    let plain = write(&writer, kind, "search", Uuid::nil(), json!({})).await;
    for refusals in 1..=3 {
        drain_once(&relay).await.unwrap();
        let state = if refusals == 3 { "dead" } else { "pending" };
        let found = delivery(&owner, strange, strange_consumer).await;
        assert_eq!(found, (state.to_owned(), refusals));
        time.pass(TimeDelta::seconds(60));
    }
    let found = delivery(&owner, plain, "subscription.search.performed").await;
    assert_eq!(found, ("delivered".to_owned(), 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_temporal_that_is_away_uses_up_no_attempt_and_is_drained_when_it_is_back() {
    let database = TestDatabase::create().await;
    let time = TestTime::now();
    let writer = database.writer_with(time.clock());
    let gone = TemporalServer::start().await;
    let away = relay(writer.clone(), gone.client());
    drop(gone);
    let mut events = Vec::new();
    for _ in 0..8 {
        let document = writer.new_id();
        let payload = json!({"document_id": document, "profile_id": Uuid::nil()});
        let event = EventType::DocumentUploaded;
        events.push(write(&writer, event, "document", document, payload).await);
    }
    let owner = database.owner().await;
    for _ in 0..4 {
        drain_once(&away).await.unwrap();
        time.pass(TimeDelta::seconds(5));
    }
    for event in &events {
        let found = delivery(&owner, *event, "document.document.uploaded").await;
        assert_eq!(found, ("pending".to_owned(), 0));
        let recorded = delivery(&owner, *event, "audit.document.uploaded").await;
        assert_eq!(recorded.0, "delivered", "the audit trail waits for nobody");
    }

    let back = TemporalServer::start().await;
    drain_once(&relay(writer, back.client())).await.unwrap();
    for event in &events {
        let found = delivery(&owner, *event, "document.document.uploaded").await;
        assert_eq!(found, ("delivered".to_owned(), 0));
    }
}
