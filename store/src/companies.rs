//! Companies and their people.

use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::events::EventType;
use workflows::identity::rules::Role;

use crate::database::Store;
use crate::error::StoreError;
use crate::events::NewEvent;

/// Creates a company with its first person, who holds its master account.
///
/// Returns the event that tells of it: the caller must write it with the other events of its
/// transaction.
pub async fn create(
    connection: &mut PgConnection,
    store: &Store,
    company_id: Uuid,
    legal_name: &str,
    owner_id: Uuid,
) -> Result<NewEvent, StoreError> {
    sqlx::query!(
        "WITH company AS (
            INSERT INTO company.companies (id, legal_name, created_at, updated_at)
            VALUES ($1, $2, $5, $5)
        ), owner AS (
            INSERT INTO company.recruiters (user_id, created_at) VALUES ($3, $5)
        )
        INSERT INTO company.company_recruiters (company_id, user_id, role, joined_at)
        VALUES ($1, $3, $4, $5)",
        company_id,
        legal_name,
        owner_id,
        Role::CompanyAdmin.as_str(),
        store.now(),
    )
    .execute(connection)
    .await?;
    let payload = json!({"company_id": company_id, "user_id": owner_id});
    Ok(NewEvent::new(
        EventType::CompanyCreated,
        "company",
        company_id,
        payload,
    ))
}
