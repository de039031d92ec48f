//! What a profile has sent and keeps, counted in the statement that asks.

use sqlx::PgConnection;
use uuid::Uuid;
use workflows::documents::rules::{Holdings, day_begun_at, may_send};

use super::upload::UploadError;
use crate::database::Store;

/// Whether the profile of a connection that holds its lock may send a file of that size. Without the
/// lock the answer may be outdated when it comes.
pub(super) async fn check(
    connection: &mut PgConnection,
    store: &Store,
    profile_id: Uuid,
    size: u64,
) -> Result<(), UploadError> {
    let now = store.now();
    let row = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE status = 'scanning') AS "scanning!",
                  count(*) FILTER (WHERE archived_at IS NULL
                                   AND status IN ('scanning', 'available')) AS "kept!",
                  coalesce(sum(size) FILTER (WHERE created_at >= $2), 0)::bigint AS "today!"
           FROM document.documents WHERE profile_id = $1"#,
        profile_id,
        day_begun_at(now),
    )
    .fetch_one(connection)
    .await?;
    let held = Holdings {
        scanning: u32::try_from(row.scanning).unwrap_or(u32::MAX),
        kept: u32::try_from(row.kept).unwrap_or(u32::MAX),
        bytes_today: u64::try_from(row.today).unwrap_or(u64::MAX),
    };
    may_send(held, size, now).map_err(UploadError::Limit)
}
