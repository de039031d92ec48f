//! Taking a document back: a fact of its owner, shown as the status `archived`.

use serde_json::json;
use uuid::Uuid;
use workflows::candidates::profile::StepName;
use workflows::candidates::rules::EditRefusal;
use workflows::events::{EventType, Service};

use super::settle::documents_step;
use super::upload::{lock_owner, raise_version};
use crate::context::Context;
use crate::database::Store;
use crate::error::StoreError;
use crate::events::{self, NewEvent};

/// Why a document cannot be taken back.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// There is no such document of this person.
    #[error("there is no such document")]
    NotFound,
    /// The status of the profile does not allow edits of its documents.
    #[error(transparent)]
    Refused(#[from] EditRefusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for ArchiveError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Archives a document of a person. Returns the profile's version, `None` when the document was
/// archived before and nothing changed.
pub async fn archive(
    store: &Store,
    context: &Context,
    user_id: Uuid,
    document_id: Uuid,
) -> Result<Option<i64>, ArchiveError> {
    let mut tx = store.begin().await?;
    let owner = lock_owner(&mut tx, user_id)
        .await?
        .ok_or(ArchiveError::NotFound)?;
    let document = sqlx::query!(
        "SELECT kind, archived_at FROM document.documents
         WHERE id = $1 AND profile_id = $2 FOR UPDATE",
        document_id,
        owner.profile_id,
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(ArchiveError::NotFound)?;
    if document.archived_at.is_some() {
        return Ok(None);
    }
    owner.may_edit_documents()?;
    let before = documents_step(&mut tx, owner.profile_id).await?;
    sqlx::query!(
        "UPDATE document.documents SET archived_at = $2 WHERE id = $1",
        document_id,
        store.now(),
    )
    .execute(&mut *tx)
    .await?;
    let after = documents_step(&mut tx, owner.profile_id).await?;
    let version = raise_version(&mut tx, store, owner.profile_id).await?;
    let ids = json!({
        "document_id": document_id,
        "profile_id": owner.profile_id,
        "user_id": user_id,
        "kind": document.kind,
    });
    let mut told = vec![NewEvent::new(
        EventType::DocumentArchived,
        "document",
        document_id,
        ids,
    )];
    if before != after {
        let payload = json!({
            "profile_id": owner.profile_id,
            "user_id": user_id,
            "step": StepName::Documents,
            "before": before,
            "after": after,
            "version": version,
            "status": owner.status(),
        });
        // Only a profile that is not validated gets here, so there is nothing to index.
        let event = NewEvent::new(
            EventType::ProfileUpdated,
            "profile",
            owner.profile_id,
            payload,
        );
        told.push(event.consumed_by_if(Service::Search, false));
    }
    events::append_all(&mut tx, store, context, told).await?;
    tx.commit().await?;
    Ok(Some(version))
}
