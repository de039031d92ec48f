//! `PATCH /admin/validations/{id}/interviews/{interview_id}`

use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use futures::FutureExt;
use serde::Deserialize;
use store::Context;
use store::validation::CommandTexts;
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::fields::FieldCode;
use workflows::validation::{Action, ChangeInterview, InterviewChange, ProfileValidation, Wanted};

use super::command::{CommandView, allowed, exists, prepare, required, send};
use super::schedule_interview::{in_the_future, minutes, mode};
use crate::gateway::caller::Allowed;
use crate::gateway::idempotency::{Acted, Once};
use crate::gateway::json::Body;
use crate::gateway::path::Path;
use crate::gateway::permission::CaseChangeInterview;
use crate::gateway::problem::ApiError;
use crate::gateway::rendered::Rendered;
use crate::state::AppState;

/// What changes; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(title = "InterviewChange", example = json!({"starts_at": "2026-12-02T10:00:00Z"}))]
pub struct ChangeRequest {
    /// `cancelled` calls it off; nothing else may be sent with it.
    status: Option<String>,
    /// A moment of the next two years.
    starts_at: Option<DateTime<Utc>>,
    /// 1 to 1,440.
    duration_minutes: Option<u32>,
    /// `video`, `phone` or `on_site`.
    mode: Option<String>,
    /// A link, a number or an address.
    place: Option<String>,
}

/// Move or cancel an interview; both sides are told
#[utoipa::path(
    patch,
    path = "/validations/{id}/interviews/{interview_id}",
    tag = "admin",
    params(
        ("id" = Uuid, Path, description = "The case"),
        ("interview_id" = Uuid, Path, description = "The interview"),
    ),
    request_body = ChangeRequest,
    responses(
        (status = 200, description = "Changed", body = CommandView),
        (status = 202, description = "Accepted and not finished yet", body = CommandView),
        (status = 409, description = "`not_claimed`, `awaiting_candidate`, `already_decided`, `interview_not_scheduled`"),
    )
)]
pub async fn change_interview(
    State(state): State<AppState>,
    caller: Allowed<CaseChangeInterview>,
    Path((id, interview_id)): Path<(Uuid, Uuid)>,
    once: Once,
    body: Body,
) -> Result<Rendered, ApiError> {
    let ids = (id, interview_id);
    once.run(
        &state,
        caller.context(),
        body.bytes(),
        async |context| give(&state, context, ids, &body).boxed().await,
        async |kept| CommandView::again(StatusCode::OK, ids, &kept),
    )
    .await
}

async fn give(
    state: &AppState,
    context: Context,
    (id, interview_id): (Uuid, Uuid),
    body: &Body,
) -> Result<Acted, ApiError> {
    exists(state, id, interview_id).await?;
    let wanted = Wanted::of_interview(Action::ChangeInterview, interview_id);
    allowed(state, &context, id, wanted).await?;
    let (change, place) = read(state, body.read()?)?;
    let texts = CommandTexts {
        place,
        ..CommandTexts::default()
    };
    let change = ChangeInterview {
        interview_id,
        change,
    };
    let order = prepare(state, &context, texts, change).await?;
    let changed = send(state, id, || ProfileValidation::change_interview, &order).await?;
    let done = changed.map(|changed| changed.case.status.to_string());
    CommandView::answer(StatusCode::OK, (id, interview_id), done)
}

fn read(
    state: &AppState,
    request: ChangeRequest,
) -> Result<(InterviewChange, Option<String>), ApiError> {
    let moves = request.starts_at.is_some()
        || request.duration_minutes.is_some()
        || request.mode.is_some()
        || request.place.is_some();
    match request.status.as_deref() {
        Some("cancelled") if !moves => return Ok((InterviewChange::Cancelled, None)),
        Some("cancelled") => {
            return Err(ApiError::field("/status", FieldCode::OutOfRange));
        }
        Some(_) => return Err(ApiError::field("/status", FieldCode::UnknownCode)),
        None if !moves => return Err(ApiError::field("/starts_at", FieldCode::Required)),
        None => {}
    }
    let place = request
        .place
        .map(|place| required("/place", Some(place)))
        .transpose()?;
    let change = InterviewChange::Rescheduled {
        starts_at: request
            .starts_at
            .map(|at| in_the_future(state, at))
            .transpose()?,
        duration_minutes: request.duration_minutes.map(minutes).transpose()?,
        mode: request.mode.as_deref().map(mode).transpose()?,
    };
    Ok((change, place))
}
