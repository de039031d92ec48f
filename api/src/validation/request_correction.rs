//! `POST /admin/validations/{id}/correction-requests`

use axum::extract::State;
use axum::http::StatusCode;
use futures::FutureExt;
use serde::Deserialize;
use store::Context;
use store::validation::CommandTexts;
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::candidates::profile::StepName;
use workflows::fields::FieldCode;
use workflows::validation::{Action, ProfileValidation, RequestCorrection};

use super::command::{CommandView, allowed, prepare, required, send};
use crate::gateway::caller::Allowed;
use crate::gateway::idempotency::{Acted, Once};
use crate::gateway::json::Body;
use crate::gateway::path::Path;
use crate::gateway::permission::CaseRequestCorrection;
use crate::gateway::problem::ApiError;
use crate::gateway::rendered::Rendered;
use crate::state::AppState;

/// What is to be corrected.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(title = "CorrectionRequestBody", example = json!({"message": "Merci de préciser vos dates.", "steps": ["experiences"]}))]
pub struct CorrectionBody {
    /// What the candidate reads.
    message: String,
    /// The steps that open again; `documents` by itself when a document was refused.
    #[serde(default)]
    steps: Vec<String>,
}

/// Ask the candidate for corrections, in one mail with every document refused since the last one
#[utoipa::path(
    post,
    path = "/validations/{id}/correction-requests",
    tag = "admin",
    params(("id" = Uuid, Path, description = "The case")),
    request_body = CorrectionBody,
    responses(
        (status = 200, description = "The candidate is awaited", body = CommandView),
        (status = 202, description = "Accepted and not finished yet", body = CommandView),
        (status = 409, description = "`not_claimed`, `awaiting_candidate`, `already_decided`, `nothing_to_correct`"),
    )
)]
pub async fn request_correction(
    State(state): State<AppState>,
    caller: Allowed<CaseRequestCorrection>,
    Path(id): Path<Uuid>,
    once: Once,
    body: Body,
) -> Result<Rendered, ApiError> {
    once.run(
        &state,
        caller.context(),
        body.bytes(),
        async |context| give(&state, context, id, &body).boxed().await,
        async |kept| CommandView::again(StatusCode::OK, (id, id), &kept),
    )
    .await
}

async fn give(
    state: &AppState,
    context: Context,
    id: Uuid,
    body: &Body,
) -> Result<Acted, ApiError> {
    allowed(state, &context, id, Action::RequestCorrection).await?;
    let request: CorrectionBody = body.read()?;
    let message = required("/message", Some(request.message))?;
    let steps = steps(&request.steps)?;
    let texts = CommandTexts {
        message: Some(message),
        ..CommandTexts::default()
    };
    let order = prepare(state, &context, texts, RequestCorrection { steps }).await?;
    let changed = send(state, id, || ProfileValidation::request_correction, &order).await?;
    let done = changed.map(|changed| changed.case.status.to_string());
    CommandView::answer(StatusCode::OK, (id, id), done)
}

fn steps(names: &[String]) -> Result<Vec<StepName>, ApiError> {
    names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            StepName::from_code(name)
                .filter(|step| *step != StepName::Review)
                .ok_or_else(|| ApiError::field(format!("/steps/{index}"), FieldCode::UnknownCode))
        })
        .collect()
}
