//! The worker's side of a document's row: where its content is, and the verdict on it.

use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::candidates::profile::{StepName, StepStatus};
use workflows::documents::contract::{Settlement, Verdict};
use workflows::documents::rules::{DocumentKind, DocumentStatus};
use workflows::events::{EventType, Service};

use super::content::Located;
use super::rejection::Columns;
use super::{inconsistent, kind_of, status_of};
use crate::context::Context;
use crate::database::{Store, Writer};
use crate::error::StoreError;
use crate::events::{self, NewEvent};
use crate::secrets::document_keys::WrappedKey;

/// What the pipeline must know of a document.
#[derive(Clone, Debug)]
pub struct Ingested {
    /// Where its content is; `None` once its key is destroyed.
    pub located: Option<Located>,
    /// Its object, which outlives the key until it is deleted.
    pub object_key: Option<String>,
    /// Whose profile it belongs to.
    pub profile_id: Uuid,
    /// Where the pipeline has brought it, whatever its owner did.
    pub status: DocumentStatus,
    /// What it was said to be.
    pub kind: DocumentKind,
    /// The type it was declared with.
    pub content_type: String,
    /// The name it was uploaded with.
    pub file_name: String,
    /// Bytes of the file.
    pub size: u64,
}

/// Finds a document for the pipeline; `None` when it was erased.
pub async fn locate(writer: &Writer, document_id: Uuid) -> Result<Option<Ingested>, StoreError> {
    let mut connection = writer.connection().await?;
    let row = sqlx::query!(
        "SELECT profile_id, status, kind, content_type, file_name, size, object_key, key_wrapped,
                master_key_id
         FROM document.documents WHERE id = $1",
        document_id,
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let located = row
        .object_key
        .clone()
        .zip(row.key_wrapped)
        .map(|(object_key, bytes)| Located {
            document_id,
            object_key,
            wrapped_key: WrappedKey {
                master_key_id: row.master_key_id,
                bytes,
            },
        });
    Ok(Some(Ingested {
        located,
        object_key: row.object_key,
        profile_id: row.profile_id,
        status: status_of(&row.status)?,
        kind: kind_of(&row.kind)?,
        content_type: row.content_type,
        file_name: row.file_name,
        size: u64::try_from(row.size).map_err(|_| inconsistent("size"))?,
    }))
}

/// Writes the verdict on a document that is still `scanning`, with its event. From then on the status
/// of an infected or refused one forbids reading it; its key goes by [`destroy_key`]. Returns the
/// status that stands afterwards, whoever wrote it; `None` when the document was erased.
pub async fn settle(
    writer: &Writer,
    context: &Context,
    settlement: &Settlement,
) -> Result<Option<DocumentStatus>, StoreError> {
    let mut tx = writer.begin().await?;
    let Some(document) = lock(&mut tx, settlement.document_id).await? else {
        return Ok(None);
    };
    if document.status != DocumentStatus::Scanning {
        return Ok(Some(document.status));
    }
    let before = documents_step(&mut tx, document.profile_id).await?;
    let status = write_verdict(&mut tx, writer, settlement).await?;
    let after = documents_step(&mut tx, document.profile_id).await?;
    let event = scanned(&mut tx, settlement, &document, before, after).await?;
    events::append(&mut tx, writer, context, event).await?;
    tx.commit().await?;
    Ok(Some(status))
}

/// Records which pages of a document have no picture, in place of what was known before.
pub async fn note_undrawn(
    writer: &Writer,
    document_id: Uuid,
    pages: &[u32],
) -> Result<(), StoreError> {
    let pages: Vec<i32> = pages
        .iter()
        .map(|page| i32::try_from(*page))
        .collect::<Result<_, _>>()
        .map_err(|_| inconsistent("undrawn_pages"))?;
    let mut connection = writer.connection().await?;
    sqlx::query!(
        "UPDATE document.documents SET undrawn_pages = $2 WHERE id = $1",
        document_id,
        &pages,
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Destroys the key of a document whose verdict is that nobody may read it: whatever is left of its
/// content is noise from then on. A document with another status keeps its key.
pub async fn destroy_key(writer: &Writer, document_id: Uuid) -> Result<(), StoreError> {
    let mut connection = writer.connection().await?;
    sqlx::query!(
        "UPDATE document.documents SET key_wrapped = NULL
         WHERE id = $1 AND status IN ('infected', 'rejected') AND key_wrapped IS NOT NULL",
        document_id,
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Documents that wait for their verdict, for `/metrics`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Waiting {
    /// How many.
    pub count: i64,
    /// For how long the oldest has, in seconds.
    pub oldest_seconds: f64,
}

/// How many documents wait for their verdict, and for how long.
pub async fn waiting(store: &Store) -> Result<Waiting, StoreError> {
    let mut connection = store.connection().await?;
    let row = sqlx::query!(
        r#"SELECT count(*) AS "count!", min(created_at) AS oldest
           FROM document.documents WHERE status = 'scanning'"#,
    )
    .fetch_one(&mut *connection)
    .await?;
    let oldest = row.oldest.map(|oldest| store.now() - oldest);
    Ok(Waiting {
        count: row.count,
        oldest_seconds: oldest.map_or(0.0, |age| age.as_seconds_f64().max(0.0)),
    })
}

/// Records that a document's object is deleted.
pub async fn discarded(writer: &Writer, document_id: Uuid) -> Result<(), StoreError> {
    let mut connection = writer.connection().await?;
    sqlx::query!(
        "UPDATE document.documents SET object_key = NULL WHERE id = $1 AND key_wrapped IS NULL",
        document_id,
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Writes `reminder.due` (`scan_delayed`) if the document still waits for its scan, once.
pub async fn report_delay(
    writer: &Writer,
    correlation_id: Uuid,
    document_id: Uuid,
) -> Result<(), StoreError> {
    let mut tx = writer.begin().await?;
    let Some(document) = lock(&mut tx, document_id).await? else {
        return Ok(());
    };
    // Once per document: the occurrence is named by the document itself.
    let occurrence = Uuid::new_v5(&document_id, b"scan_delayed");
    if document.status != DocumentStatus::Scanning || events::caused_by(&mut tx, occurrence).await?
    {
        return Ok(());
    }
    let event = NewEvent::new(
        EventType::ReminderDue,
        "document",
        document_id,
        json!({
            "reminder": "scan_delayed",
            "document_id": document_id,
            "profile_id": document.profile_id,
            "user_id": document.user_id,
            "kind": document.kind,
        }),
    );
    let context = Context::system(correlation_id, Some(occurrence));
    events::append(&mut tx, writer, &context, event).await?;
    tx.commit().await?;
    Ok(())
}

/// How far the step `documents` of a profile has come: complete when a CV is available.
pub(super) async fn documents_step(
    connection: &mut PgConnection,
    profile_id: Uuid,
) -> Result<StepStatus, StoreError> {
    let row = sqlx::query!(
        r#"SELECT count(*) AS "documents!",
                  count(*) FILTER (WHERE kind = 'cv' AND status = 'available') AS "cvs!"
           FROM document.documents WHERE profile_id = $1 AND archived_at IS NULL"#,
        profile_id,
    )
    .fetch_one(connection)
    .await?;
    Ok(match (row.documents, row.cvs) {
        (0, _) => StepStatus::Todo,
        (_, 0) => StepStatus::InProgress,
        _ => StepStatus::Complete,
    })
}

struct Locked {
    profile_id: Uuid,
    user_id: Uuid,
    kind: DocumentKind,
    status: DocumentStatus,
    archived: bool,
}

async fn lock(
    connection: &mut PgConnection,
    document_id: Uuid,
) -> Result<Option<Locked>, StoreError> {
    let row = sqlx::query!(
        "SELECT profile_id, user_id, kind, status, archived_at
         FROM document.documents WHERE id = $1 FOR UPDATE",
        document_id,
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(Locked {
            profile_id: row.profile_id,
            user_id: row.user_id,
            kind: kind_of(&row.kind)?,
            status: status_of(&row.status)?,
            archived: row.archived_at.is_some(),
        })
    })
    .transpose()
}

async fn write_verdict(
    connection: &mut PgConnection,
    writer: &Writer,
    settlement: &Settlement,
) -> Result<DocumentStatus, StoreError> {
    let (status, pages, rewritten_size, rejection) = match settlement.verdict {
        Verdict::Available {
            page_count,
            rewritten_size,
        } => (
            DocumentStatus::Available,
            Some(page_count),
            rewritten_size,
            None,
        ),
        Verdict::Infected => (DocumentStatus::Infected, None, None, None),
        Verdict::Rejected(rejection) => (DocumentStatus::Rejected, None, None, Some(rejection)),
    };
    let rewritten_size = rewritten_size
        .map(i64::try_from)
        .transpose()
        .map_err(|_| inconsistent("rewritten_size"))?;
    let pages = pages
        .map(i32::try_from)
        .transpose()
        .map_err(|_| inconsistent("page_count"))?;
    let rejection = Columns::of(rejection);
    sqlx::query!(
        "UPDATE document.documents
         SET status = $2, page_count = $3, settled_at = $4, rejection_code = $5,
             rejection_found = $6, rejection_limit = $7, rejection_width = $8,
             rejection_height = $9, rewritten_size = $10
         WHERE id = $1 AND status = 'scanning'",
        settlement.document_id,
        status.as_str(),
        pages,
        writer.now(),
        rejection.code,
        rejection.found,
        rejection.limit,
        rejection.width,
        rejection.height,
        rewritten_size,
    )
    .execute(connection)
    .await?;
    Ok(status)
}

/// `document.scanned`, heard by the case only when one is open, by the onboarding only when the
/// step changed, by the owner only when the file was refused and not taken back meanwhile.
async fn scanned(
    connection: &mut PgConnection,
    settlement: &Settlement,
    document: &Locked,
    before: StepStatus,
    after: StepStatus,
) -> Result<NewEvent, StoreError> {
    let open_case = sqlx::query_scalar!(
        r#"SELECT validation_id FROM candidate.profiles
           WHERE id = $1 AND status IN ('SUBMITTED', 'IN_REVIEW')"#,
        document.profile_id,
    )
    .fetch_optional(connection)
    .await?
    .flatten();
    let (status, rejection) = match settlement.verdict {
        Verdict::Available { .. } => (DocumentStatus::Available, None),
        Verdict::Infected => (DocumentStatus::Infected, None),
        Verdict::Rejected(rejection) => (DocumentStatus::Rejected, Some(rejection)),
    };
    let refused = status != DocumentStatus::Available;
    let payload = json!({
        "document_id": settlement.document_id,
        "profile_id": document.profile_id,
        "user_id": document.user_id,
        "validation_id": open_case,
        "kind": document.kind,
        "status": status,
        "rejection_code": rejection.map(|rejection| rejection.code),
        "rejection_figures": rejection.and_then(|rejection| rejection.figures),
        "step": StepName::Documents,
        "before": before,
        "after": after,
    });
    let event = NewEvent::new(
        EventType::DocumentScanned,
        "document",
        settlement.document_id,
        payload,
    );
    Ok(event
        .consumed_by_if(Service::Admin, open_case.is_some())
        .consumed_by_if(Service::Candidate, before != after)
        .consumed_by_if(Service::Notification, refused && !document.archived))
}
