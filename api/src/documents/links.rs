//! `POST /documents/{id}/links`: a link that needs no header and soon stops working.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use store::Context;
use store::documents::{self, AccessKind, Reader};
use store::secrets::document_links::{Disposition, DocumentLink};
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::fields::FieldCode;

use super::reading::{granted, reader_of};
use crate::gateway::caller::Allowed;
use crate::gateway::json::Body;
use crate::gateway::path::Path;
use crate::gateway::permission;
use crate::gateway::problem::ApiError;
use crate::state::AppState;

const LONGEST: i64 = 900;
const USUAL: i64 = 300;

/// The link that is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(title = "DocumentLinkRequest", example = json!({"ttl_seconds": 300, "disposition": "inline"}))]
pub struct LinkRequest {
    /// How long it works, 1 to 900 seconds.
    #[serde(default = "usual")]
    #[schema(minimum = 1, maximum = 900, default = 300)]
    ttl_seconds: i64,
    /// Whether the file is shown or saved.
    #[serde(default)]
    disposition: Shown,
}

/// How the browser treats the file.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(title = "DocumentDisposition")]
pub enum Shown {
    /// Shown in place.
    #[default]
    Inline,
    /// Saved.
    Attachment,
}

/// A link.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "DocumentLink", example = json!({
    "url": "https://api.yemma.example/api/v1/documents/content/AQAB", "expires_at": "2026-11-24T08:05:00Z"
}))]
pub struct Link {
    /// The whole address; it needs no header.
    url: String,
    /// When it stops working.
    expires_at: DateTime<Utc>,
}

const fn usual() -> i64 {
    USUAL
}

/// Make a short-lived link to a document
///
/// Asked again it makes another link: a link is a secret, which is not kept.
///
/// 409 `document_not_available` unless it is `available`. A company gets 404 before it opened the
/// profile, and 403 `documents_not_in_plan` when its plan has no documents.
#[utoipa::path(
    post,
    path = "/{id}/links",
    tag = "documents",
    params(("id" = Uuid, Path, description = "The document")),
    request_body = LinkRequest,
    responses(
        (status = 201, description = "The link", body = Link),
        (status = 409, description = "The document is not available"),
    )
)]
pub async fn link(
    State(state): State<AppState>,
    caller: Allowed<permission::DocumentLink>,
    Path(id): Path<Uuid>,
    body: Body,
) -> Result<(StatusCode, Json<Link>), ApiError> {
    let reader = reader_of(&caller)?;
    let link = give(
        &state,
        &caller.context(),
        (id, reader),
        caller.user_id,
        &body,
    )
    .await?;
    Ok((StatusCode::CREATED, Json(shown(&state, &link))))
}

/// Whether there is anything to link to is said before what is wrong with the request.
async fn give(
    state: &AppState,
    context: &Context,
    (id, reader): (Uuid, Reader),
    requested_by: Uuid,
    body: &Body,
) -> Result<DocumentLink, ApiError> {
    let readable = granted(documents::readable(&state.store, id, reader).await?)?;
    let request: LinkRequest = body.read()?;
    if !(1..=LONGEST).contains(&request.ttl_seconds) {
        return Err(ApiError::field("/ttl_seconds", FieldCode::OutOfRange));
    }
    let link = DocumentLink {
        document_id: id,
        requested_by,
        by_service: false,
        company_id: reader.company_id(),
        expires_at: state.store.now().trunc_subsecs(0) + TimeDelta::seconds(request.ttl_seconds),
        disposition: request.disposition.into(),
    };
    let reached = readable.reached(link.company_id, AccessKind::Link);
    documents::record_access(&state.store, context, reached).await?;
    Ok(link)
}

fn shown(state: &AppState, link: &DocumentLink) -> Link {
    let base = state.config.http.public_url.trim_end_matches('/');
    let token = link.token(&state.keyring);
    Link {
        url: format!("{base}/api/v1/documents/content/{token}"),
        expires_at: link.expires_at,
    }
}

impl From<Shown> for Disposition {
    fn from(shown: Shown) -> Self {
        match shown {
            Shown::Inline => Self::Inline,
            Shown::Attachment => Self::Attachment,
        }
    }
}
