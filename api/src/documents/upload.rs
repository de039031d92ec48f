//! `POST /documents`: a document, streamed into quarantine.

use axum::extract::State;
use axum::http::{StatusCode, header};
use serde::Serialize;
use store::Context;
use store::documents::{self, MasterKeyError, NewDocument, UploadError};
use store::error::json_problem;
use store::idempotency::KeptAnswer;
use store::identity;
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::documents::contract;

use super::admission::Admitted;
use super::form::{self, Form, Refused};
use super::incoming::Incoming;
use super::pace::PaceSettings;
use super::reading::edit_refused;
use super::refusals;
use crate::gateway::caller::{Allowed, Caller};
use crate::gateway::codes::{common, documents as codes};
use crate::gateway::idempotency::Once;
use crate::gateway::if_match::etag;
use crate::gateway::permission::DocumentUploadOwn;
use crate::gateway::problem::ApiError;
use crate::gateway::rendered::Rendered;
use crate::state::AppState;

/// The form, for the documentation: the fields come before the file.
#[derive(ToSchema)]
#[schema(title = "DocumentUpload")]
#[expect(dead_code, reason = "read part by part")]
pub struct UploadForm {
    /// `cv`, `work_certificate`, `diploma`, `certificate`, `recommendation_letter`,
    /// `identity_document` or `photo`.
    kind: String,
    /// The experience it belongs to; at most one of the three ids.
    experience_id: Option<Uuid>,
    /// The education it belongs to.
    education_id: Option<Uuid>,
    /// The certification it belongs to.
    certification_id: Option<Uuid>,
    /// The file: PDF, JPEG or PNG.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// A document that was taken in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "DocumentTakenIn", example = json!({
    "id": "0199a0b4-9f5e-7cc3-b1f2-3f8f0c5a7e11", "kind": "cv", "status": "scanning",
    "file_name": "cv.pdf", "size": 48213,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "workflow_id": "document-0199a0b4-9f5e-7cc3-b1f2-3f8f0c5a7e11"
}))]
pub struct TakenIn {
    /// The document.
    id: Uuid,
    /// What it is.
    kind: &'static str,
    /// Always `scanning`.
    status: &'static str,
    /// The cleaned name.
    file_name: String,
    /// Bytes of the file.
    size: u64,
    /// SHA-256 of the file, hexadecimal.
    sha256: String,
    /// The workflow that scans it.
    workflow_id: String,
}

/// Upload a document
///
/// The file is encrypted as it arrives and held back until it was scanned and checked. Uploading
/// is an edit of the step `documents`: 409 where the profile's status allows none, and the answer
/// carries the profile's new `ETag`. A file that is refused is named in `errors` at `/file`, with
/// the reason, its figures and what to do next.
///
/// A profile has at most 3 documents in `scanning` (409 `too_many_scanning`), keeps at most 40
/// (422 `too_many_documents`; archived, rejected and infected ones do not count) and sends at most
/// 200 MB between two midnights of UTC (429 `daily_volume_reached`). An account has at most 3 uploads
/// on their way (429 `too_many_uploads`). A sender must keep up 8 KiB a second over 30 seconds, and
/// has 10 minutes, or as long as the file takes at that rate (408 `upload_too_slow`).
#[utoipa::path(
    post,
    path = "",
    tag = "documents",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses(
        (status = 202, description = "Taken in, and being scanned", body = TakenIn),
        (status = 409, description = "The profile's status allows no edit of its documents"),
    )
)]
pub async fn upload(
    State(state): State<AppState>,
    caller: Allowed<DocumentUploadOwn>,
    once: Once,
    incoming: Result<Incoming, ApiError>,
) -> Result<Rendered, ApiError> {
    let (form, _admitted) = arrived(&state, &caller, &once, incoming).await?;
    let fingerprint = form.fingerprint();
    once.run(
        &state,
        caller.context(),
        &fingerprint,
        async |context| answer(&take_in(&state, &caller, context, &form).await?),
        async |kept| answer(&again(&state, caller.user_id, kept).await?),
    )
    .await
}

fn answer((taken_in, version): &(TakenIn, i64)) -> Result<Rendered, ApiError> {
    let answer = Rendered::json(StatusCode::ACCEPTED, taken_in)?;
    Ok(answer.with(header::ETAG, etag(*version)))
}

/// Reads the form. What would be refused whatever it holds is said before it is read, so that nobody
/// sends a file in vain.
async fn arrived(
    state: &AppState,
    caller: &Caller,
    once: &Once,
    incoming: Result<Incoming, ApiError>,
) -> Result<(Form, Admitted), ApiError> {
    let size = incoming.as_ref().map_or(0, Incoming::least_size);
    let admitted = match welcome(state, caller, once, size).await {
        Ok(()) => admitted(state, caller, incoming.as_ref().ok()),
        Err(error) => Err(error),
    };
    let admitted = match admitted {
        Ok(admitted) => admitted,
        Err(error) => {
            if let Ok(incoming) = incoming {
                incoming.leave();
            }
            return Err(error);
        }
    };
    let mut incoming = incoming?;
    let limit = state.config.documents.max_bytes;
    let (pace, size) = (pace(state), incoming.length().unwrap_or(limit));
    incoming.keep_pace(pace, size.min(limit));
    match form::read(incoming, state.store.new_id(), limit).await {
        Ok(form) => Ok((form, admitted)),
        Err(Refused::TooSlow) => Err(refusals::too_slow(&pace, size.min(limit))),
        Err(Refused::Said(error)) => Err(error),
    }
}

/// A profile that takes no document now says so, whatever else is wrong with the form; but what was
/// answered before is answered again.
async fn welcome(
    state: &AppState,
    caller: &Caller,
    once: &Once,
    size: u64,
) -> Result<(), ApiError> {
    if once.is_known(state, &caller.context()).await? {
        return Ok(());
    }
    documents::may_upload(&state.store, caller.user_id, None, size)
        .await
        .map_err(|error| refused(state, error, None))
}

/// A place among the uploads on their way, for what was announced or for the most that may come.
fn admitted(
    state: &AppState,
    caller: &Caller,
    incoming: Option<&Incoming>,
) -> Result<Admitted, ApiError> {
    let limit = state.config.documents.max_bytes;
    let announced = incoming.and_then(Incoming::length);
    let bytes = announced.map_or(limit, |length| length.min(limit));
    state.uploads.admit(caller.user_id, bytes)
}

fn pace(state: &AppState) -> PaceSettings {
    let uploads = &state.config.documents.uploads;
    PaceSettings {
        bytes_per_second: uploads.min_bytes_per_second,
        window: uploads.rate_window,
        longest: uploads.upload_timeout,
    }
}

/// Stores the object, then writes its row. Without the row the object is swept.
async fn take_in(
    state: &AppState,
    caller: &Caller,
    context: Context,
    form: &Form,
) -> Result<(TakenIn, i64), ApiError> {
    let said = |error| refused(state, error, Some(&form.file_name));
    documents::may_upload(
        &state.store,
        caller.user_id,
        form.attachment,
        form.file.size,
    )
    .await
    .map_err(said)?;
    prove_keys(state).await?;
    let wrapped_key = state
        .vault
        .keys
        .wrap(form.document_id, &form.file.key)
        .map_err(ApiError::internal)?;
    let object_key = format!("quarantine/{}", state.store.new_id());
    state
        .vault
        .objects
        .put_file(&object_key, &form.file.path, form.file.sealed_size)
        .await?;
    let document = NewDocument {
        id: form.document_id,
        user_id: caller.user_id,
        kind: form.kind,
        attachment: form.attachment,
        file_name: form.file_name.clone(),
        content_type: form.content_type.as_str().to_owned(),
        size: form.file.size,
        sha256: form.file.sha256.clone(),
        wrapped_key,
        object_key,
    };
    still_there(state, caller).await?;
    let uploaded = documents::insert(&state.store, &context, &document)
        .await
        .map_err(said)?;
    metrics::counter!("yemma_documents_uploaded_total", "kind" => form.kind.as_str()).increment(1);
    let taken_in = TakenIn {
        id: document.id,
        kind: document.kind.as_str(),
        status: "scanning",
        file_name: document.file_name,
        size: document.size,
        sha256: document.sha256,
        workflow_id: contract::workflow_id(document.id),
    };
    Ok((taken_in, uploaded.profile_version))
}

/// Nothing is sealed under a master key that is not the one it was.
async fn prove_keys(state: &AppState) -> Result<(), ApiError> {
    let proved = documents::prove_master_keys(&state.store, &state.vault.keys).await;
    proved.map_err(|error| match error {
        MasterKeyError::Store(error) => error.into(),
        changed @ MasterKeyError::Changed(_) => {
            tracing::error!(error = %changed, "no document is taken in");
            ApiError::try_later()
        }
    })
}

/// An upload may last for long: whoever was suspended or logged out meanwhile leaves nothing behind.
async fn still_there(state: &AppState, caller: &Caller) -> Result<(), ApiError> {
    let present = identity::is_still_present(&state.store, caller.user_id, caller.session_id);
    if present.await? {
        Ok(())
    } else {
        Err(ApiError::new(common::UNAUTHENTICATED))
    }
}

/// The answer of the first time, from its row.
async fn again(
    state: &AppState,
    user_id: Uuid,
    kept: KeptAnswer,
) -> Result<(TakenIn, i64), ApiError> {
    let read = |name: &str| kept.answer.get(name).cloned().unwrap_or_default();
    let id: Uuid = serde_json::from_value(read("document_id"))
        .map_err(|error| ApiError::internal(json_problem(&error)))?;
    let version = read("profile_version").as_i64().unwrap_or_default();
    let document = documents::find(&state.store, id, Some(user_id))
        .await?
        .ok_or_else(|| ApiError::new(common::NOT_FOUND))?;
    let taken_in = TakenIn {
        id,
        kind: document.kind.as_str(),
        status: "scanning",
        file_name: document.file_name,
        size: document.size,
        sha256: document.sha256,
        workflow_id: contract::workflow_id(id),
    };
    Ok((taken_in, version))
}

fn refused(state: &AppState, error: UploadError, file_name: Option<&str>) -> ApiError {
    match error {
        UploadError::NoProfile => ApiError::new(common::NOT_FOUND),
        UploadError::Refused(refusal) => edit_refused(refusal),
        UploadError::ForeignItem(pointer) => ApiError::field(pointer, codes::NOT_IN_PROFILE),
        UploadError::Limit(limit) => refusals::limited(limit, file_name, state.store.now()),
        UploadError::Store(error) => error.into(),
    }
}
