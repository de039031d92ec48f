//! Verification of an address: everything that an account needs, at once.
//!
//! The link proves the address, not who chose the password: while more than one attempt to
//! register the address is open, the link is worth something only with the password of its own
//! attempt. Otherwise a click would confirm a stranger's.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::events::EventType;
use workflows::identity::rules::{AccountType, Role};

use super::AGGREGATE;
use crate::context::{Actor, Context};
use crate::database::Store;
use crate::error::StoreError;
use crate::events::{self, NewEvent};
use crate::secrets::{LinkPurpose, PasswordHash};
use crate::{candidates, companies, idempotency, subscriptions};

const TABLE: &str = "auth.registration_attempts";
/// The status of every verification.
const VERIFIED: u16 = 204;

/// Why a link does not verify.
#[derive(Debug, thiserror::Error)]
pub enum VerificationRefusal {
    /// Expired, nobody's, or of an attempt that another one won over.
    #[error("the link is not valid")]
    InvalidLink,
    /// Several attempts are open, and the password of the link's own one was not given.
    #[error("the password of the registration is needed")]
    PasswordRequired,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for VerificationRefusal {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// The password that a link is worth nothing without.
#[derive(Debug, Clone)]
pub struct AskedPassword {
    /// The account.
    pub user_id: Uuid,
    /// The password of the link's attempt.
    pub password: PasswordHash,
}

/// A link that is still good, used or not, with its account and its attempt.
struct Registered {
    user_id: Uuid,
    attempt_id: Option<Uuid>,
    password_hash: String,
    first_name: String,
    last_name: String,
    locale: String,
    account_type: String,
    company_name: Option<String>,
    terms_accepted_at: Option<DateTime<Utc>>,
    verified: bool,
    contested: bool,
}

/// The password that the link must come with; `None` when it needs none.
pub async fn asked_password(
    store: &Store,
    link_id: Uuid,
) -> Result<Option<AskedPassword>, VerificationRefusal> {
    let mut connection = store.connection().await?;
    let link = load(&mut connection, store, link_id).await?;
    let link = link.ok_or(VerificationRefusal::InvalidLink)?;
    Ok(link.contested.then(|| AskedPassword {
        user_id: link.user_id,
        password: PasswordHash::stored(link.password_hash),
    }))
}

/// Verifies the address that the link was sent to, and gives its account what the link's attempt
/// said; `proven` is the password that was given and found right. Doing it again within the link's
/// time changes nothing. The other attempts are over.
pub async fn verify_email(
    store: &Store,
    context: &Context,
    link_id: Uuid,
    proven: Option<&PasswordHash>,
) -> Result<(), VerificationRefusal> {
    let mut transaction = store.begin().await?;
    lock(&mut transaction, link_id).await?;
    let link = load(&mut transaction, store, link_id).await?;
    let link = link.ok_or(VerificationRefusal::InvalidLink)?;
    let is_proven = proven.is_some_and(|proven| proven.as_str() == link.password_hash);
    if link.contested && !is_proven {
        return Err(VerificationRefusal::PasswordRequired);
    }
    // Whoever has the link is the owner of the address.
    let context = Context {
        actor: Actor::Person(link.user_id),
        ..context.clone()
    };
    if !link.verified {
        adopt(&mut transaction, store, &link).await?;
        close(&mut transaction, store, link_id, &link).await?;
        equip(&mut transaction, store, &context, &link).await?;
    }
    idempotency::record(&mut transaction, store, &context, VERIFIED, json!({})).await?;
    transaction.commit().await?;
    Ok(())
}

/// Waits for whoever registers or verifies the same address; what they did is read afterwards.
async fn lock(connection: &mut PgConnection, link_id: Uuid) -> Result<(), StoreError> {
    sqlx::query!(
        "SELECT id FROM auth.users
         WHERE id = (SELECT user_id FROM auth.one_time_links WHERE id = $1) FOR NO KEY UPDATE",
        link_id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(())
}

/// A link without an attempt is of a verified account, where it is good when it was the one that
/// verified it, or of the release before, whose one attempt is the account's own row.
async fn load(
    connection: &mut PgConnection,
    store: &Store,
    link_id: Uuid,
) -> Result<Option<Registered>, StoreError> {
    let link = sqlx::query_as!(
        Registered,
        r#"SELECT account.id AS user_id, attempt.id AS "attempt_id?",
            coalesce(attempt.password_hash, account.password_hash) AS "password_hash!",
            coalesce(attempt.first_name, account.first_name) AS "first_name!",
            coalesce(attempt.last_name, account.last_name) AS "last_name!",
            coalesce(attempt.locale, account.locale) AS "locale!",
            coalesce(attempt.account_type, account.account_type) AS "account_type!",
            CASE WHEN attempt.id IS NULL THEN account.company_name ELSE attempt.company_name END
                AS company_name,
            coalesce(attempt.terms_accepted_at, account.terms_accepted_at) AS terms_accepted_at,
            account.email_verified_at IS NOT NULL AS "verified!",
            EXISTS (SELECT 1 FROM auth.registration_attempts other
                WHERE other.user_id = account.id AND other.id IS DISTINCT FROM link.attempt_id
            ) AS "contested!"
        FROM auth.one_time_links link
        JOIN auth.users account ON account.id = link.user_id
        LEFT JOIN auth.registration_attempts attempt ON attempt.id = link.attempt_id
        WHERE link.id = $1 AND link.purpose = $2 AND link.voided_at IS NULL
            AND (link.expires_at IS NULL OR link.expires_at > $3)
            AND (account.email_verified_at IS NULL OR link.used_at IS NOT NULL)"#,
        link_id,
        LinkPurpose::VerifyEmail.as_str(),
        store.now(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(link)
}

/// The account is the attempt's from now on.
async fn adopt(
    connection: &mut PgConnection,
    store: &Store,
    link: &Registered,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE auth.users SET password_hash = $2, first_name = $3, last_name = $4, locale = $5,
            account_type = $6, company_name = NULL, terms_accepted_at = $7,
            email_verified_at = $8, updated_at = $8
         WHERE id = $1",
        link.user_id,
        link.password_hash,
        link.first_name,
        link.last_name,
        link.locale,
        link.account_type,
        link.terms_accepted_at,
        store.now(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends every attempt: the links of this one are used, those of the others void, so that a mail
/// that is still on its way is not sent.
async fn close(
    connection: &mut PgConnection,
    store: &Store,
    link_id: Uuid,
    link: &Registered,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE auth.one_time_links SET
            used_at = CASE WHEN id = $2 OR attempt_id = $3 THEN $4 ELSE used_at END,
            voided_at = CASE WHEN id = $2 OR attempt_id = $3 THEN voided_at ELSE $4 END,
            attempt_id = NULL
         WHERE user_id = $1 AND purpose = $5 AND used_at IS NULL AND voided_at IS NULL",
        link.user_id,
        link_id,
        link.attempt_id,
        store.now(),
        LinkPurpose::VerifyEmail.as_str(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "DELETE FROM auth.registration_attempts WHERE user_id = $1",
        link.user_id
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Gives the account its role and what goes with it.
async fn equip(
    connection: &mut PgConnection,
    store: &Store,
    context: &Context,
    account: &Registered,
) -> Result<(), StoreError> {
    let payload = json!({"user_id": account.user_id, "change": "email_verified"});
    let verified = NewEvent::new(EventType::UserUpdated, AGGREGATE, account.user_id, payload);
    let mut events = vec![verified];
    match AccountType::from_code(&account.account_type) {
        Some(AccountType::Candidate) => {
            grant(connection, account.user_id, Role::Candidate).await?;
            let (first, last) = (&account.first_name, &account.last_name);
            candidates::create_draft(connection, store, context, account.user_id, first, last)
                .await?;
        }
        Some(AccountType::Company) => {
            let name = account
                .company_name
                .as_deref()
                .ok_or_else(|| StoreError::inconsistent(TABLE, "a company without its name"))?;
            let company_id = store.new_id();
            events.push(
                companies::create(connection, store, company_id, name, account.user_id).await?,
            );
            events.push(subscriptions::begin_freemium(connection, store, company_id).await?);
        }
        Some(AccountType::Staff) => {}
        None => return Err(StoreError::inconsistent(TABLE, "unknown account type")),
    }
    events::append_all(connection, store, context, events).await?;
    Ok(())
}

/// Gives a role to a person; giving it again changes nothing. Returns whether it is new.
pub(super) async fn grant(
    connection: &mut PgConnection,
    user_id: Uuid,
    role: Role,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "INSERT INTO auth.user_roles (user_id, role) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        user_id,
        role.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}
