//! `GET /documents/{id}`: where a document stands.

use axum::Json;
use axum::extract::State;
use store::documents::{self, Access, AccessKind, Reached, Reader};
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
/// Its owner and reviewers; a company sees what it may open, without the review. Whoever is not the
/// owner leaves an access.
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
    let reader = reader_of(&caller)?;
    let owner = match reader {
        Reader::Owner(user_id) => Some(user_id),
        Reader::Staff => None,
        Reader::Company(_) => match documents::readable(&state.store, id, reader).await? {
            Access::Granted(_) => None,
            access => return Err(refused(&access)),
        },
    };
    let mut document = documents::find(&state.store, id, owner)
        .await?
        .ok_or_else(|| ApiError::new(common::NOT_FOUND))?;
    if owner.is_none() {
        let reached = Reached {
            document_id: id,
            profile_id: document.profile_id,
            company_id: reader.company_id(),
            kind: AccessKind::Metadata,
        };
        documents::record_access(&state.store, &caller.context(), reached).await?;
    }
    if reader.company_id().is_some() {
        // A reviewer's reasons are for the owner and the platform.
        document.review = None;
    }
    Ok(Json(DocumentView::of(document, caller.info.locale)))
}
