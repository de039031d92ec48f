//! From a request to the command that is sent: its ids, and its texts put aside.

use serde::Serialize;
use store::Context;
use store::commands::Insertion;
use store::idempotency::Lookup;
use uuid::Uuid;
use workflows::commands::Command;

use crate::gateway::codes::common;
use crate::gateway::problem::ApiError;
use crate::state::AppState;

/// The namespace of command ids (UUID version 5 of the update id).
const COMMANDS: Uuid = Uuid::from_u128(0x6f1c_7a52_93d4_4be8_8a0e_51d2_c7b9_40f6);

/// A command ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order<T> {
    /// The id of the update: the same for the same caller and `Idempotency-Key`, else fresh.
    pub update_id: String,
    /// What the workflow receives.
    pub command: Command<T>,
}

/// Makes the command of a request whose key was looked up before ([`Once::run`]), and puts its
/// texts aside, where the activity takes them.
///
/// [`Once::run`]: crate::gateway::idempotency::Once::run
pub async fn order<T, X: Serialize + Sync>(
    state: &AppState,
    context: &Context,
    body: T,
    texts: &X,
) -> Result<Order<T>, ApiError> {
    let actor_id = context
        .actor
        .id()
        .ok_or_else(|| ApiError::new(common::UNAUTHENTICATED))?;
    let update_id = context.idempotency.as_ref().map_or_else(
        || state.store.new_id().to_string(),
        |mark| format!("{}:{}", mark.caller, mark.key_hash),
    );
    let id = Uuid::new_v5(&COMMANDS, update_id.as_bytes());
    if store::commands::insert(&state.store, context, id, texts).await? == Insertion::KeyReused {
        return Err(ApiError::new(common::IDEMPOTENCY_KEY_REUSED));
    }
    settled_meanwhile(state, context).await?;
    let command = Command {
        id,
        actor_id,
        correlation_id: context.correlation_id,
        idempotency: context.idempotency.clone(),
        body,
    };
    Ok(Order { update_id, command })
}

/// Between the first lookup and the insertion another request with the key may have ended: then
/// its row is gone and its answer is on record.
async fn settled_meanwhile(state: &AppState, context: &Context) -> Result<(), ApiError> {
    let Some(mark) = &context.idempotency else {
        return Ok(());
    };
    match store::idempotency::find(&state.store, mark).await? {
        Lookup::New => Ok(()),
        Lookup::Kept(_) => Err(ApiError::new(common::REQUEST_IN_PROGRESS)),
        Lookup::Reused => Err(ApiError::new(common::IDEMPOTENCY_KEY_REUSED)),
    }
}
