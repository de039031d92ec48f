//! Documents: uploads, verdicts, reading and its trace.

mod access;
mod archive;
mod content;
mod limits;
mod master_keys;
mod rejection;
mod settle;
mod sweep;
mod upload;

use chrono::{DateTime, Utc};
use uuid::Uuid;
use workflows::documents::rules::{DocumentKind, DocumentStatus, Rejection};

use crate::database::Store;
use crate::error::StoreError;

pub use access::{Access, AccessKind, Reached, Readable, Reader, readable, record_access};
pub use archive::{ArchiveError, archive};
pub use content::{Content, ContentError, Located, Vault, preview_key};
pub use master_keys::{MasterKeyError, prove_master_keys};
pub(crate) use rejection::Columns as RejectionColumns;
pub use settle::{
    Ingested, Waiting, destroy_key, discarded, locate, note_undrawn, report_delay, settle, waiting,
};
pub use sweep::{Swept, sweep_orphans};
pub use upload::{NewDocument, UploadError, Uploaded, insert, may_upload};

/// What a document belongs to, besides the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attachment {
    /// An experience of the profile.
    Experience(Uuid),
    /// An education of the profile.
    Education(Uuid),
    /// A certification of the profile.
    Certification(Uuid),
}

/// A reviewer's word on a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// `accepted`, `refused` or `replacement_requested`.
    pub outcome: String,
    /// Why, unless accepted.
    pub reason: Option<String>,
}

/// A document as its owner and the reviewers see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The document.
    pub id: Uuid,
    /// Whose profile it belongs to.
    pub profile_id: Uuid,
    /// What it is.
    pub kind: DocumentKind,
    /// Where it stands; `archived` hides whatever the pipeline says.
    pub status: DocumentStatus,
    /// The name it was uploaded with, cleaned.
    pub file_name: String,
    /// Its type.
    pub content_type: String,
    /// Bytes of the file.
    pub size: u64,
    /// Hash of the file, hexadecimal.
    pub sha256: String,
    /// What it belongs to.
    pub attachment: Option<Attachment>,
    /// Whether something was taken out of what is handed out, so that it is not the file that was
    /// uploaded.
    pub rewritten: bool,
    /// Pages, once available.
    pub page_count: Option<u32>,
    /// Why it was rejected, with the figure that decided.
    pub rejection: Option<Rejection>,
    /// The latest review.
    pub review: Option<Review>,
    /// When it was uploaded.
    pub created_at: DateTime<Utc>,
}

struct DocumentRow {
    id: Uuid,
    profile_id: Uuid,
    kind: String,
    status: String,
    file_name: String,
    content_type: String,
    size: i64,
    rewritten: bool,
    sha256: String,
    experience_id: Option<Uuid>,
    education_id: Option<Uuid>,
    certification_id: Option<Uuid>,
    page_count: Option<i32>,
    rejection_code: Option<String>,
    rejection_found: Option<i64>,
    rejection_limit: Option<i64>,
    rejection_width: Option<i64>,
    rejection_height: Option<i64>,
    review_outcome: Option<String>,
    review_reason: Option<String>,
    created_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
}

/// Reads the documents that the condition finds, each with its latest review: what is counted and
/// waits for its verdict has none yet, and hides no earlier or later one.
macro_rules! select_documents {
    ($condition:tt, $($argument:expr),+) => {
        sqlx::query_as!(
            DocumentRow,
            r#"SELECT d.id, d.profile_id, d.kind, d.status, d.file_name, d.content_type, d.size,
                  d.sha256, d.rewritten_size IS NOT NULL AS "rewritten!",
                  d.experience_id, d.education_id, d.certification_id, d.page_count,
                  d.rejection_code, d.rejection_found, d.rejection_limit, d.rejection_width,
                  d.rejection_height, d.created_at, d.archived_at,
                  r.outcome AS "review_outcome?", r.reason AS review_reason
               FROM document.documents d
               LEFT JOIN LATERAL (
                   SELECT outcome, reason FROM admin.document_reviews
                   WHERE document_id = d.id AND outcome IS NOT NULL
                   ORDER BY reviewed_at DESC LIMIT 1
               ) r ON true "#
                + $condition,
            $($argument),+
        )
    };
}

/// A person's documents, the latest first, after a cursor.
pub async fn list(
    store: &Store,
    user_id: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Document>, StoreError> {
    let mut connection = store.connection().await?;
    let rows = select_documents!(
        "WHERE d.profile_id = (SELECT id FROM candidate.profiles WHERE user_id = $1)
            AND ($2::uuid IS NULL OR d.id < $2)
         ORDER BY d.id DESC LIMIT $3",
        user_id,
        after,
        limit
    )
    .fetch_all(&mut *connection)
    .await?;
    rows.into_iter().map(Document::try_from).collect()
}

/// One document; `owner` narrows it to that person's.
pub async fn find(
    store: &Store,
    document_id: Uuid,
    owner: Option<Uuid>,
) -> Result<Option<Document>, StoreError> {
    let mut connection = store.connection().await?;
    let row = select_documents!(
        "WHERE d.id = $1 AND ($2::uuid IS NULL OR d.user_id = $2)",
        document_id,
        owner
    )
    .fetch_optional(&mut *connection)
    .await?;
    row.map(Document::try_from).transpose()
}

impl TryFrom<DocumentRow> for Document {
    type Error = StoreError;

    fn try_from(row: DocumentRow) -> Result<Self, StoreError> {
        let rejection = rejection::Columns {
            code: row.rejection_code,
            found: row.rejection_found,
            limit: row.rejection_limit,
            width: row.rejection_width,
            height: row.rejection_height,
        };
        Ok(Self {
            id: row.id,
            profile_id: row.profile_id,
            kind: kind_of(&row.kind)?,
            status: shown_status(&row.status, row.archived_at)?,
            file_name: row.file_name,
            content_type: row.content_type,
            size: u64::try_from(row.size).map_err(|_| inconsistent("size"))?,
            sha256: row.sha256,
            rewritten: row.rewritten,
            attachment: attachment_of(row.experience_id, row.education_id, row.certification_id),
            page_count: page_count_of(row.page_count)?,
            rejection: rejection.read()?,
            review: row.review_outcome.map(|outcome| Review {
                outcome,
                reason: row.review_reason,
            }),
            created_at: row.created_at,
        })
    }
}

fn attachment_of(
    experience: Option<Uuid>,
    education: Option<Uuid>,
    certification: Option<Uuid>,
) -> Option<Attachment> {
    experience
        .map(Attachment::Experience)
        .or_else(|| education.map(Attachment::Education))
        .or_else(|| certification.map(Attachment::Certification))
}

fn kind_of(code: &str) -> Result<DocumentKind, StoreError> {
    DocumentKind::from_code(code).ok_or_else(|| inconsistent("kind"))
}

fn status_of(code: &str) -> Result<DocumentStatus, StoreError> {
    DocumentStatus::from_code(code).ok_or_else(|| inconsistent("status"))
}

fn shown_status(
    code: &str,
    archived_at: Option<DateTime<Utc>>,
) -> Result<DocumentStatus, StoreError> {
    match archived_at {
        Some(_) => Ok(DocumentStatus::Archived),
        None => status_of(code),
    }
}

fn page_count_of(count: Option<i32>) -> Result<Option<u32>, StoreError> {
    count
        .map(|count| u32::try_from(count).map_err(|_| inconsistent("page_count")))
        .transpose()
}

fn inconsistent(column: &'static str) -> StoreError {
    StoreError::inconsistent("document.documents", column)
}
