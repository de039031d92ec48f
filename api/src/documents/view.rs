//! How a document is shown.

use chrono::{DateTime, Utc};
use serde::Serialize;
use store::documents::{Attachment, Document};
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::documents::rules::{Rejection, rejection_words};
use workflows::identity::rules::Locale;

/// A document as its owner and the reviewers see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Document", example = json!({
    "id": "0199a0b4-9f5e-7cc3-b1f2-3f8f0c5a7e11", "kind": "cv", "status": "available",
    "file_name": "cv.pdf", "content_type": "application/pdf", "size": 48213,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "experience_id": null, "education_id": null, "certification_id": null,
    "rewritten": false, "page_count": 2, "rejection_code": null, "rejection": null,
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
    /// Why it was rejected, in words, with the figure that decided and what to do next.
    rejection: Option<RejectionView>,
    /// The latest review.
    review: Option<ReviewView>,
    /// When it was uploaded.
    created_at: DateTime<Utc>,
}

/// Why a document was rejected.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "DocumentRejection", example = json!({
    "code": "pdf_too_many_pages", "message": "The PDF has too many pages (240 pages, 200 at most).",
    "found": 240, "limit": 200,
    "what_to_do": "Keep the pages that matter, or split the document into several files."
}))]
pub struct RejectionView {
    /// The stable code.
    code: &'static str,
    /// The reason with its figures, in the language asked for.
    message: String,
    /// What was found, in pages, pixels or seconds, where a figure decided.
    found: Option<u64>,
    /// The most that is taken.
    limit: Option<u64>,
    /// What to do next, in the language asked for.
    what_to_do: &'static str,
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

impl RejectionView {
    fn of(rejection: Rejection, locale: Locale) -> Self {
        let words = rejection_words(rejection, locale);
        Self {
            code: rejection.code.as_str(),
            message: words.sentence(),
            found: rejection.figures.map(|figures| figures.found),
            limit: rejection.figures.map(|figures| figures.limit),
            what_to_do: words.what_to_do,
        }
    }
}

impl DocumentView {
    /// The document in the reader's language.
    pub(super) fn of(document: Document, locale: Locale) -> Self {
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
            rejection_code: document.rejection.map(|rejection| rejection.code.as_str()),
            rejection: document
                .rejection
                .map(|rejection| RejectionView::of(rejection, locale)),
            review: document.review.map(|review| ReviewView {
                outcome: review.outcome,
                reason: review.reason,
            }),
            created_at: document.created_at,
        }
    }
}
