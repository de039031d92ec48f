//! Verification of an address: everything that an account needs, at once.

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
use crate::secrets::LinkPurpose;
use crate::{candidates, companies, idempotency, subscriptions};

const TABLE: &str = "auth.users";
/// The status of every verification.
const VERIFIED: u16 = 204;

/// Why a link does not verify.
#[derive(Debug, thiserror::Error)]
pub enum VerificationRefusal {
    /// Expired, voided by a newer one, or nobody's.
    #[error("the link is not valid")]
    InvalidLink,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for VerificationRefusal {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

struct Registered {
    user_id: Uuid,
    account_type: String,
    first_name: String,
    last_name: String,
    company_name: Option<String>,
    verified: bool,
}

/// Verifies the address that the link was sent to. Doing it again within the link's time changes
/// nothing.
pub async fn verify_email(
    store: &Store,
    context: &Context,
    link_id: Uuid,
) -> Result<(), VerificationRefusal> {
    let mut transaction = store.begin().await?;
    let account = lock(&mut transaction, store, link_id).await?;
    let account = account.ok_or(VerificationRefusal::InvalidLink)?;
    // Whoever has the link is the owner of the address.
    let context = Context {
        actor: Actor::Person(account.user_id),
        ..context.clone()
    };
    if !account.verified {
        if !mark(&mut transaction, store, link_id).await? {
            return Err(VerificationRefusal::InvalidLink);
        }
        equip(&mut transaction, store, &context, &account).await?;
    }
    idempotency::record(&mut transaction, store, &context, VERIFIED, json!({})).await?;
    transaction.commit().await?;
    Ok(())
}

/// The account of a link that is still good, used or not.
async fn lock(
    connection: &mut PgConnection,
    store: &Store,
    link_id: Uuid,
) -> Result<Option<Registered>, StoreError> {
    let account = sqlx::query_as!(
        Registered,
        r#"SELECT account.id AS user_id, account.account_type, account.first_name,
            account.last_name, account.company_name,
            account.email_verified_at IS NOT NULL AS "verified!"
        FROM auth.one_time_links link JOIN auth.users account ON account.id = link.user_id
        WHERE link.id = $1 AND link.purpose = $2 AND link.voided_at IS NULL
            AND (link.expires_at IS NULL OR link.expires_at > $3)
        FOR UPDATE OF account"#,
        link_id,
        LinkPurpose::VerifyEmail.as_str(),
        store.now(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(account)
}

/// Uses the link and verifies its account; false for one that was voided while the account was
/// waited for.
async fn mark(
    connection: &mut PgConnection,
    store: &Store,
    link_id: Uuid,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "WITH used AS (
            UPDATE auth.one_time_links SET used_at = $2
            WHERE id = $1 AND used_at IS NULL AND voided_at IS NULL RETURNING user_id
        )
        UPDATE auth.users account
        SET email_verified_at = $2, company_name = NULL, updated_at = $2
        FROM used WHERE account.id = used.user_id",
        link_id,
        store.now(),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
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
