//! Which engine serves: Meilisearch where it is configured, else the embedded one.

use std::sync::Arc;

use clap::Args;
use secrecy::SecretString;

use super::index::SearchIndex;
use super::meilisearch::MeilisearchIndex;
use super::postgres::PostgresIndex;
use crate::database::Store;
use crate::error::StoreError;

/// The collection of entries in an engine that holds several.
const COLLECTION: &str = "profiles";

/// The configuration of the search engine.
#[derive(Args, Clone, Debug, Default)]
pub struct SearchConfig {
    /// Address of a Meilisearch; without one PostgreSQL is the engine.
    #[arg(long, env = "MEILISEARCH_URL")]
    pub meilisearch_url: Option<String>,
    /// Key of the Meilisearch.
    #[arg(long, env = "MEILISEARCH_API_KEY", hide_env_values = true)]
    pub meilisearch_api_key: Option<SecretString>,
}

/// The engine that is configured. The embedded one uses the store of its process: the API's only
/// searches, the worker's writes entries.
pub fn engine(config: &SearchConfig, store: &Store) -> Result<Arc<dyn SearchIndex>, StoreError> {
    match config
        .meilisearch_url
        .as_deref()
        .filter(|url| !url.is_empty())
    {
        Some(url) => Ok(Arc::new(MeilisearchIndex::new(
            url,
            config.meilisearch_api_key.clone(),
            COLLECTION,
        )?)),
        None => Ok(Arc::new(PostgresIndex::new(store.clone()))),
    }
}
