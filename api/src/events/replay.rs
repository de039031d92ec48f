//! `POST /admin/dead-letters/{id}/replay`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use store::deliveries::{self, ReplayRefusal};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::gateway::caller::Allowed;
use crate::gateway::codes::common::NOT_FOUND;
use crate::gateway::idempotency::Once;
use crate::gateway::json::NoBody;
use crate::gateway::path::Path;
use crate::gateway::permission::DeadLetterReplay;
use crate::gateway::problem::ApiError;
use crate::gateway::rendered::Rendered;
use crate::state::AppState;

/// What becomes of a dead letter.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "DeadLetterReplayed", example = json!({"status": "pending"}))]
pub struct Replayed {
    /// `pending`: the relay delivers it again.
    status: &'static str,
}

/// Give a dead letter back to the relay
///
/// Its attempts begin anew. What was delivered before is not delivered twice.
#[utoipa::path(
    post,
    path = "/{id}/replay",
    tag = "admin",
    params(("id" = Uuid, Path, description = "The dead letter")),
    responses((status = 202, description = "It will be delivered again", body = Replayed))
)]
pub async fn replay(
    State(state): State<AppState>,
    caller: Allowed<DeadLetterReplay>,
    once: Once,
    Path(id): Path<Uuid>,
    body: NoBody,
) -> Result<Rendered, ApiError> {
    let pending = || (StatusCode::ACCEPTED, Json(Replayed { status: "pending" }));
    once.run(
        &state,
        caller.context(),
        body.bytes(),
        async |context| match deliveries::replay(&state.store, &context, id).await {
            Ok(()) => Ok(pending()),
            Err(ReplayRefusal::NotFound) => Err(ApiError::new(NOT_FOUND)),
            Err(ReplayRefusal::Store(error)) => Err(error.into()),
        },
        async |_| Ok(pending()),
    )
    .await
}
