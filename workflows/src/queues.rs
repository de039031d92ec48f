//! Task queues: one for each domain that has workflows or activities.

/// `CandidateOnboarding` and its activities.
pub const CANDIDATES: &str = "candidates";
/// `DocumentIngestion` and its activities.
pub const DOCUMENTS: &str = "documents";
/// `ProfileValidation` and its activities.
pub const VALIDATION: &str = "validation";
/// `SearchIndexing` and its activities.
pub const SEARCH: &str = "search";
/// `NotificationDelivery` and its activities.
pub const NOTIFICATIONS: &str = "notifications";

/// Every task queue, for a worker that serves them all.
pub const ALL: [&str; 5] = [CANDIDATES, DOCUMENTS, VALIDATION, SEARCH, NOTIFICATIONS];
