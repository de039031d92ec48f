//! `POST /admin/validations/{id}/release`

use axum::extract::State;
use futures::FutureExt;
use store::Context;
use store::validation::CommandTexts;
use uuid::Uuid;
use workflows::validation::{Action, ProfileValidation, Release};

use super::command::{CommandView, allowed, prepare, send};
use super::get::answer;
use super::view::CaseView;
use crate::gateway::caller::Allowed;
use crate::gateway::idempotency::Once;
use crate::gateway::json::NoBody;
use crate::gateway::path::Path;
use crate::gateway::permission::CaseRelease;
use crate::gateway::problem::ApiError;
use crate::gateway::rendered::Rendered;
use crate::state::AppState;

/// Give a case back to the queue; interviews, reviews and grid stay
#[utoipa::path(
    post,
    path = "/validations/{id}/release",
    tag = "admin",
    params(("id" = Uuid, Path, description = "The case")),
    responses(
        (status = 200, description = "The case", body = CaseView),
        (status = 202, description = "Accepted and not finished yet", body = CommandView),
        (status = 409, description = "`not_claimed`, `already_decided`"),
    )
)]
pub async fn release(
    State(state): State<AppState>,
    caller: Allowed<CaseRelease>,
    Path(id): Path<Uuid>,
    once: Once,
    body: NoBody,
) -> Result<Rendered, ApiError> {
    once.run(
        &state,
        caller.context(),
        body.bytes(),
        async |context| {
            let done = give(&state, context, id).boxed().await?;
            answer(&state, &caller, id, done).await
        },
        async |_| answer(&state, &caller, id, true).await,
    )
    .await
}

async fn give(state: &AppState, context: Context, id: Uuid) -> Result<bool, ApiError> {
    allowed(state, &context, id, Action::Release).await?;
    let order = prepare(state, &context, CommandTexts::default(), Release {}).await?;
    let changed = send(state, id, || ProfileValidation::release, &order).await?;
    Ok(changed.is_some())
}
