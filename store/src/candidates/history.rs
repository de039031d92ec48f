//! What happened to a profile, as its owner may know it.

use chrono::{DateTime, Utc};
use uuid::Uuid;
use workflows::candidates::profile::ProfileStatus;

use crate::database::Store;
use crate::error::{StoreError, code};

/// One change of a profile's status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineEntry {
    /// The entry; entries are ordered by it.
    pub id: Uuid,
    /// The status before; absent at the profile's birth.
    pub from: Option<ProfileStatus>,
    /// The status after.
    pub status: ProfileStatus,
    /// What moved it.
    pub cause: String,
    /// The case, when one was concerned.
    pub validation_id: Option<Uuid>,
    /// When.
    pub occurred_at: DateTime<Utc>,
}

/// The history of a profile's status, oldest first, from behind `after`. Empty for an account
/// without a profile.
pub async fn timeline(
    store: &Store,
    user_id: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<TimelineEntry>, StoreError> {
    let mut connection = store.connection().await?;
    let rows = sqlx::query!(
        r#"SELECT id AS "id!", from_status, to_status AS "to_status!", cause AS "cause!",
            validation_id, occurred_at AS "occurred_at!"
        FROM (
            SELECT p.id, NULL AS from_status, 'DRAFT' AS to_status, 'created' AS cause,
                NULL::uuid AS validation_id, p.created_at AS occurred_at
            FROM candidate.profiles p WHERE p.user_id = $1
            UNION ALL
            SELECT c.id, c.from_status, c.to_status, c.cause, c.validation_id, c.occurred_at
            FROM candidate.status_changes c
            JOIN candidate.profiles p ON p.id = c.profile_id AND p.user_id = $1
        ) AS entry
        WHERE $2::uuid IS NULL OR id > $2
        ORDER BY id LIMIT $3"#,
        user_id,
        after,
        limit,
    )
    .fetch_all(&mut *connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let from = row.from_status.as_deref();
            Ok(TimelineEntry {
                id: row.id,
                from: from
                    .map(|status| {
                        code(
                            "candidate.status_changes.from_status",
                            status,
                            ProfileStatus::from_code,
                        )
                    })
                    .transpose()?,
                status: code(
                    "candidate.status_changes.to_status",
                    &row.to_status,
                    ProfileStatus::from_code,
                )?,
                cause: row.cause,
                validation_id: row.validation_id,
                occurred_at: row.occurred_at,
            })
        })
        .collect()
}

/// A company that opened a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// The company.
    pub company_id: Uuid,
    /// Its legal name.
    pub company_name: String,
    /// When it opened the profile first.
    pub first_opened_at: DateTime<Utc>,
    /// When it opened the profile last, once in a period.
    pub last_opened_at: DateTime<Utc>,
    /// In how many periods it opened the profile.
    pub openings: i64,
}

/// The companies that opened the profile of an account, by their ids, from behind `after`.
pub async fn viewers(
    store: &Store,
    user_id: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Viewer>, StoreError> {
    let mut connection = store.connection().await?;
    let viewers = sqlx::query_as!(
        Viewer,
        r#"SELECT c.id AS company_id, c.legal_name AS company_name,
            min(o.opened_at) AS "first_opened_at!", max(o.opened_at) AS "last_opened_at!",
            count(*) AS "openings!"
        FROM candidate.profiles p
        JOIN search.openings o ON o.profile_id = p.id
        JOIN company.companies c ON c.id = o.company_id
        WHERE p.user_id = $1 AND ($2::uuid IS NULL OR c.id > $2)
        GROUP BY c.id, c.legal_name
        ORDER BY c.id LIMIT $3"#,
        user_id,
        after,
        limit,
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(viewers)
}
