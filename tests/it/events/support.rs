//! What the tests of the relay share.

use serde_json::Value;
use sqlx::PgPool;
use store::events::{self, NewEvent};
use store::{Context, Store, Writer};
use temporalio_client::Client;
use uuid::Uuid;
use workers::relay::{Relay, RelayConfig};
use workers::temporal::Temporal;
use workers::timers::Timers;
use workflows::events::EventType;

/// A relay over the given outbox and Temporal.
pub fn relay(writer: Writer, client: &Client) -> Relay {
    Relay {
        config: RelayConfig::default(),
        writer,
        temporal: Temporal::of(client.clone()),
        timers: Timers::default(),
    }
}

/// Writes an event of the system's about `aggregate_id`.
pub async fn write(
    store: &Store,
    event_type: EventType,
    aggregate: &'static str,
    aggregate_id: Uuid,
    payload: Value,
) -> Uuid {
    let context = Context::system(store.new_id(), None);
    let mut tx = store.begin().await.unwrap();
    let event = NewEvent::new(event_type, aggregate, aggregate_id, payload);
    let id = events::append(&mut tx, store, &context, event)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    id
}

/// State and attempts of a delivery.
pub async fn delivery(owner: &PgPool, event_id: Uuid, consumer: &str) -> (String, i32) {
    sqlx::query_as(
        "SELECT state, attempts FROM events.deliveries WHERE event_id = $1 AND consumer = $2",
    )
    .bind(event_id)
    .bind(consumer)
    .fetch_one(owner)
    .await
    .unwrap()
}

/// How many rows a query counts.
pub async fn count(owner: &PgPool, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(owner).await.unwrap()
}
