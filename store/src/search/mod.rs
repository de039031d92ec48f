//! Search: the index of validated profiles, its two engines, and what companies open.

mod answer;
mod check;
mod count;
mod criteria;
mod document;
mod engine;
mod index;
mod meilisearch;
mod openings;
mod postgres;
mod reflections;
mod truth;

pub use answer::{Answer, DEEPEST, search};
pub use count::count_search;
pub use criteria::Criteria;
pub use document::IndexEntry;
pub use engine::{SearchConfig, engine};
pub use index::{Hit, Hits, SearchIndex};
pub use meilisearch::MeilisearchIndex;
pub use openings::{
    Look, OpenedDocument, OpenedProfile, Opening, OpeningError, is_shown, look, open,
};
pub use postgres::{PostgresIndex, explain};
pub use reflections::{note_reflected, tell_outdated};
pub use truth::entry_of;

use crate::error::StoreError;

/// Verification puts every company on Freemium in the transaction that creates it.
fn no_subscription() -> StoreError {
    StoreError::inconsistent("subscription.subscriptions", "a company has none")
}
