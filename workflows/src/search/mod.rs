//! The anonymous search entry and the questions asked of the index.

pub mod card;
pub mod genders;
pub mod indexing;
pub mod labels;
pub mod query;
pub mod redaction;
pub mod words;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::definitions::activity_definitions;

pub use indexing::SearchIndexing;

/// The id of the workflow that keeps one profile's entry true.
#[must_use]
pub fn workflow_id(profile_id: Uuid) -> String {
    format!("search-index-{profile_id}")
}

/// What begins a `SearchIndexing`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexingInput {
    /// Whose entry.
    pub profile_id: Uuid,
    /// The request that the first change belongs to.
    pub correlation_id: Uuid,
    /// How long it waits.
    #[serde(default)]
    pub timing: IndexingTiming,
}

/// The waits of a `SearchIndexing`, from configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexingTiming {
    /// How long changes are gathered before the entry is written.
    pub debounce_millis: u64,
}

impl Default for IndexingTiming {
    fn default() -> Self {
        Self {
            debounce_millis: 500,
        }
    }
}

/// Something about the profile changed. What it was does not matter: the truth is read anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// The event that tells of it.
    pub event_id: Uuid,
}

/// Whose entry to make true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReflectInput {
    /// The profile.
    pub profile_id: Uuid,
}

/// What the index now holds of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reflected {
    /// The entry of its latest validated revision.
    Present,
    /// Nothing.
    Absent,
}

activity_definitions! {
    /// Reads what is true of the profile now, and puts or removes its entry.
    Reflect(ReflectInput) -> Reflected = "search.reflect";
}
