//! The outbox: events and their deliveries, written in the transaction of the change they tell of.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::events::{EventType, Service, delivery_name};

use crate::context::Context;
use crate::database::Store;
use crate::error::StoreError;

/// The channel on which PostgreSQL wakes the relay.
pub const CHANNEL: &str = "yemma_events";

/// An event about to be written.
#[derive(Clone, Debug)]
pub struct NewEvent {
    event_type: EventType,
    aggregate: &'static str,
    aggregate_id: Uuid,
    payload: Value,
    consumers: Vec<Service>,
}

impl NewEvent {
    /// An event about `aggregate` (such as `profile`) with all consumers of its type.
    ///
    /// The payload holds ids, codes and statuses, never personal data.
    #[must_use]
    pub fn new(
        event_type: EventType,
        aggregate: &'static str,
        aggregate_id: Uuid,
        payload: Value,
    ) -> Self {
        Self {
            event_type,
            aggregate,
            aggregate_id,
            payload,
            consumers: event_type.consumers().to_vec(),
        }
    }

    /// Leaves a consumer out unless the condition holds, for consumers that the specification
    /// limits, such as search for a profile that is validated.
    #[must_use]
    pub fn consumed_by_if(mut self, service: Service, condition: bool) -> Self {
        if !condition {
            self.consumers.retain(|consumer| *consumer != service);
        }
        self
    }
}

/// Writes one event with its deliveries, in one statement. Returns its id.
pub async fn append(
    connection: &mut PgConnection,
    store: &Store,
    context: &Context,
    event: NewEvent,
) -> Result<Uuid, StoreError> {
    let ids = append_all(connection, store, context, vec![event]).await?;
    ids.first()
        .copied()
        .ok_or_else(|| StoreError::inconsistent("events.events", "no event was written"))
}

/// Writes several events of one transaction with their deliveries, in one statement. Returns
/// their ids in order. Without events it asks nothing.
pub async fn append_all(
    connection: &mut PgConnection,
    store: &Store,
    context: &Context,
    events: Vec<NewEvent>,
) -> Result<Vec<Uuid>, StoreError> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = events.iter().map(|_| store.new_id()).collect();
    let rows = Rows::of(&ids, events);
    sqlx::query!(
        r#"WITH written AS (
            INSERT INTO events.events
                (id, type, aggregate, aggregate_id, payload, actor_id, actor_kind,
                 origin_address, origin_user_agent, correlation_id, causation_id, occurred_at)
            SELECT id, type, aggregate, aggregate_id, payload, $6, $7, $8, $9, $10, $11, $12
            FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::jsonb[])
                AS event (id, type, aggregate, aggregate_id, payload)
        )
        INSERT INTO events.deliveries (event_id, consumer, available_at)
        SELECT event_id, consumer, $12
        FROM unnest($13::uuid[], $14::text[]) AS delivery (event_id, consumer)"#,
        &ids,
        &rows.types,
        &rows.aggregates,
        &rows.aggregate_ids,
        &rows.payloads,
        context.actor.id(),
        context.actor.kind(),
        context.origin.address,
        context.origin.user_agent,
        context.correlation_id,
        context.causation_id,
        store.now(),
        &rows.delivery_events,
        &rows.consumers,
    )
    .execute(connection)
    .await?;
    Ok(ids)
}

/// Whether an event caused by this command or event was written: then it is done.
pub async fn caused_by(
    connection: &mut PgConnection,
    causation_id: Uuid,
) -> Result<bool, StoreError> {
    let done = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM events.events WHERE causation_id = $1) AS "done!""#,
        causation_id,
    )
    .fetch_one(connection)
    .await?;
    Ok(done)
}

/// The columns of the events and deliveries to insert.
#[derive(Default)]
struct Rows {
    types: Vec<String>,
    aggregates: Vec<String>,
    aggregate_ids: Vec<Uuid>,
    payloads: Vec<Value>,
    delivery_events: Vec<Uuid>,
    consumers: Vec<String>,
}

impl Rows {
    fn of(ids: &[Uuid], events: Vec<NewEvent>) -> Self {
        let mut rows = Self::default();
        for (id, event) in ids.iter().zip(events) {
            for service in std::iter::once(Service::Audit).chain(event.consumers) {
                rows.delivery_events.push(*id);
                rows.consumers
                    .push(delivery_name(service, event.event_type));
            }
            rows.types.push(event.event_type.as_str().to_owned());
            rows.aggregates.push(event.aggregate.to_owned());
            rows.aggregate_ids.push(event.aggregate_id);
            rows.payloads.push(event.payload);
        }
        rows
    }
}
