//! What an engine must do, whichever it is. One contract test holds both to it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use uuid::Uuid;
pub(super) use workflows::search::card::{HIGHLIGHT_END, HIGHLIGHT_START};

use super::criteria::Criteria;
use super::document::IndexEntry;
use crate::error::StoreError;

/// A search engine that holds the anonymous entries of validated profiles.
#[async_trait]
pub trait SearchIndex: Send + Sync {
    /// Puts an entry in place of the one there is.
    async fn put(&self, entry: &IndexEntry) -> Result<(), StoreError>;
    /// Removes an entry, if there is one.
    async fn remove(&self, profile_id: Uuid) -> Result<(), StoreError>;
    /// Answers a question from the entries. The answer may be late: whoever shows it checks it.
    async fn search(&self, criteria: &Criteria) -> Result<Hits, StoreError>;
    /// Whether the engine answers.
    async fn health(&self) -> Result<(), StoreError>;
    /// Its name in `/readyz`, `/metrics` and errors.
    fn dependency(&self) -> &'static str;
}

/// An engine's answer.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    /// How many entries match.
    pub total: u64,
    /// The page asked for.
    pub hits: Vec<Hit>,
    /// How often each value occurs, by facet, the most frequent first.
    pub facets: BTreeMap<String, Vec<(String, u64)>>,
}

/// One entry that matches.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The entry.
    pub entry: IndexEntry,
    /// A part of its summary with what matches marked.
    pub highlight: Option<String>,
}
