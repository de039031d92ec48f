//! `GET /admin/rejected-profiles`

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use store::validation::{self, ArchivePosition};
use uuid::Uuid;

use super::view::RejectedProfileView;
use crate::gateway::caller::Allowed;
use crate::gateway::pagination::{List, Page, PageParams};
use crate::gateway::permission::RejectedProfileList;
use crate::gateway::problem::ApiError;
use crate::state::AppState;

/// List the profiles that are rejected now, the latest first
#[utoipa::path(
    get,
    path = "/rejected-profiles",
    tag = "admin",
    params(PageParams),
    responses((status = 200, description = "A page of the archive", body = List<RejectedProfileView>))
)]
pub async fn rejected_profiles(
    State(state): State<AppState>,
    _caller: Allowed<RejectedProfileList>,
    page: Page,
) -> Result<Json<List<RejectedProfileView>>, ApiError> {
    let after: Option<(DateTime<Utc>, Uuid)> = page.after()?;
    let after = after.map(|(rejected_at, validation_id)| ArchivePosition {
        rejected_at,
        validation_id,
    });
    let rows = validation::rejected_profiles(&state.store, after, page.rows()).await?;
    Ok(Json(List::new(
        &page,
        rows,
        |row| (row.rejected_at, row.validation_id),
        RejectedProfileView::from,
    )))
}
