//! Whether a person who began something long is still there to end it.

use uuid::Uuid;

use crate::database::Store;
use crate::error::StoreError;

/// Whether an account may still act in one of its sessions, asked of PostgreSQL now: it is verified
/// and not suspended, and the session was not ended. Access tokens and what is remembered of
/// standings live on for a while, too long for what takes minutes.
pub async fn is_still_present(
    store: &Store,
    user_id: Uuid,
    session_id: Uuid,
) -> Result<bool, StoreError> {
    let mut connection = store.connection().await?;
    let present = sqlx::query_scalar!(
        r#"SELECT EXISTS (
                SELECT 1 FROM auth.users
                WHERE id = $1 AND email_verified_at IS NOT NULL AND suspended_at IS NULL)
            AND EXISTS (
                SELECT 1 FROM auth.refresh_tokens
                WHERE session_id = $2 AND user_id = $1 AND revoked_at IS NULL
                    AND expires_at > $3) AS "present!""#,
        user_id,
        session_id,
        store.now(),
    )
    .fetch_one(&mut *connection)
    .await?;
    Ok(present)
}
