//! `GET /subscriptions/plans`

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use serde::Serialize;
use store::subscriptions::Plan;
use utoipa::ToSchema;

use crate::gateway::problem::ApiError;
use crate::state::AppState;

/// How long the plans may be kept by anybody.
const CACHED: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "public, max-age=300")];

/// The plans on offer, the smallest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "PlanList")]
pub struct PlansAnswer {
    /// The plans.
    items: Vec<PlanAnswer>,
    /// Always `null`: there is one page.
    next_cursor: Option<String>,
}

/// A plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Plan")]
pub struct PlanAnswer {
    /// Its stable name: `freemium`, `pro`, `enterprise`.
    code: String,
    /// Raised by every change of its terms.
    version: i32,
    /// Its name in French.
    name_fr: String,
    /// Its name in English.
    name_en: String,
    /// What it costs.
    prices: Vec<PriceAnswer>,
    /// What it limits.
    quotas: Vec<LimitAnswer>,
    /// Whether documents of opened profiles may be read.
    documents: bool,
}

/// What a plan costs for one interval in one currency.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "PlanPrice")]
pub struct PriceAnswer {
    /// `month` or `year`.
    interval: &'static str,
    /// In the currency's minor unit.
    amount: i64,
    /// ISO 4217.
    currency: String,
}

/// One limit of a plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "PlanLimit")]
pub struct LimitAnswer {
    /// `consultations`, `searches` or `seats`.
    name: &'static str,
    /// The most of it in a month; `null` is unlimited.
    limit: Option<i64>,
}

/// The plans on offer.
#[utoipa::path(get, path = "/plans", tag = "subscriptions", security(()),
    responses((status = OK, description = "The plans on offer", body = PlansAnswer)))]
pub(super) async fn plans(
    State(state): State<AppState>,
) -> Result<([(HeaderName, &'static str); 1], Json<PlansAnswer>), ApiError> {
    let plans = store::subscriptions::plans(&state.store).await?;
    let answer = PlansAnswer {
        items: plans.into_iter().map(PlanAnswer::from).collect(),
        next_cursor: None,
    };
    Ok((CACHED, Json(answer)))
}

impl From<Plan> for PlanAnswer {
    fn from(plan: Plan) -> Self {
        let mut limits = plan.limits;
        limits.sort_by_key(|limit| limit.quota);
        Self {
            code: plan.code,
            version: plan.version,
            name_fr: plan.name_fr,
            name_en: plan.name_en,
            prices: plan
                .prices
                .into_iter()
                .map(|price| PriceAnswer {
                    interval: price.interval.as_str(),
                    amount: price.amount,
                    currency: price.currency,
                })
                .collect(),
            quotas: limits
                .into_iter()
                .map(|limit| LimitAnswer {
                    name: limit.quota.as_str(),
                    limit: limit.limit,
                })
                .collect(),
            documents: plan.documents_included,
        }
    }
}
