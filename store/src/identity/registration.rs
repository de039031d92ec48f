//! Registration: the same outcome to the eye whether or not the address is known.

use chrono::TimeDelta;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::events::EventType;
use workflows::identity::rules::{AccountType, Locale};

use super::{AGGREGATE, user_action};
use crate::context::Context;
use crate::database::Store;
use crate::error::StoreError;
use crate::events::{self, NewEvent};
use crate::idempotency;
use crate::secrets::{LinkPurpose, PasswordHash};

/// The owner of a verified address is told of another registration at most this often.
const NOTICE_INTERVAL: TimeDelta = TimeDelta::days(1);
/// The status of every accepted registration.
const ACCEPTED: u16 = 202;

/// What a person registers with, checked and in its final spelling.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The address, in its one spelling.
    pub email: String,
    /// The password's hash.
    pub password: PasswordHash,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// The language of mails.
    pub locale: Locale,
    /// Candidate or company.
    pub account_type: AccountType,
    /// The company that verification creates.
    pub company_name: Option<String>,
}

struct Account {
    id: Uuid,
    is_new: bool,
}

/// Registers an account, or replaces what was registered under an address not verified yet, and
/// asks for the mail that verifies it. On a verified address nothing changes and its owner is
/// told, at most once a day.
pub async fn register(
    store: &Store,
    context: &Context,
    registration: &Registration,
) -> Result<(), StoreError> {
    let mut transaction = store.begin().await?;
    let event = match upsert(&mut transaction, store, registration).await? {
        Some(account) => Some(ask_for_mail(&mut transaction, store, &account).await?),
        None => notice(&mut transaction, store, &registration.email).await?,
    };
    if let Some(event) = event {
        events::append(&mut transaction, store, context, event).await?;
    }
    idempotency::record(&mut transaction, store, context, ACCEPTED, json!({})).await?;
    transaction.commit().await?;
    Ok(())
}

/// `None`: the address is verified.
async fn upsert(
    connection: &mut PgConnection,
    store: &Store,
    registration: &Registration,
) -> Result<Option<Account>, StoreError> {
    let account = sqlx::query_as!(
        Account,
        r#"INSERT INTO auth.users AS account
            (id, email, password_hash, first_name, last_name, locale, account_type, company_name,
             terms_accepted_at, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $9)
        ON CONFLICT (lower(email)) DO UPDATE SET
            password_hash = excluded.password_hash,
            first_name = excluded.first_name,
            last_name = excluded.last_name,
            locale = excluded.locale,
            account_type = excluded.account_type,
            company_name = excluded.company_name,
            terms_accepted_at = excluded.terms_accepted_at,
            updated_at = excluded.updated_at
        WHERE account.email_verified_at IS NULL
        RETURNING id, id = $1 AS "is_new!""#,
        store.new_id(),
        registration.email,
        registration.password.as_str(),
        registration.first_name,
        registration.last_name,
        registration.locale.as_str(),
        registration.account_type.as_str(),
        registration.company_name,
        store.now(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(account)
}

/// Voids the links sent before and makes the one that the event's mail will carry.
async fn ask_for_mail(
    connection: &mut PgConnection,
    store: &Store,
    account: &Account,
) -> Result<NewEvent, StoreError> {
    let link_id = store.new_id();
    sqlx::query!(
        "WITH voided AS (
            UPDATE auth.one_time_links SET voided_at = $4
            WHERE user_id = $2 AND purpose = $3 AND used_at IS NULL AND voided_at IS NULL
        )
        INSERT INTO auth.one_time_links (id, user_id, purpose, created_at) VALUES ($1, $2, $3, $4)",
        link_id,
        account.id,
        LinkPurpose::VerifyEmail.as_str(),
        store.now(),
    )
    .execute(connection)
    .await?;
    Ok(if account.is_new {
        let payload = json!({"user_id": account.id, "link_id": link_id});
        NewEvent::new(EventType::UserCreated, AGGREGATE, account.id, payload)
    } else {
        user_action(
            account.id,
            "verification_requested",
            json!({"link_id": link_id}),
        )
    })
}

async fn notice(
    connection: &mut PgConnection,
    store: &Store,
    email: &str,
) -> Result<Option<NewEvent>, StoreError> {
    let owner = sqlx::query_scalar!(
        "UPDATE auth.users SET registration_notice_at = $2
         WHERE lower(email) = $1
            AND (registration_notice_at IS NULL OR registration_notice_at <= $3)
         RETURNING id",
        email,
        store.now(),
        store.now() - NOTICE_INTERVAL,
    )
    .fetch_optional(connection)
    .await?;
    Ok(owner.map(|id| user_action(id, "registration_attempted", json!({}))))
}
