//! `GET /admin/validations/{id}`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use store::validation;
use uuid::Uuid;

use super::command::CommandView;
use super::view::{CaseView, targets};
use crate::gateway::caller::{Allowed, Caller};
use crate::gateway::codes::common;
use crate::gateway::idempotency::Acted;
use crate::gateway::path::Path;
use crate::gateway::permission::CaseRead;
use crate::gateway::problem::ApiError;
use crate::gateway::rendered::Rendered;
use crate::state::AppState;

/// Read a whole case; the reading is logged
#[utoipa::path(
    get,
    path = "/validations/{id}",
    tag = "admin",
    params(("id" = Uuid, Path, description = "The case")),
    responses((status = 200, description = "The case", body = CaseView))
)]
pub async fn get(
    State(state): State<AppState>,
    caller: Allowed<CaseRead>,
    Path(id): Path<Uuid>,
) -> Result<Json<CaseView>, ApiError> {
    whole(&state, &caller, id).await.map(Json)
}

/// The answer of a command that is followed by a look at the case.
pub(super) async fn answer(
    state: &AppState,
    caller: &Caller,
    id: Uuid,
    is_done: bool,
) -> Result<Acted, ApiError> {
    if !is_done {
        return CommandView::answer(StatusCode::OK, (id, id), None);
    }
    let case = whole(state, caller, id).await?;
    Rendered::json(StatusCode::OK, &case).map(Acted::Done)
}

/// The whole case for that caller.
async fn whole(state: &AppState, caller: &Caller, id: Uuid) -> Result<CaseView, ApiError> {
    let not_found = || ApiError::new(common::NOT_FOUND);
    let case = validation::read_case(&state.store, &caller.context(), id)
        .await?
        .ok_or_else(not_found)?;
    let grid = validation::grid_of_case(&state.store, id)
        .await?
        .ok_or_else(not_found)?;
    let today = state.store.now().date_naive();
    Ok(CaseView::new(case, &grid, targets(state), today))
}
