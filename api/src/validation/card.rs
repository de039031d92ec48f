//! `GET /admin/validations/{id}/card`

use axum::Json;
use axum::extract::State;
use serde_json::Value;
use store::validation;
use uuid::Uuid;

use crate::gateway::caller::Allowed;
use crate::gateway::codes::common;
use crate::gateway::path::Path;
use crate::gateway::permission::CasePreviewCard;
use crate::gateway::problem::ApiError;
use crate::state::AppState;

/// See the anonymous card as companies would see it
#[utoipa::path(
    get,
    path = "/validations/{id}/card",
    tag = "admin",
    params(("id" = Uuid, Path, description = "The case")),
    responses((status = 200, description = "The card", body = Object))
)]
pub async fn card(
    State(state): State<AppState>,
    _caller: Allowed<CasePreviewCard>,
    Path(id): Path<Uuid>,
) -> Result<Json<Value>, ApiError> {
    let card = validation::preview_card(&state.store, id)
        .await?
        .ok_or_else(|| ApiError::new(common::NOT_FOUND))?;
    serde_json::to_value(card)
        .map(Json)
        .map_err(ApiError::internal)
}
