//! `DELETE /documents/{id}`: its owner takes a document back.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use store::documents::{self, ArchiveError};
use uuid::Uuid;

use super::reading::edit_refused;
use crate::gateway::caller::Allowed;
use crate::gateway::codes::common;
use crate::gateway::if_match::etag;
use crate::gateway::path::Path;
use crate::gateway::permission::DocumentDeleteOwn;
use crate::gateway::problem::ApiError;
use crate::state::AppState;

/// Archive a document
///
/// An edit of the step `documents`: 409 where the profile's status allows none. Archiving what is
/// archived changes nothing.
#[utoipa::path(
    delete,
    path = "/{id}",
    tag = "documents",
    params(("id" = Uuid, Path, description = "The document")),
    responses(
        (status = 204, description = "Archived"),
        (status = 409, description = "The profile's status allows no edit of its documents"),
    )
)]
pub async fn archive(
    State(state): State<AppState>,
    caller: Allowed<DocumentDeleteOwn>,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    let archived = documents::archive(&state.store, &caller.context(), caller.user_id, id).await;
    match archived {
        Ok(Some(version)) => {
            Ok((StatusCode::NO_CONTENT, [(header::ETAG, etag(version))]).into_response())
        }
        Ok(None) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(ArchiveError::NotFound) => Err(ApiError::new(common::NOT_FOUND)),
        Err(ArchiveError::Refused(refusal)) => Err(edit_refused(refusal)),
        Err(ArchiveError::Store(error)) => Err(error.into()),
    }
}
