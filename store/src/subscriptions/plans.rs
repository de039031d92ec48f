//! The plans on offer.

use serde::Deserialize;
use sqlx::types::Json;
use workflows::subscriptions::{Interval, Quota};

use crate::database::Store;
use crate::error::StoreError;

/// A plan in the version that a new subscription would get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its stable name, such as `freemium`.
    pub code: String,
    /// Raised by every change of its terms.
    pub version: i32,
    /// Its name in French.
    pub name_fr: String,
    /// Its name in English.
    pub name_en: String,
    /// Whether documents of opened profiles may be read.
    pub documents_included: bool,
    /// What it costs, by interval and currency.
    pub prices: Vec<Price>,
    /// What it limits.
    pub limits: Vec<PlanLimit>,
}

/// What a plan costs for one interval in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Price {
    /// How often it is charged.
    pub interval: Interval,
    /// ISO 4217.
    pub currency: String,
    /// In the currency's minor unit.
    pub amount: i64,
}

/// One limit of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct PlanLimit {
    /// What is limited.
    pub quota: Quota,
    /// The most of it in a period; none is unlimited.
    pub limit: Option<i64>,
}

/// The plans on offer, the smallest first, each in its latest version.
pub async fn plans(store: &Store) -> Result<Vec<Plan>, StoreError> {
    let mut connection = store.connection().await?;
    let rows = sqlx::query!(
        r#"SELECT plan.code, plan.version, plan.name_fr, plan.name_en, plan.documents_included,
            (SELECT jsonb_agg(jsonb_build_object(
                    'interval', price.interval, 'currency', price.currency, 'amount', price.amount)
                ORDER BY price.interval, price.currency)
             FROM subscription.plan_prices price
             WHERE (price.plan_code, price.plan_version) = (plan.code, plan.version)
            ) AS "prices!: Json<Vec<Price>>",
            (SELECT jsonb_agg(jsonb_build_object('quota', quota.quota, 'limit', quota.quota_limit)
                ORDER BY quota.quota)
             FROM subscription.quotas quota
             WHERE (quota.plan_code, quota.plan_version) = (plan.code, plan.version)
            ) AS "limits!: Json<Vec<PlanLimit>>"
        FROM (
            SELECT DISTINCT ON (code) * FROM subscription.plans
            WHERE valid_from <= $1 ORDER BY code, version DESC
        ) plan
        ORDER BY plan.rank"#,
        store.now(),
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Plan {
            code: row.code,
            version: row.version,
            name_fr: row.name_fr,
            name_en: row.name_en,
            documents_included: row.documents_included,
            prices: row.prices.0,
            limits: row.limits.0,
        })
        .collect())
}
