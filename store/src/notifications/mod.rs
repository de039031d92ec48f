//! Notifications: one row for one cause, one template and one person.

mod facts;
mod feed;
mod letters;
mod recipients;

use serde_json::{Value, json};
use uuid::Uuid;
use workflows::events::{EventType, Service};
use workflows::notifications::Template;

pub use facts::{AskedDocument, CaseFacts, DocumentFacts, Facts, InterviewFacts, VerificationLink};
pub use feed::{FeedDocument, FeedItem, FeedPosition, feed, mark_read, unread_count};
pub use letters::{Letter, letter};
pub use recipients::recipients;

use crate::context::Context;
use crate::database::Writer;
use crate::deliveries;
use crate::error::StoreError;
use crate::events::{self, NewEvent};

const AGGREGATE: &str = "notification";

/// A notification about to be written.
#[derive(Clone, Debug)]
pub struct NewNotification {
    /// Made from cause, template and person by [`workflows::notifications::notification_id`].
    pub id: Uuid,
    /// Who is told.
    pub user_id: Uuid,
    /// The cause.
    pub event_id: Uuid,
    /// What is told.
    pub template: Template,
    /// The ids and codes of the cause.
    pub params: Value,
}

/// Writes notifications that are not there yet, and takes up again those that were given up.
/// Returns the ids of those that are still to be mailed.
pub async fn insert(writer: &Writer, new: &[NewNotification]) -> Result<Vec<Uuid>, StoreError> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Rows::of(new);
    let mut connection = writer.connection().await?;
    let to_mail = sqlx::query_scalar!(
        r#"WITH written AS (
            INSERT INTO notification.notifications
                (id, user_id, event_id, template, category, params, mailed, in_feed, created_at)
            SELECT id, user_id, event_id, template, category, params, mailed, in_feed, $9
            FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::jsonb[],
                        $7::boolean[], $8::boolean[])
                AS new (id, user_id, event_id, template, category, params, mailed, in_feed)
            ON CONFLICT (id) DO UPDATE SET failed_at = NULL, failure = NULL
                WHERE notifications.failed_at IS NOT NULL
        )
        SELECT new.id AS "id!" FROM unnest($1::uuid[], $7::boolean[]) AS new (id, mailed)
        WHERE new.mailed AND NOT EXISTS (
            SELECT 1 FROM notification.notifications sent
            WHERE sent.id = new.id AND sent.sent_at IS NOT NULL
        )"#,
        &rows.ids,
        &rows.user_ids,
        &rows.event_ids,
        &rows.templates,
        &rows.categories,
        &rows.params,
        &rows.mailed,
        &rows.in_feed,
        writer.now(),
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(to_mail)
}

/// Records that the mail server has a notification's mail, once.
pub async fn mark_sent(writer: &Writer, id: Uuid, message_id: &str) -> Result<(), StoreError> {
    let mut transaction = writer.begin().await?;
    let sent = sqlx::query!(
        r#"UPDATE notification.notifications notification
        SET sent_at = $2, message_id = $3, failed_at = NULL, failure = NULL
        FROM events.events cause
        WHERE notification.id = $1 AND notification.sent_at IS NULL
            AND cause.id = notification.event_id
        RETURNING notification.user_id, notification.event_id, notification.template,
                  cause.correlation_id"#,
        id,
        writer.now(),
        message_id,
    )
    .fetch_optional(&mut *transaction)
    .await?;
    let Some(sent) = sent else {
        return Ok(());
    };
    let context = Context::system(sent.correlation_id, Some(sent.event_id));
    let payload = json!({
        "notification_id": id,
        "user_id": sent.user_id,
        "event_id": sent.event_id,
        "template": sent.template,
    });
    let event = NewEvent::new(EventType::NotificationSent, AGGREGATE, id, payload);
    events::append(&mut transaction, writer, &context, event).await?;
    transaction.commit().await?;
    Ok(())
}

/// Records that a notification could not be delivered in so many attempts, with its event and its
/// dead letter, once.
pub async fn give_up(
    writer: &Writer,
    id: Uuid,
    code: &str,
    attempts: u32,
) -> Result<(), StoreError> {
    let mut transaction = writer.begin().await?;
    let failed = sqlx::query!(
        r#"UPDATE notification.notifications notification
        SET failed_at = $2, failure = $3
        FROM events.events cause
        WHERE notification.id = $1 AND notification.sent_at IS NULL
            AND notification.failed_at IS NULL AND cause.id = notification.event_id
        RETURNING notification.user_id, notification.event_id, notification.template,
                  cause.correlation_id"#,
        id,
        writer.now(),
        code,
    )
    .fetch_optional(&mut *transaction)
    .await?;
    let Some(failed) = failed else {
        return Ok(());
    };
    deliveries::bury(
        &mut transaction,
        Service::Notification,
        failed.event_id,
        (code, attempts),
    )
    .await?;
    let context = Context::system(failed.correlation_id, Some(failed.event_id));
    let payload = json!({
        "notification_id": id,
        "user_id": failed.user_id,
        "event_id": failed.event_id,
        "template": failed.template,
        "code": code,
    });
    let event = NewEvent::new(EventType::NotificationFailed, AGGREGATE, id, payload);
    events::append(&mut transaction, writer, &context, event).await?;
    transaction.commit().await?;
    Ok(())
}

/// The columns of the notifications to insert.
#[derive(Default)]
struct Rows {
    ids: Vec<Uuid>,
    user_ids: Vec<Uuid>,
    event_ids: Vec<Uuid>,
    templates: Vec<String>,
    categories: Vec<String>,
    params: Vec<Value>,
    mailed: Vec<bool>,
    in_feed: Vec<bool>,
}

impl Rows {
    fn of(new: &[NewNotification]) -> Self {
        let mut rows = Self::default();
        for notification in new {
            let channels = notification.template.channels();
            rows.ids.push(notification.id);
            rows.user_ids.push(notification.user_id);
            rows.event_ids.push(notification.event_id);
            rows.templates
                .push(notification.template.as_str().to_owned());
            rows.categories
                .push(notification.template.category().as_str().to_owned());
            rows.params.push(notification.params.clone());
            rows.mailed.push(channels.mail);
            rows.in_feed.push(channels.feed);
        }
        rows
    }
}
