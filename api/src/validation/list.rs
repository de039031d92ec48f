//! `GET /admin/validations`

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use store::validation::{self, Assignee, QueueFilter, QueuePosition};
use utoipa::IntoParams;
use uuid::Uuid;
use workflows::fields::FieldCode;
use workflows::validation::CaseStatus;

use super::view::{QueuedCaseView, targets};
use crate::gateway::caller::Allowed;
use crate::gateway::pagination::{List, Page, PageParams};
use crate::gateway::permission::CaseList;
use crate::gateway::problem::ApiError;
use crate::gateway::query::Query;
use crate::state::AppState;

/// Which cases.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct QueueParams {
    /// `queued`, `claimed`, `awaiting_candidate`, `interview` or `decided`, several with commas;
    /// all but the decided when left out.
    status: Option<String>,
    /// A reviewer's id, `me` or `none`.
    assignee: Option<String>,
    /// `oldest` (the default) or `newest`.
    sort: Option<String>,
}

/// List the pre-qualification queue, oldest first
#[utoipa::path(
    get,
    path = "/validations",
    tag = "admin",
    params(QueueParams, PageParams),
    responses((status = 200, description = "A page of the queue", body = List<QueuedCaseView>))
)]
pub async fn list(
    State(state): State<AppState>,
    caller: Allowed<CaseList>,
    Query(params): Query<QueueParams>,
    page: Page,
) -> Result<Json<List<QueuedCaseView>>, ApiError> {
    let after: Option<(DateTime<Utc>, Uuid)> = page.after()?;
    let filter = QueueFilter {
        statuses: statuses(params.status.as_deref())?,
        assignee: assignee(params.assignee.as_deref(), caller.user_id)?,
        newest_first: newest_first(params.sort.as_deref())?,
        after: after.map(|(submitted_at, id)| QueuePosition { submitted_at, id }),
        limit: page.rows(),
    };
    let cases = validation::queue(&state.store, &filter).await?;
    let targets = targets(&state);
    Ok(Json(List::new(
        &page,
        cases,
        |case| (case.submitted_at, case.id),
        |case| QueuedCaseView::new(case, targets),
    )))
}

fn statuses(asked: Option<&str>) -> Result<Vec<CaseStatus>, ApiError> {
    let Some(asked) = asked.filter(|asked| !asked.is_empty()) else {
        let open = CaseStatus::ALL.iter().copied();
        return Ok(open
            .filter(|status| *status != CaseStatus::Decided)
            .collect());
    };
    asked
        .split(',')
        .map(|code| {
            CaseStatus::from_code(code)
                .ok_or_else(|| ApiError::field("/status", FieldCode::UnknownCode))
        })
        .collect()
}

fn assignee(asked: Option<&str>, me: Uuid) -> Result<Assignee, ApiError> {
    match asked {
        None | Some("") => Ok(Assignee::Any),
        Some("me") => Ok(Assignee::Reviewer(me)),
        Some("none") => Ok(Assignee::Nobody),
        Some(id) => id
            .parse()
            .map(Assignee::Reviewer)
            .map_err(|_| ApiError::field("/assignee", FieldCode::InvalidId)),
    }
}

fn newest_first(asked: Option<&str>) -> Result<bool, ApiError> {
    match asked {
        None | Some("" | "oldest" | "submitted_at") => Ok(false),
        Some("newest" | "-submitted_at") => Ok(true),
        Some(_) => Err(ApiError::field("/sort", FieldCode::UnknownCode)),
    }
}
