//! `GET /candidates/me/timeline`: the history of one's profile's status.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use store::candidates::{self, TimelineEntry};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::gateway::caller::Allowed;
use crate::gateway::pagination::{List, Page, PageParams};
use crate::gateway::permission::TimelineReadOwn;
use crate::gateway::problem::ApiError;
use crate::state::AppState;

/// One change of a profile's status.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "TimelineEntry", example = json!({
    "from": "DRAFT", "status": "SUBMITTED", "cause": "submitted",
    "validation_id": "0199a0b4-9f5e-5cc3-b1f2-3f8f0c5a7e11", "at": "2026-11-24T08:00:00Z"
}))]
pub struct TimelineView {
    /// The status before; `null` at the profile's birth.
    from: Option<&'static str>,
    /// The status after.
    status: &'static str,
    /// `created`, `submitted`, `claimed`, `validated`, `rejected`, `withdrawn`, `lapsed`,
    /// `reactivated`, `delay_over` or `archived`.
    cause: String,
    /// The case, when one was concerned.
    validation_id: Option<Uuid>,
    /// When.
    at: DateTime<Utc>,
}

impl From<TimelineEntry> for TimelineView {
    fn from(entry: TimelineEntry) -> Self {
        Self {
            from: entry.from.map(|status| status.as_str()),
            status: entry.status.as_str(),
            cause: entry.cause,
            validation_id: entry.validation_id,
            at: entry.occurred_at,
        }
    }
}

/// Read the history of one's profile's status, oldest first
#[utoipa::path(
    get,
    path = "/me/timeline",
    tag = "candidates",
    params(PageParams),
    responses((status = 200, description = "A page of the history", body = List<TimelineView>))
)]
pub async fn timeline(
    State(state): State<AppState>,
    caller: Allowed<TimelineReadOwn>,
    page: Page,
) -> Result<Json<List<TimelineView>>, ApiError> {
    let after = page.after()?;
    let rows = candidates::timeline(&state.store, caller.user_id, after, page.rows()).await?;
    Ok(Json(List::new(
        &page,
        rows,
        |entry| entry.id,
        TimelineView::from,
    )))
}
