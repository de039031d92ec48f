//! `POST /admin/validations/{id}/interviews`

use axum::Json;
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
use workflows::validation::{
    Action, InterviewMode, ProfileValidation, ScheduleInterview, workflow_id,
};

use super::command::{CommandView, allowed, kept_id, prepare, required, send};
use crate::gateway::caller::Allowed;
use crate::gateway::idempotency::Once;
use crate::gateway::json::Body;
use crate::gateway::path::Path;
use crate::gateway::permission::CaseScheduleInterview;
use crate::gateway::problem::ApiError;
use crate::state::AppState;

/// Longest interview: a day.
const LONGEST: u32 = 1_440;

/// The interview that is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(title = "InterviewRequest", example = json!({
    "starts_at": "2026-12-01T10:00:00Z", "duration_minutes": 45, "mode": "video", "place": "https://meet.example/abc"
}))]
pub struct InterviewRequest {
    /// Any moment in the future.
    starts_at: DateTime<Utc>,
    /// 1 to 1,440.
    #[schema(minimum = 1, maximum = 1440)]
    duration_minutes: u32,
    /// `video`, `phone` or `on_site`.
    mode: String,
    /// A link, a number or an address.
    place: String,
}

/// Schedule an interview; both sides are invited
#[utoipa::path(
    post,
    path = "/validations/{id}/interviews",
    tag = "admin",
    params(("id" = Uuid, Path, description = "The case")),
    request_body = InterviewRequest,
    responses(
        (status = 201, description = "Scheduled; `id` is the interview's", body = CommandView),
        (status = 202, description = "Accepted and not finished yet", body = CommandView),
        (status = 409, description = "`not_claimed`, `awaiting_candidate`, `already_decided`"),
    )
)]
pub async fn schedule_interview(
    State(state): State<AppState>,
    caller: Allowed<CaseScheduleInterview>,
    Path(id): Path<Uuid>,
    once: Once,
    body: Body,
) -> Result<(StatusCode, Json<CommandView>), ApiError> {
    let (interview_id, done) = once
        .run(
            &state,
            caller.context(),
            body.bytes(),
            async |context| give(&state, context, id, &body).boxed().await,
            async |kept| Ok((kept_id(&kept, "interview_id").unwrap_or(id), Some(None))),
        )
        .await?;
    Ok(CommandView::answer(
        StatusCode::CREATED,
        interview_id,
        workflow_id(id),
        done,
    ))
}

async fn give(
    state: &AppState,
    context: Context,
    id: Uuid,
    body: &Body,
) -> Result<(Uuid, Option<Option<String>>), ApiError> {
    allowed(state, &context, id, Action::ScheduleInterview).await?;
    let request: InterviewRequest = body.read()?;
    let texts = CommandTexts {
        place: Some(required("/place", Some(request.place))?),
        ..CommandTexts::default()
    };
    let schedule = ScheduleInterview {
        interview_id: Uuid::nil(),
        starts_at: in_the_future(state, request.starts_at)?,
        duration_minutes: minutes(request.duration_minutes)?,
        mode: mode(&request.mode)?,
    };
    let mut order = prepare(state, &context, texts, schedule).await?;
    // The same request makes the same interview, however often it is sent.
    let interview_id = Uuid::new_v5(&order.command.id, b"interview");
    order.command.body.interview_id = interview_id;
    let changed = send(state, id, || ProfileValidation::schedule_interview, &order).await?;
    let done = changed.map(|changed| Some(changed.case.status.to_string()));
    Ok((interview_id, done))
}

/// 422 for a moment that is over.
pub(super) fn in_the_future(
    state: &AppState,
    at: DateTime<Utc>,
) -> Result<DateTime<Utc>, ApiError> {
    if at > state.store.now() {
        Ok(at)
    } else {
        Err(ApiError::field("/starts_at", FieldCode::OutOfRange))
    }
}

/// 422 for a length that is none.
pub(super) fn minutes(count: u32) -> Result<u32, ApiError> {
    if (1..=LONGEST).contains(&count) {
        Ok(count)
    } else {
        Err(ApiError::field("/duration_minutes", FieldCode::OutOfRange))
    }
}

/// 422 for a code outside the list.
pub(super) fn mode(code: &str) -> Result<InterviewMode, ApiError> {
    InterviewMode::from_code(code).ok_or_else(|| ApiError::field("/mode", FieldCode::UnknownCode))
}
