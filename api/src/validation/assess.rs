//! `PUT /admin/validations/{id}/assessment`: a fact, saved as it is filled.

use axum::Json;
use axum::extract::State;
use store::validation;
use uuid::Uuid;
use workflows::validation::Action;
use workflows::validation::rules::{evaluate, read_assessment};

use super::command::{allowed, refused};
use super::view::EvaluationView;
use crate::gateway::caller::Allowed;
use crate::gateway::codes::common;
use crate::gateway::json::Body;
use crate::gateway::path::Path;
use crate::gateway::permission::CaseAssess;
use crate::gateway::problem::{ApiError, FieldError};
use crate::state::AppState;

/// Save the assessment grid; partial saves are kept
#[utoipa::path(
    put,
    path = "/validations/{id}/assessment",
    tag = "admin",
    params(("id" = Uuid, Path, description = "The case")),
    request_body(content = Object, content_type = "application/json",
        description = "`{ratings: [{criterion, rating, comment}], tags: [string], summary}`"),
    responses(
        (status = 200, description = "What is missing, and the scores", body = EvaluationView),
        (status = 409, description = "`not_claimed`, `awaiting_candidate`, `already_decided`"),
    )
)]
pub async fn assess(
    State(state): State<AppState>,
    caller: Allowed<CaseAssess>,
    Path(id): Path<Uuid>,
    body: Body,
) -> Result<Json<EvaluationView>, ApiError> {
    let context = caller.context();
    allowed(&state, &context, id, Action::SaveAssessment).await?;
    let grid = validation::grid_of_case(&state.store, id)
        .await?
        .ok_or_else(|| ApiError::new(common::NOT_FOUND))?;
    let assessment = read_assessment(&grid, body.value()?.clone()).map_err(|errors| {
        ApiError::new(common::INVALID).with_fields(errors.into_iter().map(FieldError::from))
    })?;
    let evaluation = evaluate(&grid, &assessment);
    let saved =
        validation::save_assessment(&state.store, &context, id, &assessment, &evaluation).await?;
    match saved {
        Ok(()) => Ok(Json(evaluation.into())),
        Err(refusal) => Err(refused(&state, id, refusal).await),
    }
}
