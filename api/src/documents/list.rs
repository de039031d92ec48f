//! `GET /documents`: one's own documents.

use axum::Json;
use axum::extract::State;
use store::documents;

use super::view::DocumentView;
use crate::gateway::caller::Allowed;
use crate::gateway::pagination::{List, Page, PageParams};
use crate::gateway::permission::DocumentReadOwn;
use crate::gateway::problem::ApiError;
use crate::state::AppState;

/// List one's own documents, the latest first
#[utoipa::path(
    get,
    path = "",
    tag = "documents",
    params(PageParams),
    responses((status = 200, description = "A page of documents", body = List<DocumentView>))
)]
pub async fn list(
    State(state): State<AppState>,
    caller: Allowed<DocumentReadOwn>,
    page: Page,
) -> Result<Json<List<DocumentView>>, ApiError> {
    let after = page.after()?;
    let rows = documents::list(&state.store, caller.user_id, after, page.rows()).await?;
    Ok(Json(List::new(
        &page,
        rows,
        |document| document.id,
        |document| DocumentView::of(document, caller.info.locale),
    )))
}
