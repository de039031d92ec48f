//! From a request to the command that is sent: its ids, and its texts put aside.

use serde::Serialize;
use store::Context;
use store::commands::Insertion;
use store::idempotency::Lookup;
use workflows::commands::Command;

use crate::gateway::codes::common;
use crate::gateway::problem::ApiError;
use crate::state::AppState;

/// A command ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order<T> {
    /// The id of the update, which is the command's: the same for the same caller and
    /// `Idempotency-Key` while the command is in flight, else fresh.
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
    let id = match store::commands::insert(&state.store, context, texts).await? {
        Insertion::Kept(id) => id,
        Insertion::KeyReused => return Err(ApiError::new(common::IDEMPOTENCY_KEY_REUSED)),
        Insertion::Ended => return Err(ApiError::new(common::REQUEST_IN_PROGRESS)),
    };
    settled_meanwhile(state, context).await?;
    let command = Command {
        id,
        actor_id,
        correlation_id: context.correlation_id,
        idempotency: context.idempotency.clone(),
        body,
    };
    Ok(Order {
        update_id: id.to_string(),
        command,
    })
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
