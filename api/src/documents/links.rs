//! `POST /documents/{id}/links`: a link that needs no header and soon stops working.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use store::documents::{self, AccessKind, Reader};
use store::secrets::document_links::{Disposition, DocumentLink};
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::fields::FieldCode;

use super::reading::{granted, reader_of};
use crate::gateway::caller::Allowed;
use crate::gateway::json::Json as Body;
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
    request: Body<LinkRequest>,
) -> Result<(StatusCode, Json<Link>), ApiError> {
    let reader = reader_of(&caller)?;
    let readable = granted(documents::readable(&state.store, id, reader).await?)?;
    let request = request.content;
    if !(1..=LONGEST).contains(&request.ttl_seconds) {
        return Err(ApiError::field("/ttl_seconds", FieldCode::OutOfRange));
    }
    let company_id = match reader {
        Reader::Company(company_id) => Some(company_id),
        Reader::Owner(_) | Reader::Staff => None,
    };
    let expires_at = state.store.now().trunc_subsecs(0) + TimeDelta::seconds(request.ttl_seconds);
    let link = DocumentLink {
        document_id: id,
        requested_by: caller.user_id,
        by_service: false,
        company_id,
        expires_at,
        disposition: match request.disposition {
            Shown::Inline => Disposition::Inline,
            Shown::Attachment => Disposition::Attachment,
        },
    };
    let context = caller.context();
    documents::record_access(
        &state.store,
        &context,
        &readable,
        company_id,
        AccessKind::Link,
    )
    .await?;
    let base = state.config.http.public_url.trim_end_matches('/');
    let url = format!(
        "{base}/api/v1/documents/content/{}",
        link.token(&state.keyring)
    );
    Ok((StatusCode::CREATED, Json(Link { url, expires_at })))
}
