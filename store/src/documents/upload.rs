//! The transaction of an upload: the row, its event and the kept answer, if the profile's status
//! allows it.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::candidates::profile::{ProfileStatus, StepName};
use workflows::candidates::rules::{EditRefusal, Editability, may_edit};
use workflows::documents::rules::{DocumentKind, UploadLimit};
use workflows::events::EventType;

use super::{Attachment, limits};
use crate::context::Context;
use crate::database::Store;
use crate::error::StoreError;
use crate::events::{self, NewEvent};
use crate::idempotency;
use crate::secrets::document_keys::WrappedKey;

/// A file whose object is stored, about to get its row.
#[derive(Clone, Debug)]
pub struct NewDocument {
    /// The id that its content is bound to.
    pub id: Uuid,
    /// Who uploads.
    pub user_id: Uuid,
    /// What it is.
    pub kind: DocumentKind,
    /// What it belongs to.
    pub attachment: Option<Attachment>,
    /// The cleaned name.
    pub file_name: String,
    /// The declared type.
    pub content_type: String,
    /// Bytes of the file.
    pub size: u64,
    /// Hash of the file, hexadecimal.
    pub sha256: String,
    /// Its key.
    pub wrapped_key: WrappedKey,
    /// Its object.
    pub object_key: String,
}

/// What an upload leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uploaded {
    /// The document.
    pub document_id: Uuid,
    /// The profile's version: an upload is an edit.
    pub profile_version: i64,
}

/// Why an upload is refused.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The caller has no profile.
    #[error("there is no profile")]
    NoProfile,
    /// The status of the profile does not allow edits of its documents.
    #[error(transparent)]
    Refused(#[from] EditRefusal),
    /// The experience, education or certification is not one of this profile.
    #[error("the item {0} is not part of the profile")]
    ForeignItem(&'static str),
    /// The profile has sent or keeps as much as it may.
    #[error(transparent)]
    Limit(UploadLimit),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for UploadError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// The profile that a person's documents belong to, with what decides whether they may change.
pub(super) struct Owner {
    pub(super) profile_id: Uuid,
    status: ProfileStatus,
    open_steps: Vec<StepName>,
    resubmission_open_at: Option<DateTime<Utc>>,
}

impl Owner {
    /// The profile's status.
    pub(super) const fn status(&self) -> ProfileStatus {
        self.status
    }

    /// Whether the step `documents` may be edited now.
    pub(super) fn may_edit_documents(&self) -> Result<(), EditRefusal> {
        may_edit(
            StepName::Documents,
            Editability {
                status: self.status,
                open_steps: &self.open_steps,
                resubmission_open_at: self.resubmission_open_at,
            },
        )
    }
}

/// Refuses early, before anything is sent or stored, what [`insert`] would refuse. `size` is what is
/// known of the file's size, at least.
pub async fn may_upload(
    store: &Store,
    user_id: Uuid,
    attachment: Option<Attachment>,
    size: u64,
) -> Result<(), UploadError> {
    let mut connection = store.connection().await?;
    let row = sqlx::query_as!(
        OwnerRow,
        "SELECT id, status, open_correction_steps, resubmission_open_at
         FROM candidate.profiles WHERE user_id = $1",
        user_id,
    )
    .fetch_optional(&mut *connection)
    .await?;
    let owner = Owner::try_from(row.ok_or(UploadError::NoProfile)?)?;
    owner.may_edit_documents()?;
    if let Some(attachment) = attachment {
        check_attachment(&mut connection, owner.profile_id, attachment).await?;
    }
    limits::check(&mut connection, store, owner.profile_id, size).await
}

/// Writes the upload. Its object is stored before; without this row it is swept.
pub async fn insert(
    store: &Store,
    context: &Context,
    document: &NewDocument,
) -> Result<Uploaded, UploadError> {
    let mut tx = store.begin().await?;
    let owner = lock_owner(&mut tx, document.user_id)
        .await?
        .ok_or(UploadError::NoProfile)?;
    owner.may_edit_documents()?;
    if let Some(attachment) = document.attachment {
        check_attachment(&mut tx, owner.profile_id, attachment).await?;
    }
    // Under the profile's lock: of two uploads at once the second one counts the first.
    limits::check(&mut tx, store, owner.profile_id, document.size).await?;
    insert_row(&mut tx, store, owner.profile_id, document).await?;
    let profile_version = raise_version(&mut tx, store, owner.profile_id).await?;
    let event = NewEvent::new(
        EventType::DocumentUploaded,
        "document",
        document.id,
        json!({
            "document_id": document.id,
            "profile_id": owner.profile_id,
            "user_id": document.user_id,
            "kind": document.kind,
            "status": "scanning",
        }),
    );
    events::append(&mut tx, store, context, event).await?;
    let answer = json!({ "document_id": document.id, "profile_version": profile_version });
    idempotency::record(&mut tx, store, context, 202, answer).await?;
    tx.commit().await?;
    Ok(Uploaded {
        document_id: document.id,
        profile_version,
    })
}

/// Locks the profile, so that a submission and an edit of its documents follow one another.
pub(super) async fn lock_owner(
    connection: &mut PgConnection,
    user_id: Uuid,
) -> Result<Option<Owner>, StoreError> {
    let row = sqlx::query_as!(
        OwnerRow,
        "SELECT id, status, open_correction_steps, resubmission_open_at
         FROM candidate.profiles WHERE user_id = $1 FOR NO KEY UPDATE",
        user_id,
    )
    .fetch_optional(connection)
    .await?;
    row.map(Owner::try_from).transpose()
}

/// Every accepted edit raises the profile's version, one of its documents included.
pub(super) async fn raise_version(
    connection: &mut PgConnection,
    store: &Store,
    profile_id: Uuid,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "UPDATE candidate.profiles SET version = version + 1, updated_at = $2
         WHERE id = $1 RETURNING version",
        profile_id,
        store.now(),
    )
    .fetch_one(connection)
    .await?)
}

async fn check_attachment(
    connection: &mut PgConnection,
    profile_id: Uuid,
    attachment: Attachment,
) -> Result<(), UploadError> {
    let (experience, education, certification) = split(attachment);
    let is_own = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM candidate.experiences WHERE id = $2 AND profile_id = $1)
              OR EXISTS (SELECT 1 FROM candidate.educations WHERE id = $3 AND profile_id = $1)
              OR EXISTS (SELECT 1 FROM candidate.certifications WHERE id = $4 AND profile_id = $1)
              AS "is_own!""#,
        profile_id,
        experience,
        education,
        certification,
    )
    .fetch_one(connection)
    .await?;
    let pointer = match attachment {
        Attachment::Experience(_) => "/experience_id",
        Attachment::Education(_) => "/education_id",
        Attachment::Certification(_) => "/certification_id",
    };
    if is_own {
        Ok(())
    } else {
        Err(UploadError::ForeignItem(pointer))
    }
}

async fn insert_row(
    connection: &mut PgConnection,
    store: &Store,
    profile_id: Uuid,
    document: &NewDocument,
) -> Result<(), UploadError> {
    let (experience, education, certification) =
        document.attachment.map_or((None, None, None), split);
    let size = i64::try_from(document.size)
        .map_err(|_| StoreError::inconsistent("document.documents", "size"))?;
    sqlx::query!(
        "INSERT INTO document.documents
            (id, profile_id, user_id, kind, experience_id, education_id, certification_id,
             file_name, content_type, size, sha256, key_wrapped, master_key_id, object_key,
             created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        document.id,
        profile_id,
        document.user_id,
        document.kind.as_str(),
        experience,
        education,
        certification,
        document.file_name,
        document.content_type,
        size,
        document.sha256,
        document.wrapped_key.bytes,
        document.wrapped_key.master_key_id,
        document.object_key,
        store.now(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

fn split(attachment: Attachment) -> (Option<Uuid>, Option<Uuid>, Option<Uuid>) {
    match attachment {
        Attachment::Experience(id) => (Some(id), None, None),
        Attachment::Education(id) => (None, Some(id), None),
        Attachment::Certification(id) => (None, None, Some(id)),
    }
}

struct OwnerRow {
    id: Uuid,
    status: String,
    open_correction_steps: Option<Vec<String>>,
    resubmission_open_at: Option<DateTime<Utc>>,
}

impl TryFrom<OwnerRow> for Owner {
    type Error = StoreError;

    fn try_from(row: OwnerRow) -> Result<Self, StoreError> {
        let unknown = |column| StoreError::inconsistent("candidate.profiles", column);
        let steps = row.open_correction_steps.unwrap_or_default();
        Ok(Self {
            profile_id: row.id,
            status: ProfileStatus::from_code(&row.status).ok_or_else(|| unknown("status"))?,
            open_steps: steps
                .iter()
                .map(|step| {
                    StepName::from_code(step).ok_or_else(|| unknown("open_correction_steps"))
                })
                .collect::<Result<_, _>>()?,
            resubmission_open_at: row.resubmission_open_at,
        })
    }
}
