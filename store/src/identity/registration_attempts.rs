//! Attempts to register an address that nobody verified yet. Whoever writes them has locked the
//! account.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::registration::Registration;
use crate::database::Store;
use crate::error::StoreError;
use crate::secrets::LinkPurpose;

/// For how long the same attempt, sent again, is a repetition that changes nothing.
const REPETITION: TimeDelta = TimeDelta::hours(1);
/// Over which time mails to one address are counted.
const MAIL_WINDOW: TimeDelta = TimeDelta::hours(1);
/// Verification mails to one address in that time.
const MOST_MAILS: i64 = 3;

struct Earlier {
    id: Uuid,
    requested_at: DateTime<Utc>,
}

/// Begins an attempt, or takes up the same one again, and makes the link that its mail will carry.
/// `None`: the same attempt was made within the hour, or the address had its mails, and nothing
/// has changed.
pub(super) async fn begin(
    connection: &mut PgConnection,
    store: &Store,
    user_id: Uuid,
    registration: &Registration,
) -> Result<Option<Uuid>, StoreError> {
    let same = same_attempt(connection, user_id, registration).await?;
    let is_repetition = same
        .as_ref()
        .is_some_and(|same| same.requested_at > store.now() - REPETITION);
    if is_repetition || had_its_mails(connection, store, user_id).await? {
        return Ok(None);
    }
    let attempt_id = match same {
        Some(same) => {
            renew(connection, store, same.id).await?;
            same.id
        }
        None => insert(connection, store, user_id, registration).await?,
    };
    new_link(connection, store, user_id, attempt_id)
        .await
        .map(Some)
}

/// Makes another link of the account's last attempt; `None` when it has none, or had its mails.
pub(super) async fn renew_last(
    connection: &mut PgConnection,
    store: &Store,
    user_id: Uuid,
) -> Result<Option<Uuid>, StoreError> {
    let last = sqlx::query_scalar!(
        "SELECT id FROM auth.registration_attempts WHERE user_id = $1
         ORDER BY requested_at DESC, id DESC LIMIT 1 FOR UPDATE",
        user_id,
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(attempt_id) = last else {
        return Ok(None);
    };
    if had_its_mails(connection, store, user_id).await? {
        return Ok(None);
    }
    renew(connection, store, attempt_id).await?;
    new_link(connection, store, user_id, attempt_id)
        .await
        .map(Some)
}

/// The attempt with the same password, names and kind of account, kept from the sweep meanwhile.
async fn same_attempt(
    connection: &mut PgConnection,
    user_id: Uuid,
    registration: &Registration,
) -> Result<Option<Earlier>, StoreError> {
    let same = sqlx::query_as!(
        Earlier,
        "SELECT id, requested_at FROM auth.registration_attempts
         WHERE user_id = $1 AND password_hash = $2 AND first_name = $3 AND last_name = $4
            AND account_type = $5 AND company_name IS NOT DISTINCT FROM $6
         ORDER BY requested_at DESC LIMIT 1 FOR UPDATE",
        user_id,
        registration.password.as_str(),
        registration.first_name,
        registration.last_name,
        registration.account_type.as_str(),
        registration.company_name,
    )
    .fetch_optional(connection)
    .await?;
    Ok(same)
}

/// Whether the address was mailed as often within the hour as it may: each link is one mail.
async fn had_its_mails(
    connection: &mut PgConnection,
    store: &Store,
    user_id: Uuid,
) -> Result<bool, StoreError> {
    let mails = sqlx::query_scalar!(
        r#"SELECT count(*) AS "mails!" FROM auth.one_time_links
         WHERE user_id = $1 AND purpose = $2 AND created_at > $3"#,
        user_id,
        LinkPurpose::VerifyEmail.as_str(),
        store.now() - MAIL_WINDOW,
    )
    .fetch_one(connection)
    .await?;
    Ok(mails >= MOST_MAILS)
}

async fn insert(
    connection: &mut PgConnection,
    store: &Store,
    user_id: Uuid,
    registration: &Registration,
) -> Result<Uuid, StoreError> {
    let id = store.new_id();
    sqlx::query!(
        "INSERT INTO auth.registration_attempts
            (id, user_id, password_hash, first_name, last_name, locale, account_type,
             company_name, terms_accepted_at, requested_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
        id,
        user_id,
        registration.password.as_str(),
        registration.first_name,
        registration.last_name,
        registration.locale.as_str(),
        registration.account_type.as_str(),
        registration.company_name,
        store.now(),
    )
    .execute(connection)
    .await?;
    Ok(id)
}

/// The attempt, and with it the account, is kept for its time from now on.
async fn renew(
    connection: &mut PgConnection,
    store: &Store,
    attempt_id: Uuid,
) -> Result<(), StoreError> {
    sqlx::query!(
        "WITH attempt AS (
            UPDATE auth.registration_attempts SET requested_at = $2 WHERE id = $1
            RETURNING user_id
        )
        UPDATE auth.users account SET updated_at = $2
        FROM attempt WHERE account.id = attempt.user_id",
        attempt_id,
        store.now(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn new_link(
    connection: &mut PgConnection,
    store: &Store,
    user_id: Uuid,
    attempt_id: Uuid,
) -> Result<Uuid, StoreError> {
    let id = store.new_id();
    sqlx::query!(
        "INSERT INTO auth.one_time_links (id, user_id, attempt_id, purpose, created_at)
         VALUES ($1, $2, $3, $4, $5)",
        id,
        user_id,
        attempt_id,
        LinkPurpose::VerifyEmail.as_str(),
        store.now(),
    )
    .execute(connection)
    .await?;
    Ok(id)
}
