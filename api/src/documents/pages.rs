//! `GET /documents/{id}/pages/{n}`: a page as a picture.

use axum::extract::State;
use axum::response::Response;
use store::documents::{self, AccessKind};
use store::secrets::document_keys::Part;
use uuid::Uuid;

use super::names::content_disposition;
use super::reading::{granted, reader_of, stream, unreadable};
use crate::gateway::caller::Allowed;
use crate::gateway::codes::{common, documents as codes};
use crate::gateway::path::Path;
use crate::gateway::permission::DocumentPreview;
use crate::gateway::problem::ApiError;
use crate::state::AppState;

/// Read a page of a document as a picture
///
/// Drawn when the document was checked, without any metadata of the file. Under the same
/// conditions as a link. A page that could not be drawn is `page_not_drawn`: its document can be
/// read all the same.
#[utoipa::path(
    get,
    path = "/{id}/pages/{page}",
    tag = "documents",
    params(
        ("id" = Uuid, Path, description = "The document"),
        ("page" = u32, Path, description = "The page, from 1"),
    ),
    responses(
        (status = 200, description = "The picture", content_type = "image/jpeg"),
        (status = 404, description = "There is no such page, or it could not be drawn"),
        (status = 409, description = "The document is not available"),
    )
)]
pub async fn page(
    State(state): State<AppState>,
    caller: Allowed<DocumentPreview>,
    Path((id, page)): Path<(Uuid, u32)>,
) -> Result<Response, ApiError> {
    let reader = reader_of(&caller)?;
    let readable = granted(documents::readable(&state.store, id, reader).await?)?;
    if page == 0 || page > readable.page_count {
        return Err(ApiError::new(common::NOT_FOUND));
    }
    if readable.undrawn_pages.contains(&page) {
        return Err(ApiError::new(codes::PAGE_NOT_DRAWN));
    }
    let opened = state
        .vault
        .open(&readable.located, Part::Page(page))
        .await
        .map_err(unreadable)?;
    let reached = readable.reached(reader.company_id(), AccessKind::Page(page));
    documents::record_access(&state.store, &caller.context(), reached).await?;
    let disposition = content_disposition("inline", &format!("{id}-{page}.jpg"));
    stream(opened, None, "image/jpeg", &disposition).await
}
