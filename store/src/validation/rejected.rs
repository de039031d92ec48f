//! The rejected archive.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::database::Store;
use crate::error::StoreError;

/// A profile in the rejected archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedProfile {
    /// The case that rejected it.
    pub validation_id: Uuid,
    /// The profile.
    pub profile_id: Uuid,
    /// The profile's title.
    pub profile_title: Option<String>,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub rejected_by: Uuid,
    /// When.
    pub rejected_at: DateTime<Utc>,
    /// When the candidate may come back.
    pub resubmission_open_at: DateTime<Utc>,
}

/// Where a page of the archive ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArchivePosition {
    /// When it was rejected.
    pub rejected_at: DateTime<Utc>,
    /// The case.
    pub validation_id: Uuid,
}

/// A page of the profiles that are rejected now, the latest first, in one statement.
pub async fn rejected_profiles(
    store: &Store,
    after: Option<ArchivePosition>,
    limit: i64,
) -> Result<Vec<RejectedProfile>, StoreError> {
    let mut connection = store.connection().await?;
    let rows = sqlx::query_as!(
        RejectedProfile,
        "SELECT r.validation_id, r.profile_id, p.profile_title, r.reason, r.rejected_by,
                r.rejected_at, r.resubmission_open_at
         FROM admin.rejected_profiles r
         JOIN candidate.profiles p ON p.id = r.profile_id AND p.status = 'REJECTED'
            AND p.validation_id = r.validation_id
         WHERE $1::timestamptz IS NULL OR (r.rejected_at, r.validation_id) < ($1, $2::uuid)
         ORDER BY r.rejected_at DESC, r.validation_id DESC LIMIT $3",
        after.map(|after| after.rejected_at),
        after.map(|after| after.validation_id),
        limit,
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(rows)
}

/// Whether a profile is in the archive now; `None`: there is no such profile.
pub async fn is_rejected(store: &Store, profile_id: Uuid) -> Result<Option<bool>, StoreError> {
    let mut connection = store.connection().await?;
    let status = sqlx::query_scalar!(
        "SELECT status FROM candidate.profiles WHERE id = $1",
        profile_id,
    )
    .fetch_optional(&mut *connection)
    .await?;
    Ok(status.map(|status| status == "REJECTED"))
}
