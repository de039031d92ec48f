//! `GET /admin/dead-letters`

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use store::deliveries::{self, DeadLetterPosition};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::gateway::caller::Allowed;
use crate::gateway::pagination::{List, Page, PageParams};
use crate::gateway::permission::DeadLetterList;
use crate::gateway::problem::ApiError;
use crate::state::AppState;

/// A delivery that its consumer refused for good.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "2b0b5f0e-5a51-5e0e-9a43-6a0c39b7f1de", "queue": "dlq.notification.user.created",
    "event_id": "0199f1f0-5a51-7e0e-9a43-6a0c39b7f1de", "event_type": "user.created",
    "attempts": 3, "last_error": "smtp_550", "occurred_at": "2026-11-24T08:05:00Z",
    "correlation_id": "0199f1f0-5a51-7e0e-9a43-6a0c39b7f1df"
}))]
pub struct DeadLetter {
    /// The dead letter.
    id: Uuid,
    /// `dlq.<service>.<event>`.
    queue: String,
    /// The event.
    event_id: Uuid,
    /// Its type.
    event_type: String,
    /// How often it was refused.
    attempts: i32,
    /// Why, the last time.
    last_error: Option<String>,
    /// When the event happened.
    occurred_at: DateTime<Utc>,
    /// The request that it belongs to.
    correlation_id: Uuid,
}

/// List the dead letters, oldest event first
#[utoipa::path(
    get,
    path = "",
    tag = "admin",
    params(PageParams),
    responses((status = 200, description = "A page of dead letters", body = List<DeadLetter>))
)]
pub async fn list(
    State(state): State<AppState>,
    _caller: Allowed<DeadLetterList>,
    page: Page,
) -> Result<Json<List<DeadLetter>>, ApiError> {
    let after = page
        .after::<(Uuid, Uuid)>()?
        .map(|(event_id, id)| DeadLetterPosition { event_id, id });
    let rows = deliveries::dead_letters(&state.store, after, page.rows()).await?;
    Ok(Json(List::new(
        &page,
        rows,
        |letter| (letter.event_id, letter.id),
        DeadLetter::from,
    )))
}

impl From<deliveries::DeadLetter> for DeadLetter {
    fn from(letter: deliveries::DeadLetter) -> Self {
        Self {
            id: letter.id,
            queue: format!("dlq.{}", letter.consumer),
            event_id: letter.event_id,
            event_type: letter.event_type,
            attempts: letter.attempts,
            last_error: letter.last_error,
            occurred_at: letter.occurred_at,
            correlation_id: letter.correlation_id,
        }
    }
}
