//! What every way of reading a document has in common: on whose behalf, why not, and the trace.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chrono::SecondsFormat;
use futures::StreamExt as _;
use store::documents::{Access, Content, ContentError, Readable, Reader};
use workflows::candidates::rules::EditRefusal;
use workflows::identity::rules::Permission;

use crate::gateway::caller::Caller;
use crate::gateway::codes::{common, documents as codes};
use crate::gateway::problem::ApiError;

/// On whose behalf a caller reads: reviewers anything, companies what they opened, the others
/// what is theirs.
pub(super) fn reader_of(caller: &Caller) -> Result<Reader, ApiError> {
    if caller.may(Permission::ProfileReadAny) {
        Ok(Reader::Staff)
    } else if caller.may(Permission::SearchReadProfile) {
        caller.company().map(Reader::Company)
    } else {
        Ok(Reader::Owner(caller.user_id))
    }
}

/// The document, or why it cannot be read.
pub(super) fn granted(access: Access) -> Result<Readable, ApiError> {
    match access {
        Access::Granted(readable) => Ok(readable),
        other => Err(refused(&other)),
    }
}

/// Why a document cannot be read.
pub(super) fn refused(access: &Access) -> ApiError {
    match access {
        Access::NotInPlan => ApiError::new(codes::DOCUMENTS_NOT_IN_PLAN),
        Access::NotAvailable => ApiError::new(codes::DOCUMENT_NOT_AVAILABLE),
        Access::NotFound | Access::Granted(_) => ApiError::new(common::NOT_FOUND),
    }
}

/// Why a profile's documents cannot be changed.
pub(super) fn edit_refused(refusal: EditRefusal) -> ApiError {
    let error = ApiError::new(codes::DOCUMENTS_LOCKED);
    match refusal {
        EditRefusal::Status(status) => error.with("profile_status", status.as_str()),
        EditRefusal::StepNotOpen(step) | EditRefusal::StepVerified(step) => {
            error.with("step", step.as_str())
        }
        EditRefusal::Delayed(Some(until)) => error.with(
            "resubmission_open_at",
            until.to_rfc3339_opts(SecondsFormat::Secs, true),
        ),
        EditRefusal::Delayed(None) => error,
    }
}

/// Why content that should be there cannot be had. What is missing or does not open may be brought
/// back: that is no answer about the document.
pub(super) fn unreadable(error: ContentError) -> ApiError {
    match error {
        ContentError::Store(error) => error.into(),
        other => {
            tracing::error!(error = %other, "the content of an available document cannot be read");
            ApiError::try_later()
        }
    }
}

/// Streams content. The first piece is proved before anything is answered; if a later one turns
/// out to be tampered with, the connection is cut, so that no client takes the file for whole.
pub(super) async fn stream(
    mut content: Content,
    length: Option<u64>,
    content_type: &str,
    disposition: &str,
) -> Result<Response, ApiError> {
    let first = content
        .next()
        .await
        .map_err(unreadable)?
        .unwrap_or_default();
    let rest = content.into_stream().inspect(|piece| {
        if let Err(error) = piece {
            tracing::error!(
                error = error as &dyn std::error::Error,
                "a download was cut"
            );
        }
    });
    let body = Body::from_stream(futures::stream::once(async { Ok(first) }).chain(rest));
    let mut response = body.into_response();
    let headers = response.headers_mut();
    let mut set = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, content_type);
    set(header::CONTENT_DISPOSITION, disposition);
    set(
        header::CONTENT_SECURITY_POLICY,
        "sandbox; default-src 'none'",
    );
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::CACHE_CONTROL, "no-store, no-transform");
    set(header::REFERRER_POLICY, "no-referrer");
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    Ok(response)
}
