//! The beginning of a subscription and the change of its plan.

use serde_json::json;
use sqlx::PgConnection;
use thiserror::Error;
use uuid::Uuid;
use workflows::events::EventType;
use workflows::subscriptions::FREEMIUM;

use crate::context::Context;
use crate::database::{Store, Writer};
use crate::error::StoreError;
use crate::events::{self, NewEvent};

/// Puts a new company on Freemium, in the transaction that creates the company. Its anchor, from
/// which every quota period is counted, is now.
///
/// Returns the event that tells of it: the caller must write it with the other events of its
/// transaction.
pub async fn begin_freemium(
    connection: &mut PgConnection,
    store: &Store,
    company_id: Uuid,
) -> Result<NewEvent, StoreError> {
    let subscription_id = store.new_id();
    let plan_version = sqlx::query_scalar!(
        r#"INSERT INTO subscription.subscriptions
            (id, company_id, plan_code, plan_version, interval, anchor, created_at, updated_at)
        SELECT $1, $2, code, version, 'month', $4, $4, $4
        FROM subscription.plans
        WHERE code = $3 AND valid_from <= $4
        ORDER BY version DESC LIMIT 1
        RETURNING plan_version"#,
        subscription_id,
        company_id,
        FREEMIUM,
        store.now(),
    )
    .fetch_optional(connection)
    .await?
    .ok_or_else(|| StoreError::inconsistent("subscription.plans", "there is no Freemium"))?;
    Ok(subscription_event(
        EventType::SubscriptionCreated,
        subscription_id,
        company_id,
        FREEMIUM,
        plan_version,
    ))
}

/// Why a plan could not be set.
#[derive(Debug, Error)]
pub enum SetPlanError {
    /// No plan has this code.
    #[error("there is no such plan")]
    UnknownPlan,
    /// The company has no subscription, or does not exist.
    #[error("the company has no subscription")]
    NoSubscription,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for SetPlanError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// The company of which the person with this address is a member.
pub async fn company_of(store: &Store, email: &str) -> Result<Option<Uuid>, StoreError> {
    let mut connection = store.connection().await?;
    let company_id = sqlx::query_scalar!(
        r#"SELECT member.company_id
        FROM auth.users person
        JOIN company.company_recruiters member ON member.user_id = person.id
        WHERE lower(person.email) = lower($1) AND member.removed_at IS NULL
        ORDER BY member.company_id LIMIT 1"#,
        email,
    )
    .fetch_optional(&mut *connection)
    .await?;
    Ok(company_id)
}

/// Puts a company on the latest version of a plan, at once and without payment. The anchor stays:
/// the quota period goes on with the new limit. Asked again for the plan the company already has,
/// it changes nothing.
///
/// Stands in for the workflow `CompanySubscription` until that exists.
pub async fn set_plan(
    writer: &Writer,
    context: &Context,
    company_id: Uuid,
    plan: &str,
) -> Result<(), SetPlanError> {
    let mut tx = writer.begin().await?;
    let now = writer.now();
    let plan_version = sqlx::query_scalar!(
        r#"SELECT max(version) FROM subscription.plans WHERE code = $1 AND valid_from <= $2"#,
        plan,
        now,
    )
    .fetch_one(&mut *tx)
    .await?
    .ok_or(SetPlanError::UnknownPlan)?;
    let current = sqlx::query!(
        "SELECT id, plan_code, plan_version, status FROM subscription.subscriptions
        WHERE company_id = $1 FOR UPDATE",
        company_id,
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(SetPlanError::NoSubscription)?;
    if current.plan_code == plan
        && current.plan_version == plan_version
        && current.status == "active"
    {
        return Ok(());
    }
    sqlx::query!(
        "UPDATE subscription.subscriptions
        SET plan_code = $2, plan_version = $3, status = 'active', next_retry_at = NULL,
            cancel_at_period_end = false, updated_at = $4
        WHERE id = $1",
        current.id,
        plan,
        plan_version,
        now,
    )
    .execute(&mut *tx)
    .await?;
    let changed = subscription_event(
        EventType::SubscriptionChanged,
        current.id,
        company_id,
        plan,
        plan_version,
    );
    events::append(&mut tx, writer, context, changed).await?;
    tx.commit().await?;
    Ok(())
}

fn subscription_event(
    event_type: EventType,
    subscription_id: Uuid,
    company_id: Uuid,
    plan: &str,
    plan_version: i32,
) -> NewEvent {
    NewEvent::new(
        event_type,
        "subscription",
        subscription_id,
        json!({
            "subscription_id": subscription_id,
            "company_id": company_id,
            "plan": plan,
            "plan_version": plan_version,
            "status": "active",
        }),
    )
}
