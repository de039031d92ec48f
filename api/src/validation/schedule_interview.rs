//! `POST /admin/validations/{id}/interviews`

use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt;
use serde::Deserialize;
use store::Context;
use store::validation::CommandTexts;
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::fields::FieldCode;
use workflows::validation::{Action, InterviewMode, ProfileValidation, ScheduleInterview};

use super::command::{CommandView, allowed, kept_id, prepare, required, send};
use crate::gateway::caller::Allowed;
use crate::gateway::idempotency::{Acted, Once};
use crate::gateway::json::Body;
use crate::gateway::path::Path;
use crate::gateway::permission::CaseScheduleInterview;
use crate::gateway::problem::ApiError;
use crate::gateway::rendered::Rendered;
use crate::state::AppState;

/// Longest interview: a day.
const LONGEST: u32 = 1_440;
/// The latest beginning from now. A timer of the case stands for it, which nobody can wait for much
/// longer, and no calendar holds the years that a timestamp can count.
const LATEST: TimeDelta = TimeDelta::days(2 * 366);

/// The interview that is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(title = "InterviewRequest", example = json!({
    "starts_at": "2026-12-01T10:00:00Z", "duration_minutes": 45, "mode": "video", "place": "https://meet.example/abc"
}))]
pub struct InterviewRequest {
    /// A moment of the next two years.
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
) -> Result<Rendered, ApiError> {
    once.run(
        &state,
        caller.context(),
        body.bytes(),
        async |context| give(&state, context, id, &body).boxed().await,
        async |kept| {
            let interview_id = kept_id(&kept, "interview_id").unwrap_or(id);
            CommandView::again(StatusCode::CREATED, (id, interview_id), &kept)
        },
    )
    .await
}

async fn give(
    state: &AppState,
    context: Context,
    id: Uuid,
    body: &Body,
) -> Result<Acted, ApiError> {
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
    let done = changed.map(|changed| changed.case.status.to_string());
    CommandView::answer(StatusCode::CREATED, (id, interview_id), done)
}

/// 422 for a moment that is over, or too far away.
pub(super) fn in_the_future(
    state: &AppState,
    at: DateTime<Utc>,
) -> Result<DateTime<Utc>, ApiError> {
    if is_ahead(at, state.store.now()) {
        Ok(at)
    } else {
        Err(ApiError::field("/starts_at", FieldCode::OutOfRange))
    }
}

fn is_ahead(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    at > now && at.signed_duration_since(now) <= LATEST
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interview_begins_within_two_years() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        assert!(is_ahead(now + TimeDelta::seconds(1), now));
        assert!(is_ahead(now + LATEST, now));
        for at in [
            now,
            now + LATEST + TimeDelta::seconds(1),
            DateTime::<Utc>::MAX_UTC,
            DateTime::<Utc>::MIN_UTC,
        ] {
            assert!(!is_ahead(at, now), "{at}");
        }
    }
}
