//! Reading an account, and locking it.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::identity::rules::{AccountType, Locale};

use crate::database::Store;
use crate::error::StoreError;
use crate::secrets::{PasswordHash, RefreshToken};

const TABLE: &str = "auth.users";

/// What a person is shown of the own account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The account.
    pub id: Uuid,
    /// The address.
    pub email: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// The language of mails.
    pub locale: Locale,
    /// What the account is for.
    pub account_type: AccountType,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// What a login is checked against.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Whose.
    pub person: Person,
    /// The password's hash.
    pub password: PasswordHash,
    /// Whether the address was verified.
    pub verified: bool,
    /// Whether the account is suspended.
    pub suspended: bool,
}

pub(super) struct Row {
    pub(super) id: Uuid,
    pub(super) email: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) locale: String,
    pub(super) account_type: String,
    pub(super) created_at: DateTime<Utc>,
}

impl Row {
    pub(super) fn read(self) -> Result<Person, StoreError> {
        let unknown = |what: &str| StoreError::inconsistent(TABLE, format!("unknown {what}"));
        Ok(Person {
            id: self.id,
            email: self.email,
            first_name: self.first_name,
            last_name: self.last_name,
            locale: Locale::from_code(&self.locale).ok_or_else(|| unknown("locale"))?,
            account_type: AccountType::from_code(&self.account_type)
                .ok_or_else(|| unknown("account type"))?,
            created_at: self.created_at,
        })
    }
}

/// An account by its id.
pub async fn person(store: &Store, user_id: Uuid) -> Result<Option<Person>, StoreError> {
    let mut connection = store.connection().await?;
    sqlx::query_as!(
        Row,
        "SELECT id, email, first_name, last_name, locale, account_type, created_at
         FROM auth.users WHERE id = $1",
        user_id,
    )
    .fetch_optional(&mut *connection)
    .await?
    .map(Row::read)
    .transpose()
}

/// What a login with that address, in its one spelling, is checked against. Before the address is
/// verified that is the password of the last registration, whose links are the newest.
pub async fn credentials(store: &Store, email: &str) -> Result<Option<Credentials>, StoreError> {
    let mut connection = store.connection().await?;
    let row = sqlx::query!(
        r#"SELECT id, email, first_name, last_name, locale, account_type, created_at,
            coalesce((
                SELECT attempt.password_hash FROM auth.registration_attempts attempt
                WHERE attempt.user_id = account.id AND account.email_verified_at IS NULL
                ORDER BY attempt.requested_at DESC, attempt.id DESC LIMIT 1
            ), password_hash) AS "password_hash!",
            email_verified_at IS NOT NULL AS "verified!", suspended_at IS NOT NULL AS "suspended!"
         FROM auth.users account WHERE lower(email) = $1"#,
        email,
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let person = Row {
        id: row.id,
        email: row.email,
        first_name: row.first_name,
        last_name: row.last_name,
        locale: row.locale,
        account_type: row.account_type,
        created_at: row.created_at,
    };
    Ok(Some(Credentials {
        person: person.read()?,
        password: PasswordHash::stored(row.password_hash),
        verified: row.verified,
        suspended: row.suspended,
    }))
}

/// A person whose row is locked until the transaction ends: nobody else begins, renews or ends a
/// session of theirs meanwhile.
#[derive(Debug)]
pub(super) struct Locked {
    /// The account.
    pub(super) id: Uuid,
    /// The password's hash.
    pub(super) password: PasswordHash,
    /// Whether the account is suspended.
    pub(super) suspended: bool,
}

struct LockedRow {
    id: Uuid,
    password_hash: String,
    suspended: bool,
}

impl From<LockedRow> for Locked {
    fn from(row: LockedRow) -> Self {
        Self {
            id: row.id,
            password: PasswordHash::stored(row.password_hash),
            suspended: row.suspended,
        }
    }
}

/// Locks a person.
pub(super) async fn lock(
    connection: &mut PgConnection,
    user_id: Uuid,
) -> Result<Option<Locked>, StoreError> {
    let row = sqlx::query_as!(
        LockedRow,
        r#"SELECT id, password_hash, suspended_at IS NOT NULL AS "suspended!"
         FROM auth.users WHERE id = $1 FOR NO KEY UPDATE"#,
        user_id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Locked::from))
}

/// Locks the person whom a refresh token belongs to, whatever it is still worth.
pub(super) async fn lock_owner(
    connection: &mut PgConnection,
    token: &RefreshToken,
) -> Result<Option<Locked>, StoreError> {
    let row = sqlx::query_as!(
        LockedRow,
        r#"SELECT id, password_hash, suspended_at IS NOT NULL AS "suspended!"
         FROM auth.users
         WHERE id = (SELECT user_id FROM auth.refresh_tokens WHERE token_hash = $1)
         FOR NO KEY UPDATE"#,
        token.hash(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Locked::from))
}
