//! What every command on a case has in common: the case is looked up, an obvious conflict is
//! answered from PostgreSQL, then the process is told.

use axum::http::StatusCode;
use futures::FutureExt as _;
use serde::Serialize;
use store::Context;
use store::idempotency::KeptAnswer;
use store::validation::{self, CommandTexts};
use temporalio_common::UpdateDefinition;
use temporalio_common::data_converters::TemporalDeserializable;
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::commands::{Command, Refusal};
use workflows::fields::{FieldCode, clean_text};
use workflows::validation::{
    Action, Case, CaseChanged, ProfileValidation, Wanted, rules::DecisionBlocker, workflow_id,
};

use crate::gateway::codes::{common, validation as codes};
use crate::gateway::commands::{CommandError, Order, Sent, Turn, order};
use crate::gateway::idempotency::Acted;
use crate::gateway::problem::{ApiError, FieldError};
use crate::gateway::rendered::Rendered;
use crate::state::AppState;

/// Characters of a long text.
const LONGEST: usize = 3_000;

/// What a command on a case led to.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(title = "CaseCommandAnswer", example = json!({
    "id": "0199a0b4-9f5e-5cc3-b1f2-3f8f0c5a7e11", "status": "awaiting_candidate",
    "workflow_id": "validation-0199a0b4-9f5e-5cc3-b1f2-3f8f0c5a7e11"
}))]
pub struct CommandView {
    /// What was made or changed: the interview or the document, else the case.
    pub id: Uuid,
    /// Where the case stands now; of a decision, where the profile stands. Absent while the
    /// process still works on it (202).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The process that leads the case.
    pub workflow_id: String,
}

/// Looks the case up and asks the rules, before anything is sent.
pub(super) async fn allowed(
    state: &AppState,
    context: &Context,
    id: Uuid,
    wanted: impl Into<Wanted>,
) -> Result<Case, ApiError> {
    let case = validation::case_state(&state.store, id)
        .await?
        .ok_or_else(|| ApiError::new(common::NOT_FOUND))?;
    let actor = context.actor.id().unwrap_or_default();
    match case.allows(wanted, actor, Some(state.store.now())) {
        Ok(()) => Ok(case),
        Err(refusal) => Err(refused(state, id, refusal).await),
    }
}

/// The same for a command that many may give at once: they come one after another, and whoever
/// had to wait asks again.
pub(super) async fn in_turn(
    state: &AppState,
    context: &Context,
    id: Uuid,
    action: Action,
) -> Result<Turn, ApiError> {
    let known = allowed(state, context, id, action).await?;
    let ask = || allowed(state, context, id, action).boxed();
    let (turn, _) = state.commands.in_turn(&workflow_id(id), known, ask).await?;
    Ok(turn)
}

/// Prepares a command with its texts put aside.
pub(super) async fn prepare<T>(
    state: &AppState,
    context: &Context,
    texts: CommandTexts,
    body: T,
) -> Result<Order<T>, ApiError> {
    order(state, context, body, &texts).await
}

/// Sends a command to the case's process. `None`: accepted, and finished later (202).
pub(super) async fn send<U, T>(
    state: &AppState,
    id: Uuid,
    update: impl Fn() -> U,
    order: &Order<T>,
) -> Result<Option<CaseChanged>, ApiError>
where
    U: UpdateDefinition<
            Workflow = <ProfileValidation as temporalio_common::HasWorkflowDefinition>::Run,
            Input = Command<T>,
            Output = CaseChanged,
        > + Send
        + Sync,
    CaseChanged: TemporalDeserializable,
    Command<T>: Clone + Send,
{
    let sent = state
        .commands
        .send::<ProfileValidation, _, _>(&workflow_id(id), update, order)
        .await;
    match sent {
        Ok(Sent::Done(changed)) => Ok(Some(changed)),
        Ok(Sent::Accepted) => Ok(None),
        Err(CommandError::Refused(refusal)) => Err(refused(state, id, refusal).await),
        Err(CommandError::NotFound) => Err(over(state, id).await),
        Err(error) => Err(error.into()),
    }
}

/// Whoever lost a race in a crowd that the process could not admit in time is told that it is lost
/// (409), not that the crowd was too large (503).
pub(super) async fn or_lost<T>(
    state: &AppState,
    context: &Context,
    id: Uuid,
    wanted: impl Into<Wanted>,
    sent: Result<T, ApiError>,
) -> Result<T, ApiError> {
    if let Err(error) = &sent
        && error.code() == common::UNAVAILABLE
    {
        allowed(state, context, id, wanted).await?;
    }
    sent
}

impl CommandView {
    /// The answer of a command on a case about that subject: `done` holds the status to show, and
    /// is `None` while the process still works on it.
    pub(super) fn answer(
        code: StatusCode,
        (case, subject): (Uuid, Uuid),
        done: Option<String>,
    ) -> Result<Acted, ApiError> {
        let is_done = done.is_some();
        let view = Self {
            id: subject,
            status: done,
            workflow_id: workflow_id(case),
        };
        if is_done {
            Rendered::json(code, &view).map(Acted::Done)
        } else {
            Rendered::json(StatusCode::ACCEPTED, &view).map(Acted::Unfinished)
        }
    }

    /// The same from what the activity kept.
    pub(super) fn again(
        code: StatusCode,
        (case, subject): (Uuid, Uuid),
        kept: &KeptAnswer,
    ) -> Result<Acted, ApiError> {
        let status = kept.answer.get("status").and_then(|status| status.as_str());
        let view = Self {
            id: subject,
            status: status.map(str::to_owned),
            workflow_id: workflow_id(case),
        };
        Rendered::json(code, &view).map(Acted::Done)
    }
}

/// 404 unless the interview belongs to the case.
pub(super) async fn exists(state: &AppState, id: Uuid, interview_id: Uuid) -> Result<(), ApiError> {
    let interview = validation::interview(&state.store, interview_id).await?;
    interview
        .filter(|interview| interview.validation_id == id)
        .map(|_| ())
        .ok_or_else(|| ApiError::new(common::NOT_FOUND))
}

/// A text of at most 3,000 characters; blank is none.
pub(super) fn text(pointer: &str, text: Option<String>) -> Result<Option<String>, ApiError> {
    let cleaned = text
        .map(|text| clean_text(&text).trim().to_owned())
        .filter(|text| !text.is_empty());
    match cleaned {
        Some(text) if text.chars().count() > LONGEST => {
            Err(ApiError::field(pointer, FieldCode::TooLong))
        }
        cleaned => Ok(cleaned),
    }
}

/// A text that must be there.
pub(super) fn required(pointer: &str, given: Option<String>) -> Result<String, ApiError> {
    text(pointer, given)?.ok_or_else(|| ApiError::field(pointer, FieldCode::Required))
}

/// The process is over: whatever closed the case is the reason.
async fn over(state: &AppState, id: Uuid) -> ApiError {
    match validation::case_state(&state.store, id).await {
        Ok(Some(case)) if case.outcome.is_some() => ApiError::new(codes::ALREADY_DECIDED),
        Ok(_) => CommandError::NotAccepted.into(),
        Err(error) => error.into(),
    }
}

/// A refusal in words: who holds the case, or what keeps it from being decided.
pub(super) async fn refused(state: &AppState, id: Uuid, refusal: Refusal) -> ApiError {
    let answer = ApiError::refused(&refusal.code);
    if answer.code() == codes::DECISION_BLOCKED {
        return match validation::case_blockers(&state.store, id).await {
            Ok(found) => answer.with_fields(reasons(found.map(|(_, blockers)| blockers))),
            Err(error) => error.into(),
        };
    }
    if answer.code() != codes::ALREADY_CLAIMED {
        return answer;
    }
    let summary = match validation::case_summary(&state.store, id).await {
        Ok(summary) => summary,
        Err(error) => return error.into(),
    };
    let holder = refusal.subject.map(|holder| holder.to_string());
    let name = summary.and_then(|summary| summary.claimed_by_name);
    answer
        .with("claimed_by", holder.clone())
        .with("claimed_by_name", name.or(holder))
}

fn reasons(blockers: Option<Vec<DecisionBlocker>>) -> Vec<FieldError> {
    blockers
        .unwrap_or_default()
        .into_iter()
        .map(|blocker| FieldError::new(blocker.pointer, blocker.code.as_str().to_owned()))
        .collect()
}

/// 409 with every reason why a case cannot be validated yet.
pub(super) async fn unblocked(state: &AppState, id: Uuid) -> Result<(), ApiError> {
    match validation::case_blockers(&state.store, id).await? {
        Some((_, blockers)) if !blockers.is_empty() => {
            Err(ApiError::new(codes::DECISION_BLOCKED).with_fields(reasons(Some(blockers))))
        }
        _ => Ok(()),
    }
}

/// The id that an activity kept with its answer.
pub(super) fn kept_id(kept: &KeptAnswer, name: &str) -> Option<Uuid> {
    kept.answer
        .get(name)
        .and_then(|id| id.as_str())
        .and_then(|id| id.parse().ok())
}
