//! Who may read a document, and the trace that each reading leaves.

use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::documents::rules::DocumentStatus;
use workflows::events::EventType;

use super::content::Located;
use super::{page_count_of, shown_status};
use crate::context::Context;
use crate::database::Store;
use crate::error::StoreError;
use crate::events::{self, NewEvent};
use crate::secrets::document_keys::{Part, WrappedKey};
use crate::subscriptions;

/// On whose behalf a document is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// The person it belongs to.
    Owner(Uuid),
    /// A reviewer or a service of the platform: any document.
    Staff,
    /// A member of a company: documents of profiles that the company opened.
    Company(Uuid),
}

/// What may be done with a document.
#[derive(Clone, Debug)]
pub enum Access {
    /// It is not there, or not for this reader to know of.
    NotFound,
    /// The company opened the profile, but its plan has no documents.
    NotInPlan,
    /// It is scanning, refused or archived.
    NotAvailable,
    /// It may be read.
    Granted(Readable),
}

/// A document that may be read.
#[derive(Clone, Debug)]
pub struct Readable {
    /// Where its content is.
    pub located: Located,
    /// Whose profile it belongs to.
    pub profile_id: Uuid,
    /// The name to save it under.
    pub file_name: String,
    /// Its type, proved by its content.
    pub content_type: String,
    /// Bytes of what is handed out.
    pub size: u64,
    /// What is handed out: the file as uploaded, or as it was written anew.
    pub part: Part,
    /// Its pages.
    pub page_count: u32,
    /// Pages of which there is no picture.
    pub undrawn_pages: Vec<u32>,
}

/// How a document is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessKind {
    /// What is known of it was read, without its content.
    Metadata,
    /// A signed link was given.
    Link,
    /// The file was read.
    Content,
    /// The preview of a page was read.
    Page(u32),
}

/// A document that was reached, by whom and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The document.
    pub document_id: Uuid,
    /// Whose profile it belongs to.
    pub profile_id: Uuid,
    /// The company that the reader acts for.
    pub company_id: Option<Uuid>,
    /// How.
    pub kind: AccessKind,
}

impl Reader {
    /// The company that the reader acts for.
    #[must_use]
    pub const fn company_id(self) -> Option<Uuid> {
        match self {
            Self::Company(company_id) => Some(company_id),
            Self::Owner(_) | Self::Staff => None,
        }
    }

    /// Whose documents alone the reader may know of.
    const fn owner(self) -> Option<Uuid> {
        match self {
            Self::Owner(user_id) => Some(user_id),
            Self::Company(_) | Self::Staff => None,
        }
    }
}

impl Readable {
    /// This document, reached so.
    #[must_use]
    pub const fn reached(&self, company_id: Option<Uuid>, kind: AccessKind) -> Reached {
        Reached {
            document_id: self.located.document_id,
            profile_id: self.profile_id,
            company_id,
            kind,
        }
    }
}

struct ReadableRow {
    profile_id: Uuid,
    status: String,
    archived_at: Option<chrono::DateTime<chrono::Utc>>,
    file_name: String,
    content_type: String,
    size: i64,
    rewritten_size: Option<i64>,
    page_count: Option<i32>,
    undrawn_pages: Vec<i32>,
    object_key: Option<String>,
    key_wrapped: Option<Vec<u8>>,
    master_key_id: String,
    profile_status: Option<String>,
}

/// Says whether a document may be read by this reader, now.
pub async fn readable(
    store: &Store,
    document_id: Uuid,
    reader: Reader,
) -> Result<Access, StoreError> {
    let mut connection = store.connection().await?;
    let row = sqlx::query_as!(
        ReadableRow,
        r#"SELECT d.profile_id, d.status, d.archived_at, d.file_name, d.content_type, d.size,
                  d.rewritten_size, d.page_count, d.undrawn_pages, d.object_key, d.key_wrapped,
                  d.master_key_id,
                  p.status AS "profile_status?"
           FROM document.documents d LEFT JOIN candidate.profiles p ON p.id = d.profile_id
           WHERE d.id = $1 AND ($2::uuid IS NULL OR d.user_id = $2)"#,
        document_id,
        reader.owner(),
    )
    .fetch_optional(&mut *connection)
    .await?;
    drop(connection);
    let Some(row) = row else {
        return Ok(Access::NotFound);
    };
    if let Reader::Company(company_id) = reader {
        // Whatever a company saw of a profile ends with its validation.
        if row.profile_status.as_deref() != Some("VALIDATED") {
            return Ok(Access::NotFound);
        }
        let Some(standing) = subscriptions::standing(store, company_id).await? else {
            return Ok(Access::NotFound);
        };
        let period = standing.quota_period.start;
        let opening = (company_id, row.profile_id, period);
        if !is_shown(store, opening, document_id).await? {
            return Ok(Access::NotFound);
        }
        if !standing.documents_included {
            return Ok(Access::NotInPlan);
        }
    }
    into_access(document_id, row)
}

/// Whether a company opened the profile in its current period, and a reviewer accepted the document
/// for the revision that the company sees.
async fn is_shown(
    store: &Store,
    (company_id, profile_id, period_start): (Uuid, Uuid, chrono::DateTime<chrono::Utc>),
    document_id: Uuid,
) -> Result<bool, StoreError> {
    let mut connection = store.connection().await?;
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM search.openings
            WHERE company_id = $1 AND profile_id = $2 AND period_start = $3)
        AND EXISTS (SELECT 1 FROM admin.document_reviews review
            WHERE review.document_id = $4 AND review.outcome = 'accepted'
                AND review.validation_id = (
                    SELECT r.validation_id FROM candidate.profile_revisions r
                    WHERE r.profile_id = $2 AND r.withdrawn_at IS NULL
                    ORDER BY r.number DESC LIMIT 1)) AS "shown!""#,
        company_id,
        profile_id,
        period_start,
        document_id,
    )
    .fetch_one(&mut *connection)
    .await?)
}

fn into_access(document_id: Uuid, row: ReadableRow) -> Result<Access, StoreError> {
    if shown_status(&row.status, row.archived_at)? != DocumentStatus::Available {
        return Ok(Access::NotAvailable);
    }
    let incomplete = || StoreError::inconsistent("document.documents", "available without content");
    let (object_key, bytes) = row.object_key.zip(row.key_wrapped).ok_or_else(incomplete)?;
    Ok(Access::Granted(Readable {
        located: Located {
            document_id,
            object_key,
            wrapped_key: WrappedKey {
                master_key_id: row.master_key_id,
                bytes,
            },
        },
        profile_id: row.profile_id,
        file_name: row.file_name,
        content_type: row.content_type,
        size: u64::try_from(row.rewritten_size.unwrap_or(row.size)).map_err(|_| incomplete())?,
        part: match row.rewritten_size {
            Some(_) => Part::Rewritten,
            None => Part::Original,
        },
        page_count: page_count_of(row.page_count)?.ok_or_else(incomplete)?,
        undrawn_pages: row
            .undrawn_pages
            .into_iter()
            .map(u32::try_from)
            .collect::<Result<_, _>>()
            .map_err(|_| incomplete())?,
    }))
}

/// Records that a document was reached: the event and its row, before anything is given out.
pub async fn record_access(
    store: &Store,
    context: &Context,
    reached: Reached,
) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    record(&mut tx, store, context, reached).await?;
    tx.commit().await?;
    Ok(())
}

async fn record(
    connection: &mut PgConnection,
    store: &Store,
    context: &Context,
    reached: Reached,
) -> Result<(), StoreError> {
    let (access, page) = match reached.kind {
        AccessKind::Metadata => ("metadata", None),
        AccessKind::Link => ("link", None),
        AccessKind::Content => ("content", None),
        AccessKind::Page(page) => ("page", Some(page)),
    };
    let event = NewEvent::new(
        EventType::DocumentAccessed,
        "document",
        reached.document_id,
        json!({
            "document_id": reached.document_id,
            "profile_id": reached.profile_id,
            "company_id": reached.company_id,
            "access": access,
            "page": page,
        }),
    );
    let event_id = events::append(connection, store, context, event).await?;
    let page = page.and_then(|page| i32::try_from(page).ok());
    sqlx::query!(
        "INSERT INTO document.document_access
            (event_id, document_id, profile_id, access, page, actor_id, actor_kind, company_id,
             origin_address, origin_user_agent, occurred_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        event_id,
        reached.document_id,
        reached.profile_id,
        access,
        page,
        context.actor.id(),
        context.actor.kind(),
        reached.company_id,
        context.origin.address,
        context.origin.user_agent,
        store.now(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
