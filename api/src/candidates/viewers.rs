//! `GET /candidates/me/viewers`: the companies that opened one's profile.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use store::candidates::{self, Viewer};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::gateway::caller::Allowed;
use crate::gateway::pagination::{List, Page, PageParams};
use crate::gateway::permission::ViewersReadOwn;
use crate::gateway::problem::ApiError;
use crate::state::AppState;

/// A company that opened the profile.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Viewer", example = json!({
    "company_id": "0199a0b4-9f5e-7cc3-b1f2-3f8f0c5a7e11", "company_name": "Sahel Conseil",
    "first_opened_at": "2026-11-24T08:00:00Z", "last_opened_at": "2026-11-24T08:00:00Z",
    "openings": 1
}))]
pub struct ViewerView {
    /// The company.
    company_id: Uuid,
    /// Its legal name.
    company_name: String,
    /// When it opened the profile first.
    first_opened_at: DateTime<Utc>,
    /// When it opened the profile last.
    last_opened_at: DateTime<Utc>,
    /// In how many of its quota periods it opened the profile.
    openings: i64,
}

impl From<Viewer> for ViewerView {
    fn from(viewer: Viewer) -> Self {
        Self {
            company_id: viewer.company_id,
            company_name: viewer.company_name,
            first_opened_at: viewer.first_opened_at,
            last_opened_at: viewer.last_opened_at,
            openings: viewer.openings,
        }
    }
}

/// List the companies that opened one's profile
#[utoipa::path(
    get,
    path = "/me/viewers",
    tag = "candidates",
    params(PageParams),
    responses((status = 200, description = "A page of companies", body = List<ViewerView>))
)]
pub async fn viewers(
    State(state): State<AppState>,
    caller: Allowed<ViewersReadOwn>,
    page: Page,
) -> Result<Json<List<ViewerView>>, ApiError> {
    let after = page.after()?;
    let rows = candidates::viewers(&state.store, caller.user_id, after, page.rows()).await?;
    Ok(Json(List::new(
        &page,
        rows,
        |viewer| viewer.company_id,
        ViewerView::from,
    )))
}
