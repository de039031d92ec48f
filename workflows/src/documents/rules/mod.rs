//! What a document can be and the rules on its name, its file and its use as the CV.

mod content;
mod file_name;
mod limits;
mod refusals;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::codes;

pub use content::{
    ContentType, Declared, FIRST_BYTES, MAX_PAGES, MAX_PIXELS, Rejection, RejectionCode,
    RejectionFigures, begins_as_heic,
};
pub use file_name::{MAX_FILE_NAME, clean_file_name, file_extension, name_to_save};
pub use limits::{
    Holdings, MOST_BYTES_A_DAY, MOST_KEPT, MOST_SCANNING, UploadLimit, day_begun_at, may_send,
};
pub use refusals::{RefusalWords, infection_words, rejection_words};

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

#[cfg(test)]
mod tests {
    use super::*;

    fn document(
        id: u128,
        kind: DocumentKind,
        status: DocumentStatus,
        archived: bool,
    ) -> DocumentFacts {
        DocumentFacts {
            id: Uuid::from_u128(id),
            kind,
            status,
            experience_id: None,
            archived,
        }
    }

    #[test]
    fn the_cv_is_the_latest_usable_one() {
        use DocumentKind::{Cv, Diploma};
        use DocumentStatus::{Available, Infected, Scanning};
        let documents = [
            document(2, Cv, Available, false),
            document(1, Cv, Available, false),
            document(3, Cv, Available, true),
            document(4, Cv, Scanning, false),
            document(5, Cv, Infected, false),
            document(6, Diploma, Available, false),
        ];
        assert_eq!(
            current_cv(&documents).map(|cv| cv.id),
            Some(Uuid::from_u128(2))
        );
        assert_eq!(current_cv(&documents[2..]), None);
    }
}
