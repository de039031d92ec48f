//! What a document can be and the rules on its name, its file and its use as the CV.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::codes;

codes! {
    /// What a document is.
    pub enum DocumentKind {
        /// Curriculum vitae, the one document that submission needs.
        Cv = "cv",
        /// An employer's certificate.
        WorkCertificate = "work_certificate",
        /// A diploma.
        Diploma = "diploma",
        /// A professional certificate.
        Certificate = "certificate",
        /// A letter of recommendation.
        RecommendationLetter = "recommendation_letter",
        /// Passport, identity card.
        IdentityDocument = "identity_document",
        /// A photograph of the person.
        Photo = "photo",
    }
}

codes! {
    /// Where a document is on its way from upload to use.
    pub enum DocumentStatus {
        /// In quarantine: nobody may read it yet.
        Scanning = "scanning",
        /// Scanned clean and checked.
        Available = "available",
        /// Malware: never readable by anyone again.
        Infected = "infected",
        /// Not what it claims to be, or active: never readable by anyone again.
        Rejected = "rejected",
        /// Taken back by its owner or by retention.
        Archived = "archived",
    }
}

/// What the gauge and the blockers need to know of one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentFacts {
    /// Its id, a `UUIDv7`: a later document has a greater id.
    pub id: Uuid,
    /// What it is.
    pub kind: DocumentKind,
    /// Where the pipeline has brought it.
    pub status: DocumentStatus,
    /// The experience it proves, if any.
    pub experience_id: Option<Uuid>,
    /// Whether its owner or retention took it back, whatever the pipeline says.
    pub archived: bool,
}

impl DocumentFacts {
    /// Whether the document counts: scanned clean and not taken back.
    #[must_use]
    pub const fn is_usable(&self) -> bool {
        matches!(self.status, DocumentStatus::Available) && !self.archived
    }
}

/// The CV that counts: the latest `available` one that is not archived.
#[must_use]
pub fn current_cv(documents: &[DocumentFacts]) -> Option<&DocumentFacts> {
    documents
        .iter()
        .filter(|document| document.kind == DocumentKind::Cv && document.is_usable())
        .max_by_key(|document| document.id)
}
