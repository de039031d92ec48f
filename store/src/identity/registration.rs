//! Registration: the same outcome to the eye whether or not the address is known.
//!
//! An address that nobody verified has one account, which is nobody's yet, and any number of
//! attempts to register it, each with its own password, names and links: whoever verifies the
//! address gets the account with what they sent themselves ([`super::verification`]).

use chrono::TimeDelta;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::events::EventType;
use workflows::identity::rules::{AccountType, Locale};

use super::{AGGREGATE, registration_attempts, user_action};
use crate::context::Context;
use crate::database::Store;
use crate::error::StoreError;
use crate::events::{self, NewEvent};
use crate::idempotency;
use crate::secrets::PasswordHash;

/// The owner of a verified address is told of another registration at most this often.
const NOTICE_INTERVAL: TimeDelta = TimeDelta::days(1);
/// The status of every accepted registration, and of every wish for another mail.
const ACCEPTED: u16 = 202;

/// What a person registers with, checked and in its final spelling.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The address, in its one spelling.
    pub email: String,
    /// The password's hash. The same password for the same address gives the same hash, so that a
    /// repetition is recognised without a second one.
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

/// Registers an account, or another attempt on an address not verified yet, and asks for the mail
/// that verifies it, unless the same was sent within the hour or the address had its mails. On a
/// verified address nothing changes and its owner is told, at most once a day.
pub async fn register(
    store: &Store,
    context: &Context,
    registration: &Registration,
) -> Result<(), StoreError> {
    let mut transaction = store.begin().await?;
    let event = match account(&mut transaction, store, registration).await? {
        Some(account) => attempt(&mut transaction, store, &account, registration).await?,
        None => notice(&mut transaction, store, &registration.email).await?,
    };
    if let Some(event) = event {
        events::append(&mut transaction, store, context, event).await?;
    }
    idempotency::record(&mut transaction, store, context, ACCEPTED, json!({})).await?;
    transaction.commit().await?;
    Ok(())
}

/// Asks for another mail to an address that is not verified yet, with a link of its last attempt.
/// Nothing happens for any other address, nor for one that had its mails.
pub async fn resend_verification(
    store: &Store,
    context: &Context,
    email: &str,
) -> Result<(), StoreError> {
    let mut transaction = store.begin().await?;
    if let Some(user_id) = lock_unverified(&mut transaction, email).await?
        && let Some(link_id) =
            registration_attempts::renew_last(&mut transaction, store, user_id).await?
    {
        let event = asked_for_mail(user_id, link_id);
        events::append(&mut transaction, store, context, event).await?;
    }
    idempotency::record(&mut transaction, store, context, ACCEPTED, json!({})).await?;
    transaction.commit().await?;
    Ok(())
}

/// The account of an address that is not verified, locked; made when there is none. `None`: the
/// address is verified.
///
/// The row's password and names are the first attempt's and count for nothing.
async fn account(
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
            locale = excluded.locale,
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

async fn lock_unverified(
    connection: &mut PgConnection,
    email: &str,
) -> Result<Option<Uuid>, StoreError> {
    let id = sqlx::query_scalar!(
        "SELECT id FROM auth.users WHERE lower(email) = $1 AND email_verified_at IS NULL
         FOR NO KEY UPDATE",
        email,
    )
    .fetch_optional(connection)
    .await?;
    Ok(id)
}

/// Puts the attempt on record; what tells of the mail that it asks for.
async fn attempt(
    connection: &mut PgConnection,
    store: &Store,
    account: &Account,
    registration: &Registration,
) -> Result<Option<NewEvent>, StoreError> {
    let link_id = registration_attempts::begin(connection, store, account.id, registration).await?;
    Ok(link_id.map(|link_id| {
        if account.is_new {
            let payload = json!({"user_id": account.id, "link_id": link_id});
            NewEvent::new(EventType::UserCreated, AGGREGATE, account.id, payload)
        } else {
            asked_for_mail(account.id, link_id)
        }
    }))
}

fn asked_for_mail(user_id: Uuid, link_id: Uuid) -> NewEvent {
    user_action(
        user_id,
        "verification_requested",
        json!({"link_id": link_id}),
    )
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
