//! `POST /documents`: a document, streamed into quarantine.

use axum::extract::State;
use axum::http::{StatusCode, header};
use serde::Serialize;
use store::Context;
use store::documents::{self, NewDocument, UploadError};
use store::error::json_problem;
use store::idempotency::KeptAnswer;
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::documents::contract;

use super::form::{self, Form};
use super::incoming::Incoming;
use super::reading::edit_refused;
use crate::gateway::caller::Allowed;
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
/// carries the profile's new `ETag`.
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
    let user_id = caller.user_id;
    let form = match arrived(&state, incoming).await {
        Ok(form) => form,
        Err(error) => return Err(preferred(&state, user_id, error).await),
    };
    let fingerprint = form.fingerprint();
    once.run(
        &state,
        caller.context(),
        &fingerprint,
        async |context| answer(&take_in(&state, user_id, context, &form).await?),
        async |kept| answer(&again(&state, user_id, kept).await?),
    )
    .await
}

fn answer((taken_in, version): &(TakenIn, i64)) -> Result<Rendered, ApiError> {
    let answer = Rendered::json(StatusCode::ACCEPTED, taken_in)?;
    Ok(answer.with(header::ETAG, etag(*version)))
}

async fn arrived(state: &AppState, incoming: Result<Incoming, ApiError>) -> Result<Form, ApiError> {
    let limit = state.config.documents.max_bytes;
    form::read(incoming?, state.store.new_id(), limit).await
}

/// A profile that takes no document now says so, whatever else is wrong with the form.
async fn preferred(state: &AppState, user_id: Uuid, error: ApiError) -> ApiError {
    match documents::may_upload(&state.store, user_id, None).await {
        Err(refusal @ (UploadError::NoProfile | UploadError::Refused(_))) => refused(refusal),
        Ok(()) | Err(_) => error,
    }
}

/// Stores the object, then writes its row. Without the row the object is swept.
async fn take_in(
    state: &AppState,
    user_id: Uuid,
    context: Context,
    form: &Form,
) -> Result<(TakenIn, i64), ApiError> {
    documents::may_upload(&state.store, user_id, form.attachment)
        .await
        .map_err(refused)?;
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
        user_id,
        kind: form.kind,
        attachment: form.attachment,
        file_name: form.file_name.clone(),
        content_type: form.content_type.as_str().to_owned(),
        size: form.file.size,
        sha256: form.file.sha256.clone(),
        wrapped_key,
        object_key,
    };
    let uploaded = documents::insert(&state.store, &context, &document)
        .await
        .map_err(refused)?;
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

fn refused(error: UploadError) -> ApiError {
    match error {
        UploadError::NoProfile => ApiError::new(common::NOT_FOUND),
        UploadError::Refused(refusal) => edit_refused(refusal),
        UploadError::ForeignItem(pointer) => ApiError::field(pointer, codes::NOT_IN_PROFILE),
        UploadError::Store(error) => error.into(),
    }
}
