//! `GET /documents/content/{token}`: the file behind a link.

use axum::extract::State;
use axum::response::Response;
use store::Actor;
use store::documents::{self, AccessKind, Reader};
use store::secrets::document_links::{Disposition, DocumentLink};
use workflows::documents::rules::{ContentType, name_to_save};

use super::names::content_disposition;
use super::reading::{granted, stream, unreadable};
use crate::gateway::caller::Anyone;
use crate::gateway::codes::documents as codes;
use crate::gateway::path::Path;
use crate::gateway::problem::ApiError;
use crate::state::AppState;

/// Read a document by its link
///
/// The link alone decides: it names the document, who asked for it and until when. A company's
/// link also ends with what the company may see. It serves the uploaded bytes, or the rewritten
/// file where the document says `rewritten`.
#[utoipa::path(
    get,
    path = "/content/{token}",
    tag = "documents",
    security(()),
    params(("token" = String, Path, description = "From the link")),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream"),
        (status = 403, description = "The link is not valid or has expired"),
        (status = 409, description = "The document is no longer available"),
    )
)]
pub async fn content(
    State(state): State<AppState>,
    anyone: Anyone,
    Path(token): Path<String>,
) -> Result<Response, ApiError> {
    let link = DocumentLink::open(&state.keyring, &token, state.store.now())
        .ok_or_else(|| ApiError::new(codes::LINK_INVALID))?;
    let reader = link.company_id.map_or(Reader::Staff, Reader::Company);
    let readable = granted(documents::readable(&state.store, link.document_id, reader).await?)?;
    let opened = state
        .vault
        .open(&readable.located, readable.part)
        .await
        .map_err(unreadable)?;
    let actor = if link.by_service {
        Actor::Service(link.requested_by)
    } else {
        Actor::Person(link.requested_by)
    };
    let context = anyone.0.context(actor);
    let reached = readable.reached(link.company_id, AccessKind::Content);
    documents::record_access(&state.store, &context, reached).await?;
    let disposition = match link.disposition {
        Disposition::Inline => "inline",
        Disposition::Attachment => "attachment",
    };
    let file_name = ContentType::from_media_type(&readable.content_type).map_or_else(
        || readable.file_name.clone(),
        |content_type| name_to_save(&readable.file_name, content_type),
    );
    let disposition = content_disposition(disposition, &file_name);
    stream(
        opened,
        Some(readable.size),
        &readable.content_type,
        &disposition,
    )
    .await
}
