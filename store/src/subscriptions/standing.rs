//! What a company sees of its subscription.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use uuid::Uuid;
use workflows::subscriptions::rules::{Period, billing_period, quota_period};
use workflows::subscriptions::{Interval, Quota};

use crate::database::Store;
use crate::error::StoreError;

/// A company's subscription and its quotas now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Code of the plan.
    pub plan: String,
    /// The version of the plan's terms that holds for this subscription.
    pub plan_version: i32,
    /// `trialing`, `active`, `past_due`, `grace`, `cancelled` or `expired`.
    pub status: String,
    /// How often it is charged.
    pub interval: Interval,
    /// The charged period.
    pub current_period: Period,
    /// The period of the quotas: always a month.
    pub quota_period: Period,
    /// Whether it ends with the period.
    pub cancel_at_period_end: bool,
    /// When a failed payment is tried again.
    pub next_retry_at: Option<DateTime<Utc>>,
    /// Whether documents of opened profiles may be read.
    pub documents_included: bool,
    /// Every quota of the plan, in the order of [`Quota::ALL`].
    pub quotas: Vec<QuotaStanding>,
}

/// One quota of a company now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaStanding {
    /// Which one.
    pub quota: Quota,
    /// How much of it is used in the current period.
    pub used: i64,
    /// The most of it; none is unlimited.
    pub limit: Option<i64>,
}

/// The company's subscription and its quotas now; none when the company has no subscription.
pub async fn standing(store: &Store, company_id: Uuid) -> Result<Option<Standing>, StoreError> {
    let mut connection = store.connection().await?;
    let rows = sqlx::query_as!(
        StandingRow,
        r#"SELECT s.plan_code, s.plan_version, s.status, s.interval, s.anchor,
            s.cancel_at_period_end, s.next_retry_at, plan.documents_included,
            quota.quota, quota.quota_limit,
            usage.used AS "used?", usage.period_start AS "period_start?",
            (SELECT count(*) FROM company.company_recruiters member
             WHERE member.company_id = $1 AND member.removed_at IS NULL) AS "seats!"
        FROM subscription.subscriptions s
        JOIN subscription.plans plan ON (plan.code, plan.version) = (s.plan_code, s.plan_version)
        JOIN subscription.quotas quota
            ON (quota.plan_code, quota.plan_version) = (s.plan_code, s.plan_version)
        LEFT JOIN LATERAL (
            SELECT u.used, u.period_start FROM subscription.quota_usage u
            WHERE u.company_id = s.company_id AND u.quota = quota.quota
            ORDER BY u.period_start DESC LIMIT 1
        ) usage ON true
        WHERE s.company_id = $1"#,
        company_id,
    )
    .fetch_all(&mut *connection)
    .await?;
    let now = store.now();
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let interval = parse::<Interval>("subscription.subscriptions", &first.interval)?;
    let quota_period = quota_period(first.anchor, now);
    let mut quotas = rows
        .iter()
        .map(|row| row.quota_standing(quota_period))
        .collect::<Result<Vec<_>, _>>()?;
    quotas.sort_by_key(|standing| standing.quota);
    Ok(Some(Standing {
        plan: first.plan_code.clone(),
        plan_version: first.plan_version,
        status: first.status.clone(),
        interval,
        current_period: billing_period(first.anchor, interval, now),
        quota_period,
        cancel_at_period_end: first.cancel_at_period_end,
        next_retry_at: first.next_retry_at,
        documents_included: first.documents_included,
        quotas,
    }))
}

struct StandingRow {
    plan_code: String,
    plan_version: i32,
    status: String,
    interval: String,
    anchor: DateTime<Utc>,
    cancel_at_period_end: bool,
    next_retry_at: Option<DateTime<Utc>>,
    documents_included: bool,
    quota: String,
    quota_limit: Option<i64>,
    used: Option<i64>,
    period_start: Option<DateTime<Utc>>,
    seats: i64,
}

impl StandingRow {
    fn quota_standing(&self, period: Period) -> Result<QuotaStanding, StoreError> {
        let quota = parse::<Quota>("subscription.quotas", &self.quota)?;
        let used = match quota {
            Quota::Seats => self.seats,
            Quota::Consultations | Quota::Searches => self
                .used
                .filter(|_| self.period_start == Some(period.start))
                .unwrap_or(0),
        };
        Ok(QuotaStanding {
            quota,
            used,
            limit: self.quota_limit,
        })
    }
}

fn parse<T: FromStr>(table: &'static str, text: &str) -> Result<T, StoreError> {
    text.parse()
        .map_err(|_| StoreError::inconsistent(table, "unknown code"))
}
