//! The count of a company's searches.

use serde_json::json;
use uuid::Uuid;
use workflows::events::EventType;
use workflows::subscriptions::rules::Period;

use crate::context::Context;
use crate::database::Store;
use crate::error::StoreError;
use crate::events::{self, NewEvent};
use crate::idempotency;

/// Counts one search of a company, which is not limited yet, and records that it was made, with
/// its answer under the caller's key. A further page of a search, and one asked again under its
/// key, is not counted.
pub async fn count_search(
    store: &Store,
    context: &Context,
    company_id: Uuid,
    period: Period,
    sealed: Option<Vec<u8>>,
) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    sqlx::query!(
        "INSERT INTO subscription.quota_usage AS usage (company_id, quota, period_start, used)
        VALUES ($1, 'searches', $2, 1)
        ON CONFLICT (company_id, quota, period_start) DO UPDATE SET used = usage.used + 1",
        company_id,
        period.start,
    )
    .execute(&mut *tx)
    .await?;
    let performed = NewEvent::new(
        EventType::SearchPerformed,
        "company",
        company_id,
        json!({"company_id": company_id, "period_start": period.start}),
    );
    events::append(&mut tx, store, context, performed).await?;
    idempotency::record_sealed(&mut tx, store, context, 200, json!({}), sealed).await?;
    tx.commit().await?;
    Ok(())
}
