//! Deliveries that their consumer refused for good: seen and replayed by a `super_admin`.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use thiserror::Error;
use uuid::Uuid;
use workflows::events::{EventType, Service, delivery_name};

use crate::context::Context;
use crate::database::Store;
use crate::error::StoreError;
use crate::events::{self, NewEvent};
use crate::idempotency;

/// The HTTP status of an answer that a replay will happen.
const ACCEPTED: u16 = 202;

/// Namespace of the ids of dead letters.
const DEAD_LETTERS: Uuid = Uuid::from_u128(0x1f6a_20c4_8d3b_5e07_a9b2_64d5_0c7e_f318);

/// A dead letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Made from the event and its consumer.
    pub id: Uuid,
    /// The event that was not delivered.
    pub event_id: Uuid,
    /// Its type.
    pub event_type: String,
    /// `<service>.<event>`; its dead letters are `dlq.<service>.<event>`.
    pub consumer: String,
    /// How often it was refused.
    pub attempts: i32,
    /// Why, the last time.
    pub last_error: Option<String>,
    /// When the event happened.
    pub occurred_at: DateTime<Utc>,
    /// The request that it all belongs to.
    pub correlation_id: Uuid,
}

/// The last dead letter of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadLetterPosition {
    /// Its event.
    pub event_id: Uuid,
    /// Its id.
    pub id: Uuid,
}

/// Why a dead letter is not replayed.
#[derive(Debug, Error)]
pub enum ReplayRefusal {
    /// There is none with this id, or it was replayed already.
    #[error("no such dead letter")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for ReplayRefusal {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

pub(super) fn id_of(event_id: Uuid, consumer: &str) -> Uuid {
    Uuid::new_v5(&DEAD_LETTERS, format!("{event_id}/{consumer}").as_bytes())
}

/// A page of dead letters, oldest event first.
pub async fn dead_letters(
    store: &Store,
    after: Option<DeadLetterPosition>,
    limit: i64,
) -> Result<Vec<DeadLetter>, StoreError> {
    let mut connection = store.connection().await?;
    let rows = sqlx::query_as!(
        DeadLetter,
        r#"SELECT delivery.dead_letter_id AS "id!", event.id AS event_id,
               event.type AS event_type, delivery.consumer, delivery.attempts,
               delivery.last_error, event.occurred_at, event.correlation_id
        FROM events.deliveries delivery
        JOIN events.events event ON event.id = delivery.event_id
        WHERE delivery.state = 'dead' AND delivery.dead_letter_id IS NOT NULL
            AND ($1::uuid IS NULL
                OR (delivery.event_id, delivery.dead_letter_id) > ($1::uuid, $2::uuid))
        ORDER BY delivery.event_id, delivery.dead_letter_id
        LIMIT $3"#,
        after.map(|position| position.event_id),
        after.map(|position| position.id),
        limit,
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(rows)
}

/// Gives a dead letter back to the relay, with its attempts before it again.
pub async fn replay(store: &Store, context: &Context, id: Uuid) -> Result<(), ReplayRefusal> {
    let mut transaction = store.begin().await?;
    let event_id = sqlx::query_scalar!(
        r#"UPDATE events.deliveries
        SET state = 'pending', attempts = 0, available_at = $2, leased_until = NULL
        WHERE dead_letter_id = $1 AND state = 'dead'
        RETURNING event_id"#,
        id,
        store.now(),
    )
    .fetch_optional(&mut *transaction)
    .await?
    .ok_or(ReplayRefusal::NotFound)?;
    let event = NewEvent::new(
        EventType::UserAction,
        "dead_letter",
        id,
        json!({"action": "dead_letter_replayed", "event_id": event_id}),
    )
    .consumed_by_if(Service::Notification, false);
    events::append(&mut transaction, store, context, event).await?;
    idempotency::record(&mut transaction, store, context, ACCEPTED, json!({})).await?;
    transaction.commit().await?;
    Ok(())
}

/// Makes a dead letter of a delivery that was delivered to a process which then gave up, after so
/// many attempts of its own.
pub async fn bury(
    connection: &mut PgConnection,
    service: Service,
    event_id: Uuid,
    (reason, attempts): (&str, u32),
) -> Result<(), StoreError> {
    let event_type = sqlx::query_scalar!("SELECT type FROM events.events WHERE id = $1", event_id)
        .fetch_one(&mut *connection)
        .await?;
    let event_type: EventType = event_type
        .parse()
        .map_err(|_| StoreError::inconsistent("events.events", "an unknown event type"))?;
    let consumer = delivery_name(service, event_type);
    sqlx::query!(
        r#"UPDATE events.deliveries
        SET state = 'dead', last_error = $3, dead_letter_id = $4, leased_until = NULL,
            delivered_at = NULL, attempts = attempts + $5
        WHERE event_id = $1 AND consumer = $2"#,
        event_id,
        consumer,
        reason,
        id_of(event_id, &consumer),
        i32::try_from(attempts).unwrap_or(i32::MAX),
    )
    .execute(connection)
    .await?;
    Ok(())
}
