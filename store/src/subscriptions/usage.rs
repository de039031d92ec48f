//! What is written when a quota is used up.

use serde_json::json;
use uuid::Uuid;
use workflows::events::EventType;
use workflows::subscriptions::Quota;
use workflows::subscriptions::rules::Period;

use crate::context::Context;
use crate::database::Store;
use crate::error::StoreError;
use crate::events::{self, NewEvent};

/// Tells, once in a period, that a quota was refused.
pub(crate) async fn note_exceeded(
    store: &Store,
    context: &Context,
    company_id: Uuid,
    quota: Quota,
    period: Period,
) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    let is_first = sqlx::query_scalar!(
        r#"INSERT INTO subscription.quota_usage AS usage
            (company_id, quota, period_start, used, exceeded_at)
        VALUES ($1, $2, $3, 0, $4)
        ON CONFLICT (company_id, quota, period_start)
            DO UPDATE SET exceeded_at = $4 WHERE usage.exceeded_at IS NULL
        RETURNING true AS "is_first!""#,
        company_id,
        quota.as_str(),
        period.start,
        store.now(),
    )
    .fetch_optional(&mut *tx)
    .await?;
    if is_first.is_none() {
        return Ok(());
    }
    let exceeded = NewEvent::new(
        EventType::QuotaExceeded,
        "company",
        company_id,
        json!({
            "company_id": company_id,
            "quota": quota.as_str(),
            "period_start": period.start,
            "period_end": period.end,
        }),
    );
    events::append(&mut tx, store, context, exceeded).await?;
    tx.commit().await?;
    Ok(())
}
