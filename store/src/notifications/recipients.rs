//! Who belongs to an audience now.

use uuid::Uuid;
use workflows::notifications::Audience;

use crate::database::Store;
use crate::error::StoreError;

/// The people of an audience. Nobody, when the profile, the case's holder or the company is gone.
pub async fn recipients(store: &Store, audience: Audience) -> Result<Vec<Uuid>, StoreError> {
    match audience {
        Audience::User(user_id) => Ok(vec![user_id]),
        Audience::Candidate { profile_id } => candidate(store, profile_id).await,
        Audience::Reviewer { validation_id } => reviewer(store, validation_id).await,
        Audience::Team => with_role(store, "admin").await,
        Audience::SuperAdmins => with_role(store, "super_admin").await,
        Audience::CompanyAdmins { company_id } => company_admins(store, company_id).await,
    }
}

async fn candidate(store: &Store, profile_id: Uuid) -> Result<Vec<Uuid>, StoreError> {
    let mut connection = store.connection().await?;
    let found = sqlx::query_scalar!(
        "SELECT user_id FROM candidate.profiles WHERE id = $1",
        profile_id,
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(found)
}

async fn reviewer(store: &Store, validation_id: Uuid) -> Result<Vec<Uuid>, StoreError> {
    let mut connection = store.connection().await?;
    let found = sqlx::query_scalar!(
        r#"SELECT claimed_by AS "claimed_by!" FROM admin.validations
        WHERE id = $1 AND claimed_by IS NOT NULL"#,
        validation_id,
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(found)
}

async fn with_role(store: &Store, role: &str) -> Result<Vec<Uuid>, StoreError> {
    let mut connection = store.connection().await?;
    let found = sqlx::query_scalar!(
        "SELECT users.id FROM auth.user_roles
        JOIN auth.users ON users.id = user_roles.user_id
        WHERE user_roles.role = $1 AND users.suspended_at IS NULL
        ORDER BY users.id",
        role,
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(found)
}

async fn company_admins(store: &Store, company_id: Uuid) -> Result<Vec<Uuid>, StoreError> {
    let mut connection = store.connection().await?;
    let found = sqlx::query_scalar!(
        "SELECT user_id FROM company.company_recruiters
        WHERE company_id = $1 AND role = 'company_admin' AND removed_at IS NULL
        ORDER BY user_id",
        company_id,
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(found)
}
