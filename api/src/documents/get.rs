//! `GET /documents/{id}`: where a document stands.

use axum::Json;
use axum::extract::State;
use store::documents::{self, Access, Reader};
use uuid::Uuid;

use super::reading::{reader_of, refused};
use super::view::DocumentView;
use crate::gateway::caller::Allowed;
use crate::gateway::codes::common;
use crate::gateway::path::Path;
use crate::gateway::permission::DocumentLink;
use crate::gateway::problem::ApiError;
use crate::state::AppState;

/// Read where a document stands
///
/// Its owner and reviewers; a company sees what it may open.
#[utoipa::path(
    get,
    path = "/{id}",
    tag = "documents",
    params(("id" = Uuid, Path, description = "The document")),
    responses((status = 200, description = "The document", body = DocumentView))
)]
pub async fn get(
    State(state): State<AppState>,
    caller: Allowed<DocumentLink>,
    Path(id): Path<Uuid>,
) -> Result<Json<DocumentView>, ApiError> {
    let owner = match reader_of(&caller)? {
        Reader::Owner(user_id) => Some(user_id),
        Reader::Staff => None,
        reader @ Reader::Company(_) => match documents::readable(&state.store, id, reader).await? {
            Access::Granted(_) => None,
            access => return Err(refused(&access)),
        },
    };
    documents::find(&state.store, id, owner)
        .await?
        .map(|document| Json(document.into()))
        .ok_or_else(|| ApiError::new(common::NOT_FOUND))
}
