//! What travels between the ingestion of a document, its activities and the rest of the house.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::rules::{DocumentStatus, Rejection};
use crate::definitions::activity_definitions;

/// The workflow id of a document's ingestion.
#[must_use]
pub fn workflow_id(document_id: Uuid) -> String {
    format!("document-{document_id}")
}

/// What `DocumentIngestion` begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IngestionInput {
    /// The document.
    pub document_id: Uuid,
    /// The profile that it belongs to.
    pub profile_id: Uuid,
    /// Ties the process to the upload's request.
    pub correlation_id: Uuid,
    /// How long things may take.
    #[serde(default)]
    pub timing: IngestionTiming,
}

/// Durations of `DocumentIngestion`, from the configuration of whoever starts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IngestionTiming {
    /// How long a scan may be waited for before the team and the owner are told.
    pub scan_delayed_after_seconds: u64,
}

impl Default for IngestionTiming {
    fn default() -> Self {
        Self {
            scan_delayed_after_seconds: 24 * 60 * 60,
        }
    }
}

/// How an ingestion ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IngestionOutcome {
    /// The document may be read.
    Available,
    /// Malware was found; nobody may read it, ever.
    Infected,
    /// Refused by what it contains; nobody may read it, ever.
    Rejected,
    /// The document was erased meanwhile.
    Erased,
}

/// Names the document that an activity works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentStep {
    /// The document.
    pub document_id: Uuid,
    /// Ties the step to the upload's request.
    pub correlation_id: Uuid,
}

/// What the scanner said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanVerdict {
    /// Exactly `stream: OK`.
    Clean,
    /// Malware.
    Infected,
    /// Encrypted, or beyond a limit of the scanner: not looked into, so not clean.
    NotScannable,
    /// The verdict stands already, and its content may be gone: whatever is said here changes
    /// nothing. Histories of earlier versions also have it for content that was missing.
    Unreadable,
    /// The document was erased.
    Gone,
}

/// What the content turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inspection {
    /// What it claims to be.
    Accepted {
        /// Pages, 1 for an image.
        page_count: u32,
        /// Bytes of the file that is handed out instead, where something had to be taken out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rewritten_size: Option<u64>,
    },
    /// Not to be kept.
    Rejected(Rejection),
    /// The document was erased.
    Gone,
}

/// The input of [`Preview`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewStep {
    /// The document.
    pub document_id: Uuid,
    /// Ties the step to the upload's request.
    pub correlation_id: Uuid,
    /// Pages, 1 for an image.
    pub page_count: u32,
}

/// What came of drawing the pages of an accepted document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Previewed {
    /// The pages that could be drawn have their pictures; the others are on record.
    Made,
    /// Not to be kept: drawing it takes more than the budget.
    Rejected(Rejection),
    /// The document was erased.
    Gone,
}

/// What is to be written as the document's fate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It may be read.
    Available {
        /// Pages, 1 for an image.
        page_count: u32,
        /// Bytes of the file that is handed out instead, where something had to be taken out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rewritten_size: Option<u64>,
    },
    /// Malware.
    Infected,
    /// Refused.
    Rejected(Rejection),
}

/// The input of [`Settle`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// The document.
    pub document_id: Uuid,
    /// Ties the step to the upload's request.
    pub correlation_id: Uuid,
    /// Its fate.
    pub verdict: Verdict,
}

/// What stands after [`Settle`]: the status, or `None` when the document was erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// The status that is written now, by this call or by an earlier one.
    pub status: Option<DocumentStatus>,
}

activity_definitions! {
    /// Streams the document through the scanner.
    Scan(DocumentStep) -> ScanVerdict = "documents.scan";
    /// Inspects the content in a child process.
    Inspect(DocumentStep) -> Inspection = "documents.inspect";
    /// Draws the pages in a child process and stores the pictures. That a page cannot be drawn
    /// refuses no document, unless it is beyond the budget.
    Preview(PreviewStep) -> Previewed = "documents.preview";
    /// Writes the verdict. The key stays: a verdict that should not have been can still be undone.
    Settle(Settlement) -> Settled = "documents.settle";
    /// Destroys the key of a document whose verdict is that nobody may read it.
    DestroyKey(DocumentStep) -> () = "documents.destroy_key";
    /// Deletes the objects of a document that lost its key, or loses it now.
    Discard(DocumentStep) -> () = "documents.discard";
    /// Tells the owner that the scan is late, if it still is.
    ReportDelay(DocumentStep) -> () = "documents.report_delay";
}
