//! The platform's own people, whom an operator creates.

use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::events::{EventType, Service};
use workflows::identity::rules::{AccountType, Role};

use super::AGGREGATE;
use super::verification::grant;
use crate::context::Context;
use crate::database::Store;
use crate::error::StoreError;
use crate::events::{self, NewEvent};
use crate::secrets::PasswordHash;

/// Somebody of the staff.
#[derive(Debug, Clone)]
pub struct NewStaff {
    /// The address, in its one spelling.
    pub email: String,
    /// The password's hash.
    pub password: PasswordHash,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// `admin` or `super_admin`.
    pub role: Role,
}

/// What was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffStanding {
    /// Nothing: the account was created.
    Created,
    /// The account, which now has the role too; its password is as it was.
    Granted,
    /// The account with the role.
    Unchanged,
}

/// Why an account cannot be of the staff.
#[derive(Debug, thiserror::Error)]
pub enum StaffRefusal {
    /// The address belongs to a candidate or a company.
    #[error("the address belongs to an account that is not of the staff")]
    NotStaff,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for StaffRefusal {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Creates an account of the staff, or gives an existing one the role. Doing it again changes
/// nothing.
pub async fn create_staff(
    store: &Store,
    context: &Context,
    staff: &NewStaff,
) -> Result<StaffStanding, StaffRefusal> {
    let mut transaction = store.begin().await?;
    let created = insert(&mut transaction, store, staff).await?;
    let user_id = match created {
        Some(id) => id,
        None => existing(&mut transaction, &staff.email)
            .await?
            .ok_or(StaffRefusal::NotStaff)?,
    };
    let granted = grant(&mut transaction, user_id, staff.role).await?;
    let mut told = Vec::new();
    if created.is_some() {
        told.push(event(EventType::UserCreated, user_id, staff.role));
    }
    if granted {
        told.push(event(EventType::UserRoleChanged, user_id, staff.role));
    }
    if !told.is_empty() {
        events::append_all(&mut transaction, store, context, told).await?;
    }
    transaction.commit().await?;
    Ok(match (created, granted) {
        (Some(_), _) => StaffStanding::Created,
        (None, true) => StaffStanding::Granted,
        (None, false) => StaffStanding::Unchanged,
    })
}

fn event(event_type: EventType, user_id: Uuid, role: Role) -> NewEvent {
    let payload = json!({"user_id": user_id, "role": role.as_str()});
    // The address is an operator's word: there is nothing to verify by mail.
    NewEvent::new(event_type, AGGREGATE, user_id, payload)
        .consumed_by_if(Service::Notification, false)
}

async fn insert(
    connection: &mut PgConnection,
    store: &Store,
    staff: &NewStaff,
) -> Result<Option<Uuid>, StoreError> {
    let created = sqlx::query_scalar!(
        "INSERT INTO auth.users
            (id, email, password_hash, first_name, last_name, account_type,
             email_verified_at, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $7)
        ON CONFLICT (lower(email)) DO NOTHING
        RETURNING id",
        store.new_id(),
        staff.email,
        staff.password.as_str(),
        staff.first_name,
        staff.last_name,
        AccountType::Staff.as_str(),
        store.now(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(created)
}

async fn existing(connection: &mut PgConnection, email: &str) -> Result<Option<Uuid>, StoreError> {
    let id = sqlx::query_scalar!(
        "SELECT id FROM auth.users WHERE lower(email) = $1 AND account_type = $2",
        email,
        AccountType::Staff.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(id)
}
