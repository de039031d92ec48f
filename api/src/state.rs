//! What every handler can reach.

use std::ops::Deref;
use std::sync::Arc;

use anyhow::Context as _;
use axum::body::Bytes;
use metrics_exporter_prometheus::PrometheusHandle;
use store::Store;
use store::cache::Cache;
use store::clock::Clock;
use store::documents::Vault;
use store::objects::ObjectStore;
use store::search::SearchIndex;
use store::secrets::document_keys::MasterKeys;
use store::secrets::{Keyring, Passwords};

use crate::config::Config;
use crate::documents::Uploads;
use crate::gateway::caller::Standings;
use crate::gateway::commands::Commands;
use crate::gateway::limits::Limits;
use crate::gateway::neighbours::Neighbours;
use crate::gateway::tokens::{TokenSettings, Tokens};
use crate::{router, telemetry};

/// The state of one API process; cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Services>);

/// The services behind [`AppState`].
pub struct Services {
    /// The configuration.
    pub config: Config,
    /// PostgreSQL, as `yemma_api`.
    pub store: Store,
    /// Keys of links, refresh tokens and fingerprints.
    pub keyring: Keyring,
    /// Documents: object storage and what opens it.
    pub vault: Vault,
    /// The search engine.
    pub index: Arc<dyn SearchIndex>,
    /// The password hasher.
    pub passwords: Passwords,
    /// Access tokens.
    pub tokens: Tokens,
    /// What accounts may do.
    pub standings: Standings,
    /// Commands to processes.
    pub commands: Commands,
    /// Rate limits, and the cache they count in.
    pub limits: Limits,
    /// Uploads on their way.
    pub uploads: Arc<Uploads>,
    /// What was counted, unless counting is off.
    pub metrics: Option<PrometheusHandle>,
    /// What only the workers talk to.
    pub neighbours: Neighbours,
    /// The `OpenAPI` document, written once.
    pub openapi: Bytes,
}

impl AppState {
    /// Prepares everything and connects to nothing, so that the API starts whatever is away.
    pub fn new(config: Config, clock: Clock) -> anyhow::Result<Self> {
        // First of all: what is made before anybody counts is never counted.
        let metrics = telemetry::metrics();
        let store = Store::connect_lazy(&config.database.url, &config.database.pool, clock)
            .context("DB_API_URL is no PostgreSQL address")?;
        let cache = Cache::connect_lazy(&config.limits.redis_url)
            .context("REDIS_URL is no Redis address")?;
        Ok(Self(Arc::new(Services {
            keyring: Keyring::parse(&config.auth.link_key)?,
            vault: Vault {
                objects: ObjectStore::new(&config.objects),
                keys: Arc::new(MasterKeys::parse(&config.documents.master_keys)?),
            },
            index: store::search::engine(&config.search, &store)?,
            passwords: Passwords::new(config.auth.password_hashers)?,
            tokens: tokens(&config)?,
            standings: Standings::default(),
            commands: Commands::new(config.temporal.clone()),
            limits: Limits::new(cache, &config.limits),
            uploads: Arc::new(Uploads::new(&config.documents.uploads)),
            metrics,
            neighbours: Neighbours::new(&config.neighbours),
            openapi: serde_json::to_vec(&router::document())?.into(),
            store,
            config,
        })))
    }

    /// Asks every dependency at once whether it is there.
    pub async fn probe(&self) -> Vec<(&'static str, bool)> {
        let (postgres, temporal, redis, objects, index, neighbours) = tokio::join!(
            self.store.ping(),
            self.commands.ping(),
            self.limits.cache().ping(),
            self.vault.objects.ping(),
            self.index.health(),
            self.neighbours.probe(),
        );
        let mut found = vec![
            (store::database::DEPENDENCY, postgres.is_ok()),
            ("temporal", temporal.is_ok()),
            ("redis", redis.is_ok()),
            (store::objects::DEPENDENCY, objects.is_ok()),
        ];
        found.extend(neighbours);
        // The embedded engine is PostgreSQL itself.
        if self.index.dependency() != store::database::DEPENDENCY {
            found.push((self.index.dependency(), index.is_ok()));
        }
        found
    }
}

impl Deref for AppState {
    type Target = Services;

    fn deref(&self) -> &Services {
        &self.0
    }
}

fn tokens(config: &Config) -> anyhow::Result<Tokens> {
    let settings = TokenSettings {
        issuer: config.http.public_url.trim_end_matches('/').to_owned(),
        audience: config.auth.jwt_audience.clone(),
        lifetime: config.auth.access_token_lifetime,
    };
    Tokens::load(
        settings,
        &config.auth.jwt_private_key_file,
        &config.auth.jwt_retired_key_files,
    )
}
