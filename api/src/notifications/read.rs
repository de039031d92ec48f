//! `POST /notifications/{id}/read`

use axum::extract::State;
use axum::http::StatusCode;
use store::notifications;
use uuid::Uuid;

use crate::gateway::caller::Allowed;
use crate::gateway::codes::common::NOT_FOUND;
use crate::gateway::idempotency::Once;
use crate::gateway::json::NoBody;
use crate::gateway::path::Path;
use crate::gateway::permission::NotificationMarkOwn;
use crate::gateway::problem::ApiError;
use crate::gateway::rendered::Rendered;
use crate::state::AppState;

/// Mark a line of the feed as read
///
/// Reading it again changes nothing.
#[utoipa::path(
    post,
    path = "/{id}/read",
    tag = "notifications",
    params(("id" = Uuid, Path, description = "The notification")),
    responses((status = 204, description = "Read"))
)]
pub async fn read(
    State(state): State<AppState>,
    caller: Allowed<NotificationMarkOwn>,
    once: Once,
    Path(id): Path<Uuid>,
    body: NoBody,
) -> Result<Rendered, ApiError> {
    once.run(
        &state,
        caller.context(),
        body.bytes(),
        async |context| {
            let found = notifications::mark_read(&state.store, &context, caller.user_id, id);
            if found.await? {
                Ok(StatusCode::NO_CONTENT)
            } else {
                Err(ApiError::new(NOT_FOUND))
            }
        },
        async |_| Ok(StatusCode::NO_CONTENT),
    )
    .await
}
