//! Opened profiles: what a company sees of one, and the consultation it costs.

mod sight;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::PgConnection;
use thiserror::Error;
use uuid::Uuid;
use workflows::candidates::profile::Profile;
use workflows::events::EventType;
use workflows::search::card::SearchCard;
use workflows::subscriptions::Quota;

use crate::context::Context;
use crate::database::Store;
use crate::error::StoreError;
use crate::events::{self, NewEvent};
use crate::{idempotency, subscriptions};
use sight::{Sight, sight};

/// A validated profile as a company that opened it sees it.
#[derive(Clone, Debug)]
pub struct OpenedProfile {
    /// The profile.
    pub profile_id: Uuid,
    /// The revision that was validated.
    pub revision_id: Uuid,
    /// What was validated, with the skills and preferences of now.
    pub profile: Profile,
    /// The expert's opinion.
    pub expert_opinion: Value,
    /// Where the person can be written to.
    pub email: String,
    /// The documents that a reviewer accepted.
    pub documents: Vec<OpenedDocument>,
    /// Whether the company's plan lets it read them.
    pub documents_included: bool,
    /// When the revision was validated.
    pub validated_at: DateTime<Utc>,
    /// Until when the opening holds: the end of the quota's period.
    pub open_until: DateTime<Utc>,
}

/// A document of an opened profile.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OpenedDocument {
    /// The document.
    pub id: Uuid,
    /// What it is, such as `cv`.
    pub kind: String,
    /// Its name as the candidate gave it.
    pub file_name: String,
    /// Its size in bytes.
    pub size: i64,
    /// How many page previews it has.
    pub page_count: Option<i32>,
    /// The experience it belongs to.
    pub experience_id: Option<Uuid>,
    /// The education it belongs to.
    pub education_id: Option<Uuid>,
    /// The certification it belongs to.
    pub certification_id: Option<Uuid>,
}

/// How an opening went.
#[derive(Clone, Debug)]
pub enum Opening {
    /// One consultation was charged.
    Charged(Box<OpenedProfile>),
    /// The company had opened it in the current period: nothing was charged.
    Again(Box<OpenedProfile>),
}

/// Why a profile was not opened.
#[derive(Debug, Error)]
pub enum OpeningError {
    /// Nobody of that id is `VALIDATED` now.
    #[error("no such profile")]
    NotFound,
    /// The company's consultations of the period are used up.
    #[error("the quota of consultations is used up")]
    QuotaExceeded {
        /// When the next period begins.
        renews_at: DateTime<Utc>,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for OpeningError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// What a company may see of a profile without paying.
#[derive(Clone, Debug)]
pub enum Look {
    /// All of it: opened in the current period.
    Opened(Box<OpenedProfile>),
    /// Nothing but its anonymous card.
    NotOpened(Box<SearchCard>),
}

/// Opens a profile for a company. Three statements: what is true now; the opening and its
/// consultation, each once whatever runs beside it; the event. A fourth keeps the answer under the
/// caller's key: `seal` makes it before the commit, for what the profile shows may change after it,
/// and the right to see it ends with the period.
pub async fn open(
    store: &Store,
    context: &Context,
    company_id: Uuid,
    profile_id: Uuid,
    opened_by: Uuid,
    seal: impl FnOnce(&OpenedProfile) -> Option<Vec<u8>>,
) -> Result<Opening, OpeningError> {
    let sight = sight(store, company_id, profile_id)
        .await?
        .ok_or(OpeningError::NotFound)?;
    if sight.is_open() {
        note_access(store, context, &sight).await?;
        return Ok(Opening::Again(Box::new(sight.profile)));
    }
    if sight.is_used_up() {
        return Err(refuse(store, context, &sight).await?);
    }
    let mut tx = store.begin().await?;
    let charge = charge(&mut tx, &sight, opened_by, store.now()).await?;
    if charge.is_opened && charge.is_charged {
        events::append(&mut tx, store, context, viewed(&sight, opened_by)).await?;
        let (answer, sealed) = (json!({"profile_id": profile_id}), seal(&sight.profile));
        idempotency::record_sealed(&mut tx, store, context, 201, answer, sealed).await?;
        tx.commit().await?;
        return Ok(Opening::Charged(Box::new(sight.profile)));
    }
    tx.rollback().await?;
    if charge.is_opened {
        return Err(refuse(store, context, &sight).await?);
    }
    settle_race(store, context, company_id, profile_id).await
}

/// Whether companies may see the profile at all now.
pub async fn is_shown(store: &Store, profile_id: Uuid) -> Result<bool, StoreError> {
    let mut connection = store.connection().await?;
    let shown = sqlx::query_scalar!(
        r#"SELECT EXISTS (
            SELECT FROM candidate.profiles WHERE id = $1 AND status = 'VALIDATED'
        ) AS "shown!""#,
        profile_id,
    )
    .fetch_one(&mut *connection)
    .await?;
    Ok(shown)
}

/// Looks at a profile without ever charging: none unless somebody of that id is `VALIDATED` now.
/// Seeing all of an opened profile is an access to it, and recorded.
pub async fn look(
    store: &Store,
    context: &Context,
    company_id: Uuid,
    profile_id: Uuid,
) -> Result<Option<Look>, StoreError> {
    let Some(sight) = sight(store, company_id, profile_id).await? else {
        return Ok(None);
    };
    if !sight.is_open() {
        return Ok(Some(Look::NotOpened(Box::new(sight.card()?))));
    }
    note_access(store, context, &sight).await?;
    Ok(Some(Look::Opened(Box::new(sight.profile))))
}

/// Nothing was inserted: a colleague opened the profile meanwhile, or it left `VALIDATED`.
async fn settle_race(
    store: &Store,
    context: &Context,
    company_id: Uuid,
    profile_id: Uuid,
) -> Result<Opening, OpeningError> {
    let sight = sight(store, company_id, profile_id)
        .await?
        .filter(Sight::is_open)
        .ok_or(OpeningError::NotFound)?;
    note_access(store, context, &sight).await?;
    Ok(Opening::Again(Box::new(sight.profile)))
}

async fn refuse(
    store: &Store,
    context: &Context,
    sight: &Sight,
) -> Result<OpeningError, StoreError> {
    if !sight.is_refusal_told() {
        subscriptions::note_exceeded(
            store,
            context,
            sight.company_id,
            Quota::Consultations,
            sight.period,
        )
        .await?;
    }
    Ok(OpeningError::QuotaExceeded {
        renews_at: sight.period.end,
    })
}

/// What the charging statement did.
struct Charge {
    is_opened: bool,
    is_charged: bool,
}

/// Inserts the opening and takes its consultation in one statement. Whoever opens the same profile
/// waits at the opening's key, whoever opens another one for the same company at the usage row; so
/// the limit, read here and not before, holds exactly. Opened and not charged must be rolled back.
async fn charge(
    connection: &mut PgConnection,
    sight: &Sight,
    opened_by: Uuid,
    now: DateTime<Utc>,
) -> Result<Charge, StoreError> {
    Ok(sqlx::query_as!(
        Charge,
        r#"WITH opening AS (
            INSERT INTO search.openings
                (company_id, profile_id, period_start, revision_id, opened_by, opened_at)
            SELECT $1, p.id, $3, $4, $5, $6
            FROM candidate.profiles p WHERE p.id = $2 AND p.status = 'VALIDATED'
            ON CONFLICT (company_id, profile_id, period_start) DO NOTHING
            RETURNING company_id
        ), terms AS (
            SELECT s.company_id, quota.quota_limit
            FROM subscription.subscriptions s
            JOIN subscription.quotas quota
                ON (quota.plan_code, quota.plan_version) = (s.plan_code, s.plan_version)
            WHERE s.company_id = $1 AND quota.quota = 'consultations'
        ), usage AS (
            INSERT INTO subscription.quota_usage AS usage (company_id, quota, period_start, used)
            SELECT opening.company_id, 'consultations', $3, 1
            FROM opening JOIN terms USING (company_id)
            WHERE terms.quota_limit IS NULL OR terms.quota_limit > 0
            ON CONFLICT (company_id, quota, period_start) DO UPDATE SET used = usage.used + 1
                WHERE usage.used < (SELECT coalesce(quota_limit, 9223372036854775807) FROM terms)
            RETURNING used
        )
        SELECT EXISTS (SELECT 1 FROM opening) AS "is_opened!",
            EXISTS (SELECT 1 FROM usage) AS "is_charged!""#,
        sight.company_id,
        sight.profile.profile_id,
        sight.period.start,
        sight.profile.revision_id,
        opened_by,
        now,
    )
    .fetch_one(connection)
    .await?)
}

fn viewed(sight: &Sight, opened_by: Uuid) -> NewEvent {
    NewEvent::new(
        EventType::ProfileViewed,
        "profile",
        sight.profile.profile_id,
        json!({
            "profile_id": sight.profile.profile_id,
            "user_id": sight.user_id,
            "company_id": sight.company_id,
            "revision_id": sight.profile.revision_id,
            "opened_by": opened_by,
            "period_start": sight.period.start,
        }),
    )
}

/// Seeing an opened profile again is not charged, but it is an access to a person's data.
async fn note_access(store: &Store, context: &Context, sight: &Sight) -> Result<(), StoreError> {
    let accessed = NewEvent::new(
        EventType::ProfileAccessed,
        "profile",
        sight.profile.profile_id,
        json!({
            "profile_id": sight.profile.profile_id,
            "user_id": sight.user_id,
            "company_id": sight.company_id,
            "revision_id": sight.profile.revision_id,
        }),
    );
    let mut connection = store.connection().await?;
    events::append(&mut connection, store, context, accessed).await?;
    Ok(())
}
