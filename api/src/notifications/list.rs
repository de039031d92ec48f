//! `GET /notifications`: the in-app feed.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use store::notifications::{self, FeedItem, FeedPosition};
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::identity::rules::Locale;
use workflows::notifications::{DocumentTold, short_text};

use crate::gateway::caller::Allowed;
use crate::gateway::pagination::{List, Page, PageParams};
use crate::gateway::permission::NotificationReadOwn;
use crate::gateway::problem::ApiError;
use crate::state::AppState;

/// The feed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Feed {
    /// The lines, newest first.
    items: Vec<Notification>,
    /// How many lines are unread, on all pages.
    unread_count: i64,
    /// What to send as `cursor` for the next page; `null` on the last one.
    next_cursor: Option<String>,
}

/// One line of the feed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "2b0b5f0e-5a51-5e0e-9a43-6a0c39b7f1de", "template": "profile_validated",
    "category": "validation", "title": "Profile validated",
    "body": "Congratulations: your profile is validated and visible to companies.",
    "references": {"profile_id": "0199f1f0-5a51-7e0e-9a43-6a0c39b7f1de"},
    "created_at": "2026-11-24T08:05:00Z", "read_at": null
}))]
pub struct Notification {
    /// The notification.
    id: Uuid,
    /// What is told, as a stable code.
    template: &'static str,
    /// What it is about.
    category: String,
    /// What happened, in a few words, in the language asked for.
    title: &'static str,
    /// A few sentences. What was refused is named, with the reason, its figures and what to do.
    body: String,
    /// The ids of what it is about.
    #[schema(value_type = Object)]
    references: serde_json::Map<String, serde_json::Value>,
    /// When it was written.
    created_at: DateTime<Utc>,
    /// When it was read.
    read_at: Option<DateTime<Utc>>,
}

/// Where a page ends.
#[derive(Serialize, Deserialize)]
struct Cursor {
    at: DateTime<Utc>,
    id: Uuid,
}

/// Read the in-app feed, newest first
#[utoipa::path(
    get,
    path = "",
    tag = "notifications",
    params(PageParams),
    responses((status = 200, description = "A page of the feed", body = Feed))
)]
pub async fn list(
    State(state): State<AppState>,
    caller: Allowed<NotificationReadOwn>,
    page: Page,
) -> Result<Json<Feed>, ApiError> {
    let after = page.after::<Cursor>()?.map(|cursor| FeedPosition {
        created_at: cursor.at,
        id: cursor.id,
    });
    let rows = notifications::feed(&state.store, caller.user_id, after, page.rows()).await?;
    let unread_count = notifications::unread_count(&state.store, caller.user_id).await?;
    let locale = caller.info.locale;
    let list = List::new(
        &page,
        rows,
        |item| Cursor {
            at: item.created_at,
            id: item.id,
        },
        |item| Notification::of(item, locale),
    );
    Ok(Json(Feed {
        items: list.items,
        unread_count,
        next_cursor: list.next_cursor,
    }))
}

impl Notification {
    fn of(item: FeedItem, locale: Locale) -> Self {
        let document = item.document.as_ref().map(|document| DocumentTold {
            file_name: &document.file_name,
            rejection: document.rejection,
        });
        let text = short_text(item.template, locale, &item.params, document);
        let references = match item.params {
            serde_json::Value::Object(mut params) => {
                params.retain(|key, _| key.ends_with("_id"));
                params
            }
            _ => serde_json::Map::new(),
        };
        Self {
            id: item.id,
            template: item.template.as_str(),
            category: item.category,
            title: text.title,
            body: text.body.into_owned(),
            references,
            created_at: item.created_at,
            read_at: item.read_at,
        }
    }
}
