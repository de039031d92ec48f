//! `POST /admin/validations/{id}/claim`

use axum::extract::State;
use futures::FutureExt;
use store::Context;
use store::validation::CommandTexts;
use uuid::Uuid;
use workflows::validation::{Action, Claim, ProfileValidation};

use super::command::{CommandView, in_turn, or_lost, prepare, send};
use super::get::answer;
use super::view::CaseView;
use crate::gateway::caller::Allowed;
use crate::gateway::idempotency::Once;
use crate::gateway::json::NoBody;
use crate::gateway::path::Path;
use crate::gateway::permission::CaseClaim;
use crate::gateway::problem::ApiError;
use crate::gateway::rendered::Rendered;
use crate::state::AppState;

/// Claim a case: one reviewer at a time
#[utoipa::path(
    post,
    path = "/validations/{id}/claim",
    tag = "admin",
    params(("id" = Uuid, Path, description = "The case")),
    responses(
        (status = 200, description = "The case", body = CaseView),
        (status = 202, description = "Accepted and not finished yet", body = CommandView),
        (status = 409, description = "`already_claimed`, naming who, to the holder as well; `already_decided`"),
    )
)]
pub async fn claim(
    State(state): State<AppState>,
    caller: Allowed<CaseClaim>,
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
    let _turn = in_turn(state, &context, id, Action::Claim).await?;
    let order = prepare(state, &context, CommandTexts::default(), Claim {}).await?;
    let sent = send(state, id, || ProfileValidation::claim, &order).await;
    let changed = or_lost(state, &context, id, Action::Claim, sent).await?;
    Ok(changed.is_some())
}
