//! The in-app feed of one person, newest first.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::documents::rules::Rejection;
use workflows::events::{EventType, Service};
use workflows::notifications::Template;

use crate::context::Context;
use crate::database::Store;
use crate::documents::RejectionColumns;
use crate::error::StoreError;
use crate::events::{self, NewEvent};
use crate::idempotency;

/// The HTTP status of an answer that something was read.
const READ: u16 = 204;

/// One line of the feed.
#[derive(Clone, Debug)]
pub struct FeedItem {
    /// The notification.
    pub id: Uuid,
    /// What is told.
    pub template: Template,
    /// What it is about.
    pub category: String,
    /// Ids and codes.
    pub params: Value,
    /// The person's own document that it is about, if it is still there.
    pub document: Option<FeedDocument>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was read.
    pub read_at: Option<DateTime<Utc>>,
}

/// What a line of the feed says of a document, read when the line is.
#[derive(Clone, Debug)]
pub struct FeedDocument {
    /// Its name.
    pub file_name: String,
    /// Why it was refused by its content.
    pub rejection: Option<Rejection>,
}

/// The last line of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedPosition {
    /// Its time.
    pub created_at: DateTime<Utc>,
    /// Its id, which tells lines of one time apart.
    pub id: Uuid,
}

struct Row {
    id: Uuid,
    template: String,
    category: String,
    params: Value,
    created_at: DateTime<Utc>,
    read_at: Option<DateTime<Utc>>,
}

/// A page of a person's feed.
pub async fn feed(
    store: &Store,
    user_id: Uuid,
    after: Option<FeedPosition>,
    limit: i64,
) -> Result<Vec<FeedItem>, StoreError> {
    let mut connection = store.connection().await?;
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, template, category, params, created_at, read_at
        FROM notification.notifications
        WHERE user_id = $1 AND in_feed
            AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3))
        ORDER BY created_at DESC, id DESC
        LIMIT $4",
        user_id,
        after.map(|position| position.created_at),
        after.map(|position| position.id),
        limit,
    )
    .fetch_all(&mut *connection)
    .await?;
    let ids = rows.iter().filter_map(|row| document_id(&row.params));
    let documents = documents(&mut connection, user_id, ids.collect()).await?;
    rows.into_iter()
        .map(|row| {
            let id = document_id(&row.params);
            row.into_item(id.and_then(|id| documents.get(&id).cloned()))
        })
        .collect()
}

fn document_id(params: &Value) -> Option<Uuid> {
    params["document_id"].as_str()?.parse().ok()
}

/// Those of the documents that are the person's own. No event and no notification holds a name.
async fn documents(
    connection: &mut PgConnection,
    user_id: Uuid,
    ids: Vec<Uuid>,
) -> Result<HashMap<Uuid, FeedDocument>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query!(
        "SELECT id, file_name, rejection_code, rejection_found, rejection_limit, rejection_width,
                rejection_height
         FROM document.documents WHERE id = ANY($1) AND user_id = $2",
        &ids,
        user_id,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let rejection = RejectionColumns {
                code: row.rejection_code,
                found: row.rejection_found,
                limit: row.rejection_limit,
                width: row.rejection_width,
                height: row.rejection_height,
            };
            let document = FeedDocument {
                file_name: row.file_name,
                rejection: rejection.read()?,
            };
            Ok((row.id, document))
        })
        .collect()
}

/// How many lines of a person's feed are unread.
pub async fn unread_count(store: &Store, user_id: Uuid) -> Result<i64, StoreError> {
    let mut connection = store.connection().await?;
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM notification.notifications
        WHERE user_id = $1 AND in_feed AND read_at IS NULL"#,
        user_id,
    )
    .fetch_one(&mut *connection)
    .await?;
    Ok(count)
}

/// Marks a line of a person's feed as read, once. False when the person has no such line.
pub async fn mark_read(
    store: &Store,
    context: &Context,
    user_id: Uuid,
    id: Uuid,
) -> Result<bool, StoreError> {
    let mut transaction = store.begin().await?;
    let before = sqlx::query!(
        "SELECT read_at FROM notification.notifications
        WHERE id = $1 AND user_id = $2 AND in_feed FOR UPDATE",
        id,
        user_id,
    )
    .fetch_optional(&mut *transaction)
    .await?;
    let Some(before) = before else {
        return Ok(false);
    };
    if before.read_at.is_none() {
        read(&mut transaction, store, context, user_id, id).await?;
    }
    idempotency::record(&mut transaction, store, context, READ, json!({})).await?;
    transaction.commit().await?;
    Ok(true)
}

async fn read(
    connection: &mut PgConnection,
    store: &Store,
    context: &Context,
    user_id: Uuid,
    id: Uuid,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE notification.notifications SET read_at = $2 WHERE id = $1",
        id,
        store.now(),
    )
    .execute(&mut *connection)
    .await?;
    let event = NewEvent::new(
        EventType::UserAction,
        super::AGGREGATE,
        id,
        json!({"action": "notification_read", "user_id": user_id, "notification_id": id}),
    )
    .consumed_by_if(Service::Notification, false);
    events::append(connection, store, context, event).await?;
    Ok(())
}

impl Row {
    fn into_item(self, document: Option<FeedDocument>) -> Result<FeedItem, StoreError> {
        let template = self.template.parse().map_err(|_| {
            StoreError::inconsistent("notification.notifications", "an unknown template")
        })?;
        Ok(FeedItem {
            id: self.id,
            template,
            category: self.category,
            params: self.params,
            document,
            created_at: self.created_at,
            read_at: self.read_at,
        })
    }
}
