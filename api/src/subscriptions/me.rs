//! `GET /subscriptions/me`

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use store::subscriptions::Standing;
use utoipa::ToSchema;
use workflows::subscriptions::rules::Period;

use crate::gateway::caller::Allowed;
use crate::gateway::codes::search::NO_SUBSCRIPTION;
use crate::gateway::permission::SubscriptionReadOwn;
use crate::gateway::problem::{ApiError, PROBLEM_JSON, Problem};
use crate::state::AppState;

/// The company's subscription and its quotas now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Subscription", example = json!({
    "plan": "freemium", "plan_version": 1, "status": "active", "interval": "month",
    "current_period": {"start": "2026-11-01T09:00:00Z", "end": "2026-12-01T09:00:00Z"},
    "quota_period": {"start": "2026-11-01T09:00:00Z", "end": "2026-12-01T09:00:00Z"},
    "cancel_at_period_end": false, "next_retry_at": null, "documents": false,
    "quotas": [{"name": "consultations", "used": 3, "limit": 10}]
}))]
pub struct SubscriptionAnswer {
    /// Code of the plan.
    plan: String,
    /// The version of its terms that holds for this company.
    plan_version: i32,
    /// `trialing`, `active`, `past_due`, `grace`, `cancelled` or `expired`.
    status: String,
    /// `month` or `year`.
    interval: &'static str,
    /// The charged period.
    current_period: PeriodAnswer,
    /// The period of the quotas: always a month.
    quota_period: PeriodAnswer,
    /// Whether it ends with the period.
    cancel_at_period_end: bool,
    /// When a failed payment is tried again.
    next_retry_at: Option<DateTime<Utc>>,
    /// Whether documents of opened profiles may be read.
    documents: bool,
    /// The quotas.
    quotas: Vec<QuotaAnswer>,
}

/// From its start until just before its end.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Period")]
pub struct PeriodAnswer {
    /// Its first moment.
    start: DateTime<Utc>,
    /// The first moment of the next.
    end: DateTime<Utc>,
}

/// One quota now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Quota")]
pub struct QuotaAnswer {
    /// `consultations`, `searches` or `seats`.
    name: &'static str,
    /// How much is used.
    used: i64,
    /// The most of it; `null` is unlimited.
    limit: Option<i64>,
}

/// The company's subscription and its quotas.
#[utoipa::path(get, path = "/me", tag = "subscriptions",
    responses(
        (status = OK, description = "The company's subscription", body = SubscriptionAnswer),
        (status = NOT_FOUND, description = "The company has no subscription", body = Problem, content_type = PROBLEM_JSON),
    ))]
pub(super) async fn me(
    State(state): State<AppState>,
    caller: Allowed<SubscriptionReadOwn>,
) -> Result<Json<SubscriptionAnswer>, ApiError> {
    let standing = store::subscriptions::standing(&state.store, caller.company()?).await?;
    let standing = standing.ok_or_else(|| ApiError::new(NO_SUBSCRIPTION))?;
    Ok(Json(standing.into()))
}

impl From<Standing> for SubscriptionAnswer {
    fn from(standing: Standing) -> Self {
        Self {
            plan: standing.plan,
            plan_version: standing.plan_version,
            status: standing.status,
            interval: standing.interval.as_str(),
            current_period: standing.current_period.into(),
            quota_period: standing.quota_period.into(),
            cancel_at_period_end: standing.cancel_at_period_end,
            next_retry_at: standing.next_retry_at,
            documents: standing.documents_included,
            quotas: standing
                .quotas
                .into_iter()
                .map(|quota| QuotaAnswer {
                    name: quota.quota.as_str(),
                    used: quota.used,
                    limit: quota.limit,
                })
                .collect(),
        }
    }
}

impl From<Period> for PeriodAnswer {
    fn from(period: Period) -> Self {
        Self {
            start: period.start,
            end: period.end,
        }
    }
}
