//! How a document is shown.

use chrono::{DateTime, Utc};
use serde::Serialize;
use store::documents::{Attachment, Document};
use utoipa::ToSchema;
use uuid::Uuid;

/// A document as its owner and the reviewers see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Document", example = json!({
    "id": "0199a0b4-9f5e-7cc3-b1f2-3f8f0c5a7e11", "kind": "cv", "status": "available",
    "file_name": "cv.pdf", "content_type": "application/pdf", "size": 48213,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "experience_id": null, "education_id": null, "certification_id": null,
    "rewritten": false, "page_count": 2, "rejection_code": null,
    "review": {"outcome": "accepted", "reason": null}, "created_at": "2026-11-24T08:00:00Z"
}))]
pub struct DocumentView {
    /// The document.
    id: Uuid,
    /// `cv`, `work_certificate`, `diploma`, `certificate`, `recommendation_letter`,
    /// `identity_document` or `photo`.
    kind: &'static str,
    /// `scanning`, `available`, `infected`, `rejected` or `archived`.
    status: &'static str,
    /// The name it was uploaded with, cleaned.
    file_name: String,
    /// Its type.
    content_type: String,
    /// Bytes of the file.
    size: u64,
    /// SHA-256 of the uploaded file, hexadecimal.
    sha256: String,
    /// Whether links serve a file without what the inspection took out of it: a Europass CV's XML.
    rewritten: bool,
    /// The experience it belongs to.
    experience_id: Option<Uuid>,
    /// The education it belongs to.
    education_id: Option<Uuid>,
    /// The certification it belongs to.
    certification_id: Option<Uuid>,
    /// Pages, once available.
    page_count: Option<u32>,
    /// Why it was rejected.
    rejection_code: Option<&'static str>,
    /// The latest review.
    review: Option<ReviewView>,
    /// When it was uploaded.
    created_at: DateTime<Utc>,
}

/// A reviewer's word on a document.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "DocumentReview", example = json!({"outcome": "refused", "reason": "Page 2 manque."}))]
pub struct ReviewView {
    /// `accepted`, `refused` or `replacement_requested`.
    outcome: String,
    /// Why, unless accepted.
    reason: Option<String>,
}

impl From<Document> for DocumentView {
    fn from(document: Document) -> Self {
        let attached = |pick: fn(Attachment) -> Option<Uuid>| document.attachment.and_then(pick);
        Self {
            id: document.id,
            kind: document.kind.as_str(),
            status: document.status.as_str(),
            experience_id: attached(|item| match item {
                Attachment::Experience(id) => Some(id),
                _ => None,
            }),
            education_id: attached(|item| match item {
                Attachment::Education(id) => Some(id),
                _ => None,
            }),
            certification_id: attached(|item| match item {
                Attachment::Certification(id) => Some(id),
                _ => None,
            }),
            file_name: document.file_name,
            content_type: document.content_type,
            size: document.size,
            sha256: document.sha256,
            rewritten: document.rewritten,
            page_count: document.page_count,
            rejection_code: document.rejection_code.map(|code| code.as_str()),
            review: document.review.map(|review| ReviewView {
                outcome: review.outcome,
                reason: review.reason,
            }),
            created_at: document.created_at,
        }
    }
}
